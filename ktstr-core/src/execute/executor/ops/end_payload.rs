//! `WaitPayload`, `KillPayload`, and the end of payloads with whatever they share their life with: ends a
//! program, judges it, reads its metrics, and where a judgement was no pass the end of what it wrote.

use crate::execute::action::{Action, PayloadId};
use crate::execute::executor::books::Running;
use crate::execute::executor::frame::{Part, Turn};
use crate::execute::executor::run::Run;
use crate::execute::fault::Fault;
use crate::execute::observer::Observer;
use crate::execute::outcome::{Outcome, PayloadEnd};
use crate::judge::judgement::{Judgement, Witness, judge_payload};
use crate::judge::unjudged::Unjudged;
use crate::judge::verdict::Verdict;
use crate::model::checks::CheckKind;
use crate::model::op::DEFAULT_GRACE;
use crate::model::payload::{MetricHint, OutputKind, Payload};
use core::time::Duration;

/// A payload that is being ended.
#[derive(Debug, Clone, Copy)]
pub(in crate::execute::executor) struct End<'a> {
    at: u32,
    id: PayloadId,
    payload: &'a Payload<'a>,
    stage: Stage,
}

#[derive(Debug, Clone, Copy)]
enum Stage {
    Wait {
        timeout: Duration,
    },
    /// `late` is the timeout that it has missed, if it was waited for.
    Kill {
        grace: Duration,
        late: Option<Duration>,
    },
    /// The check with this number comes next; the numbers after the checks are the hinted metrics. `worst` is
    /// what has been judged so far.
    Judge {
        end: PayloadEnd,
        next: usize,
        worst: Verdict,
    },
    /// The end of its output comes next.
    Read,
}

impl<'a> End<'a> {
    /// Waits for a payload, and kills it when that takes too long.
    pub(in crate::execute::executor) const fn wait(
        at: u32,
        running: &Running<'a>,
        timeout: Duration,
    ) -> Self {
        Self { at, id: running.id, payload: running.payload, stage: Stage::Wait { timeout } }
    }

    pub(in crate::execute::executor) const fn kill_within(
        at: u32,
        running: &Running<'a>,
        grace: Duration,
    ) -> Self {
        let stage = Stage::Kill { grace, late: None };
        Self { at, id: running.id, payload: running.payload, stage }
    }

    /// Kills a payload that ends with whatever it shares its life with.
    pub(in crate::execute::executor) const fn kill(at: u32, running: &Running<'a>) -> Self {
        Self::kill_within(at, running, DEFAULT_GRACE)
    }

    /// The payload has ended; `waited` is how long it was waited for at most, and whether that was enough.
    fn ended(
        &mut self,
        run: &mut Run<'_, 'a>,
        end: PayloadEnd,
        waited: Option<(Duration, Verdict)>,
        observer: &mut dyn Observer<'a>,
    ) -> Turn<'a> {
        let Some(running) = run.books.running(self.at) else { return Turn::Done };
        observer.payload(self.id, self.payload, running.placement, &end);
        run.books.remove_payload(self.at);
        let mut worst = Verdict::Skip;
        if let Some((timeout, verdict)) = waited {
            let judged = Judgement {
                kind: CheckKind::EndedInTime,
                value: Some(end.wall_ns as f64),
                bound: timeout.as_nanos() as f64,
                verdict,
                witness: Witness::Payload(end.status),
                unjudged: None,
            };
            let judged = if end.assumed { judged.skipped(Unjudged::AssumedEnd) } else { judged };
            run.judged(observer, self.payload.name, None, None, judged);
            worst = judged.verdict;
        }
        self.stage = Stage::Judge { end, next: 0, worst };
        Turn::Next
    }

    /// Judges the check with this number; `metric` is the value that it asked for.
    fn judge(&mut self, run: &mut Run<'_, 'a>, metric: Option<f64>, observer: &mut dyn Observer<'a>) {
        let Stage::Judge { end, next, worst } = &mut self.stage else { return };
        if let Some(check) = self.payload.checks.get(*next) {
            for judged in judge_payload(check, end, metric).into_iter().flatten() {
                *worst = worst.and(judged.verdict);
                run.judged(observer, self.payload.name, check.metric(), None, judged);
            }
        }
        *next += 1;
    }
}

impl<'a> Part<'a> for End<'a> {
    fn ask(
        &mut self,
        run: &mut Run<'_, 'a>,
        to: &mut Action<'a>,
        observer: &mut dyn Observer<'a>,
    ) -> Turn<'a> {
        let id = self.id;
        *to = match self.stage {
            Stage::Wait { timeout } => Action::WaitPayload { id, timeout },
            Stage::Kill { grace, .. } => Action::KillPayload { id, grace },
            Stage::Judge { next, worst, .. } => match self.payload.checks.get(next) {
                Some(check) => match check.metric() {
                    Some(metric) => Action::ReadMetric { id, metric },
                    None => {
                        self.judge(run, None, observer);
                        return Turn::Next;
                    }
                },
                None => match hint_at(self.payload, next) {
                    Some(hint) => Action::ReadMetric { id, metric: hint.name },
                    None if worst.is_good() => return Turn::Done,
                    None => {
                        self.stage = Stage::Read;
                        return Turn::Next;
                    }
                },
            },
            Stage::Read => Action::ReadOutput { id },
        };
        Turn::Act
    }

    fn answered(
        &mut self,
        run: &mut Run<'_, 'a>,
        _: &Action<'a>,
        outcome: &Outcome,
        observer: &mut dyn Observer<'a>,
    ) -> Turn<'a> {
        match self.stage {
            Stage::Wait { timeout } => {
                if let Outcome::Ended(end) = outcome {
                    return self.ended(run, *end, Some((timeout, Verdict::Pass)), observer);
                }
                self.stage = Stage::Kill { grace: DEFAULT_GRACE, late: Some(timeout) };
            }
            Stage::Kill { late, .. } => {
                let Outcome::Ended(end) = outcome else { return Turn::Done };
                return self.ended(run, *end, late.map(|timeout| (timeout, Verdict::Fail)), observer);
            }
            Stage::Judge { .. } => {
                let Outcome::Metric(metric) = outcome else { return Turn::Done };
                self.judge(run, *metric, observer);
            }
            Stage::Read => return Turn::Done,
        }
        Turn::Next
    }

    fn failed(&mut self, run: &mut Run<'_, 'a>, fault: &Fault, observer: &mut dyn Observer<'a>) -> Turn<'a> {
        match self.stage {
            Stage::Kill { .. } if run.tearing_down => {
                run.books.remove_payload(self.at);
                run.give_up(fault, Some(self.payload.name), observer);
                Turn::Done
            }
            Stage::Wait { .. } | Stage::Kill { .. } | Stage::Judge { .. } => Turn::Fail(fault.clone()),
            // Output that cannot be read ends nothing.
            Stage::Read => Turn::Done,
        }
    }
}

/// The metric that is read after the checks because reports show it, whether or not a check looks at it.
fn hint_at<'a>(payload: &Payload<'a>, next: usize) -> Option<&'a MetricHint<'a>> {
    match payload.output {
        OutputKind::Json => payload.metrics.get(next - payload.checks.len()),
        OutputKind::ExitCode => None,
    }
}
