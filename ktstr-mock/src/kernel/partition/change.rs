//! What follows from a change of `cpuset.cpus`, `cpuset.cpus.exclusive` or of the CPUs online: partitions are
//! looked at again, and what is in force is spread down the tree.

use super::{Partition, Why};
use crate::errno::Errno;
use crate::kernel::MockKernel;
use crate::kernel::cgroup::CgroupId;
use crate::kernel::cpuset::Cpuset;
use ktstr_core::CpuSet;

impl MockKernel {
    /// Whether settings are refused by a sibling that wants CPUs for itself alone.
    pub(crate) fn clashes(&self, id: CgroupId, trial: &Cpuset, alone: bool) -> bool {
        let changed = trial.exclusive != self.set(id).exclusive;
        if self.quirks.rivals_share && !changed {
            return false;
        }
        let alone = alone && !self.quirks.rivals_share;
        let siblings = self.set_children(self.parent_set(id)).iter().filter(|&&sibling| sibling != id);
        siblings.into_iter().any(|&sibling| {
            let other = self.set(sibling);
            match (trial.exclusive.is_empty(), other.exclusive.is_empty()) {
                (mine, theirs)
                    if alone || other.is_valid() && !self.quirks.rivals_share || (!mine && !theirs) =>
                {
                    !trial.asked().and(other.asked()).is_empty()
                }
                (false, true) => !other.cpus.is_empty() && other.cpus.is_subset(&trial.exclusive),
                (true, false) if !self.quirks.rivals_share => {
                    !trial.cpus.is_empty() && trial.cpus.is_subset(&other.exclusive)
                }
                _ => false,
            }
        })
    }

    /// Why a partition cannot go on with these settings.
    fn objection(&self, id: CgroupId, before: &Cpuset, trial: &Cpuset) -> Option<Why> {
        let parent = self.parent_set(id);
        if before.partition == Partition::Member {
            None
        } else if (before.is_valid() || self.quirks.rivals_share) && trial.exclusive_effective.is_empty() {
            Some(Why::NoGrant)
        } else if self.leaves_tasks_without(parent, id, &trial.exclusive_effective) {
            Some(Why::ParentLeftWithout)
        } else {
            None
        }
    }

    /// Changes `cpuset.cpus` of a cgroup. Siblings' partitions that this runs into become invalid.
    pub(crate) fn change_cpus(&mut self, id: CgroupId, cpus: &CpuSet) {
        let set = self.set_mut(id);
        if set.partition == Partition::Member && set.exclusive.is_empty() && self.quirks.rivals_share {
            self.set_mut(id).cpus = *cpus;
            self.spread_sets(id, false);
            return;
        }
        let before = *self.set(id);
        let mut trial = before;
        trial.cpus = *cpus;
        if cpus.is_empty() {
            if trial.exclusive.is_empty() {
                trial.exclusive_effective = CpuSet::EMPTY;
            }
        } else if !trial.exclusive.is_empty()
            || before.is_valid()
            || (self.quirks.rivals_share && before.is_invalid())
        {
            trial.exclusive_effective = self.grant(id, &trial, true).0;
        }
        let objection = self.objection(id, &before, &trial);
        if let Some(why) = objection {
            self.set_mut(id).why = why;
        }
        let clash = self.clashes(id, &trial, before.is_valid());
        if clash {
            self.invalidate_rivals(id, &trial);
        }
        let invalidate = clash || objection.is_some();
        let now = *self.set(id);
        if now.is_valid() || (now.is_invalid() && !invalidate) {
            let asked = match trial.exclusive_effective.is_empty() && now.is_invalid() {
                true => trial.cpus,
                false => trial.exclusive_effective,
            };
            if now.is_remote() {
                self.change_remote(id, None, &asked);
            } else if invalidate {
                self.invalidate_local(id);
            } else {
                self.reconsider(id, Some(&asked));
            }
        }
        let set = self.set_mut(id);
        set.cpus = trial.cpus;
        set.exclusive_effective = trial.exclusive_effective;
        if before.is_valid() && !set.is_valid() {
            self.forget_grant(id);
        }
        self.spread_sets(id, before.exclusive_effective != trial.exclusive_effective);
    }

