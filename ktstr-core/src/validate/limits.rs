//! The values of control files against their ranges, which stand in the table of control files.

use super::state::UNLIMITED;
use super::walk::Walk;
use crate::model::knob::{Knob, KnobSet, Limit, Limits};
use crate::validate::invalid::{Invalid, Value};
use crate::validate::rules::ErrorKind;

/// CPUs and memory nodes are judged against the machine, in `cpusets`.
const JUDGED_APART: KnobSet = KnobSet::NONE.with(Knob::CpusetCpus).with(Knob::CpusetMems);

impl<'a> Walk<'_, '_, 'a> {
    /// Sets control files of a cgroup, at its place if it has one: by a definition or while it is in use.
    pub(super) const fn write_limits(&mut self, at: Option<u32>, name: &'a str, limits: &Limits) {
        if let Some(at) = at {
            self.enable(at, limits.controllers());
        }
        if let Some(spec) = &limits.cpuset {
            self.check_spec(name, spec);
            if let Some(at) = at
                && !self.is_to_fail()
            {
                self.cgroup_mut(at).cpus = Some(self.site());
                self.check_place(at);
            }
        }
        if let Some(nodes) = &limits.cpuset_mems {
            self.check_mems(name, nodes);
            if let Some(at) = at
                && !self.is_to_fail()
            {
                self.cgroup_mut(at).mems = *nodes;
            }
        }
        self.check_limits(name, limits);
        if let Some(at) = at
            && limits.pids_max.is_some()
            && !self.is_to_fail()
        {
            self.cgroup_mut(at).pids = pids_of(limits.pids_max);
            self.limited = true;
        }
    }

    /// Changes control files of a cgroup in use. A `pids.max` below the tasks that are there is legal:
    /// it is in the way of further ones only.
    pub(super) const fn set_limits(&mut self, at: Option<u32>, name: &'a str, limits: &Limits) {
        if limits.named().is_empty() {
            self.report(ErrorKind::LimitsNothing, name);
        }
        self.write_limits(at, name, limits);
    }

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

/// The number of tasks that `pids.max` allows, `UNLIMITED` for any number.
const fn pids_of(limit: Option<Limit>) -> u32 {
    match limit {
        Some(Limit::At(tasks)) if Knob::PidsMax.info().bounds[0].broken_by(tasks).is_none() => tasks as u32,
        _ => UNLIMITED,
    }
}
