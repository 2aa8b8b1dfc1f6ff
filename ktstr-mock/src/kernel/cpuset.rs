//! The cpuset controller: what is asked for (`cpus`, `mems`), and what is in force (`.effective`) down the
//! tree. Partitions are in `partition`.

use super::MockKernel;
use super::cgroup::CgroupId;
use super::parse;
use super::partition::{Partition, Why};
use super::tasks::Pid;
use crate::errno::Errno;
use ktstr_core::{CpuSet, MAX_NODES, NodeSet};

/// Node numbers from here on give `ERANGE`; lower ones that the machine lacks give `EINVAL`.
const NODE_BITS: usize = 1024;

/// The cpuset settings of one cgroup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cpuset {
    pub(crate) cpus: CpuSet,
    pub(crate) mems: NodeSet,
    pub(crate) effective_cpus: CpuSet,
    pub(crate) effective_mems: NodeSet,
    /// CPUs asked for alone, `cpuset.cpus.exclusive`.
    pub(crate) exclusive: CpuSet,
    /// Those of them, or of `cpus` in a valid partition, that can be had.
    pub(crate) exclusive_effective: CpuSet,
    pub(crate) partition: Partition,
    /// Whether a partition works.
    pub(crate) valid: bool,
    /// Whether a valid partition has its CPUs from the root, not from its parent.
    pub(crate) remote: bool,
    /// What was wrong last.
    pub(crate) why: Why,
}

impl Cpuset {
    pub(crate) const UNSET: Self = Self {
        cpus: CpuSet::EMPTY,
        mems: NodeSet::EMPTY,
        effective_cpus: CpuSet::EMPTY,
        effective_mems: NodeSet::EMPTY,
        exclusive: CpuSet::EMPTY,
        exclusive_effective: CpuSet::EMPTY,
        partition: Partition::Member,
        valid: false,
        remote: false,
        why: Why::Unsaid,
    };

    /// What the root of a machine with these CPUs and nodes has.
    pub(crate) fn root(cpus: &CpuSet, nodes: NodeSet) -> Self {
        Self {
            effective_cpus: *cpus,
            effective_mems: nodes,
            exclusive_effective: *cpus,
            partition: Partition::Root,
            valid: true,
            ..Self::UNSET
        }
    }
}

impl MockKernel {
    /// Gives a cgroup that has just got the controller what its parent has in force, and any other nothing.
    pub(crate) fn cpuset_online(&mut self, id: CgroupId) {
        let mut set = Cpuset::UNSET;
        if let (true, Some(parent)) = (self.has_cpuset(id), self.cg(id).parent) {
            let above = self.set(parent);
            set.effective_cpus = above.effective_cpus;
            set.effective_mems = above.effective_mems;
        }
        *self.set_mut(id) = set;
    }

    /// Takes the CPUs back from a partition that goes or loses the controller.
    pub(crate) fn cpuset_offline(&mut self, id: CgroupId) {
        if self.set(id).is_valid() {
            self.set_partition(id, Partition::Member);
        }
    }

    /// The cgroup whose cpuset is in force for the tasks of this one.
    fn cpuset_home(&self, id: CgroupId) -> CgroupId {
        let mut at = id;
        while let (false, Some(parent)) = (self.has_cpuset(at), self.cg(at).parent) {
            at = parent;
        }
        at
    }

    /// The CPUs in force for the tasks of a cgroup.
    pub(crate) fn cpus_of(&self, id: CgroupId) -> CpuSet {
        self.cg(self.cpuset_home(id)).cpuset.effective_cpus
    }

    /// The memory nodes in force for the tasks of a cgroup.
    pub(crate) fn mems_of(&self, id: CgroupId) -> NodeSet {
        self.cg(self.cpuset_home(id)).cpuset.effective_mems
    }

    /// The CPUs that a live task may run on: those in force, and of these the ones it asked for if there are
    /// any.
    pub fn allowed_cpus(&self, pid: Pid) -> Option<CpuSet> {
        let task = self.task(pid)?;
        let cpus = self.cpus_of(task.cgroup);
        Some(match task.affinity.map(|asked| asked.and(&cpus)) {
            Some(both) if !both.is_empty() => both,
            _ => cpus,
        })
    }

    /// Asks for CPUs, as `sched_setaffinity` does.
    ///
    /// # Errors
    /// `ESRCH`, `EINVAL` when none of them is in force for the task.
    pub fn set_affinity(&mut self, pid: Pid, cpus: &CpuSet) -> Result<(), Errno> {
        self.accepts_affinity(pid, cpus)?;
        let slot = self.slot(pid)?;
        self.tasks[slot].affinity = Some(*cpus);
        self.touch();
        Ok(())
    }

