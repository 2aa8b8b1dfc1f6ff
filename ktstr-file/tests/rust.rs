//! The Rust code of a scenario compiles and is the scenario. `KTSTR_BLESS=1 cargo test -p ktstr-file --test
//! rust` writes the code anew, and a second run then compiles it.

use bumpalo::Bump;
use ktstr_core::Scenario;
use ktstr_file::{load, render_rust, render_toml};
use std::path::Path;

#[rustfmt::skip]
#[allow(unreachable_pub)] // the code is written for a module that others use
mod everything {
    include!("data/everything.rs");
}

#[rustfmt::skip]
#[allow(unreachable_pub)] // the code is written for a module that others use
mod odd {
    include!("data/odd.rs");
}

fn assert_rust(name: &str, toml: &str, compiled: &Scenario<'_>) {
    let arena = Bump::new();
    let loaded = load(toml, &arena).unwrap_or_else(|flawed| panic!("{name}: {flawed}"));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/data/{name}.rs"));
    let code = render_rust(loaded.scenario);
    if std::env::var_os("KTSTR_BLESS").is_some() {
        std::fs::write(&path, &code).expect("writing the code");
        return;
    }
    assert!(std::fs::read_to_string(&path).unwrap_or_default() == code, "{name}: see the head of this file");
    // As text, because a NaN is not equal to itself.
    assert_eq!(render_toml(compiled), render_toml(loaded.scenario), "{name}");
}

#[test]
fn the_scenario_with_every_key_is_the_same_in_rust() {
    assert_rust("everything", include_str!("data/everything.toml"), &everything::SCENARIO);
}

#[test]
fn odd_values_are_the_same_in_rust() {
    assert_rust("odd", include_str!("data/odd.toml"), &odd::SCENARIO);
}
