//! Validation: never panics, says the same twice, and refuses on a machine what it refuses without one.

use ktstr_core::{
    CgroupDef, HoldSpec, Invalid, MESSAGE, Scenario, Scratch, Slot, Step, slots_needed, validate,
};
use ktstr_gen::alphabet::TOPOLOGY;
use ktstr_gen::hostile::with_scenario;

const SLOTS: usize = 512;

/// The target.
pub fn run(bytes: &[u8]) {
    with_scenario(bytes, check);
    if let Ok(name) = str::from_utf8(bytes) {
        let setup = [CgroupDef::named(name)];
        let steps = [Step::with_defs(&setup, HoldSpec::FULL)];
        check(&Scenario { name, ..Scenario::new("").steps(&steps) });
    }
}

fn check<'a>(scenario: &'a Scenario<'a>) {
    let needed = slots_needed(scenario);
    assert!(needed <= SLOTS, "{needed} slots for what bytes can make");
    let mut slots = [Slot::FREE; SLOTS];
    let mut findings = [Invalid::FILLER; 4];
    let mut scratch = Scratch::with_findings(&mut slots[..needed], &mut findings);
    let anywhere = validate(scenario, None, &mut scratch);
    let here = validate(scenario, Some(&TOPOLOGY), &mut scratch);
    match (&here, scratch.findings().first()) {
        (Ok(needs), None) => {
            assert_eq!(scratch.total(), 0, "accepted with findings");
            assert_eq!(needs.controllers, scenario.controllers(), "what it needs");
        }
        (Err(invalid), Some(first)) => {
            assert!(same(invalid, first), "{invalid} is not the first finding, {first}");
            let text = invalid.to_text();
            assert!(text.as_str().len() < MESSAGE, "{text}");
        }
        (here, first) => panic!("{here:?} with the finding {first:?}"),
    }
    if let Err(invalid) = &anywhere {
        assert!(here.is_err(), "{invalid} without a machine, nothing on one");
    }
    let again = validate(scenario, Some(&TOPOLOGY), &mut scratch);
    let agree = match (&here, &again) {
        (Ok(first), Ok(second)) => first == second,
        (Err(first), Err(second)) => same(first, second),
        _ => false,
    };
    assert!(agree, "{here:?}, then {again:?}");
}

/// Whether two errors are one; their numbers are compared as written, since NaN is not equal to itself.
fn same(a: &Invalid<'_>, b: &Invalid<'_>) -> bool {
    (a.kind, a.cause, a.site, a.name, a.other) == (b.kind, b.cause, b.site, b.name, b.other)
        && a.to_text().as_str() == b.to_text().as_str()
}
