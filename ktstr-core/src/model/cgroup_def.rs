//! A cgroup with its limits and the workers that live in it. Its control files are rows of the table in
//! `knob`, which also makes a method for each; nothing is written here.

use crate::base::list::{List, ListFull};
use crate::model::affinity::AffinityIntent;
use crate::model::checks::Checks;
use crate::model::controllers::Controllers;
use crate::model::knob::{Knob, KnobValue, Limits};
use crate::model::mem_policy::{MemPolicy, MpolFlags};
use crate::model::payload::Payload;
use crate::model::sched_policy::SchedPolicy;
use crate::model::work::{WorkSpec, with_work_settings};
use crate::model::work_type::WorkType;
use core::time::Duration;
use serde::Serialize;

/// How many groups of workers one cgroup definition holds.
pub const MAX_WORKS: usize = 4;

/// A cgroup, its limits, and its workers: one default group where nothing is said of them, none where
/// [`workers(0)`](Self::workers) is all that is said.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CgroupDef<'a> {
    /// Its path below the run's own cgroup: `name`, or `parent/name` where the parent is declared before.
    pub name: &'a str,
    /// What its control files are set to.
    pub limits: Limits,
    /// Its workers; an empty list stands for one default group, a single group of 0 workers for none.
    pub works: List<'a, WorkSpec<'a>, MAX_WORKS>,
    /// Nice value of the workers that have none of their own.
    pub nice: Option<i32>,
    /// Task name of the workers that have none of their own.
    pub comm: Option<&'a str>,
    /// User id of the workers that have none of their own.
    pub uid: Option<u32>,
    /// Group id of the workers that have none of their own.
    pub gid: Option<u32>,
    /// What is expected of its groups of workers; what it says nothing of, the scenario's checks say.
    pub checks: Option<&'a Checks>,
    /// A program that runs in it, started after the workers.
    pub payload: Option<&'a Payload<'a>>,
    /// Whether a step may remove or stop it; only for cgroups of the Backdrop.
    pub until_removed: bool,
    /// Whether it outlives its step: it stays until it is removed, or to the end. Only for cgroups of steps.
    pub kept: bool,
}

impl<'a> CgroupDef<'a> {
    /// A cgroup of this path, without limits, with the default workers.
    pub const fn named(name: &'a str) -> Self {
        Self {
            name,
            limits: Limits::NONE,
            works: List::empty("CgroupDef::works"),
            nice: None,
            comm: None,
            uid: None,
            gid: None,
            checks: None,
            payload: None,
            until_removed: false,
            kept: false,
        }
    }

    /// CPU time of `quota` in each `period`, `cpu.max`; both are rounded down to whole microseconds.
    #[must_use]
    pub const fn cpu_quota(self, quota: Duration, period: Duration) -> Self {
        let limits = self.limits.cpu_quota(quota, period);
        self.limits(limits)
    }

    /// CPU time in percent of one CPU, over a period of 100 ms, `cpu.max`: 250 is two and a half CPUs.
    #[must_use]
    pub const fn cpu_quota_pct(self, percent: u32) -> Self {
        let limits = self.limits.cpu_quota_pct(percent);
        self.limits(limits)
    }

    /// No limit of CPU time, `cpu.max`.
    #[must_use]
    pub const fn cpu_unlimited(self) -> Self {
        let limits = self.limits.cpu_unlimited();
        self.limits(limits)
    }

    /// No limit of memory: `max` in `memory.max` and `memory.high`, 0 in `memory.low`.
    #[must_use]
    pub const fn memory_unlimited(self) -> Self {
        self.memory_max_unlimited().memory_high_unlimited().memory_low(0)
    }

    /// These limits in place of its own.
    #[must_use]
    pub const fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The controllers its limits need.
    pub const fn controllers(&self) -> Controllers {
        self.limits.controllers()
    }

    /// Whether it writes this control file: one that it names, or one that goes along, see
    /// [`KnobInfo::along`](crate::model::knob::KnobInfo::along).
    pub const fn sets(&self, knob: Knob) -> bool {
        self.limits.written().has(knob)
    }

    /// What it writes into this control file, if it does; `cpuset.cpus` has to be resolved first, see
    /// [`CpusetSpec::resolve`](crate::model::cpuset_spec::CpusetSpec::resolve).
    pub const fn value(&self, knob: Knob) -> Option<KnobValue> {
        self.limits.value(knob)
    }

    /// One more group of workers.
    ///
    /// # Panics
    /// When there are [`MAX_WORKS`] already; in a `const` that is a compile error. See
    /// [`try_work`](Self::try_work).
    #[must_use]
    pub const fn work(self, work: WorkSpec<'a>) -> Self {
        match self.try_work(work) {
            Ok(def) => def,
            Err(_) => {
                panic!("CgroupDef::works is full: a cgroup definition holds at most 4 groups of workers")
            }
        }
    }

    /// One more group of workers.
    ///
    /// # Errors
    /// [`ListFull`] when there are [`MAX_WORKS`] already.
    pub const fn try_work(mut self, work: WorkSpec<'a>) -> Result<Self, ListFull> {
        match self.works.try_push(work) {
            Ok(works) => {
                self.works = works;
                Ok(self)
            }
            Err(full) => Err(full),
        }
    }

