//! Looping steps: the body is played once as it stands and once more on what the first round has left. Two rounds are
//! enough, since the second starts where every later one does, but for numbers that only grow.

use super::walk::Walk;
use crate::op::Op;
use core::time::Duration;

impl<'a> Walk<'_, '_, 'a> {
    /// Plays the operations of a looping step.
    pub(super) const fn rounds(&mut self, ops: &[Op<'a>], interval: Duration) {
        let rounds = self.round_count(interval);
        let found = self.total;
        self.ops(ops);
        if rounds < 2 || self.full {
            return;
        }
        let before = self.groups;
        self.round_groups = before;
        self.again = Some(found);
        self.ops(ops);
        self.again = None;
        let growth = self.groups.saturating_sub(before);
        let most = self.round_groups.saturating_add(growth.saturating_mul(rounds - 2));
        if most > self.needs.groups {
            self.needs.groups = most;
        }
    }

    /// How many rounds fit what is left of the duration; an interval that makes no sense counts as two.
    const fn round_count(&self, interval: Duration) -> u32 {
        let left = self.scenario.duration.saturating_sub(self.spent).as_nanos();
        let interval = interval.as_nanos();
        if interval == 0 || interval > left {
            return 2;
        }
        let rounds = left.div_ceil(interval);
        if rounds > u32::MAX as u128 { u32::MAX } else { rounds as u32 }
    }
}
