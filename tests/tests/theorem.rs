//! The verdict is a theorem: of all short programs over a small alphabet, those that are accepted run clean,
//! and those that are refused go wrong, when they are forced, at the very place that the error names.
//!
//! How many each rule refuses is kept in `tests/theorem`, so that a change of it is seen. After a change of
//! the alphabet or of a rule `KTSTR_BLESS=1 cargo test --release -p ktstr-tests --test theorem` accepts the
//! new counts, with `-- --include-ignored` also those of four letters.

use ktstr_core::prelude::*;
use ktstr_core::rules::{Family, RULES};
use ktstr_gen::alphabet::HOLDS;
use ktstr_gen::hostile::with_scenario;
use ktstr_gen::program::{DURATION, Program};
use ktstr_tests::search::tally::Tally;
use ktstr_tests::search::theorem::{Court, Finding, Permitted};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// How many of all programs of up to three letters each rule refuses.
const UP_TO_THREE: &str = "up_to_three";
/// How many programs of four letters, less those that are refused already for what they begin with.
const OF_FOUR: &str = "of_four";
/// What comes of programs of up to two letters whose broken promise is permitted.
const PERMITTED: &str = "permitted";
/// How many of all sequences of up to three holds each rule refuses.
const HOLDS_UP_TO_THREE: &str = "holds_up_to_three";

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("theorem").join(format!("{name}.txt"))
}

/// The accepted counts: each rule, or `clean`, with its number of programs, a line each.
fn accepted(name: &str) -> String {
    std::fs::read_to_string(path(name)).unwrap_or_default()
}

/// Holds the counts against the accepted ones, or accepts them where `KTSTR_BLESS` says so.
#[track_caller]
fn assert_counts(tally: &Tally, name: &str) {
    let lines: String = tally.by_rule().iter().map(|(rule, count)| format!("{rule} {count}\n")).collect();
    assert_lines(&lines, name);
}

/// Holds lines against the accepted ones, or accepts them where `KTSTR_BLESS` says so.
#[track_caller]
fn assert_lines(lines: &str, name: &str) {
    if std::env::var_os("KTSTR_BLESS").is_some() {
        std::fs::write(path(name), lines).expect("the counts can be written");
    }
    assert_eq!(accepted(name), lines, "theorem/{name}.txt says otherwise: see the head of this file");
}

/// The rules that refuse some program.
fn met(name: &str) -> Vec<String> {
    let counts = accepted(name);
    counts.lines().filter_map(|line| line.split_once(' ')).map(|(rule, _)| rule.to_owned()).collect()
}

#[test]
fn it_holds_for_all_programs_of_up_to_three_letters() {
    let tally = Tally::of_all(3);
    println!("{}", tally.table());
    tally.assert_holds();
    assert_counts(&tally, UP_TO_THREE);
}

/// Of what the kernel refuses, no name behind that place is resolved: nothing there may be needed.
#[test]
fn it_holds_for_long_scenarios_out_of_bytes() {
    let (mut rng, mut court) = (ktstr_core::Rng::new(11), Court::new());
    let mut refused = 0;
    for _ in 0..5000 {
        let bytes: Vec<u8> = (0..400).map(|_| rng.next_u64() as u8).collect();
        with_scenario(&bytes, |scenario| match court.try_scenario(scenario) {
            Ok(found) => refused += u32::from(matches!(found, Finding::Refused { .. })),
            Err(why) => panic!("{why}\n{scenario:?}"),
        });
    }
    assert!(refused > 2000, "{refused} refused");
}

#[test]
#[ignore = "takes minutes: cargo test --release --test theorem -- --ignored --nocapture"]
fn it_holds_for_all_programs_of_four_letters() {
    let tally = Tally::of_promising(4);
    println!("{}", tally.table());
    tally.assert_holds();
    assert_counts(&tally, OF_FOUR);
}

#[test]
fn it_holds_for_all_sequences_of_up_to_three_holds() {
    let (mut tally, mut court) = (Tally::default(), Court::new());
    let mut try_steps = |holds: &[HoldSpec]| {
        let steps: Vec<Step<'_>> = holds.iter().map(|&hold| Step::hold(hold)).collect();
        tally.count(&mut court, &Scenario::new("holds").duration(DURATION).steps(&steps));
    };
    for first in HOLDS {
        try_steps(&[first]);
        for second in HOLDS {
            try_steps(&[first, second]);
            for third in HOLDS {
                try_steps(&[first, second, third]);
            }
        }
    }
    println!("{}", tally.table());
    tally.assert_holds();
    assert_counts(&tally, HOLDS_UP_TO_THREE);
}

/// A promise that is given up by `permit`: whatever comes of it, the run ends clean or says what it leaves.
#[test]
fn what_is_permitted_ends_clean_or_says_what_is_left() {
    let (mut court, mut counts) = (Court::new(), BTreeMap::<Permitted, u64>::new());
    for length in 1..=2 {
        Program::each(length, (0, 1), &mut |program| {
            for program in [program.clone(), program.repeated()] {
                program.with_scenario(|scenario| {
                    let came =
                        court.try_permitted(scenario).unwrap_or_else(|why| panic!("{scenario:?}: {why}"));
                    *came.map(|came| counts.entry(came).or_default()).unwrap_or(&mut 0) += 1;
                });
            }
        });
    }
    let line =
        |(Permitted { kind, went }, count): (&Permitted, &u64)| format!("{} {went} {count}\n", kind.code());
    let lines: String = counts.iter().map(line).collect();
    println!("{lines}");
    assert_lines(&lines, PERMITTED);
}

/// Rules about what a single definition, operation or payload says for itself: no enumerated program breaks
/// them, each has tests of its own beside the validation.
#[test]
fn all_rules_between_operations_are_met() {
    let met: Vec<String> = [met(UP_TO_THREE), met(HOLDS_UP_TO_THREE)].concat();
    let families = [Family::Lifetimes, Family::Hierarchy, Family::Holds];
    let between = RULES.iter().filter(|rule| families.contains(&rule.family));
    let missed: Vec<&str> =
        between.map(|rule| rule.code).filter(|code| !met.iter().any(|met| met == code)).collect();
    // Workers that are guests in a cgroup that may be removed take four letters.
    assert_eq!(missed, ["E0209"]);
    assert!(self::met(OF_FOUR).iter().any(|code| code == "E0209"));
}
