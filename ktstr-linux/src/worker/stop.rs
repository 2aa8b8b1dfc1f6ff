//! How a group of workers ends: asked, given their turn, killed if need be, reaped, and reported on.

use crate::clock::{TURN_TIME, after, duration_ns, now};
use crate::fault::fault;
use crate::interrupt::Flag;
use crate::payload::Payloads;
use crate::procfs::{Stat, children, stat};
use crate::sys::futex;
use crate::worker::shared::go;
use crate::worker::turn::{Late, STOP_TIME, to_kill};
use crate::worker::{Group, Worker, context, report};
use ktstr_core::{Fault, FaultKind, WorkerReport};
use std::os::fd::AsFd;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// How often late workers are looked at.
const LOOK_EVERY: Duration = Duration::from_millis(100);

impl Group {
    /// Asks all workers to stop, kills those that do not although they could, reaps all, and reports on them.
    /// Their time counts from when they were asked first, so groups that are asked together have theirs
    /// together. Payloads are served meanwhile. A second interrupt ends the patience with those that wait for
    /// a CPU.
    ///
    /// # Errors
    /// `TimedOut` when the kernel does not end a killed worker; the group is as it was, but for the request.
    pub(crate) fn stop(
        &mut self,
        payloads: &mut Payloads,
        interrupt: Option<&Flag>,
    ) -> Result<Vec<WorkerReport>, Fault> {
        let asked = self.ask_to_stop();
        if !self.await_ends(payloads, asked.saturating_add(duration_ns(STOP_TIME))) {
            self.kill_late(payloads, asked.saturating_add(duration_ns(TURN_TIME)), interrupt);
            if !self.await_ends(payloads, after(TURN_TIME)) {
                return Err(fault(FaultKind::TimedOut, "a killed worker does not end"));
            }
        }
        let head = self.region.head();
        let ends = self.workers.iter().zip(self.region.slots());
        Ok(ends.map(|(worker, slot)| report::of(worker, slot, head)).collect())
    }

    /// Says all workers to stop, once, and answers when that was; one that has ended before that has ended
    /// early.
    pub(crate) fn ask_to_stop(&mut self) -> u64 {
        if let Some(asked) = self.asked {
            return asked;
        }
        for worker in &mut self.workers {
            worker.early = worker.try_reap().is_some();
        }
        let head = self.region.head();
        head.go.store(go::STOP, Ordering::Release);
        futex::wake_all(&head.go);
        for slot in self.region.slots().iter().filter(|_| self.in_teams) {
            slot.word.fetch_or(context::STOP, Ordering::AcqRel);
            futex::wake_all(&slot.word);
        }
        for (_, inbox) in self.inboxes.drain(..) {
            // Whoever waits for a byte of one that has ended gets one; nothing fills a pipe but such a byte.
            let _ = rustix::io::write(inbox, &[0]);
        }
        let asked = now();
        self.asked = Some(asked);
        asked
    }

    /// Waits until each worker has ended or is killed, as the rule in `turn` says, or all at `deadline`.
    fn kill_late(&mut self, payloads: &mut Payloads, deadline: u64, interrupt: Option<&Flag>) {
        let cpu_ns = |worker: &Worker| stat(worker.pid()).map_or(0, |stat| stat.cpu_ns);
        let before: Vec<u64> = self.workers.iter().map(cpu_ns).collect();
        let forks = self.forks;
        loop {
            let hurried = now() >= deadline || interrupt.is_some_and(|flag| flag.count() > 1);
            let late = self.workers.iter_mut().zip(&before);
            // All are reaped before the first is looked at: one that was seen asleep before its partner was
            // reaped may have been woken by that end, and nothing would tell.
            let mut waited_for: Vec<(&mut Worker, u64)> = late
                .filter_map(|(worker, cpu_before)| {
                    let waited_for = worker.try_reap().is_none() && !worker.killed;
                    waited_for.then_some((worker, *cpu_before))
                })
                .collect();
            if waited_for.is_empty() {
                return;
            }
            let late = waited_for.iter().map(|(worker, cpu_before)| look(worker.pid(), forks, *cpu_before));
            let late: Vec<Late> = late.collect();
            for ((worker, _), doomed) in waited_for.iter_mut().zip(to_kill(&late)) {
                if doomed || hurried {
                    worker.kill();
                }
            }
            self.await_ends(payloads, after(LOOK_EVERY));
        }
    }

    /// Reaps all workers that end before `deadline`; whether that was all.
    fn await_ends(&mut self, payloads: &mut Payloads, deadline: u64) -> bool {
        for worker in &mut self.workers {
            while worker.try_reap().is_none() {
                if now() >= deadline {
                    break;
                }
                payloads.serve(Some(worker.child.pidfd.as_fd()), deadline);
            }
        }
        self.workers.iter().all(|worker| worker.end.is_some())
    }

    /// Kills and reaps whatever is left of the group.
    pub(crate) fn kill(&mut self) {
        for worker in &mut self.workers {
            worker.kill();
        }
        let mut none = Payloads::default();
        self.await_ends(&mut none, after(TURN_TIME));
    }
}

/// What a worker does that has not stopped in time; `forks` if its work has children.
fn look(pid: i32, forks: bool, cpu_before: u64) -> Late {
    let sleeps = |stat: Option<Stat>| stat.is_some_and(|stat| stat.state == 'S');
    let now = stat(pid);
    if !forks || !sleeps(now) {
        return Late { stat: now, for_child: false, cpu_before };
    }
    // Kernels without CONFIG_PROC_CHILDREN do not tell.
    let for_child = children(pid).is_none_or(|children| children.into_iter().any(gets_further));
    // Where no child is left one has just ended and has woken it, and it makes no other once it was asked to
    // stop.
    let now = if for_child { now } else { stat(pid) };
    Late { stat: now, for_child, cpu_before }
}

/// Whether a child that sleeps for nothing ends as soon as it gets its turn, or has ended.
fn gets_further(child: i32) -> bool {
    // As it sleeps for nothing, one that does is frozen.
    stat(child).is_none_or(|stat| !matches!(stat.state, 'S' | 'T' | 't'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::clone::Place;
    use crate::worker::{Births, Order};
    use ktstr_core::AffinityPlan;
    use ktstr_core::Placement;
    use ktstr_core::WorkSpec;
    use ktstr_core::WorkType;

    #[test]
    fn the_time_to_stop_counts_from_the_first_request() {
        let work = WorkSpec::new(WorkType::SpinWait);
        let order = Order { work: &work, workers: 1, affinity: AffinityPlan::Inherit, seed: 0, jitter_ns: 0 };
        let mut births = Births::default();
        let mut group = Group::spawn(Place::Here, Placement::RunnerCgroup, &order, &mut births, &|_| false)
            .expect("a group");
        let before = now();
        let asked = group.ask_to_stop();
        assert!((before..=now()).contains(&asked));
        std::thread::sleep(Duration::from_millis(2));
        assert_eq!(group.ask_to_stop(), asked);
        group.stop(&mut Payloads::default(), None).expect("reports");
        assert_eq!(group.asked, Some(asked));
    }
}
