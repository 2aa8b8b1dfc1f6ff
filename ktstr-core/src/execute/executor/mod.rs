//! Plays a scenario: hands out one [`Action`] at a time and takes its [`Outcome`] before the next.
//! It reads no clock and touches nothing; what happens in what order is decided here and nowhere else.

mod cgroups;
mod frame;
mod payloads;
mod play;

mod run;
mod table;
mod tables;
mod teardown;
mod workers;

pub use run::{
    DEFAULT_ROOM, LARGE_ROOM, LARGE_STACK, RunError, execute_defs, execute_fitting, execute_scenario,
    execute_steps, execute_unchecked, prepare,
};
pub use tables::MAX_IRQS;

use crate::execute::action::{Action, GroupId, PayloadId};
use crate::execute::fault::{Fault, FaultKind};
use crate::execute::observer::{CheckResult, Event, Observer};
use crate::execute::outcome::Outcome;
use crate::judge::judgement::Judgement;
use crate::judge::verdict::Verdict;
use crate::model::controllers::Controllers;
use crate::model::scenario::Scenario;
use crate::model::site::Site;
use crate::model::topology::Topology;
use crate::report::summary::Report;
use core::time::Duration;
use frame::{Frame, Turn};
use heapless::Vec;
use play::{Cursor, Slot};
use tables::Tables;

/// Frames under way at the same time: playing, one item of the scenario, and one part of it.
const DEPTH: usize = 4;

/// The state of a run, with room for `N` cgroups, groups of workers and payloads at the same time.
///
/// A backend is driven by calling [`next`](Self::next), carrying the action out, and handing its outcome to
/// [`resume`](Self::resume), until `next` gives none. [`execute_scenario`] is that loop.
#[derive(Debug)]
pub struct Executor<'a, const N: usize = DEFAULT_ROOM> {
    scenario: &'a Scenario<'a>,
    topology: Topology,
    seed: u64,
    controllers: Controllers,
    tables: Tables<'a, N>,
    stack: Vec<Frame<'a>, DEPTH>,
    cursor: Cursor,
    asked: Option<(Site, Action<'a>)>,
    site: Site,
    next_group: u32,
    next_payload: u32,
    /// Groups created and not yet started.
    waiting: u32,
    tearing_down: bool,
    started_at: Option<Duration>,
    report: Report,
}

impl<'a, const N: usize> Executor<'a, N> {
    /// The run of a scenario on a machine, before its first action. The scenario should be valid: one that is not is
    /// played as far as it goes, which tests use to see it go wrong.
    pub fn new(scenario: &'a Scenario<'a>, topology: &Topology, seed: u64) -> Self {
        let mut stack = Vec::new();
        let _ = stack.push(Frame::Play);
        Self {
            scenario,
            topology: *topology,
            seed,
            controllers: scenario.controllers(),
            tables: Tables::new(),
            stack,
            cursor: Cursor::START,
            asked: None,
            site: Site::Scenario,
            next_group: 0,
            next_payload: 0,
            waiting: 0,
            tearing_down: false,
            started_at: None,
            report: Report {
                verdict: Verdict::Skip,
                error: None,
                actions: 0,
                checks: 0,
                failed: 0,
                leftovers: 0,
                elapsed: Duration::ZERO,
            },
        }
    }

