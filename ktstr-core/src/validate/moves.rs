//! Moving workers from one cgroup to another, and whom they belong to afterwards.

use super::state::Life;
use super::walk::Walk;
use crate::model::placement::Placement;
use crate::validate::rules::ErrorKind;

impl<'a> Walk<'_, '_, 'a> {
    /// Moves all workers of `from` to `to`, which had the places `one` and `two` when they were looked up.
    pub(super) const fn move_all(&mut self, from: Placement<'a>, one: u32, to: Placement<'a>, two: u32) {
        if from.is(to) {
            self.report(ErrorKind::MoveSelf, from.name());
            return;
        }
        let source = self.place(from, one);
        let Placement::Cgroup(to) = to else {
            self.report(ErrorKind::MoveToRunner, from.name());
            return;
        };
        let target = self.live(to, two);
        let (Some(source), Some(target)) = (source, target) else { return };
        if !self.cgroup(source).has_workers() {
            self.report(ErrorKind::MoveNothing, self.name_of(source));
            return;
        }
        self.check_holds_tasks(target);
        if self.is_to_fail() {
            return;
        }
        let groups = self.cgroup(source).groups;
        let outlive = groups[Life::UntilRemoved as usize] | groups[Life::Scenario as usize] != 0;
        if self.cgroup(target).life.is_step() && outlive {
            self.report_pair(ErrorKind::Stranded, self.name_of(source), to);
            return;
        }
        self.rehouse(source, target);
    }

    /// Moves the groups; each belongs to the longer of its own life and that of its new cgroup.
    const fn rehouse(&mut self, source: u32, target: u32) {
        let home = self.cgroup(target).life;
        let mut moved = 0u32;
        let mut i = 0;
        while i < Life::ALL.len() {
            let leaving = self.cgroup_mut(source);
            let (groups, workers) = (leaving.groups[i], leaving.workers[i]);
            if groups == 0 {
                i += 1;
                continue;
            }
            (leaving.groups[i], leaving.workers[i]) = (0, 0);
            let life = Life::ALL[i].longer(home) as usize;
            let arriving = self.cgroup_mut(target);
            arriving.groups[life] = arriving.groups[life].saturating_add(groups);
            arriving.workers[life] = arriving.workers[life].saturating_add(workers);
            moved = moved.saturating_add(workers);
            i += 1;
        }
        self.deadlines.move_all(source, target, home);
        self.drop_tasks(source, moved);
        self.add_tasks(target, moved);
    }
}
