//! Controllers: which a cgroup has, and `cgroup.subtree_control` with its rules: from the top down, from the
//! bottom up, and no controllers beside tasks.

use super::MockKernel;
use super::cgroup::{CgroupId, THREADED, both};
use crate::errno::Errno;
use ktstr_core::{Controller, Controllers};

/// The order in which the kernel lists controllers.
const LISTED: [Controller; 5] =
    [Controller::Cpuset, Controller::Cpu, Controller::Io, Controller::Memory, Controller::Pids];

impl MockKernel {
    /// The controllers whose files a cgroup has.
    pub(crate) fn controllers_of(&self, id: CgroupId) -> Controllers {
        match self.cg(id).parent {
            None => self.available,
            Some(parent) => {
                let given = self.cg(parent).subtree_control;
                if self.is_threaded(id) { both(given, THREADED) } else { given }
            }
        }
    }

    /// A write to `cgroup.subtree_control`.
    pub(crate) fn write_subtree_control(&mut self, id: CgroupId, text: &str) -> Result<(), Errno> {
        let mut enable = Controllers::NONE;
        let mut disable = Controllers::NONE;
        for word in text.trim().split(' ').filter(|word| !word.is_empty()) {
            // The kernel knows the name of a controller that v1 has taken; only enabling that fails, below.
            let named = |name| Controller::from_name(name);
            if let Some(controller) = word.strip_prefix('+').map(named) {
                let one = Controllers::NONE.with(controller.ok_or(Errno::EINVAL)?);
                (enable, disable) = (enable.or(one), disable.minus(one));
            } else if let Some(controller) = word.strip_prefix('-').map(named) {
                let one = Controllers::NONE.with(controller.ok_or(Errno::EINVAL)?);
                (enable, disable) = (enable.minus(one), disable.or(one));
            } else {
                return Err(Errno::EINVAL);
            }
        }
        self.change_controllers(id, enable, disable)
    }

    pub(crate) fn change_controllers(
        &mut self,
        id: CgroupId,
        enable: Controllers,
        disable: Controllers,
    ) -> Result<(), Errno> {
        let now = self.cg(id).subtree_control;
        let enable = enable.minus(now);
        let disable = both(disable, now);
        for controller in Controller::ALL {
            if enable.has(controller) && !self.controllers_of(id).has(controller) {
                return Err(Errno::ENOENT);
            }
            let used = |&child: &CgroupId| self.cg(child).subtree_control.has(controller);
            if disable.has(controller) && self.cg(id).children.iter().any(used) {
                return Err(Errno::EBUSY);
            }
        }
        self.check_enabling(id, enable)?;
        if enable.is_empty() && disable.is_empty() {
            return Ok(());
        }
        // Without cpusets of their own, tasks come under this one.
        let come = self.cg(id).children.iter().any(|&child| self.cg(child).is_populated());
        if disable.has(Controller::Cpuset) && come {
            self.check_cpus(id)?;
        }
        self.apply_controllers(id, now.or(enable).minus(disable));
        Ok(())
    }

    /// Whether a cgroup can have these controllers enabled for its children.
    fn check_enabling(&self, id: CgroupId, enable: Controllers) -> Result<(), Errno> {
        if enable.is_empty() {
            return Ok(());
        }
        if !self.is_valid_domain(self.cg(id).domain) {
            return Err(Errno::EOPNOTSUPP);
        }
        if id == CgroupId::ROOT {
            return Ok(());
        }
        if !enable.minus(THREADED).is_empty() {
            if self.is_thread_root(id) || self.is_threaded(id) {
                return Err(Errno::EOPNOTSUPP);
            }
        } else if self.can_be_thread_root(id) || self.is_threaded(id) {
            return Ok(());
        }
        if self.cg(id).has_tasks() { Err(Errno::EBUSY) } else { Ok(()) }
    }

    fn apply_controllers(&mut self, id: CgroupId, controllers: Controllers) {
        let before = core::mem::replace(&mut self.cg_mut(id).subtree_control, controllers);
        for place in 0..self.cg(id).children.len() {
            let child = self.cg(id).children[place];
            let had = if self.is_threaded(child) { both(before, THREADED) } else { before };
            self.controllers_changed(child, had);
        }
        self.touch();
    }

    /// Gives the settings of controllers that came or went their defaults, `before` being what the cgroup
    /// had.
    pub(crate) fn controllers_changed(&mut self, id: CgroupId, before: Controllers) {
        let now = self.controllers_of(id);
        let changed = before.minus(now).or(now.minus(before));
        for controller in changed.iter() {
            self.cg_mut(id).limits.reset(controller);
            match controller {
                Controller::Cpu | Controller::Memory | Controller::Io => {}
                Controller::Pids => self.recharge(id),
                Controller::Cpuset => {
                    self.cpuset_offline(id);
                    self.cpuset_online(id);
                }
            }
        }
    }

    /// What `pids.peak` shows after the tasks of a cgroup went from one `pids` to another, one by one: each
    /// is charged to the new before the old lets go of it.
    fn recharge(&mut self, id: CgroupId) {
        let live = self.cg(id).live_below;
        self.cg_mut(id).limits.pids_peak = live;
        if let (true, Some(parent)) = (live > 0, self.cg(id).parent) {
            self.each_ancestor(parent, |above| {
                above.limits.pids_peak = above.limits.pids_peak.max(above.charged + 1);
            });
        }
    }

    pub(crate) fn show_controllers(controllers: Controllers, out: &mut String) {
        for controller in LISTED.into_iter().filter(|&controller| controllers.has(controller)) {
            if !out.is_empty() {
                out.push(' ');
            }
            out.push_str(controller.name());
        }
        if !out.is_empty() {
            out.push('\n');
        }
    }
}
