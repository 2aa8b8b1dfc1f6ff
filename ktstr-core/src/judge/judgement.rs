//! One expectation held against one value, and the judging of payloads. Groups of workers are judged in
//! `group`.

use crate::execute::outcome::{ExitStatus, FileText, PayloadEnd, SchedulerEnd};
use crate::judge::unjudged::Unjudged;
use crate::judge::verdict::Verdict;
use crate::model::checks::{CheckKind, Moment};
use crate::model::comparison::Comparison;
use crate::model::cpuset::CpuSet;
use crate::model::payload::PayloadCheck;
use crate::model::scheduler::Scheduler;

/// What a shell adds to the number of a signal that killed a program, to say it as an exit code.
const KILLED: i32 = 128;

/// Whom or what a value was seen of.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[allow(clippy::large_enum_variant)] // no heap to box it on
pub enum Witness {
    /// The group as a whole.
    Group,
    /// The worker with the worst value.
    Worker {
        /// Its number in the group.
        worker: u32,
        /// Its process id, 0 where there is none or its report was lost.
        pid: u32,
        /// When and where, if that was measured.
        moment: Option<Moment>,
    },
    /// The CPUs outside the cpuset on which the group was seen.
    Cpus(CpuSet),
    /// The end of a payload.
    Payload(ExitStatus),
    /// What a file said.
    File(FileText),
    /// The end of a scheduler.
    Scheduler(SchedulerEnd),
    /// The two figures of a comparison, as far as they are known.
    Compared {
        /// The first.
        of: Option<f64>,
        /// The second.
        against: Option<f64>,
    },
}

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
    /// Whom the value was seen of.
    pub witness: Witness,
    /// Why it was skipped, where it was.
    pub unjudged: Option<Unjudged>,
}

impl Judgement {
    /// Holds a value against a bound, as the row of the check says; without a value nothing can be concluded.
    pub fn of(kind: CheckKind, value: Option<f64>, bound: f64, witness: Witness) -> Self {
        let holds = |value| kind.info().holds(value, bound);
        let verdict = value.map_or(Verdict::Inconclusive, |value| passes(holds(value)));
        Self { kind, value, bound, verdict, witness, unjudged: None }
    }

    /// The same, which nothing can be concluded from for this reason.
    #[must_use]
    pub const fn skipped(self, why: Unjudged) -> Self {
        Self { verdict: Verdict::Skip, unjudged: Some(why), ..self }
    }

    /// What cannot be measured has failed.
    fn required(self) -> Self {
        if self.value.is_none() { Self { verdict: Verdict::Fail, ..self } } else { self }
    }
}

/// What an exit status or a metric has to satisfy. `metric` is the value that the check asked for. Nothing is
/// concluded from an ending that is assumed.
pub(crate) fn judge_payload(
    check: &PayloadCheck<'_>,
    end: &PayloadEnd,
    metric: Option<f64>,
) -> [Option<Judgement>; 2] {
    let judged = judge_end(check, end, metric);
    if !end.assumed {
        return judged;
    }
    judged.map(|judged| judged.map(|judged| judged.skipped(Unjudged::AssumedEnd)))
}

fn judge_end(check: &PayloadCheck<'_>, end: &PayloadEnd, metric: Option<f64>) -> [Option<Judgement>; 2] {
    let metric = metric.filter(|value| !value.is_nan());
    let witness = Witness::Payload(end.status);
    let judge = |kind, value, bound| Some(Judgement::of(kind, value, bound, witness).required());
    match *check {
        PayloadCheck::ExitCode(code) => {
            let seen = match end.status {
                ExitStatus::Exited(seen) => seen,
                ExitStatus::Signalled(signal) => KILLED.saturating_add(signal),
            };
            [judge(CheckKind::ExitCode, Some(f64::from(seen)), f64::from(code)), None]
        }
        PayloadCheck::Signal(signal) => {
            let seen = match end.status {
                ExitStatus::Exited(_) => None,
                ExitStatus::Signalled(seen) => Some(f64::from(seen)),
            };
            [judge(CheckKind::Signal, seen, f64::from(signal.number())), None]
        }
        PayloadCheck::Min { bound, .. } => [judge(CheckKind::MetricMin, metric, bound), None],
        PayloadCheck::Max { bound, .. } => [judge(CheckKind::MetricMax, metric, bound), None],
        PayloadCheck::Range { low, high, .. } => {
            [judge(CheckKind::MetricMin, metric, low), judge(CheckKind::MetricMax, metric, high)]
        }
        PayloadCheck::Exists { .. } => {
            let (kind, verdict) = (CheckKind::MetricExists, passes(metric.is_some()));
            [Some(Judgement { kind, value: metric, bound: 0.0, verdict, witness, unjudged: None }), None]
        }
    }
}

/// Whether a scheduler lived until it was detached, or left in the way that is expected of it. The value is
/// the number of the kernel's exit kind, 0 for one that lived; the bound that of the expected kind.
pub(crate) fn judge_scheduler(scheduler: &Scheduler<'_>, end: &SchedulerEnd) -> Judgement {
    let expected = scheduler.expect_exit;
    let bound = expected.map_or(0.0, |exit| f64::from(exit.kind.number()));
    let value = match (end.early, end.exit) {
        (false, _) => Some(0.0),
        (true, Some(exit)) => Some(f64::from(exit.number())),
        (true, None) => None,
    };
    let verdict = match (end.early, expected) {
        (false, None) => Verdict::Pass,
        (true, Some(_)) if end.expected => Verdict::Pass,
        // What is not known of the exit may have been what is expected.
        (true, Some(_)) if end.lost => Verdict::Inconclusive,
        (true, _) | (false, Some(_)) => Verdict::Fail,
    };
    let witness = Witness::Scheduler(*end);
    let judged =
        Judgement { kind: CheckKind::SchedulerLived, value, bound, verdict, witness, unjudged: None };
    if end.assumed { judged.skipped(Unjudged::AssumedScheduler) } else { judged }
}

