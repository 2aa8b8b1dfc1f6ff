//! Limits below a cgroup that holds workers.

use ktstr_core::prelude::*;

const LEAF: CgroupDef = CgroupDef::named("cell/leaf").memory_max(1 << 20);
const SCENARIO: Scenario = Scenario::new("hierarchy")
    .backdrop(Backdrop::new().push_cgroup(CgroupDef::named("cell")).push_op(Op::add_cgroup_def(&LEAF)));
const _: () = SCENARIO.assert_valid();

fn main() {}
