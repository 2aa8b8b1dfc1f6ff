//! Making and ending cgroups, their place below one another, and what they hold.

use super::names;
use super::state::{Cgroup, Life, NONE, State};
use super::table::{Entry, Key};
use super::walk::Walk;
use crate::model::controllers::{Controller, Controllers};
use crate::validate::invalid::{Invalid, Value};
use crate::validate::rules::ErrorKind;

/// What is said of how long a cgroup lives.
#[derive(Clone, Copy)]
pub(super) struct Declared {
    pub(super) until_removed: bool,
    pub(super) kept: bool,
}

impl<'a> Walk<'_, '_, 'a> {
    /// Makes a cgroup. `None` when there is none of its own to go on with. `known` is its place, if it had
    /// one when the name was looked up.
    pub(super) const fn create(&mut self, name: &'a str, known: u32, declared: Declared) -> Option<u32> {
        if name.is_empty() {
            self.report(ErrorKind::NameEmpty, name);
            return None;
        }
        let known = if known != NONE { known } else { self.table.find(Key::Cgroup(name)) };
        if known != NONE && self.cgroup(known).is_live() {
            let of_backdrop = self.step.is_some() && !self.cgroup(known).life.is_step();
            let kind = if of_backdrop { ErrorKind::CgroupShadows } else { ErrorKind::CgroupDuplicate };
            self.report(kind, name);
            return None;
        }
        let mut parent = NONE;
        if !names::is_plain(name) {
            let fault = if known != NONE { None } else { names::check(name) };
            match fault {
                Some((kind, value, limit)) => self.report_value(kind, name, value, limit),
                None => parent = self.parent_of(name),
            }
        }
        let life = self.declared_life(name, declared);
        let mut fresh = Cgroup::new(parent, life);
        if self.is_to_fail() {
            // It has its name all the same, for whoever tries to make it.
            fresh.state = State::Removed;
            if known == NONE {
                self.insert(Key::Cgroup(name), name, Entry::Cgroup(fresh));
            }
            return None;
        }
        let at = match known {
            NONE => match self.insert(Key::Cgroup(name), name, Entry::Cgroup(fresh)) {
                Some(at) => at,
                None => return None,
            },
            at => {
                let before = self.cgroup(at);
                (fresh.mark, fresh.next_marked) = (before.mark, before.next_marked);
                *self.cgroup_mut(at) = fresh;
                at
            }
        };
        self.link(at, parent);
        self.mark(at);
        self.cgroups += 1;
        if self.cgroups > self.needs.cgroups {
            self.needs.cgroups = self.cgroups;
        }
        Some(at)
    }

    /// How long a cgroup lives that is made now.
    const fn declared_life(&mut self, name: &'a str, declared: Declared) -> Life {
        let in_step = self.step.is_some();
        if declared.until_removed && in_step {
            self.report(ErrorKind::UntilRemovedInStep, name);
        }
        if declared.kept && !in_step {
            self.report(ErrorKind::KeptInBackdrop, name);
        }
        self.keeps |= declared.kept && in_step;
        match (in_step, declared) {
            (true, Declared { kept: true, .. }) | (false, Declared { until_removed: true, .. }) => {
                Life::UntilRemoved
            }
            (true, _) => Life::Step,
            (false, _) => Life::Scenario,
        }
    }

    /// The place of a well-formed path's parent; `NONE` for the run's own cgroup, or when it is missing.
    const fn parent_of(&mut self, name: &'a str) -> u32 {
        let Some(path) = names::parent(name) else { return NONE };
        match self.table.find(Key::Cgroup(path)) {
            at if at != NONE && self.cgroup(at).is_live() => at,
            _ => {
                self.report_pair(ErrorKind::ParentMissing, name, path);
                NONE
            }
        }
    }

    const fn link(&mut self, at: u32, parent: u32) {
        if parent == NONE {
            return;
        }
        let above = self.cgroup_mut(parent);
        above.children += 1;
        let next = above.first_child;
        above.first_child = at;
        self.cgroup_mut(at).next_sibling = next;
        if next != NONE {
            self.cgroup_mut(next).previous_sibling = at;
        }
    }

    const fn unlink(&mut self, at: u32) {
        let Cgroup { parent, next_sibling, previous_sibling, .. } = *self.cgroup(at);
        if parent == NONE {
            return;
        }
        let above = self.cgroup_mut(parent);
        above.children -= 1;
        if previous_sibling == NONE {
            above.first_child = next_sibling;
        } else {
            self.cgroup_mut(previous_sibling).next_sibling = next_sibling;
        }
        if next_sibling != NONE {
            self.cgroup_mut(next_sibling).previous_sibling = previous_sibling;
        }
    }

