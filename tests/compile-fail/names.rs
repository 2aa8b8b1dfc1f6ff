//! A cgroup's name that climbs out of the run's own cgroup.

use ktstr_core::prelude::*;

const SCENARIO: Scenario =
    Scenario::new("names").backdrop(Backdrop::new().push_cgroup(CgroupDef::named("../cell")));
const _: () = SCENARIO.assert_valid();

fn main() {}
