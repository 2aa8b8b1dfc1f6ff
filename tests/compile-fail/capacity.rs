//! One cgroup more than a Backdrop holds in place.

use ktstr_core::prelude::*;

const CELL: CgroupDef = CgroupDef::named("cell");
const BACKDROP: Backdrop = {
    let mut backdrop = Backdrop::new();
    let mut count = 0;
    while count < 17 {
        backdrop = backdrop.push_cgroup(CELL);
        count += 1;
    }
    backdrop
};

fn main() {
    let _ = BACKDROP;
}
