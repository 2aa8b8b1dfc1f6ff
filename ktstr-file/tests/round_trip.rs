//! A scenario that is written out and read again is the same scenario.

mod random;

use bumpalo::Bump;
use ktstr_core::Scenario;
use ktstr_file::{load, render_toml};

fn assert_round_trip(scenario: &Scenario<'_>, what: &str) {
    let text = render_toml(scenario);
    let arena = Bump::new();
    match load(&text, &arena) {
        Ok(again) => {
            assert_eq!(again.scenario, scenario, "{what}\n{text}");
            assert_eq!(render_toml(again.scenario), text, "{what}");
        }
        Err(flawed) => panic!("{what}\n{flawed}\n{text}"),
    }
}

#[test]
fn the_file_with_every_key_survives() {
    let arena = Bump::new();
    let loaded =
        load(include_str!("data/everything.toml"), &arena).unwrap_or_else(|flawed| panic!("{flawed}"));
    assert_round_trip(loaded.scenario, "everything.toml");
}

#[test]
fn random_scenarios_survive() {
    for seed in 0..500 {
        let arena = Bump::new();
        let scenario = random::Maker::new(&arena, seed).scenario();
        assert_round_trip(&scenario, &format!("seed {seed}"));
    }
}
