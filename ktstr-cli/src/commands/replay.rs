//! `ktstr replay`: runs again what a report is of, and compares what happened.

use crate::args::{Replay, VmArgs};
use crate::exit::{Exit, Failure};
use crate::machine::TopologyArg;
use crate::output::{err, out};
use crate::play::on_a_large_stack;
use crate::run_once::on_mock;
use crate::scenario_file::ScenarioFile;
use crate::vm::{Guest, failure, kernel};
use bumpalo::Bump;
use ktstr_core::topology::Uniform;
use ktstr_file::report::{EventEntry, RunReport, VmEntry};
use ktstr_file::units::parse_topology;
use ktstr_linux::interrupt::Flag;
use ktstr_vm::Accel;
use std::path::Path;

/// The largest report that is read, in bytes.
const MAX_BYTES: u64 = 1 << 30;

pub(crate) fn run(args: &Replay) -> Result<Exit, Failure> {
    let before = read(&args.report)?;
    let after = on_a_large_stack(|| again(&before, &args.vm))?;
    compare(&before, &after)
}

fn read(path: &Path) -> Result<RunReport, Failure> {
    let unreadable =
        |why: String| Failure::invalid(format!("{}: {why}; give a file that --report wrote", path.display()));
    let size = std::fs::metadata(path).map_err(|error| unreadable(error.to_string()))?.len();
    if size > MAX_BYTES {
        return Err(unreadable("the file is too large".to_owned()));
    }
    let text = std::fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))?;
    RunReport::from_json(&text).map_err(unreadable)
}

fn again(before: &RunReport, args: &VmArgs) -> Result<RunReport, Failure> {
    let arena = Bump::new();
    let file = ScenarioFile::of_text(&before.scenario_toml, "the report's scenario", &arena)?;
    file.judge(None)?;
    let shape = before.topology.shape.as_deref().and_then(parse_topology).filter(Uniform::is_valid);
    match (before.backend.as_str(), &before.vm, shape) {
        ("mock", _, Some(shape)) => {
            on_mock(&file, Some(TopologyArg::Shape(shape)), before.seed, "").map(|(report, _)| report)
        }
        ("vm", Some(entry), Some(shape)) => in_vm(&file, before, entry, shape, args),
        ("mock" | "vm", ..) => {
            Err(Failure::invalid("the report does not say which machine it ran on; run the scenario again"))
        }
        (other, ..) => Err(Failure::invalid(format!(
            "a run on {other} does not repeat; run the scenario with --backend vm or --backend mock to have one that does"
        ))),
    }
}

fn in_vm(
    file: &ScenarioFile<'_>,
    before: &RunReport,
    entry: &VmEntry,
    shape: Uniform,
    args: &VmArgs,
) -> Result<RunReport, Failure> {
    let wanted = args.kernel.as_deref().unwrap_or(&entry.kernel_release);
    let kernel = kernel(Some(wanted)).map_err(|error| failure(&error))?;
    let accel = if entry.accel == "kvm" { Accel::Kvm } else { Accel::Tcg };
    let args = VmArgs { kernel: None, accel, saved: args.saved };
    let interrupt = Flag::on_signals();
    let shape = shape.memory_mib(entry.memory_mib);
    let guest = Guest::with_kernel(file.scenario(), shape, kernel, &args, interrupt.as_ref())
        .map_err(|error| failure(&error))?;
    let (after, _) = guest.run(file.scenario(), before.seed, "").map_err(|error| failure(&error))?;
    for difference in differences(entry, after.vm.as_ref()) {
        err(&format!("ktstr: not the same machine: {difference}\n"));
    }
    Ok(after)
}

/// What differs between two machines that should be the same.
fn differences(before: &VmEntry, after: Option<&VmEntry>) -> Vec<String> {
    let Some(after) = after else { return vec!["there is no machine".to_owned()] };
    let mut found: Vec<String> = [
        ("kernel", &before.kernel_sha256, &after.kernel_sha256),
        ("image", &before.image_sha256, &after.image_sha256),
        ("QEMU", &before.qemu_version, &after.qemu_version),
    ]
    .into_iter()
    .filter(|(_, before, after)| before != after)
    .map(|(what, before, after)| format!("{what} {before} then, {after} now"))
    .collect();
    if before.command != after.command {
        found.push("another command line of QEMU".to_owned());
    }
    if !before.reproducible {
        found.push("the first run was not made to be repeated".to_owned());
    }
    found
}

fn compare(before: &RunReport, after: &RunReport) -> Result<Exit, Failure> {
    let (count, verdict) = (before.events.len(), after.verdict.name());
    if before.events == after.events {
        out(&format!("the same: {count} events, {verdict}\n"))?;
        return Ok(Exit::Pass);
    }
    let position = before.events.iter().zip(&after.events).position(|(a, b)| a != b);
    let position = position.unwrap_or(count.min(after.events.len()));
    out(&format!(
        "different from event {position} on\n  then: {}\n  now:  {}\n",
        line(before.events.get(position)),
        line(after.events.get(position))
    ))?;
    Ok(Exit::Failed)
}

fn line(event: Option<&EventEntry>) -> String {
    event.map_or("the end".to_owned(), |event| {
        format!("{} ns  {}  {}: {}", event.at_ns, event.site, event.action, event.outcome)
    })
}
