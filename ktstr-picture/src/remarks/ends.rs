//! Remarks about what ended or did not go on: schedulers, payloads, what nobody asked for, workers that got
//! nowhere, gaps and holds.

use super::{Remark, from_to, named};
use crate::timeline::Timeline;
use ktstr_file::report::RunReport;
use ktstr_file::report::text::time;

/// From which part of the run on a gap is worth a remark, and how long it is at least, in nanoseconds.
const LONG_GAP: (f64, u64) = (0.05, 10_000_000);

/// Schedulers that left by themselves, or never got ready.
pub(super) fn schedulers(report: &RunReport) -> Vec<Remark> {
    let mut all = Vec::new();
    for scheduler in &report.schedulers {
        let how = scheduler.exit.as_deref().unwrap_or("not known how");
        let sentence = match scheduler.window {
            None => format!("Scheduler {} never got ready: {how}.", scheduler.name),
            Some(window) if scheduler.early => {
                format!(
                    "Scheduler {} left by itself at {}: {how}.",
                    scheduler.name,
                    time(window.end_ns as f64)
                )
            }
            Some(_) => continue,
        };
        let window = scheduler.window.map(|window| (window.end_ns, window.end_ns));
        all.push(Remark { topic: "scheduler", sentence, window });
    }
    all
}

/// Payloads that ended with a code or by a signal which is no success.
pub(super) fn payloads(report: &RunReport) -> Vec<Remark> {
    let bad = report
        .payloads
        .iter()
        .filter(|payload| !payload.assumed && payload.exit_code.is_some_and(|code| code != 0));
    bad.map(|payload| {
        let code = payload.exit_code.unwrap_or_default();
        let wall = time(payload.wall_ns as f64);
        let sentence =
            format!("{} in {} exited with {code} after {wall}.", payload.name, named(&payload.cgroup));
        Remark { topic: "payload", sentence, window: None }
    })
    .collect()
}

/// What nobody asked for.
pub(super) fn notices(report: &RunReport) -> Vec<Remark> {
    let all = report.notices.iter().map(|entry| Remark {
        topic: "noticed",
        sentence: format!("At {}: {}.", time(entry.at_ns as f64), entry.notice),
        window: Some((entry.at_ns, entry.at_ns)),
    });
    all.collect()
}

/// Workers that did nothing at all.
pub(super) fn idle(report: &RunReport, timeline: &Timeline) -> Vec<Remark> {
    let mut all = Vec::new();
    for cgroup in &report.cgroups {
        let idle =
            cgroup.workers.iter().filter(|worker| worker.work_units == 0 && worker.iterations == 0).count();
        let lanes = timeline.cgroups.iter().find(|lanes| lanes.path == cgroup.path);
        let ran = lanes.is_some_and(|lanes| lanes.running.iter().any(|span| span.to_ns > span.from_ns));
        if idle > 0 && ran {
            let (of, name) = (cgroup.workers.len(), named(&cgroup.path));
            let sentence = format!("{idle} of {of} workers of {name} did no work at all.");
            all.push(Remark { topic: "no work", sentence, window: None });
        }
    }
    all
}

/// The longest gap, where it is long.
pub(super) fn gap(timeline: &Timeline) -> Vec<Remark> {
    let (part, least) = LONG_GAP;
    let long = |gap: &&crate::timeline::Gap| {
        gap.length_ns() >= least && gap.length_ns() as f64 >= timeline.end_ns as f64 * part
    };
    let first = timeline.gaps.first().filter(long);
    let remark = first.map(|gap| {
        let sentence = format!(
            "The longest gap: worker {} of {} made no progress for {}, {}; it went on on CPU {}.",
            gap.worker,
            named(&gap.cgroup),
            time(gap.length_ns() as f64),
            from_to(gap.from_ns, gap.to_ns),
            gap.cpu
        );
        Remark { topic: "gap", sentence, window: Some((gap.from_ns, gap.to_ns)) }
    });
    remark.into_iter().collect()
}

/// Holds that took too long.
pub(super) fn overruns(report: &RunReport) -> Vec<Remark> {
    let all = report.overruns.iter().map(|overrun| {
        let (asked, took) = (time(overrun.asked_ns as f64), time(overrun.took_ns as f64));
        let sentence = format!("{} took {took} and was to take {asked}.", overrun.site);
        Remark { topic: "late", sentence, window: None }
    });
    all.collect()
}
