//! Groups of workers: how many there are, and what they ask for.

use super::state::Life;
use super::walk::Walk;
use crate::model::cpuset::NodeSet;
use crate::model::mem_policy::{MemPolicy, MpolFlags};
use crate::model::sched_policy::SchedPolicy;
use crate::model::work::WorkSpec;
use crate::validate::invalid::{Invalid, Value};
use crate::validate::rules::ErrorKind;
use core::time::Duration;

/// Most workers in one group.
pub const MAX_WORKERS: u32 = 1024;
/// Longest task name in bytes.
const MAX_COMM: usize = 15;

impl<'a> Walk<'_, '_, 'a> {
    /// Starts a group of workers in a cgroup; `None` for one that could not be made, of which only the values
    /// count.
    pub(super) const fn start_group(&mut self, at: Option<u32>, name: &'a str, work: &WorkSpec<'a>) {
        let default = self.scenario.workers_per_cgroup;
        let count = match (work.workers, work.workers_pct) {
            (Some(count), None) if is_whole(count, work) => count,
            (None, None) if is_whole(default, work) => default,
            _ => self.worker_count(at, name, work),
        };
        if !asks_nothing(work) {
            self.check_work(at, name, work);
        }
        if let Some(at) = at {
            if self.is_to_fail() {
                self.try_tasks(at, count);
                return;
            }
            self.check_deadline(at, name, &work.sched_policy, &work.affinity, count);
            self.add_group(at, count);
        }
    }

    /// Counts a group in.
    #[inline]
    const fn add_group(&mut self, at: u32, count: u32) {
        let life = self.life_in(at);
        let cgroup = self.cgroup_mut(at);
        cgroup.groups[life as usize] += 1;
        cgroup.workers[life as usize] = cgroup.workers[life as usize].saturating_add(count);
        self.start_tasks(at, count);
        if life.is_step() {
            self.mark(at);
        }
        self.groups += 1;
        if self.groups > self.needs.groups {
            self.needs.groups = self.groups;
        }
        if self.groups > self.round_groups {
            self.round_groups = self.groups;
        }
    }

    /// Takes all groups of this life out of a cgroup.
    pub(super) const fn drop_groups(&mut self, at: u32, life: Life) {
        let cgroup = self.cgroup_mut(at);
        let (groups, workers) = (cgroup.groups[life as usize], cgroup.workers[life as usize]);
        if groups == 0 {
            return;
        }
        (cgroup.groups[life as usize], cgroup.workers[life as usize]) = (0, 0);
        self.deadlines.end(at, life);
        self.groups -= groups;
        self.drop_tasks(at, workers);
    }

    /// How many workers a group has; at least 1 where that is not known or in error.
    const fn worker_count(&mut self, at: Option<u32>, name: &'a str, work: &WorkSpec<'a>) -> u32 {
        let default = self.scenario.workers_per_cgroup;
        let mut said = work.workers.is_some();
        let mut count = match work.workers {
            Some(count) => count,
            None => default,
        };
        if let Some(share) = work.workers_pct {
            if work.workers.is_some() {
                self.report(ErrorKind::WorkersTwice, name);
            } else {
                match self.shared_count(at, name, work, share) {
                    Some(found) => (count, said) = (found, true),
                    None => return 1,
                }
            }
        }
        let valid = count >= 1 && count <= MAX_WORKERS;
        if !valid && !said {
            return 1; // the scenario's default is in error, and has been noted there
        }
        let size = work.work_type.team_size();
        if count == 0 {
            self.report(ErrorKind::WorkersZero, name);
            return 1;
        } else if !valid {
            let most = Value::Count(MAX_WORKERS as u64);
            self.report_value(ErrorKind::WorkersTooMany, name, Value::Count(count as u64), most);
        } else if !count.is_multiple_of(size) {
            let size = Value::Count(size as u64);
            self.report_value(ErrorKind::GroupSize, name, Value::Count(count as u64), size);
        }
        count
    }

    /// How many workers a share of the CPUs makes, if that is known and makes sense.
    const fn shared_count(
        &mut self,
        at: Option<u32>,
        name: &'a str,
        work: &WorkSpec<'a>,
        share: f64,
    ) -> Option<u32> {
        if !share.is_finite() || share <= 0.0 {
            self.report_value(ErrorKind::WorkersShare, name, Value::Real(share), Value::None);
            return None;
        }
        let Some(at) = at else { return None };
        if at == self.runner {
            self.report(ErrorKind::ShareInRunner, name);
            return None;
        }
        if !self.has_set(at) {
            self.report(ErrorKind::ShareWithoutCpuset, name);
            return None;
        }
        match self.allowed(at) {
            Some(cpus) => Some(work.count(1, Some(cpus.len()))),
            None => None,
        }
    }

