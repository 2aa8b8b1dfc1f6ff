//! SCHED_DEADLINE: which CPUs its tasks need, and how much CPU time all of them together are let have.
//! What the kernel answers at admission is known before the run where the machine is.

use super::state::Life;
use super::walk::Walk;
use crate::model::affinity::AffinityIntent;
use crate::model::sched_policy::SchedPolicy;
use crate::validate::invalid::Value;
use crate::validate::rules::ErrorKind;

/// Most cgroups with workers under SCHED_DEADLINE at the same time.
pub const MAX_DEADLINE_CGROUPS: usize = 16;

/// Live workers under SCHED_DEADLINE, by cgroup and life.
#[derive(Clone, Copy)]
pub(super) struct Deadlines {
    groups: [Group; MAX_DEADLINE_CGROUPS],
    len: usize,
    /// What rounds of a loop that were not played add.
    skipped: u64,
}

#[derive(Clone, Copy)]
struct Group {
    cgroup: u32,
    life: Life,
    bandwidth: u64,
}

impl Deadlines {
    pub(super) const NONE: Self = Self {
        groups: [Group { cgroup: 0, life: Life::Step, bandwidth: 0 }; MAX_DEADLINE_CGROUPS],
        len: 0,
        skipped: 0,
    };

    /// Goes past rounds of a loop that add this much in all.
    pub(super) const fn skip(&mut self, bandwidth: u64) {
        self.skipped = bandwidth;
    }

    pub(super) const fn total(&self) -> u64 {
        let (mut total, mut at) = (self.skipped, 0);
        while at < self.len {
            total = total.saturating_add(self.groups[at].bandwidth);
            at += 1;
        }
        total
    }

    /// Counts workers in; false where there is no room for one more cgroup.
    const fn add(&mut self, cgroup: u32, life: Life, bandwidth: u64) -> bool {
        let mut at = 0;
        while at < self.len {
            let group = &mut self.groups[at];
            if group.cgroup == cgroup && group.life as u8 == life as u8 {
                group.bandwidth = group.bandwidth.saturating_add(bandwidth);
                return true;
            }
            at += 1;
        }
        if self.len == MAX_DEADLINE_CGROUPS {
            return false;
        }
        self.groups[self.len] = Group { cgroup, life, bandwidth };
        self.len += 1;
        true
    }

    /// The groups of this life in a cgroup end.
    #[inline]
    pub(super) const fn end(&mut self, cgroup: u32, life: Life) {
        let mut at = self.len;
        while at > 0 {
            at -= 1;
            if self.groups[at].cgroup == cgroup && self.groups[at].life as u8 == life as u8 {
                self.len -= 1;
                self.groups[at] = self.groups[self.len];
            }
        }
    }

    /// All groups of a cgroup move to another, which lives as long as `home`.
    #[inline]
    pub(super) const fn move_all(&mut self, from: u32, to: u32, home: Life) {
        let mut at = 0;
        while at < self.len {
            let group = &mut self.groups[at];
            if group.cgroup == from {
                (group.cgroup, group.life) = (to, group.life.longer(home));
            }
            at += 1;
        }
    }

    /// Whether a cgroup has such a group.
    #[inline]
    const fn has(&self, cgroup: u32) -> bool {
        let mut at = 0;
        while at < self.len {
            if self.groups[at].cgroup == cgroup {
                return true;
            }
            at += 1;
        }
        false
    }
}

impl<'a> Walk<'_, '_, 'a> {
    /// Judges so many workers of this policy, and counts them in.
    pub(super) const fn check_deadline(
        &mut self,
        at: u32,
        name: &'a str,
        policy: &SchedPolicy,
        affinity: &AffinityIntent,
        workers: u32,
    ) {
        let Some(each) = policy.bandwidth() else { return };
        self.check_wide(at, name, affinity);
        let asked = each.saturating_mul(workers as u64);
        let total = self.deadlines.total().saturating_add(asked);
        if let Some(most) = self.most_bandwidth()
            && total > most
        {
            self.report_value(ErrorKind::DeadlineAdmission, name, in_cpus(total), in_cpus(most));
            return;
        }
        let life = self.life_in(at);
        if !self.deadlines.add(at, life, asked) {
            let most = Value::Count(MAX_DEADLINE_CGROUPS as u64);
            self.report_value(ErrorKind::DeadlineCgroups, name, most, most);
        }
    }

    /// What all deadlines together can have, where the machine is known.
    pub(super) const fn most_bandwidth(&self) -> Option<u64> {
        match self.topology {
            Some(topology) => Some(topology.cpus().len() as u64 * SchedPolicy::MOST_BANDWIDTH),
            None => None,
        }
    }

    /// Judges a new affinity of the workers in a cgroup.
    #[inline]
    pub(super) const fn check_deadline_affinity(
        &mut self,
        at: u32,
        name: &'a str,
        affinity: &AffinityIntent,
    ) {
        if self.deadlines.len > 0 && self.deadlines.has(at) {
            self.check_wide(at, name, affinity);
        }
    }

    /// Whether tasks in a cgroup may use all CPUs; left open where the machine is not known.
    const fn check_wide(&mut self, at: u32, name: &'a str, affinity: &AffinityIntent) {
        let (Some(topology), Some(allowed)) = (self.topology, self.allowed(at)) else { return };
        let all = topology.cpus();
        let asked = match affinity.plan(topology, &allowed, 0) {
            Some(plan) => match plan.for_worker(0) {
                Some(cpus) => cpus,
                None => allowed,
            },
            None => return, // is refused by a rule of its own
        };
        if !all.is_subset(&asked) || !all.is_subset(&allowed) {
            let (value, limit) = (Value::Count(asked.len() as u64), Value::Count(all.len() as u64));
            self.report_value(ErrorKind::DeadlineNarrow, name, value, limit);
        }
    }
}

const fn in_cpus(bandwidth: u64) -> Value {
    Value::Real(bandwidth as f64 / SchedPolicy::WHOLE_CPU as f64)
}
