//! What a run says while it goes: events, judgements, leftovers. Whoever keeps them decides how long.

use crate::execute::action::{Action, GroupId, PayloadId};
use crate::execute::channel::Evidence;
use crate::execute::notice::Notice;
use crate::execute::outcome::{Outcome, PayloadEnd, SchedulerEnd};
use crate::judge::judgement::Witness;
use crate::judge::unjudged::Unjudged;
use crate::judge::verdict::Verdict;
use crate::model::checks::CheckKind;
use crate::model::comparison::Comparison;
use crate::model::file_check::FileCheck;
use crate::model::knob::Knob;
use crate::model::payload::Payload;
use crate::model::placement::Placement;
use crate::model::scheduler::Scheduler;
use crate::model::site::Site;
use crate::report::group_phase::{GroupPhase, Phase};
use crate::report::worker_report::WorkerReport;
use core::time::Duration;
use serde::Serialize;

/// One action that is being carried out: what evidence and notices come with.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Asked<'e, 'a> {
    /// Its number, from 0, as in the [`Event`] that follows.
    pub seq: u32,
    /// What asked for it.
    pub site: Site,
    /// What was asked.
    pub action: &'e Action<'a>,
}

/// One action and what came of it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Event<'e, 'a> {
    /// Its number, from 0.
    pub seq: u32,
    /// When the outcome was known, from the start of the run, by the backend's clock.
    pub at: Duration,
    /// What asked for it.
    pub site: Site,
    /// What was asked.
    pub action: Action<'a>,
    /// What came of it.
    pub outcome: &'e Outcome,
}

/// One judgement.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CheckResult<'a> {
    /// What was judged.
    pub kind: CheckKind,
    /// The cgroup of the workers, empty for the runner's; or the name of the payload or scheduler.
    pub subject: &'a str,
    /// The metric, for payloads' metric checks.
    pub metric: Option<&'a str>,
    /// What was expected of a file, where that was judged.
    pub file: Option<&'a FileCheck<'a>>,
    /// The comparison, where one was judged.
    pub comparison: Option<&'a Comparison<'a>>,
    /// The worst value seen; `None` when there was nothing to measure.
    pub value: Option<f64>,
    /// The bound it was held against.
    pub bound: f64,
    /// How it ended.
    pub verdict: Verdict,
    /// The group of workers, where one was judged.
    pub group: Option<GroupId>,
    /// Whom or what the value was seen of.
    pub witness: Witness,
    /// Why it was skipped, where it was.
    pub unjudged: Option<Unjudged>,
}

/// Listens to a run. Every method does nothing unless it is written.
pub trait Observer<'a> {
    /// Whether it wants to know what workers did in each phase: backends measure that only if so.
    fn wants_phases(&self) -> bool {
        false
    }

    /// A phase has ended; what each group did in it follows.
    fn phase(&mut self, _phase: &Phase<'a>) {}

    /// What a group of workers did in a phase, and where it was when that, or the group, ended. Groups come
    /// in the order of their numbers, those that were not started not at all.
    fn phase_group(
        &mut self,
        _phase: &Phase<'a>,
        _group: GroupId,
        _at: Placement<'_>,
        _figures: &GroupPhase,
    ) {
    }

    /// An action is about to be carried out.
    fn before(&mut self, _site: Site, _action: &Action<'a>) {}

    /// The next piece of what an action has found. The action's event follows the last piece; where it has
    /// failed, there may be pieces missing.
    fn evidence(&mut self, _asked: &Asked<'_, 'a>, _piece: &Evidence<'_>) {}

    /// Something happened that nobody asked for; the backend has learned of it during this action, which may
    /// have nothing to do with it. `at` is when, from the start of the run, by the backend's clock.
    fn notice(&mut self, _asked: &Asked<'_, 'a>, _at: Duration, _notice: &Notice<'_>) {}

    /// An action was carried out, or was not.
    fn event(&mut self, _event: &Event<'_, 'a>) {}

    /// A worker of a group that was stopped, and where it was.
    fn worker(&mut self, _group: GroupId, _at: Placement<'a>, _worker: u32, _report: &WorkerReport) {}

    /// A payload has ended, and where it ran.
    fn payload(&mut self, _id: PayloadId, _payload: &'a Payload<'a>, _at: Placement<'a>, _end: &PayloadEnd) {}

    /// A scheduler was detached, or had left.
    fn scheduler(&mut self, _scheduler: &'a Scheduler<'a>, _end: &SchedulerEnd) {}

    /// A judgement.
    fn check(&mut self, _result: &CheckResult<'a>) {}

    /// A control file of a cgroup was set that has no effect on the backend; again with each write.
    fn unmodelled(&mut self, _path: &'a str, _knob: Knob) {}

    /// A cgroup that could not be removed, or an interrupt that could not be directed back; why is in the
    /// event before.
    fn leftover(&mut self, _path: &'a str) {}
}

/// Listens to nothing.
impl Observer<'_> for () {}

impl<'a, O: Observer<'a> + ?Sized> Observer<'a> for &mut O {
    fn wants_phases(&self) -> bool {
        (**self).wants_phases()
    }

    fn phase(&mut self, phase: &Phase<'a>) {
        (**self).phase(phase);
    }

    fn phase_group(&mut self, phase: &Phase<'a>, group: GroupId, at: Placement<'_>, figures: &GroupPhase) {
        (**self).phase_group(phase, group, at, figures);
    }

    fn before(&mut self, site: Site, action: &Action<'a>) {
        (**self).before(site, action);
    }

    fn evidence(&mut self, asked: &Asked<'_, 'a>, piece: &Evidence<'_>) {
        (**self).evidence(asked, piece);
    }

    fn notice(&mut self, asked: &Asked<'_, 'a>, at: Duration, notice: &Notice<'_>) {
        (**self).notice(asked, at, notice);
    }

    fn event(&mut self, event: &Event<'_, 'a>) {
        (**self).event(event);
    }

    fn worker(&mut self, group: GroupId, at: Placement<'a>, worker: u32, report: &WorkerReport) {
        (**self).worker(group, at, worker, report);
    }

    fn payload(&mut self, id: PayloadId, payload: &'a Payload<'a>, at: Placement<'a>, end: &PayloadEnd) {
        (**self).payload(id, payload, at, end);
    }

    fn scheduler(&mut self, scheduler: &'a Scheduler<'a>, end: &SchedulerEnd) {
        (**self).scheduler(scheduler, end);
    }

    fn check(&mut self, result: &CheckResult<'a>) {
        (**self).check(result);
    }

    fn unmodelled(&mut self, path: &'a str, knob: Knob) {
        (**self).unmodelled(path, knob);
    }

    fn leftover(&mut self, path: &'a str) {
        (**self).leftover(path);
    }
}
