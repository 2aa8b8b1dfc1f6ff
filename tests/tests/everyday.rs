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

const ROWS: [Row; 11] = [
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
