//! Holds measurements against the expectations of a scenario. No judgement depends on the order of the workers.

use crate::execute::outcome::{ExitStatus, PayloadEnd};
use crate::judge::verdict::Verdict;
use crate::model::checks::{CheckKind, Checks};
use crate::model::cpuset::CpuSet;
use crate::model::payload::PayloadCheck;
use crate::model::work_type::WorkType;
use crate::report::worker_report::{WorkerEnd, WorkerReport};

const NANOS_PER_SEC: f64 = 1e9;

/// One expectation held against one value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judgement {
    /// What was judged.
    pub kind: CheckKind,
    /// The value; `None` when there was nothing to measure.
    pub value: Option<f64>,
    /// The bound.
    pub bound: f64,
    /// How it ended.
    pub verdict: Verdict,
}

/// What the reports of one group of workers come to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GroupStats {
    wakes: bool,
    workers: u32,
    ended_early: u32,
    iterations_min: u64,
    iterations_sum: f64,
    iterations_squares: f64,
    off_cpu_min: f64,
    off_cpu_max: f64,
    max_gap_ns: u64,
    min_rate: Option<f64>,
    wakeups: u64,
    wake_p99_ns: u64,
}

impl GroupStats {
    /// Nothing yet, for workers of this type.
    pub const fn new(work_type: WorkType) -> Self {
        Self {
            wakes: work_type.wakes(),
            workers: 0,
            ended_early: 0,
            iterations_min: u64::MAX,
            iterations_sum: 0.0,
            iterations_squares: 0.0,
            off_cpu_min: 100.0,
            off_cpu_max: 0.0,
            max_gap_ns: 0,
            min_rate: None,
            wakeups: 0,
            wake_p99_ns: 0,
        }
    }

    /// Takes one worker's measurements in.
    pub fn add(&mut self, report: &WorkerReport) {
        self.workers += 1;
        if report.end != WorkerEnd::Stopped {
            self.ended_early += 1;
        }
        let iterations = report.iterations as f64;
        self.iterations_min = self.iterations_min.min(report.iterations);
        self.iterations_sum += iterations;
        self.iterations_squares += iterations * iterations;
        if report.wall_ns > 0 {
            let off_cpu = 100.0 - 100.0 * (report.cpu_ns as f64 / report.wall_ns as f64).min(1.0);
            self.off_cpu_min = self.off_cpu_min.min(off_cpu);
            self.off_cpu_max = self.off_cpu_max.max(off_cpu);
        }
        self.max_gap_ns = self.max_gap_ns.max(report.max_gap_ns);
        if report.cpu_ns > 0 {
            let rate = report.work_units as f64 / (report.cpu_ns as f64 / NANOS_PER_SEC);
            self.min_rate = Some(self.min_rate.map_or(rate, |least| least.min(rate)));
        }
        self.wakeups += report.wakeups;
        self.wake_p99_ns = self.wake_p99_ns.max(report.wake_p99_ns);
    }

    /// A worker whose report was lost.
    pub fn add_lost(&mut self) {
        self.workers += 1;
        self.ended_early += 1;
    }

    /// Judges the group; `strayed` are the CPUs that it was seen on outside its cpuset, if that was watched.
    pub fn judge(&self, checks: &Checks, strayed: Option<CpuSet>, mut tell: impl FnMut(Judgement)) {
        tell(at_most(CheckKind::WorkersLived, Some(f64::from(self.ended_early)), 0.0));
        if checks.not_starved {
            tell(at_least(CheckKind::NotStarved, Some(self.iterations_min as f64), 1.0));
        }
        if checks.isolation {
            tell(at_most(CheckKind::Isolation, strayed.map(|cpus| cpus.len() as f64), 0.0));
        }
        if let Some(bound) = checks.max_gap {
            tell(at_most(CheckKind::MaxGap, Some(self.max_gap_ns as f64), bound.as_nanos() as f64));
        }
        if let Some(bound) = checks.max_spread_pct {
            let spread = (self.off_cpu_max - self.off_cpu_min).max(0.0);
            tell(self.of_several(at_most(CheckKind::MaxSpread, Some(spread), bound)));
        }
        if let Some(bound) = checks.max_throughput_cv {
            tell(self.of_several(at_most(CheckKind::MaxThroughputCv, self.throughput_cv(), bound)));
        }
        if let Some(bound) = checks.min_work_rate {
            tell(at_least(CheckKind::MinWorkRate, self.min_rate, bound));
        }
        if let Some(bound) = checks.max_p99_wake_latency {
            let seen = (self.wakeups > 0).then_some(self.wake_p99_ns as f64);
            let judged = at_most(CheckKind::MaxP99WakeLatency, seen, bound.as_nanos() as f64);
            tell(if self.wakes { judged } else { Judgement { verdict: Verdict::Skip, ..judged } });
        }
    }

