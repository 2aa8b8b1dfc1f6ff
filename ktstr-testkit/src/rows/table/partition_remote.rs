//! Exclusive CPUs and remote partitions.

use super::super::Row;
use super::{partition_row, since_7_0, until_6_17};

/// The rows.
pub const ROWS: &[Row] = &[
    partition_row(
        "exclusive CPUs alone change nothing",
        "mkdir p; mkdir q; p/cpuset.cpus < 2-5; p/cpuset.cpus.exclusive < 4-5; \
         p/cpuset.cpus.partition = member; p/cpuset.cpus.effective = 2-5; \
         p/cpuset.cpus.exclusive.effective = 4-5; q/cpuset.cpus.partition = member; \
         q/cpuset.cpus.effective = 0-7; q/cpuset.cpus.exclusive.effective =; \
         cpuset.cpus.effective = 0-7; cpuset.cpus.isolated =",
    ),
    partition_row(
        "exclusive CPUs need not be in the set",
        "mkdir p; mkdir q; p/cpuset.cpus < 2-3; p/cpuset.cpus.exclusive < 6; \
         p/cpuset.cpus.partition = member; p/cpuset.cpus.effective = 2-3; \
         p/cpuset.cpus.exclusive.effective = 6; q/cpuset.cpus.partition = member; \
         q/cpuset.cpus.effective = 0-7; q/cpuset.cpus.exclusive.effective =; \
         cpuset.cpus.effective = 0-7; cpuset.cpus.isolated =",
    ),
    partition_row(
        "exclusive CPUs decide what a partition gets",
        "mkdir p; mkdir q; p/cpuset.cpus < 2-5; p/cpuset.cpus.exclusive < 5; \
         p/cpuset.cpus.partition < root; p/cpuset.cpus.partition = root; p/cpuset.cpus.effective = 5; \
         p/cpuset.cpus.exclusive.effective = 5; q/cpuset.cpus.partition = member; \
         q/cpuset.cpus.effective = 0-4,6-7; q/cpuset.cpus.exclusive.effective =; \
         cpuset.cpus.effective = 0-4,6-7; cpuset.cpus.isolated =",
    ),
    partition_row(
        "exclusive CPUs of siblings cannot overlap",
        "mkdir p; mkdir q; p/cpuset.cpus.exclusive < 2-4; q/cpuset.cpus.exclusive < 4-5 ! EINVAL; \
         p/cpuset.cpus.partition = member; p/cpuset.cpus.effective = 0-7; \
         p/cpuset.cpus.exclusive.effective = 2-4; q/cpuset.cpus.partition = member; \
         q/cpuset.cpus.effective = 0-7; q/cpuset.cpus.exclusive.effective =; \
         cpuset.cpus.effective = 0-7; cpuset.cpus.isolated =",
    ),
    partition_row(
        "exclusive CPUs of siblings side by side",
        "mkdir p; mkdir q; p/cpuset.cpus.exclusive < 2-3; q/cpuset.cpus.exclusive < 4-5; \
         p/cpuset.cpus.partition = member; p/cpuset.cpus.effective = 0-7; \
         p/cpuset.cpus.exclusive.effective = 2-3; q/cpuset.cpus.partition = member; \
         q/cpuset.cpus.effective = 0-7; q/cpuset.cpus.exclusive.effective = 4-5; \
         cpuset.cpus.effective = 0-7; cpuset.cpus.isolated =",
    ),
    partition_row(
        "exclusive CPUs cannot take all that a sibling asks for",
        "mkdir p; mkdir q; q/cpuset.cpus < 4-5; p/cpuset.cpus.exclusive < 3-6 ! EINVAL; \
         p/cpuset.cpus.partition = member; p/cpuset.cpus.effective = 0-7; \
         p/cpuset.cpus.exclusive.effective =; q/cpuset.cpus.partition = member; \
         q/cpuset.cpus.effective = 4-5; q/cpuset.cpus.exclusive.effective =; \
         cpuset.cpus.effective = 0-7; cpuset.cpus.isolated =",
    ),
    partition_row(
        "exclusive CPUs can take a part of it",
        "mkdir p; mkdir q; q/cpuset.cpus < 4-5; p/cpuset.cpus.exclusive < 5-6; \
         p/cpuset.cpus.partition = member; p/cpuset.cpus.effective = 0-7; \
         p/cpuset.cpus.exclusive.effective = 5-6; q/cpuset.cpus.partition = member; \
         q/cpuset.cpus.effective = 4-5; q/cpuset.cpus.exclusive.effective =; \
         cpuset.cpus.effective = 0-7; cpuset.cpus.isolated =",
    ),
    partition_row(
        "exclusive CPUs are cleared",
        "mkdir p; mkdir q; p/cpuset.cpus.exclusive < 2-3; p/cpuset.cpus.exclusive < \\n; \
         p/cpuset.cpus.partition = member; p/cpuset.cpus.effective = 0-7; \
         p/cpuset.cpus.exclusive.effective =; q/cpuset.cpus.partition = member; \
         q/cpuset.cpus.effective = 0-7; q/cpuset.cpus.exclusive.effective =; \
         cpuset.cpus.effective = 0-7; cpuset.cpus.isolated =",
    ),
    partition_row(
        "exclusive CPUs that are not there are refused",
        "mkdir p; mkdir q; p/cpuset.cpus.exclusive < 9 ! ERANGE; p/cpuset.cpus.partition = member; \
         p/cpuset.cpus.effective = 0-7; p/cpuset.cpus.exclusive.effective =; \
         q/cpuset.cpus.partition = member; q/cpuset.cpus.effective = 0-7; \
         q/cpuset.cpus.exclusive.effective =; cpuset.cpus.effective = 0-7; cpuset.cpus.isolated =",
    ),
    partition_row(
        "exclusive CPUs reach a child through its parent only",
        "mkdir p; p/cgroup.subtree_control < +cpuset; mkdir p/k; p/k/cpuset.cpus.exclusive < 3; \
         p/cpuset.cpus.exclusive < 2-3; p/cpuset.cpus.partition = member; \
         p/cpuset.cpus.effective = 0-7; p/cpuset.cpus.exclusive.effective = 2-3; \
         p/k/cpuset.cpus.partition = member; p/k/cpuset.cpus.effective = 0-7; \
         p/k/cpuset.cpus.exclusive.effective = 3; cpuset.cpus.effective = 0-7; cpuset.cpus.isolated =",
    ),
    partition_row(
        "exclusive CPUs narrowed above narrow below",
        "mkdir p; p/cgroup.subtree_control < +cpuset; mkdir p/k; p/cpuset.cpus.exclusive < 2-5; \
         p/k/cpuset.cpus.exclusive < 4-5; p/cpuset.cpus.exclusive < 2-4; \
         p/cpuset.cpus.partition = member; p/cpuset.cpus.effective = 0-7; \
         p/cpuset.cpus.exclusive.effective = 2-4; p/k/cpuset.cpus.partition = member; \
         p/k/cpuset.cpus.effective = 0-7; p/k/cpuset.cpus.exclusive.effective = 4; \
         cpuset.cpus.effective = 0-7; cpuset.cpus.isolated =",
    ),
    partition_row(
        "a remote partition",
        "mkdir p; p/cgroup.subtree_control < +cpuset; mkdir p/k; p/cpuset.cpus < 1-5; \
         p/cpuset.cpus.exclusive < 4-5; p/k/cpuset.cpus < 4-5; p/k/cpuset.cpus.exclusive < 4-5; \
         p/k/cpuset.cpus.partition < root; p/cpuset.cpus.partition = member; \
         p/cpuset.cpus.effective = 1-3; p/cpuset.cpus.exclusive.effective = 4-5; \
         p/k/cpuset.cpus.partition = root; p/k/cpuset.cpus.effective = 4-5; \
         p/k/cpuset.cpus.exclusive.effective = 4-5; cpuset.cpus.effective = 0-3,6-7; \
         cpuset.cpus.isolated =",
    ),
    partition_row(
        "a remote isolated partition",
        "mkdir p; p/cgroup.subtree_control < +cpuset; mkdir p/k; p/cpuset.cpus < 1-5; \
         p/cpuset.cpus.exclusive < 4-5; p/k/cpuset.cpus < 4-5; p/k/cpuset.cpus.exclusive < 5; \
         p/k/cpuset.cpus.partition < isolated; p/cpuset.cpus.partition = member; \
         p/cpuset.cpus.effective = 1-4; p/cpuset.cpus.exclusive.effective = 4-5; \
         p/k/cpuset.cpus.partition = isolated; p/k/cpuset.cpus.effective = 5; \
         p/k/cpuset.cpus.exclusive.effective = 5; cpuset.cpus.effective = 0-4,6-7; \
         cpuset.cpus.isolated = 5",
    ),
    partition_row(
        "a remote partition two levels down",
        "mkdir p; p/cgroup.subtree_control < +cpuset; mkdir p/k; p/k/cgroup.subtree_control < +cpuset; \
         mkdir p/k/g; p/cpuset.cpus < 1-5; p/cpuset.cpus.exclusive < 3-5; p/k/cpuset.cpus < 2-5; \
         p/k/cpuset.cpus.exclusive < 4-5; p/k/g/cpuset.cpus < 4-5; p/k/g/cpuset.cpus.exclusive < 5; \
         p/k/g/cpuset.cpus.partition < isolated; p/cpuset.cpus.partition = member; \
         p/cpuset.cpus.effective = 1-4; p/cpuset.cpus.exclusive.effective = 3-5; \
         p/k/cpuset.cpus.partition = member; p/k/cpuset.cpus.effective = 2-4; \
         p/k/cpuset.cpus.exclusive.effective = 4-5; p/k/g/cpuset.cpus.partition = isolated; \
         p/k/g/cpuset.cpus.effective = 5; p/k/g/cpuset.cpus.exclusive.effective = 5; \
         cpuset.cpus.effective = 0-4,6-7; cpuset.cpus.isolated = 5",
    ),
    partition_row(
        "a remote partition becomes a member",
        "mkdir p; p/cgroup.subtree_control < +cpuset; mkdir p/k; p/cpuset.cpus < 1-5; \
         p/cpuset.cpus.exclusive < 4-5; p/k/cpuset.cpus < 4-5; p/k/cpuset.cpus.exclusive < 4-5; \
         p/k/cpuset.cpus.partition < isolated; p/k/cpuset.cpus.partition < member; \
         p/cpuset.cpus.partition = member; p/cpuset.cpus.effective = 1-5; \
         p/cpuset.cpus.exclusive.effective = 4-5; p/k/cpuset.cpus.partition = member; \
         p/k/cpuset.cpus.effective = 4-5; p/k/cpuset.cpus.exclusive.effective = 4-5; \
         cpuset.cpus.effective = 0-7; cpuset.cpus.isolated =",
    ),
    partition_row(
        "a remote partition loses what its parent loses",
        "mkdir p; p/cgroup.subtree_control < +cpuset; mkdir p/k; p/cpuset.cpus < 1-5; \
         p/cpuset.cpus.exclusive < 3-5; p/k/cpuset.cpus.exclusive < 4-5; \
         p/k/cpuset.cpus.partition < root; p/cpuset.cpus.exclusive < 3-4; \
         p/cpuset.cpus.partition = member; p/cpuset.cpus.effective = 1-3,5; \
         p/cpuset.cpus.exclusive.effective = 3-4; p/k/cpuset.cpus.partition = root; \
         p/k/cpuset.cpus.effective = 4; p/k/cpuset.cpus.exclusive.effective = 4; \
         cpuset.cpus.effective = 0-3,5-7; cpuset.cpus.isolated =",
    ),
    partition_row(
        "a remote partition with nothing granted is invalid",
        "mkdir p; p/cgroup.subtree_control < +cpuset; mkdir p/k; p/cpuset.cpus < 1-5; \
         p/cpuset.cpus.exclusive < 3-5; p/k/cpuset.cpus.exclusive < 4-5; \
         p/k/cpuset.cpus.partition < root; p/cpuset.cpus.exclusive < 3; \
         p/cpuset.cpus.partition = member; p/cpuset.cpus.effective = 1-5; \
         p/cpuset.cpus.exclusive.effective = 3; \
         p/k/cpuset.cpus.partition = root invalid (Parent is not a partition root); \
         p/k/cpuset.cpus.effective = 1-5; p/k/cpuset.cpus.exclusive.effective =; \
         cpuset.cpus.effective = 0-7; cpuset.cpus.isolated =",
    ),
    partition_row(
        "a remote partition grows",
        "mkdir p; p/cgroup.subtree_control < +cpuset; mkdir p/k; p/cpuset.cpus < 1-5; \
         p/cpuset.cpus.exclusive < 3-5; p/k/cpuset.cpus.exclusive < 5; \
         p/k/cpuset.cpus.partition < root; p/k/cpuset.cpus.exclusive < 4-5; \
         p/cpuset.cpus.partition = member; p/cpuset.cpus.effective = 1-3; \
         p/cpuset.cpus.exclusive.effective = 3-5; p/k/cpuset.cpus.partition = root; \
         p/k/cpuset.cpus.effective = 4-5; p/k/cpuset.cpus.exclusive.effective = 4-5; \
         cpuset.cpus.effective = 0-3,6-7; cpuset.cpus.isolated =",
    ),
    partition_row(
        "a remote partition shrinks",
        "mkdir p; p/cgroup.subtree_control < +cpuset; mkdir p/k; p/cpuset.cpus < 1-5; \
         p/cpuset.cpus.exclusive < 3-5; p/k/cpuset.cpus.exclusive < 3-5; \
         p/k/cpuset.cpus.partition < root; p/k/cpuset.cpus.exclusive < 4; \
         p/cpuset.cpus.partition = member; p/cpuset.cpus.effective = 1-3,5; \
         p/cpuset.cpus.exclusive.effective = 3-5; p/k/cpuset.cpus.partition = root; \
         p/k/cpuset.cpus.effective = 4; p/k/cpuset.cpus.exclusive.effective = 4; \
         cpuset.cpus.effective = 0-3,5-7; cpuset.cpus.isolated =",
    ),
    partition_row(
        "a local partition in a remote one",
        "mkdir p; p/cgroup.subtree_control < +cpuset; mkdir p/k; p/k/cgroup.subtree_control < +cpuset; \
         mkdir p/k/g; p/cpuset.cpus < 1-5; p/cpuset.cpus.exclusive < 3-5; p/k/cpuset.cpus < 3-5; \
         p/k/cpuset.cpus.exclusive < 3-5; p/k/cpuset.cpus.partition < root; p/k/g/cpuset.cpus < 5; \
         p/k/g/cpuset.cpus.partition < isolated; p/cpuset.cpus.partition = member; \
         p/cpuset.cpus.effective = 1-2; p/cpuset.cpus.exclusive.effective = 3-5; \
         p/k/cpuset.cpus.partition = root; p/k/cpuset.cpus.effective = 3-4; \
         p/k/cpuset.cpus.exclusive.effective = 3-5; p/k/g/cpuset.cpus.partition = isolated; \
         p/k/g/cpuset.cpus.effective = 5; p/k/g/cpuset.cpus.exclusive.effective = 5; \
         cpuset.cpus.effective = 0-2,6-7; cpuset.cpus.isolated = 5",
    ),
    partition_row(
        "a removed remote partition gives back to the root",
        "mkdir p; p/cgroup.subtree_control < +cpuset; mkdir p/k; p/cpuset.cpus < 1-5; \
         p/cpuset.cpus.exclusive < 4-5; p/k/cpuset.cpus.exclusive < 4-5; \
         p/k/cpuset.cpus.partition < isolated; rmdir p/k; p/cpuset.cpus.partition = member; \
         p/cpuset.cpus.effective = 1-5; p/cpuset.cpus.exclusive.effective = 4-5; \
         cpuset.cpus.effective = 0-7; cpuset.cpus.isolated =",
    ),
    partition_row(
        "a remote partition cannot take all of the root",
        "mkdir p; p/cgroup.subtree_control < +cpuset; mkdir p/k; p/cpuset.cpus.exclusive < 0-7; \
         p/k/cpuset.cpus.exclusive < 0-7; p/k/cpuset.cpus.partition < root; \
         p/cpuset.cpus.partition = member; p/cpuset.cpus.effective = 0-7; \
         p/cpuset.cpus.exclusive.effective = 0-7; \
         p/k/cpuset.cpus.partition = root invalid (Invalid cpu list in cpuset.cpus.exclusive); \
         p/k/cpuset.cpus.effective = 0-7; p/k/cpuset.cpus.exclusive.effective = 0-7; \
         cpuset.cpus.effective = 0-7; cpuset.cpus.isolated =",
    ),
    partition_row(
        "no local partition over a remote one",
        "mkdir p; p/cgroup.subtree_control < +cpuset; mkdir p/k; p/cpuset.cpus < 1-5; \
         p/cpuset.cpus.exclusive < 4-5; p/k/cpuset.cpus.exclusive < 4-5; \
         p/k/cpuset.cpus.partition < root; p/cpuset.cpus.partition < root; \
         p/cpuset.cpus.partition = root invalid (Have remote partition underneath); \
         p/cpuset.cpus.effective = 1-3; p/cpuset.cpus.exclusive.effective = 4-5; \
         p/k/cpuset.cpus.partition = root; p/k/cpuset.cpus.effective = 4-5; \
         p/k/cpuset.cpus.exclusive.effective = 4-5; cpuset.cpus.effective = 0-3,6-7; \
         cpuset.cpus.isolated =",
    ),
    until_6_17(
        "nodes cannot be set while a sibling's exclusive CPUs hold all of the set, older",
        "mkdir p; mkdir q; p/cpuset.cpus.exclusive < 4-5; q/cpuset.cpus < 4; q/cpuset.mems < 0 ! EINVAL; \
         q/cpuset.cpus < 3-4; q/cpuset.mems < 0",
    ),
    since_7_0(
        "nodes can be set whatever a sibling has",
        "mkdir p; mkdir q; p/cpuset.cpus.exclusive < 4-5; q/cpuset.cpus < 4; q/cpuset.mems < 0; q/cpuset.mems = 0",
    ),
    since_7_0(
        "no remote partition over a remote one",
        "mkdir p; p/cgroup.subtree_control < +cpuset; mkdir p/k; p/k/cgroup.subtree_control < +cpuset; mkdir p/k/g; \
         p/cpuset.cpus.exclusive < 3-5; p/k/cpuset.cpus.exclusive < 3-5; p/k/g/cpuset.cpus < 4; \
         p/k/g/cpuset.cpus.partition < isolated; p/k/g/cpuset.cpus.partition = isolated; \
         p/k/cpuset.cpus.partition < root; \
         p/k/cpuset.cpus.partition = root invalid (Parent unable to distribute cpu downstream)",
    ),
];
