//! Comparisons between cgroups and between steps: each that holds passes, and a twin in which one thing is
//! broken fails with both figures, the ratio, what was expected and the windows.

mod program;

use program::{Scratch, run, vm_runs, workspace};

/// What is changed, and what is then said.
const TWINS: [([&str; 2], &[&str]); 4] = [
    (
        ["cpu_weight = 1000, workers", "cpu_weight = 100, workers"],
        &[
            "fail  compared of web: cpu of web is 0.",
            " CPUs in ten to one (",
            "that of batch 0.",
            ": 1.0",
            " times, expected 10 times, give or take 20.0%",
        ],
    ),
    (["ratio = 0.55", "ratio = 0.25"], &["that of web 0.9", "in even (2", " times, expected 0.25 times"]),
    (
        ["metric = \"cpu\"\nstep = \"ten", "metric = \"wake_p99\"\nstep = \"ten"],
        &["inconclusive  compared of web: wake_p99 of web is not known in ten to one", "no ratio"],
    ),
    (
        ["cpu_weight = 1000 }]", "cpu_weight = 300 }]"],
        &["fail  compared of web", "in even (2", "times, expected 1 times"],
    ),
];

fn hold_on(backend: &str) {
    let path = workspace().join("scenarios/weights-by-ratio.toml");
    run(&["run", "--backend", backend, &path.display().to_string()]).assert(0, &["PASS", "checks: 5 pass"]);
    let text = std::fs::read_to_string(&path).expect("a scenario");
    let scratch = Scratch::new(&format!("compare-{backend}"));
    let twins = if backend == "mock" { &TWINS[..] } else { &TWINS[..1] };
    for ([from, to], said) in twins {
        assert!(text.contains(from), "it has no {from}");
        let twin = scratch.file("twin.toml", text.replacen(from, to, 1));
        let status = if said[0].starts_with("inconclusive") { 4 } else { 1 };
        run(&["run", "--backend", backend, &twin]).assert(status, said);
    }
}

#[test]
fn ratios_hold_and_broken_ones_say_both_figures_on_the_mock() {
    hold_on("mock");
}

#[test]
fn ratios_hold_and_broken_ones_say_both_figures_in_a_guest() {
    if vm_runs() {
        hold_on("vm");
    }
}