    /// The next action and what of the scenario asks for it; `None` at the end. Until the outcome is handed over, the
    /// same action is given again.
    pub fn next<O: Observer<'a>>(&mut self, observer: &mut O) -> Option<(Site, &Action<'a>)> {
        while self.asked.is_none() {
            let frame = self.stack.pop()?;
            match self.advance(frame, observer) {
                Turn::Act(frame, action) => {
                    self.push(frame);
                    let (site, action) = self.asked.insert((self.site, action));
                    observer.before(*site, action);
                }
                Turn::Call(frame, called) => {
                    self.push(frame);
                    self.push(called);
                }
                Turn::Next(frame) => self.push(frame),
                Turn::Done => {}
                Turn::Fail(fault) if self.tearing_down => self.note_error(self.site, fault),
                Turn::Fail(fault) => self.abort(self.site, fault),
            }
        }
        self.asked.as_ref().map(|(site, action)| (*site, action))
    }

    /// Takes the outcome of the last action; `at` is the backend's clock when it was known. Without an action under
    /// way nothing happens.
    pub fn resume<O: Observer<'a>>(&mut self, at: Duration, outcome: &Outcome, observer: &mut O) {
        let Some((site, action)) = self.asked.take() else { return };
        let started_at = *self.started_at.get_or_insert(at);
        let since = at.saturating_sub(started_at);
        observer.event(&Event { seq: self.report.actions, at: since, site, action, outcome });
        self.report.actions += 1;
        self.report.elapsed = since;
        let Some(frame) = self.stack.pop() else { return };
        match outcome {
            Outcome::Failed(fault) if fault.kind == FaultKind::Crashed => {
                self.stack.clear();
                self.note_error(site, fault.clone());
            }
            Outcome::Failed(fault) => match self.excuse(frame, &action) {
                Some(Turn::Next(frame)) => self.push(frame),
                Some(_) => {}
                None if self.tearing_down => self.give_up(frame, &action, fault, observer),
                None => self.abort(site, fault.clone()),
            },
            _ => match self.absorb(frame, &action, outcome, observer) {
                Turn::Next(frame) => self.push(frame),
                Turn::Fail(fault) if self.tearing_down => self.give_up(frame, &action, &fault, observer),
                Turn::Fail(fault) => self.abort(site, fault),
                _ => {}
            },
        }
    }

    /// What the run has come to so far; final once [`next`](Self::next) gives no more actions.
    pub fn report(&self) -> Report {
        let mut report = self.report.clone();
        report.verdict = match &report.error {
            _ if report.leftovers > 0 => Verdict::Fail,
            // Neither says anything of what was to be judged; what was judged before counts.
            Some((_, fault)) if fault.kind == FaultKind::Interrupted || fault.is_environment() => {
                report.verdict.and(Verdict::Inconclusive)
            }
            Some(_) => Verdict::Fail,
            None if self.cursor.has_played() => report.verdict.and(Verdict::Pass),
            None => report.verdict,
        };
        report
    }

    fn advance<O: Observer<'a>>(&mut self, frame: Frame<'a>, observer: &mut O) -> Turn<'a> {
        match frame {
            Frame::Play => self.play(),
            Frame::ReadProcs { path, tag } => Turn::Act(frame, Action::ReadProcs { path, tag }),
            Frame::SteerIrq { irq, cpu } => self.steer_irq(irq, cpu),
            Frame::Create { path, def, stage } => self.create(path, def, stage),
            Frame::Spawn { placement, work } => self.spawn(placement, work),
            Frame::StartPayload { payload, args, placement } => self.start_payload(payload, args, placement),
            Frame::Cpuset { path, cpus, written } => self.change_cpuset(path, cpus, written),
            Frame::Swap { a, b, cpus, done } => self.swap_cpusets(a, b, cpus, done),
            Frame::Affinity { path, intent, next } => self.change_affinity(path, intent, next),
            Frame::Move { from, to, moving } => self.move_groups(from, to, moving),
            Frame::Freeze { path, frozen } => self.freeze(path, frozen),
            Frame::Stop { group, stage } => self.stop(group, stage, observer),
            Frame::End { id, ending } => self.end_payload(id, ending, observer),
            Frame::Clear { path, remove, killed } => self.clear(path, remove, killed),
            Frame::TearDown { owner, killed } => self.tear_down(owner, killed),
            Frame::Finish => self.finish(),
        }
    }

    /// Takes a success in: what it made is noted, and the frame goes on from there.
    fn absorb<O: Observer<'a>>(
        &mut self,
        frame: Frame<'a>,
        action: &Action<'a>,
        outcome: &Outcome,
        observer: &mut O,
    ) -> Turn<'a> {
        if let Action::EnableControllers { path, controllers } = *action {
            if let Some(cgroup) = self.tables.cgroup_mut(path) {
                cgroup.enabled = cgroup.enabled.or(controllers);
            }
            return Turn::Next(frame);
        }
        match frame {
            Frame::Play => self.played(action),
            Frame::ReadProcs { .. } => Turn::Done,
            Frame::SteerIrq { irq, .. } => self.irq_steered(irq),
            Frame::Create { path, def, stage } => self.created(path, def, stage, action),
            Frame::Spawn { .. } => self.spawned(action),
            Frame::StartPayload { payload, placement, .. } => self.payload_started(payload, placement),
            Frame::Cpuset { .. } | Frame::Swap { .. } => self.cpuset_changed(frame, action, outcome),
            Frame::Affinity { .. } => Turn::Next(frame),
            Frame::Move { from, to, moving } => self.moved(from, to, moving, outcome),
            Frame::Freeze { path, frozen } => self.frozen(path, frozen),
            Frame::Stop { group, stage } => self.stopped(group, stage, outcome, observer),
            Frame::End { id, ending } => self.payload_ended(id, ending, outcome, observer),
            Frame::Clear { path, remove, .. } => self.cleared(path, remove, action),
            Frame::TearDown { owner, .. } => self.torn_down(owner, action),
            Frame::Finish => self.finished(action),
        }
    }

    fn steer_irq(&mut self, irq: u32, cpu: u32) -> Turn<'a> {
        if self.tables.irqs.is_full() && !self.tables.irqs.contains(&irq) {
            return Turn::Fail(Fault::new(FaultKind::NoRoom, "interrupts to direct back"));
        }
        Turn::Act(Frame::SteerIrq { irq, cpu }, Action::SteerIrq { irq, cpu })
    }

    /// A steered interrupt is noted, so that it is directed back.
    fn irq_steered(&mut self, irq: u32) -> Turn<'a> {
        if !self.tables.irqs.contains(&irq) {
            let noted = self.tables.irqs.push(irq);
            debug_assert!(noted.is_ok(), "room was checked before");
        }
        Turn::Done
    }

    fn push(&mut self, frame: Frame<'a>) {
        let pushed = self.stack.push(frame);
        debug_assert!(pushed.is_ok(), "no frame calls deeper than {DEPTH}");
    }

    /// Ends the playing: what is under way is dropped, teardown comes next.
    fn abort(&mut self, site: Site, fault: Fault) {
        self.note_error(site, fault);
        self.stack.clear();
        self.cursor.slot = Slot::Broken;
        self.push(Frame::Play);
    }

    fn note_error(&mut self, site: Site, fault: Fault) {
        if self.report.error.is_none() {
            self.report.error = Some((site, fault));
        }
    }

    fn tell<O: Observer<'a>>(
        &mut self,
        observer: &mut O,
        subject: &'a str,
        metric: Option<&'a str>,
        group: Option<GroupId>,
        judged: Judgement,
    ) {
        let Judgement { kind, value, bound, verdict, witness } = judged;
        self.report.checks += 1;
        self.report.failed += u32::from(verdict == Verdict::Fail);
        self.report.verdict = self.report.verdict.and(verdict);
        observer.check(&CheckResult { kind, subject, metric, value, bound, verdict, group, witness });
    }

    fn new_group(&mut self) -> GroupId {
        self.next_group += 1;
        GroupId(self.next_group - 1)
    }

    fn new_payload(&mut self) -> PayloadId {
        self.next_payload += 1;
        PayloadId(self.next_payload - 1)
    }
}

#[cfg(test)]
mod tests;
