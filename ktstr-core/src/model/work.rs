//! A group of workers: what they do, how many there are, and what they ask of the scheduler.

use crate::model::affinity::AffinityIntent;
use crate::model::mem_policy::{MemPolicy, MpolFlags};
use crate::model::sched_policy::SchedPolicy;
use crate::model::work_type::WorkType;
use serde::Serialize;

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

    /// How many workers.
    #[must_use]
    pub const fn workers(mut self, count: u32) -> Self {
        self.workers = Some(count);
        self
    }

    /// How many workers for each CPU of the cpuset, rounded up.
    #[must_use]
    pub const fn workers_pct(mut self, share: f64) -> Self {
        self.workers_pct = Some(share);
        self
    }

    /// What each worker does.
    #[must_use]
    pub const fn work_type(mut self, work_type: WorkType) -> Self {
        self.work_type = work_type;
        self
    }

    /// The scheduling policy.
    #[must_use]
    pub const fn sched_policy(mut self, policy: SchedPolicy) -> Self {
        self.sched_policy = policy;
        self
    }

    /// Which CPUs each worker asks for.
    #[must_use]
    pub const fn affinity(mut self, intent: AffinityIntent) -> Self {
        self.affinity = intent;
        self
    }

    /// Where memory comes from.
    #[must_use]
    pub const fn mem_policy(mut self, policy: MemPolicy) -> Self {
        self.mem_policy = policy;
        self
    }

    /// Flags of the memory policy.
    #[must_use]
    pub const fn mpol_flags(mut self, flags: MpolFlags) -> Self {
        self.mpol_flags = flags;
        self
    }

    /// Nice value, -20 to 19.
    #[must_use]
    pub const fn nice(mut self, nice: i32) -> Self {
        self.nice = Some(nice);
        self
    }

    /// The task's name, 1 to 15 bytes.
    #[must_use]
    pub const fn comm(mut self, comm: &'a str) -> Self {
        self.comm = Some(comm);
        self
    }

    /// User id to run as.
    #[must_use]
    pub const fn uid(mut self, uid: u32) -> Self {
        self.uid = Some(uid);
        self
    }

    /// Group id to run as.
    #[must_use]
    pub const fn gid(mut self, gid: u32) -> Self {
        self.gid = Some(gid);
        self
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
