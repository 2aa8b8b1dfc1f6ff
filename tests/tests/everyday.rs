//! The everyday scenarios assert what their names say: each passes, and a twin of it in which one thing is
//! broken fails for that reason. On the mock, and on a kernel in a virtual machine where there can be one.

mod program;

use program::{Scratch, cases, run, shipped, vm_runs, workspace};
use std::path::PathBuf;

/// A scenario, what is changed in its twin, and the check that then fails.
struct Row {
    file: &'static str,
    change: [&'static str; 2],
    fails: &'static str,
}

const ROWS: [Row; 12] = [
    Row {
        file: "everyday/weights-three-to-one.toml",
        change: ["cpu_weight = 300", "cpu_weight = 100"],
        fails: "min_cpu_share of web",
    },
    Row {
        file: "everyday/slice-with-two-services.toml",
        change: ["cpu_weight = 300", "cpu_weight = 100"],
        fails: "max_cpu_share of system/db",
    },
    Row {
        file: "everyday/slice-with-two-services.toml",
        change: ["cpu_max = \"50%\"", "cpu_max = \"max\""],
        fails: "max_cpu_usage of system/web",
    },
    Row {
        file: "everyday/quota.toml",
        change: ["cpu_max = \"25%\"", "cpu_max = \"max\""],
        fails: "max_cpu_usage of metered",
    },
    Row {
        file: "everyday/resize-under-load.toml",
        change: ["cpuset = \"2-3\" }", "cpuset = \"1-2\" }"],
        fails: "file of service: cpuset.cpus.effective is",
    },
    Row {
        file: "everyday/freeze-under-load.toml",
        change: ["freeze_cgroup\", cgroup = \"batch\"", "freeze_cgroup\", cgroup = \"service\""],
        fails: "file of batch: cgroup.events frozen is 0",
    },
    Row {
        file: "everyday/move-under-load.toml",
        change: ["{ op = \"move_all_tasks\", from = \"slow\", to = \"fast\" },", ""],
        fails: "file of slow: cgroup.events populated is 1",
    },
    Row {
        file: "everyday/pod-with-containers.toml",
        change: ["cpu_weight = 200", "cpu_weight = 100"],
        fails: "min_cpu_share of pod/app",
    },
    Row {
        file: "everyday/background-job.toml",
        change: ["cpu_weight = 1\n", "cpu_weight = 100\n"],
        fails: "min_cpu_share of service",
    },
    Row {
        file: "everyday/cell-for-each-cache.toml",
        change: ["each = \"llc\"", "each = 1"],
        fails: "max_cpu_share of cell_0",
    },
    Row {
        file: "everyday/rolling-update.toml",
        change: ["{ op = \"remove_cgroup\", cgroup = \"old\" },", ""],
        fails: "min_cpu_usage of new",
    },
    Row {
        file: "everyday/kill-a-pod.toml",
        change: ["{ op = \"kill_cgroup\", cgroup = \"pod\" },", ""],
        fails: "file of pod: cgroup.events populated is 1",
    },
];

fn hold_twins_on(backend: &str) {
    let scratch = Scratch::new(&format!("everyday-{backend}"));
    let twin = |(number, Row { file, change: [from, to], .. }): (usize, &Row)| {
        let text = std::fs::read_to_string(workspace().join("scenarios").join(file)).expect("a scenario");
        assert!(text.contains(from), "{file} has no {from}");
        scratch.file(&format!("{number}.toml"), text.replace(from, to))
    };
    let twins: Vec<String> = ROWS.iter().enumerate().map(twin).collect();
    let mut arguments = vec!["run", "--backend", backend, "--format", "json"];
    arguments.extend(twins.iter().map(String::as_str));
    let cases = cases(&run(&arguments));
    assert_eq!(cases.len(), ROWS.len());
    for (Row { file, fails, .. }, case) in ROWS.iter().zip(cases) {
        let reasons = case["reasons"].to_string();
        assert!(case["status"] == "fail" && reasons.contains(fails), "{file} without {fails}: {reasons}");
    }
}

#[test]
fn each_passes_on_the_mock_and_its_broken_twin_fails() {
    run(&["run", "--backend", "mock", "scenarios/everyday"]).assert(0, &[&all_pass()]);
    hold_twins_on("mock");
}

#[test]
fn each_passes_on_a_kernel_and_its_broken_twin_fails() {
    if vm_runs() {
        run(&["run", "--backend", "vm", "--batch", "scenarios/everyday"]).assert(0, &[&all_pass()]);
        hold_twins_on("vm");
    }
}

fn everyday() -> Vec<PathBuf> {
    let is_everyday = |path: &PathBuf| path.parent().is_some_and(|folder| folder.ends_with("everyday"));
    shipped().into_iter().filter(is_everyday).collect()
}

/// The last line where all pass.
fn all_pass() -> String {
    let all = everyday().len();
    format!("{all} scenarios: {all} pass\n")
}

#[test]
fn each_has_a_twin() {
    for path in everyday() {
        assert!(ROWS.iter().any(|row| path.ends_with(row.file)), "{}", path.display());
    }
}
