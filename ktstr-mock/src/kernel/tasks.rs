//! The task table: processes and threads, who made whom, how they end, and how many a cgroup may hold.
//! Signals are in `signals`, moving tasks between cgroups in `placement`.

use super::MockKernel;
use super::cgroup::CgroupId;
use crate::errno::Errno;
use core::hash::{BuildHasher, Hasher};
use ktstr_core::{Controller, CpuSet, ExitStatus, Knob};

/// A process or thread id.
pub type Pid = u32;

/// The first process, in the root cgroup: ancestor of all, reaper of orphans.
pub const INIT: Pid = 1;

/// Past this process id, ids start again from the lowest free one above 300.
const PID_MAX: Pid = 1 << 22;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TaskState {
    Free,
    Live,
    /// Ended, but its parent has not asked for its status.
    Zombie(ExitStatus),
}

/// A task, or a free place in the table.
#[derive(Debug, Clone)]
pub(crate) struct Task {
    pub(crate) pid: Pid,
    /// The process it is a thread of; its own id for a process.
    pub(crate) process: Pid,
    pub(crate) parent: Pid,
    /// Where it is, or for a zombie, what `pids` counts it to.
    pub(crate) cgroup: CgroupId,
    /// Its place in the list of its cgroup.
    pub(crate) place: u32,
    pub(crate) state: TaskState,
    pub(crate) children: u32,
    /// Threads besides itself.
    pub(crate) threads: u32,
    pub(crate) ignores_term: bool,
    /// Whether somebody keeps a handle on it and will end it.
    pub(crate) handled: bool,
    /// The CPUs it asked for.
    pub(crate) affinity: Option<CpuSet>,
    /// Bytes of memory that it has touched.
    pub(crate) memory: u64,
    /// What these are charged to: where it was when it began to.
    pub(crate) charged_to: CgroupId,
    /// When it ended, in nanoseconds.
    pub(crate) ended_at: u64,
}

/// Process ids are spread well enough as they are.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct PidHash(u64);

