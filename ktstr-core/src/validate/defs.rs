//! Cgroup definitions: the cgroup, its limits, its workers and its payload, in the order in which they are
//! set up.

use super::tree::Declared;
use super::walk::Walk;
use crate::model::cgroup_def::CgroupDef;
use crate::validate::rules::ErrorKind;

impl<'a> Walk<'_, '_, 'a> {
    /// Sets a definition up under a name.
    pub(super) const fn define(&mut self, name: &'a str, known: u32, def: &CgroupDef<'a>) {
        let declared = Declared { until_removed: def.until_removed, kept: def.kept };
        let at = self.create(name, known, declared);
        // What it starts lives as long as it does itself.
        self.keeping = def.kept;
        self.write_limits(at, name, &def.limits);
        if let Some(checks) = def.checks {
            self.check_bounds(checks);
        }
        if let Some(at) = at
            && self.frozen_at(at).is_some()
        {
            self.report(ErrorKind::SpawnFrozen, name);
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
        self.keeping = false;
    }
}
