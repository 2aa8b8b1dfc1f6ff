//! Creating, moving and stopping groups of workers, and judging what they report.

use super::Executor;
use super::frame::{Frame, MoveStage, StopStage, Turn, Work};
use super::tables::{Group, Owner};
use crate::base::rng::mix;
use crate::execute::action::{Action, GroupId};
use crate::execute::fault::{Fault, FaultKind};
use crate::execute::observer::Observer;
use crate::execute::outcome::Outcome;
use crate::judge::group::GroupStats;
use crate::model::affinity::{AffinityIntent, AffinityPlan};
use crate::model::placement::Placement;

type Moving = Option<(GroupId, MoveStage)>;

impl<'a, const N: usize> Executor<'a, N> {
    /// The seed of the `n`-th thing that draws.
    fn seed_of(&self, n: u32) -> u64 {
        mix(self.seed ^ (u64::from(n) + 1))
    }

    fn plan(
        &self,
        place: Placement<'_>,
        intent: &AffinityIntent,
        group: GroupId,
    ) -> Result<AffinityPlan, Fault> {
        let allowed = self.tables.allowed(place, &self.topology);
        let plan = intent.plan(&self.topology, &allowed, self.seed_of(group.0));
        plan.ok_or_else(|| Fault::new(FaultKind::Invalid, "the affinity leaves no CPU of the cpuset"))
    }

