//! Runs ktstr scenarios on Linux: cgroup v2, workers and payloads under pidfd supervision.
//!
//! [`LinuxBackend`] carries out the executor's actions. Every run works below a cgroup of its own, so that
//! two runs cannot meet; processes die with their supervisor, and [`clean::clean`] removes what a killed one
//! has left.
//!
//! A payload runs below a guard, a process that is the subreaper of all that it starts. So what leaves
//! session, environment and cgroup is found, killed and counted when the payload ends, also when the
//! supervisor has died. What the payload has others start for it (a service manager, a container daemon,
//! `at`) is not found; neither is, once the payload has used the rights of root to kill its guard, what has
//! left cgroup and environment both.
//!
//! ```no_run
//! use ktstr_core::prelude::*;
//! use ktstr_linux::{LinuxBackend, Options};
//!
//! static CELL: Scenario = Scenario::new("cell")
//!     .backdrop(Backdrop::new().push_cgroup(CgroupDef::named("cell").workers(2)))
//!     .steps(&[Step::hold(HoldSpec::FULL)])
//!     .checks(Checks::NONE.not_starved());
//!
//! let mut linux = LinuxBackend::new(Options::default()).expect("cgroup v2, and the right to make cgroups");
//! let report = execute_scenario(&CELL, &mut linux, 1, &mut ()).expect("a run");
//! assert_eq!((report.verdict, report.leftovers), (Verdict::Pass, 0));
//! ```
//!
//! Nothing here decides what happens when: that is the executor's part, in `ktstr-core`.
//!
//! Linux 5.7 is the least (cgroup v2 with clone3 into a cgroup); [`probe::probe`] says what a machine has.

mod backend;
mod before_main;
mod cgroupfs;
pub mod clean;
mod clock;
mod direct;
mod expect;
mod fault;
mod identity;
pub mod interrupt;
mod irq;
mod kill;
mod leaf;
pub mod mount;
mod moving;
mod notices;
mod options;
mod parent;
mod payload;
mod perform;
mod phase;
pub mod probe;
mod procfs;
mod run;
mod scheduler;
mod sys;
pub mod topology;
mod worker;

pub use backend::LinuxBackend;
pub use options::Options;
pub use sys::bound::spawn_bound;
pub use sys::register::write_register;
#[cfg(feature = "testkit")]
pub use sys::waiting::fork_waiting;
