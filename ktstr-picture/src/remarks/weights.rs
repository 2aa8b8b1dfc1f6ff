//! Remarks about shares: cgroups beside each other with unequal `cpu.weight`, and what each of them got.

use super::Remark;
use crate::timeline::{CgroupLanes, Timeline, is_within};
use ktstr_file::report::RunReport;
use std::collections::BTreeMap;

/// What the kernel gives a cgroup of which nothing is said.
const DEFAULT: u64 = 100;

/// Each set of siblings in which weights differ, where workers ran in them.
pub(super) fn unequal(report: &RunReport, timeline: &Timeline) -> Vec<Remark> {
    let mut families: BTreeMap<Option<&str>, Vec<(&CgroupLanes, u64)>> = BTreeMap::new();
    for lanes in timeline.cgroups.iter().filter(|lanes| !lanes.path.is_empty()) {
        let above = lanes.path.rsplit_once('/').map(|(above, _)| above);
        families.entry(above).or_default().push((lanes, weight(lanes)));
    }
    families.into_values().filter_map(|family| remark(report, &family)).collect()
}

fn remark(report: &RunReport, family: &[(&CgroupLanes, u64)]) -> Option<Remark> {
    let worked: Vec<_> =
        family.iter().map(|(lanes, weight)| (lanes, weight, cpu_ns(report, &lanes.path))).collect();
    let worked: Vec<_> = worked.into_iter().filter(|(.., cpu_ns)| *cpu_ns > 0).collect();
    let (_, first, _) = worked.first()?;
    if worked.iter().all(|(_, weight, _)| weight == first) {
        return None;
    }
    let all: u64 = worked.iter().map(|(.., cpu_ns)| cpu_ns).sum();
    let parts: Vec<_> = worked
        .iter()
        .take(6)
        .map(|(lanes, weight, cpu_ns)| {
            let share = *cpu_ns as f64 / all as f64 * 100.0;
            format!("{} has {weight} and got {share:.1}% of their CPU time", lanes.path)
        })
        .collect();
    let sentence = format!("Weights are unequal (cpu.weight): {}.", parts.join("; "));
    Some(Remark { topic: "unequal weights", sentence, window: None })
}

/// The weight that was in force the longest.
fn weight(lanes: &CgroupLanes) -> u64 {
    let spans = lanes.limits.iter().find(|(file, _)| file == "cpu.weight").map(|(_, spans)| spans);
    let longest = spans.and_then(|spans| spans.iter().max_by_key(|span| span.to_ns - span.from_ns));
    longest.and_then(|span| span.label.parse().ok()).unwrap_or(DEFAULT)
}

/// The CPU time of all workers in a cgroup and below it.
fn cpu_ns(report: &RunReport, path: &str) -> u64 {
    report.groups.iter().filter(|group| is_within(&group.cgroup, path)).map(|group| group.totals.cpu_ns).sum()
}
