//! What happens during a run without having been asked for. A backend sends a notice through the channel of
//! the action during which it learns of it; nothing is decided by it.

use crate::execute::action::{GroupId, PayloadId};
use crate::execute::outcome::ExitStatus;
use crate::model::scheduler::SchedulerExit;
use serde::Serialize;

/// Something that nobody asked for. Each is sent once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice<'n> {
    /// A payload has ended before it was waited for or killed. What it left behind is known once it is.
    PayloadEnded {
        /// Which.
        id: PayloadId,
        /// How it ended.
        status: ExitStatus,
    },
    /// A signal has killed a worker before it was asked to stop.
    WorkerKilled {
        /// Its group.
        group: GroupId,
        /// Its number in the group, from 0.
        worker: u32,
        /// Its process id.
        pid: u32,
        /// The signal.
        signal: i32,
    },
    /// The scheduler that was attached has left before it was detached.
    SchedulerLeft {
        /// What it is called.
        name: &'n str,
        /// Why the kernel let it go; `None` where that is not known.
        exit: Option<SchedulerExit>,
        /// The exit code, 0 where there is none.
        code: i64,
        /// What the kernel says of it; empty where it says nothing.
        message: &'n str,
        /// How its program ended, if it has.
        status: Option<ExitStatus>,
    },
    /// The kernel has killed processes for want of memory: `oom_kill` in `memory.events` has grown. Where the
    /// memory controller is not in use nothing is known of it.
    OomKilled {
        /// Where they were: a path below the run's own cgroup; empty where it was in none that the scenario
        /// has there now.
        cgroup: &'n str,
        /// How many.
        count: u64,
    },
}