/// Holds the ratio of two figures against a comparison.
pub(crate) fn judge_comparison(
    comparison: &Comparison<'_>,
    of: Option<f64>,
    against: Option<f64>,
) -> Judgement {
    let value = match (of, against) {
        (Some(of), Some(against)) if against > 0.0 => Some(of / against),
        _ => None,
    };
    let verdict = match (value, of) {
        (Some(ratio), _) => passes(comparison.admits(ratio)),
        // Something is no multiple of nothing.
        (None, Some(of)) if of > 0.0 && against == Some(0.0) => Verdict::Fail,
        (None, _) => Verdict::Inconclusive,
    };
    let witness = Witness::Compared { of, against };
    Judgement { kind: CheckKind::Compared, value, bound: comparison.ratio, verdict, witness, unjudged: None }
}

fn passes(held: bool) -> Verdict {
    if held { Verdict::Pass } else { Verdict::Fail }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::scheduler::{ExpectedExit, SchedulerExit};
    use crate::model::signal::Signal;

    #[test]
    fn a_scheduler_lives_or_leaves_as_expected() {
        let stall = ExpectedExit::new(SchedulerExit::Stall);
        let lived = SchedulerEnd {
            exit: Some(SchedulerExit::Unregistered),
            code: 0,
            status: None,
            early: false,
            expected: false,
            lost: false,
            wall_ns: 1,
            assumed: false,
        };
        let killed = SchedulerEnd { early: true, ..lived };
        let stalled = SchedulerEnd { exit: Some(SchedulerExit::Stall), expected: true, ..killed };
        let unknown = SchedulerEnd { exit: None, lost: true, ..killed };
        for (expected, end, value, verdict) in [
            (None, lived, Some(0.0), Verdict::Pass),
            (None, killed, Some(64.0), Verdict::Fail),
            (None, SchedulerEnd { expected: false, ..stalled }, Some(1026.0), Verdict::Fail),
            (None, unknown, None, Verdict::Fail),
            (Some(stall), lived, Some(0.0), Verdict::Fail),
            (Some(stall), stalled, Some(1026.0), Verdict::Pass),
            (Some(stall), killed, Some(64.0), Verdict::Fail),
            (Some(stall), unknown, None, Verdict::Inconclusive),
            (None, SchedulerEnd { assumed: true, ..lived }, Some(0.0), Verdict::Skip),
        ] {
            let scheduler = Scheduler { expect_exit: expected, ..Scheduler::new("s", "s") };
            let judged = judge_scheduler(&scheduler, &end);
            assert_eq!((judged.value, judged.verdict), (value, verdict), "{expected:?} {end:?}");
        }
    }

    #[test]
    fn payload_checks_want_their_end_and_their_metric() {
        let end = PayloadEnd {
            status: ExitStatus::Exited(3),
            wall_ns: 1,
            stdout_bytes: 0,
            stderr_bytes: 0,
            cut_bytes: 0,
            orphans: 0,
            assumed: false,
        };
        let killed = PayloadEnd { status: ExitStatus::Signalled(9), ..end };
        let as_a_shell_says = PayloadEnd { status: ExitStatus::Exited(137), ..end };
        let kill = PayloadCheck::signal(Signal::KILL);
        for (check, end, metric, verdict) in [
            (PayloadCheck::exit_code(3), end, None, Verdict::Pass),
            (PayloadCheck::exit_code(0), end, None, Verdict::Fail),
            (PayloadCheck::exit_code(9), killed, None, Verdict::Fail),
            (PayloadCheck::exit_code(0), killed, None, Verdict::Fail),
            (PayloadCheck::exit_code(137), killed, None, Verdict::Pass),
            (PayloadCheck::exit_code(137), as_a_shell_says, None, Verdict::Pass),
            (kill, killed, None, Verdict::Pass),
            (kill, end, None, Verdict::Fail),
            (kill, as_a_shell_says, None, Verdict::Fail),
            (PayloadCheck::signal(Signal::TERM), killed, None, Verdict::Fail),
            (PayloadCheck::min("m", 1.0), end, Some(1.0), Verdict::Pass),
            (PayloadCheck::min("m", 1.0), end, None, Verdict::Fail),
            (PayloadCheck::max("m", 1.0), end, Some(f64::NAN), Verdict::Fail),
            (PayloadCheck::range("m", 1.0, 2.0), end, Some(3.0), Verdict::Fail),
            (PayloadCheck::range("m", 1.0, 2.0), end, Some(1.5), Verdict::Pass),
            (PayloadCheck::exists("m"), end, Some(0.0), Verdict::Pass),
            (PayloadCheck::exists("m"), end, None, Verdict::Fail),
        ] {
            let worst = judge_payload(&check, &end, metric).into_iter().flatten().map(|j| j.verdict).max();
            assert_eq!(worst, Some(verdict), "{check:?} {:?} {metric:?}", end.status);
            let assumed = PayloadEnd { assumed: true, ..end };
            for judged in judge_payload(&check, &assumed, metric).into_iter().flatten() {
                let skipped = (Verdict::Skip, Some(Unjudged::AssumedEnd));
                assert_eq!((judged.verdict, judged.unjudged), skipped, "{check:?}");
            }
        }
    }
}
