//! `MoveAllTasks`: moves each group of workers from one place to another, its watch ended before and begun
//! after, since another cpuset is in force there.

use crate::execute::action::Action;
use crate::execute::executor::books::{Owner, Strayed, Whose};
use crate::execute::executor::chain::NONE;
use crate::execute::executor::frame::{Part, Turn};
use crate::execute::executor::run::Run;
use crate::execute::fault::Fault;
use crate::execute::observer::Observer;
use crate::execute::outcome::Outcome;
use crate::model::placement::Placement;
use crate::validate::items::RUNNER;

/// Groups that are being moved.
#[derive(Debug, Clone, Copy)]
pub(in crate::execute::executor) struct Move<'a> {
    from: u32,
    to: u32,
    placement: Placement<'a>,
    stage: Stage,
    group: u32,
}

/// What comes next for the group.
#[derive(Debug, Clone, Copy)]
enum Stage {
    EndWatch,
    Move,
    BeginWatch,
    /// The group stays where it is, and is watched again.
    Restore,
}

impl<'a> Move<'a> {
    pub(in crate::execute::executor) const fn new(from: u32, to: u32, placement: Placement<'a>) -> Self {
        Self { from, to, placement, stage: Stage::EndWatch, group: NONE }
    }
}

impl<'a> Part<'a> for Move<'a> {
    fn ask(&mut self, run: &mut Run<'_, 'a>, to: &mut Action<'a>, _: &mut dyn Observer<'a>) -> Turn<'a> {
        if let Stage::EndWatch = self.stage {
            self.group = run.books.groups(Whose::In(self.from)).first;
        }
        let Some(entry) = run.books.group(self.group) else { return Turn::Done };
        let group = entry.id;
        *to = match self.stage {
            Stage::EndWatch if entry.watched => Action::EndCpuWatch { group },
            Stage::EndWatch | Stage::Move => {
                self.stage = Stage::Move;
                Action::Move { group, to: self.placement }
            }
            Stage::BeginWatch | Stage::Restore => Action::BeginCpuWatch { group },
        };
        Turn::Act
    }

    fn answered(
        &mut self,
        run: &mut Run<'_, 'a>,
        _: &Action<'a>,
        outcome: &Outcome,
        _: &mut dyn Observer<'a>,
    ) -> Turn<'a> {
        self.stage = match self.stage {
            Stage::EndWatch => {
                run.watch_ended(self.group, outcome);
                Stage::Move
            }
            Stage::Move => {
                run.books.move_group(self.group, self.to, self.placement);
                let there = run.books.cgroup(self.to).filter(|_| self.to != RUNNER);
                if there.is_some_and(|cgroup| cgroup.owner == Owner::Backdrop) {
                    run.books.change_owner(self.group, Owner::Backdrop);
                }
                let known = |group: &_| !matches!(group, Strayed::Unknown);
                let known = run.books.group(self.group).is_some_and(|group| known(&group.strayed));
                if run.watches && known { Stage::BeginWatch } else { Stage::EndWatch }
            }
            Stage::BeginWatch => {
                run.watch_begun(self.group);
                Stage::EndWatch
            }
            Stage::Restore => {
                run.watch_begun(self.group);
                return Turn::Done;
            }
        };
        Turn::Next
    }

    fn failed(&mut self, run: &mut Run<'_, 'a>, fault: &Fault, observer: &mut dyn Observer<'a>) -> Turn<'a> {
        self.stage = match self.stage {
            Stage::Move if run.has_to_fail(fault, observer) => {
                if !run.watches {
                    return Turn::Done;
                }
                self.stage = Stage::Restore;
                return Turn::Next;
            }
            Stage::Restore => return Turn::Done,
            Stage::EndWatch => Stage::Move,
            Stage::BeginWatch => Stage::EndWatch,
            Stage::Move => return Turn::Fail(fault.clone()),
        };
        run.watch_lost(self.group);
        Turn::Next
    }
}
