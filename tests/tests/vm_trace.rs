//! The kernel's trace of a run in a virtual machine: the same each time, on the same clock as the report, and
//! with as many slices for Perfetto as there are in it.

mod program;

use ktstr_file::report::RunReport;
use ktstr_picture::{Owners, Trace, html, perfetto, timehist};
use program::{Scratch, run, skip, vm_runs};
use std::collections::BTreeMap;

/// How often a seed is played.
const TIMES: usize = 3;
const SCENARIO: &str = r#"
name = "traced"
duration = "1s"
topology = "1x1x2x1"
[[backdrop.cgroups]]
name = "cell"
workers = 2
[[backdrop.cgroups]]
name = "rival"
workers = 1
[[steps]]
hold = "100ms"
[[steps]]
ops = [{ op = "freeze_cgroup", cgroup = "cell" }]
hold = "300ms"
[[steps]]
ops = [{ op = "unfreeze_cgroup", cgroup = "cell" }]
hold = "100ms"
"#;

/// The kernels that were fetched.
fn kernels() -> Vec<String> {
    let list = run(&["kernel", "list"]).stdout;
    let releases = list.lines().filter_map(|line| line.split_whitespace().next());
    releases.filter(|word| word.starts_with(|c: char| c.is_ascii_digit())).map(str::to_owned).collect()
}

#[test]
fn a_trace_is_the_same_each_time_and_says_what_the_report_says() {
    if !vm_runs() {
        return;
    }
    let kernels = kernels();
    if kernels.is_empty() {
        skip("vm", "no kernel was fetched");
    }
    for kernel in kernels {
        let scratch = Scratch::new("trace");
        let scenario = scratch.file("traced.toml", SCENARIO);
        let place = |name: String| scratch.path().join(name).display().to_string();
        let files: Vec<_> = (0..TIMES)
            .map(|n| {
                let (trace, report) = (place(format!("{n}.trace")), place(format!("{n}.json")));
                let ended =
                    run(&["run", "--kernel", &kernel, "--trace", &trace, "--report", &report, &scenario]);
                ended.assert(0, &["traced, which costs time", "0 records were lost"]);
                (std::fs::read(&trace).expect("a trace"), std::fs::read_to_string(&report).expect("a report"))
            })
            .collect();
        assert!(files.iter().all(|pair| *pair == files[0]), "{kernel}: runs of one seed differ");
        let trace = Trace::read(&files[0].0).unwrap_or_else(|why| panic!("{kernel}: {why}"));
        let report = RunReport::from_json(&files[0].1).expect("a report");
        assert!(report.trace.is_some_and(|entry| entry.lost == 0 && entry.bytes == files[0].0.len() as u64));
        holds_against(&kernel, &report, &trace);
        shown_as_pictures(&report, &trace);
    }
}

/// What the trace shows of the workers is what they measured, and none of the frozen ones ran.
fn holds_against(kernel: &str, report: &RunReport, trace: &Trace) {
    let owners = Owners::of(report, trace);
    let mut ran: BTreeMap<&str, i64> = BTreeMap::new();
    let slices = trace.slices();
    for slice in &slices {
        *ran.entry(owners.at(slice.task.pid, slice.from_ns).unwrap_or("")).or_default() +=
            slice.to_ns - slice.from_ns;
    }
    for cgroup in &report.cgroups {
        let (seen, measured) = (ran[cgroup.path.as_str()] as f64, cgroup.totals.cpu_ns as f64);
        assert!(
            (seen / measured - 1.0).abs() < 0.2,
            "{kernel}: {} ran {seen} ns and measured {measured}",
            cgroup.path
        );
    }
    let at = |kind: &str| {
        let is_it = |action: &str| action.starts_with(kind);
        let event = report.events.iter().find(|event| is_it(&event.action.to_string())).expect(kind);
        event.at_ns as i64
    };
    let (frozen, thawed) = (at("freeze"), at("thaw"));
    let frozen_ran = |slice: &&ktstr_picture::Slice| {
        // Both ends are the times at which the run knew of it; the kernel was ready before.
        owners.at(slice.task.pid, slice.from_ns) == Some("cell")
            && slice.from_ns > frozen + 1_000_000
            && slice.to_ns < thawed - 20_000_000
    };
    let ran = slices.iter().find(frozen_ran);
    assert!(ran.is_none(), "{kernel}: {ran:?} while it was frozen from {frozen} to {thawed}");
}

fn shown_as_pictures(report: &RunReport, trace: &Trace) {
    let slices = trace.slices().len();
    let file = perfetto(report, Some(trace));
    assert_eq!(count(&file, b"\xb2\x01\x03cpu"), slices, "slices of CPUs in the file for Perfetto");
    assert!(count(&perfetto(report, None), b"\xb2\x01\x03cpu") == 0);
    let owners = Owners::of(report, trace);
    let table = timehist(trace, &owners, None);
    assert!(table.lines().count() == slices + 2 && table.contains("rival"), "{table}");
    let page = html(report, Some(trace));
    for piece in ["CPU 0 <small>", "CPU 1 <small>", "<svg", "Slowest wake-ups", "0 records were lost"] {
        assert!(page.contains(piece), "{piece}");
    }
}

/// How often bytes occur.
fn count(all: &[u8], wanted: &[u8]) -> usize {
    all.windows(wanted.len()).filter(|window| *window == wanted).count()
}

#[test]
fn a_trace_is_taken_in_the_virtual_machine_only() {
    let scratch = Scratch::new("no-trace");
    let trace = scratch.path().join("x.trace").display().to_string();
    let scenario = "scenarios/freeze-thaw.toml";
    run(&["run", "--backend", "mock", "--trace", &trace, scenario])
        .assert(2, &["are for the virtual machine"]);
    run(&["run", "--backend", "vm", "--trace", "-", scenario]).assert(2, &["name a file"]);
    run(&["timehist", scenario]).assert(2, &["this is no trace"]);
    assert!(!scratch.path().join("x.trace").exists());
}
