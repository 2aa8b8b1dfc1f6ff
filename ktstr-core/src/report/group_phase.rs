//! What a group of workers did during one phase of a run: while one step was set up and held. Backends take
//! it at the edges of the phase, and only where an observer or a comparison asks for it.

use core::time::Duration;
use serde::{Deserialize, Serialize};

/// One phase: a step, from its first action until what it made begins to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Phase<'a> {
    /// Which step, from 0.
    pub step: u32,
    /// What the step is called.
    pub name: Option<&'a str>,
    /// When it began, from the start of the run, by the backend's clock.
    pub from: Duration,
    /// When it ended.
    pub to: Duration,
}

impl Phase<'_> {
    /// How long it was.
    pub const fn length(&self) -> Duration {
        self.to.saturating_sub(self.from)
    }
}

/// What the workers of one group did in a phase, all together: nothing of what they did before or after.
///
/// ```
/// use ktstr_core::GroupPhase;
///
/// let half = GroupPhase { window_ns: 500_000_000, cpu_ns: 250_000_000, work_units: 40, ..GroupPhase::default() };
/// assert_eq!((half.per_second(half.work_units), half.cpus()), (Some(80.0), Some(0.5)));
/// assert_eq!(GroupPhase::default().cpus(), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct GroupPhase {
    /// How many workers the group has.
    pub workers: u32,
    /// How long it worked in the phase, in nanoseconds: from the begin of the phase, or from its own start,
    /// to the end of the phase, or to when it was asked to stop. Time in which it was frozen belongs to it.
    pub window_ns: u64,
    /// Iterations done.
    pub iterations: u64,
    /// Units of work done.
    pub work_units: u64,
    /// CPU time used, in nanoseconds.
    pub cpu_ns: u64,
    /// How long its workers were ready to run and had no CPU, in nanoseconds, as `/proc/PID/schedstat` counts
    /// it, when they get one: a wait that goes on beyond the phase is not in it. `None` where that was not
    /// measured.
    pub run_delay_ns: Option<u64>,
    /// How often its workers were seen on another CPU than before.
    pub migrations: u64,
    /// Wake-ups measured.
    pub wakeups: u64,
    /// Median time from wake-up to running of its worst worker, in nanoseconds; 0 without wake-ups.
    pub wake_p50_ns: u64,
    /// 99th percentile (nearest rank) of the same.
    pub wake_p99_ns: u64,
    /// Longest time between two checkpoints of one of its workers in the phase, in nanoseconds, less what was
    /// slept on purpose and frozen.
    pub max_gap_ns: u64,
}

impl GroupPhase {
    /// So much for each second of the window; `None` where it worked for no time.
    pub fn per_second(&self, amount: u64) -> Option<f64> {
        (self.window_ns > 0).then(|| amount as f64 * 1e9 / self.window_ns as f64)
    }

    /// CPU time over the length of the window: 2.0 are two CPUs all the time.
    pub fn cpus(&self) -> Option<f64> {
        (self.window_ns > 0).then(|| self.cpu_ns as f64 / self.window_ns as f64)
    }

    /// Takes in what one more of its workers measured: sums, and of times the longest.
    pub fn add(&mut self, worker: &Self) {
        self.workers += worker.workers;
        self.window_ns = self.window_ns.max(worker.window_ns);
        self.iterations = self.iterations.saturating_add(worker.iterations);
        self.work_units = self.work_units.saturating_add(worker.work_units);
        self.cpu_ns = self.cpu_ns.saturating_add(worker.cpu_ns);
        self.run_delay_ns = match (self.run_delay_ns, worker.run_delay_ns) {
            (known, new) if self.workers == worker.workers => known.or(new),
            (Some(known), Some(new)) => Some(known.saturating_add(new)),
            (None, _) | (_, None) => None,
        };
        self.migrations = self.migrations.saturating_add(worker.migrations);
        self.wakeups = self.wakeups.saturating_add(worker.wakeups);
        self.wake_p50_ns = self.wake_p50_ns.max(worker.wake_p50_ns);
        self.wake_p99_ns = self.wake_p99_ns.max(worker.wake_p99_ns);
        self.max_gap_ns = self.max_gap_ns.max(worker.max_gap_ns);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workers_come_together_and_what_one_did_not_measure_is_not_known_of_all() {
        let worker = GroupPhase {
            workers: 1,
            window_ns: 10,
            iterations: 1,
            work_units: 2,
            cpu_ns: 3,
            run_delay_ns: Some(4),
            migrations: 5,
            wakeups: 6,
            wake_p50_ns: 7,
            wake_p99_ns: 8,
            max_gap_ns: 9,
        };
        let mut group = GroupPhase::default();
        group.add(&worker);
        assert_eq!(group, worker);
        group.add(&GroupPhase { window_ns: 8, wake_p99_ns: 80, ..worker });
        let both = GroupPhase {
            workers: 2,
            iterations: 2,
            work_units: 4,
            cpu_ns: 6,
            run_delay_ns: Some(8),
            migrations: 10,
            wakeups: 12,
            wake_p99_ns: 80,
            ..worker
        };
        assert_eq!(group, both);
        group.add(&GroupPhase { run_delay_ns: None, ..worker });
        group.add(&worker);
        assert_eq!((group.workers, group.run_delay_ns), (4, None));
    }
}