    /// What is expected of its groups of workers, beside and before what the scenario says.
    #[must_use]
    pub const fn checks(mut self, checks: &'a Checks) -> Self {
        self.checks = Some(checks);
        self
    }

    /// A program that runs in it, started after the workers.
    #[must_use]
    pub const fn workload(mut self, payload: &'a Payload<'a>) -> Self {
        self.payload = Some(payload);
        self
    }

    /// Lets a step remove or stop it, once. Only for cgroups of the Backdrop, which else stay to the end.
    #[must_use]
    pub const fn until_removed(mut self) -> Self {
        self.until_removed = true;
        self
    }

    /// Lets it outlive its step, with its workers and its payload, until a step removes or stops it, or to
    /// the end. Only for cgroups of steps; those of the Backdrop stay anyway.
    #[must_use]
    pub const fn kept(mut self) -> Self {
        self.kept = true;
        self
    }

    /// Whether it says that it has no workers.
    pub const fn is_without_workers(&self) -> bool {
        matches!(self.works.as_slice(), [only] if only.is_none())
    }

    /// How many groups of workers it starts.
    pub const fn work_count(&self) -> usize {
        match self.works.as_slice() {
            [] => 1,
            [only] if only.is_none() => 0,
            works => works.len(),
        }
    }

    /// The group of workers with this number, the definition's defaults filled in.
    pub const fn work_at(&self, index: usize) -> WorkSpec<'a> {
        let works = self.works.as_slice();
        let work = if index < works.len() { works[index] } else { WorkSpec::new(WorkType::SpinWait) };
        self.filled_in(work)
    }

    const fn first_work(&self) -> WorkSpec<'a> {
        match self.works.as_slice().first() {
            Some(work) => *work,
            None => WorkSpec::new(WorkType::SpinWait),
        }
    }

    const fn with_first_work(self, work: WorkSpec<'a>) -> Self {
        if self.works.is_empty() {
            return self.work(work);
        }
        let mut changed = self;
        if let Ok([first, ..]) = changed.works.try_as_mut_slice() {
            *first = work;
        }
        changed
    }
}

macro_rules! settings_of_a_def {
    (
        first { $( $first:ident($given:ident: $type:ty) = $kept:expr, $of_group:literal, $doc:literal; )+ }
        all { $( $all:ident($each:ident: $all_type:ty), $all_of_group:literal, $all_doc:literal; )+ }
    ) => {
        impl<'a> CgroupDef<'a> {
            $(
                #[doc = $doc]
                #[must_use]
                pub const fn $first(self, $given: $type) -> Self {
                    let first = self.first_work().$first($given);
                    self.with_first_work(first)
                }
            )+
            $(
                #[doc = $all_doc]
                #[must_use]
                pub const fn $all(mut self, $each: $all_type) -> Self {
                    self.$all = Some($each);
                    self
                }
            )+

            /// A group of workers with what it has none of itself.
            const fn filled_in(&self, mut work: WorkSpec<'a>) -> WorkSpec<'a> {
                $(
                    if work.$all.is_none() {
                        work.$all = self.$all;
                    }
                )+
                work
            }
        }
    };
}

with_work_settings!(settings_of_a_def);

#[cfg(test)]
mod tests {
    use super::*;
    extern crate std;
    use std::string::ToString;

    const PROGRAM: Payload<'static> = Payload::binary("p", "true");

    #[test]
    fn the_first_group_is_shaped_in_place_and_the_others_follow() {
        let def = CgroupDef::named("a")
            .workers(2)
            .work_type(WorkType::Mixed)
            .work(WorkSpec::new(WorkType::ForkExit).nice(3))
            .nice(5)
            .comm("w");
        assert_eq!(def.work_count(), 2);
        assert_eq!((def.work_at(0).workers, def.work_at(0).nice), (Some(2), Some(5)));
        assert_eq!((def.work_at(1).nice, def.work_at(1).comm), (Some(3), Some("w")));
        assert_eq!(CgroupDef::named("b").work_count(), 1);
    }

    #[test]
    fn only_a_group_of_none_that_says_nothing_else_means_no_workers() {
        let (def, none) = (CgroupDef::named("a"), WorkSpec::new(WorkType::SpinWait).workers(0));
        for (def, groups) in [
            (def, 1),
            (def.workers(0), 0),
            (def.work(none), 0),
            (def.workers(0).nice(3).workload(&PROGRAM), 0),
            (def.workers(0).workers(2), 1),
            (def.workers(0).work_type(WorkType::Mixed), 1),
            (def.work(none).work(none), 2),
            (def.work(none.nice(3)), 1),
            (def.work(none.workers_pct(0.5)), 1),
        ] {
            assert_eq!((def.work_count(), def.is_without_workers()), (groups, groups == 0), "{def:?}");
        }
    }

    #[test]
    fn a_fifth_group_of_workers_is_refused() {
        let spec = WorkSpec::new(WorkType::SpinWait);
        let four = CgroupDef::named("a").work(spec).work(spec).work(spec).work(spec);
        let full = four.try_work(spec).expect_err("five");
        assert!(full.to_string().contains("CgroupDef::works"), "{full}");
    }
}
