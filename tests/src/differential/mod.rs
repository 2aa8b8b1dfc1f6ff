//! The mock kernel beside a real one: the same programs of raw actions on both, compared after each action by
//! error number and by everything that cgroupfs shows. What they differ in is a bug of the mock or stands
//! among its quirks.

pub mod compare;
pub mod danger;
pub mod enumerate;
pub mod generate;
pub mod model;
pub mod plan;
pub mod program;
pub mod real;
pub mod rows;
pub mod skip;
pub mod system;
pub mod tally;
pub mod trace;
mod values;
pub mod workers;
