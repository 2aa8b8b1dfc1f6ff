//! Groups of workers: making, starting, placing, watching, stopping them, and handing over what they report.

use super::asks::Given;
use super::{Answer, MockBackend, about, denied, errno};
use crate::costs::Syscall;
use crate::errno::Errno;
use crate::kernel::{CgroupId, Pid, SIGKILL};
use crate::sched::demand::weight;
use crate::sched::shares::Class;
use crate::sched::worker::Worker;
use core::time::Duration;
use ktstr_core::{
    AffinityPlan, CpuSet, ExitStatus, Fault, FaultKind, GroupId, Outcome, Placement, Profile, SchedPolicy,
    WorkSpec, WorkerEnd, mix,
};

/// How long a stop waits before it kills.
const STOP_BOUND: Duration = Duration::from_secs(5);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Set up, waiting for the start.
    Ready,
    Running,
    Stopped,
}

/// A group of workers.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) id: GroupId,
    pub(super) state: State,
    pub(super) workers: Vec<Worker>,
    pub(super) demand: Profile,
    pub(super) policy: SchedPolicy,
    pub(super) nice: i32,
    /// Weight and class.
    pub(super) weight: (f64, Class),
    /// The bandwidth of each under `SCHED_DEADLINE`; 0 under other policies.
    pub(super) deadline: u64,
    /// How long each waits for its next period, once it has used up its runtime; 0 where it does not.
    pub(super) throttled_ns: f64,
    pub(super) given: Given,
}

/// A bandwidth in CPUs.
fn share_of(bandwidth: u64) -> f64 {
    bandwidth as f64 / SchedPolicy::WHOLE_CPU as f64
}

/// What is left of each period of `SCHED_DEADLINE` work that wants more than its runtime, in nanoseconds.
fn throttled_ns(work: &WorkSpec<'_>) -> f64 {
    match work.sched_policy {
        SchedPolicy::Deadline { runtime, period, .. } => {
            let wanted = work.work_type.profile().cap * period.as_nanos() as f64;
            let left = period.saturating_sub(runtime).as_nanos() as f64;
            if wanted > runtime.as_nanos() as f64 { left } else { 0.0 }
        }
        SchedPolicy::Normal
        | SchedPolicy::Batch
        | SchedPolicy::Idle
        | SchedPolicy::Fifo(_)
        | SchedPolicy::RoundRobin(_)
        | SchedPolicy::Ext => 0.0,
    }
}

impl MockBackend {
    fn group_place(&self, id: GroupId) -> Result<usize, Fault> {
        let place = self.groups.binary_search_by_key(&id, |group| group.id);
        place.map_err(|_| Fault::new(FaultKind::Unknown, "no such group of workers"))
    }

    /// The live workers of a group that was not stopped, in a list that has to be given back to `self.pids`.
    fn members(&mut self, id: GroupId) -> Result<Vec<Pid>, Fault> {
        let place = self.unstopped(id)?;
        let mut pids = core::mem::take(&mut self.pids);
        pids.clear();
        let workers = self.groups[place].workers.iter().map(|worker| worker.pid);
        pids.extend(workers.filter(|&pid| self.kernel.holds(pid)));
        Ok(pids)
    }

