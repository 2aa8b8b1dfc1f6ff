//! The everyday scenarios assert what their names say: each passes, and a twin of it in which one thing is
//! broken fails for that reason. On the mock, and on a kernel in a virtual machine where there can be one.

mod program;

use program::{Scratch, run, shipped, vm_runs, workspace};

/// A scenario, what is changed in its twin, and the check that then fails.
struct Row {
    file: &'static str,
    change: [&'static str; 2],
    fails: &'static str,
}

const ROWS: [Row; 3] = [
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
];

fn hold_on(backend: &str) {
    let scratch = Scratch::new(&format!("everyday-{backend}"));
    for Row { file, change: [from, to], fails } in &ROWS {
        let path = workspace().join("scenarios").join(file);
        run(&["run", "--backend", backend, &path.display().to_string()]).assert(0, &["PASS"]);
        let text = std::fs::read_to_string(&path).expect("a scenario");
        assert!(text.contains(from), "{file} has no {from}");
        let twin = scratch.file("twin.toml", text.replace(from, to));
        run(&["run", "--backend", backend, &twin]).assert(1, &["FAIL", fails]);
    }
}

#[test]
fn each_passes_on_the_mock_and_its_broken_twin_fails() {
    hold_on("mock");
}

#[test]
fn each_passes_on_a_kernel_and_its_broken_twin_fails() {
    if vm_runs() {
        hold_on("vm");
    }
}

#[test]
fn each_has_a_twin() {
    for path in
        shipped().iter().filter(|path| path.parent().is_some_and(|folder| folder.ends_with("everyday")))
    {
        assert!(ROWS.iter().any(|row| path.ends_with(row.file)), "{}", path.display());
    }
}
