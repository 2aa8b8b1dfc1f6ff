//! `AttachScheduler`, `DetachScheduler`, `ReplaceScheduler`, `RestartScheduler`, and the scheduler of the
//! Backdrop: has one detached and judged, another attached, or both in this order.

use crate::execute::action::Action;
use crate::execute::executor::frame::{Part, Turn};
use crate::execute::executor::run::Run;
use crate::execute::fault::{Fault, FaultKind};
use crate::execute::observer::Observer;
use crate::execute::outcome::Outcome;
use crate::judge::judgement::judge_scheduler;
use crate::model::scheduler::Scheduler;

/// A change of the scheduler.
#[derive(Debug, Clone, Copy)]
pub(in crate::execute::executor) struct Scheduling<'a> {
    /// Whether that which is attached has to be detached first.
    detaches: bool,
    /// What is attached then.
    attaches: Option<&'a Scheduler<'a>>,
}

impl<'a> Scheduling<'a> {
    pub(in crate::execute::executor) const fn attach(scheduler: &'a Scheduler<'a>) -> Self {
        Self { detaches: false, attaches: Some(scheduler) }
    }

    pub(in crate::execute::executor) const fn detach() -> Self {
        Self { detaches: true, attaches: None }
    }

    pub(in crate::execute::executor) const fn replace(scheduler: &'a Scheduler<'a>) -> Self {
        Self { detaches: true, attaches: Some(scheduler) }
    }
}

impl<'a> Part<'a> for Scheduling<'a> {
    fn ask(&mut self, run: &mut Run<'_, 'a>, to: &mut Action<'a>, _: &mut dyn Observer<'a>) -> Turn<'a> {
        if self.detaches {
            let Some(scheduler) = run.scheduler else {
                return Turn::Fail(Fault::new(FaultKind::Unknown, "a scheduler to detach"));
            };
            *to = Action::DetachScheduler { scheduler };
            return Turn::Act;
        }
        let Some(scheduler) = self.attaches else { return Turn::Done };
        if run.scheduler.is_some() {
            return Turn::Fail(Fault::new(FaultKind::Attached, scheduler.name));
        }
        if let Some((_, name)) = scheduler.unknown_placeholder(&run.scenario.backdrop) {
            return Turn::Fail(Fault::new(FaultKind::Unknown, name));
        }
        *to = Action::AttachScheduler { scheduler };
        Turn::Act
    }

    fn answered(
        &mut self,
        run: &mut Run<'_, 'a>,
        _: &Action<'a>,
        outcome: &Outcome,
        observer: &mut dyn Observer<'a>,
    ) -> Turn<'a> {
        if let Outcome::Detached(end) = outcome {
            self.detaches = false;
            if let Some(scheduler) = run.scheduler.take() {
                observer.scheduler(scheduler, end);
                run.judged(observer, scheduler.name, None, None, judge_scheduler(scheduler, end));
            }
            return Turn::Next;
        }
        run.scheduler = self.attaches.take();
        Turn::Done
    }

    fn failed(&mut self, run: &mut Run<'_, 'a>, fault: &Fault, observer: &mut dyn Observer<'a>) -> Turn<'a> {
        if self.detaches && run.tearing_down {
            let left = run.scheduler.take().map(|scheduler| scheduler.name);
            run.give_up(fault, left, observer);
            return Turn::Done;
        }
        Turn::Fail(fault.clone())
    }
}
