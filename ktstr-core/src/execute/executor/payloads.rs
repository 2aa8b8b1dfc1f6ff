//! Starting and ending payloads, judging how they ended, and asking for the last words of those that failed.

use super::Executor;
use super::frame::{Ending, Frame, Turn};
use super::tables::Running;
use crate::execute::action::{Action, PayloadId};
use crate::execute::fault::{Fault, FaultKind};
use crate::execute::observer::Observer;
use crate::execute::outcome::{Outcome, PayloadEnd};
use crate::judge::judgement::{Judgement, Witness, judge_payload};
use crate::judge::verdict::Verdict;
use crate::model::checks::CheckKind;
use crate::model::op::DEFAULT_GRACE;
use crate::model::payload::{MetricHint, OutputKind, Payload};
use crate::model::placement::Placement;
use crate::report::last_words::{OutputPart, PARTS, Stream};
use core::time::Duration;

impl<'a, const N: usize> Executor<'a, N> {
    pub(super) fn find_payload(
        &self,
        name: &str,
        place: Option<Placement<'_>>,
    ) -> Result<Running<'a>, Fault> {
        let found = self.tables.payload_named(name, place);
        found.ok_or_else(|| Fault::new(FaultKind::Unknown, name))
    }

    pub(super) fn start_payload(
        &mut self,
        payload: &'a Payload<'a>,
        args: &'a [&'a str],
        placement: Placement<'a>,
    ) -> Turn<'a> {
        if self.tables.payload_named(payload.name, Some(placement)).is_some() {
            return Turn::Fail(Fault::new(FaultKind::Running, payload.name));
        }
        if self.tables.payloads.is_full() {
            return Turn::Fail(Fault::new(FaultKind::NoRoom, payload.name));
        }
        let action = Action::StartPayload { id: PayloadId(self.next_payload), payload, args, placement };
        Turn::Act(Frame::StartPayload { payload, args, placement }, action)
    }

    pub(super) fn payload_started(&mut self, payload: &'a Payload<'a>, placement: Placement<'a>) -> Turn<'a> {
        let running = Running { id: self.new_payload(), payload, placement, owner: self.owner() };
        let noted = self.tables.payloads.push(running);
        debug_assert!(noted.is_ok(), "room was checked before");
        Turn::Done
    }

    pub(super) fn end_payload<O: Observer<'a>>(
        &mut self,
        id: PayloadId,
        ending: Ending<'a>,
        observer: &mut O,
    ) -> Turn<'a> {
        let frame = Frame::End { id, ending };
        let (running, end, next, mut worst) = match ending {
            Ending::Wait { timeout } => return Turn::Act(frame, Action::WaitPayload { id, timeout }),
            Ending::Kill { grace, .. } => return Turn::Act(frame, Action::KillPayload { id, grace }),
            Ending::Judge { running, end, next, worst } => (running, end, next, worst),
            Ending::Tell { end, stream, part } => return Self::tell_output(id, end, stream, part, observer),
        };
        let Some(check) = running.payload.checks.get(next) else {
            return match hint_at(running.payload, next) {
                Some(hint) => Turn::Act(frame, Action::ReadMetric { id, metric: hint.name }),
                None if worst.is_good() => Turn::Done,
                None => Turn::Next(told_from(id, end, Stream::Stdout)),
            };
        };
        if let Some(metric) = check.metric() {
            return Turn::Act(frame, Action::ReadMetric { id, metric });
        }
        for judged in judge_payload(check, &end, None).into_iter().flatten() {
            worst = worst.and(judged.verdict);
            self.tell(observer, running.payload.name, None, None, judged);
        }
        Turn::Next(Frame::End { id, ending: Ending::Judge { running, end, next: next + 1, worst } })
    }

    pub(super) fn payload_ended<O: Observer<'a>>(
        &mut self,
        id: PayloadId,
        ending: Ending<'a>,
        outcome: &Outcome,
        observer: &mut O,
    ) -> Turn<'a> {
        let ending = match (ending, outcome) {
            (Ending::Wait { timeout }, Outcome::TimedOut) => {
                Ending::Kill { grace: DEFAULT_GRACE, late: Some(timeout) }
            }
            (Ending::Wait { timeout }, Outcome::Ended(end)) => {
                return self.judge_end(id, *end, Some((timeout, Verdict::Pass)), observer);
            }
            (Ending::Kill { late, .. }, Outcome::Ended(end)) => {
                return self.judge_end(id, *end, late.map(|timeout| (timeout, Verdict::Fail)), observer);
            }
            (Ending::Judge { running, end, next, mut worst }, Outcome::Metric(value)) => {
                if let Some(check) = running.payload.checks.get(next) {
                    for judged in judge_payload(check, &end, *value).into_iter().flatten() {
                        worst = worst.and(judged.verdict);
                        self.tell(observer, running.payload.name, check.metric(), None, judged);
                    }
                }
                Ending::Judge { running, end, next: next + 1, worst }
            }
            (Ending::Tell { end, stream, part }, Outcome::Output(told)) => {
                observer.last_words(id, stream, told);
                return match part + 1 {
                    part if told.more && part < PARTS => {
                        Turn::Next(Frame::End { id, ending: Ending::Tell { end, stream, part } })
                    }
                    _ => told_after(id, end, stream),
                };
            }
            _ => {
                return Turn::Fail(Fault::new(
                    FaultKind::System,
                    "the backend gave an answer of another kind",
                ));
            }
        };
        Turn::Next(Frame::End { id, ending })
    }

    fn judge_end<O: Observer<'a>>(
        &mut self,
        id: PayloadId,
        end: PayloadEnd,
        waited: Option<(Duration, Verdict)>,
        observer: &mut O,
    ) -> Turn<'a> {
        let found = self.tables.payloads.iter().find(|running| running.id == id).copied();
        let Some(running) = found else { return Turn::Done };
        self.tables.forget_payload(id);
        observer.payload(id, running.payload, running.placement, &end);
        if let Some((timeout, verdict)) = waited {
            let judged = Judgement {
                kind: CheckKind::EndedInTime,
                value: Some(end.wall_ns as f64),
                bound: timeout.as_nanos() as f64,
                verdict,
                witness: Witness::Payload(end.status),
            };
            self.tell(observer, running.payload.name, None, None, judged);
        }
        let worst = waited.map_or(Verdict::Skip, |(_, verdict)| verdict);
        Turn::Next(Frame::End { id, ending: Ending::Judge { running, end, next: 0, worst } })
    }

    /// Asks for a part of the output of a payload that has failed; what was never written need not be asked for.
    fn tell_output<O: Observer<'a>>(
        id: PayloadId,
        end: PayloadEnd,
        stream: Stream,
        part: u32,
        observer: &mut O,
    ) -> Turn<'a> {
        let written = match stream {
            Stream::Stdout => end.stdout_bytes,
            Stream::Stderr => end.stderr_bytes,
        };
        if written == 0 {
            observer.last_words(id, stream, &OutputPart::EMPTY);
            return told_after(id, end, stream);
        }
        let frame = Frame::End { id, ending: Ending::Tell { end, stream, part } };
        Turn::Act(frame, Action::ReadOutput { id, stream, part })
    }
}

fn told_from<'a>(id: PayloadId, end: PayloadEnd, stream: Stream) -> Frame<'a> {
    Frame::End { id, ending: Ending::Tell { end, stream, part: 0 } }
}

/// What follows when all of a stream has been told, or cannot be.
pub(super) fn told_after<'a>(id: PayloadId, end: PayloadEnd, stream: Stream) -> Turn<'a> {
    match stream {
        Stream::Stdout => Turn::Next(told_from(id, end, Stream::Stderr)),
        Stream::Stderr => Turn::Done,
    }
}

/// The metric that is read after the checks because reports show it, whether or not a check looks at it.
fn hint_at<'a>(payload: &Payload<'a>, next: usize) -> Option<&'a MetricHint<'a>> {
    match payload.output {
        OutputKind::Json => payload.metrics.get(next - payload.checks.len()),
        OutputKind::ExitCode => None,
    }
}
