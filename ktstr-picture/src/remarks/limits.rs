//! Remarks about what holds a cgroup back: being frozen, and a quota that is used up.

use super::{Remark, from_to, named};
use crate::timeline::{CgroupLanes, Timeline, is_within};
use ktstr_file::report::RunReport;

/// From which part of its quota on a cgroup counts as throttled.
const USED_UP: f64 = 0.9;

/// Cgroups that were frozen, each time.
pub(super) fn frozen(timeline: &Timeline) -> Vec<Remark> {
    let mut all = Vec::new();
    for lanes in &timeline.cgroups {
        // One that is frozen with another is seen in its lane; the sentence is about the other.
        for span in lanes.frozen.iter().filter(|span| span.label == "frozen") {
            let thaws = |at_ns| {
                let site_of = |label: &str| label == format!("thaw: cgroup {}", lanes.path);
                timeline.ops.iter().any(|op| op.at_ns == at_ns && site_of(&op.label) && op.site != "teardown")
            };
            let never = if thaws(span.to_ns) { "" } else { ", and no step thawed it" };
            let when = from_to(span.from_ns, span.to_ns);
            let sentence = format!("{} was frozen {when}{never}.", lanes.path);
            all.push(Remark { topic: "frozen", sentence, window: Some((span.from_ns, span.to_ns)) });
        }
    }
    all
}

/// Groups that used up what `cpu.max` gives their cgroup, or one above it.
pub(super) fn throttled(report: &RunReport, timeline: &Timeline) -> Vec<Remark> {
    let mut all = Vec::new();
    for lanes in &timeline.cgroups {
        let Some((value, quota, span)) = quota(lanes) else { continue };
        // All that worked in it or below it while the quota was in force.
        let used: f64 = report
            .groups
            .iter()
            .filter(|group| is_within(&group.cgroup, &lanes.path))
            .filter_map(|group| group.rates.filter(|_| group.window.is_some()).map(|rates| rates.cpus))
            .sum();
        if used >= quota * USED_UP {
            let sentence = format!(
                "{} used {used:.2} CPUs of the {quota:.2} that its cpu.max ({value}) gives: it was throttled.",
                named(&lanes.path)
            );
            all.push(Remark { topic: "throttled", sentence, window: Some(span) });
        }
    }
    all
}

/// The quota that was in force the longest, in CPUs.
fn quota(lanes: &CgroupLanes) -> Option<(&str, f64, (u64, u64))> {
    let (_, spans) = lanes.limits.iter().find(|(file, _)| file == "cpu.max")?;
    let span = spans.iter().max_by_key(|span| span.to_ns - span.from_ns)?;
    let (quota, period) = span.label.split_once(' ')?;
    let (quota, period): (f64, f64) = (quota.parse().ok()?, period.parse().ok()?);
    (period > 0.0).then_some((span.label.as_str(), quota / period, (span.from_ns, span.to_ns)))
}
