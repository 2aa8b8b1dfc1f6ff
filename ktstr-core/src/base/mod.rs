//! What everything else is made of: bounded lists and texts, names, random numbers, the wire format. Knows
//! nothing of scenarios.

pub(crate) mod codes;
pub(crate) mod kernel_version;
pub(crate) mod list;
pub(crate) mod name;
pub(crate) mod rng;
pub mod terminal;
pub(crate) mod text;
pub mod wire;
