//! Scenario files: no text makes the loader panic, and what it reads is written such that it reads the same
//! again.

use bumpalo::Bump;
use ktstr_core::Scenario;
use ktstr_file::{load, render_rust, render_toml, text};
use ktstr_gen::hostile::with_scenario;

/// The target.
pub fn run(bytes: &[u8]) {
    if let Ok(text) = text(bytes) {
        from_text(text);
    }
    with_scenario(bytes, |scenario| {
        // What no file can say, such as a NUL in an argument, does not have to come back.
        let _ = comes_back(scenario);
    });
}

fn from_text(text: &str) {
    let arena = Bump::new();
    match load(text, &arena) {
        Ok(loaded) => {
            if let Err(why) = comes_back(loaded.scenario) {
                panic!("{why}");
            }
        }
        Err(flawed) => assert!(!flawed.errors.is_empty(), "a file is refused without a reason"),
    }
}

/// Writes a scenario and reads it again.
fn comes_back(scenario: &Scenario<'_>) -> Result<(), String> {
    let _ = render_rust(scenario);
    let written = render_toml(scenario);
    let arena = Bump::new();
    match load(&written, &arena) {
        Ok(loaded) if alike(loaded.scenario, scenario) => Ok(()),
        Ok(loaded) => {
            Err(format!("{scenario:?}\nis written as\n{written}\nand reads as\n{:?}", loaded.scenario))
        }
        Err(flawed) => Err(format!("{scenario:?}\nis written as\n{written}\nwhich is refused: {flawed}")),
    }
}

/// Compared as text, since NaN is not equal to itself.
fn alike(a: &Scenario<'_>, b: &Scenario<'_>) -> bool {
    a == b || format!("{a:?}") == format!("{b:?}")
}
