//! What can befall a run from outside: the supervisor is killed, a child dies, its process id is given to
//! another; and the recovery afterwards.

use super::MockBackend;
use crate::kernel::{CgroupId, INIT, Pid, SIGKILL};

impl MockBackend {
    /// Kills the supervisor. Its own children die with it; what these have forked, and the cgroups, stay.
    pub fn crash(&mut self) {
        self.end_children();
        _ = self.kernel.kill(self.supervisor, SIGKILL);
        self.groups.clear();
        self.payloads.clear();
        self.attached = None;
    }

    /// Kills the supervisor's own children and takes their status.
    pub(super) fn end_children(&mut self) {
        let groups = self.groups.iter().flat_map(|group| group.workers.iter().map(|worker| worker.pid));
        let children: Vec<Pid> = groups.chain(self.payloads.iter().map(|running| running.pid)).collect();
        for pid in children {
            self.discard(pid);
        }
    }

    /// What the next start, or `ktstr clean`, does after a crash: kills what is left in the run's cgroup,
    /// removes that cgroup with all below it, and lets interrupts go where they went before. Nothing else is
    /// touched. Gives how many cgroups it removed.
    pub fn recover(&mut self) -> u32 {
        if !self.kernel.is_alive(self.supervisor)
            && let Ok(pid) = self.kernel.fork_id(INIT, Some(self.runner))
        {
            self.supervisor = pid;
            self.kernel.set_current(pid);
        }
        self.steered.clear();
        self.notes.clear();
        self.phase = None;
        let beside = self.remove_strays(|backend, stray| backend.is_beside_the_run(stray.cgroup));
        self.strays.clear();
        beside + self.run.take().map_or(0, |run| self.kernel.remove_tree(run))
    }

    /// Kills the child that was made last, before anybody waits for it. False when there is none.
    pub fn lose_child(&mut self) -> bool {
        match self.newest_child() {
            Some(pid) => self.kernel.kill(pid, SIGKILL).is_ok(),
            None => false,
        }
    }

    /// Kills the child that was made last, lets somebody else reap it, and gives its process id to a stranger
    /// outside the run. Gives that id.
    pub fn reuse_pid(&mut self) -> Option<Pid> {
        let pid = self.newest_child()?;
        self.discard(pid);
        self.kernel.set_next_pid(pid);
        self.kernel.fork_id(INIT, Some(CgroupId::ROOT)).ok()
    }

    fn newest_child(&self) -> Option<Pid> {
        let workers = self.groups.iter().flat_map(|group| group.workers.iter().map(|worker| worker.pid));
        let children = workers.chain(self.payloads.iter().map(|running| running.pid));
        children.filter(|&pid| self.kernel.holds(pid)).max()
    }
}
