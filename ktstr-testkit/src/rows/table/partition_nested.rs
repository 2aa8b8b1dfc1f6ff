//! Partitions in partitions.

use super::super::Row;
use super::{partition_row, since_7_0, until_6_17};

/// The rows.
pub const ROWS: &[Row] = &[
    partition_row(
        "a partition in a partition",
        "mkdir p; p/cgroup.subtree_control < +cpuset; mkdir p/k; p/cpuset.cpus < 2-5; \
         p/cpuset.cpus.partition < root; p/k/cpuset.cpus < 4-5; p/k/cpuset.cpus.partition < root; \
         p/cpuset.cpus.partition = root; p/cpuset.cpus.effective = 2-3; \
         p/cpuset.cpus.exclusive.effective = 2-5; p/k/cpuset.cpus.partition = root; \
         p/k/cpuset.cpus.effective = 4-5; p/k/cpuset.cpus.exclusive.effective = 4-5; \
         cpuset.cpus.effective = 0-1,6-7; cpuset.cpus.isolated =",
    ),
    partition_row(
        "an isolated partition in a partition",
        "mkdir p; p/cgroup.subtree_control < +cpuset; mkdir p/k; p/cpuset.cpus < 2-5; \
         p/cpuset.cpus.partition < root; p/k/cpuset.cpus < 4; p/k/cpuset.cpus.partition < isolated; \
         p/cpuset.cpus.partition = root; p/cpuset.cpus.effective = 2-3,5; \
         p/cpuset.cpus.exclusive.effective = 2-5; p/k/cpuset.cpus.partition = isolated; \
         p/k/cpuset.cpus.effective = 4; p/k/cpuset.cpus.exclusive.effective = 4; \
         cpuset.cpus.effective = 0-1,6-7; cpuset.cpus.isolated = 4",
    ),
    partition_row(
        "a partition takes all of its parent without tasks",
        "mkdir p; p/cgroup.subtree_control < +cpuset; mkdir p/k; p/cpuset.cpus < 4-5; \
         p/cpuset.cpus.partition < root; p/k/cpuset.cpus < 4-5; p/k/cpuset.cpus.partition < root; \
         p/cpuset.cpus.partition = root; p/cpuset.cpus.effective =; \
         p/cpuset.cpus.exclusive.effective = 4-5; p/k/cpuset.cpus.partition = root; \
         p/k/cpuset.cpus.effective = 4-5; p/k/cpuset.cpus.exclusive.effective = 4-5; \
         cpuset.cpus.effective = 0-3,6-7; cpuset.cpus.isolated =",
    ),
    partition_row(
        "a partition takes all of its parent with tasks",
        "mkdir p; p/cgroup.subtree_control < +cpuset; mkdir p/k; p/cpuset.cpus < 4-5; \
         p/cpuset.cpus.partition < root; fork x p; p/k/cpuset.cpus < 4-5; \
         p/k/cpuset.cpus.partition < root; p/cpuset.cpus.partition = root; \
         p/cpuset.cpus.effective = 4-5; p/cpuset.cpus.exclusive.effective = 4-5; \
         p/k/cpuset.cpus.partition = root invalid (Parent unable to distribute cpu downstream); \
         p/k/cpuset.cpus.effective = 4-5; p/k/cpuset.cpus.exclusive.effective =; \
         cpuset.cpus.effective = 0-3,6-7; cpuset.cpus.isolated =",
    ),
    partition_row(
        "no task goes into a partition that gave all away",
        "mkdir p; p/cgroup.subtree_control < +cpuset; mkdir p/k; p/cpuset.cpus < 4-5; \
         p/cpuset.cpus.partition < root; p/k/cpuset.cpus < 4-5; p/k/cpuset.cpus.partition < root; \
         fork x; move x p ! ENOSPC; fork y p ! ENOSPC; p/cpuset.cpus.partition = root; \
         p/cpuset.cpus.effective =; p/cpuset.cpus.exclusive.effective = 4-5; \
         p/k/cpuset.cpus.partition = root; p/k/cpuset.cpus.effective = 4-5; \
         p/k/cpuset.cpus.exclusive.effective = 4-5; cpuset.cpus.effective = 0-3,6-7; \
         cpuset.cpus.isolated =",
    ),
    partition_row(
        "a partition asks for more than its parent has",
        "mkdir p; p/cgroup.subtree_control < +cpuset; mkdir p/k; p/cpuset.cpus < 2-4; \
         p/cpuset.cpus.partition < root; p/k/cpuset.cpus < 4-6; p/k/cpuset.cpus.partition < root; \
         p/cpuset.cpus.partition = root; p/cpuset.cpus.effective = 2-3; \
         p/cpuset.cpus.exclusive.effective = 2-4; p/k/cpuset.cpus.partition = root; \
         p/k/cpuset.cpus.effective = 4; p/k/cpuset.cpus.exclusive.effective = 4; \
         cpuset.cpus.effective = 0-1,5-7; cpuset.cpus.isolated =",
    ),
    partition_row(
        "a partition asks for nothing that its parent has",
        "mkdir p; p/cgroup.subtree_control < +cpuset; mkdir p/k; p/cpuset.cpus < 2-4; \
         p/cpuset.cpus.partition < root; p/k/cpuset.cpus < 6; p/k/cpuset.cpus.partition < root; \
         p/cpuset.cpus.partition = root; p/cpuset.cpus.effective = 2-4; \
         p/cpuset.cpus.exclusive.effective = 2-4; \
         p/k/cpuset.cpus.partition = root invalid (Invalid cpu list in cpuset.cpus.exclusive); \
         p/k/cpuset.cpus.effective = 2-4; p/k/cpuset.cpus.exclusive.effective =; \
         cpuset.cpus.effective = 0-1,5-7; cpuset.cpus.isolated =",
    ),
    partition_row(
        "a partition below a member is invalid",
        "mkdir p; p/cgroup.subtree_control < +cpuset; mkdir p/k; p/cpuset.cpus < 2-4; \
         p/k/cpuset.cpus < 3; p/k/cpuset.cpus.partition < root; p/cpuset.cpus.partition = member; \
         p/cpuset.cpus.effective = 2-4; p/cpuset.cpus.exclusive.effective =; \
         p/k/cpuset.cpus.partition = root invalid (Invalid cpu list in cpuset.cpus.exclusive); \
         p/k/cpuset.cpus.effective = 3; p/k/cpuset.cpus.exclusive.effective =; \
         cpuset.cpus.effective = 0-7; cpuset.cpus.isolated =",
    ),
    partition_row(
        "an invalid partition becomes valid with its parent",
        "mkdir p; p/cgroup.subtree_control < +cpuset; mkdir p/k; p/cpuset.cpus < 2-4; \
         p/k/cpuset.cpus < 3; p/k/cpuset.cpus.partition < root; p/cpuset.cpus.partition < root; \
         p/cpuset.cpus.partition = root; p/cpuset.cpus.effective = 2,4; \
         p/cpuset.cpus.exclusive.effective = 2-4; p/k/cpuset.cpus.partition = root; \
         p/k/cpuset.cpus.effective = 3; p/k/cpuset.cpus.exclusive.effective = 3; \
         cpuset.cpus.effective = 0-1,5-7; cpuset.cpus.isolated =",
    ),
    partition_row(
        "a parent that becomes a member invalidates",
        "mkdir p; p/cgroup.subtree_control < +cpuset; mkdir p/k; p/cpuset.cpus < 2-5; \
         p/cpuset.cpus.partition < root; p/k/cpuset.cpus < 4; p/k/cpuset.cpus.partition < root; \
         p/cpuset.cpus.partition < member; p/cpuset.cpus.partition = member; \
         p/cpuset.cpus.effective = 2-5; p/cpuset.cpus.exclusive.effective =; \
         p/k/cpuset.cpus.partition = root invalid (Parent is not a partition root); \
         p/k/cpuset.cpus.effective = 4; p/k/cpuset.cpus.exclusive.effective =; \
         cpuset.cpus.effective = 0-7; cpuset.cpus.isolated =",
    ),
    partition_row(
        "a parent that becomes isolated does not invalidate",
        "mkdir p; p/cgroup.subtree_control < +cpuset; mkdir p/k; p/cpuset.cpus < 2-5; \
         p/cpuset.cpus.partition < root; p/k/cpuset.cpus < 4; p/k/cpuset.cpus.partition < root; \
         p/cpuset.cpus.partition < isolated; p/cpuset.cpus.partition = isolated; \
         p/cpuset.cpus.effective = 2-3,5; p/cpuset.cpus.exclusive.effective = 2-5; \
         p/k/cpuset.cpus.partition = root; p/k/cpuset.cpus.effective = 4; \
         p/k/cpuset.cpus.exclusive.effective = 4; cpuset.cpus.effective = 0-1,6-7; \
         cpuset.cpus.isolated = 2-5",
    ),
    partition_row(
        "a narrowed parent keeps what its child leaves",
        "mkdir p; p/cgroup.subtree_control < +cpuset; mkdir p/k; p/cpuset.cpus < 2-5; \
         p/cpuset.cpus.partition < root; p/k/cpuset.cpus < 5; p/k/cpuset.cpus.partition < root; \
         p/cpuset.cpus < 4-5; p/cpuset.cpus.partition = root; p/cpuset.cpus.effective = 4; \
         p/cpuset.cpus.exclusive.effective = 4-5; p/k/cpuset.cpus.partition = root; \
         p/k/cpuset.cpus.effective = 5; p/k/cpuset.cpus.exclusive.effective = 5; \
         cpuset.cpus.effective = 0-3,6-7; cpuset.cpus.isolated =",
    ),
    partition_row(
        "a child grows inside its parent",
        "mkdir p; p/cgroup.subtree_control < +cpuset; mkdir p/k; p/cpuset.cpus < 2-5; \
         p/cpuset.cpus.partition < root; p/k/cpuset.cpus < 5; p/k/cpuset.cpus.partition < root; \
         p/k/cpuset.cpus < 3-5; p/cpuset.cpus.partition = root; p/cpuset.cpus.effective = 2; \
         p/cpuset.cpus.exclusive.effective = 2-5; p/k/cpuset.cpus.partition = root; \
         p/k/cpuset.cpus.effective = 3-5; p/k/cpuset.cpus.exclusive.effective = 3-5; \
         cpuset.cpus.effective = 0-1,6-7; cpuset.cpus.isolated =",
    ),
    partition_row(
        "a child grows over all of a parent with tasks",
        "mkdir p; p/cgroup.subtree_control < +cpuset; mkdir p/k; p/cpuset.cpus < 4-5; \
         p/cpuset.cpus.partition < root; p/k/cpuset.cpus < 5; p/k/cpuset.cpus.partition < root; \
         fork x p; p/k/cpuset.cpus < 4-5; p/cpuset.cpus.partition = root; \
         p/cpuset.cpus.effective = 4-5; p/cpuset.cpus.exclusive.effective = 4-5; \
         p/k/cpuset.cpus.partition = root invalid (Parent unable to distribute cpu downstream); \
         p/k/cpuset.cpus.effective = 4-5; p/k/cpuset.cpus.exclusive.effective =; \
         cpuset.cpus.effective = 0-3,6-7; cpuset.cpus.isolated =",
    ),
    partition_row(
        "three partitions in a row",
        "mkdir p; p/cgroup.subtree_control < +cpuset; mkdir p/k; p/k/cgroup.subtree_control < +cpuset; \
         mkdir p/k/g; p/cpuset.cpus < 2-6; p/cpuset.cpus.partition < root; p/k/cpuset.cpus < 4-6; \
         p/k/cpuset.cpus.partition < root; p/k/g/cpuset.cpus < 6; p/k/g/cpuset.cpus.partition < root; \
         p/cpuset.cpus.partition = root; p/cpuset.cpus.effective = 2-3; \
         p/cpuset.cpus.exclusive.effective = 2-6; p/k/cpuset.cpus.partition = root; \
         p/k/cpuset.cpus.effective = 4-5; p/k/cpuset.cpus.exclusive.effective = 4-6; \
         p/k/g/cpuset.cpus.partition = root; p/k/g/cpuset.cpus.effective = 6; \
         p/k/g/cpuset.cpus.exclusive.effective = 6; cpuset.cpus.effective = 0-1,7; \
         cpuset.cpus.isolated =",
    ),
    partition_row(
        "the middle of three becomes a member",
        "mkdir p; p/cgroup.subtree_control < +cpuset; mkdir p/k; p/k/cgroup.subtree_control < +cpuset; \
         mkdir p/k/g; p/cpuset.cpus < 2-6; p/cpuset.cpus.partition < root; p/k/cpuset.cpus < 4-6; \
         p/k/cpuset.cpus.partition < root; p/k/g/cpuset.cpus < 6; p/k/g/cpuset.cpus.partition < root; \
         p/k/cpuset.cpus.partition < member; p/cpuset.cpus.partition = root; \
         p/cpuset.cpus.effective = 2-6; p/cpuset.cpus.exclusive.effective = 2-6; \
         p/k/cpuset.cpus.partition = member; p/k/cpuset.cpus.effective = 4-6; \
         p/k/cpuset.cpus.exclusive.effective =; \
         p/k/g/cpuset.cpus.partition = root invalid (Parent is not a partition root); \
         p/k/g/cpuset.cpus.effective = 6; p/k/g/cpuset.cpus.exclusive.effective =; \
         cpuset.cpus.effective = 0-1,7; cpuset.cpus.isolated =",
    ),
    partition_row(
        "the first of three becomes a member",
        "mkdir p; p/cgroup.subtree_control < +cpuset; mkdir p/k; p/k/cgroup.subtree_control < +cpuset; \
         mkdir p/k/g; p/cpuset.cpus < 2-6; p/cpuset.cpus.partition < root; p/k/cpuset.cpus < 4-6; \
         p/k/cpuset.cpus.partition < root; p/k/g/cpuset.cpus < 6; p/k/g/cpuset.cpus.partition < root; \
         p/cpuset.cpus.partition < member; p/cpuset.cpus.partition = member; \
         p/cpuset.cpus.effective = 2-6; p/cpuset.cpus.exclusive.effective =; \
         p/k/cpuset.cpus.partition = root invalid (Parent is not a partition root); \
         p/k/cpuset.cpus.effective = 4-6; p/k/cpuset.cpus.exclusive.effective =; \
         p/k/g/cpuset.cpus.partition = root invalid (Parent is an invalid partition root); \
         p/k/g/cpuset.cpus.effective = 6; p/k/g/cpuset.cpus.exclusive.effective =; \
         cpuset.cpus.effective = 0-7; cpuset.cpus.isolated =",
    ),
    partition_row(
        "the first of three comes back",
        "mkdir p; p/cgroup.subtree_control < +cpuset; mkdir p/k; p/k/cgroup.subtree_control < +cpuset; \
         mkdir p/k/g; p/cpuset.cpus < 2-6; p/cpuset.cpus.partition < root; p/k/cpuset.cpus < 4-6; \
         p/k/cpuset.cpus.partition < root; p/k/g/cpuset.cpus < 6; p/k/g/cpuset.cpus.partition < root; \
         p/cpuset.cpus.partition < member; p/cpuset.cpus.partition < root; \
         p/cpuset.cpus.partition = root; p/cpuset.cpus.effective = 2-3; \
         p/cpuset.cpus.exclusive.effective = 2-6; p/k/cpuset.cpus.partition = root; \
         p/k/cpuset.cpus.effective = 4-5; p/k/cpuset.cpus.exclusive.effective = 4-6; \
         p/k/g/cpuset.cpus.partition = root; p/k/g/cpuset.cpus.effective = 6; \
         p/k/g/cpuset.cpus.exclusive.effective = 6; cpuset.cpus.effective = 0-1,7; \
         cpuset.cpus.isolated =",
    ),
    partition_row(
        "a removed partition gives its CPUs back",
        "mkdir p; mkdir q; p/cpuset.cpus < 4-5; p/cpuset.cpus.partition < root; rmdir p; \
         cpuset.cpus.effective = 0-7; q/cpuset.cpus.partition = member; q/cpuset.cpus.effective = 0-7; \
         q/cpuset.cpus.exclusive.effective =; cpuset.cpus.isolated =",
    ),
    partition_row(
        "a removed isolated partition is isolated no more",
        "mkdir p; mkdir q; p/cpuset.cpus < 4-5; p/cpuset.cpus.partition < isolated; rmdir p; \
         cpuset.cpus.isolated =; q/cpuset.cpus.partition = member; q/cpuset.cpus.effective = 0-7; \
         q/cpuset.cpus.exclusive.effective =; cpuset.cpus.effective = 0-7",
    ),
    partition_row(
        "a removed child gives back to its parent",
        "mkdir p; p/cgroup.subtree_control < +cpuset; mkdir p/k; p/cpuset.cpus < 2-5; \
         p/cpuset.cpus.partition < root; p/k/cpuset.cpus < 4; p/k/cpuset.cpus.partition < root; \
         rmdir p/k; p/cpuset.cpus.partition = root; p/cpuset.cpus.effective = 2-5; \
         p/cpuset.cpus.exclusive.effective = 2-5; cpuset.cpus.effective = 0-1,6-7; \
         cpuset.cpus.isolated =",
    ),
    partition_row(
        "a partition that cannot have all it asks for turns valid with its parent, and takes nothing",
        "mkdir p; p/cgroup.subtree_control < +cpuset; mkdir p/k; p/cpuset.cpus < 1-2; p/cpuset.cpus.exclusive < 1-2; \
         p/k/cpuset.cpus.exclusive < 0-1; p/k/cpuset.cpus.partition < root; p/k/cpuset.cpus.partition < member; \
         p/k/cpuset.cpus.exclusive < 4-5; p/k/cpuset.cpus.partition < root; \
         p/k/cpuset.cpus.partition = root invalid (Invalid cpu list in cpuset.cpus.exclusive); \
         p/cpuset.cpus.partition < root; p/k/cpuset.cpus.partition = root; p/cpuset.cpus.effective = 1-2; \
         p/k/cpuset.cpus.effective = 1-2; p/k/cpuset.cpus.exclusive.effective =",
    ),
    partition_row(
        "one that can have all takes it",
        "mkdir p; p/cgroup.subtree_control < +cpuset; mkdir p/k; p/cpuset.cpus < 1-2; p/k/cpuset.cpus.exclusive < 1; \
         p/k/cpuset.cpus.partition < root; \
         p/k/cpuset.cpus.partition = root invalid (Invalid cpu list in cpuset.cpus.exclusive); \
         p/cpuset.cpus.partition < root; p/k/cpuset.cpus.partition = root; p/cpuset.cpus.effective = 2; \
         p/k/cpuset.cpus.exclusive.effective = 1",
    ),
    partition_row(
        "siblings that want the same stay invalid",
        "mkdir p; p/cgroup.subtree_control < +cpuset; mkdir p/k; mkdir p/l; p/cpuset.cpus < 1-3; \
         p/k/cpuset.cpus < 1-2; p/l/cpuset.cpus < 2-3; p/k/cpuset.cpus.partition < root; \
         p/cpuset.cpus.partition < root; p/cpuset.cpus.effective = 1-3; \
         p/k/cpuset.cpus.partition = root invalid (Cpu list in cpuset.cpus not exclusive)",
    ),
    partition_row(
        "tasks below a child keep it from all of its parent's CPUs",
        "mkdir p; p/cgroup.subtree_control < +cpuset; mkdir p/k; p/k/cgroup.subtree_control < +cpuset; mkdir p/k/g; \
         p/cpuset.cpus < 2-3; p/cpuset.cpus.partition < root; p/k/cpuset.cpus < 2-3; fork x p/k/g; \
         p/k/cpuset.cpus.partition < root; \
         p/k/cpuset.cpus.partition = root invalid (Parent unable to distribute cpu downstream); \
         p/cpuset.cpus.effective = 2-3",
    ),
    partition_row(
        "its own tasks do not",
        "mkdir p; p/cgroup.subtree_control < +cpuset; mkdir p/k; p/cpuset.cpus < 2-3; \
         p/cpuset.cpus.partition < root; p/k/cpuset.cpus < 2-3; fork x p/k; p/k/cpuset.cpus.partition < root; \
         p/k/cpuset.cpus.partition = root; p/cpuset.cpus.effective =",
    ),
    since_7_0(
        "one that took nothing is invalid again when its parent is no partition any more",
        "mkdir p; p/cgroup.subtree_control < +cpuset; mkdir p/k; p/k/cpuset.cpus.partition < isolated; \
         p/cpuset.cpus.exclusive < 1; p/k/cpuset.cpus.exclusive < 0-2; p/cpuset.cpus.partition < root; \
         p/k/cpuset.cpus.partition = isolated; p/k/cpuset.cpus.effective = 1; p/cpuset.cpus.partition < member; \
         p/k/cpuset.cpus.partition = isolated invalid (Parent is not a partition root); \
         p/k/cpuset.cpus.effective = 0-7",
    ),
    until_6_17(
        "one that took nothing outlives its parent, older",
        "mkdir p; p/cgroup.subtree_control < +cpuset; mkdir p/k; p/k/cpuset.cpus.partition < isolated; \
         p/cpuset.cpus.exclusive < 1; p/k/cpuset.cpus.exclusive < 0-2; p/cpuset.cpus.partition < root; \
         p/k/cpuset.cpus.partition = isolated; p/k/cpuset.cpus.effective = 1; p/cpuset.cpus.partition < member; \
         p/k/cpuset.cpus.partition = isolated; p/k/cpuset.cpus.effective =",
    ),
    partition_row(
        "a partition without CPUs of its own does not take its child's tasks",
        "mkdir p; p/cgroup.subtree_control < +cpuset; mkdir p/k; p/cpuset.cpus < 2-3; p/cpuset.cpus.partition < root; \
         p/k/cpuset.cpus < 2-3; p/k/cpuset.cpus.partition < root; p/cpuset.cpus.effective =; fork x p/k; \
         p/cgroup.subtree_control < -cpuset ! ENOSPC; p/k/cpuset.cpus.partition = root; kill x 9; \
         p/cgroup.subtree_control < -cpuset; p/cpuset.cpus.effective = 2-3",
    ),
];
