//! The longest gap of each worker, with its place on the axis.

use super::Gap;
use ktstr_file::report::{RunReport, WindowEntry};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// All of them, the longest first; those whose group never began have no place.
pub(super) fn gaps(report: &RunReport) -> Vec<Gap> {
    let windows: BTreeMap<u32, WindowEntry> =
        report.groups.iter().filter_map(|group| Some((group.group, group.window?))).collect();
    let mut all = Vec::new();
    for cgroup in &report.cgroups {
        for worker in cgroup.workers.iter().filter(|worker| worker.max_gap_ns > 0) {
            let Some(window) = windows.get(&worker.group) else { continue };
            let to_ns = window.start_ns.saturating_add(worker.gap_end_ns);
            all.push(Gap {
                cgroup: cgroup.path.clone(),
                group: worker.group,
                worker: worker.worker,
                cpu: worker.gap_cpu,
                from_ns: to_ns.saturating_sub(worker.max_gap_ns),
                to_ns,
            });
        }
    }
    all.sort_by_key(|gap| (Reverse(gap.length_ns()), gap.from_ns, gap.group, gap.worker));
    all
}
