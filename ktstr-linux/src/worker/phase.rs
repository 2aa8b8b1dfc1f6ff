//! What workers did between two moments while they go on working: the difference of two readings of their
//! slots and of what the kernel counts of their processes.

use crate::clock::{cpu_time_of, now};
use crate::procfs;
use crate::worker::histogram::{self, BUCKETS};
use crate::worker::shared::Slot;
use crate::worker::{Group, Worker};
use ktstr_core::{GroupPhase, Measure};
use std::sync::atomic::Ordering;

/// The counters of a group at one moment.
pub(crate) struct Reading {
    at: u64,
    workers: Vec<Counters>,
}

/// Those of one worker.
#[derive(Default)]
struct Counters {
    iterations: u64,
    work_units: u64,
    migrations: u64,
    wakeups: u64,
    /// Since the worker was set up; `None` of one that cannot be asked any more.
    cpu_ns: Option<u64>,
    run_delay_ns: Option<u64>,
    /// Empty where nothing was counted.
    wakes: Vec<u32>,
}

impl Counters {
    /// Before a worker was started.
    fn nothing() -> Self {
        Self { cpu_ns: Some(0), run_delay_ns: Some(0), ..Self::default() }
    }

    fn of(worker: &Worker, slot: &Slot) -> Self {
        let count = |measure| slot.measured(measure).load(Ordering::Relaxed);
        let wakeups = count(Measure::Wakeups);
        let before = slot.cpu_before.load(Ordering::Relaxed);
        // Once it was reaped its number may be another's.
        let pid = worker.end.is_none().then(|| worker.pid());
        let wakes = slot.wake_histogram.iter().filter(|_| wakeups > 0);
        Self {
            iterations: count(Measure::Iterations),
            work_units: count(Measure::WorkUnits),
            migrations: count(Measure::Migrations),
            wakeups,
            cpu_ns: match worker.end {
                Some((reaped, _)) => Some(reaped.cpu_ns.saturating_sub(before)),
                None => cpu_time_of(worker.pid()).map(|ns| ns.saturating_sub(before)),
            },
            run_delay_ns: pid.and_then(procfs::run_delay),
            wakes: wakes.map(|count| count.load(Ordering::Relaxed)).collect(),
        }
    }
}

impl Group {
    /// Reads the counters of its workers, and begins a new longest gap of each.
    pub(crate) fn read_counters(&self) -> Reading {
        let slots = self.region.slots().iter();
        let workers = self.workers.iter().zip(slots).map(|(worker, slot)| {
            slot.phase_gap.store(0, Ordering::Relaxed);
            Counters::of(worker, slot)
        });
        Reading { workers: workers.collect(), at: now() }
    }

    /// What its workers did since a reading, or since they were started.
    pub(crate) fn since(&self, before: Option<&Reading>) -> GroupPhase {
        let started_at = self.region.head().started_at.load(Ordering::Acquire);
        let from = before.map_or(started_at, |reading| reading.at);
        let window_ns = now().saturating_sub(from);
        let mut group = GroupPhase::default();
        let nothing = Counters::nothing();
        for (number, (worker, slot)) in self.workers.iter().zip(self.region.slots()).enumerate() {
            let before = before.and_then(|reading| reading.workers.get(number)).unwrap_or(&nothing);
            let figures = difference(before, &Counters::of(worker, slot), slot);
            let gap = slot.phase_gap.load(Ordering::Relaxed).max(self.open_gap(worker, slot, from));
            group.add(&GroupPhase { workers: 1, window_ns, max_gap_ns: gap.min(window_ns), ..figures });
        }
        group
    }

    /// How long a worker that is ready to run has come to no checkpoint since `from`; 0 for one that sleeps.
    fn open_gap(&self, worker: &Worker, slot: &Slot, from: u64) -> u64 {
        let is_ready = worker.end.is_none()
            && self.frozen_since.is_none()
            && procfs::stat(worker.pid()).is_some_and(|stat| stat.state == 'R');
        let last = slot.seen_at.load(Ordering::Relaxed).max(from);
        if is_ready { now().saturating_sub(last) } else { 0 }
    }
}

/// What lies between two readings of one worker.
fn difference(before: &Counters, after: &Counters, slot: &Slot) -> GroupPhase {
    let less = |after: u64, before: u64| after.saturating_sub(before);
    let both = |after: Option<u64>, before: Option<u64>| Some(after?.saturating_sub(before?));
    let mut wakes = [0; BUCKETS];
    for (index, count) in after.wakes.iter().enumerate().take(BUCKETS) {
        wakes[index] = count.saturating_sub(before.wakes.get(index).copied().unwrap_or(0));
    }
    let most = slot.measured(Measure::WakeMaxNs).load(Ordering::Relaxed);
    let wakeups = less(after.wakeups, before.wakeups);
    let percentile = |percent| if wakeups > 0 { histogram::rank(&wakes, percent, most) } else { 0 };
    GroupPhase {
        iterations: less(after.iterations, before.iterations),
        work_units: less(after.work_units, before.work_units),
        migrations: less(after.migrations, before.migrations),
        cpu_ns: both(after.cpu_ns, before.cpu_ns).unwrap_or(0),
        run_delay_ns: both(after.run_delay_ns, before.run_delay_ns),
        wakeups,
        wake_p50_ns: percentile(50),
        wake_p99_ns: percentile(99),
        ..GroupPhase::default()
    }
}
