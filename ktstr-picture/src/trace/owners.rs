//! Whose task it is: the cgroup of a process, by what the report says of workers, by who forked whom, and
//! by where tasks were attached.

use super::{Trace, What};
use ktstr_file::report::{ActionEntry, OutcomeEntry, RunReport};
use std::collections::BTreeMap;

/// The cgroups of processes over time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Owners {
    /// Of each process from when on it was where.
    places: BTreeMap<u32, Vec<(i64, String)>>,
}

impl Owners {
    /// Those of a run.
    pub fn of(report: &RunReport, trace: &Trace) -> Self {
        let mut owners = Self::default();
        let groups = groups(report);
        for cgroup in &report.cgroups {
            for worker in cgroup.workers.iter().filter(|worker| worker.pid > 0) {
                if let Some(places) = groups.get(&worker.group) {
                    owners.places.insert(worker.pid, places.clone());
                }
            }
        }
        for record in &trace.records {
            match &record.what {
                What::Fork { parent, child } => {
                    if let Some(places) = owners.places.get(parent).cloned() {
                        owners.places.entry(child.pid).or_insert(places);
                    }
                }
                What::Attach { pid, path } => {
                    if let Some(known) = known(report, path) {
                        owners.places.entry(*pid).or_default().push((record.at_ns, known.to_owned()));
                    }
                }
                _ => {}
            }
        }
        owners.places.values_mut().for_each(|places| places.sort_by_key(|(at_ns, _)| *at_ns));
        owners
    }

    /// The cgroup of a process at a time; nothing for one that is none of the run's.
    pub fn at(&self, pid: u32, at_ns: i64) -> Option<&str> {
        let places = self.places.get(&pid)?;
        let before = places.iter().take_while(|(from_ns, _)| *from_ns <= at_ns).last();
        before.or(places.first()).map(|(_, cgroup)| cgroup.as_str())
    }
}

/// Where each group of workers was, from when on.
fn groups(report: &RunReport) -> BTreeMap<u32, Vec<(i64, String)>> {
    let mut groups: BTreeMap<u32, Vec<(i64, String)>> = BTreeMap::new();
    for event in report.events.iter().filter(|event| event.outcome == OutcomeEntry::Done {}) {
        if let ActionEntry::Spawn { group, cgroup, .. } | ActionEntry::Move { group, cgroup } = &event.action
        {
            let at_ns = i64::try_from(event.at_ns).unwrap_or(i64::MAX);
            groups.entry(*group).or_default().push((at_ns, cgroup.clone()));
        }
    }
    groups
}

/// The report's cgroup at a path of the whole hierarchy: the one with the longest name that it ends with.
fn known<'r>(report: &'r RunReport, path: &str) -> Option<&'r str> {
    let ends = |name: &&str| path.strip_suffix(*name).is_some_and(|above| above.ends_with('/'));
    let all = report.cgroups.iter().map(|cgroup| cgroup.path.as_str()).filter(|name| !name.is_empty());
    all.filter(ends).max_by_key(|name| name.len())
}
