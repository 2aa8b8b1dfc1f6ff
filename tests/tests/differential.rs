//! The mock kernel beside this machine's: every short program over the alphabets that need no controller, and
//! random ones. Needs a cgroup v2 hierarchy that can be written.

use ktstr_tests::differential::enumerate::ALPHABETS;
use ktstr_tests::differential::generate;
use ktstr_tests::differential::program::Program;
use ktstr_tests::differential::real::Hierarchy;
use ktstr_tests::differential::rows;
use ktstr_tests::differential::skip::skip;
use ktstr_tests::differential::tally::Tally;

/// Random programs of one run.
const SEEDS: u64 = 4000;

/// Runs programs and fails with every kind of difference.
fn compare(name: &str, programs: impl Iterator<Item = Program>) {
    let hierarchy = match Hierarchy::find() {
        Ok(hierarchy) => hierarchy,
        Err(reason) => return skip("linux", &reason),
    };
    let mut tally = Tally::default();
    tally.run(programs, &hierarchy);
    println!("{name} on Linux {}: {}", hierarchy.machine.version, tally.head());
    assert!(tally.programs > 0, "{name} ran nothing");
    assert_eq!(tally.differing, 0, "{tally}");
}

fn enumerated(name: &str) {
    let alphabet = ALPHABETS.iter().find(|alphabet| alphabet.name == name).expect("it is in the table");
    assert!(!alphabet.controllers);
    compare(name, alphabet.programs());
}

#[test]
fn every_short_program_on_the_tree() {
    enumerated("tree");
}

#[test]
fn every_short_program_on_tasks() {
    enumerated("tasks");
}

#[test]
fn every_short_program_on_freezing() {
    enumerated("freeze");
}

#[test]
fn every_short_program_on_threaded_cgroups() {
    enumerated("threaded");
}

#[test]
fn random_programs() {
    let controllers = Hierarchy::find().map(|hierarchy| hierarchy.machine.controllers).unwrap_or_default();
    compare("random", (1..=SEEDS).map(|seed| generate::program(seed, controllers)));
}

#[test]
fn rows_of_behaviour() {
    let hierarchy = match Hierarchy::find() {
        Ok(hierarchy) => hierarchy,
        Err(reason) => return skip("linux", &reason),
    };
    let played = rows::play_all(&hierarchy, false);
    println!("rows on Linux {}: {played}", hierarchy.machine.version);
    assert!(played.held > 0 && played.failures.is_empty(), "{played}");
}
