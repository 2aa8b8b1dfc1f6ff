//! What the README shows has to work: its scenario file loads and is valid, its message is the one that is
//! given, its commands name what is there. Its Rust is compiled as a documentation test of this package.

use bumpalo::Bump;
use ktstr_core::prelude::*;
use std::path::Path;

const README: &str = include_str!("../../README.md");

/// The fenced blocks of a language.
fn blocks(language: &str) -> Vec<&'static str> {
    let fence = format!("```{language}\n");
    README.split(fence.as_str()).skip(1).map(|rest| rest.split("```").next().unwrap_or_default()).collect()
}

#[test]
fn its_scenario_file_is_valid_and_says_what_its_rust_says() {
    let arena = Bump::new();
    let [toml] = blocks("toml")[..] else { panic!("one scenario file") };
    let loaded = ktstr_file::load(toml, &arena).expect("it loads");
    let machine = Topology::from_uniform(&loaded.scenario.topology.expect("it names its machine"));
    let needs = loaded.scenario.check(Some(&machine)).expect("it is valid");
    assert!(machine.cpus().len() / 2 > 1, "half of the machine is more than the one CPU it is squeezed to");
    assert_eq!((needs.cgroups, needs.payloads), (2, 1));
    assert_eq!(loaded.scenario.backdrop.ops[0], Op::add_cgroup("bg_overflow"));
}

#[test]
fn its_message_is_the_one_that_is_given() {
    let ops = [Op::set_cpuset("bg_cel", CpusetSpec::exact(CpuSet::of(&[0])))];
    let steps = [Step::hold(HoldSpec::frac(0.5)), Step::new(&ops, HoldSpec::frac(0.5))];
    let backdrop = Backdrop::new().push_cgroup(CgroupDef::named("bg_cell"));
    let scenario = Scenario::new("squeeze").backdrop(backdrop).steps(&steps);
    // The README shows the step as the second of two.
    let invalid = Scenario { steps: &steps, ..scenario }.check(None).expect_err("refused").to_string();
    assert!(README.contains(&invalid), "README lacks: {invalid}");
}

#[test]
fn its_first_screen_holds_two_commands_and_they_name_what_is_there() {
    let commands = blocks("sh");
    assert_eq!(commands, ["cargo run --release -- run scenarios/quickstart.toml\n", "bash tests/all.sh\n"]);
    let end = README.find("bash tests/all.sh").expect("the second command");
    assert!(README[..end].lines().count() <= 24, "both are on the first screen");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for file in [
        "scenarios/quickstart.toml",
        "tests/all.sh",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "ktstr-file/schema",
    ] {
        assert!(root.join(file).exists(), "{file}");
    }
}
