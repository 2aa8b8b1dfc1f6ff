//! Plays a scenario: hands out one [`Action`] at a time and takes its [`Outcome`] before the next.
//! It reads no clock and touches nothing; what happens in what order is decided here and nowhere else.

mod below;
mod books;
mod chain;
mod frame;
mod ops;
mod play;
mod run;
mod shares;
mod teardown;
mod watch;

pub use books::Record;

use crate::execute::action::{Action, ActionKind};
use crate::execute::fault::{Fault, FaultKind};
use crate::execute::observer::{Asked, Event, Observer};
use crate::execute::outcome::Outcome;
use crate::execute::play::RunError;
use crate::judge::verdict::Verdict;
use crate::model::checks::CheckKind;
use crate::model::comparison::Tally;
use crate::model::cpuset::CpuSet;
use crate::model::knob::KnobSet;
use crate::model::site::Site;
use crate::report::summary::Report;
use crate::validate::Checked;
use books::Books;
use core::time::Duration;
use frame::{Frame, Turn};
use heapless::Vec;
use play::{Cursor, Play};
use run::Run;

/// Frames under way at the same time: playing, one item of the scenario, and one part of it.
const DEPTH: usize = 4;

/// The state of a run. What it knows to exist is in records that the caller lends, so that a run costs what
/// it does and not what there is room for.
///
/// A backend is driven by calling [`next`](Self::next), carrying the action out, and handing its outcome to
/// [`resume`](Self::resume), until `next` gives none. [`play`](crate::play) is that loop.
#[derive(Debug)]
pub struct Executor<'s, 'a> {
    run: Run<'s, 'a>,
    stack: Vec<Frame<'a>, DEPTH>,
    /// The last action that was asked for, and whether its outcome is still to come.
    action: Action<'a>,
    asked: bool,
    started_at: Option<Duration>,
}

