//! What a valid scenario needs of whoever runs it; validation finds it on the way.

use crate::model::cgroup_def::CgroupDef;
use crate::model::controllers::Controllers;
use crate::model::op::Op;
use crate::model::scenario::Scenario;
use serde::{Deserialize, Serialize};

/// What a run needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Requirements {
    /// Controllers that have to be enabled.
    pub controllers: Controllers,
    /// The most cgroups that exist at the same time.
    pub cgroups: u32,
    /// The most groups of workers at the same time.
    pub groups: u32,
    /// The most payloads at the same time.
    pub payloads: u32,
    /// Interrupts that are steered.
    pub irqs: u32,
    /// Operations that have to fail.
    pub failing: u32,
    /// Of those, the ones of which no rule says that they do: whether they do, the run shows.
    pub unforetold: u32,
    /// Whether a file is held against what it said when the step began.
    pub notes: bool,
    /// Whether a worker asks for what needs root: real-time policy, negative nice value, another user.
    pub privileged: bool,
    /// Whether a sched_ext scheduler is attached, which takes root and a kernel that has sched_ext.
    pub scheduler: bool,
}

impl Scenario<'_> {
    /// The controllers that the limits and cpusets of this scenario need, valid or not.
    pub const fn controllers(&self) -> Controllers {
        let mut all = of_defs(self.backdrop.cgroups.as_slice()).or(of_ops(self.backdrop.ops.as_slice()));
        if let Some(scheduler) = self.backdrop.scheduler {
            all = all.or(scheduler.controllers);
        }
        let mut i = 0;
        while i < self.steps.len() {
            all = all.or(of_defs(self.steps[i].setup)).or(of_ops(self.steps[i].ops));
            i += 1;
        }
        all
    }
}

const fn of_defs(defs: &[CgroupDef<'_>]) -> Controllers {
    let mut all = Controllers::NONE;
    let mut i = 0;
    while i < defs.len() {
        all = all.or(defs[i].controllers());
        i += 1;
    }
    all
}

const fn of_ops(ops: &[Op<'_>]) -> Controllers {
    let mut all = Controllers::NONE;
    let mut i = 0;
    while i < ops.len() {
        all = all.or(ops[i].controllers());
        i += 1;
    }
    all
}
