//! What always holds in the model, whatever was done to it. Fuzzing asks after every step.

use super::MockKernel;
use super::cgroup::{CgroupId, THREADED};
use super::tasks::TaskState;

/// Something that should always hold does not: a bug of the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Where, as a path.
    pub cgroup: String,
    /// What.
    pub what: &'static str,
}

impl core::fmt::Display for Broken {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "/{}: {}", self.cgroup, self.what)
    }
}

impl core::error::Error for Broken {}

impl MockKernel {
    /// Checks the tree, the counters, the rules on controllers and tasks, and the sets in force.
    ///
    /// # Errors
    /// The first thing that does not hold.
    pub fn check_invariants(&self) -> Result<(), Broken> {
        let mut at = Some(CgroupId::ROOT);
        let mut seen = 0;
        while let Some(id) = at {
            seen += 1;
            self.check_cgroup(id).map_err(|what| Broken { cgroup: self.path_of(id), what })?;
            at = self.next_below(CgroupId::ROOT, id);
        }
        let broken = |what| Err(Broken { cgroup: String::new(), what });
        if seen != self.cgroups.iter().filter(|cgroup| cgroup.live).count() {
            return broken("a live cgroup is not in the tree");
        }
        let live = self.tasks.iter().filter(|task| task.state == TaskState::Live).count();
        if live != self.cg(CgroupId::ROOT).live_below as usize {
            return broken("a live task is in no cgroup");
        }
        Ok(())
    }

    fn check_cgroup(&self, id: CgroupId) -> Result<(), &'static str> {
        self.check_links(id)?;
        self.check_counts(id)?;
        self.check_rules(id)?;
        self.check_sets(id)
    }

    fn check_links(&self, id: CgroupId) -> Result<(), &'static str> {
        let cgroup = self.cg(id);
        if !cgroup.live {
            return Err("a removed cgroup is in the tree");
        }
        let names = cgroup.children.iter().map(|&child| self.cg(child).name.as_str());
        if !names.is_sorted_by(|a, b| a < b) {
            return Err("children are not sorted, or one name is there twice");
        }
        if cgroup.children.iter().any(|&child| self.cg(child).parent != Some(id)) {
            return Err("a child has another parent");
        }
        for (place, &slot) in cgroup.tasks.iter().enumerate() {
            let task = &self.tasks[slot as usize];
            if task.cgroup != id || task.place as usize != place || task.state != TaskState::Live {
                return Err("the list of tasks is out of step");
            }
        }
        Ok(())
    }

    fn check_counts(&self, id: CgroupId) -> Result<(), &'static str> {
        let cgroup = self.cg(id);
        let below = |count: fn(&super::cgroup::Cgroup) -> u32| -> u32 {
            cgroup.children.iter().map(|&child| count(self.cg(child))).sum()
        };
        if cgroup.live_below != cgroup.tasks.len() as u32 + below(|child| child.live_below) {
            return Err("the count of live tasks is wrong");
        }
        if cgroup.charged < cgroup.live_below {
            return Err("fewer tasks are charged than live");
        }
        if cgroup.descendants != below(|child| child.descendants + 1) {
            return Err("the count of descendants is wrong");
        }
        let (mut domains, mut threaded, mut kinds) = (0, 0, 0);
        for &child in &cgroup.children {
            let populated = u32::from(self.cg(child).is_populated());
            if self.is_threaded(child) {
                (threaded, kinds) = (threaded + populated, kinds + 1);
            } else {
                domains += populated;
            }
        }
        if (domains, threaded, kinds)
            != (
                cgroup.populated_domain_children,
                cgroup.populated_threaded_children,
                cgroup.threaded_children,
            )
        {
            return Err("the counts of children by kind are wrong");
        }
        let above = cgroup.parent.map_or(0, |parent| self.cg(parent).frozen_by);
        if cgroup.frozen_by != above + u32::from(cgroup.freeze) {
            return Err("the freeze has not reached it");
        }
        Ok(())
    }

    fn check_rules(&self, id: CgroupId) -> Result<(), &'static str> {
        let cgroup = self.cg(id);
        if !cgroup.subtree_control.minus(self.controllers_of(id)).is_empty() {
            return Err("it enables a controller that it does not have");
        }
        let domain_controllers = !cgroup.subtree_control.minus(THREADED).is_empty();
        if id != CgroupId::ROOT && cgroup.has_tasks() && domain_controllers {
            return Err("it has tasks beside controllers for its children");
        }
        if self.is_threaded(id) && domain_controllers {
            return Err("a threaded cgroup enables a controller of domains");
        }
        Ok(())
    }

    fn check_sets(&self, id: CgroupId) -> Result<(), &'static str> {
        let Some(parent) = self.cg(id).parent.filter(|_| self.has_cpuset(id)) else { return Ok(()) };
        let (own, above) = (&self.cg(id).cpuset, &self.cg(parent).cpuset);
        if own.effective_mems.is_empty() || !own.effective_mems.is_subset(&above.effective_mems) {
            return Err("the memory nodes in force are none, or not the parent's");
        }
        if !own.effective_cpus.is_subset(&self.online) {
            return Err("a CPU in force is offline");
        }
        if own.effective_cpus.is_empty()
            && self.cg(id).has_tasks()
            && !self.online.is_subset(&self.handed_out)
        {
            return Err("no CPU is in force for its tasks");
        }
        Ok(())
    }
}