impl Hasher for PidHash {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u32(u32::from(byte));
        }
    }

    fn write_u32(&mut self, pid: u32) {
        self.0 = (self.0 ^ u64::from(pid)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}

impl BuildHasher for PidHash {
    type Hasher = Self;

    fn build_hasher(&self) -> Self {
        Self(0)
    }
}

impl MockKernel {
    pub(crate) fn slot(&self, pid: Pid) -> Result<usize, Errno> {
        self.slots.get(&pid).map(|&slot| slot as usize).ok_or(Errno::ESRCH)
    }

    pub(crate) fn task(&self, pid: Pid) -> Option<&Task> {
        self.slot(pid).ok().map(|slot| &self.tasks[slot])
    }

    /// Whether a process is there and has not ended.
    pub fn is_alive(&self, pid: Pid) -> bool {
        self.task(pid).is_some_and(|task| task.state == TaskState::Live)
    }

    /// How a process ended that its parent has not reaped yet.
    pub fn status(&self, pid: Pid) -> Option<ExitStatus> {
        match self.task(pid)?.state {
            TaskState::Zombie(status) => Some(status),
            _ => None,
        }
    }

    /// The cgroup of a live process.
    pub fn cgroup_of(&self, pid: Pid) -> Option<CgroupId> {
        self.task(pid).filter(|task| task.state == TaskState::Live).map(|task| task.cgroup)
    }

    /// Makes a child of `parent`, in the parent's cgroup or, as `clone3(CLONE_INTO_CGROUP)` does, in another.
    ///
    /// # Errors
    /// `ESRCH` without a live parent, `EAGAIN` past a `pids.max`, `EBUSY` and `EOPNOTSUPP` where a cgroup
    /// holds no tasks, `ENOSPC` where it has no CPU, and those of [`find`](Self::find).
    pub fn fork(&mut self, parent: Pid, into: Option<&str>) -> Result<Pid, Errno> {
        let into = into.map(|path| self.find(path)).transpose()?;
        self.fork_id(parent, into)
    }

    pub(crate) fn fork_id(&mut self, parent: Pid, into: Option<CgroupId>) -> Result<Pid, Errno> {
        let slot = self.slot(parent)?;
        if self.tasks[slot].state != TaskState::Live {
            return Err(Errno::ESRCH);
        }
        if self.slots.len() >= self.task_limit {
            return Err(Errno::EAGAIN);
        }
        let home = self.tasks[slot].cgroup;
        let cgroup = into.unwrap_or(home);
        if into.is_some() {
            self.may_move(parent, cgroup)?;
            self.check_destination(cgroup)?;
            self.check_cpus(cgroup)?;
        }
        self.check_pids(cgroup)?;
        self.tasks[slot].children += 1;
        let affinity = self.tasks[slot].affinity;
        let pid = self.add_task(cgroup, parent, None, affinity);
        if self.quirks.spawn_after_kill_dies && self.cg(home).kills != self.cg(cgroup).kills {
            self.end(pid, ExitStatus::Signalled(super::signals::SIGKILL));
        }
        Ok(pid)
    }

    /// Whether a child of this process that is made in a cgroup is killed at once, as all in that was before.
    pub(crate) fn dies_when_made_in(&self, parent: Pid, cgroup: CgroupId) -> bool {
        let home = self.slot(parent).map(|slot| self.tasks[slot].cgroup);
        self.quirks.spawn_after_kill_dies
            && home.is_ok_and(|home| self.cg(home).kills != self.cg(cgroup).kills)
    }

    /// Makes a thread of a live process, in the cgroup of its first thread.
    ///
    /// # Errors
    /// `ESRCH`, `EAGAIN` past a `pids.max`.
    pub fn clone_thread(&mut self, process: Pid) -> Result<Pid, Errno> {
        let slot = self.slot(process)?;
        if self.tasks[slot].state != TaskState::Live || self.tasks[slot].process != process {
            return Err(Errno::ESRCH);
        }
        if self.slots.len() >= self.task_limit {
            return Err(Errno::EAGAIN);
        }
        let (cgroup, parent) = (self.tasks[slot].cgroup, self.tasks[slot].parent);
        self.check_pids(cgroup)?;
        self.tasks[slot].threads += 1;
        let affinity = self.tasks[slot].affinity;
        Ok(self.add_task(cgroup, parent, Some(process), affinity))
    }

    /// Whether `pids` lets one more in. The peaks of the cgroups below the one whose limit is hit keep it all
    /// the same.
    fn check_pids(&mut self, cgroup: CgroupId) -> Result<(), Errno> {
        let mut at = Some(cgroup);
        while let Some(id) = at {
            let above = self.cg(id).parent;
            let over = u64::from(self.cg(id).charged) + 1 > self.cg(id).limits.of(Knob::PidsMax);
            if above.is_some() && over && self.controllers_of(id).has(Controller::Pids) {
                self.count_refusal(if self.quirks.pids_events_climb { id } else { self.pids_home(cgroup) });
                return Err(Errno::EAGAIN);
            }
            let here = self.cg_mut(id);
            here.limits.pids_peak = here.limits.pids_peak.max(here.charged + 1);
            at = above;
        }
        Ok(())
    }

    /// Whether a task of a cgroup can fork: no `pids.max` that holds there or above is reached.
    pub(crate) fn can_fork(&self, cgroup: CgroupId) -> bool {
        let mut at = Some(cgroup);
        while let Some(id) = at {
            let above = self.cg(id).parent;
            let full = u64::from(self.cg(id).charged) >= self.cg(id).limits.of(Knob::PidsMax);
            if above.is_some() && full && self.controllers_of(id).has(Controller::Pids) {
                return false;
            }
            at = above;
        }
        true
    }

    fn count_refusal(&mut self, cgroup: CgroupId) {
        let mut at = Some(cgroup);
        while let Some(id) = at {
            let limits = &mut self.cg_mut(id).limits;
            limits.pids_stopped = limits.pids_stopped.saturating_add(1);
            at = self.cg(id).parent.filter(|_| self.quirks.pids_events_climb);
        }
    }

    pub(crate) fn add_task(
        &mut self,
        cgroup: CgroupId,
        parent: Pid,
        process: Option<Pid>,
        affinity: Option<CpuSet>,
    ) -> Pid {
        let pid = self.next_pid();
        let task = Task {
            pid,
            process: process.unwrap_or(pid),
            parent,
            cgroup,
            place: self.cg(cgroup).tasks.len() as u32,
            state: TaskState::Live,
            children: 0,
            threads: 0,
            ignores_term: false,
            handled: false,
            affinity,
            memory: 0,
            charged_to: cgroup,
            ended_at: 0,
        };
        let slot = match self.free_tasks.pop() {
            Some(slot) => {
                self.tasks[slot as usize] = task;
                slot
            }
            None => {
                self.tasks.push(task);
                self.tasks.len() as u32 - 1
            }
        };
        self.slots.insert(pid, slot);
        self.cg_mut(cgroup).tasks.push(slot);
        self.count(cgroup, 1, 1);
        self.touch();
        pid
    }

    fn next_pid(&mut self) -> Pid {
        loop {
            let pid = self.last_pid + 1;
            self.last_pid = if pid >= PID_MAX { 300 } else { pid };
            if !self.slots.contains_key(&self.last_pid) {
                return self.last_pid;
            }
        }
    }

    /// The process id that the next fork gives, for tests of id reuse; one in use is passed over.
    pub fn set_next_pid(&mut self, pid: Pid) {
        self.last_pid = pid.saturating_sub(1).min(PID_MAX - 1);
    }

    /// Adds to the counts of live and of charged tasks of a cgroup and all above it.
    pub(crate) fn count(&mut self, cgroup: CgroupId, live: i32, charged: i32) {
        let mut at = Some(cgroup);
        while let Some(id) = at {
            let threaded = self.is_threaded(id);
            let here = self.cg_mut(id);
            let was = here.is_populated();
            here.live_below = here.live_below.wrapping_add_signed(live);
            here.charged = here.charged.wrapping_add_signed(charged);
            here.limits.pids_peak = here.limits.pids_peak.max(here.charged);
            let is = here.is_populated();
            at = here.parent;
            if let (true, Some(parent)) = (was != is, at) {
                let parent = self.cg_mut(parent);
                let children = if threaded {
                    &mut parent.populated_threaded_children
                } else {
                    &mut parent.populated_domain_children
                };
                *children = children.wrapping_add_signed(if is { 1 } else { -1 });
            }
        }
    }

    /// Takes a live task out of the list of its cgroup.
    pub(crate) fn unlist(&mut self, slot: usize) {
        let (cgroup, place) = (self.tasks[slot].cgroup, self.tasks[slot].place as usize);
        let list = &mut self.cg_mut(cgroup).tasks;
        list.swap_remove(place);
        if let Some(&moved) = list.get(place) {
            self.tasks[moved as usize].place = place as u32;
        }
    }

    /// Ends a process of its own accord.
    ///
    /// # Errors
    /// `ESRCH` when it is not there or has ended, `EPERM` for the first process, which never ends.
    pub fn exit(&mut self, pid: Pid, code: i32) -> Result<(), Errno> {
        if !self.is_alive(pid) {
            return Err(Errno::ESRCH);
        }
        if pid == INIT {
            return Err(Errno::EPERM);
        }
        self.end(pid, ExitStatus::Exited(code & 0xFF));
        Ok(())
    }

    /// Ends the process of a live task: its threads go, its children get a new parent, its status waits.
    pub(crate) fn end(&mut self, pid: Pid, status: ExitStatus) {
        let Ok(slot) = self.slot(pid) else { return };
        let process = self.tasks[slot].process;
        let Ok(slot) = self.slot(process) else { return };
        if self.tasks[slot].state != TaskState::Live || process == INIT {
            return;
        }
        if self.tasks[slot].threads > 0 {
            self.end_threads(process);
        }
        self.unlist(slot);
        self.count(self.tasks[slot].cgroup, -1, 0);
        self.tasks[slot].state = TaskState::Zombie(status);
        self.tasks[slot].ended_at = self.now;
        if self.tasks[slot].children > 0 {
            self.hand_children_on(process);
        }
        let parent = self.tasks[slot].parent;
        if parent == INIT || !self.is_alive(parent) {
            self.release(slot);
        }
        self.touch();
    }

    fn end_threads(&mut self, process: Pid) {
        for slot in 0..self.tasks.len() {
            let task = &self.tasks[slot];
            if task.process == process && task.pid != process && task.state == TaskState::Live {
                self.end_thread(slot);
            }
        }
    }

    fn end_thread(&mut self, slot: usize) {
        self.unlist(slot);
        let task = &mut self.tasks[slot];
        task.state = TaskState::Free;
        let (pid, cgroup) = (task.pid, task.cgroup);
        self.slots.remove(&pid);
        self.free_tasks.push(slot as u32);
        self.count(cgroup, -1, -1);
    }

    fn hand_children_on(&mut self, parent: Pid) {
        for slot in 0..self.tasks.len() {
            if self.tasks[slot].state == TaskState::Free || self.tasks[slot].parent != parent {
                continue;
            }
            self.tasks[slot].parent = INIT;
            if let TaskState::Zombie(_) = self.tasks[slot].state {
                self.release(slot);
            }
        }
    }

    fn release(&mut self, slot: usize) {
        let task = &mut self.tasks[slot];
        task.state = TaskState::Free;
        let (pid, parent, cgroup) = (task.pid, task.parent, task.cgroup);
        self.slots.remove(&pid);
        self.free_tasks.push(slot as u32);
        self.count(cgroup, 0, -1);
        if let Ok(parent) = self.slot(parent) {
            self.tasks[parent].children = self.tasks[parent].children.saturating_sub(1);
        }
    }

    /// Takes the status of a child that has ended, and with it the last of the child.
    ///
    /// # Errors
    /// `ECHILD` when it is no child of `parent`, `EAGAIN` while it lives.
    pub fn reap(&mut self, parent: Pid, child: Pid) -> Result<ExitStatus, Errno> {
        let slot = self.slot(child).map_err(|_| Errno::ECHILD)?;
        let task = &self.tasks[slot];
        match task.state {
            _ if task.parent != parent || task.process != child => Err(Errno::ECHILD),
            TaskState::Zombie(status) => {
                self.release(slot);
                Ok(status)
            }
            _ => Err(Errno::EAGAIN),
        }
    }

    /// Says that somebody keeps a handle on a process and will end it.
    pub(crate) fn handle(&mut self, pid: Pid) {
        if let Ok(slot) = self.slot(pid) {
            self.tasks[slot].handled = true;
        }
    }

    /// Counts the zombies of a cgroup that goes to its parent.
    pub(crate) fn hand_zombies_up(&mut self, from: CgroupId, to: CgroupId) {
        for slot in 0..self.tasks.len() {
            let task = &mut self.tasks[slot];
            if task.cgroup == from && matches!(task.state, TaskState::Zombie(_)) {
                task.cgroup = to;
            }
        }
    }
}
