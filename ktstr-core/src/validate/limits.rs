//! The values of control files against their ranges, which stand in the table of control files.

use super::state::UNLIMITED;
use super::walk::Walk;
use crate::model::cgroup_def::CgroupDef;
use crate::model::knob::{Knob, KnobSet, Limit, Limits};
use crate::validate::invalid::{Invalid, Value};

/// CPUs and memory nodes are judged against the machine, in `cpusets`.
const JUDGED_APART: KnobSet = KnobSet::NONE.with(Knob::CpusetCpus).with(Knob::CpusetMems);

impl<'a> Walk<'_, '_, 'a> {
    /// Judges the limits of a definition. The name is that of the place, not of the definition.
    pub(super) const fn check_limits(&mut self, name: &'a str, limits: &Limits) {
        if limits.are_in_range() {
            return;
        }
        let mut rest = limits.named().minus(JUDGED_APART);
        while let Some((knob, others)) = rest.split_first() {
            let (bounds, numbers) = (knob.info().bounds, limits.numbers(knob));
            let mut i = 0;
            while i < bounds.len() {
                if let Some(number) = numbers[i]
                    && let Some((kind, end)) = bounds[i].broken_by(number)
                {
                    self.note(Invalid {
                        other: knob.key(),
                        key: knob.key(),
                        value: Value::Count(number),
                        limit: Value::Count(end),
                        ..Invalid::new(kind, self.site(), name)
                    });
                }
                i += 1;
            }
            rest = others;
        }
    }
}

/// The number of tasks that a definition allows, `UNLIMITED` for any number.
pub(super) const fn pids_of(def: &CgroupDef<'_>) -> u32 {
    match def.limits.pids_max {
        Some(Limit::At(tasks)) if Knob::PidsMax.info().bounds[0].broken_by(tasks).is_none() => tasks as u32,
        _ => UNLIMITED,
    }
}
