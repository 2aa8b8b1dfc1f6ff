//! Partitions whose CPUs are taken from their lists: which of them the deadline server keeps.

use super::super::Row;
use super::{partition_row, since_7_0, until_6_17};

/// The rows.
pub const ROWS: &[Row] = &[
    partition_row(
        "an isolated partition is cleared",
        "mkdir p; p/cpuset.cpus < 4-5; p/cpuset.cpus.partition < isolated; cpuset.cpus.isolated = 4-5; \
         p/cpuset.cpus < \\n; \
         p/cpuset.cpus.partition = isolated invalid (Invalid cpu list in cpuset.cpus.exclusive); \
         p/cpuset.cpus.effective = 0-7; p/cpuset.cpus.exclusive.effective =; cpuset.cpus.effective = 0-7; \
         cpuset.cpus.isolated =; p/cpuset.cpus < 4; p/cpuset.cpus.partition = isolated; \
         cpuset.cpus.isolated = 4",
    ),
    partition_row(
        "so is an isolated remote one",
        "mkdir p; p/cgroup.subtree_control < +cpuset; mkdir p/k; p/cpuset.cpus.exclusive < 4-5; \
         p/k/cpuset.cpus.exclusive < 5; p/k/cpuset.cpus.partition < isolated; \
         cpuset.cpus.effective = 0-4,6-7; p/k/cpuset.cpus.exclusive < \\n; \
         p/k/cpuset.cpus.partition = isolated invalid (Parent is not a partition root); \
         p/k/cpuset.cpus.effective = 0-7; p/k/cpuset.cpus.exclusive.effective =; \
         cpuset.cpus.effective = 0-7; cpuset.cpus.isolated =; p/k/cpuset.cpus.exclusive < 5; \
         p/k/cpuset.cpus.partition = isolated invalid (Parent is not a partition root)",
    ),
    since_7_0(
        "a remote one that is not isolated is kept, until it is",
        "mkdir p; p/cgroup.subtree_control < +cpuset; mkdir p/k; p/cpuset.cpus.exclusive < 4-5; \
         p/k/cpuset.cpus.exclusive < 5; p/k/cpuset.cpus.partition < root; \
         p/k/cpuset.cpus.exclusive < \\n ! EBUSY; p/k/cpuset.cpus.partition < isolated; \
         p/k/cpuset.cpus.exclusive < \\n; cpuset.cpus.effective = 0-7",
    ),
    since_7_0(
        "a remote one falls back on its set",
        "mkdir p; p/cgroup.subtree_control < +cpuset; mkdir p/k; p/cpuset.cpus.exclusive < 4-5; \
         p/k/cpuset.cpus < 4-5; p/k/cpuset.cpus.exclusive < 5; p/k/cpuset.cpus.partition < isolated; \
         p/k/cpuset.cpus.exclusive < \\n; p/k/cpuset.cpus.partition = isolated; \
         p/k/cpuset.cpus.exclusive.effective = 4-5; cpuset.cpus.effective = 0-3,6-7; \
         p/k/cpuset.cpus < \\n; cpuset.cpus.effective = 0-7",
    ),
    until_6_17(
        "a remote one without exclusive CPUs is none, older",
        "mkdir p; p/cgroup.subtree_control < +cpuset; mkdir p/k; p/cpuset.cpus.exclusive < 4-5; \
         p/k/cpuset.cpus < 4-5; p/k/cpuset.cpus.exclusive < 5; p/k/cpuset.cpus.partition < root; \
         p/k/cpuset.cpus.exclusive < \\n; \
         p/k/cpuset.cpus.partition = root invalid (Parent is not a partition root); \
         cpuset.cpus.effective = 0-7",
    ),
    since_7_0(
        "a partition that handed all its CPUs on is cleared",
        "mkdir p; p/cgroup.subtree_control < +cpuset; mkdir p/k; p/cpuset.cpus < 4-5; \
         p/cpuset.cpus.partition < root; p/k/cpuset.cpus < 4-5; p/k/cpuset.cpus.partition < root; \
         p/cpuset.cpus.effective =; p/k/cpuset.cpus < \\n ! EBUSY; p/cpuset.cpus < \\n; \
         p/cpuset.cpus.partition = root invalid (Invalid cpu list in cpuset.cpus.exclusive); \
         p/k/cpuset.cpus.partition = root invalid (Parent is an invalid partition root); \
         p/k/cpuset.cpus < \\n; cpuset.cpus.effective = 0-7",
    ),
    since_7_0(
        "an invalid one falls back on its set too, and keeps its reason",
        "mkdir p; p/cgroup.subtree_control < +cpuset; mkdir p/k; p/cpuset.cpus.exclusive < 0-3; \
         p/k/cpuset.cpus.partition < root; p/k/cpuset.cpus.exclusive < 0-2; p/k/cpuset.cpus < 1-2; \
         p/k/cpuset.cpus.exclusive < \\n; \
         p/k/cpuset.cpus.partition = root invalid (cpuset.cpus and cpuset.cpus.exclusive are empty); \
         p/k/cpuset.cpus.exclusive.effective =",
    ),
];
