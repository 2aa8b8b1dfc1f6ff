//! A run again, from its report: the same kernel, machine, seed and scenario, and whether the same happened.
//! What is no longer the same beforehand (the image, QEMU) is said, since it explains a difference.

use crate::error::VmError;
use crate::kernel::{Cache, is_release, resolve};
use crate::qemu::Accel;
use crate::scenario::ScenarioRun;
use crate::vm::Vm;
use ktstr_core::{Uniform, Verdict};
use ktstr_file::ScenarioFile;
use ktstr_file::report::{
    CheckEntry, EventEntry, FindingEntry, NoticeEntry, RunReport, VmEntry, WorkerEntry,
};

/// A run that was done again.
#[derive(Debug)]
pub struct Replay {
    /// The new run.
    pub again: ScenarioRun,
    /// What differs between then and now, one sentence each.
    pub circumstances: Vec<String>,
    /// The first thing that differs; none when events, notices, measurements, judgements and verdict are the
    /// same, times included.
    pub difference: Option<Difference>,
}

/// Where what happened in two runs parts. A log that has ended has nothing there.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// Number of the event, or of the one during which something was noticed.
    pub seq: u32,
    /// What the report has.
    pub then: Option<LogEntry>,
    /// What happened now.
    pub now: Option<LogEntry>,
}

/// One thing that happened in a run.
#[derive(Debug, Clone, PartialEq)]
pub enum LogEntry {
    /// Without having been asked for.
    Notice(NoticeEntry),
    /// An action.
    Event(EventEntry),
    /// The end of the kernel under test, the last that happens.
    Finding(FindingEntry),
    /// What a worker measured.
    Worker(WorkerEntry),
    /// A judgement.
    Check(CheckEntry),
    /// The verdict on all of it.
    Verdict(Verdict),
}

impl Difference {
    /// The first thing in which two runs differ, times included.
    #[must_use]
    pub fn between(then: &RunReport, now: &RunReport) -> Option<Self> {
        let (then, now) = (log(then), log(now));
        let at = (0..then.len().max(now.len())).find(|&at| then.get(at) != now.get(at))?;
        let seq = then.get(at).or(now.get(at)).map_or(0, |entry| entry.0);
        let entry = |log: &[(u32, LogEntry)]| log.get(at).map(|(_, entry)| entry.clone());
        Some(Self { seq, then: entry(&then), now: entry(&now) })
    }
}

impl std::fmt::Display for LogEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Notice(entry) => write!(f, "{} ns  noticed: {}", entry.at_ns, entry.notice),
            Self::Event(EventEntry { at_ns, site, action, outcome, .. }) => {
                write!(f, "{at_ns} ns  {site}  {action} -> {outcome}")
            }
            Self::Finding(finding) => write!(f, "{}: {}", finding.class.name(), finding.signature),
            Self::Worker(worker) => f.write_str(&as_json(worker)),
            Self::Check(check) => f.write_str(&as_json(check)),
            Self::Verdict(verdict) => write!(f, "verdict {}", verdict.name()),
        }
    }
}

