//! A scheduler that is detached where none is attached.

use ktstr_core::prelude::*;

const SCENARIO: Scenario =
    Scenario::new("schedulers").steps(&[Step::new(&[Op::detach_scheduler()], HoldSpec::FULL)]);
const _: () = SCENARIO.assert_valid();

fn main() {}
