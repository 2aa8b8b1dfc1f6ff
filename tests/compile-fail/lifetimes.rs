//! A step that removes what the Backdrop keeps to the end.

use ktstr_core::prelude::*;

const SCENARIO: Scenario = Scenario::new("lifetimes")
    .backdrop(Backdrop::new().push_cgroup(CgroupDef::named("cell")))
    .steps(&[Step::new(&[Op::remove_cgroup("cell")], HoldSpec::FULL)]);
const _: () = SCENARIO.assert_valid();

fn main() {}
