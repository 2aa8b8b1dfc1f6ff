//! `cpuset.cpus` and `cpuset.mems`: what is asked for and what is in force.

use super::super::Row;
use super::{cpuset_row, since_7_0, until_7_0};

/// The rows.
pub const ROWS: &[Row] = &[
    cpuset_row(
        "effective follows the parent",
        "mkdir a; a/cpuset.cpus < 1-3; a/cpuset.cpus = 1-3; a/cpuset.cpus.effective = 1-3",
    ),
    cpuset_row(
        "a child takes what it shares with its parent",
        "mkdir a; a/cgroup.subtree_control < +cpuset; mkdir a/b; a/cpuset.cpus < 1-3; \
         a/b/cpuset.cpus < 3-5; a/cpuset.cpus = 1-3; a/cpuset.cpus.effective = 1-3; \
         a/b/cpuset.cpus = 3-5; a/b/cpuset.cpus.effective = 3",
    ),
    cpuset_row(
        "a child that shares nothing takes its parent's",
        "mkdir a; a/cgroup.subtree_control < +cpuset; mkdir a/b; a/cpuset.cpus < 1-3; \
         a/b/cpuset.cpus < 6; a/cpuset.cpus = 1-3; a/cpuset.cpus.effective = 1-3; a/b/cpuset.cpus = 6; \
         a/b/cpuset.cpus.effective = 1-3",
    ),
    cpuset_row(
        "a child that asks for nothing takes its parent's",
        "mkdir a; a/cgroup.subtree_control < +cpuset; mkdir a/b; a/cpuset.cpus < 2; a/cpuset.cpus = 2; \
         a/cpuset.cpus.effective = 2; a/b/cpuset.cpus =; a/b/cpuset.cpus.effective = 2",
    ),
    cpuset_row(
        "a narrowed parent narrows its child",
        "mkdir a; a/cgroup.subtree_control < +cpuset; mkdir a/b; a/cpuset.cpus < 0-5; \
         a/b/cpuset.cpus < 2-5; a/cpuset.cpus < 1-3; a/cpuset.cpus = 1-3; \
         a/cpuset.cpus.effective = 1-3; a/b/cpuset.cpus = 2-5; a/b/cpuset.cpus.effective = 2-3",
    ),
    cpuset_row(
        "a widened parent widens its child to what it asked",
        "mkdir a; a/cgroup.subtree_control < +cpuset; mkdir a/b; a/cpuset.cpus < 0; \
         a/b/cpuset.cpus < 0-3; a/cpuset.cpus < 0-7; a/cpuset.cpus = 0-7; \
         a/cpuset.cpus.effective = 0-7; a/b/cpuset.cpus = 0-3; a/b/cpuset.cpus.effective = 0-3",
    ),
    cpuset_row(
        "a cleared set falls back to the parent",
        "mkdir a; a/cpuset.cpus < 3; a/cpuset.cpus < \\n; a/cpuset.cpus =; \
         a/cpuset.cpus.effective = 0-7",
    ),
    cpuset_row(
        "a cleared parent frees its child",
        "mkdir a; a/cgroup.subtree_control < +cpuset; mkdir a/b; a/cpuset.cpus < 3; \
         a/b/cpuset.cpus < 4; a/cpuset.cpus < \\n; a/cpuset.cpus =; a/cpuset.cpus.effective = 0-7; \
         a/b/cpuset.cpus = 4; a/b/cpuset.cpus.effective = 4",
    ),
    cpuset_row(
        "siblings may overlap",
        "mkdir a; mkdir q; a/cpuset.cpus < 0-3; q/cpuset.cpus < 2-5; a/cpuset.cpus = 0-3; \
         a/cpuset.cpus.effective = 0-3; q/cpuset.cpus = 2-5; q/cpuset.cpus.effective = 2-5",
    ),
    cpuset_row(
        "siblings may be equal",
        "mkdir a; mkdir q; a/cpuset.cpus < 1; q/cpuset.cpus < 1; a/cpuset.cpus = 1; \
         a/cpuset.cpus.effective = 1; q/cpuset.cpus = 1; q/cpuset.cpus.effective = 1",
    ),
    cpuset_row(
        "the same set again is no change",
        "mkdir a; a/cpuset.cpus < 1-2; a/cpuset.cpus < 1,2; a/cpuset.cpus = 1-2; \
         a/cpuset.cpus.effective = 1-2",
    ),
    cpuset_row(
        "a populated set can be narrowed",
        "mkdir a; a/cpuset.cpus < 0-3; fork x a; a/cpuset.cpus < 1; a/cpuset.cpus = 1; \
         a/cpuset.cpus.effective = 1",
    ),
    until_7_0(
        "a populated set is cleared",
        "mkdir a; a/cpuset.cpus < 0-3; fork x a; a/cpuset.cpus < \\n ! ENOSPC; a/cpuset.cpus = 0-3; \
         a/cpuset.cpus.effective = 0-3",
    ),
    since_7_0(
        "a populated set is cleared, newer",
        "mkdir a; a/cpuset.cpus < 0-3; fork x a; a/cpuset.cpus < \\n; a/cpuset.cpus =; \
         a/cpuset.cpus.effective = 0-7",
    ),
    cpuset_row(
        "a populated set without a setting takes an empty write",
        "mkdir a; fork x a; a/cpuset.cpus < \\n; a/cpuset.cpus =; a/cpuset.cpus.effective = 0-7",
    ),
    until_7_0(
        "a set with a populated child is cleared",
        "mkdir a; a/cgroup.subtree_control < +cpuset; mkdir a/b; a/cpuset.cpus < 0-3; fork x a/b; \
         a/cpuset.cpus < \\n ! ENOSPC; a/cpuset.cpus = 0-3; a/cpuset.cpus.effective = 0-3; \
         a/b/cpuset.cpus =; a/b/cpuset.cpus.effective = 0-3",
    ),
    since_7_0(
        "a set with a populated child is cleared, newer",
        "mkdir a; a/cgroup.subtree_control < +cpuset; mkdir a/b; a/cpuset.cpus < 0-3; fork x a/b; \
         a/cpuset.cpus < \\n; a/cpuset.cpus =; a/cpuset.cpus.effective = 0-7; a/b/cpuset.cpus =; \
         a/b/cpuset.cpus.effective = 0-7",
    ),
    cpuset_row(
        "a set that had tasks is cleared",
        "mkdir a; a/cpuset.cpus < 0-3; fork x a; kill x 9; reap x; a/cpuset.cpus < \\n; \
         a/cpuset.cpus =; a/cpuset.cpus.effective = 0-7",
    ),
    cpuset_row(
        "a stride is a list",
        "mkdir a; a/cpuset.cpus < 0-7:1/2; a/cpuset.cpus = 0,2,4,6; a/cpuset.cpus.effective = 0,2,4,6",
    ),
    cpuset_row(
        "a stride of three in four",
        "mkdir a; a/cpuset.cpus < 0-7:3/4; a/cpuset.cpus = 0-2,4-6; a/cpuset.cpus.effective = 0-2,4-6",
    ),
    cpuset_row(
        "all is every CPU",
        "mkdir a; a/cpuset.cpus < all; a/cpuset.cpus = 0-7; a/cpuset.cpus.effective = 0-7",
    ),
    cpuset_row(
        "N is the last CPU",
        "mkdir a; a/cpuset.cpus < N; a/cpuset.cpus = 7; a/cpuset.cpus.effective = 7",
    ),
    cpuset_row(
        "a range up to N",
        "mkdir a; a/cpuset.cpus < 5-N; a/cpuset.cpus = 5-7; a/cpuset.cpus.effective = 5-7",
    ),
    cpuset_row(
        "blanks part items",
        "mkdir a; a/cpuset.cpus < 1 3 5; a/cpuset.cpus = 1,3,5; a/cpuset.cpus.effective = 1,3,5",
    ),
    cpuset_row(
        "commas may stand double",
        "mkdir a; a/cpuset.cpus < ,,2,,4,; a/cpuset.cpus = 2,4; a/cpuset.cpus.effective = 2,4",
    ),
    cpuset_row(
        "a list of commas is empty",
        "mkdir a; a/cpuset.cpus < ,; a/cpuset.cpus =; a/cpuset.cpus.effective = 0-7",
    ),
    cpuset_row(
        "no number is refused",
        "mkdir a; a/cpuset.cpus < x ! EINVAL; a/cpuset.cpus =; a/cpuset.cpus.effective = 0-7",
    ),
    cpuset_row(
        "a negative number is refused",
        "mkdir a; a/cpuset.cpus < -1 ! EINVAL; a/cpuset.cpus =; a/cpuset.cpus.effective = 0-7",
    ),
    cpuset_row(
        "a backward range is refused",
        "mkdir a; a/cpuset.cpus < 3-1 ! EINVAL; a/cpuset.cpus =; a/cpuset.cpus.effective = 0-7",
    ),
    cpuset_row(
        "an open range is refused",
        "mkdir a; a/cpuset.cpus < 3- ! EINVAL; a/cpuset.cpus =; a/cpuset.cpus.effective = 0-7",
    ),
    cpuset_row(
        "a CPU past the last is refused",
        "mkdir a; a/cpuset.cpus < 8 ! ERANGE; a/cpuset.cpus =; a/cpuset.cpus.effective = 0-7",
    ),
    cpuset_row(
        "a range past the last is refused",
        "mkdir a; a/cpuset.cpus < 7-9 ! ERANGE; a/cpuset.cpus =; a/cpuset.cpus.effective = 0-7",
    ),
    cpuset_row(
        "a stride with an empty group is refused",
        "mkdir a; a/cpuset.cpus < 0-3:1/0 ! EINVAL; a/cpuset.cpus =; a/cpuset.cpus.effective = 0-7",
    ),
    cpuset_row(
        "a stride longer than its group is refused",
        "mkdir a; a/cpuset.cpus < 0-3:3/2 ! EINVAL; a/cpuset.cpus =; a/cpuset.cpus.effective = 0-7",
    ),
    cpuset_row(
        "a stride of nothing is empty",
        "mkdir a; a/cpuset.cpus < 0-3:0/2; a/cpuset.cpus =; a/cpuset.cpus.effective = 0-7",
    ),
    cpuset_row(
        "a refused write changes nothing",
        "mkdir a; a/cpuset.cpus < 1; a/cpuset.cpus < 9 ! ERANGE; a/cpuset.cpus = 1; \
         a/cpuset.cpus.effective = 1",
    ),
    cpuset_row(
        "the memory nodes follow the parent",
        "mkdir a; a/cgroup.subtree_control < +cpuset; mkdir a/b; a/cpuset.mems < 0; a/cpuset.mems = 0; \
         a/cpuset.mems.effective = 0; a/b/cpuset.mems =; a/b/cpuset.mems.effective = 0",
    ),
    cpuset_row(
        "a node that is not there is refused",
        "mkdir a; a/cpuset.mems < 1 ! EINVAL; a/cpuset.mems =; a/cpuset.mems.effective = 0",
    ),
    cpuset_row(
        "a node past the last is refused",
        "mkdir a; a/cpuset.mems < 4096 ! ERANGE; a/cpuset.mems =; a/cpuset.mems.effective = 0",
    ),
    cpuset_row(
        "nodes are cleared",
        "mkdir a; a/cpuset.mems < 0; a/cpuset.mems < \\n; a/cpuset.mems =; a/cpuset.mems.effective = 0",
    ),
    until_7_0(
        "nodes of a populated set are cleared",
        "mkdir a; a/cpuset.mems < 0; fork x a; a/cpuset.mems < \\n ! ENOSPC; a/cpuset.mems = 0; \
         a/cpuset.mems.effective = 0",
    ),
    since_7_0(
        "nodes of a populated set are cleared, newer",
        "mkdir a; a/cpuset.mems < 0; fork x a; a/cpuset.mems < \\n; a/cpuset.mems =; \
         a/cpuset.mems.effective = 0",
    ),
    cpuset_row(
        "a new child starts with its parent's",
        "mkdir a; a/cpuset.cpus < 4-6; a/cgroup.subtree_control < +cpuset; mkdir a/b; \
         a/cpuset.cpus = 4-6; a/cpuset.cpus.effective = 4-6",
    ),
    cpuset_row(
        "a controller that goes takes the setting with it",
        "mkdir a; a/cgroup.subtree_control < +cpuset; mkdir a/b; a/b/cpuset.cpus < 1; \
         a/cgroup.subtree_control < -cpuset; a/cgroup.subtree_control < +cpuset; a/cpuset.cpus =; \
         a/cpuset.cpus.effective = 0-7; a/b/cpuset.cpus =; a/b/cpuset.cpus.effective = 0-7",
    ),
    cpuset_row(
        "the controller stays while a child hands it on",
        "mkdir a; a/cgroup.subtree_control < +cpuset; mkdir a/b; mkdir a/b/c; \
         a/b/cgroup.subtree_control < +cpuset; a/cgroup.subtree_control < -cpuset ! EBUSY; \
         a/cpuset.cpus =; a/cpuset.cpus.effective = 0-7; a/b/cpuset.cpus =; \
         a/b/cpuset.cpus.effective = 0-7",
    ),
    cpuset_row(
        "a CPU that goes offline leaves the set",
        "mkdir a; a/cpuset.cpus < 1-2; cpu 1 off; a/cpuset.cpus = 1-2; a/cpuset.cpus.effective = 2",
    ),
    cpuset_row(
        "a set whose CPUs are all offline takes its parent's",
        "mkdir a; a/cpuset.cpus < 1; cpu 1 off; a/cpuset.cpus = 1; a/cpuset.cpus.effective = 0,2-7",
    ),
    cpuset_row(
        "a CPU that comes back is in force again",
        "mkdir a; a/cpuset.cpus < 1-2; cpu 1 off; cpu 1 on; a/cpuset.cpus = 1-2; \
         a/cpuset.cpus.effective = 1-2",
    ),
    cpuset_row(
        "a set named while its CPU is offline",
        "mkdir a; cpu 1 off; a/cpuset.cpus < 1; a/cpuset.cpus = 1; a/cpuset.cpus.effective = 0,2-7",
    ),
    cpuset_row(
        "a child keeps to its parent's when a CPU goes",
        "mkdir a; a/cgroup.subtree_control < +cpuset; mkdir a/b; a/cpuset.cpus < 1-3; \
         a/b/cpuset.cpus < 3; cpu 3 off; a/cpuset.cpus = 1-3; a/cpuset.cpus.effective = 1-2; \
         a/b/cpuset.cpus = 3; a/b/cpuset.cpus.effective = 1-2",
    ),
];
