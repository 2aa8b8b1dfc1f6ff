//! What a scenario needs of a machine: where there is less, it is skipped with the reason and exits 0, on
//! each backend; where nothing is said which, the first backend that has enough is taken.

mod program;

use ktstr_core::prelude::*;
use ktstr_core::{KernelVersion, PlanBackend};
use ktstr_file::play_scenario;
use ktstr_file::report::RunReport;
use ktstr_mock::MockBackend;
use program::{Scratch, linux_runs, run};

/// A scenario with one worker, which needs this.
fn with_needs(needs: &str, more: &str) -> String {
    format!(
        "name = \"needy\"\nduration = \"10ms\"\nneeds = {{ {needs} }}\n{more}\n[checks]\nnot_starved = true\n\
         [[backdrop.cgroups]]\nname = \"a\"\n[[steps]]\nhold = \"full\"\n"
    )
}

#[test]
fn what_the_mock_lacks_is_the_reason_of_a_skip() {
    let scratch = Scratch::new("needs-mock");
    for (needs, topology, reason) in [
        ("cpus = 5", "1x1x4x1", "it needs 5 CPUs, the machine has 4"),
        ("llcs = 2", "1x1x4x1", "it needs 2 last-level caches, the machine has 1"),
        ("nodes = 3", "2x1x4x1", "it needs 3 NUMA nodes, the machine has 2"),
        ("kernel = \"99.0\"", "1x1x4x1", "it needs Linux 99.0, the machine has 7.2"),
        ("sched_ext = true", "1x1x4x1", "it needs a kernel that can load schedulers (sched_ext)"),
    ] {
        let file = scratch.file("needs.toml", with_needs(needs, ""));
        let arguments = ["run", "--backend", "mock", "--topology", topology, &file];
        run(&arguments).assert(0, &["SKIP  needy  on mock", &format!("skipped: {reason}")]);
        let json = run(&[&arguments[..], &["--format", "json"]].concat());
        let report = RunReport::from_json(&json.stdout).expect("a report");
        assert_eq!((report.verdict, report.skipped.as_deref()), (Verdict::Skip, Some(reason)));
        assert!(report.events.is_empty() && report.checks.is_empty(), "nothing is done: {:?}", report.events);
    }
    for needs in ["cpus = 4, llcs = 1, nodes = 1, kernel = \"7.2\"", "cpus = 0", "sched_ext = false"] {
        let file = scratch.file("met.toml", with_needs(needs, ""));
        run(&["run", "--backend", "mock", &file]).assert(0, &["PASS  needy"]);
    }
}

/// What the scenario does on the machine that it needs is no error on another one.
#[test]
fn what_only_the_needed_machine_has_is_no_error_elsewhere() {
    let scratch = Scratch::new("needs-cpuset");
    let cgroup = "[[backdrop.cgroups]]\nname = \"b\"\ncpuset = { llc = 1 }\n";
    let file = scratch
        .file("llc.toml", with_needs("llcs = 2", "").replace("[[steps]]", &format!("{cgroup}[[steps]]")));
    run(&["check", "--topology", "1x1x4x1", &file])
        .assert(0, &["skipped on this machine: it needs 2 last-level"]);
    run(&["check", "--topology", "1x2x4x1", &file]).assert(0, &["ok, needs 2 cgroups"]);
    run(&["run", "--backend", "mock", "--topology", "1x1x4x1", &file]).assert(0, &["SKIP"]);
    // A backend that builds its machine builds one with enough.
    run(&["run", "--backend", "mock", &file]).assert(0, &["PASS"]);
}

#[test]
fn without_a_backend_named_one_is_taken_that_has_enough() {
    let scratch = Scratch::new("needs-auto");
    // No machine has this many; the mock is one that does.
    let file = scratch.file("many.toml", with_needs("cpus = 900", ""));
    let out = run(&["run", "--kernel", "none-such", &file]);
    out.assert(0, &["PASS  needy  on mock", "Linux cannot carry the scenario here"]);
}

#[test]
fn a_need_that_makes_no_sense_is_refused_where_it_stands() {
    let scratch = Scratch::new("needs-bad");
    for (needs, code, cure) in [
        ("cpus = 1025", "[E1008]", "need at most 1024"),
        ("nodes = 65", "[E1008]", "need at most 64"),
        ("kernel = \"6.13.1\"", "[T008]", "\"6.13\""),
        ("kernel = 6.13", "[T008]", "\"6.13\""),
        ("cores = 2", "[T006]", "`cores` is not known in this needs"),
        ("cpu = 2", "[T006]", "did you mean `cpus`?"),
    ] {
        let file = scratch.file("bad.toml", with_needs(needs, ""));
        run(&["check", &file]).assert(2, &["bad.toml:3:", code, cure]);
    }
}

/// The library says the same: nothing is asked of the backend, and the report has the reason.
#[test]
fn in_a_program_of_ones_own_the_report_has_the_reason() {
    let small = Topology::uniform(1, 1, 2, 1);
    let needy = Scenario::new("needy").needs(Needs::NONE.cpus(3).kernel(6, 13));
    let mut mock = MockBackend::new(small);
    let played = |scenario: &Scenario<'_>, mock: &mut MockBackend| {
        let scenario = scenario.clone();
        let report = play_scenario(&scenario, mock, 1, &mut ()).expect("no error");
        (report.lack.map(|lack| lack.to_string()), report.actions, report.verdict)
    };
    let cpus = Some("it needs 3 CPUs, the machine has 2".to_owned());
    assert_eq!(played(&needy, &mut mock), (cpus.clone(), 0, Verdict::Skip));
    let old = needy.clone().needs(Needs::NONE.cpus(2).kernel(6, 13));
    let mut older = MockBackend::new(small).version(KernelVersion::V6_12);
    let kernel = Some("it needs Linux 6.13, the machine has 6.12".to_owned());
    assert_eq!(played(&old, &mut older), (kernel, 0, Verdict::Skip));
    assert_eq!(played(&old, &mut mock).0, None);
    let report = execute_scenario(&needy, &mut PlanBackend::new(small), 1, &mut ()).expect("no error");
    assert_eq!((report.lack.map(|lack| lack.to_string()), report.verdict), (cpus, Verdict::Skip));
}

#[test]
fn this_machine_says_what_it_lacks() {
    if !linux_runs() {
        return;
    }
    let scratch = Scratch::new("needs-linux");
    for (needs, reason) in [
        ("cpus = 1000", "it needs 1000 CPUs, the machine has"),
        ("kernel = \"99.0\"", "it needs Linux 99.0, the"),
    ] {
        let file = scratch.file("linux.toml", with_needs(needs, ""));
        run(&["run", "--backend", "linux", &file]).assert(0, &["SKIP  needy  on linux", reason]);
    }
}