    fn invalidate_rivals(&mut self, id: CgroupId, trial: &Cpuset) {
        let parent = self.parent_set(id);
        for place in 0..self.set_children(parent).len() {
            let rival = self.set_children(parent)[place];
            let set = self.set(rival);
            if set.is_valid() && !set.remote && !set.exclusive_effective.and(trial.asked()).is_empty() {
                self.invalidate_local(rival);
            }
        }
    }

    /// A write to `cpuset.cpus.exclusive`. Unlike `cpuset.cpus` it is refused where siblings are in the way.
    pub(crate) fn write_exclusive(&mut self, id: CgroupId, text: &str) -> Result<(), Errno> {
        let exclusive = self.parse_cpus(text)?;
        if !exclusive.is_subset(&self.possible) {
            return Err(Errno::EINVAL);
        }
        let before = *self.set(id);
        if before.exclusive == exclusive {
            return Ok(());
        }
        let mut trial = before;
        trial.exclusive = exclusive;
        if self.quirks.partitions_keep_cpus && trial.asked().is_empty() {
            self.check_kept(id)?;
        }
        let keeps = self.quirks.partitions_keep_cpus && before.partition != Partition::Member;
        if exclusive.is_empty() && !keeps {
            trial.exclusive_effective = CpuSet::EMPTY;
        } else {
            let (grant, conflict) = self.grant(id, &trial, true);
            if conflict {
                return Err(Errno::EINVAL);
            }
            trial.exclusive_effective = grant;
        }
        if self.clashes(id, &trial, before.is_valid()) {
            return Err(Errno::EINVAL);
        }
        self.change_exclusive(id, &before, &trial);
        Ok(())
    }

    /// Refuses to leave a valid partition without CPUs that it asks for: its deadline server needs one of
    /// those that it has. Isolated CPUs are in no scheduling domain and have none, nor has one that handed
    /// all its CPUs on.
    pub(crate) fn check_kept(&self, id: CgroupId) -> Result<(), Errno> {
        let set = self.set(id);
        let served = set.is_valid() && set.partition == Partition::Root && !set.effective_cpus.is_empty();
        if served { Err(Errno::EBUSY) } else { Ok(()) }
    }

    fn change_exclusive(&mut self, id: CgroupId, before: &Cpuset, trial: &Cpuset) {
        self.touch();
        if before.partition != Partition::Member {
            let empty = trial.exclusive_effective.is_empty();
            let objection = if empty { Some(Why::NoGrant) } else { self.objection(id, before, trial) };
            if let Some(why) = objection {
                self.set_mut(id).why = why;
            }
            match (before.is_remote(), objection) {
                (true, Some(_)) => self.dissolve_remote(id),
                (true, None) => self.change_remote(id, Some(&trial.exclusive), &trial.exclusive_effective),
                (false, Some(_)) => self.invalidate_local(id),
                (false, None) => self.reconsider(id, Some(&trial.exclusive_effective)),
            }
        }
        let set = self.set_mut(id);
        set.exclusive = trial.exclusive;
        set.exclusive_effective = trial.exclusive_effective;
        if before.is_valid() && !set.is_valid() {
            self.forget_grant(id);
        }
        let changed = before.exclusive_effective != trial.exclusive_effective;
        if changed || self.set(id).is_valid() {
            self.spread_sets(id, changed);
        }
    }

