//! `Spawn`, and the workers of a definition: creates one group, which waits for the next start.

use crate::execute::action::{Action, GroupId};
use crate::execute::executor::books::{Group, Sharing, Strayed};
use crate::execute::executor::chain::NONE;
use crate::execute::executor::frame::{Part, Turn};
use crate::execute::executor::run::Run;
use crate::execute::fault::{Fault, FaultKind};
use crate::execute::observer::Observer;
use crate::execute::outcome::Outcome;
use crate::judge::group::asks_for_share;
use crate::model::affinity::{AffinityIntent, AffinityPlan};
use crate::model::cgroup_def::CgroupDef;
use crate::model::checks::Checks;
use crate::model::placement::Placement;
use crate::model::work::WorkSpec;

/// A group of workers that is being created.
#[derive(Debug, Clone, Copy)]
pub(in crate::execute::executor) struct Spawn<'a> {
    pub(in crate::execute::executor) at: u32,
    pub(in crate::execute::executor) placement: Placement<'a>,
    pub(in crate::execute::executor) work: Work<'a>,
}

/// Where a group of workers is described.
#[derive(Debug, Clone, Copy)]
pub(in crate::execute::executor) enum Work<'a> {
    Op(&'a WorkSpec<'a>),
    /// The group with this number.
    Def(&'a CgroupDef<'a>, usize),
}

impl<'a> Work<'a> {
    fn spec(self) -> WorkSpec<'a> {
        match self {
            Self::Op(work) => *work,
            Self::Def(def, index) => def.work_at(index),
        }
    }

    /// Whether it outlives its step.
    const fn is_kept(self) -> bool {
        match self {
            Self::Op(_) => false,
            Self::Def(def, _) => def.kept,
        }
    }

    /// What is expected of it beside what the scenario says.
    fn checks(self) -> Option<&'a Checks> {
        match self {
            Self::Op(_) => None,
            Self::Def(def, _) => def.checks,
        }
    }
}

impl Run<'_, '_> {
    /// The affinity of a group in a cgroup.
    pub(in crate::execute::executor) fn plan(
        &self,
        cgroup: u32,
        intent: &AffinityIntent,
        group: GroupId,
    ) -> Result<AffinityPlan, Fault> {
        if let AffinityIntent::Inherit = intent {
            return Ok(AffinityPlan::Inherit);
        }
        let plan = intent.plan(self.topology, self.allowed(cgroup), self.seed_of(group.0));
        plan.ok_or_else(|| Fault::new(FaultKind::Invalid, "the affinity leaves no CPU of the cpuset"))
    }
}

impl<'a> Part<'a> for Spawn<'a> {
    fn ask(&mut self, run: &mut Run<'_, 'a>, to: &mut Action<'a>, _: &mut dyn Observer<'a>) -> Turn<'a> {
        let placement = self.placement;
        if !run.books.has_room(NONE) {
            return Turn::Fail(Fault::new(FaultKind::NoRoom, placement.path()));
        }
        let work = self.work.spec();
        let cpus = work.workers_pct.and_then(|_| run.books.cpuset_in_force(self.at));
        let workers = work.count(run.scenario.workers_per_cgroup, cpus.map(|cpus| cpus.len()));
        if workers == 0 || !workers.is_multiple_of(work.work_type.team_size()) {
            return Turn::Fail(Fault::new(FaultKind::Invalid, "the number of workers makes no whole group"));
        }
        let group = GroupId(run.next_group);
        let affinity = match run.plan(self.at, &work.affinity, group) {
            Ok(plan) => plan,
            Err(fault) => return Turn::Fail(fault),
        };
        let seed = run.seed_of(group.0);
        *to = Action::Spawn { group, placement, work, workers, affinity, seed };
        Turn::Act
    }

    fn answered(
        &mut self,
        run: &mut Run<'_, 'a>,
        action: &Action<'a>,
        _: &Outcome,
        _: &mut dyn Observer<'a>,
    ) -> Turn<'a> {
        let Action::Spawn { group, placement, workers, ref work, .. } = *action else { return Turn::Done };
        let owner = run.owner(self.work.is_kept());
        let checks = self.work.checks();
        let shares = asks_for_share(&run.scenario.checks, checks);
        run.books.add_group(Group {
            id: group,
            cgroup: self.at,
            placement,
            wakes: work.work_type.wakes(),
            uses_memory: work.work_type.profile().memory > 0,
            all_ns: 0,
            own_ns: 0,
            checks,
            workers,
            start: run.starts,
            era: run.era,
            owner,
            watched: run.watches,
            asked: false,
            killed: false,
            ended: false,
            sharing: if shares { Sharing::Counted } else { Sharing::Unasked },
            strayed: Strayed::Nowhere,
        });
        run.next_group += 1;
        run.waiting += 1;
        Turn::Done
    }
}
