//! Rows of kernel behaviour as data: what is done to a hierarchy, and what it answers and shows. They are
//! played on the model and can be played on a real kernel by whoever writes a [`Target`] for it.
//!
//! A row is a script of steps with `;` between:
//!
//! | step | what it does |
//! |---|---|
//! | `mkdir a/b`, `rmdir a` | makes, removes a cgroup |
//! | `a/cgroup.freeze < 1` | writes a control file |
//! | `a/cgroup.events = populated 0\|frozen 0` | the file shows exactly these lines |
//! | `fork x`, `fork x a` | makes process `x`, outside or with `clone3` into a cgroup |
//! | `child y x`, `child y x a` | the same, as a child of process `x` |
//! | `thread t x` | makes a thread of process `x` |
//! | `move x a`, `movethread t a` | writes to `cgroup.procs`, `cgroup.threads` |
//! | `procs a = x y` | `cgroup.procs` shows these processes and no others |
//! | `kill x 9`, `exit x`, `reap x` | a signal; an exit with 0; the parent takes the status |
//! | `alive x`, `dead x` | whether it runs |
//! | `cpu 2 off`, `cpu 2 on` | hot-plug |
//!
//! `\n` in a text stands for a newline, `.` as a path for the place itself.
//!
//! ` ! EBUSY` after a step says that it fails so. Anything else has to succeed.

mod play;
mod step;
pub mod table;

pub use play::{Failure, Target, play};
pub use step::{Act, Malformed, Step, steps};

use ktstr_core::Controllers;
use ktstr_mock::KernelVersion;

/// One behaviour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// What it is about, in a few words; unique in its table.
    pub name: &'static str,
    /// The controllers that have to be enabled for the children of the place where it is played.
    pub needs: Controllers,
    /// How many CPUs it needs, from 0 without holes.
    pub cpus: usize,
    /// The oldest release that it holds for.
    pub since: KernelVersion,
    /// The first release that it no longer holds for.
    pub until: Option<KernelVersion>,
    /// The steps.
    pub script: &'static str,
}

impl Row {
    /// Whether it holds for a release.
    pub fn holds_for(&self, version: KernelVersion) -> bool {
        version >= self.since && self.until.is_none_or(|until| version < until)
    }
}