    pub(super) fn spawn(
        &mut self,
        id: GroupId,
        placement: Placement<'_>,
        work: &WorkSpec<'_>,
        count: u32,
        affinity: &AffinityPlan,
        seed: u64,
    ) -> Answer {
        let Err(place) = self.groups.binary_search_by_key(&id, |group| group.id) else {
            return Err(errno(Errno::EEXIST, "this group exists"));
        };
        let cgroup = self.place(placement)?;
        let nice = work.nice.unwrap_or(0);
        let weight = weight(&work.sched_policy, nice);
        let profile = work.work_type.profile();
        let asks = weight.1 != Class::Fair
            || profile.privileged
            || nice < 0
            || work.uid.is_some()
            || work.gid.is_some();
        if asks && !self.privileged {
            return Err(errno(Errno::EPERM, "a worker asks for what needs root"));
        }
        let allowed = self.kernel.mems_of(cgroup);
        let given = Given::ask(work, allowed).map_err(|(kind, error)| denied(kind, error))?;
        if let Some(each) = work.sched_policy.bandwidth() {
            self.admit(cgroup, affinity, each, count)?;
        }
        let mut workers = self.spare.pop().unwrap_or_default();
        for number in 0..count {
            match self.spawn_worker(cgroup, affinity, number) {
                Ok(pid) => workers.push(Worker::new(pid, seed ^ mix(self.seed ^ u64::from(number)))),
                Err(fault) => {
                    for worker in workers {
                        self.discard(worker.pid);
                    }
                    return Err(fault);
                }
            }
        }
        let mut demand = profile;
        demand.cap = demand.cap.min(work.sched_policy.bandwidth().map_or(1.0, share_of));
        let deadline = work.sched_policy.bandwidth().unwrap_or(0);
        let throttled_ns = throttled_ns(work);
        let state = State::Ready;
        let policy = work.sched_policy;
        let group = Group { id, state, workers, demand, policy, nice, weight, deadline, throttled_ns, given };
        self.groups.insert(place, group);
        Ok(Outcome::Done)
    }

    /// Whether so many more `SCHED_DEADLINE` tasks are taken: with all CPUs of their root domain only, and
    /// while the sum of all leaves the others their share.
    fn admit(&self, cgroup: CgroupId, affinity: &AffinityPlan, each: u64, count: u32) -> Result<(), Fault> {
        let online = self.kernel.online();
        let within = self.kernel.cpus_of(cgroup);
        let narrow = |worker| affinity.for_worker(worker).is_some_and(|cpus| !online.is_subset(&cpus));
        if !online.is_subset(&within) || (0..count).any(narrow) {
            return Err(denied(FaultKind::SetPolicy, Errno::EPERM));
        }
        let live = self.groups.iter().filter(|group| group.state != State::Stopped);
        let taken: u64 = live.map(|group| group.deadline * group.workers.len() as u64).sum();
        if taken + each * u64::from(count) > online.len() as u64 * SchedPolicy::MOST_BANDWIDTH {
            return Err(denied(FaultKind::SetPolicy, Errno::EBUSY));
        }
        Ok(())
    }

    fn spawn_worker(&mut self, cgroup: CgroupId, affinity: &AffinityPlan, number: u32) -> Result<Pid, Fault> {
        self.costs.call(Syscall::Clone, 1);
        let pid = self.fork_into(cgroup)?;
        self.kernel.handle(pid);
        let failed = if !self.kernel.is_alive(pid) {
            Some(errno(Errno::ESRCH, "the worker was killed at once"))
        } else if self.kernel.is_out_of_memory(cgroup) {
            Some(errno(Errno::ESRCH, "the worker was killed for want of memory"))
        } else if self.kernel.is_frozen(cgroup) {
            Some(Fault::new(FaultKind::TimedOut, "a worker in a frozen cgroup does not get ready"))
        } else if let Some(cpus) = affinity.for_worker(number) {
            self.costs.call(Syscall::Sched, 1);
            self.kernel.set_affinity(pid, &cpus).err().map(|error| denied(FaultKind::SetAffinity, error))
        } else {
            None
        };
        match failed {
            Some(fault) => {
                self.discard(pid);
                Err(fault)
            }
            None => Ok(pid),
        }
    }

    /// Makes a child in a cgroup; in one in which all was killed by way of its own, where the kernel would
    /// kill what is made there.
    pub(super) fn fork_into(&mut self, cgroup: CgroupId) -> Result<Pid, Fault> {
        if !self.kernel.dies_when_made_in(self.supervisor, cgroup) {
            return self.kernel.fork_id(self.supervisor, Some(cgroup)).map_err(about("fork"));
        }
        let pid = self.kernel.fork_id(self.supervisor, None).map_err(about("fork"))?;
        self.costs.call(Syscall::Write, 1);
        if let Err(error) = self.kernel.attach_id(pid, cgroup) {
            _ = self.kernel.kill(pid, SIGKILL);
            _ = self.kernel.reap(self.supervisor, pid);
            return Err(errno(error, "cgroup.procs"));
        }
        Ok(pid)
    }

