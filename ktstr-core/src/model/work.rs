//! A group of workers: what they do, how many there are, and what they ask of the scheduler.

use crate::model::affinity::AffinityIntent;
use crate::model::mem_policy::{MemPolicy, MpolFlags};
use crate::model::sched_policy::SchedPolicy;
use crate::model::work_type::WorkType;
use serde::Serialize;

/// What can be set of a group of workers, a row each: the method's name, its argument, what is kept, and what
/// it means for a [`WorkSpec`] and for a [`CgroupDef`](crate::CgroupDef). What is set of `first` goes to the
/// definition's first group, what is set of `all` to those of its groups that have none of their own.
macro_rules! with_work_settings {
    ($then:ident) => {
        $then! {
            first {
                workers(count: u32) = Some(count),
                    "How many workers.",
                    "How many workers the first group has; 0, and nothing else of workers, for a cgroup \
without any, as one has to be whose children have limits.";
                workers_pct(share: f64) = Some(share),
                    "How many workers for each CPU of the cpuset, rounded up.",
                    "How many workers the first group has for each CPU of the cpuset, rounded up.";
                work_type(work_type: WorkType) = work_type,
                    "What each worker does.",
                    "What the workers of the first group do.";
                sched_policy(policy: SchedPolicy) = policy,
                    "The scheduling policy.",
                    "The scheduling policy of the first group.";
                affinity(intent: AffinityIntent) = intent,
                    "Which CPUs each worker asks for.",
                    "Which CPUs the workers of the first group ask for.";
                mem_policy(policy: MemPolicy) = policy,
                    "Where memory comes from.",
                    "Where the memory of the first group comes from.";
                mpol_flags(flags: MpolFlags) = flags,
                    "Flags of the memory policy.",
                    "Flags of the memory policy of the first group.";
            }
            all {
                nice(nice: i32),
                    "Nice value, -20 to 19.",
                    "Nice value, -20 to 19, of the workers that have none of their own.";
                comm(comm: &'a str),
                    "The task's name, 1 to 15 bytes.",
                    "Task name, 1 to 15 bytes, of the workers that have none of their own.";
                uid(uid: u32),
                    "User id to run as.",
                    "User id of the workers that have none of their own.";
                gid(gid: u32),
                    "Group id to run as.",
                    "Group id of the workers that have none of their own.";
            }
        }
    };
}

pub(crate) use with_work_settings;

/// Workers of one kind in one cgroup.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct WorkSpec<'a> {
    /// What each worker does.
    pub work_type: WorkType,
    /// How many; `None` takes the scenario's `workers_per_cgroup`. Excludes `workers_pct`.
    pub workers: Option<u32>,
    /// How many as a share of the cgroup's cpuset, rounded up: 1.0 is one for each CPU. Above 0.
    pub workers_pct: Option<f64>,
    /// The scheduling policy.
    pub sched_policy: SchedPolicy,
    /// Which CPUs each asks for.
    pub affinity: AffinityIntent,
    /// Where memory comes from.
    pub mem_policy: MemPolicy,
    /// Flags of the memory policy.
    pub mpol_flags: MpolFlags,
    /// Nice value, -20 to 19.
    pub nice: Option<i32>,
    /// The task's name, 1 to 15 bytes.
    pub comm: Option<&'a str>,
    /// User id to run as.
    pub uid: Option<u32>,
    /// Group id to run as.
    pub gid: Option<u32>,
}

impl<'a> WorkSpec<'a> {
    /// Workers of this type, as many as the scenario's default.
    pub const fn new(work_type: WorkType) -> Self {
        Self {
            work_type,
            workers: None,
            workers_pct: None,
            sched_policy: SchedPolicy::Normal,
            affinity: AffinityIntent::Inherit,
            mem_policy: MemPolicy::Default,
            mpol_flags: MpolFlags::NONE,
            nice: None,
            comm: None,
            uid: None,
            gid: None,
        }
    }

    /// Whether it asks for nothing beyond a work type and a number of workers.
    #[inline]
    pub(crate) const fn is_plain(&self) -> bool {
        matches!(self.sched_policy, SchedPolicy::Normal)
            && matches!(self.affinity, AffinityIntent::Inherit)
            && matches!((self.mem_policy, self.nice, self.comm), (MemPolicy::Default, None, None))
            && matches!((self.uid, self.gid), (None, None))
            && self.mpol_flags.is_empty()
    }

    /// Whether it says that there are no workers: a number of 0, and nothing else.
    pub(crate) const fn is_none(&self) -> bool {
        matches!((self.workers, self.workers_pct), (Some(0), None))
            && matches!(self.work_type, WorkType::SpinWait)
            && self.is_plain()
    }

    /// How many workers this makes where the scenario's default is `default` and the cpuset has `cpus` CPUs.
    /// A share without a cpuset, or one that is no positive number, makes none.
    pub const fn count(&self, default: u32, cpus: Option<usize>) -> u32 {
        match (self.workers, self.workers_pct, cpus) {
            (Some(count), _, _) => count,
            (None, Some(share), Some(cpus)) => round_up(share * cpus as f64),
            (None, Some(_), None) => 0,
            (None, None, _) => default,
        }
    }
}

macro_rules! settings_of_a_group {
    (
        first { $( $first:ident($given:ident: $type:ty) = $kept:expr, $doc:literal, $of_def:literal; )+ }
        all { $( $all:ident($each:ident: $all_type:ty), $all_doc:literal, $all_of_def:literal; )+ }
    ) => {
        impl<'a> WorkSpec<'a> {
            $(
                #[doc = $doc]
                #[must_use]
                pub const fn $first(mut self, $given: $type) -> Self {
                    self.$first = $kept;
                    self
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
        }
    };
}

with_work_settings!(settings_of_a_group);

const fn round_up(value: f64) -> u32 {
    let whole = value as u32;
    if (whole as f64) < value { whole.saturating_add(1) } else { whole }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_follow_number_then_share_then_default() {
        let spec = WorkSpec::new(WorkType::SpinWait);
        for (spec, cpus, count) in [
            (spec, Some(4), 3),
            (spec.workers(5), Some(4), 5),
            (spec.workers_pct(0.75), Some(4), 3),
            (spec.workers_pct(0.7), Some(4), 3),
            (spec.workers_pct(1.0), None, 0),
            (spec.workers_pct(f64::NAN), Some(4), 0),
            (spec.workers_pct(1e30), Some(4), u32::MAX),
        ] {
            assert_eq!(spec.count(3, cpus), count, "{spec:?}");
        }
    }
}
