//! Runs ktstr scenarios on a stock Linux kernel in a virtual machine, so that a run repeats to the byte.

pub mod error;
pub mod frame;
pub mod image;

mod elf;