    /// Kills a child and takes its status.
    pub(super) fn discard(&mut self, pid: Pid) {
        if self.kernel.is_handled(pid) {
            _ = self.kernel.kill(pid, SIGKILL);
            _ = self.kernel.reap(self.supervisor, pid);
        }
    }

    pub(super) fn start(&mut self) -> Answer {
        let now = self.kernel.now;
        for group in self.groups.iter_mut().filter(|group| group.state == State::Ready) {
            group.state = State::Running;
            self.costs.call(Syscall::Write, 1);
            for worker in &mut group.workers {
                worker.start(now);
            }
        }
        self.kernel.touch();
        Ok(Outcome::Done)
    }

    pub(super) fn set_affinity(&mut self, id: GroupId, affinity: &AffinityPlan) -> Answer {
        let pids = self.members(id)?;
        let refused = |(number, &pid): (usize, &Pid)| {
            let cpus = affinity.anew_for_worker(number as u32);
            self.kernel.accepts_affinity(pid, &cpus).err()
        };
        let answer = match pids.iter().enumerate().find_map(refused) {
            Some(error) => Err(denied(FaultKind::SetAffinity, error)),
            None => Ok(Outcome::Done),
        };
        if answer.is_ok() {
            for (number, &pid) in pids.iter().enumerate() {
                let cpus = affinity.anew_for_worker(number as u32);
                self.costs.call(Syscall::Sched, 1);
                _ = self.kernel.set_affinity(pid, &cpus);
            }
        }
        self.pids = pids;
        answer
    }

    pub(super) fn set_nice(&mut self, id: GroupId, nice: i32) -> Answer {
        let place = self.unstopped(id)?;
        let policy = self.groups[place].policy;
        if nice < self.groups[place].nice && !self.privileged {
            return Err(denied(FaultKind::SetNice, Errno::EACCES));
        }
        self.retune(place, policy, nice)
    }

    /// Deadlines are not admitted here: validation has them where workers start.
    pub(super) fn set_policy(&mut self, id: GroupId, policy: &SchedPolicy) -> Answer {
        let place = self.unstopped(id)?;
        if policy.is_realtime() && !self.privileged {
            return Err(denied(FaultKind::SetPolicy, Errno::EPERM));
        }
        if matches!(policy, SchedPolicy::Fifo(0) | SchedPolicy::RoundRobin(0)) {
            return Err(denied(FaultKind::SetPolicy, Errno::EINVAL));
        }
        let nice = self.groups[place].nice;
        self.groups[place].deadline = policy.bandwidth().unwrap_or(0);
        self.groups[place].throttled_ns = 0.0;
        self.retune(place, *policy, nice)
    }

    fn retune(&mut self, place: usize, policy: SchedPolicy, nice: i32) -> Answer {
        self.costs.call(Syscall::Sched, self.groups[place].workers.len() as u64);
        let group = &mut self.groups[place];
        (group.policy, group.nice, group.weight) = (policy, nice, weight(&policy, nice));
        self.kernel.touch();
        Ok(Outcome::Done)
    }

    pub(super) fn move_group(&mut self, id: GroupId, placement: Placement<'_>) -> Answer {
        let to = self.place(placement)?;
        let pids = self.members(id)?;
        self.costs.call(Syscall::Write, pids.len() as u64);
        // all are in one place and fare alike: what the first may do, the others may
        let moved = pids.iter().try_for_each(|&pid| self.kernel.attach_id(pid, to));
        self.pids = pids;
        moved.map_err(about(placement.path())).map(|()| Outcome::Done)
    }