    pub(crate) fn accepts_affinity(&self, pid: Pid, cpus: &CpuSet) -> Result<(), Errno> {
        let task = &self.tasks[self.slot(pid)?];
        if cpus.and(&self.cpus_of(task.cgroup)).is_empty() { Err(Errno::EINVAL) } else { Ok(()) }
    }

    pub(crate) fn parse_cpus(&self, text: &str) -> Result<CpuSet, Errno> {
        let bits = self.possible.iter().last().map_or(1, |last| last + 1);
        parse::list(parse::strip(text), bits)
    }

    pub(crate) fn write_cpus(&mut self, id: CgroupId, text: &str) -> Result<(), Errno> {
        let cpus = self.parse_cpus(text)?;
        self.set_cpus(id, &cpus)
    }

    /// Sets `cpuset.cpus`; the empty set clears it.
    pub(crate) fn set_cpus(&mut self, id: CgroupId, cpus: &CpuSet) -> Result<(), Errno> {
        if !cpus.is_subset(&self.possible) {
            return Err(Errno::EINVAL);
        }
        let cgroup = self.cg(id);
        if cgroup.cpuset.cpus == *cpus {
            return Ok(());
        }
        if self.quirks.clearing_needs_no_tasks && cpus.is_empty() && cgroup.is_populated() {
            return Err(Errno::ENOSPC);
        }
        let kept = self.quirks.deadline_holds_cpus
            || (self.quirks.partitions_keep_cpus && cgroup.cpuset.exclusive.is_empty());
        if cpus.is_empty() && kept {
            self.check_kept(id)?;
        }
        self.change_cpus(id, cpus);
        Ok(())
    }

    pub(crate) fn write_mems(&mut self, id: CgroupId, text: &str) -> Result<(), Errno> {
        let wide: ktstr_core::IdSet<{ NODE_BITS / 64 }> = parse::list(parse::strip(text), NODE_BITS)?;
        if wide.next_from(MAX_NODES).is_some() {
            return Err(Errno::EINVAL);
        }
        let nodes = wide.iter().collect();
        self.set_mems(id, &nodes)
    }

    /// Sets `cpuset.mems`; the empty set clears it.
    pub(crate) fn set_mems(&mut self, id: CgroupId, nodes: &NodeSet) -> Result<(), Errno> {
        if !nodes.is_subset(&self.nodes) {
            return Err(Errno::EINVAL);
        }
        let cgroup = self.cg(id);
        if cgroup.cpuset.mems == *nodes {
            return Ok(());
        }
        if self.quirks.clearing_needs_no_tasks && nodes.is_empty() && cgroup.is_populated() {
            return Err(Errno::ENOSPC);
        }
        // Kernels look at the whole of the settings again, also at those that stay.
        let unchanged = cgroup.cpuset;
        if self.clashes(id, &unchanged, unchanged.is_valid()) {
            return Err(Errno::EINVAL);
        }
        self.cg_mut(id).cpuset.mems = *nodes;
        self.spread_mems(id);
        Ok(())
    }

    fn spread_mems(&mut self, id: CgroupId) {
        let mut at = Some(id);
        while let Some(below) = at {
            let changed = self.cg(below).parent.is_some_and(|parent| {
                let above = self.cg(parent).cpuset.effective_mems;
                let cpuset = &mut self.cg_mut(below).cpuset;
                let both = cpuset.mems.and(&above);
                let before = core::mem::replace(
                    &mut cpuset.effective_mems,
                    if both.is_empty() { above } else { both },
                );
                before != self.cg(below).cpuset.effective_mems
            });
            let on = self.has_cpuset(below) && changed;
            at = if on { self.next_below(id, below) } else { self.next_beside(id, below) };
        }
    }

    /// Takes a CPU offline or brings it back.
    ///
    /// # Errors
    /// `ENODEV` for a CPU that the machine does not have, `EBUSY` for the last one online.
    pub fn set_online(&mut self, cpu: usize, online: bool) -> Result<(), Errno> {
        if !self.possible.contains(cpu) {
            return Err(Errno::ENODEV);
        }
        let mut now = self.online;
        if online {
            now.insert(cpu);
        } else {
            now.remove(cpu);
        }
        let last = CpuSet::EMPTY.with(cpu);
        let served = |set: &Cpuset| set.is_valid() && set.partition == Partition::Root;
        let holds = |set: &Cpuset| served(set) && !set.remote && set.effective_cpus == last;
        let held = self.quirks.deadline_holds_cpus
            && !online
            && self.cgroups.iter().any(|cgroup| cgroup.live && holds(&cgroup.cpuset));
        if now.is_empty() || held {
            return Err(Errno::EBUSY);
        }
        self.online = now;
        self.hotplug();
        Ok(())
    }
}
