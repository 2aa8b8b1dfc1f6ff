//! Remarks about CPUs: workers outside the cpuset, more workers than CPUs, CPUs that two cgroups share.

use super::{Remark, from_to, named, overlap};
use crate::timeline::{CgroupLanes, Timeline};
use ktstr_core::{CheckKind, CpuSet, Verdict};
use ktstr_file::report::RunReport;

/// Workers that were seen where their cpuset has no CPU, as the checks found.
pub(super) fn outside(report: &RunReport, timeline: &Timeline) -> Vec<Remark> {
    let failed = |kind, verdict| kind == CheckKind::Isolation && verdict == Verdict::Fail;
    let found = report.checks.iter().filter(|check| failed(check.kind, check.verdict)).map(|check| {
        let lanes = timeline.cgroups.iter().find(|lanes| lanes.path == check.subject);
        let last = lanes.and_then(|lanes| lanes.cpusets.last());
        let sentence = format!(
            "Workers of {} ran on CPU {}, outside their cpuset ({}).",
            named(&check.subject),
            check.cpus.as_deref().unwrap_or("?"),
            last.map_or("none", |span| span.label.as_str()),
        );
        Remark { topic: "outside the cpuset", sentence, window: check.window.map(|w| (w.start_ns, w.end_ns)) }
    });
    found.collect()
}

/// Workers that had fewer CPUs than they are.
pub(super) fn crowded(report: &RunReport, timeline: &Timeline) -> Vec<Remark> {
    let machine: CpuSet = report.topology.cpus.parse().unwrap_or_default();
    let mut all = Vec::new();
    for lanes in &timeline.cgroups {
        for running in &lanes.running {
            let workers = leading_number(&running.label);
            for cpuset in &lanes.cpusets {
                let cpus = cpus_of(&cpuset.label);
                let Some((from, to)) = overlap(running, cpuset) else { continue };
                if cpus != machine && workers > cpus.len() {
                    let sentence = format!(
                        "{} of {} had only {} {}.",
                        running.label,
                        named(&lanes.path),
                        cpuset.label,
                        from_to(from, to)
                    );
                    all.push(Remark { topic: "few CPUs", sentence, window: Some((from, to)) });
                }
            }
        }
    }
    all
}

/// Cgroups beside each other whose cpusets overlap and are not the same.
pub(super) fn shared(timeline: &Timeline) -> Vec<Remark> {
    let mut all = Vec::new();
    let with_cpus: Vec<_> =
        timeline.cgroups.iter().filter(|lanes| !lanes.cpusets.is_empty()).take(64).collect();
    for (number, one) in with_cpus.iter().enumerate() {
        for other in with_cpus.iter().skip(number + 1).filter(|other| are_siblings(one, other)) {
            all.extend(first_shared(one, other));
        }
    }
    all
}

fn first_shared(one: &CgroupLanes, other: &CgroupLanes) -> Option<Remark> {
    let pairs = one.cpusets.iter().flat_map(|a| other.cpusets.iter().map(move |b| (a, b)));
    pairs.into_iter().find_map(|(a, b)| {
        let (from, to) = overlap(a, b)?;
        let (left, right) = (cpus_of(&a.label), cpus_of(&b.label));
        let both = left.and(&right);
        let sentence = format!(
            "{} ({}) and {} ({}) shared {} {both} {}.",
            one.path,
            a.label,
            other.path,
            b.label,
            if both.len() == 1 { "CPU" } else { "CPUs" },
            from_to(from, to)
        );
        let differ = left != right && !both.is_empty();
        differ.then_some(Remark { topic: "shared CPUs", sentence, window: Some((from, to)) })
    })
}

fn are_siblings(one: &CgroupLanes, other: &CgroupLanes) -> bool {
    let above = |path: &str| path.rsplit_once('/').map(|(above, _)| above.to_owned());
    above(&one.path) == above(&other.path)
}

/// The CPUs in a label of a lane.
fn cpus_of(label: &str) -> CpuSet {
    label.split_once(' ').and_then(|(_, list)| list.parse().ok()).unwrap_or_default()
}

fn leading_number(label: &str) -> usize {
    label.split(' ').next().and_then(|number| number.parse().ok()).unwrap_or(0)
}
