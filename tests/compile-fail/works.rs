//! An odd number of workers for work that is done in pairs.

use ktstr_core::prelude::*;

const SCENARIO: Scenario = Scenario::new("works").backdrop(
    Backdrop::new().push_cgroup(CgroupDef::named("cell").workers(3).work_type(WorkType::pipe_io(64))),
);
const _: () = SCENARIO.assert_valid();

fn main() {}