    /// A comparison of workers says nothing about a single one.
    fn of_several(&self, judged: Judgement) -> Judgement {
        if self.workers < 2 { Judgement { verdict: Verdict::Skip, ..judged } } else { judged }
    }

    fn throughput_cv(&self) -> Option<f64> {
        let count = f64::from(self.workers);
        let mean = self.iterations_sum / count;
        let variance = (self.iterations_squares / count - mean * mean).max(0.0);
        (mean > 0.0).then(|| square_root(variance) / mean)
    }
}

/// What an exit status or a metric has to satisfy. `metric` is the value that the check asked for.
pub fn judge_payload(
    check: &PayloadCheck<'_>,
    end: &PayloadEnd,
    metric: Option<f64>,
) -> [Option<Judgement>; 2] {
    let metric = metric.filter(|value| !value.is_nan());
    match *check {
        PayloadCheck::ExitCode(code) => {
            let (value, verdict) = match end.status {
                ExitStatus::Exited(seen) => (Some(f64::from(seen)), passes(seen == code)),
                ExitStatus::Signalled(_) => (None, Verdict::Fail),
            };
            [Some(Judgement { kind: CheckKind::ExitCode, value, bound: f64::from(code), verdict }), None]
        }
        PayloadCheck::Min { bound, .. } => {
            [Some(required(at_least(CheckKind::MetricMin, metric, bound))), None]
        }
        PayloadCheck::Max { bound, .. } => {
            [Some(required(at_most(CheckKind::MetricMax, metric, bound))), None]
        }
        PayloadCheck::Range { low, high, .. } => [
            Some(required(at_least(CheckKind::MetricMin, metric, low))),
            Some(required(at_most(CheckKind::MetricMax, metric, high))),
        ],
        PayloadCheck::Exists { .. } => {
            let verdict = passes(metric.is_some());
            [Some(Judgement { kind: CheckKind::MetricExists, value: metric, bound: 0.0, verdict }), None]
        }
    }
}

/// A metric that a check names has to be there.
fn required(judged: Judgement) -> Judgement {
    match judged.verdict {
        Verdict::Inconclusive => Judgement { verdict: Verdict::Fail, ..judged },
        _ => judged,
    }
}

/// Judges an upper bound.
pub fn at_most(kind: CheckKind, value: Option<f64>, bound: f64) -> Judgement {
    let verdict = value.map_or(Verdict::Inconclusive, |value| passes(value <= bound));
    Judgement { kind, value, bound, verdict }
}

/// Judges a lower bound.
pub fn at_least(kind: CheckKind, value: Option<f64>, bound: f64) -> Judgement {
    let verdict = value.map_or(Verdict::Inconclusive, |value| passes(value >= bound));
    Judgement { kind, value, bound, verdict }
}

fn passes(held: bool) -> Verdict {
    if held { Verdict::Pass } else { Verdict::Fail }
}

