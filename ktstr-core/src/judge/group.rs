//! What the reports of a group of workers come to, and holding it against the expectations of a scenario.
//! What each check reads is in its row; here it is only carried out. No value depends on the order of the
//! workers.

use crate::judge::judgement::{Judgement, Witness};
use crate::judge::unjudged::Unjudged;
use crate::model::checks::{BoundKind, CHECKS, CheckInfo, CheckKind, CheckSubject, Checks, Moment, Reading};
use crate::model::cpuset::CpuSet;
use crate::model::work_type::WorkType;
use crate::report::worker_report::{WorkerEnd, WorkerReport};

/// What one row has read off the workers so far, in few words: the executor carries it along.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Tally {
    /// Workers off which there was something to read.
    count: u32,
    /// The worker with the worst value, its process, and the CPU where it was noted.
    worst: [u32; 3],
    /// The least, the most, or the sum, as the row reads.
    first: f64,
    /// Of the most when it was, in nanoseconds; of a spread the least; of a variation the sum of the squares.
    second: f64,
}

/// What the reports of one group of workers come to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GroupStats {
    wakes: bool,
    workers: u32,
    /// CPU time of all workers, and the longest of their windows, in nanoseconds.
    cpu_ns: u64,
    wall_ns: u64,
    /// Whether a worker's report was lost, so that the CPU time is not all.
    lost: bool,
    rows: [Tally; CheckKind::OF_GROUPS],
}

impl Tally {
    const NOTHING: Self = Self { count: 0, worst: [0; 3], first: 0.0, second: 0.0 };

    /// Takes a worker in, by its number, its process and what the row reads off it.
    fn add(&mut self, reading: &Reading, [worker, pid]: [u32; 2], report: &WorkerReport) {
        let is_first = self.count == 0;
        let value = match *reading {
            Reading::Least(of) | Reading::Most(of) | Reading::Spread(of) | Reading::Variation(of) => {
                of(report)
            }
            Reading::MostAt(of, _) => of(report),
            Reading::EndedEarly => (report.end != WorkerEnd::Stopped).then_some(1.0),
            Reading::Usage | Reading::ShareOfAll | Reading::Strayed | Reading::Apart => None,
        };
        let Some(value) = value else { return };
        self.count += 1;
        let is_worse = match *reading {
            Reading::Least(_) => is_first || value < self.first,
            Reading::Most(_) | Reading::MostAt(..) | Reading::Spread(_) => is_first || value > self.first,
            Reading::EndedEarly
            | Reading::Usage
            | Reading::ShareOfAll
            | Reading::Strayed
            | Reading::Apart => is_first,
            Reading::Variation(_) => {
                self.first += value;
                self.second += value * value;
                return;
            }
        };
        if let Reading::Spread(_) = reading {
            self.second = if is_first { value } else { self.second.min(value) };
        }
        if is_worse {
            let moment = match *reading {
                Reading::MostAt(_, at) => at(report),
                _ => Moment { at_ns: 0, cpu: 0 },
            };
            self.first = value;
            self.worst = [worker, pid, moment.cpu];
            if let Reading::MostAt(..) = reading {
                self.second = moment.at_ns as f64;
            }
        }
    }

    /// Whom the value was seen of: a variation of the group as a whole.
    fn witness(&self, reading: &Reading, strayed: Option<CpuSet>) -> Witness {
        let [worker, pid, cpu] = self.worst;
        let at = Moment { at_ns: self.second as u64, cpu };
        match *reading {
            Reading::Strayed => Witness::Cpus(strayed.unwrap_or(CpuSet::EMPTY)),
            Reading::Variation(_) | Reading::Usage | Reading::ShareOfAll | Reading::Apart => Witness::Group,
            _ if self.count == 0 => Witness::Group,
            Reading::MostAt(..) => Witness::Worker { worker, pid, moment: Some(at) },
            Reading::Least(_) | Reading::Most(_) | Reading::Spread(_) | Reading::EndedEarly => {
                Witness::Worker { worker, pid, moment: None }
            }
        }
    }

    fn variation(&self) -> Option<f64> {
        let count = f64::from(self.count);
        let mean = self.first / count;
        let variance = (self.second / count - mean * mean).max(0.0);
        (mean > 0.0).then(|| square_root(variance) / mean)
    }
}

