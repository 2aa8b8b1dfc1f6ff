//! Taking things down. It always runs to its end: what cannot be removed is reported and left behind.

use super::books::{Books, Owner, Whose};
use super::chain::NONE;
use super::frame::{Frame, Part, Turn};
use super::ops::end_payload::End;
use super::ops::scheduling::Scheduling;
use super::ops::stop_group::Stop;
use super::run::Run;
use crate::execute::action::Action;
use crate::execute::fault::{Fault, FaultKind};
use crate::execute::observer::Observer;
use crate::execute::outcome::Outcome;

/// Stops groups of workers and ends payloads, in the order that keeps what is measured clean: all groups are
/// asked to stop before the first is waited for, so that none works on while others are collected; payloads
/// come after the workers, so that the time that one takes to end is no part of what workers measure.
#[derive(Debug, Clone, Copy)]
pub(super) struct Emptying {
    whose: Whose,
    /// The group that is asked next; `None` before the first.
    asking: Option<u32>,
}

impl Emptying {
    pub(super) const fn new(whose: Whose) -> Self {
        Self { whose, asking: None }
    }

    /// What comes next; `None` once nothing runs.
    pub(super) fn next<'a>(&mut self, books: &Books<'_, 'a>) -> Option<Frame<'a>> {
        let groups = books.groups(self.whose);
        let mut asking = self.asking.unwrap_or(groups.first);
        while let Some(group) = books.group(asking) {
            let at = asking;
            asking = books.group_after(at, self.whose);
            if !group.asked {
                self.asking = Some(asking);
                return Some(Frame::Stop(Stop::asking(at, group.id, self.whose)));
            }
        }
        self.asking = Some(NONE);
        if let Some(group) = books.group(groups.first) {
            return Some(Frame::Stop(Stop::collecting(groups.first, group.id, self.whose)));
        }
        let last = books.last_payload(self.whose);
        books.running(last).map(|running| Frame::End(End::kill(last, running)))
    }
}

/// Taking down all that shares a life: thaws, stops workers and ends payloads, with the Backdrop's detaches
/// the scheduler, removes cgroups last made first, which is children first.
#[derive(Debug, Clone, Copy)]
pub(super) struct TearDown {
    owner: Owner,
    emptying: Emptying,
    /// What was asked for last.
    asked: Asked,
    /// Whether what remained in the last cgroup was killed.
    killed: bool,
}

#[derive(Debug, Clone, Copy)]
enum Asked {
    Thaw,
    Kill,
    Remove,
}

impl TearDown {
    pub(super) const fn new(owner: Owner) -> Self {
        let emptying = Emptying::new(Whose::Of(owner));
        Self { owner, emptying, asked: Asked::Thaw, killed: false }
    }

    /// The cgroup that the last action was about is done with, or given up.
    fn done<'a>(&mut self, books: &mut Books<'_, 'a>) {
        match self.asked {
            Asked::Thaw => books.set_frozen(books.frozen_of(self.owner).first, false),
            Asked::Kill => self.killed = true,
            Asked::Remove => {
                books.remove_cgroup(books.cgroups_of(self.owner).last);
                self.killed = false;
            }
        }
    }
}

impl<'a> Part<'a> for TearDown {
    fn ask(&mut self, run: &mut Run<'_, 'a>, to: &mut Action<'a>, _: &mut dyn Observer<'a>) -> Turn<'a> {
        let books = &run.books;
        if let Some(cgroup) = books.cgroup(books.frozen_of(self.owner).first) {
            self.asked = Asked::Thaw;
            *to = Action::Thaw { path: cgroup.path };
            return Turn::Act;
        }
        if let Some(frame) = self.emptying.next(books) {
            return Turn::Call(frame);
        }
        if self.owner == Owner::Backdrop && run.scheduler.is_some() {
            return Turn::Call(Frame::Scheduling(Scheduling::detach()));
        }
        let Some(cgroup) = books.cgroup(books.cgroups_of(self.owner).last) else { return Turn::Done };
        let path = cgroup.path;
        (self.asked, *to) = if self.killed {
            (Asked::Remove, Action::RemoveCgroup { path })
        } else {
            (Asked::Kill, Action::KillRemaining { path })
        };
        Turn::Act
    }

    fn answered(
        &mut self,
        run: &mut Run<'_, 'a>,
        _: &Action<'a>,
        _: &Outcome,
        _: &mut dyn Observer<'a>,
    ) -> Turn<'a> {
        self.done(&mut run.books);
        Turn::Next
    }

    fn failed(&mut self, run: &mut Run<'_, 'a>, fault: &Fault, observer: &mut dyn Observer<'a>) -> Turn<'a> {
        let left = match self.asked {
            Asked::Thaw | Asked::Kill => None,
            // What somebody else has removed is an error, but not left.
            Asked::Remove if fault.kind == FaultKind::Missing => None,
            Asked::Remove => {
                run.books.cgroup(run.books.cgroups_of(self.owner).last).map(|cgroup| cgroup.path)
            }
        };
        run.give_up(fault, left, observer);
        self.done(&mut run.books);
        Turn::Next
    }
}

/// Directing interrupts back, the last steered first, and removing the run's own cgroup.
#[derive(Debug, Clone, Copy)]
pub(super) struct Finish;

impl<'a> Part<'a> for Finish {
    fn ask(
        &mut self,
        run: &mut Run<'_, 'a>,
        to: &mut Action<'a>,
        observer: &mut dyn Observer<'a>,
    ) -> Turn<'a> {
        // Those that stopped with one that could not be collected.
        run.judge_shares(observer);
        *to = match run.books.last_irq() {
            Some(irq) => Action::RestoreIrq { irq },
            None => Action::Finish,
        };
        Turn::Act
    }

    fn answered(
        &mut self,
        run: &mut Run<'_, 'a>,
        _: &Action<'a>,
        _: &Outcome,
        _: &mut dyn Observer<'a>,
    ) -> Turn<'a> {
        if run.books.last_irq().is_none() {
            return Turn::Done;
        }
        run.books.remove_last_irq();
        Turn::Next
    }

    fn failed(&mut self, run: &mut Run<'_, 'a>, fault: &Fault, observer: &mut dyn Observer<'a>) -> Turn<'a> {
        let of_irq = run.books.last_irq().is_some();
        run.give_up(fault, Some(if of_irq { "irq" } else { "" }), observer);
        run.books.remove_last_irq();
        if of_irq { Turn::Next } else { Turn::Done }
    }
}
