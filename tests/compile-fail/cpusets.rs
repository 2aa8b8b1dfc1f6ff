//! A share of the CPUs that leaves none on this machine.

use ktstr_core::prelude::*;

static MACHINE: Topology = Topology::uniform(1, 1, 2, 1);
const SCENARIO: Scenario = Scenario::new("cpusets")
    .backdrop(Backdrop::new().push_cgroup(CgroupDef::named("cell").cpuset(CpusetSpec::disjoint(0, 4))));
const _: () = SCENARIO.assert_valid();
const _: () = SCENARIO.assert_valid_on(&MACHINE);

fn main() {}
