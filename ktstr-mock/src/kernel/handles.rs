//! Handles on processes: who is looked after, as a pidfd would tell, and what is known of a process by its
//! id.

use super::MockKernel;
use super::cgroup::CgroupId;
use super::tasks::{Pid, TaskState};
use ktstr_core::ExitStatus;

impl MockKernel {
    pub(crate) fn is_handled(&self, pid: Pid) -> bool {
        self.task(pid).is_some_and(|task| task.handled)
    }

    /// Whether a process is live and the one that [`handle`](Self::handle) was called for, as a pidfd can
    /// tell.
    pub(crate) fn holds(&self, pid: Pid) -> bool {
        self.task(pid).is_some_and(|task| task.handled && task.state == TaskState::Live)
    }

    /// The cgroup of such a process.
    pub(crate) fn held_cgroup(&self, pid: Pid) -> Option<CgroupId> {
        self.task(pid).filter(|task| task.handled && task.state == TaskState::Live).map(|task| task.cgroup)
    }

    /// How such a process ended, until it is reaped.
    pub(crate) fn held_status(&self, pid: Pid) -> Option<ExitStatus> {
        self.task(pid).filter(|task| task.handled)?;
        self.status(pid)
    }

    /// When a process ended; now, if it has not or was reaped.
    pub(crate) fn ended_at(&self, pid: Pid) -> u64 {
        match self.task(pid) {
            Some(task) if task.state != TaskState::Live => task.ended_at,
            _ => self.now,
        }
    }

    /// The parent of a process.
    pub fn parent_of(&self, pid: Pid) -> Option<Pid> {
        self.task(pid).map(|task| task.parent)
    }
}
