//! What is wrong with a file, and where.

pub(crate) mod codes;
pub(crate) mod error;
pub(crate) mod flawed;
pub(crate) mod guess;
pub(crate) mod names;
pub(crate) mod places;
pub(crate) mod problem;
