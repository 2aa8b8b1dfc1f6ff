//! The start of a long scenario, up to the operation that the kernel would refuse. What comes behind is
//! played by nobody, as the run ends there: if the theorem holds. If the operation goes through after all,
//! nothing goes wrong in the start of the scenario, and that is a misfit.

use super::theorem::judged;
use ktstr_core::rules::Class;
use ktstr_core::{Backdrop, Part, Scenario, Site, Step};

/// So few operations and definitions are not worth cutting.
const SHORT: usize = 8;

/// Most steps of a scenario that is cut.
const STEPS: usize = 8;

/// Where a scenario is cut: behind this operation or definition.
#[derive(Debug, Clone, Copy)]
pub(super) enum Cut {
    BackdropDef(usize),
    BackdropOp(usize),
    StepOp(usize, usize),
    StepDef(usize, usize),
}

impl Cut {
    /// Where a scenario can be cut, if it is long and breaks a rule of the kernel early.
    pub(super) fn of<'a>(scenario: &'a Scenario<'a>) -> Option<Self> {
        let backdrop = &scenario.backdrop;
        let of_steps: usize = scenario.steps.iter().map(|step| step.ops.len() + step.setup.len()).sum();
        if backdrop.cgroups.len() + backdrop.ops.len() + of_steps <= SHORT || scenario.steps.len() > STEPS {
            return None;
        }
        let invalid = judged(scenario).err().filter(|invalid| invalid.class() == Class::Kernel)?;
        match invalid.site {
            Site::Backdrop(Part::Cgroup(at)) => Some(Self::BackdropDef(at as usize)),
            Site::Backdrop(Part::Op(at)) => Some(Self::BackdropOp(at as usize)),
            // What a loop repeats is needed whole.
            Site::Step { step, .. } if scenario.steps[step as usize].is_loop() => None,
            Site::Step { step, part: Part::Op(at) } => Some(Self::StepOp(step as usize, at as usize)),
            Site::Step { step, part: Part::Cgroup(at) } => Some(Self::StepDef(step as usize, at as usize)),
            Site::Scenario | Site::Teardown | Site::Backdrop(_) | Site::Step { .. } => None,
        }
    }

    /// Shows the start of the scenario.
    pub(super) fn with<R>(
        self,
        scenario: &Scenario<'_>,
        show: impl for<'s> FnOnce(&'s Scenario<'s>) -> R,
    ) -> R {
        let backdrop = &scenario.backdrop;
        let (defs, ops, payloads) = match self {
            Self::BackdropDef(at) => (&backdrop.cgroups[..=at], &[][..], &[][..]),
            Self::BackdropOp(at) => (&backdrop.cgroups[..], &backdrop.ops[..=at], &[][..]),
            Self::StepOp(..) | Self::StepDef(..) => {
                (&backdrop.cgroups[..], &backdrop.ops[..], &backdrop.payloads[..])
            }
        };
        let mut steps = heapless::Vec::<Step<'_>, STEPS>::new();
        if let Self::StepOp(last, _) | Self::StepDef(last, _) = self {
            steps.extend(scenario.steps[..=last].iter().copied());
        }
        match (self, steps.last_mut()) {
            (Self::StepOp(_, at), Some(step)) => {
                *step = Step { ops: &step.ops[..=at], setup: &[], payload: None, ..*step };
            }
            (Self::StepDef(_, at), Some(step)) => {
                *step = Step { setup: &step.setup[..=at], payload: None, ..*step };
            }
            (Self::BackdropDef(_) | Self::BackdropOp(_), _) | (_, None) => {}
        }
        show(&Scenario {
            name: scenario.name,
            duration: scenario.duration,
            workers_per_cgroup: scenario.workers_per_cgroup,
            topology: scenario.topology,
            needs: scenario.needs,
            backdrop: Backdrop::new().lend_cgroups(defs).lend_ops(ops).lend_payloads(payloads),
            steps: &steps,
            checks: scenario.checks,
            permit: scenario.permit,
        })
    }
}
