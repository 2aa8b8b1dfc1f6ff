//! Looping steps: the body is played once as it is and once more on what the first round has left. Two
//! rounds are enough, since the second starts where every later one does, but for numbers that grow: those
//! are worked out.

use super::walk::Walk;
use crate::model::site::Part;
use crate::model::step::Step;
use crate::validate::invalid::{Invalid, Value};
use crate::validate::rules::ErrorKind;
use core::time::Duration;

/// A `pids.max` that a later round will pass.
#[derive(Clone, Copy)]
pub(super) struct Overflow {
    /// The round, from 1.
    round: u32,
    part: Option<Part>,
    cgroup: u32,
    tasks: u64,
}

impl<'a> Walk<'_, '_, 'a> {
    /// Plays the operations of a looping step.
    pub(super) const fn rounds(&mut self, step: &Step<'a>, interval: Duration) {
        let rounds = self.round_count(interval);
        let found = self.total;
        self.round(step);
        if rounds < 2 || self.over {
            return;
        }
        let grows = rounds > 2 && self.limited;
        if grows {
            self.table.note_tasks();
        }
        let before = self.groups;
        let deadlines = self.deadlines.total();
        self.round_groups = before;
        self.again = Some(found);
        self.round(step);
        let growth = self.groups.saturating_sub(before);
        let most = self.round_groups.saturating_add(growth.saturating_mul(rounds - 2));
        if most > self.needs.groups {
            self.needs.groups = most;
        }
        let added = self.deadlines.total().saturating_sub(deadlines);
        let mut played = 2;
        if grows && self.table.take_growth() {
            self.last_round(step, rounds, found);
            self.table.forget_growth();
            played = 3;
        }
        if added > 0 && rounds > played {
            self.crowded_round(step, rounds - played, added, found);
        }
        self.again = None;
    }

    const fn round(&mut self, step: &Step<'a>) {
        self.ops(step.ops, step.setup.len());
    }

    /// Plays a third round, and works out from it where tasks will be too many first, if they ever are.
    const fn last_round(&mut self, step: &Step<'a>, rounds: u32, found: usize) {
        self.overflow = None;
        self.again = Some(found);
        self.round(step);
        let Some(Overflow { round, part, cgroup, tasks }) = self.overflow else { return };
        if round <= rounds {
            (self.again, self.part) = (Some(found), part);
            self.note(Invalid {
                value: Value::Count(tasks),
                limit: Value::Count(self.cgroup(cgroup).pids as u64),
                ..Invalid::new(ErrorKind::PidsTooFew, self.site(), self.name_of(cgroup))
            });
        }
    }

    /// Plays the round in which deadlines that every round adds are too many, if there is one among the
    /// `left` rounds.
    const fn crowded_round(&mut self, step: &Step<'a>, left: u32, added: u64, found: usize) {
        let Some(most) = self.most_bandwidth() else { return };
        let fit = most.saturating_sub(self.deadlines.total()) / added;
        if fit < left as u64 {
            self.deadlines.skip(fit * added);
            self.again = Some(found);
            self.round(step);
            self.deadlines.skip(0);
        }
    }

    /// In the third round, at an operation that has just started tasks below a `pids.max`: the round in which
    /// this operation will pass it.
    #[cold]
    pub(super) const fn foresee(&mut self, at: u32) {
        let cgroup = self.cgroup(at);
        let (tasks, pids, growth) = (cgroup.tasks as u64, cgroup.pids as u64, cgroup.growth as u64);
        let later = (pids + 1).saturating_sub(tasks).div_ceil(growth);
        let round = later.saturating_add(3);
        let sooner = match &self.overflow {
            Some(known) => round < known.round as u64,
            None => round <= u32::MAX as u64,
        };
        if sooner {
            let tasks = tasks + later * growth;
            self.overflow = Some(Overflow { round: round as u32, part: self.part, cgroup: at, tasks });
        }
    }

    /// How many rounds fit what is left of the duration; with an interval that makes no sense the first is
    /// the last.
    const fn round_count(&self, interval: Duration) -> u32 {
        let left = self.scenario.duration.saturating_sub(self.spent).as_nanos();
        let interval = interval.as_nanos();
        if interval == 0 || interval > left {
            return 1;
        }
        let rounds = left.div_ceil(interval);
        if rounds > u32::MAX as u128 { u32::MAX } else { rounds as u32 }
    }
}
