//! Finding what notes there are on a scenario. Each is a function here, over what the scenario has in all; it
//! is sure of what it says, so that there may be a check that cannot be missed without a note, but no note on
//! one that can.

mod facts;

use facts::{Facts, Group, Limited};
use ktstr_core::{CheckBound, CheckKind, Note, NoteKind, Relation, Scenario, Setting, Site, Topology, Value};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};

/// Most notes that are listed.
const MOST: usize = 100;

/// A note as it is written into files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoteEntry {
    /// Its stable code; `ktstr explain` says more.
    pub code: String,
    /// What it is about, as a path such as `steps[0].ops[2]`.
    pub site: String,
    /// What there is to say, in words.
    pub message: String,
    /// What to do about it.
    pub cure: String,
}

impl From<&Note<'_>> for NoteEntry {
    fn from(note: &Note<'_>) -> Self {
        Self {
            code: note.kind.code().to_owned(),
            site: note.site.to_string(),
            message: note.what().as_str().to_owned(),
            cure: note.cure().as_str().to_owned(),
        }
    }
}

/// What a valid scenario says that has no effect or cannot be missed, on a machine where one is given:
/// without one, what depends on its CPUs is left open. At most 100 notes, in the order of the table.
///
/// ```
/// use ktstr_core::prelude::*;
/// use ktstr_core::NoteKind;
///
/// static STEPS: [Step; 1] = [Step::hold(HoldSpec::FULL)];
/// let backdrop = Backdrop::new().push_cgroup(CgroupDef::named("cell"));
/// let scenario = Scenario::new("x").backdrop(backdrop).steps(&STEPS).checks(Checks::NONE.isolation());
/// let notes = ktstr_file::notes(&scenario, None);
/// assert_eq!(notes[0].kind, NoteKind::IsolationWithoutCpuset);
/// ```
pub fn notes<'a>(scenario: &Scenario<'a>, topology: Option<&Topology>) -> Vec<Note<'a>> {
    let facts = Facts::of(scenario, topology);
    let mut all = Vec::new();
    without_cpuset(&facts, &mut all);
    weights(&facts, &mut all);
    bounds(&facts, &mut all);
    without_workers(&facts, &mut all);
    quotas(&facts, &mut all);
    unchecked(&facts, &mut all);
    all.sort_by_key(|note| (note.kind, note.site));
    all.truncate(MOST);
    all
}

/// The notes on payloads of a file that nothing starts.
pub(crate) fn not_started<'a>(names: &[&'a str]) -> impl Iterator<Item = Note<'a>> {
    names.iter().take(MOST).map(|name| Note::new(NoteKind::PayloadNotStarted, Site::Scenario, name))
}

/// A cgroup with all above it, the nearest first.
fn chain(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(path), |path| path.rsplit_once('/').map(|(parent, _)| parent))
}

fn without_cpuset<'a>(facts: &Facts<'_, 'a>, all: &mut Vec<Note<'a>>) {
    let mut seen = HashSet::new();
    for group in &facts.groups {
        let asked = facts.scenario.checks.bound_for(group.own, CheckKind::Isolation).is_some();
        let is_held = chain(group.cgroup).any(|path| facts.cpusets.contains(path));
        // Workers that move may come into a cpuset.
        let may_be_held = is_held || facts.is_open && !facts.cpusets.is_empty();
        if asked && !may_be_held && !group.cgroup.is_empty() && seen.insert(group.cgroup) {
            all.push(Note::new(NoteKind::IsolationWithoutCpuset, group.site, group.cgroup));
        }
    }
}

fn weights<'a>(facts: &Facts<'_, 'a>, all: &mut Vec<Note<'a>>) {
    if facts.is_open || facts.weights.is_empty() {
        return;
    }
    let most = facts.most_workers.filter(|_| facts.programs.is_empty());
    let each_has_one = match (most, facts.cpus) {
        (Some(workers), Some(cpus)) if workers <= cpus as u64 => Some((workers, cpus as u64)),
        _ => None,
    };
    let busy = busy_children(facts);
    for &Limited { site, cgroup, .. } in &facts.weights {
        let parent = cgroup.rsplit_once('/').map_or("", |(parent, _)| parent);
        let beside = busy.get(parent).is_some_and(|children| children.iter().any(|child| *child != cgroup));
        if let Some((workers, cpus)) = each_has_one {
            let (value, limit) = (Value::Count(workers), Value::Count(cpus));
            all.push(Note { value, limit, ..Note::new(NoteKind::WeightWithoutRival, site, cgroup) });
        } else if !beside {
            all.push(Note::new(NoteKind::WeightWithoutSibling, site, cgroup));
        }
    }
}

/// Below each cgroup, the children that have tasks in them or below.
fn busy_children<'a>(facts: &Facts<'_, 'a>) -> HashMap<&'a str, HashSet<&'a str>> {
    let mut busy: HashMap<&str, HashSet<&str>> = HashMap::new();
    let groups = facts.groups.iter().map(|group| group.cgroup);
    for path in groups.chain(facts.programs.iter().copied()).filter(|path| !path.is_empty()) {
        for child in chain(path) {
            let parent = child.rsplit_once('/').map_or("", |(parent, _)| parent);
            busy.entry(parent).or_default().insert(child);
        }
    }
    busy
}

