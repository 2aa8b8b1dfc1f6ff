//! Holds two reports against each other, part by part.

use super::{Pair, Parting};
use ktstr_file::report::text::{check_name, check_sentence, time};
use ktstr_file::report::{ActionEntry, CgroupEntry, CheckEntry, EventEntry, OutcomeEntry, RunReport};
use std::collections::{BTreeMap, BTreeSet};

/// How many actions are shown before and after the one at which runs part.
const AROUND: usize = 3;

fn pair(what: impl Into<String>, one: impl Into<String>, other: impl Into<String>) -> Option<Pair> {
    let pair = Pair { what: what.into(), one: one.into(), other: other.into() };
    (pair.one != pair.other).then_some(pair)
}

/// What two runs ran on and with.
pub(super) fn circumstances(one: &RunReport, other: &RunReport) -> Vec<Pair> {
    let of = |what: &str, value: fn(&RunReport) -> String| pair(what, value(one), value(other));
    let vm = |value: fn(&ktstr_file::report::VmEntry) -> String| {
        move |report: &RunReport| report.vm.as_ref().map_or("none".to_owned(), value)
    };
    let kernel = vm(|vm| vm.kernel_release.clone());
    let image = vm(|vm| vm.image_sha256.clone());
    let emulator = vm(|vm| vm.qemu_version.clone());
    let all = [
        of("scenario", |report| report.scenario.clone()),
        pair("what the scenario says", first_difference(one, other), first_difference(other, one)),
        of("backend", |report| report.backend.clone()),
        of("machine", |report| report.topology.shape.clone().unwrap_or_else(|| report.topology.cpus.clone())),
        of("seed", |report| report.seed.to_string()),
        pair("kernel", kernel(one), kernel(other)),
        pair("guest's image", image(one), image(other)),
        pair("emulator", emulator(one), emulator(other)),
        of("schedulers", |report| {
            report.schedulers.iter().map(|scheduler| scheduler.name.as_str()).collect::<Vec<_>>().join(", ")
        }),
        of("traced", |report| if report.trace.is_some() { "yes" } else { "no" }.to_owned()),
        of("verdict", |report| report.verdict.name().to_owned()),
    ];
    all.into_iter().flatten().collect()
}

/// The first line of a scenario that another one has not in that place.
fn first_difference(report: &RunReport, other: &RunReport) -> String {
    let (mut lines, mut others) = (report.scenario_toml.lines(), other.scenario_toml.lines());
    loop {
        match (lines.next(), others.next()) {
            (Some(line), Some(other)) if line == other => {}
            (Some(line), _) => return line.to_owned(),
            (None, Some(_)) => return "ends before".to_owned(),
            (None, None) => return String::new(),
        }
    }
}

/// Where two runs part: the first actions that are not the same.
pub(super) fn parting(
    one: &RunReport,
    other: &RunReport,
    is_same: fn(&EventEntry, &EventEntry) -> bool,
) -> Option<Parting> {
    let (one, other) = (&one.events, &other.events);
    let differ = one.iter().zip(other).position(|(one, other)| !is_same(one, other));
    let at = differ.or_else(|| (one.len() != other.len()).then(|| one.len().min(other.len())))?;
    let from = at.saturating_sub(AROUND);
    let around =
        |events: &[EventEntry]| events.iter().skip(from).take(at - from + 1 + AROUND).cloned().collect();
    let seq = u32::try_from(at).unwrap_or(u32::MAX);
    Some(Parting { seq, one: around(one), other: around(other), at: at - from })
}

/// Whether the same was done with the same end, whenever that was and whatever was measured.
pub(super) fn is_same_deed(one: &EventEntry, other: &EventEntry) -> bool {
    one.site == other.site
        && unseeded(&one.action) == unseeded(&other.action)
        && unmeasured(&one.outcome) == unmeasured(&other.outcome)
}

/// Whether the same was done at the same time, and the same was measured.
pub(super) fn is_same_moment(one: &EventEntry, other: &EventEntry) -> bool {
    (one.at_ns, &one.outcome) == (other.at_ns, &other.outcome) && is_same_deed(one, other)
}

/// An action without what is drawn from the run's seed alone.
fn unseeded(action: &ActionEntry) -> ActionEntry {
    let mut action = action.clone();
    if let ActionEntry::Spawn { seed, .. } = &mut action {
        *seed = 0;
    }
    action
}

/// An outcome without what was measured.
fn unmeasured(outcome: &OutcomeEntry) -> OutcomeEntry {
    let mut outcome = outcome.clone();
    match &mut outcome {
        OutcomeEntry::Report {
            iterations, work_units, cpu_ns, max_gap_ns, migrations, cpus_used, ..
        } => {
            for measured in [iterations, work_units, cpu_ns, max_gap_ns, migrations] {
                *measured = 0;
            }
            cpus_used.clear();
        }
        OutcomeEntry::Cpus { cpus } => cpus.clear(),
        OutcomeEntry::Metric { value } => *value = value.map(|_| 0.0),
        OutcomeEntry::Seen { text, .. } => text.clear(),
        _ => {}
    }
    outcome
}

/// The judgements that ended in another way, by their names; of several with one name in their order.
pub(super) fn checks(one: &RunReport, other: &RunReport) -> Vec<Pair> {
    let (ones, others) = (named(&one.checks), named(&other.checks));
    let names: BTreeSet<_> = ones.keys().chain(others.keys()).collect();
    let words =
        |check: Option<&&CheckEntry>| check.map_or("not judged".to_owned(), |check| check_sentence(check).0);
    let verdict = |check: Option<&&CheckEntry>| check.map(|check| check.verdict);
    let differ = names.into_iter().filter(|name| verdict(ones.get(*name)) != verdict(others.get(*name)));
    differ.filter_map(|name| pair(name.0.clone(), words(ones.get(name)), words(others.get(name)))).collect()
}

fn named(checks: &[CheckEntry]) -> BTreeMap<(String, usize), &CheckEntry> {
    let mut named = BTreeMap::new();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for check in checks {
        let name = check_name(check);
        let number = seen.entry(name.clone()).or_default();
        named.insert((name, *number), check);
        *number += 1;
    }
    named
}

/// What the cgroups of both measured.
pub(super) fn figures(one: &RunReport, other: &RunReport) -> Vec<Pair> {
    let paths: BTreeSet<_> = one.cgroups.iter().chain(&other.cgroups).map(|cgroup| &cgroup.path).collect();
    let mut all = Vec::new();
    for path in paths {
        let find = |report: &RunReport| report.cgroups.iter().find(|cgroup| cgroup.path == *path).map(figure);
        let absent = || "not there".to_owned();
        let name = if path.is_empty() { "(runner)" } else { path };
        all.extend(pair(name, find(one).unwrap_or_else(absent), find(other).unwrap_or_else(absent)));
    }
    all
}

fn figure(cgroup: &CgroupEntry) -> String {
    let totals = &cgroup.totals;
    format!(
        "{} of CPU time, longest gap {}, on CPUs {}",
        time(totals.cpu_ns as f64),
        time(totals.max_gap_ns as f64),
        if cgroup.cpus_used.is_empty() { "-" } else { &cgroup.cpus_used }
    )
}
