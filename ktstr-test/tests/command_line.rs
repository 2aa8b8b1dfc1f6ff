//! A test program from outside, as cargo and nextest use it: `examples/harness.rs`, and the folder of
//! `folder.rs`.

use std::path::{Path, PathBuf};
use std::process::Command;

/// What a program came to: whether it passed, and all it said.
fn ran(program: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> (bool, String) {
    let mut command = Command::new(program);
    for name in ["KTSTR_REQUIRE", "KTSTR_TEST_BACKEND", "KTSTR_TEST_KERNEL", "KTSTR_TEST_SEED"] {
        command.env_remove(name);
    }
    let output = command.args(arguments).envs(environment.iter().copied()).output().expect("it starts");
    let said =
        [output.stdout, output.stderr].map(|said| String::from_utf8_lossy(&said).into_owned()).concat();
    (output.status.success(), said)
}

/// The example, which cargo has built beside the tests.
fn example() -> PathBuf {
    let test = std::env::current_exe().expect("a test has a path");
    let profile = test.ancestors().nth(2).expect("target/<profile>/deps/<test>");
    let example = profile.join("examples/harness");
    assert!(example.exists(), "`cargo build -p ktstr-test --example harness` builds it");
    example
}

fn one(name: &str, environment: &[(&str, &str)]) -> (bool, String) {
    ran(&example(), &["--include-ignored", "--exact", name], environment)
}

#[test]
fn functions_and_files_are_listed_by_name() {
    let (passed, said) = ran(&example(), &["--list"], &[]);
    let names: Vec<_> = said.lines().filter_map(|line| line.strip_suffix(": test")).collect();
    assert!(passed && names.is_sorted(), "{said}");
    for name in ["below::is_skipped_where_the_machine_is_too_small", "plays_what_is_canned", "typo"] {
        assert!(names.contains(&name), "{name}: {said}");
    }
    let (_, ignored) = ran(&example(), &["--list", "--ignored"], &[]);
    assert!(
        ignored.contains("fails_by_a_check: test") && !ignored.contains("plays_what_is_canned"),
        "{ignored}"
    );
}

#[test]
fn filters_choose_and_the_status_says_whether_all_passed() {
    let (passed, said) = ran(&example(), &["canned", "--skip", "typo"], &[]);
    assert!(passed && said.contains("1 passed; 0 failed; 0 ignored"), "{said}");
    let (passed, said) = ran(&example(), &["--skip", "typo", "--skip", "not-there"], &[]);
    assert!(passed && said.contains("2 passed; 0 failed; 7 ignored"), "{said}");
    let (passed, said) = ran(&example(), &[], &[]);
    assert!(!passed && said.contains("2 passed; 2 failed"), "{said}");
}

/// Each way to end: whether the program passes, and what is said.
#[test]
fn each_end_is_shown_with_its_reason() {
    for (name, passes, pieces) in [
        ("plays_what_is_canned", true, &["1 passed"][..]),
        (
            "below::is_skipped_where_the_machine_is_too_small",
            true,
            &["0 passed", "1 ignored", "it needs 2 last-level caches, the machine has 1"],
        ),
        (
            "fails_by_a_check",
            false,
            &["fail  max_gap of a: ", "again: KTSTR_TEST_BACKEND=mock KTSTR_TEST_SEED=1 "],
        ),
        ("fails_by_a_run_that_nobody_looked_at", false, &["fail  max_gap of a: "]),
        ("fails_before_it_runs", false, &["[E0201] no cgroup `nobody` has been made"]),
        ("is_skipped_without_its_kernel", true, &["1 ignored", "[V001]"]),
        ("typo", false, &["[T006] `durration`", "did you mean `duration`?", "typo.toml:2:1"]),
        ("not-there", false, &["not-there cannot be read"]),
    ] {
        let (passed, said) = one(name, &[]);
        assert_eq!(passed, passes, "{name}: {said}");
        for piece in pieces {
            assert!(said.contains(piece), "{name} does not say {piece:?}: {said}");
        }
    }
}

#[test]
fn what_is_required_is_not_skipped() {
    let (passed, said) = one("is_skipped_without_its_kernel", &[("KTSTR_REQUIRE", "linux,vm")]);
    assert!(!passed && said.contains("vm is required: [V001]"), "{said}");
}

#[test]
fn the_environment_says_what_is_left_open_and_is_checked() {
    let (_, said) = one("typo", &[("KTSTR_TEST_BACKEND", "mock")]);
    assert!(said.contains("[T006]"), "what is wrong with a file is said first: {said}");
    for (name, value, piece) in [
        ("KTSTR_TEST_SEED", "many", "KTSTR_TEST_SEED: `many` is no seed"),
        ("KTSTR_TEST_BACKEND", "xen", "KTSTR_TEST_BACKEND: `xen` is no backend"),
    ] {
        let (passed, said) = one("takes_what_the_environment_says", &[(name, value)]);
        assert!(!passed && said.contains(piece), "{said}");
    }
    let environment = [("KTSTR_TEST_SEED", "7"), ("KTSTR_TEST_BACKEND", "mock")];
    let (passed, said) = one("takes_what_the_environment_says", &environment);
    assert!(passed && said.contains("1 passed"), "{said}");
}

/// The test program is its own guest program, and the function runs here.
#[test]
fn a_function_plays_in_a_guest() {
    let required = std::env::var("KTSTR_REQUIRE").unwrap_or_default();
    let (passed, said) = one("runs_in_a_guest", &[("KTSTR_REQUIRE", &required)]);
    assert!(passed, "{said}");
    if said.contains("1 ignored") {
        println!("SKIP: {said}");
    }
}

/// A folder of scenarios under nextest, one process a test, with JUnit.
#[test]
fn nextest_runs_the_folder_and_writes_junit() {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    if !Command::new(&cargo)
        .args(["nextest", "--version"])
        .output()
        .is_ok_and(|output| output.status.success())
    {
        let required = std::env::var("KTSTR_REQUIRE").unwrap_or_default();
        assert!(!required.split(',').any(|name| name == "nextest"), "cargo-nextest is required");
        println!("SKIP: cargo-nextest is not installed");
        return;
    }
    let folder = std::env::temp_dir().join(format!("ktstr-nextest-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let (config, junit) = (folder.join("nextest.toml"), folder.join("junit.xml"));
    let text = format!("[profile.default]\nretries = 1\n[profile.default.junit]\npath = {junit:?}\n");
    std::fs::write(&config, text).expect("written");
    let config = config.display().to_string();
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let arguments =
        ["nextest", "run", "--manifest-path", manifest, "--test", "folder", "--config-file", &config];
    let (passed, said) = ran(Path::new(&cargo), &arguments, &[]);
    let written = std::fs::read_to_string(&junit).unwrap_or_default();
    std::fs::remove_dir_all(&folder).expect("removed");
    assert!(passed && said.contains("51 tests run: 51 passed"), "{said}");
    assert_eq!(written.matches("<testcase name=\"").count(), 51, "{written}");
    assert!(written.contains("tests=\"51\" skipped=\"0\" failures=\"0\" errors=\"0\""), "{written}");
}
