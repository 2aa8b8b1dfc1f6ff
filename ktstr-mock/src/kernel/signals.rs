//! Signals, `cgroup.kill` and `cgroup.freeze`: how tasks are ended, held and let go.

use super::MockKernel;
use super::cgroup::CgroupId;
use super::parse;
use super::tasks::{INIT, Pid, TaskState};
use crate::errno::Errno;
use ktstr_core::ExitStatus;

/// Ends a process whatever it does about it.
pub const SIGKILL: i32 = 9;
/// Asks a process to end; it can ignore that.
pub const SIGTERM: i32 = 15;

impl MockKernel {
    /// Sends a signal to a process; 0 only looks. SIGKILL ends it, and so does any other unless it ignores
    /// signals. That a process is frozen does not save it: the kernel turns a signal that nothing handles
    /// into SIGKILL.
    ///
    /// # Errors
    /// `ESRCH`; `EINVAL` for a number above 64.
    pub fn kill(&mut self, pid: Pid, signal: i32) -> Result<(), Errno> {
        if !(0..=64).contains(&signal) {
            return Err(Errno::EINVAL);
        }
        let slot = self.slot(pid)?;
        let task = &self.tasks[slot];
        if signal == 0 || task.state != TaskState::Live {
            return Ok(());
        }
        if signal == SIGKILL || !task.ignores_term {
            self.end(pid, ExitStatus::Signalled(signal));
        }
        Ok(())
    }

    /// Makes a process ignore every signal but SIGKILL.
    ///
    /// # Errors
    /// `ESRCH`.
    pub fn ignore_signals(&mut self, pid: Pid) -> Result<(), Errno> {
        let slot = self.slot(pid)?;
        self.tasks[slot].ignores_term = true;
        Ok(())
    }

    /// A write to `cgroup.kill`: SIGKILL to every process in the cgroup and below it. Gives how many.
    pub(crate) fn write_kill(&mut self, id: CgroupId, text: &str) -> Result<(), Errno> {
        if parse::int(parse::strip(text))? != 1 {
            return Err(Errno::ERANGE);
        }
        if self.is_threaded(id) {
            return Err(Errno::EOPNOTSUPP);
        }
        self.kill_all(id, true);
        let mut at = Some(id);
        while let Some(below) = at {
            self.cg_mut(below).kills += 1;
            at = self.next_below(id, below);
        }
        Ok(())
    }

    /// SIGKILL to the processes in a cgroup and below it, or to those only that nobody keeps a handle on.
    /// Gives how many.
    pub(crate) fn kill_all(&mut self, id: CgroupId, handled: bool) -> u32 {
        let mut killed = 0;
        let mut at = Some(id);
        while let Some(below) = at {
            let mut place = 0;
            while let Some(&slot) = self.cg(below).tasks.get(place) {
                let task = &self.tasks[slot as usize];
                let process = task.process;
                if process != INIT && (handled || !task.handled) {
                    self.end(process, ExitStatus::Signalled(SIGKILL));
                    killed += 1;
                } else {
                    place += 1;
                }
            }
            at = self.next_below(id, below);
        }
        killed
    }

    /// A write to `cgroup.freeze`.
    pub(crate) fn write_freeze(&mut self, id: CgroupId, text: &str) -> Result<(), Errno> {
        match parse::int(parse::strip(text))? {
            freeze @ 0..=1 => {
                self.set_freeze(id, freeze == 1);
                Ok(())
            }
            _ => Err(Errno::ERANGE),
        }
    }

    pub(crate) fn set_freeze(&mut self, id: CgroupId, freeze: bool) {
        if self.cg(id).freeze == freeze {
            return;
        }
        self.cg_mut(id).freeze = freeze;
        self.touch();
        let mut at = Some(id);
        while let Some(below) = at {
            let cgroup = self.cg_mut(below);
            cgroup.frozen_by = if freeze { cgroup.frozen_by + 1 } else { cgroup.frozen_by - 1 };
            at = self.next_below(id, below);
        }
    }

    /// Whether a cgroup and all below it are frozen, what `cgroup.events` shows as `frozen 1`.
    pub(crate) fn is_frozen(&self, id: CgroupId) -> bool {
        self.cg(id).frozen_by > 0
    }
}
