//! Groups of workers: making, starting, placing, watching, stopping them, and handing over what they report.

use super::{MockBackend, errno, fault};
use crate::costs::Syscall;
use crate::errno::Errno;
use crate::kernel::{CgroupId, Pid, SIGKILL};
use crate::sched::demand::{Demand, weight};
use crate::sched::worker::Worker;
use core::time::Duration;
use ktstr_core::action::GroupId;
use ktstr_core::affinity::AffinityPlan;
use ktstr_core::cpuset::CpuSet;
use ktstr_core::fault::FaultKind;
use ktstr_core::outcome::{ExitStatus, Outcome};
use ktstr_core::rng::mix;
use ktstr_core::work::WorkSpec;
use ktstr_core::worker_report::WorkerEnd;

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
    id: GroupId,
    pub(super) state: State,
    pub(super) workers: Vec<Worker>,
    pub(super) demand: Demand,
    /// Weight, and whether it is a real-time one.
    pub(super) weight: (f64, bool),
}

impl MockBackend {
    fn group(&mut self, id: GroupId) -> Result<&mut Group, Outcome> {
        match self.groups.binary_search_by_key(&id, |group| group.id) {
            Ok(place) => Ok(&mut self.groups[place]),
            Err(_) => Err(fault(FaultKind::Unknown, "no such group of workers")),
        }
    }

    /// The live workers of a group that was not stopped.
    fn members(&mut self, id: GroupId) -> Result<Vec<Pid>, Outcome> {
        let group = self.group(id)?;
        if group.state == State::Stopped {
            return Err(errno(Errno::ESRCH, "the group was stopped"));
        }
        let pids: Vec<Pid> = group.workers.iter().map(|worker| worker.pid).collect();
        Ok(pids.into_iter().filter(|&pid| self.kernel.holds(pid)).collect())
    }

    pub(super) fn spawn(
        &mut self,
        id: GroupId,
        path: &str,
        work: &WorkSpec<'_>,
        count: u32,
        affinity: &AffinityPlan,
        seed: u64,
    ) -> Outcome {
        let Err(place) = self.groups.binary_search_by_key(&id, |group| group.id) else {
            return errno(Errno::EEXIST, "this group exists");
        };
        let cgroup = match self.resolve(path, Some(self.runner)) {
            Ok(cgroup) => cgroup,
            Err(error) => return errno(error, path),
        };
        let nice = work.nice.unwrap_or(0);
        let weight = weight(&work.sched_policy, nice);
        let asks = weight.1 || nice < 0 || work.uid.is_some() || work.gid.is_some();
        if asks && !self.privileged {
            return errno(Errno::EPERM, "a worker asks for what needs root");
        }
        let mut workers = Vec::new();
        for number in 0..count {
            match self.spawn_worker(cgroup, affinity, number) {
                Ok(pid) => workers.push(Worker::new(pid, seed ^ mix(self.seed ^ u64::from(number)))),
                Err(outcome) => {
                    self.undo(&workers);
                    return outcome;
                }
            }
        }
        let demand = Demand::of(&work.work_type);
        self.groups.insert(place, Group { id, state: State::Ready, workers, demand, weight });
        Outcome::Done
    }

    fn spawn_worker(
        &mut self,
        cgroup: CgroupId,
        affinity: &AffinityPlan,
        number: u32,
    ) -> Result<Pid, Outcome> {
        self.costs.call(Syscall::Clone, 1);
        let pid = self.kernel.fork_id(self.supervisor, Some(cgroup)).map_err(|error| errno(error, "fork"))?;
        self.kernel.handle(pid);
        let failed = if !self.kernel.is_alive(pid) {
            Some(errno(Errno::ESRCH, "the worker was killed at once"))
        } else if self.kernel.is_frozen(cgroup) {
            Some(fault(FaultKind::TimedOut, "a worker in a frozen cgroup does not get ready"))
        } else if let Some(cpus) = affinity.for_worker(number) {
            self.costs.call(Syscall::Sched, 1);
            self.kernel.set_affinity(pid, &cpus).err().map(|error| errno(error, "affinity"))
        } else {
            None
        };
        match failed {
            Some(outcome) => {
                self.discard(pid);
                Err(outcome)
            }
            None => Ok(pid),
        }
    }

    fn undo(&mut self, workers: &[Worker]) {
        for worker in workers {
            self.discard(worker.pid);
        }
    }

    /// Kills a child and takes its status.
    pub(super) fn discard(&mut self, pid: Pid) {
        if self.kernel.is_handled(pid) {
            _ = self.kernel.kill(pid, SIGKILL);
            _ = self.kernel.reap(self.supervisor, pid);
        }
    }