    pub(super) fn spawn(&mut self, placement: Placement<'a>, described: Work<'a>) -> Turn<'a> {
        if self.tables.groups.is_full() {
            return Turn::Fail(Fault::new(FaultKind::NoRoom, placement.path()));
        }
        let work = described.spec();
        let cpus = self.tables.cpuset_in_force(placement).map(|cpus| cpus.len());
        let workers = work.count(self.scenario.workers_per_cgroup, cpus);
        if workers == 0 || !workers.is_multiple_of(work.work_type.team_size()) {
            return Turn::Fail(Fault::new(FaultKind::Invalid, "the number of workers makes no whole group"));
        }
        let group = GroupId(self.next_group);
        let affinity = match self.plan(placement, &work.affinity, group) {
            Ok(plan) => plan,
            Err(fault) => return Turn::Fail(fault),
        };
        let seed = self.seed_of(group.0);
        let action = Action::Spawn { group, placement, work, workers, affinity, seed };
        Turn::Act(Frame::Spawn { placement, work: described }, action)
    }

    pub(super) fn spawned(&mut self, action: &Action<'a>) -> Turn<'a> {
        let Action::Spawn { placement, workers, ref work, .. } = *action else { return Turn::Done };
        let group = Group {
            id: self.new_group(),
            placement,
            owner: self.owner(),
            work_type: work.work_type,
            workers,
            started: false,
            strayed: Some(crate::model::cpuset::CpuSet::EMPTY),
            watched: false,
            asked: false,
        };
        let noted = self.tables.groups.push(group);
        debug_assert!(noted.is_ok(), "room was checked before");
        self.waiting += 1;
        Turn::Done
    }

    pub(super) fn workers_started(&mut self) {
        self.waiting = 0;
        for group in self.tables.groups.iter_mut().filter(|group| !group.started) {
            group.started = true;
            group.watched = self.scenario.checks.isolation;
        }
    }

    pub(super) fn change_affinity(
        &mut self,
        path: &'a str,
        intent: &'a AffinityIntent,
        next: usize,
    ) -> Turn<'a> {
        let here = Placement::Cgroup(path);
        let mut groups = self.tables.groups.iter().enumerate().skip(next);
        let Some((index, group)) = groups.find(|(_, group)| group.placement.is(here)) else {
            return Turn::Done;
        };
        let group = group.id;
        match self.plan(here, intent, group) {
            Ok(affinity) => {
                let frame = Frame::Affinity { path, intent, next: index + 1 };
                Turn::Act(frame, Action::SetAffinity { group, affinity })
            }
            Err(fault) => Turn::Fail(fault),
        }
    }

    pub(super) fn move_groups(&mut self, from: Placement<'a>, to: Placement<'a>, moving: Moving) -> Turn<'a> {
        let at = |group, stage| Frame::Move { from, to, moving: Some((group, stage)) };
        match moving {
            None => match self.tables.groups.iter().find(|group| group.placement.is(from)) {
                Some(group) => {
                    let stage = if group.watched { MoveStage::EndWatch } else { MoveStage::Move };
                    Turn::Next(at(group.id, stage))
                }
                None => Turn::Done,
            },
            Some((group, MoveStage::EndWatch)) => {
                Turn::Act(at(group, MoveStage::EndWatch), Action::EndCpuWatch { group })
            }
            Some((group, MoveStage::Move)) => {
                Turn::Act(at(group, MoveStage::Move), Action::Move { group, to })
            }
            Some((group, MoveStage::BeginWatch)) => {
                Turn::Act(at(group, MoveStage::BeginWatch), Action::BeginCpuWatch { group })
            }
        }
    }

    pub(super) fn moved(
        &mut self,
        from: Placement<'a>,
        to: Placement<'a>,
        moving: Moving,
        outcome: &Outcome,
    ) -> Turn<'a> {
        let Some((group, stage)) = moving else { return Turn::Done };
        let next = match stage {
            MoveStage::EndWatch => {
                self.watch_ended(group, outcome);
                Some((group, MoveStage::Move))
            }
            MoveStage::Move => {
                let there = to.cgroup().and_then(|path| self.tables.cgroup(path));
                let outlives = there.is_some_and(|cgroup| cgroup.owner == Owner::Backdrop);
                let isolation = self.scenario.checks.isolation;
                self.tables.group_mut(group).and_then(|entry| {
                    entry.placement = to;
                    if outlives {
                        entry.owner = Owner::Backdrop;
                    }
                    let watch = isolation && entry.started && entry.strayed.is_some();
                    watch.then_some((group, MoveStage::BeginWatch))
                })
            }
            MoveStage::BeginWatch => {
                self.watch_begun(group);
                None
            }
        };
        Turn::Next(Frame::Move { from, to, moving: next })
    }

    pub(super) fn stop<O: Observer<'a>>(
        &mut self,
        id: GroupId,
        stage: StopStage,
        observer: &mut O,
    ) -> Turn<'a> {
        let Some(group) = self.tables.group_mut(id).copied() else { return Turn::Done };
        let at = |stage| Frame::Stop { group: id, stage };
        match stage {
            StopStage::EndWatch if group.watched => Turn::Act(at(stage), Action::EndCpuWatch { group: id }),
            StopStage::EndWatch => Turn::Next(at(StopStage::Ask)),
            StopStage::Ask => Turn::Act(at(stage), Action::AskToStop { group: id }),
            StopStage::Stop => Turn::Act(at(stage), Action::Stop { group: id }),
            StopStage::Collect { worker, .. } if worker < group.workers => {
                Turn::Act(at(stage), Action::Collect { group: id, worker })
            }
            StopStage::Collect { stats, .. } => {
                self.tables.forget_group(id);
                if group.started {
                    let checks = self.scenario.checks;
                    stats.judge(&checks, group.strayed, |judged| {
                        self.tell(observer, group.placement.path(), None, Some(id), judged);
                    });
                } else {
                    self.waiting = self.waiting.saturating_sub(1);
                }
                Turn::Done
            }
        }
    }

    pub(super) fn stopped<O: Observer<'a>>(
        &mut self,
        id: GroupId,
        stage: StopStage,
        outcome: &Outcome,
        observer: &mut O,
    ) -> Turn<'a> {
        let Some(group) = self.tables.group_mut(id).copied() else { return Turn::Done };
        let stage = match (stage, outcome) {
            (StopStage::EndWatch, _) => {
                self.watch_ended(id, outcome);
                StopStage::Ask
            }
            (StopStage::Ask, _) => return self.told_to_stop(id),
            (StopStage::Stop, _) => StopStage::Collect { worker: 0, stats: GroupStats::new(group.work_type) },
            (StopStage::Collect { worker, mut stats }, Outcome::Report(report)) => {
                stats.add(report);
                observer.worker(id, group.placement, worker, report);
                StopStage::Collect { worker: worker + 1, stats }
            }
            (StopStage::Collect { worker, stats }, _) => Self::report_lost(worker, stats),
        };
        Turn::Next(Frame::Stop { group: id, stage })
    }

    pub(super) fn told_to_stop(&mut self, id: GroupId) -> Turn<'a> {
        if let Some(group) = self.tables.group_mut(id) {
            group.asked = true;
        }
        Turn::Done
    }

    pub(super) fn report_lost(worker: u32, mut stats: GroupStats) -> StopStage {
        stats.add_lost();
        StopStage::Collect { worker: worker + 1, stats }
    }
}
