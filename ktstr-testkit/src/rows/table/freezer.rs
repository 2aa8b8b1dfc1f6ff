//! Freezing: what is frozen with whom, and what frozen tasks can still be done to.

use super::super::Row;
use super::any;

/// The rows.
pub const ROWS: &[Row] = &[
    any(
        "a cgroup without tasks freezes",
        "mkdir a; a/cgroup.freeze < 1; a/cgroup.events = populated 0|frozen 1",
    ),
    any(
        "a cgroup with tasks freezes",
        "mkdir a; fork x a; a/cgroup.freeze < 1; a/cgroup.events = populated 1|frozen 1",
    ),
    any(
        "it thaws",
        "mkdir a; fork x a; a/cgroup.freeze < 1; a/cgroup.freeze < 0; a/cgroup.events = populated 1|frozen 0",
    ),
    any(
        "freezing twice is freezing once",
        "mkdir a; a/cgroup.freeze < 1; a/cgroup.freeze < 1; a/cgroup.freeze = 1",
    ),
    any("thawing what runs is no error", "mkdir a; a/cgroup.freeze < 0; a/cgroup.freeze = 0"),
    any(
        "0 and 1 are all it takes",
        "mkdir a; a/cgroup.freeze < 2 ! ERANGE; a/cgroup.freeze < -1 ! ERANGE; a/cgroup.freeze < x ! EINVAL",
    ),
    any(
        "a freeze reaches down, the file stays",
        "mkdir a; mkdir a/b; fork x a/b; a/cgroup.freeze < 1; a/b/cgroup.events = populated 1|frozen 1; \
         a/b/cgroup.freeze = 0",
    ),
    any(
        "a freeze does not reach up",
        "mkdir a; mkdir a/b; a/b/cgroup.freeze < 1; a/cgroup.events = populated 0|frozen 0",
    ),
    any(
        "a frozen child does not freeze its sibling",
        "mkdir a; mkdir a/b; mkdir a/c; a/b/cgroup.freeze < 1; a/c/cgroup.events = populated 0|frozen 0",
    ),
    any(
        "a child stays frozen below a thawed parent",
        "mkdir a; mkdir a/b; a/cgroup.freeze < 1; a/b/cgroup.freeze < 1; a/cgroup.freeze < 0; \
         a/b/cgroup.events = populated 0|frozen 1; a/cgroup.events = populated 0|frozen 0",
    ),
    any(
        "a child cannot thaw itself below a frozen parent",
        "mkdir a; mkdir a/b; a/cgroup.freeze < 1; a/b/cgroup.freeze < 0; a/b/cgroup.events = populated 0|frozen 1",
    ),
    any(
        "a child made in a frozen cgroup is frozen",
        "mkdir a; a/cgroup.freeze < 1; mkdir a/b; a/b/cgroup.events = populated 0|frozen 1; \
         a/cgroup.freeze < 0; a/b/cgroup.events = populated 0|frozen 0",
    ),
    any(
        "a process moved in is frozen",
        "mkdir a; fork x; a/cgroup.freeze < 1; move x a; a/cgroup.events = populated 1|frozen 1",
    ),
    any(
        "a process moved out runs",
        "mkdir a; mkdir b; fork x a; a/cgroup.freeze < 1; move x b; b/cgroup.events = populated 1|frozen 0",
    ),
    any(
        "a process moves from frozen to frozen",
        "mkdir a; mkdir b; fork x a; a/cgroup.freeze < 1; b/cgroup.freeze < 1; move x b; \
         b/cgroup.events = populated 1|frozen 1; a/cgroup.events = populated 0|frozen 1",
    ),
    any("a frozen process can be killed", "mkdir a; fork x a; a/cgroup.freeze < 1; kill x 9; dead x"),
    any("a frozen cgroup is removed", "mkdir a; a/cgroup.freeze < 1; rmdir a"),
    any(
        "a removed frozen child leaves its parent thawed",
        "mkdir a; mkdir a/b; a/b/cgroup.freeze < 1; rmdir a/b; \
         a/cgroup.events = populated 0|frozen 0",
    ),
];
