//! A whole scenario as one value.

use crate::model::backdrop::Backdrop;
use crate::model::cgroup_def::CgroupDef;
use crate::model::checks::{CheckKind, Checks};
use crate::model::comparison::Comparison;
use crate::model::needs::Needs;
use crate::model::scheduler::Scheduler;
use crate::model::step::Step;
use crate::model::topology::Uniform;
use crate::validate::rules::ErrorKind;
use core::time::Duration;
use serde::Serialize;

/// A Backdrop, the steps that play before it, and what is expected.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Scenario<'a> {
    /// What reports call it; 1 to 64 bytes.
    pub name: &'a str,
    /// What the holds of the steps share out. Setting up and tearing down come on top of it.
    pub duration: Duration,
    /// How many workers a group has that does not say, at least 1.
    pub workers_per_cgroup: u32,
    /// The machine it is meant for: backends that build a machine build this one, others run on what they
    /// have.
    pub topology: Option<Uniform>,
    /// What a machine has to have at least; where it has less, the scenario is skipped.
    pub needs: Needs,
    /// What lives for the whole run.
    pub backdrop: Backdrop<'a>,
    /// What changes, one after the other.
    pub steps: &'a [Step<'a>],
    /// What is expected of the workers.
    pub checks: Checks,
    /// How what workers did relates, between cgroups and between steps; at most [`MAX_COMPARISONS`].
    ///
    /// [`MAX_COMPARISONS`]: crate::MAX_COMPARISONS
    pub compare: &'a [Comparison<'a>],
    /// Promises that may break: rules whose breach is no error here, see
    /// [`Rule::can_be_permitted`](crate::rules::Rule::can_be_permitted).
    pub permit: &'a [ErrorKind],
}

impl<'a> Scenario<'a> {
    /// A scenario without steps and expectations, of one second, one worker in each group.
    pub const fn new(name: &'a str) -> Self {
        Self {
            name,
            duration: Duration::from_secs(1),
            workers_per_cgroup: 1,
            topology: None,
            needs: Needs::NONE,
            backdrop: Backdrop::new(),
            steps: &[],
            checks: Checks::NONE,
            compare: &[],
            permit: &[],
        }
    }

    /// What the holds of the steps share out.
    #[must_use]
    pub const fn duration(mut self, duration: Duration) -> Self {
        self.duration = duration;
        self
    }

    /// How many workers a group has that does not say.
    #[must_use]
    pub const fn workers_per_cgroup(mut self, count: u32) -> Self {
        self.workers_per_cgroup = count;
        self
    }

    /// The machine it is meant for.
    #[must_use]
    pub const fn topology(mut self, topology: Uniform) -> Self {
        self.topology = Some(topology);
        self
    }

    /// What a machine has to have at least: where it has less, the scenario is skipped, with the reason.
    #[must_use]
    pub const fn needs(mut self, needs: Needs) -> Self {
        self.needs = needs;
        self
    }

    /// What lives for the whole run.
    #[must_use]
    pub const fn backdrop(mut self, backdrop: Backdrop<'a>) -> Self {
        self.backdrop = backdrop;
        self
    }

    /// What changes, one after the other.
    #[must_use]
    pub const fn steps(mut self, steps: &'a [Step<'a>]) -> Self {
        self.steps = steps;
        self
    }

    /// How what workers did relates, between cgroups and between steps.
    #[must_use]
    pub const fn compare(mut self, comparisons: &'a [Comparison<'a>]) -> Self {
        self.compare = comparisons;
        self
    }

    /// Lets these promises break: what the kernel permits, and a rule would refuse. What the scenario then
    /// comes to, nobody promises; reports say what was permitted.
    #[must_use]
    pub const fn permit(mut self, rules: &'a [ErrorKind]) -> Self {
        self.permit = rules;
        self
    }

    /// Whether a breach of this rule is permitted.
    pub const fn permits(&self, kind: ErrorKind) -> bool {
        let mut i = 0;
        while i < self.permit.len() {
            if self.permit[i] as u16 == kind as u16 {
                return kind.rule().can_be_permitted();
            }
            i += 1;
        }
        false
    }

    /// Each definition, those of the Backdrop first.
    pub fn definitions(&self) -> impl Iterator<Item = &CgroupDef<'a>> {
        let ops = self.backdrop.ops.iter().chain(self.steps.iter().flat_map(|step| step.ops));
        let defs = self.backdrop.cgroups.iter().chain(self.steps.iter().flat_map(|step| step.setup));
        defs.chain(ops.filter_map(|op| op.def()))
    }

    /// Each scheduler that is attached, as often as that is said.
    pub fn schedulers(&self) -> impl Iterator<Item = &'a Scheduler<'a>> {
        let ops = self.backdrop.ops.iter().chain(self.steps.iter().flat_map(|step| step.ops));
        self.backdrop.scheduler.into_iter().chain(ops.filter_map(|op| op.scheduler()))
    }

    /// Whether this check is asked for, of all groups or of those of a definition.
    pub fn expects(&self, kind: CheckKind) -> bool {
        let asks = |checks: &Checks| checks.bound(kind).is_some();
        asks(&self.checks) || self.definitions().any(|def| def.checks.is_some_and(asks))
    }

    /// What is expected of the workers.
    #[must_use]
    pub const fn checks(mut self, checks: Checks) -> Self {
        self.checks = checks;
        self
    }
}
