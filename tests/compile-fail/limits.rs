//! A weight that the kernel refuses.

use ktstr_core::prelude::*;

const SCENARIO: Scenario = Scenario::new("limits")
    .backdrop(Backdrop::new().push_cgroup(CgroupDef::named("cell").cpu_weight(20_000)));
const _: () = SCENARIO.assert_valid();

fn main() {}
