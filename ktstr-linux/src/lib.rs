//! Runs ktstr scenarios on Linux: cgroup v2, workers and payloads under pidfd supervision.
//!
//! [`LinuxBackend`] carries out the executor's actions. Every run works below a cgroup of its own, so that two runs
//! cannot meet; processes die with their supervisor, and [`clean::clean`] removes what a killed one has left.
//! Nothing here decides what happens when: that is the executor's part, in `ktstr-core`.
//!
//! Linux 5.7 is the least (cgroup v2 with clone3 into a cgroup); [`probe::probe`] says what a machine has.

mod backend;
mod before_main;
mod cgroupfs;
pub mod clean;
mod clock;
mod fault;
pub mod idle;
pub mod interrupt;
mod irq;
mod kill;
mod leaf;
pub mod mount;
mod options;
mod parent;
mod payload;
mod perform;
pub mod probe;
mod procfs;
mod run;
mod sys;
pub mod topology;
mod worker;

pub use backend::{Capture, LinuxBackend};
pub use options::Options;
pub use sys::bound::spawn_bound;
pub use sys::register::write_register;