/// Runs what `report` says of once more, with a kernel of the same release from `cache` (or `kernel`, where
/// given) and this very program as guest program, which begins with
/// [`guest_runs_scenarios`](crate::scenario::guest_runs_scenarios). `adjust` may change what does not change
/// the run: how long it may take, and what cancels it.
///
/// # Errors
/// [`VmError::Replay`] for a report that is of no virtual machine or has no regular topology, and the errors
/// of [`resolve`] and [`Vm::run`].
pub fn replay(
    report: &RunReport,
    kernel: Option<&str>,
    cache: &Cache,
    adjust: impl FnOnce(Vm) -> Vm,
) -> Result<Replay, VmError> {
    let refuse = |reason: &str| VmError::Replay { reason: reason.to_owned() };
    let then = report.vm.as_ref().ok_or_else(|| refuse("it is not of a run in a virtual machine"))?;
    let shape = report
        .topology
        .shape
        .as_deref()
        .and_then(|text| text.parse().ok())
        .filter(Uniform::is_valid)
        .ok_or_else(|| refuse("its topology is not regular"))?;
    let file: ScenarioFile =
        report.scenario_toml.parse().map_err(|_| refuse("the scenario in it cannot be read"))?;
    let accel = then.accel.parse::<Accel>().map_err(|reason| refuse(&reason))?;
    // A report may be anybody's: a release is looked up, and a path in its place would be opened.
    if kernel.is_none() && !is_release(&then.kernel_release) {
        return Err(refuse("what it names as the kernel's release is none"));
    }
    let kernel = resolve(kernel.unwrap_or(&then.kernel_release), cache)?;
    let vm = Vm::new(kernel).topology(shape.memory_mib(then.memory_mib)).seed(report.seed).accel(accel);
    let vm = vm.traced(report.trace.is_some());
    let vm = adjust(vm);
    let vm = if then.state_sha256.is_some() { vm.saved_states(cache.clone()) } else { vm };
    let again = vm.run(file.scenario())?;
    let circumstances = again.report.vm.as_ref().map_or_else(Vec::new, |now| circumstances(then, now));
    let difference = Difference::between(report, &again.report);
    Ok(Replay { again, circumstances, difference })
}

/// What happened in a run, in order, then what came of it: what was noticed during an action comes before its
/// event.
fn log(report: &RunReport) -> Vec<(u32, LogEntry)> {
    let notices = report.notices.iter().map(|entry| (entry.seq, LogEntry::Notice(entry.clone())));
    let events = report.events.iter().map(|entry| (entry.seq, LogEntry::Event(entry.clone())));
    let mut log: Vec<_> = notices.chain(events).collect();
    // A stable sort: notices stay before the event with the same number.
    log.sort_by_key(|(seq, _)| *seq);
    let next = log.last().map_or(0, |(seq, _)| seq.saturating_add(1));
    let finding = report.finding.iter().cloned().map(LogEntry::Finding);
    let workers = report.cgroups.iter().flat_map(|cgroup| &cgroup.workers).cloned().map(LogEntry::Worker);
    let checks = report.checks.iter().cloned().map(LogEntry::Check);
    let verdict = std::iter::once(LogEntry::Verdict(report.verdict));
    log.extend(finding.chain(workers).chain(checks).chain(verdict).map(|entry| (next, entry)));
    log
}

/// An entry with all its parts, on one line.
fn as_json(entry: &impl serde::Serialize) -> String {
    serde_json::to_string(entry).unwrap_or_default()
}

/// The saved state, in words.
fn state(vm: &VmEntry) -> String {
    vm.state_sha256.clone().unwrap_or_else(|| "none".to_owned())
}

fn circumstances(then: &VmEntry, now: &VmEntry) -> Vec<String> {
    let mut differ = Vec::new();
    if !then.reproducible {
        differ.push("the run was not a reproducible one".to_owned());
    }
    for (what, then, now) in [
        ("kernel", &then.kernel_sha256, &now.kernel_sha256),
        ("booted file", &then.booted_sha256, &now.booted_sha256),
        ("image", &then.image_sha256, &now.image_sha256),
        ("QEMU", &then.qemu_version, &now.qemu_version),
        ("command", &then.command.join(" "), &now.command.join(" ")),
        ("saved state", &state(then), &state(now)),
        ("boot", &then.attempt.to_string(), &now.attempt.to_string()),
        ("notes", &then.notes.join("; "), &now.notes.join("; ")),
    ] {
        if then != now {
            differ.push(format!("another {what}: `{now}`, and then it was `{then}`"));
        }
    }
    differ
}

#[cfg(test)]
mod tests {
    use super::*;
    use ktstr_core::{
        Action, Asked, Event, Notice, Observer, Outcome, Report, Scenario, Site, Topology, Verdict,
    };
    use ktstr_file::report::{CgroupEntry, FindingClass, Recorder, RunHead};
    use std::time::Duration;