impl GroupStats {
    /// Nothing yet, for workers of this type.
    pub const fn new(work_type: WorkType) -> Self {
        Self::of(work_type.wakes())
    }

    /// Nothing yet, for workers that wake up or do not.
    pub(crate) const fn of(wakes: bool) -> Self {
        Self {
            wakes,
            workers: 0,
            cpu_ns: 0,
            wall_ns: 0,
            lost: false,
            rows: [Tally::NOTHING; CheckKind::OF_GROUPS],
        }
    }

    /// Takes one worker's measurements in.
    pub fn add(&mut self, report: &WorkerReport) {
        let who = [self.workers, report.pid];
        self.workers += 1;
        self.cpu_ns = self.cpu_ns.saturating_add(report.cpu_ns);
        self.wall_ns = self.wall_ns.max(report.wall_ns);
        for (info, tally) in CHECKS.iter().zip(&mut self.rows) {
            tally.add(&info.reading, who, report);
        }
    }

    /// A worker whose report was lost.
    pub fn add_lost(&mut self) {
        let who = [self.workers, 0];
        self.workers += 1;
        self.lost = true;
        let lost = WorkerReport { end: WorkerEnd::Killed, ..WorkerReport::default() };
        for (info, tally) in CHECKS.iter().zip(&mut self.rows) {
            if matches!(info.reading, Reading::EndedEarly) {
                tally.add(&info.reading, who, &lost);
            }
        }
    }

    /// CPU time that all of its workers had, in nanoseconds; `None` where a report was lost.
    pub fn cpu_ns(&self) -> Option<u64> {
        (!self.lost).then_some(self.cpu_ns)
    }

    /// Judges the group by the checks of the scenario and those of its own definition; `strayed` are the CPUs
    /// that it was seen on outside its cpuset, if that was watched. Its share of the CPU time of all groups
    /// is judged by `judge_share` once that is known.
    pub fn judge(
        &self,
        checks: &Checks,
        own: Option<&Checks>,
        strayed: Option<CpuSet>,
        mut tell: impl FnMut(Judgement),
    ) {
        for info in &CHECKS {
            if let Reading::ShareOfAll = info.reading {
                continue;
            }
            let bound = match info.bound {
                BoundKind::Always(bound) => Some(bound),
                BoundKind::Flag(_) | BoundKind::Time | BoundKind::Number(_) => {
                    checks.bound_for(own, info.kind).map(|bound| info.number(bound))
                }
                BoundKind::OfPayload | BoundKind::OfScheduler => None,
            };
            if let (Some(bound), Some(tally)) = (bound, self.rows.get(info.kind as usize)) {
                tell(self.judge_row(info, tally, bound, strayed));
            }
        }
    }

    fn judge_row(&self, info: &CheckInfo, tally: &Tally, bound: f64, strayed: Option<CpuSet>) -> Judgement {
        let some = |value| (tally.count > 0).then_some(value);
        let value = match info.reading {
            Reading::Least(_) | Reading::Most(_) | Reading::MostAt(..) => some(tally.first),
            Reading::Spread(_) => some((tally.first - tally.second).max(0.0)),
            Reading::Variation(_) => tally.variation(),
            Reading::EndedEarly => Some(f64::from(tally.count)),
            Reading::Strayed => strayed.map(|cpus| cpus.len() as f64),
            Reading::Usage if self.wall_ns > 0 => self.cpu_ns().map(|cpu| cpu as f64 / self.wall_ns as f64),
            Reading::Usage | Reading::ShareOfAll | Reading::Apart => None,
        };
        let witness = tally.witness(&info.reading, strayed);
        let judged = Judgement::of(info.kind, value, bound, witness);
        self.unjudged(info.of).map_or(judged, |why| judged.skipped(why))
    }

    /// Why a check of such a subject says nothing of this group.
    const fn unjudged(&self, of: CheckSubject) -> Option<Unjudged> {
        match of {
            CheckSubject::SeveralWorkers if self.workers < 2 => Some(Unjudged::SingleWorker),
            CheckSubject::WakingWorkers if !self.wakes => Some(Unjudged::NeverWaits),
            CheckSubject::Groups
            | CheckSubject::SeveralWorkers
            | CheckSubject::WakingWorkers
            | CheckSubject::Payloads
            | CheckSubject::Ops
            | CheckSubject::Comparisons
            | CheckSubject::Schedulers => None,
        }
    }
}