    /// Judges everything about a group but its number.
    const fn check_work(&mut self, at: Option<u32>, name: &'a str, work: &WorkSpec<'a>) {
        if let Some(misfit) = work.work_type.misfit() {
            self.note(Invalid {
                other: work.work_type.name(),
                field: Some(misfit.field),
                value: Value::of(misfit.value),
                limit: Value::most_of(misfit.kind),
                ..Invalid::new(ErrorKind::WorkArguments, self.site(), name)
            });
        }
        self.check_policy(name, &work.sched_policy);
        self.check_affinity(at, name, &work.affinity);
        self.check_mem_policy(at, name, work);
        if let Some(nice) = work.nice {
            if nice < -20 || nice > 19 {
                self.report_value(ErrorKind::Nice, name, Value::Signed(nice as i64), Value::None);
            }
            self.needs.privileged |= nice < 0;
        }
        if let Some(comm) = work.comm
            && (comm.is_empty() || comm.len() > MAX_COMM || super::names::has_nul(comm))
        {
            self.note(Invalid {
                other: comm,
                value: Value::Count(comm.len() as u64),
                limit: Value::Count(MAX_COMM as u64),
                ..Invalid::new(ErrorKind::Comm, self.site(), name)
            });
        }
        self.check_user(name, work.uid);
        self.check_user(name, work.gid);
        self.needs.privileged |= work.uid.is_some() || work.gid.is_some() || work.sched_policy.is_realtime();
    }

    const fn check_user(&mut self, name: &'a str, id: Option<u32>) {
        if let Some(u32::MAX) = id {
            let id = Value::Count(u32::MAX as u64);
            self.report_value(ErrorKind::UserInvalid, name, id, id);
        }
    }

    pub(super) const fn check_policy(&mut self, name: &'a str, policy: &SchedPolicy) {
        match *policy {
            SchedPolicy::Fifo(priority) | SchedPolicy::RoundRobin(priority) => {
                if priority < 1 || priority > 99 {
                    let value = Value::Count(priority as u64);
                    self.report_value(ErrorKind::Priority, name, value, Value::Count(99));
                }
            }
            SchedPolicy::Deadline { runtime, deadline, period } => {
                if !fits(runtime, deadline, period) {
                    let (value, limit) = (Value::Time(runtime), Value::Time(deadline));
                    self.report_value(ErrorKind::Deadline, name, value, limit);
                }
            }
            SchedPolicy::Normal | SchedPolicy::Batch | SchedPolicy::Idle | SchedPolicy::Ext => {}
        }
    }

    const fn check_mem_policy(&mut self, at: Option<u32>, name: &'a str, work: &WorkSpec<'a>) {
        let flags = &work.mpol_flags;
        let (fixed, relative) = (flags.has(MpolFlags::STATIC_NODES), flags.has(MpolFlags::RELATIVE_NODES));
        if fixed && relative {
            self.report(ErrorKind::MemPolicyFlags, name);
        }
        if flags.has(MpolFlags::NUMA_BALANCING) && !matches!(work.mem_policy, MemPolicy::Bind(_)) {
            self.report(ErrorKind::MemPolicyBalancing, name);
        }
        match work.mem_policy.nodes() {
            None if fixed || relative => self.report(ErrorKind::MemPolicyFlagsUnused, name),
            None => {}
            Some(nodes) if nodes.is_empty() => self.report(ErrorKind::MemPolicyEmpty, name),
            Some(nodes) if !relative => self.check_nodes(at, name, &nodes, fixed),
            Some(_) => {}
        }
    }

    /// Whether workers may use the nodes that they ask for: all of them, or with fixed ids at least one.
    const fn check_nodes(&mut self, at: Option<u32>, name: &'a str, nodes: &NodeSet, fixed: bool) {
        let Some(at) = at else { return };
        let Some(allowed) = self.allowed_mems(at) else { return };
        if fixed && !nodes.and(&allowed).is_empty() {
            return;
        }
        if let Some(node) = nodes.minus(&allowed).first() {
            self.report_value(ErrorKind::MemPolicyOutside, name, Value::Count(node as u64), Value::None);
        }
    }
}

/// Whether a group of so many workers needs no closer look.
#[inline]
const fn is_whole(count: u32, work: &WorkSpec<'_>) -> bool {
    let size = work.work_type.team_size();
    count >= 1 && count <= MAX_WORKERS && (size == 1 || count.is_multiple_of(size))
}

/// Whether a group asks for nothing that could be wrong, as most do.
#[inline]
const fn asks_nothing(work: &WorkSpec<'_>) -> bool {
    work.is_plain() && work.work_type.is_valid()
}

/// As the kernel's `__checkparam_dl` judges, with its sysctls `sched_deadline_period_min_us` and `_max_us` as
/// they are unless somebody has set them.
const fn fits(runtime: Duration, deadline: Duration, period: Duration) -> bool {
    let (shortest, longest) =
        (Duration::from_micros(100).as_nanos(), Duration::from_micros(1 << 22).as_nanos());
    let (runtime, deadline, period) = (runtime.as_nanos(), deadline.as_nanos(), period.as_nanos());
    1024 <= runtime && runtime <= deadline && deadline <= period && shortest <= period && period <= longest
}