    /// Gives a remote partition other CPUs, or makes it invalid.
    fn change_remote(&mut self, id: CgroupId, exclusive: Option<&CpuSet>, grant: &CpuSet) {
        let before = *self.set(id);
        let added = grant.minus(&before.exclusive_effective);
        let rest = self.set(CgroupId::ROOT).effective_cpus;
        let wrong = if grant.is_empty() {
            Some(Why::NothingAsked)
        } else if !added.is_empty() && (!added.and(&self.handed_out).is_empty() || rest.is_subset(&added)) {
            Some(Why::ParentLeftWithout)
        } else {
            None
        };
        if let Some(why) = wrong {
            self.set_mut(id).why = why;
            return self.dissolve_remote(id);
        }
        if !added.is_empty() {
            self.take(CgroupId::ROOT, &added, before.partition);
        }
        let dropped = before.exclusive_effective.minus(grant);
        if !dropped.is_empty() {
            self.give_back(CgroupId::ROOT, &dropped, before.partition);
        }
        let set = self.set_mut(id);
        set.exclusive_effective = *grant;
        if let Some(exclusive) = exclusive {
            set.exclusive = *exclusive;
        }
        self.spread_beside(CgroupId::ROOT, None);
    }

    /// Brings the children of `parent` up to date after CPUs have gone to or come from one of them.
    pub(super) fn spread_beside(&mut self, parent: CgroupId, besides: Option<CgroupId>) {
        for place in 0..self.set_children(parent).len() {
            let child = self.set_children(parent)[place];
            let set = self.set(child);
            let settled = match set.is_valid() {
                true => set.is_remote(),
                false => set.cpus.and(&self.set(parent).effective_cpus) == set.effective_cpus,
            };
            if Some(child) != besides && !settled {
                self.spread_sets(child, false);
            }
        }
    }

    /// Brings what is in force up to date in a cgroup and below it. Without `force` it stops where nothing
    /// changes.
    pub(crate) fn spread_sets(&mut self, top: CgroupId, force: bool) {
        self.touch();
        let mut at = Some(top);
        while let Some(id) = at {
            let on = self.has_cpuset(id) && (id == CgroupId::ROOT || self.spread_one(id, top, force));
            at = if on { self.next_below(top, id) } else { self.next_beside(top, id) };
        }
    }

    /// Brings one cgroup up to date. False when what is below it need not be looked at.
    fn spread_one(&mut self, id: CgroupId, top: CgroupId, force: bool) -> bool {
        let parent = self.parent_set(id);
        if self.set(id).partition == Partition::Member {
            return self.spread_member(id, parent, id == top, force);
        }
        let mut remote = self.set(id).is_remote();
        if remote && id != top {
            let (grant, _) = self.grant(id, self.set(id), false);
            if grant == self.set(id).exclusive_effective {
                return false;
            }
            self.change_remote(id, None, &grant);
            remote = self.set(id).is_remote();
        }
        let before = *self.set(id);
        let above = *self.set(parent);
        let mut cpus = if remote || (above.is_valid() && before.is_valid()) {
            self.kept_cpus(id)
        } else {
            before.cpus.and(&above.effective_cpus)
        };
        if !remote {
            // Older kernels forget here that the parent is no partition any more.
            let kept = above.is_valid() || !self.quirks.rivals_share;
            let emptied = before.is_valid() && cpus.is_empty() && kept;
            if cpus.is_empty() && !emptied {
                cpus = above.effective_cpus;
            }
            if emptied || (id != top && above.is_valid()) {
                self.reconsider(id, None);
            } else if id != top {
                let set = self.set_mut(id);
                set.invalidate();
                set.why = if above.is_invalid() { Why::ParentInvalid } else { Why::ParentNoPartition };
            }
        }
        self.settle(id, &cpus, id == top);
        true
    }

    /// The same for one that is no partition.
    fn spread_member(&mut self, id: CgroupId, parent: CgroupId, is_top: bool, force: bool) -> bool {
        let above = &self.set(parent).effective_cpus;
        let set = self.set(id);
        let mut cpus = set.cpus.and(above);
        if cpus.is_empty() {
            cpus = *above;
        }
        if !force && cpus == set.effective_cpus {
            return false;
        }
        self.set_mut(id).effective_cpus = cpus;
        if !is_top && !self.set(id).exclusive.is_empty() {
            self.set_mut(id).exclusive_effective = self.grant(id, self.set(id), false).0;
        }
        true
    }

