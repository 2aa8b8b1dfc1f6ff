//! The clock: it moves only in holds and waits. On its way programs exit when their scripts say so, and
//! workers run.

use super::groups::{Group, State};
use super::{Answer, MockBackend, errno};
use crate::errno::Errno;
use crate::kernel::Pid;
use crate::sched::demand::{BUSY, weight};
use crate::sched::shares::Kind;
use core::time::Duration;
use ktstr_core::{Outcome, SchedPolicy};

impl MockBackend {
    pub(super) fn hold(&mut self, length: Duration) -> Answer {
        self.costs.call(crate::costs::Syscall::Poll, 1);
        if self.is_stopped() {
            return Ok(Outcome::SchedulerDied);
        }
        let now = Duration::from_nanos(self.kernel.now);
        match self.interrupt_at {
            Some(at) if at >= now && at < now.saturating_add(length) => {
                self.interrupt_at = None;
                self.advance(at - now);
                Err(errno(Errno::EINTR, ""))
            }
            _ => {
                self.advance(length);
                Ok(Outcome::Done)
            }
        }
    }

    pub(super) fn advance(&mut self, length: Duration) {
        self.advance_until(length, None);
    }

    /// Lets time pass, but no more once `awaited` has ended.
    pub(super) fn advance_until(&mut self, length: Duration, awaited: Option<Pid>) {
        let mut left = u64::try_from(length.as_nanos()).unwrap_or(u64::MAX).min(u64::MAX - self.kernel.now);
        while left > 0 && awaited.is_none_or(|pid| self.kernel.holds(pid)) {
            let step = self.next_exit().map_or(left, |exit| exit.min(left));
            self.step(step);
            left -= step;
        }
    }

    /// How long it is until the next program exits by itself, or uses other memory.
    fn next_exit(&self) -> Option<u64> {
        let timed = self.payloads.iter().filter(|running| self.moves(running.pid));
        timed.filter_map(|running| running.left.into_iter().chain(self.until_memory(running)).min()).min()
    }

    /// Whether a task is live and not frozen.
    fn moves(&self, pid: Pid) -> bool {
        self.kernel.held_cgroup(pid).is_some_and(|cgroup| !self.kernel.is_frozen(cgroup))
    }

    /// Lets time pass in which nothing changes but at its end.
    fn step(&mut self, length: u64) {
        self.touch_memory();
        self.share_out();
        self.run_workers(length);
        self.kernel.now += length;
        for place in 0..self.payloads.len() {
            let running = &self.payloads[place];
            let Some(left) = running.left.filter(|_| self.moves(running.pid)) else { continue };
            self.payloads[place].left = Some(left.saturating_sub(length));
            if left <= length {
                self.exit_payload(place);
            }
        }
        for place in 0..self.payloads.len() {
            if self.moves(self.payloads[place].pid) {
                self.payloads[place].lived += length;
                self.use_scripted_memory(place);
            }
        }
    }

    /// Lets workers that can run for the first time touch what they work on. It takes them no time.
    fn touch_memory(&mut self) {
        let memory = |group: &&mut Group| group.state == State::Running && group.demand.memory > 0;
        for group in self.groups.iter_mut().filter(memory) {
            for worker in group.workers.iter_mut().filter(|worker| !worker.has_memory) {
                let cgroup = self.kernel.held_cgroup(worker.pid);
                if cgroup.is_some_and(|cgroup| !self.kernel.is_frozen(cgroup)) {
                    worker.has_memory = true;
                    _ = self.kernel.use_memory(worker.pid, group.demand.memory);
                }
            }
        }
    }

    /// Works out who gets what, unless nothing has changed since.
    fn share_out(&mut self) {
        if self.shares_for == Some(self.kernel.changes()) {
            return;
        }
        self.shares_for = Some(self.kernel.changes());
        self.shares.kinds.clear();
        let kernel = &self.kernel;
        for group in self.groups.iter().filter(|group| group.state == State::Running) {
            let mut first = true;
            for worker in &group.workers {
                let kind = kernel.held_cgroup(worker.pid).filter(|&cgroup| !kernel.is_frozen(cgroup)).map(
                    |cgroup| {
                        let cpus = kernel.allowed_cpus(worker.pid).unwrap_or_default();
                        Kind::new(cgroup, cpus, 1.0, group.weight, group.demand.cap)
                            .throttled(group.throttled_ns)
                    },
                );
                match (kind, self.shares.kinds.last_mut()) {
                    (None, _) => {}
                    (Some(kind), Some(last)) if !first && last.is_like(&kind) => last.count += 1.0,
                    (Some(kind), _) => {
                        self.shares.kinds.push(kind);
                        first = false;
                    }
                }
            }
        }
        for running in &self.payloads {
            let Some(cgroup) = kernel.held_cgroup(running.pid).filter(|&cgroup| !kernel.is_frozen(cgroup))
            else {
                continue;
            };
            let cpus = kernel.allowed_cpus(running.pid).unwrap_or_default();
            let busy = f64::from(running.script.map_or(1, |place| self.scripts[place].1.cpus));
            if busy > 0.0 {
                let usual = weight(&SchedPolicy::Normal, 0);
                self.shares.kinds.push(Kind::new(cgroup, cpus, busy, usual, BUSY.cap));
            }
        }
        self.shares.solve(kernel);
    }

    /// Gives each running worker its share of a stretch of time. Kinds stand in the order of the workers.
    fn run_workers(&mut self, length: u64) {
        let kernel = &self.kernel;
        let mut kinds = self.shares.kinds.iter();
        let mut kind = kinds.next();
        let mut served = 0.0;
        for group in self.groups.iter_mut().filter(|group| group.state == State::Running) {
            let demand = group.demand;
            for worker in &mut group.workers {
                let Some(cgroup) = kernel.held_cgroup(worker.pid) else { continue };
                let Some(share) = kind.filter(|_| !kernel.is_frozen(cgroup)) else {
                    worker.rest(length);
                    continue;
                };
                if demand.forks && !kernel.can_fork(cgroup) {
                    worker.starve(length);
                } else {
                    worker.run(length, share, &demand);
                }
                served += 1.0;
                if served >= share.count {
                    kind = kinds.next();
                    served = 0.0;
                }
            }
        }
    }
}