    pub(super) fn start(&mut self) -> Outcome {
        let now = self.kernel.now;
        for group in self.groups.iter_mut().filter(|group| group.state == State::Ready) {
            group.state = State::Running;
            self.costs.call(Syscall::Write, 1);
            for worker in &mut group.workers {
                worker.start(now);
            }
        }
        self.kernel.touch();
        Outcome::Done
    }

    pub(super) fn set_affinity(&mut self, id: GroupId, affinity: &AffinityPlan) -> Outcome {
        let pids = match self.members(id) {
            Ok(pids) => pids,
            Err(outcome) => return outcome,
        };
        let before: Vec<Option<CpuSet>> = pids.iter().map(|&pid| self.kernel.affinity_of(pid)).collect();
        for (number, &pid) in pids.iter().enumerate() {
            let Some(cpus) = affinity.for_worker(number as u32) else { continue };
            self.costs.call(Syscall::Sched, 1);
            if let Err(error) = self.kernel.set_affinity(pid, &cpus) {
                for (&pid, before) in pids.iter().zip(before).take(number) {
                    self.kernel.restore_affinity(pid, before);
                }
                return errno(error, "affinity");
            }
        }
        Outcome::Done
    }

    pub(super) fn move_group(&mut self, id: GroupId, path: &str) -> Outcome {
        let to = match self.resolve(path, Some(self.runner)) {
            Ok(to) => to,
            Err(error) => return errno(error, path),
        };
        let pids = match self.members(id) {
            Ok(pids) => pids,
            Err(outcome) => return outcome,
        };
        let from: Vec<Option<CgroupId>> = pids.iter().map(|&pid| self.kernel.held_cgroup(pid)).collect();
        for (number, &pid) in pids.iter().enumerate() {
            self.costs.call(Syscall::Write, 1);
            if let Err(error) = self.kernel.attach_id(pid, to) {
                for (&pid, from) in pids.iter().zip(from).take(number) {
                    _ = from.map(|from| self.kernel.attach_id(pid, from));
                }
                return errno(error, path);
            }
        }
        Outcome::Done
    }

    pub(super) fn end_watch(&mut self, id: GroupId) -> Outcome {
        match self.group(id) {
            Ok(group) => {
                let seen = group.workers.iter().fold(CpuSet::EMPTY, |seen, worker| seen.or(&worker.watched));
                Outcome::Cpus(seen)
            }
            Err(outcome) => outcome,
        }
    }

    pub(super) fn begin_watch(&mut self, id: GroupId) -> Outcome {
        match self.group(id) {
            Ok(group) => {
                for worker in &mut group.workers {
                    worker.watched = CpuSet::EMPTY;
                }
                Outcome::Done
            }
            Err(outcome) => outcome,
        }
    }

    pub(super) fn stop(&mut self, id: GroupId) -> Outcome {
        let place = match self.groups.binary_search_by_key(&id, |group| group.id) {
            Ok(place) => place,
            Err(_) => return fault(FaultKind::Unknown, "no such group of workers"),
        };
        if self.groups[place].state == State::Stopped {
            return errno(Errno::ESRCH, "the group was stopped");
        }
        let frozen = self.groups[place].workers.iter().any(|worker| self.is_held(worker.pid));
        if frozen {
            self.advance(STOP_BOUND);
        }
        for number in 0..self.groups[place].workers.len() {
            self.stop_worker(place, number);
        }
        self.groups[place].state = State::Stopped;
        self.kernel.touch();
        Outcome::Done
    }

    /// Whether a task is frozen and so answers to SIGKILL only.
    fn is_held(&self, pid: Pid) -> bool {
        self.kernel.held_cgroup(pid).is_some_and(|cgroup| self.kernel.is_frozen(cgroup))
    }

    fn stop_worker(&mut self, place: usize, number: usize) {
        self.costs.call(Syscall::Kill, 1);
        self.costs.call(Syscall::Wait, 1);
        let pid = self.groups[place].workers[number].pid;
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
        worker.end = end;
        worker.finish(ended_at);
    }

    pub(super) fn collect(&mut self, id: GroupId, number: u32) -> Outcome {
        self.costs.call(Syscall::Read, 1);
        match self.group(id) {
            Ok(group) if group.state != State::Stopped => fault(FaultKind::Unknown, "the group still runs"),
            Ok(group) => match group.workers.get(number as usize) {
                Some(worker) => Outcome::Report(worker.report(&group.demand)),
                None => fault(FaultKind::Unknown, "no such worker in the group"),
            },
            Err(outcome) => outcome,
        }
    }

    /// The processes of a group, in the order of its workers.
    pub fn worker_pids(&self, id: GroupId) -> Vec<Pid> {
        let place = self.groups.binary_search_by_key(&id, |group| group.id);
        place.map_or(Vec::new(), |place| self.groups[place].workers.iter().map(|worker| worker.pid).collect())
    }
}