    fn settle(&mut self, id: CgroupId, cpus: &CpuSet, is_top: bool) {
        self.set_mut(id).effective_cpus = *cpus;
        if !self.set(id).exclusive.is_empty() && !is_top {
            let (grant, _) = self.grant(id, self.set(id), false);
            self.set_mut(id).exclusive_effective = grant;
        }
        let set = *self.set(id);
        if set.is_valid() && set.exclusive.is_empty() {
            let (grant, _) = self.grant(id, &set, false);
            let above = &self.set(self.parent_set(id)).exclusive_effective;
            let owned = if self.quirks.rivals_share { grant } else { set.cpus.and(above) };
            self.set_mut(id).exclusive_effective = owned;
        } else if set.is_invalid() {
            self.forget_grant(id);
        }
    }

    /// What a partition keeps of its CPUs after the partitions below it have theirs. Those it cannot serve
    /// become invalid.
    fn kept_cpus(&mut self, id: CgroupId) -> CpuSet {
        let populated = self.has_own_tasks(id, None);
        let mut kept = self.grant(id, self.set(id), false).0.and(&self.online);
        for place in 0..self.set_children(id).len() {
            let child = self.set_children(id)[place];
            if !self.set(child).is_valid() {
                continue;
            }
            let theirs = self.set(child).exclusive_effective;
            let why = if !theirs.is_subset(&self.set(id).exclusive_effective) {
                Why::NoGrant
            } else if populated && kept.is_subset(&theirs) {
                Why::ParentLeftWithout
            } else {
                kept = kept.minus(&theirs);
                continue;
            };
            let set = self.set_mut(child);
            set.why = why;
            set.invalidate();
        }
        kept
    }

    /// Brings all cpusets up to date after CPUs have come or gone.
    pub(crate) fn hotplug(&mut self) {
        self.touch();
        if self.online.is_subset(&self.handed_out) {
            self.handed_out = CpuSet::EMPTY;
        }
        let rest = self.online.minus(&self.handed_out);
        self.set_mut(CgroupId::ROOT).effective_cpus = rest;
        let mut at = Some(CgroupId::ROOT);
        while let Some(id) = at {
            if id != CgroupId::ROOT && self.has_cpuset(id) {
                self.hotplug_one(id);
            }
            at = self.next_below(CgroupId::ROOT, id);
        }
    }

    fn hotplug_one(&mut self, id: CgroupId) {
        let parent = self.parent_set(id);
        let shared = |kernel: &Self| kernel.set(id).cpus.and(&kernel.set(parent).effective_cpus);
        let mut cpus = shared(self);
        if self.set(id).partition != Partition::Member {
            let remote = self.set(id).is_remote();
            if remote || (self.set(id).is_valid() && self.set(parent).is_valid()) {
                cpus = self.kept_cpus(id);
            }
            if remote && cpus.is_empty() && self.has_own_tasks(id, None) {
                self.set_mut(id).why = Why::Hotplug;
                self.dissolve_remote(id);
                cpus = shared(self);
            }
            let set = *self.set(id);
            let local = set.is_valid() && !set.remote;
            if local && (!self.set(parent).is_valid() || self.leaves_tasks_without(parent, id, &cpus)) {
                self.invalidate_local(id);
                cpus = shared(self);
            } else if self.set(parent).is_valid() && set.is_invalid() && !set.asked().is_empty() {
                self.reconsider(id, None);
                if self.set(id).is_valid() {
                    cpus = self.kept_cpus(id);
                }
            }
        }
        if cpus.is_empty() && !self.set(id).is_valid() {
            cpus = self.set(parent).effective_cpus;
        }
        self.set_mut(id).effective_cpus = cpus;
    }
}
