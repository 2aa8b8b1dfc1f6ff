//! Cgroup definitions: the cgroup, its limits, its workers and its payload, in the order in which they are
//! set up.

use super::limits;
use super::walk::Walk;
use crate::model::cgroup_def::CgroupDef;
use crate::validate::rules::ErrorKind;

impl<'a> Walk<'_, '_, 'a> {
    /// Sets a definition up under a name.
    pub(super) const fn define(&mut self, name: &'a str, known: u32, def: &CgroupDef<'a>) {
        let at = self.create(name, known, def.until_removed);
        let controllers = def.controllers();
        if let Some(at) = at {
            self.enable(at, controllers);
        }
        if let Some(spec) = &def.limits.cpuset {
            self.check_spec(name, spec);
            if let Some(at) = at {
                self.cgroup_mut(at).cpus = Some(self.site());
                self.check_place(at);
            }
        }
        if let Some(nodes) = &def.limits.cpuset_mems {
            self.check_mems(name, nodes);
            if let Some(at) = at {
                self.cgroup_mut(at).mems = *nodes;
            }
        }
        self.check_limits(name, &def.limits);
        if let Some(checks) = def.checks {
            self.check_bounds(checks);
        }
        if let Some(at) = at {
            self.cgroup_mut(at).pids = limits::pids_of(def);
            self.limited |= def.limits.pids_max.is_some();
            if self.frozen_at(at).is_some() {
                self.report(ErrorKind::SpawnFrozen, name);
            }
        }
        let mut i = 0;
        while i < def.work_count() {
            self.work = Some(i as u32);
            self.start_group(at, name, &def.work_at(i));
            i += 1;
        }
        self.work = None;
        if let Some(payload) = def.payload {
            self.start_payload(at, payload, &[]);
        }
    }
}
