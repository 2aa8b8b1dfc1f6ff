//! What is open while the events of a run are gone through: a value that is in force until the next one, or
//! until its cgroup is removed.

use super::{CgroupLanes, Span};
use std::collections::BTreeMap;

/// Something that began and has not ended.
pub(super) type Open = Option<(u64, String)>;

/// Ends what is open, and begins what comes in its place.
pub(super) fn turn(spans: &mut Vec<Span>, open: &mut Open, at_ns: u64, next: Option<String>) {
    if open.as_ref().map(|(_, label)| label) == next.as_ref() {
        return;
    }
    if let Some((from_ns, label)) = open.take() {
        spans.push(Span { from_ns, to_ns: at_ns.max(from_ns), label });
    }
    *open = next.map(|label| (at_ns, label));
}

/// What is in force in one cgroup.
#[derive(Default)]
pub(super) struct Books {
    pub(super) lanes: CgroupLanes,
    pub(super) life: Open,
    pub(super) cpuset: Open,
    pub(super) frozen: Open,
    pub(super) running: Open,
    pub(super) limits: BTreeMap<String, Open>,
    /// What was written to `cpuset.cpus`; nothing where that is empty.
    pub(super) own_cpus: Option<String>,
    pub(super) is_frozen: bool,
    /// How many of its workers run.
    pub(super) workers: u32,
}

impl Books {
    /// A control file was written; an empty value takes the limit away.
    pub(super) fn write(&mut self, file: &str, value: &str, at_ns: u64) {
        let index = self.lanes.limits.iter().position(|(known, _)| known == file).unwrap_or_else(|| {
            self.lanes.limits.push((file.to_owned(), Vec::new()));
            self.lanes.limits.len() - 1
        });
        let open = self.limits.entry(file.to_owned()).or_default();
        let next = (!value.is_empty()).then(|| value.to_owned());
        turn(&mut self.lanes.limits[index].1, open, at_ns, next);
    }

    /// Some more or fewer workers run.
    pub(super) fn count(&mut self, change: i64, at_ns: u64) {
        let now = i64::from(self.workers).saturating_add(change).max(0);
        self.workers = u32::try_from(now).unwrap_or(u32::MAX);
        let label = match self.workers {
            0 => None,
            1 => Some("1 worker".to_owned()),
            more => Some(format!("{more} workers")),
        };
        turn(&mut self.lanes.running, &mut self.running, at_ns, label);
    }

    /// It was removed, or the run is over: nothing is in force any more.
    pub(super) fn close(&mut self, at_ns: u64) {
        turn(&mut self.lanes.lives, &mut self.life, at_ns, None);
        turn(&mut self.lanes.cpusets, &mut self.cpuset, at_ns, None);
        turn(&mut self.lanes.frozen, &mut self.frozen, at_ns, None);
        turn(&mut self.lanes.running, &mut self.running, at_ns, None);
        for (file, spans) in &mut self.lanes.limits {
            if let Some(open) = self.limits.get_mut(file) {
                turn(spans, open, at_ns, None);
            }
        }
        (self.own_cpus, self.is_frozen, self.workers) = (None, false, 0);
    }
}
