//! A scenario that owns its lists, so that it can grow and be cut: what is generated, shrunk and kept. What
//! it says is not judged here.

use ktstr_core::Uniform;
use ktstr_core::prelude::*;
use ktstr_core::rules::ErrorKind;
use std::time::Duration;

/// A scenario in pieces. Names, definitions in operations, and payloads are borrowed for `'a`.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft<'a> {
    /// What reports call it.
    pub name: &'a str,
    /// What the holds of the steps share out.
    pub duration: Duration,
    /// How many workers a group has that does not say.
    pub workers_per_cgroup: u32,
    /// The machine it is meant for.
    pub topology: Option<Uniform>,
    /// What a machine has to have at least.
    pub needs: Needs,
    /// Cgroups of the Backdrop.
    pub cgroups: Vec<CgroupDef<'a>>,
    /// Operations of the Backdrop.
    pub ops: Vec<Op<'a>>,
    /// Payloads of the Backdrop.
    pub payloads: Vec<&'a Payload<'a>>,
    /// The steps.
    pub steps: Vec<DraftStep<'a>>,
    /// What is expected of the workers.
    pub checks: Checks,
    /// How what workers did relates.
    pub compare: Vec<Comparison<'a>>,
    /// Promises that may break.
    pub permit: Vec<ErrorKind>,
}

/// A step in pieces.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DraftStep<'a> {
    /// What reports call it.
    pub name: Option<&'a str>,
    /// Cgroups with their workers.
    pub setup: Vec<CgroupDef<'a>>,
    /// Operations.
    pub ops: Vec<Op<'a>>,
    /// A payload that runs for the length of the step.
    pub payload: Option<&'a Payload<'a>>,
    /// How long it is held.
    pub hold: HoldSpec,
}

impl<'a> Draft<'a> {
    /// A scenario in which nothing happens, as [`Scenario::new`].
    pub fn new(name: &'a str) -> Self {
        Self::of(&Scenario::new(name))
    }

    /// The pieces of a scenario: of one from a file, for instance, that is to be shrunk.
    pub fn of(scenario: &Scenario<'a>) -> Self {
        let step = |step: &Step<'a>| DraftStep {
            name: step.name,
            setup: step.setup.to_vec(),
            ops: step.ops.to_vec(),
            payload: step.payload,
            hold: step.hold,
        };
        Self {
            name: scenario.name,
            duration: scenario.duration,
            workers_per_cgroup: scenario.workers_per_cgroup,
            topology: scenario.topology,
            needs: scenario.needs,
            cgroups: scenario.backdrop.cgroups.to_vec(),
            ops: scenario.backdrop.ops.to_vec(),
            payloads: scenario.backdrop.payloads.to_vec(),
            steps: scenario.steps.iter().map(step).collect(),
            checks: scenario.checks,
            compare: scenario.compare.to_vec(),
            permit: scenario.permit.to_vec(),
        }
    }

    /// Shows it as a scenario.
    pub fn with<R>(&self, show: impl for<'s> FnOnce(&'s Scenario<'s>) -> R) -> R {
        let step = |step: &DraftStep<'a>| Step {
            name: step.name,
            payload: step.payload,
            hold: step.hold,
            ..Step::default()
        };
        let mut steps: Vec<Step<'_>> = self.steps.iter().map(step).collect();
        for (step, own) in steps.iter_mut().zip(&self.steps) {
            (step.setup, step.ops) = (&own.setup, &own.ops);
        }
        show(&Scenario {
            name: self.name,
            duration: self.duration,
            workers_per_cgroup: self.workers_per_cgroup,
            topology: self.topology,
            needs: self.needs,
            backdrop: Backdrop::new()
                .lend_cgroups(&self.cgroups)
                .lend_ops(&self.ops)
                .lend_payloads(&self.payloads),
            steps: &steps,
            checks: self.checks,
            compare: &self.compare,
            permit: &self.permit,
        })
    }

    /// How many things happen in it: definitions, operations, payloads and steps.
    pub fn size(&self) -> usize {
        let step = |step: &DraftStep<'_>| {
            1 + step.setup.len() + step.ops.len() + usize::from(step.payload.is_some())
        };
        self.cgroups.len() + self.ops.len() + self.payloads.len() + self.steps.iter().map(step).sum::<usize>()
    }

    /// All its operations, those of the Backdrop first.
    pub fn all_ops(&self) -> impl Iterator<Item = &Op<'a>> {
        self.ops.iter().chain(self.steps.iter().flat_map(|step| &step.ops))
    }

    /// All its definitions of cgroups: of the Backdrop, of steps, then those in operations.
    pub fn all_defs<'d>(&'d self) -> impl Iterator<Item = &'d CgroupDef<'a>> {
        let of_steps = self.steps.iter().flat_map(|step| &step.setup);
        let in_ops = self.all_ops().filter_map(|op| op.def().map(|def| -> &'d CgroupDef<'a> { def }));
        self.cgroups.iter().chain(of_steps).chain(in_ops)
    }
}