/// Checks of groups that no run can miss.
fn bounds<'a>(facts: &Facts<'_, 'a>, all: &mut Vec<Note<'a>>) {
    let alone = facts.groups.len() == 1 && !facts.is_open;
    for group in &facts.groups {
        for kind in CheckKind::ALL {
            let Some(bound) = facts.scenario.checks.bound_for(group.own, kind) else { continue };
            let note = |found| Note { check: kind.info().key, ..Note::new(found, group.site, group.cgroup) };
            match bound {
                CheckBound::Time(bound) if kind.info().relation == Relation::AtMost => {
                    if let Some(window) = group.window.filter(|window| bound >= *window) {
                        let (value, limit) = (Value::Time(bound), Value::Time(window));
                        all.push(Note { value, limit, ..note(NoteKind::LongerThanWindow) });
                    }
                }
                CheckBound::Number(_) if alone && kind == CheckKind::MinCpuShare => {
                    all.push(note(NoteKind::ShareOfOne));
                }
                CheckBound::Number(bound) if always_holds(kind, bound, group) => {
                    all.push(Note { value: Value::Real(bound), ..note(NoteKind::BoundOutOfReach) });
                }
                CheckBound::Number(_) | CheckBound::Time(_) | CheckBound::Flag => {}
            }
        }
    }
}

/// Whether no measurement of such a group is on the wrong side of a bound.
fn always_holds(kind: CheckKind, bound: f64, group: &Group<'_, '_>) -> bool {
    let workers = group.workers.map(f64::from);
    match kind {
        CheckKind::MinCpuUsage | CheckKind::MinWorkRate => bound == 0.0,
        CheckKind::MaxCpuShare => bound >= 1.0,
        CheckKind::MaxSpread => bound >= 100.0,
        CheckKind::MaxCpuUsage => workers.is_some_and(|workers| bound >= workers),
        // One worker has done everything, the others nothing.
        CheckKind::MaxThroughputCv => {
            workers.is_some_and(|workers| workers >= 2.0 && bound * bound >= workers - 1.0)
        }
        CheckKind::WorkersLived
        | CheckKind::NotStarved
        | CheckKind::MinShare
        | CheckKind::MinCpuShare
        | CheckKind::Isolation
        | CheckKind::MaxGap
        | CheckKind::MaxP99WakeLatency
        | CheckKind::ExitCode
        | CheckKind::Signal
        | CheckKind::EndedInTime
        | CheckKind::MetricMin
        | CheckKind::MetricMax
        | CheckKind::MetricExists
        | CheckKind::File
        | CheckKind::SchedulerLived
        | CheckKind::Fails
        | CheckKind::Compared => false,
    }
}

fn without_workers<'a>(facts: &Facts<'_, 'a>, all: &mut Vec<Note<'a>>) {
    let whole = (Site::Scenario, "", &facts.scenario.checks);
    let whole = facts.groups.is_empty().then_some(whole);
    for (site, name, checks) in whole.into_iter().chain(facts.idle.iter().copied()) {
        for kind in CheckKind::ALL.into_iter().filter(|kind| checks.bound(*kind).is_some()) {
            let note = Note::new(NoteKind::ChecksWithoutWorkers, site, name);
            all.push(Note { check: kind.info().key, ..note });
        }
    }
}

fn quotas<'a>(facts: &Facts<'_, 'a>, all: &mut Vec<Note<'a>>) {
    if facts.is_open || facts.quotas.is_empty() {
        return;
    }
    // How many workers there are in each cgroup and below; `None` where nobody knows.
    let mut below: HashMap<&str, Option<u64>> = HashMap::new();
    let groups = facts.groups.iter().map(|group| (group.cgroup, group.workers.map(u64::from)));
    for (path, workers) in groups.chain(facts.programs.iter().map(|path| (*path, None))) {
        for above in chain(path) {
            let sum = below.entry(above).or_insert(Some(0));
            *sum = sum.zip(workers).map(|(sum, workers)| sum + workers);
        }
    }
    for &Limited { site, cgroup, limit } in &facts.quotas {
        let Setting::Bandwidth(max) = limit else { continue };
        let (Some(quota), Some(Some(workers @ 1..))) = (max.quota_us, below.get(cgroup).copied()) else {
            continue;
        };
        let cpus = quota as f64 / max.period_us.max(1) as f64;
        if cpus >= workers as f64 {
            let (value, limit) = (Value::Real(cpus), Value::Count(workers));
            all.push(Note { value, limit, ..Note::new(NoteKind::QuotaOutOfReach, site, cgroup) });
        }
    }
}

fn unchecked<'a>(facts: &Facts<'_, 'a>, all: &mut Vec<Note<'a>>) {
    let mut bare: HashMap<&str, bool> = HashMap::new();
    for payload in &facts.started {
        *bare.entry(payload.name).or_insert(true) &= payload.checks.is_empty();
    }
    let mut seen = HashSet::new();
    for &(site, name) in &facts.waits {
        if bare.get(name) == Some(&true) && seen.insert(name) {
            all.push(Note::new(NoteKind::PayloadUnchecked, site, name));
        }
    }
}

#[cfg(test)]
mod tests;
