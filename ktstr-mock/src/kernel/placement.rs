//! Moving tasks: which cgroups can hold tasks, and `cgroup.procs` and `cgroup.threads`.

use super::MockKernel;
use super::cgroup::CgroupId;
use super::parse;
use super::tasks::{Pid, TaskState};
use crate::errno::Errno;
use ktstr_core::Controller;

impl MockKernel {
    /// Whether tasks can be put into a cgroup: its domain works, and it has no controllers enabled for
    /// children, threaded ones in a threaded subtree apart.
    pub(crate) fn check_destination(&self, id: CgroupId) -> Result<(), Errno> {
        if !self.is_valid_domain(self.cg(id).domain) {
            return Err(Errno::EOPNOTSUPP);
        }
        if self.can_be_thread_root(id) || self.is_threaded(id) || self.cg(id).subtree_control.is_empty() {
            return Ok(());
        }
        Err(Errno::EBUSY)
    }

    /// Whether the cpuset in force at a cgroup has a CPU.
    pub(crate) fn check_cpus(&self, id: CgroupId) -> Result<(), Errno> {
        if self.cpus_of(id).is_empty() { Err(Errno::ENOSPC) } else { Ok(()) }
    }

    /// Moves a process, as a write of its id to `cgroup.procs` does.
    ///
    /// # Errors
    /// `ESRCH`, `EBUSY` or `EOPNOTSUPP` where the cgroup holds no tasks, `ENOSPC` where it has no CPU, and
    /// those of [`find`](Self::find).
    pub fn attach(&mut self, pid: Pid, path: &str) -> Result<(), Errno> {
        let id = self.find(path)?;
        self.attach_id(pid, id)
    }

    pub(crate) fn attach_id(&mut self, pid: Pid, to: CgroupId) -> Result<(), Errno> {
        let slot = self.slot(pid)?;
        let process = self.tasks[slot].process;
        let slot = self.slot(process)?;
        self.may_move(process, to)?;
        self.check_destination(to)?;
        if !matches!(self.tasks[slot].state, TaskState::Live) {
            return Ok(());
        }
        if self.tasks[slot].cgroup != to {
            self.check_cpus(to)?;
        }
        self.relist(slot, to);
        if self.tasks[slot].threads > 0 {
            for other in 0..self.tasks.len() {
                if self.tasks[other].process == process && self.tasks[other].state == TaskState::Live {
                    self.relist(other, to);
                }
            }
        }
        self.touch();
        Ok(())
    }

    fn relist(&mut self, slot: usize, to: CgroupId) {
        let from = self.tasks[slot].cgroup;
        if from == to {
            return;
        }
        self.unlist(slot);
        // Where `pids` keeps the two apart, the new one is charged first, which common ancestors see in their
        // peak.
        let charged_first = self.pids_home(from) != self.pids_home(to);
        if !charged_first {
            self.count(from, -1, -1);
        }
        self.tasks[slot].cgroup = to;
        self.tasks[slot].place = self.cg(to).tasks.len() as u32;
        self.cg_mut(to).tasks.push(slot as u32);
        self.count(to, 1, 1);
        if charged_first {
            self.count(from, -1, -1);
        }
    }

    /// The cgroup whose `pids` counts the tasks of this one.
    pub(crate) fn pids_home(&self, mut id: CgroupId) -> CgroupId {
        while let (false, Some(parent)) = (self.controllers_of(id).has(Controller::Pids), self.cg(id).parent)
        {
            id = parent;
        }
        id
    }

    /// A write to `cgroup.procs`.
    pub(crate) fn write_procs(&mut self, to: CgroupId, text: &str) -> Result<(), Errno> {
        let pid = self.pid_of(text)?;
        self.attach_id(pid, to)
    }

    /// A write to `cgroup.threads`.
    pub(crate) fn write_threads(&mut self, to: CgroupId, text: &str) -> Result<(), Errno> {
        let pid = self.pid_of(text)?;
        let slot = self.slot(pid)?;
        self.may_move(pid, to)?;
        self.check_destination(to)?;
        let from = self.tasks[slot].cgroup;
        if self.cg(from).domain != self.cg(to).domain {
            return Err(Errno::EOPNOTSUPP);
        }
        if self.tasks[slot].state == TaskState::Live {
            if from != to {
                self.check_cpus(to)?;
            }
            self.relist(slot, to);
            self.touch();
        }
        Ok(())
    }

    fn pid_of(&self, text: &str) -> Result<Pid, Errno> {
        match Pid::try_from(parse::int(parse::strip(text)).map_err(|_| Errno::EINVAL)?) {
            Ok(0) => Ok(self.current),
            Ok(pid) => Ok(pid),
            Err(_) => Err(Errno::EINVAL),
        }
    }

    /// The processes of a cgroup, sorted; a domain shows those of its threaded subtree too.
    pub(crate) fn procs_of(&self, id: CgroupId) -> Vec<Pid> {
        let mut pids = Vec::new();
        self.procs_into(id, &mut pids);
        pids
    }

    /// The same, in a list that is used again.
    pub(crate) fn procs_into(&self, id: CgroupId, pids: &mut Vec<Pid>) {
        pids.clear();
        let mut at = Some(id);
        while let Some(below) = at {
            let mine = self.cg(below).domain == id;
            if mine {
                pids.extend(self.cg(below).tasks.iter().map(|&slot| self.tasks[slot as usize].process));
            }
            at = if mine { self.next_below(id, below) } else { self.next_beside(id, below) };
        }
        pids.sort_unstable();
        pids.dedup();
    }

    /// The live tasks of a cgroup, sorted.
    pub(crate) fn threads_of(&self, id: CgroupId) -> Vec<Pid> {
        let mut pids: Vec<Pid> =
            self.cg(id).tasks.iter().map(|&slot| self.tasks[slot as usize].pid).collect();
        pids.sort_unstable();
        pids
    }

    /// Whether a cgroup has the cpuset controller.
    pub(crate) fn has_cpuset(&self, id: CgroupId) -> bool {
        self.controllers_of(id).has(Controller::Cpuset)
    }
}
