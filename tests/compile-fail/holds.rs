//! Holds that do not fit the duration, and below it an operation that cannot repeat.

use core::time::Duration;
use ktstr_core::prelude::*;

const LONG: Scenario = Scenario::new("holds")
    .steps(&[Step::hold(HoldSpec::frac(0.75)), Step::hold(HoldSpec::fixed(Duration::from_millis(500)))]);
const _: () = LONG.assert_valid();

const LOOPING: Scenario = Scenario::new("loop")
    .steps(&[Step::new(&[Op::add_cgroup("cell")], HoldSpec::loop_at(Duration::from_millis(100)))]);
const _: () = LOOPING.assert_valid();

fn main() {}