    /// A report with events that end at these times, and notices during the events with these numbers.
    fn report(events: &[u64], notices: &[(u32, u64)]) -> RunReport {
        let topology = Topology::uniform(1, 1, 1, 1);
        let scenario = Scenario::new("log");
        let head =
            RunHead { scenario: &scenario, backend: "vm", backend_reason: "", seed: 1, topology: &topology };
        let mut recorder = Recorder::new();
        let site = Site::Scenario;
        let action = Action::Finish;
        for (seq, &at) in events.iter().enumerate() {
            let (seq, at) = (seq as u32, Duration::from_nanos(at));
            recorder.event(&Event { seq, at, site, action, outcome: &Outcome::Done });
        }
        for &(seq, count) in notices {
            let asked = Asked { seq, site, action: &action };
            recorder.notice(&asked, Duration::ZERO, &Notice::OomKilled { cgroup: "a", count });
        }
        let end = Report { verdict: Verdict::Pass, ..Report::NOTHING };
        recorder.finish(&head, &end)
    }

    #[test]
    fn logs_differ_where_an_event_or_a_notice_does_and_where_one_ends() {
        type Log<'l> = (&'l [u64], &'l [(u32, u64)]);
        let same: [(Log<'_>, Log<'_>, Option<u32>); 9] = [
            ((&[], &[]), (&[], &[]), None),
            ((&[1, 2], &[]), (&[1, 2], &[]), None),
            ((&[1, 2], &[]), (&[1, 3], &[]), Some(1)),
            ((&[1], &[]), (&[1, 2], &[]), Some(1)),
            ((&[1], &[]), (&[], &[]), Some(0)),
            ((&[1, 2], &[(1, 7)]), (&[1, 2], &[(1, 7)]), None),
            ((&[1, 2], &[(1, 7)]), (&[1, 2], &[(1, 8)]), Some(1)),
            ((&[1, 2], &[(1, 7)]), (&[1, 2], &[]), Some(1)),
            ((&[1, 2], &[(0, 7)]), (&[1, 2], &[(1, 7)]), Some(0)),
        ];
        for (then, now, seq) in same {
            let difference = Difference::between(&report(then.0, then.1), &report(now.0, now.1));
            assert_eq!(difference.map(|difference| difference.seq), seq, "{then:?} {now:?}");
        }
        let finding = FindingEntry {
            class: FindingClass::Panic,
            signature: "panic".to_owned(),
            during_boot: false,
            bound: None,
            console: vec![],
        };
        let ended = RunReport { finding: Some(finding), ..report(&[1], &[]) };
        let difference = Difference::between(&report(&[1], &[]), &ended).expect("one has ended");
        assert_eq!((difference.seq, difference.then), (1, Some(LogEntry::Verdict(Verdict::Pass))));
        assert!(difference.now.expect("the end").to_string().ends_with(": panic"));
    }

    #[test]
    fn runs_with_the_same_events_differ_in_measurements_judgements_and_verdict() {
        let then = report(&[1], &[]);
        let worker = WorkerEntry { iterations: 7, ..WorkerEntry::default() };
        let cgroup = CgroupEntry { workers: vec![worker.clone()], ..CgroupEntry::default() };
        let check: CheckEntry = serde_json::from_value(serde_json::json!({
            "kind": "max_gap", "subject": "", "metric": null, "value": 1.0, "bound": 2.0, "verdict": "pass"
        }))
        .expect("a check");
        for (now, what) in [
            (RunReport { cgroups: vec![cgroup], ..then.clone() }, LogEntry::Worker(worker)),
            (RunReport { checks: vec![check.clone()], ..then.clone() }, LogEntry::Check(check)),
            (RunReport { verdict: Verdict::Fail, ..then.clone() }, LogEntry::Verdict(Verdict::Fail)),
        ] {
            let difference = Difference::between(&then, &now).expect("a difference");
            assert_eq!((difference.seq, difference.now.as_ref()), (1, Some(&what)));
            assert!(Difference::between(&now, &now).is_none());
            assert!(!what.to_string().is_empty());
        }
    }
}