/// Judges the share of the CPU time of all groups that one had: its own and that of all, in nanoseconds, if
/// they are known.
pub(crate) fn judge_share(
    checks: &Checks,
    own: Option<&Checks>,
    had: Option<(u64, u64)>,
    mut tell: impl FnMut(Judgement),
) {
    let share = had.filter(|(_, all)| *all > 0).map(|(mine, all)| mine as f64 / all as f64);
    for info in CHECKS.iter().filter(|info| matches!(info.reading, Reading::ShareOfAll)) {
        if let Some(bound) = checks.bound_for(own, info.kind) {
            tell(Judgement::of(info.kind, share, info.number(bound), Witness::Group));
        }
    }
}

/// Whether the share of the CPU time of all groups is to be judged.
pub(crate) fn asks_for_share(checks: &Checks, own: Option<&Checks>) -> bool {
    CHECKS
        .iter()
        .any(|info| matches!(info.reading, Reading::ShareOfAll) && checks.bound_for(own, info.kind).is_some())
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
    use crate::judge::verdict::Verdict;
    use core::time::Duration;
    extern crate std;
    use std::vec::Vec;

    const ALL: Checks = Checks::NONE
        .not_starved()
        .min_share(0.3)
        .cpu_share(0.4, 0.6)
        .cpu_usage(0.9, 1.1)
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
        gap_end_ns: 70_000_000,
        gap_cpu: 3,
        migrations: 0,
        cpus_used: CpuSet::EMPTY,
        wakeups: 50,
        wake_p50_ns: 10_000,
        wake_p99_ns: 50_000,
        wake_max_ns: 60_000,
        end: WorkerEnd::Stopped,
    };

    fn judgements(reports: &[WorkerReport], strayed: Option<CpuSet>) -> Vec<Judgement> {
        let mut stats = GroupStats::new(WorkType::pipe_io(1));
        reports.iter().for_each(|report| stats.add(report));
        let mut seen = Vec::new();
        stats.judge(&ALL, None, strayed, |judged| seen.push(judged));
        judge_share(&ALL, None, stats.cpu_ns().map(|cpu| (cpu, 2_000_000_000)), |judged| seen.push(judged));
        seen
    }

    /// A worker that misses the bound of this check in `ALL`, beside a good one; `None` for checks of the
    /// whole group and of payloads.
    fn bad(kind: CheckKind) -> Option<WorkerReport> {
        use CheckKind::*;
        Some(match kind {
            WorkersLived => WorkerReport { end: WorkerEnd::Signalled(9), ..GOOD },
            NotStarved => WorkerReport { work_units: 0, ..GOOD },
            MinShare => WorkerReport { cpu_ns: 299_000_000, ..GOOD },
            MinCpuUsage | MinCpuShare => WorkerReport { cpu_ns: 100_000_000, ..GOOD },
            MaxCpuUsage | MaxCpuShare => WorkerReport { cpu_ns: 900_000_000, ..GOOD },
            MaxGap => WorkerReport { max_gap_ns: 10_000_001, ..GOOD },
            MaxSpread => WorkerReport { cpu_ns: 800_000_000, ..GOOD },
            MaxThroughputCv => WorkerReport { iterations: 300, ..GOOD },
            MinWorkRate => WorkerReport { work_units: 10, ..GOOD },
            MaxP99WakeLatency => WorkerReport { wake_p99_ns: 100_001, ..GOOD },
            Isolation | ExitCode | Signal | EndedInTime | MetricMin | MetricMax | MetricExists | File
            | SchedulerLived | Fails | Compared => {
                return None;
            }
        })
    }

    #[test]
    fn every_check_of_groups_is_asked_for_passes_and_is_missed_on_its_own() {
        let good = judgements(&[GOOD, GOOD], Some(CpuSet::EMPTY));
        for kind in CheckKind::ALL {
            let judged = good.iter().find(|judged| judged.kind == kind);
            let is_of_groups = !matches!(
                kind.info().of,
                CheckSubject::Payloads
                    | CheckSubject::Ops
                    | CheckSubject::Comparisons
                    | CheckSubject::Schedulers
            );
            assert_eq!(judged.map(|j| j.verdict), is_of_groups.then_some(Verdict::Pass), "{kind:?}");
            let Some(bad) = bad(kind) else { continue };
            let missed = judgements(&[GOOD, WorkerReport { pid: 7, ..bad }], Some(CpuSet::EMPTY));
            let missed = missed.iter().find(|judged| judged.kind == kind).expect("it is judged");
            assert_eq!(missed.verdict, Verdict::Fail, "{missed:?}");
            match missed.witness {
                Witness::Group => assert!(
                    matches!(
                        kind,
                        CheckKind::MaxThroughputCv
                            | CheckKind::MinCpuShare
                            | CheckKind::MaxCpuShare
                            | CheckKind::MinCpuUsage
                            | CheckKind::MaxCpuUsage
                    ),
                    "{missed:?}"
                ),
                // The other worker had no CPU for longer.
                Witness::Worker { worker: 0, pid: 1, .. } => assert_eq!(kind, CheckKind::MaxSpread),
                Witness::Worker { worker, pid, .. } => assert_eq!((worker, pid), (1, 7), "{missed:?}"),
                Witness::Cpus(_)
                | Witness::Payload(_)
                | Witness::File(_)
                | Witness::Scheduler(_)
                | Witness::Compared { .. } => {
                    panic!("{missed:?}")
                }
            }
        }
        let strayed = judgements(&[GOOD], Some(CpuSet::of(&[3])));
        let strayed =
            strayed.iter().find(|judged| judged.kind == CheckKind::Isolation).expect("it is judged");
        assert_eq!((strayed.verdict, strayed.witness), (Verdict::Fail, Witness::Cpus(CpuSet::of(&[3]))));
    }

    #[test]
    fn the_longest_gap_says_when_and_where() {
        let late = WorkerReport { pid: 9, max_gap_ns: 20_000_000, ..GOOD };
        for (order, worker) in [([late, GOOD], 0), ([GOOD, late], 1)] {
            let judged = judgements(&order, None);
            let gap = judged.iter().find(|judged| judged.kind == CheckKind::MaxGap).expect("it is judged");
            let moment = Some(Moment { at_ns: 70_000_000, cpu: 3 });
            assert_eq!(gap.witness, Witness::Worker { worker, pid: 9, moment });
        }
    }

    #[test]
    fn nothing_to_measure_is_inconclusive_and_one_worker_has_no_spread() {
        let idle = WorkerReport { cpu_ns: 0, wakeups: 0, iterations: 0, ..GOOD };
        let seen = judgements(&[idle], None);
        for (kind, verdict) in [
            (CheckKind::MinWorkRate, Verdict::Inconclusive),
            (CheckKind::MaxP99WakeLatency, Verdict::Inconclusive),
            (CheckKind::Isolation, Verdict::Inconclusive),
            (CheckKind::MaxSpread, Verdict::Skip),
            (CheckKind::MaxThroughputCv, Verdict::Skip),
        ] {
            assert!(seen.iter().any(|j| (j.kind, j.verdict) == (kind, verdict)), "{kind:?}: {seen:?}");
        }
    }

    #[test]
    fn a_worker_inside_its_first_pass_is_not_starved_and_one_without_a_report_has_not_lived() {
        let inside = WorkerReport { iterations: 0, work_units: 50_000_000, ..GOOD };
        let judged = judgements(&[inside], None);
        assert!(judged.iter().any(|j| (j.kind, j.verdict) == (CheckKind::NotStarved, Verdict::Pass)));
        let mut stats = GroupStats::new(WorkType::SpinWait);
        stats.add(&GOOD);
        stats.add_lost();
        let mut first = None;
        stats.judge(&Checks::NONE, None, None, |judged| first = Some(judged));
        let lost = first.expect("always judged");
        assert_eq!((lost.kind, lost.verdict), (CheckKind::WorkersLived, Verdict::Fail));
        assert_eq!(lost.witness, Witness::Worker { worker: 1, pid: 0, moment: None });
    }

    #[test]
    fn roots_are_close() {
        for value in [0.0, 1e-9, 0.25, 2.0, 1e12] {
            assert!((square_root(value) - f64::sqrt(value)).abs() <= 1e-9 * f64::sqrt(value));
        }
    }
}
