//! A run again, from its report: the same kernel, machine, seed and scenario, and whether the same happened.
//! What is no longer the same beforehand (the image, QEMU) is said, since it explains a difference.

use crate::error::VmError;
use crate::kernel::{Cache, is_release, resolve};
use crate::qemu::Accel;
use crate::scenario::ScenarioRun;
use crate::vm::Vm;
use ktstr_core::Uniform;
use ktstr_file::ScenarioFile;
use ktstr_file::report::{EventEntry, RunReport, VmEntry};

/// A run that was done again.
#[derive(Debug)]
pub struct Replay {
    /// The new run.
    pub again: ScenarioRun,
    /// What differs between then and now, one sentence each.
    pub circumstances: Vec<String>,
    /// The first event that differs; none when the logs are the same, times included.
    pub difference: Option<Difference>,
}

/// Where two event logs part. A log that has ended has no event there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Number of the event.
    pub seq: usize,
    /// What the report has.
    pub then: Option<EventEntry>,
    /// What happened now.
    pub now: Option<EventEntry>,
}

impl Difference {
    /// The first event in which two logs differ, times included.
    #[must_use]
    pub fn between(then: &[EventEntry], now: &[EventEntry]) -> Option<Self> {
        let seq = (0..then.len().max(now.len())).find(|&seq| then.get(seq) != now.get(seq))?;
        Some(Self { seq, then: then.get(seq).cloned(), now: now.get(seq).cloned() })
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
    let vm = adjust(vm);
    let vm = if then.state_sha256.is_some() { vm.saved_states(cache.clone()) } else { vm };
    let again = vm.run(file.scenario())?;
    let circumstances = again.report.vm.as_ref().map_or_else(Vec::new, |now| circumstances(then, now));
    let difference = Difference::between(&log(report), &log(&again.report));
    Ok(Replay { again, circumstances, difference })
}

/// The events of a run; the end of the kernel is the last of them, where it ended.
fn log(report: &RunReport) -> Vec<EventEntry> {
    let end = report.finding.iter().map(|finding| EventEntry {
        seq: u32::try_from(report.events.len()).unwrap_or(u32::MAX),
        at_ns: 0,
        site: "kernel".to_owned(),
        action: finding.class.name().to_owned(),
        outcome: finding.signature.clone(),
    });
    report.events.iter().cloned().chain(end).collect()
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

    fn event(at_ns: u64) -> EventEntry {
        EventEntry { seq: 0, at_ns, site: String::new(), action: String::new(), outcome: String::new() }
    }

    #[test]
    fn logs_differ_where_an_event_does_and_where_one_ends() {
        for (then, now, seq) in [
            (vec![], vec![], None),
            (vec![1, 2], vec![1, 2], None),
            (vec![1, 2], vec![1, 3], Some(1)),
            (vec![1], vec![1, 2], Some(1)),
            (vec![1], vec![], Some(0)),
        ] {
            let log = |times: &[u64]| times.iter().map(|&at| event(at)).collect::<Vec<_>>();
            assert_eq!(Difference::between(&log(&then), &log(&now)).map(|difference| difference.seq), seq);
        }
    }
}