/// Newton's method; `core` has no square root.
fn square_root(value: f64) -> f64 {
    if value <= 0.0 {
        return 0.0;
    }
    let mut root = if value > 1.0 { value } else { 1.0 };
    loop {
        let next = 0.5 * (root + value / root);
        if next >= root {
            return root;
        }
        root = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::time::Duration;
    extern crate std;
    use std::vec::Vec;

    const ALL: Checks = Checks::NONE
        .not_starved()
        .isolation()
        .max_gap(Duration::from_millis(10))
        .max_spread_pct(15.0)
        .max_throughput_cv(0.2)
        .min_work_rate(1000.0)
        .max_p99_wake_latency(Duration::from_micros(100));

    const GOOD: WorkerReport = WorkerReport {
        pid: 1,
        iterations: 100,
        work_units: 102_400,
        cpu_ns: 500_000_000,
        wall_ns: 1_000_000_000,
        max_gap_ns: 2_000_000,
        migrations: 0,
        cpus_used: CpuSet::EMPTY,
        wakeups: 50,
        wake_p50_ns: 10_000,
        wake_p99_ns: 50_000,
        wake_max_ns: 60_000,
        end: WorkerEnd::Stopped,
    };

    fn verdicts(reports: &[WorkerReport], strayed: Option<CpuSet>) -> Vec<(CheckKind, Verdict)> {
        let mut stats = GroupStats::new(WorkType::pipe_io(1));
        reports.iter().for_each(|report| stats.add(report));
        let mut seen = Vec::new();
        stats.judge(&ALL, strayed, |judged| seen.push((judged.kind, judged.verdict)));
        seen
    }

    #[test]
    fn each_bound_is_missed_on_its_own() {
        use CheckKind::*;
        let cases = [
            (WorkerReport { end: WorkerEnd::Signalled(9), ..GOOD }, WorkersLived),
            (WorkerReport { iterations: 0, ..GOOD }, NotStarved),
            (WorkerReport { max_gap_ns: 10_000_001, ..GOOD }, MaxGap),
            (WorkerReport { cpu_ns: 800_000_000, ..GOOD }, MaxSpread),
            (WorkerReport { iterations: 300, ..GOOD }, MaxThroughputCv),
            (WorkerReport { work_units: 10, ..GOOD }, MinWorkRate),
            (WorkerReport { wake_p99_ns: 100_001, ..GOOD }, MaxP99WakeLatency),
        ];
        assert!(
            verdicts(&[GOOD, GOOD], Some(CpuSet::EMPTY)).iter().all(|(_, verdict)| *verdict == Verdict::Pass)
        );
        for (bad, kind) in cases {
            let failed: Vec<_> = verdicts(&[GOOD, bad], Some(CpuSet::EMPTY))
                .into_iter()
                .filter(|(_, verdict)| *verdict == Verdict::Fail)
                .map(|(kind, _)| kind)
                .collect();
            assert!(failed.contains(&kind), "{kind:?}: {failed:?}");
        }
        assert!(verdicts(&[GOOD], Some(CpuSet::of(&[3]))).contains(&(Isolation, Verdict::Fail)));
    }

    #[test]
    fn nothing_to_measure_is_inconclusive_and_one_worker_has_no_spread() {
        let idle = WorkerReport { cpu_ns: 0, wakeups: 0, iterations: 0, ..GOOD };
        let seen = verdicts(&[idle], None);
        for (kind, verdict) in [
            (CheckKind::MinWorkRate, Verdict::Inconclusive),
            (CheckKind::MaxP99WakeLatency, Verdict::Inconclusive),
            (CheckKind::Isolation, Verdict::Inconclusive),
            (CheckKind::MaxSpread, Verdict::Skip),
            (CheckKind::MaxThroughputCv, Verdict::Skip),
        ] {
            assert!(seen.contains(&(kind, verdict)), "{kind:?}: {seen:?}");
        }
    }

    #[test]
    fn payload_checks_want_their_metric() {
        let end = PayloadEnd {
            status: ExitStatus::Exited(3),
            wall_ns: 1,
            stdout_bytes: 0,
            stderr_bytes: 0,
            cut_bytes: 0,
            orphans: 0,
        };
        let killed = PayloadEnd { status: ExitStatus::Signalled(15), ..end };
        for (check, end, metric, verdict) in [
            (PayloadCheck::exit_code(3), end, None, Verdict::Pass),
            (PayloadCheck::exit_code(0), end, None, Verdict::Fail),
            (PayloadCheck::exit_code(15), killed, None, Verdict::Fail),
            (PayloadCheck::min("m", 1.0), end, Some(1.0), Verdict::Pass),
            (PayloadCheck::min("m", 1.0), end, None, Verdict::Fail),
            (PayloadCheck::max("m", 1.0), end, Some(f64::NAN), Verdict::Fail),
            (PayloadCheck::range("m", 1.0, 2.0), end, Some(3.0), Verdict::Fail),
            (PayloadCheck::range("m", 1.0, 2.0), end, Some(1.5), Verdict::Pass),
            (PayloadCheck::exists("m"), end, Some(0.0), Verdict::Pass),
            (PayloadCheck::exists("m"), end, None, Verdict::Fail),
        ] {
            let worst = judge_payload(&check, &end, metric).into_iter().flatten().map(|j| j.verdict).max();
            assert_eq!(worst, Some(verdict), "{check:?} {metric:?}");
        }
    }

    #[test]
    fn roots_are_close() {
        for value in [0.0, 1e-9, 0.25, 2.0, 1e12] {
            assert!((square_root(value) - f64::sqrt(value)).abs() <= 1e-9 * f64::sqrt(value));
        }
    }
}
