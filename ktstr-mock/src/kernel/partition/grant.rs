//! What a cpuset can have for itself, and whom it would leave without CPUs.

use crate::kernel::MockKernel;
use crate::kernel::cgroup::CgroupId;
use crate::kernel::cpuset::Cpuset;
use ktstr_core::CpuSet;

impl MockKernel {
    /// The CPUs that a cpuset with these settings could have for itself, and whether siblings stood in the
    /// way. A cpuset that says outright which ones it wants is judged against its siblings only when
    /// `strict`.
    pub(super) fn grant(&self, id: CgroupId, set: &Cpuset, strict: bool) -> (CpuSet, bool) {
        let parent = self.parent_set(id);
        let mut grant = set.asked().and(&self.set(parent).exclusive_effective);
        if !strict && !set.exclusive.is_empty() {
            return (grant, false);
        }
        let mut conflict = false;
        for &sibling in self.set_children(parent).iter().filter(|&&sibling| sibling != id) {
            let other = self.set(sibling);
            let first = [&other.exclusive, &other.exclusive_effective];
            if let Some(theirs) = first.into_iter().find(|theirs| !theirs.and(&grant).is_empty()) {
                grant = grant.minus(theirs);
                conflict = true;
            }
        }
        (grant, conflict)
    }

    /// Whether no sibling asks for a CPU that this one asks for.
    pub(super) fn is_apart(&self, id: CgroupId) -> bool {
        let asked = self.set(id).asked();
        let mut siblings = self.set_children(self.parent_set(id)).iter().filter(|&&sibling| sibling != id);
        siblings.all(|&sibling| self.set(sibling).asked().and(asked).is_empty())
    }

    /// Whether tasks would be without a CPU if `cpus` went from the parent to the child.
    pub(super) fn leaves_tasks_without(&self, parent: CgroupId, id: CgroupId, cpus: &CpuSet) -> bool {
        (self.set(parent).effective_cpus.is_subset(cpus) && self.has_own_tasks(parent, Some(id)))
            || (cpus.and(&self.online).is_empty() && self.has_own_tasks(id, None))
    }

    /// Whether tasks run on what a partition has not handed on to the partitions below it.
    pub(super) fn has_own_tasks(&self, id: CgroupId, besides: Option<CgroupId>) -> bool {
        if self.cg(id).has_tasks() {
            return true;
        }
        let children = self.set_children(id);
        if besides.is_none() && !children.iter().any(|&child| self.set(child).is_valid()) {
            return self.cg(id).is_populated();
        }
        // Kernels pass over `besides`, but not over what is below it.
        let below = besides.map_or(&[][..], |child| self.set_children(child));
        let others = children.iter().filter(|&&child| Some(child) != besides).chain(below);
        others.into_iter().any(|&child| !self.set(child).is_valid() && self.cg(child).is_populated())
    }

    /// Takes back what only a valid partition has.
    pub(super) fn forget_grant(&mut self, id: CgroupId) {
        let above = self.set(self.parent_set(id)).effective_cpus;
        let set = self.set_mut(id);
        if set.exclusive.is_empty() {
            set.exclusive_effective = CpuSet::EMPTY;
        }
        let both = set.cpus.and(&above);
        set.effective_cpus = if both.is_empty() { above } else { both };
    }
}
