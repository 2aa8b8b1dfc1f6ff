//! An operation without effect.

use ktstr_core::prelude::*;

const SCENARIO: Scenario = Scenario::new("ops")
    .backdrop(Backdrop::new().push_op(Op::add_cgroup("cell")))
    .steps(&[Step::new(&[Op::unfreeze_cgroup("cell")], HoldSpec::FULL)]);
const _: () = SCENARIO.assert_valid();

fn main() {}
