//! The table of tasks. A row names a command that could be typed just as well; CONTRIBUTING.md is checked
//! against it.

/// One command.
pub(crate) struct Task {
    /// What it is called.
    pub(crate) name: &'static str,
    /// What it is for.
    pub(crate) what: &'static str,
    /// Variables that it runs with.
    pub(crate) env: &'static [(&'static str, &'static str)],
    /// Program and arguments; more may follow on the command line.
    pub(crate) command: &'static [&'static str],
}

const fn task(name: &'static str, what: &'static str, command: &'static [&'static str]) -> Task {
    Task { name, what, env: &[], command }
}

const fn blessing(name: &'static str, what: &'static str, command: &'static [&'static str]) -> Task {
    Task { name, what, env: &[("KTSTR_BLESS", "1"), ("TRYBUILD", "overwrite")], command }
}

/// All tasks, in the order of the page.
pub(crate) const TASKS: &[Task] = &[
    task("ci", "all that has to hold before a change goes in, or the stages named behind it", &[".ci/run"]),
    task("test", "all tests; sets up what they need", &["bash", "tests/all.sh"]),
    Task {
        name: "test-required",
        what: "the same, where a test that is skipped fails",
        env: &[("KTSTR_REQUIRE", "linux,vm")],
        command: &["bash", "tests/all.sh"],
    },
    task(
        "adding",
        "hold the pages of docs/adding to what they say, all or those named: `op`, `check`, `knob`, `work-type`",
        &[".ci/adding"],
    ),
    task(
        "bench-core",
        "what an operation costs to validate and an action to request, from small scenarios to large ones",
        &["cargo", "bench", "--package", "ktstr-core"],
    ),
    task(
        "bench-linux",
        "the life of cgroups and workers, beside raw system calls",
        &["cargo", "bench", "--package", "ktstr-linux", "--bench", "lifecycle"],
    ),
    task(
        "bench-vm",
        "from a command to a verdict, booted and restored",
        &["cargo", "bench", "--package", "ktstr-vm", "--bench", "verdict"],
    ),
    blessing(
        "bless",
        "accept what the tests of generated pages, counts and schemas now make",
        &[
            "cargo",
            "test",
            "--package",
            "ktstr-file",
            "--package",
            "ktstr-tests",
            "--test",
            "schema",
            "--test",
            "rust",
            "--test",
            "quirks_page",
            "--test",
            "operations_page",
            "--test",
            "control_files_page",
            "--test",
            "theorem",
            "--test",
            "work_types",
            "--test",
            "work_types_page",
            "--test",
            "checks_page",
            "--test",
            "codes_page",
        ],
    ),
    blessing(
        "bless-messages",
        "accept the compiler messages of the compile-fail tests",
        &["cargo", "test", "--package", "ktstr-tests", "--test", "compile_fail"],
    ),
    task(
        "evidence",
        "make docs/evidence.md anew: searches, faults, fuzz rates, mock against kernels; its head says how to set the amounts",
        &["bash", "tests/evidence.sh"],
    ),
    task(
        "theorem",
        "all programs of up to three letters, with the table of rules",
        &["cargo", "test", "--release", "--package", "ktstr-tests", "--test", "theorem", "--", "--nocapture"],
    ),
    task(
        "theorem-long",
        "those of four letters too, in minutes",
        &[
            "cargo",
            "test",
            "--release",
            "--package",
            "ktstr-tests",
            "--test",
            "theorem",
            "--",
            "--ignored",
            "--nocapture",
        ],
    ),
    task(
        "value-rules",
        "rules about values, each broken once and forced",
        &[
            "cargo",
            "test",
            "--release",
            "--package",
            "ktstr-tests",
            "--test",
            "value_rules",
            "--",
            "--nocapture",
        ],
    ),
    task(
        "machine",
        "long programs that grow at random; a failure adds its seed to tests/regressions, to be committed",
        &["cargo", "test", "--release", "--package", "ktstr-tests", "--test", "machine"],
    ),
    task(
        "faults",
        "a fault at every action of every shipped scenario, and of generated ones",
        &[
            "cargo",
            "test",
            "--release",
            "--package",
            "ktstr-tests",
            "--test",
            "every_fault",
            "--",
            "--nocapture",
        ],
    ),
    task(
        "differ",
        "mock against kernels: `here`, `vm 6.12`, `vm sid`, `trace FILE 6.12` or `table`",
        &["cargo", "run", "--release", "--package", "ktstr-tests", "--bin", "ktstr-differ", "--"],
    ),
    task(
        "fuzz",
        "fuzz a target, or `all`, on a stable compiler: `execute --seconds 60`",
        &["cargo", "run", "--release", "--manifest-path", "fuzz/Cargo.toml", "--bin", "drive", "--"],
    ),
    task(
        "fuzz-rate",
        "how fast a target can be: `execute --exact-len 512`",
        &["cargo", "run", "--profile", "quick", "--manifest-path", "fuzz/Cargo.toml", "--bin", "drive", "--"],
    ),
    task(
        "fuzz-again",
        "run the target `execute` on an input again: a file of fuzz/artifacts",
        &["cargo", "run", "--release", "--manifest-path", "fuzz/Cargo.toml", "--bin", "execute", "--"],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    /// The folders of the packages that a command names, and the values of one of its options.
    fn values<'a>(command: &'a [&'a str], option: &str) -> Vec<&'a str> {
        command.windows(2).filter(|pair| pair[0] == option).map(|pair| pair[1]).collect()
    }

    fn folders(command: &[&str]) -> Vec<String> {
        let manifests =
            values(command, "--manifest-path").into_iter().map(|path| path.replace("/Cargo.toml", ""));
        let packages =
            values(command, "--package").into_iter().map(|name| name.replace("ktstr-tests", "tests"));
        manifests.chain(packages).collect()
    }

    #[test]
    fn every_command_names_what_is_there() {
        let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
        for Task { name, command, .. } in TASKS {
            if let Some(script) =
                command.iter().find(|word| word.ends_with(".sh") || word.starts_with(".ci/"))
            {
                assert!(root.join(script).is_file(), "{name}: {script}");
                continue;
            }
            let folders = folders(command);
            assert!(!folders.is_empty(), "{name} names no package");
            for folder in &folders {
                assert!(root.join(folder).join("Cargo.toml").is_file(), "{name}: {folder}");
            }
            for (option, within) in [("--test", "tests"), ("--bench", "benches")] {
                for target in values(command, option) {
                    let files = [format!("{within}/{target}.rs"), format!("{within}/{target}/main.rs")];
                    let is_there =
                        |folder: &String| files.iter().any(|file| root.join(folder).join(file).is_file());
                    assert!(folders.iter().any(is_there), "{name}: {}", files[0]);
                }
            }
        }
    }

    #[test]
    fn names_are_used_once_and_the_page_points_here() {
        let mut names: Vec<_> = TASKS.iter().map(|task| task.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), TASKS.len());
        let page = include_str!("../../CONTRIBUTING.md");
        for word in page.split("cargo xtask ").skip(1) {
            let name = word.split(['`', ' ', '\n']).next().unwrap_or_default();
            assert!(name.is_empty() || names.contains(&name), "CONTRIBUTING.md names the task {name}");
        }
    }
}