impl<'s, 'a> Executor<'s, 'a> {
    /// The run of a scenario, before its first action, in at least [`Checked::records_needed`] records. What
    /// they hold does not matter.
    ///
    /// # Errors
    /// [`RunError::Room`] when there are fewer.
    pub fn new(
        checked: &Checked<'s, 'a>,
        records: &'s mut [Record<'a>],
        seed: u64,
    ) -> Result<Self, RunError<'a>> {
        let needed = if checked.forced { checked.named } else { checked.records_needed() };
        if records.len() < needed {
            return Err(RunError::Room { what: "records", needed, room: records.len() });
        }
        let mut stack = Vec::new();
        let _ = stack.push(Frame::Play(Play));
        let run = Run {
            scenario: checked.scenario,
            topology: checked.topology,
            items: checked.items,
            seed,
            controllers: checked.controllers,
            books: Books::new(records, checked.named),
            cursor: Cursor::START,
            site: Site::Scenario,
            subject: "",
            expecting: None,
            plans: false,
            next_group: 0,
            next_payload: 0,
            waiting: 0,
            starts: 0,
            era: 0,
            watches: checked.scenario.expects(CheckKind::Isolation),
            tearing_down: false,
            notes: checked.needs().notes,
            unmodelled: KnobSet::NONE,
            without_effect: KnobSet::NONE,
            scheduler: None,
            aside: CpuSet::EMPTY,
            report: Report::NOTHING,
        };
        Ok(Self { run, stack, action: Action::Finish, asked: false, started_at: None })
    }

    /// The same on a backend where these control files have no effect: see
    /// [`Backend::unmodelled`](crate::Backend::unmodelled).
    #[must_use]
    pub fn without(mut self, unmodelled: KnobSet) -> Self {
        self.run.unmodelled = unmodelled;
        self
    }

    /// The same on a backend that carries nothing out: what has to fail is taken to do so.
    #[must_use]
    pub fn planning(mut self, plans: bool) -> Self {
        self.run.plans = plans;
        self
    }

    /// The next action and what of the scenario asks for it; `None` at the end. Until the outcome is handed
    /// over, the same action is given again.
    pub fn next<O: Observer<'a>>(&mut self, observer: &mut O) -> Option<Asked<'_, 'a>> {
        while !self.asked {
            let frame = self.stack.last_mut()?;
            match frame.part().ask(&mut self.run, &mut self.action, observer) {
                Turn::Act => {
                    self.asked = true;
                    observer.before(self.run.site, &self.action);
                }
                turn => self.turn(turn, observer),
            }
        }
        Some(Asked { seq: self.run.report.actions, site: self.run.site, action: &self.action })
    }

    /// Takes the outcome of the last action; `at` is the backend's clock when it was known. Without an action
    /// under way nothing happens.
    pub fn resume<O: Observer<'a>>(&mut self, at: Duration, outcome: &Outcome, observer: &mut O) {
        if !core::mem::take(&mut self.asked) {
            return;
        }
        let run = &mut self.run;
        let since = at.saturating_sub(*self.started_at.get_or_insert(at));
        let (seq, site, action) = (run.report.actions, run.site, self.action);
        observer.event(&Event { seq, at: since, site, action, outcome });
        run.report.actions += 1;
        run.era += u32::from(passes_time(&action));
        run.report.elapsed = since;
        let Some(frame) = self.stack.last_mut() else { return };
        if *outcome == Outcome::Done {
            run.note_write(&action, observer);
        }
        let turn = match outcome {
            Outcome::Failed(fault) if fault.kind == FaultKind::Crashed => {
                run.note_error(site, fault.clone());
                self.stack.clear();
                return;
            }
            Outcome::Failed(fault) => frame.part().failed(run, fault, observer),
            Outcome::SchedulerDied if self.action.is_answered_by(outcome) && !run.tearing_down => {
                return self.break_off();
            }
            outcome if self.action.is_answered_by(outcome) => {
                frame.part().answered(run, &self.action, outcome, observer)
            }
            outcome => {
                let fault = Fault::other_answer(&self.action, outcome);
                if !run.tearing_down {
                    return self.abort(fault);
                }
                run.note_error(site, fault.clone());
                frame.part().failed(run, &fault, observer)
            }
        };
        self.turn(turn, observer);
    }

    /// Judges the comparisons of the scenario, at its end, by what each side of them came to.
    pub(crate) fn compare<O: Observer<'a>>(&mut self, tallies: &[[Tally; 2]], observer: &mut O) {
        let comparisons = self.run.scenario.compare.iter();
        for (comparison, sides) in comparisons.zip(tallies) {
            let figures = sides.map(|side| side.value(comparison.metric));
            self.run.judge_comparison(comparison, figures, observer);
        }
    }

    /// When the first outcome was known, by the backend's clock: what the times of a run count from.
    pub(crate) fn began(&self) -> Option<Duration> {
        self.started_at
    }

    /// What the run has come to so far; final once [`next`](Self::next) gives no more actions.
    pub fn report(&self) -> Report {
        let mut report = self.run.report.clone();
        report.verdict = match &report.error {
            _ if report.leftovers > 0 => Verdict::Fail,
            // Neither says anything of what was to be judged; what was judged before counts.
            Some((_, fault)) if fault.kind == FaultKind::Interrupted || fault.is_environment() => {
                report.verdict.and(Verdict::Inconclusive)
            }
            Some(_) => Verdict::Fail,
            // Where there was something to judge and nothing could be, that it went through is no pass.
            None if self.run.cursor.has_played() && report.checks == 0 => Verdict::Pass,
            None => report.verdict,
        };
        report
    }

    fn turn(&mut self, turn: Turn<'a>, observer: &mut dyn Observer<'a>) {
        match turn {
            Turn::Act | Turn::Next => {}
            Turn::Call(frame) => self.push(frame),
            Turn::Done => {
                self.stack.pop();
            }
            Turn::Fail(fault) if self.run.tearing_down => {
                if fault.kind != FaultKind::Interrupted {
                    self.run.note_error(self.run.site, fault);
                }
                self.stack.pop();
            }
            // What was under way ends here, as it has to.
            Turn::Fail(fault) if self.run.has_to_fail(&fault, observer) => self.stack.truncate(1),
            Turn::Fail(fault) => self.abort_unexpected(fault, observer),
        }
    }

    /// Ends the playing; where something else had to go wrong, that is what is said.
    fn abort_unexpected(&mut self, fault: Fault, observer: &mut dyn Observer<'a>) {
        match self.run.expecting.take() {
            Some(errno) if fault.kind != FaultKind::Interrupted => {
                self.run.judge_failure(errno, Some(fault.errno), observer);
                self.abort(Fault::not_as_expected(errno, &fault));
            }
            _ => self.abort(fault),
        }
    }

    fn push(&mut self, frame: Frame<'a>) {
        let pushed = self.stack.push(frame);
        debug_assert!(pushed.is_ok(), "no frame calls deeper than {DEPTH}");
    }

    /// Ends the playing: what is under way is dropped, teardown comes next.
    fn abort(&mut self, fault: Fault) {
        self.run.note_error(self.run.site, fault);
        self.break_off();
    }

    /// Drops what is under way and goes over to the teardown.
    fn break_off(&mut self) {
        self.stack.clear();
        self.run.cursor.break_off();
        self.push(Frame::Play(Play));
    }
}

/// Whether an action takes time that the scenario asks for.
const fn passes_time(action: &Action<'_>) -> bool {
    if let Action::CheckFile { check, .. } = action {
        return check.within.is_some();
    }
    matches!(action.kind(), ActionKind::Hold | ActionKind::WaitPayload | ActionKind::KillPayload)
}

#[cfg(test)]
mod tests;
