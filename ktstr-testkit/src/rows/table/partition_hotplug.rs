//! Partitions and CPUs that come and go; partitions and tasks.

use super::super::Row;
use super::{partition_row, since_6_17, until_6_17};

/// The rows.
pub const ROWS: &[Row] = &[
    partition_row(
        "a partition loses a CPU that goes offline",
        "mkdir p; mkdir q; p/cpuset.cpus < 4-5; p/cpuset.cpus.partition < root; cpu 5 off; \
         p/cpuset.cpus.partition = root; p/cpuset.cpus.effective = 4; \
         p/cpuset.cpus.exclusive.effective = 4-5; q/cpuset.cpus.partition = member; \
         q/cpuset.cpus.effective = 0-3,6-7; q/cpuset.cpus.exclusive.effective =; \
         cpuset.cpus.effective = 0-3,6-7; cpuset.cpus.isolated =",
    ),
    partition_row(
        "a partition gets it back",
        "mkdir p; mkdir q; p/cpuset.cpus < 4-5; p/cpuset.cpus.partition < root; cpu 5 off; cpu 5 on; \
         p/cpuset.cpus.partition = root; p/cpuset.cpus.effective = 4-5; \
         p/cpuset.cpus.exclusive.effective = 4-5; q/cpuset.cpus.partition = member; \
         q/cpuset.cpus.effective = 0-3,6-7; q/cpuset.cpus.exclusive.effective =; \
         cpuset.cpus.effective = 0-3,6-7; cpuset.cpus.isolated =",
    ),
    until_6_17(
        "the last CPU of a partition does not go offline",
        "mkdir p; p/cpuset.cpus < 5; p/cpuset.cpus.partition < root; cpu 5 off ! EBUSY; \
         p/cpuset.cpus.partition = root; p/cpuset.cpus.effective = 5; p/cpuset.cpus.partition < member; \
         cpu 5 off; p/cpuset.cpus.effective = 0-4,6-7; cpuset.cpus.effective = 0-4,6-7",
    ),
    until_6_17(
        "nor the last that its child leaves it",
        "mkdir p; p/cgroup.subtree_control < +cpuset; mkdir p/k; p/cpuset.cpus < 4-5; \
         p/cpuset.cpus.partition < root; p/k/cpuset.cpus < 5; p/k/cpuset.cpus.partition < root; \
         cpu 4 off ! EBUSY; cpu 5 off ! EBUSY",
    ),
    partition_row(
        "the last CPU of an isolated partition goes offline",
        "mkdir p; p/cpuset.cpus < 5; p/cpuset.cpus.partition < isolated; cpu 5 off; \
         p/cpuset.cpus.partition = isolated; p/cpuset.cpus.effective =; \
         p/cpuset.cpus.exclusive.effective = 5; cpuset.cpus.effective = 0-4,6-7; cpu 5 on; \
         p/cpuset.cpus.effective = 5; cpuset.cpus.effective = 0-4,6-7",
    ),
    since_6_17(
        "an empty partition without tasks stays valid offline",
        "mkdir p; mkdir q; p/cpuset.cpus < 5; p/cpuset.cpus.partition < root; cpu 5 off; \
         p/cpuset.cpus.partition = root; p/cpuset.cpus.effective =; \
         p/cpuset.cpus.exclusive.effective = 5; q/cpuset.cpus.partition = member; \
         q/cpuset.cpus.effective = 0-4,6-7; q/cpuset.cpus.exclusive.effective =; \
         cpuset.cpus.effective = 0-4,6-7; cpuset.cpus.isolated =",
    ),
    since_6_17(
        "a partition with tasks and no CPU is invalid",
        "mkdir p; mkdir q; p/cpuset.cpus < 5; p/cpuset.cpus.partition < root; fork x p; cpu 5 off; \
         p/cpuset.cpus.partition = root invalid; p/cpuset.cpus.effective = 0-4,6-7; \
         p/cpuset.cpus.exclusive.effective = 5; q/cpuset.cpus.partition = member; \
         q/cpuset.cpus.effective = 0-4,6-7; q/cpuset.cpus.exclusive.effective =; \
         cpuset.cpus.effective = 0-4,6-7; cpuset.cpus.isolated =",
    ),
    since_6_17(
        "it is valid again when the CPU comes back",
        "mkdir p; mkdir q; p/cpuset.cpus < 5; p/cpuset.cpus.partition < root; fork x p; cpu 5 off; \
         cpu 5 on; p/cpuset.cpus.partition = root; p/cpuset.cpus.effective = 5; \
         p/cpuset.cpus.exclusive.effective = 5; q/cpuset.cpus.partition = member; \
         q/cpuset.cpus.effective = 0-4,6-7; q/cpuset.cpus.exclusive.effective =; \
         cpuset.cpus.effective = 0-4,6-7; cpuset.cpus.isolated =",
    ),
    since_6_17(
        "a parent with tasks takes back from its child",
        "mkdir p; p/cgroup.subtree_control < +cpuset; mkdir p/k; p/cpuset.cpus < 4-5; \
         p/cpuset.cpus.partition < root; p/k/cpuset.cpus < 5; p/k/cpuset.cpus.partition < root; \
         fork x p; cpu 4 off; p/cpuset.cpus.partition = root; p/cpuset.cpus.effective = 5; \
         p/cpuset.cpus.exclusive.effective = 4-5; \
         p/k/cpuset.cpus.partition = root invalid (Parent unable to distribute cpu downstream); \
         p/k/cpuset.cpus.effective = 5; p/k/cpuset.cpus.exclusive.effective = 5; \
         cpuset.cpus.effective = 0-3,6-7; cpuset.cpus.isolated =",
    ),
    since_6_17(
        "and gives again",
        "mkdir p; p/cgroup.subtree_control < +cpuset; mkdir p/k; p/cpuset.cpus < 4-5; \
         p/cpuset.cpus.partition < root; p/k/cpuset.cpus < 5; p/k/cpuset.cpus.partition < root; \
         fork x p; cpu 4 off; cpu 4 on; p/cpuset.cpus.partition = root; p/cpuset.cpus.effective = 4; \
         p/cpuset.cpus.exclusive.effective = 4-5; p/k/cpuset.cpus.partition = root; \
         p/k/cpuset.cpus.effective = 5; p/k/cpuset.cpus.exclusive.effective = 5; \
         cpuset.cpus.effective = 0-3,6-7; cpuset.cpus.isolated =",
    ),
    partition_row(
        "a remote partition with tasks loses its CPU",
        "mkdir p; p/cgroup.subtree_control < +cpuset; mkdir p/k; p/cpuset.cpus < 1-5; \
         p/cpuset.cpus.exclusive < 5; p/k/cpuset.cpus.exclusive < 5; \
         p/k/cpuset.cpus.partition < isolated; fork x p/k; cpu 5 off; p/cpuset.cpus.partition = member; \
         p/cpuset.cpus.effective = 1-4; p/cpuset.cpus.exclusive.effective = 5; \
         p/k/cpuset.cpus.partition = isolated invalid (No cpu available due to hotplug); \
         p/k/cpuset.cpus.effective = 1-4; p/k/cpuset.cpus.exclusive.effective = 5; \
         cpuset.cpus.effective = 0-4,6-7; cpuset.cpus.isolated =",
    ),
    partition_row(
        "the CPUs outside stay with the root when one goes",
        "mkdir p; mkdir q; p/cpuset.cpus < 4-5; p/cpuset.cpus.partition < root; cpu 1 off; \
         p/cpuset.cpus.partition = root; p/cpuset.cpus.effective = 4-5; \
         p/cpuset.cpus.exclusive.effective = 4-5; q/cpuset.cpus.partition = member; \
         q/cpuset.cpus.effective = 0,2-3,6-7; q/cpuset.cpus.exclusive.effective =; \
         cpuset.cpus.effective = 0,2-3,6-7; cpuset.cpus.isolated =",
    ),
    partition_row(
        "a partition lets tasks in",
        "mkdir p; mkdir q; p/cpuset.cpus < 4-5; p/cpuset.cpus.partition < root; fork x p; fork y; \
         move y p; procs p = x y; p/cpuset.cpus.partition = root; p/cpuset.cpus.effective = 4-5; \
         p/cpuset.cpus.exclusive.effective = 4-5; q/cpuset.cpus.partition = member; \
         q/cpuset.cpus.effective = 0-3,6-7; q/cpuset.cpus.exclusive.effective =; \
         cpuset.cpus.effective = 0-3,6-7; cpuset.cpus.isolated =",
    ),
    partition_row(
        "tasks do not keep a partition from becoming a member",
        "mkdir p; mkdir q; p/cpuset.cpus < 4-5; p/cpuset.cpus.partition < root; fork x p; \
         p/cpuset.cpus.partition < member; p/cpuset.cpus.partition = member; \
         p/cpuset.cpus.effective = 4-5; p/cpuset.cpus.exclusive.effective =; \
         q/cpuset.cpus.partition = member; q/cpuset.cpus.effective = 0-7; \
         q/cpuset.cpus.exclusive.effective =; cpuset.cpus.effective = 0-7; cpuset.cpus.isolated =",
    ),
];
