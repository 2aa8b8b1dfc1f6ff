//! A check that could never fail.

use ktstr_core::prelude::*;

const SCENARIO: Scenario = Scenario::new("scenario").checks(Checks::NONE.max_spread_pct(f64::INFINITY));
const _: () = SCENARIO.assert_valid();

fn main() {}