    /// Ends a living cgroup; what was in it has been ended before.
    pub(super) const fn bury(&mut self, at: u32, state: State) {
        if self.cgroup(at).frozen {
            self.thaw(at);
        }
        self.unlink(at);
        self.cgroup_mut(at).state = state;
        self.cgroups -= 1;
    }

    /// Marks a frozen cgroup as thawed.
    pub(super) const fn thaw(&mut self, at: u32) {
        self.cgroup_mut(at).frozen = false;
        self.frozen -= 1;
    }

    /// Counts tasks in a cgroup and in all above it.
    pub(super) const fn add_tasks(&mut self, at: u32, count: u32) {
        let mut here = at;
        while here != NONE {
            let cgroup = self.cgroup_mut(here);
            cgroup.tasks = cgroup.tasks.saturating_add(count);
            here = cgroup.parent;
        }
    }

    /// Counts tasks that are started in a cgroup, and judges every `pids.max` from there up.
    #[inline]
    pub(super) const fn start_tasks(&mut self, at: u32, count: u32) {
        let (mut here, mut over) = (at, NONE);
        while here != NONE {
            let cgroup = self.cgroup_mut(here);
            cgroup.tasks = cgroup.tasks.saturating_add(count);
            let parent = cgroup.parent;
            if cgroup.growth != 0 {
                self.foresee(here);
            } else if cgroup.tasks > cgroup.pids && over == NONE {
                over = here;
            }
            here = parent;
        }
        if over != NONE {
            let (wanted, limit) = (self.cgroup(over).tasks as u64, self.cgroup(over).pids as u64);
            let (wanted, limit) = (Value::Count(wanted), Value::Count(limit));
            self.report_value(ErrorKind::PidsTooFew, self.name_of(over), wanted, limit);
        }
    }

    /// Judges every `pids.max` for tasks that are not started, as that has to fail.
    pub(super) const fn try_tasks(&mut self, at: u32, count: u32) {
        let mut here = at;
        while here != NONE {
            let Cgroup { tasks, pids, parent, .. } = *self.cgroup(here);
            if tasks.saturating_add(count) > pids {
                self.report(ErrorKind::PidsTooFew, self.name_of(here));
                return;
            }
            here = parent;
        }
    }

    /// The reverse of [`add_tasks`](Self::add_tasks).
    pub(super) const fn drop_tasks(&mut self, at: u32, count: u32) {
        let mut here = at;
        while here != NONE {
            let cgroup = self.cgroup_mut(here);
            cgroup.tasks = cgroup.tasks.saturating_sub(count);
            here = cgroup.parent;
        }
    }

    /// Whether tasks may be placed in a cgroup: none where controllers are enabled for its children.
    #[inline]
    pub(super) const fn check_holds_tasks(&mut self, at: u32) {
        let enabled = self.cgroup(at).enabled;
        if !enabled.is_empty() {
            let domain = needs_domain(enabled);
            let kind = if domain { ErrorKind::TasksAboveLimits } else { ErrorKind::TasksBesideLimits };
            self.report(kind, self.name_of(at));
        }
    }

    /// Enables controllers for a cgroup in all above it, where they are not enabled yet.
    pub(super) const fn enable(&mut self, at: u32, controllers: Controllers) {
        self.needs.controllers = self.needs.controllers.or(controllers);
        let mut here = self.cgroup(at).parent;
        while here != NONE {
            let above = self.cgroup(here);
            let missing = controllers.minus(above.enabled);
            if missing.is_empty() {
                return;
            }
            let (parent, has_tasks) = (above.parent, above.has_tasks());
            if has_tasks {
                let domain = needs_domain(missing);
                let kind = if domain { ErrorKind::LimitsBelowTasks } else { ErrorKind::LimitsBesideTasks };
                self.note(Invalid {
                    other: self.name_of(at),
                    ..Invalid::new(kind, self.site(), self.name_of(here))
                });
            } else {
                let above = self.cgroup_mut(here);
                above.enabled = above.enabled.or(controllers);
            }
            here = parent;
        }
    }
}

/// Whether a set holds a controller that is not threaded.
const fn needs_domain(controllers: Controllers) -> bool {
    controllers.has(Controller::Memory) || controllers.has(Controller::Io)
}