    pub(super) fn end_watch(&mut self, id: GroupId) -> Answer {
        let group = &self.groups[self.group_place(id)?];
        let seen = group.workers.iter().fold(CpuSet::EMPTY, |seen, worker| seen.or(&worker.watched));
        Ok(Outcome::Cpus(seen))
    }

    pub(super) fn begin_watch(&mut self, id: GroupId) -> Answer {
        let place = self.group_place(id)?;
        for worker in &mut self.groups[place].workers {
            worker.watched = CpuSet::EMPTY;
        }
        Ok(Outcome::Done)
    }

    /// The place of a group that was not stopped.
    fn unstopped(&self, id: GroupId) -> Result<usize, Fault> {
        let place = self.group_place(id)?;
        match self.groups[place].state {
            State::Stopped => Err(errno(Errno::ESRCH, "the group was stopped")),
            _ => Ok(place),
        }
    }

    /// A worker that is asked to stop does so at once, unless it is frozen.
    pub(super) fn ask_to_stop(&mut self, id: GroupId) -> Answer {
        let place = self.unstopped(id)?;
        self.end_in_phase(place);
        for number in 0..self.groups[place].workers.len() {
            if !self.is_held(self.groups[place].workers[number].pid) {
                self.stop_worker(place, number);
            }
        }
        self.kernel.touch();
        Ok(Outcome::Done)
    }

    pub(super) fn stop(&mut self, id: GroupId) -> Answer {
        let place = self.unstopped(id)?;
        self.end_in_phase(place);
        let frozen = self.groups[place].workers.iter().any(|worker| self.is_held(worker.pid));
        if frozen {
            self.advance(STOP_BOUND);
        }
        for number in 0..self.groups[place].workers.len() {
            self.stop_worker(place, number);
        }
        self.groups[place].state = State::Stopped;
        self.kernel.touch();
        Ok(Outcome::Done)
    }

    /// Whether a task is frozen and so answers to SIGKILL only.
    fn is_held(&self, pid: Pid) -> bool {
        self.kernel.held_cgroup(pid).is_some_and(|cgroup| self.kernel.is_frozen(cgroup))
    }

    fn stop_worker(&mut self, place: usize, number: usize) {
        let Worker { pid, end, .. } = self.groups[place].workers[number];
        if end.is_some() {
            return; // when it was asked to
        }
        self.costs.call(Syscall::Kill, 1);
        self.costs.call(Syscall::Wait, 1);
        let end = match self.kernel.held_status(pid) {
            Some(ExitStatus::Exited(code)) => WorkerEnd::Exited(code),
            Some(ExitStatus::Signalled(signal)) => WorkerEnd::Signalled(signal),
            None if !self.kernel.holds(pid) => WorkerEnd::Signalled(SIGKILL),
            None if self.is_held(pid) => WorkerEnd::Killed,
            None => WorkerEnd::Stopped,
        };
        let ended_at = match end {
            WorkerEnd::Exited(_) | WorkerEnd::Signalled(_) => self.kernel.ended_at(pid),
            _ => self.kernel.now,
        };
        self.discard(pid);
        let worker = &mut self.groups[place].workers[number];
        worker.end = Some(end);
        worker.finish(ended_at);
    }

    pub(super) fn collect(&mut self, id: GroupId, number: u32) -> Answer {
        self.costs.call(Syscall::Read, 1);
        let group = &self.groups[self.group_place(id)?];
        if group.state != State::Stopped {
            return Err(Fault::new(FaultKind::Unknown, "the group still runs"));
        }
        match group.workers.get(number as usize) {
            Some(worker) => Ok(Outcome::Report(worker.report(&group.demand))),
            None => Err(Fault::new(FaultKind::Unknown, "no such worker in the group")),
        }
    }

    /// The processes of a group, in the order of its workers.
    pub fn worker_pids(&self, id: GroupId) -> Vec<Pid> {
        let place = self.groups.binary_search_by_key(&id, |group| group.id);
        place.map_or(Vec::new(), |place| self.groups[place].workers.iter().map(|worker| worker.pid).collect())
    }
}
