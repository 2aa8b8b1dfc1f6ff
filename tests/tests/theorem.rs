//! The verdict is a theorem: all short programs over a small alphabet, accepted ones run clean, refused ones go wrong
//! where the error says.

use ktstr_tests::search::program::Program;
use ktstr_tests::search::theorem::{Court, Finding};
use std::collections::BTreeMap;

#[test]
fn programs() {
    let longest: usize = std::env::var("KTSTR_LETTERS").ok().and_then(|n| n.parse().ok()).unwrap_or(2);
    let mut court = Court::new();
    let mut found: BTreeMap<Finding, u64> = BTreeMap::new();
    let mut wrong: BTreeMap<String, (u64, String)> = BTreeMap::new();
    for length in 0..=longest {
        Program::each(length, (0, 1), &mut |program| {
            for looping in [false, true] {
                let mut program = program.clone(); program.looping = looping;
                if looping && !program.can_loop() {
                    continue;
                }
                program.with_scenario(|scenario| match court.try_scenario(scenario) {
                    Ok(finding) => *found.entry(finding).or_default() += 1,
                    Err(why) => {
                        let key = why.chars().filter(|c| !c.is_ascii_digit()).collect::<String>();
                        let key = key.split_once(": ").map_or(key.clone(), |(_, k)| k.to_string());
                        let e = wrong.entry(key).or_insert_with(|| (0, format!("{why}\n  B {:?} {:?}\n  S {:#?}", scenario.backdrop.cgroups.iter().map(|d| d.name).collect::<Vec<_>>(), scenario.backdrop.ops, scenario.steps.iter().map(|s| format!("{:?} {:?} {:?} {:?}", s.ops, s.setup.iter().map(|d|d.name).collect::<Vec<_>>(), s.payload.is_some(), s.hold)).collect::<Vec<_>>())));
                        e.0 += 1;
                    }
                });
            }
        });
    }
    for (finding, count) in &found {
        println!("{count:8} {finding:?}");
    }
    for (_, (count, first)) in &wrong {
        println!("=== {count} {first}");
    }
    assert!(wrong.is_empty());
}
