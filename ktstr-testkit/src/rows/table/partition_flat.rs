//! Partitions directly below the root.

use super::super::Row;
use super::{partition_row, since_7_0, until_6_17, until_7_0};

/// The rows.
pub const ROWS: &[Row] = &[
    partition_row(
        "a partition takes its CPUs from the root",
        "mkdir p; mkdir q; p/cpuset.cpus < 4-5; p/cpuset.cpus.partition < root; \
         p/cpuset.cpus.partition = root; p/cpuset.cpus.effective = 4-5; \
         p/cpuset.cpus.exclusive.effective = 4-5; q/cpuset.cpus.partition = member; \
         q/cpuset.cpus.effective = 0-3,6-7; q/cpuset.cpus.exclusive.effective =; \
         cpuset.cpus.effective = 0-3,6-7; cpuset.cpus.isolated =",
    ),
    partition_row(
        "an isolated partition is listed as such",
        "mkdir p; mkdir q; p/cpuset.cpus < 4-5; p/cpuset.cpus.partition < isolated; \
         p/cpuset.cpus.partition = isolated; p/cpuset.cpus.effective = 4-5; \
         p/cpuset.cpus.exclusive.effective = 4-5; q/cpuset.cpus.partition = member; \
         q/cpuset.cpus.effective = 0-3,6-7; q/cpuset.cpus.exclusive.effective =; \
         cpuset.cpus.effective = 0-3,6-7; cpuset.cpus.isolated = 4-5",
    ),
    partition_row(
        "a partition becomes isolated",
        "mkdir p; mkdir q; p/cpuset.cpus < 4-5; p/cpuset.cpus.partition < root; \
         p/cpuset.cpus.partition < isolated; p/cpuset.cpus.partition = isolated; \
         p/cpuset.cpus.effective = 4-5; p/cpuset.cpus.exclusive.effective = 4-5; \
         q/cpuset.cpus.partition = member; q/cpuset.cpus.effective = 0-3,6-7; \
         q/cpuset.cpus.exclusive.effective =; cpuset.cpus.effective = 0-3,6-7; \
         cpuset.cpus.isolated = 4-5",
    ),
    partition_row(
        "an isolated partition becomes an ordinary one",
        "mkdir p; mkdir q; p/cpuset.cpus < 4-5; p/cpuset.cpus.partition < isolated; \
         p/cpuset.cpus.partition < root; p/cpuset.cpus.partition = root; p/cpuset.cpus.effective = 4-5; \
         p/cpuset.cpus.exclusive.effective = 4-5; q/cpuset.cpus.partition = member; \
         q/cpuset.cpus.effective = 0-3,6-7; q/cpuset.cpus.exclusive.effective =; \
         cpuset.cpus.effective = 0-3,6-7; cpuset.cpus.isolated =",
    ),
    partition_row(
        "a partition becomes a member again",
        "mkdir p; mkdir q; p/cpuset.cpus < 4-5; p/cpuset.cpus.partition < root; \
         p/cpuset.cpus.partition < member; p/cpuset.cpus.partition = member; \
         p/cpuset.cpus.effective = 4-5; p/cpuset.cpus.exclusive.effective =; \
         q/cpuset.cpus.partition = member; q/cpuset.cpus.effective = 0-7; \
         q/cpuset.cpus.exclusive.effective =; cpuset.cpus.effective = 0-7; cpuset.cpus.isolated =",
    ),
    partition_row(
        "a member stays a member",
        "mkdir p; mkdir q; p/cpuset.cpus.partition < member; p/cpuset.cpus.partition = member; \
         p/cpuset.cpus.effective = 0-7; p/cpuset.cpus.exclusive.effective =; \
         q/cpuset.cpus.partition = member; q/cpuset.cpus.effective = 0-7; \
         q/cpuset.cpus.exclusive.effective =; cpuset.cpus.effective = 0-7; cpuset.cpus.isolated =",
    ),
    partition_row(
        "no other word is taken",
        "mkdir p; mkdir q; p/cpuset.cpus.partition < yes ! EINVAL; p/cpuset.cpus.partition = member; \
         p/cpuset.cpus.effective = 0-7; p/cpuset.cpus.exclusive.effective =; \
         q/cpuset.cpus.partition = member; q/cpuset.cpus.effective = 0-7; \
         q/cpuset.cpus.exclusive.effective =; cpuset.cpus.effective = 0-7; cpuset.cpus.isolated =",
    ),
    partition_row(
        "an empty word is not taken",
        "mkdir p; mkdir q; p/cpuset.cpus.partition < \\n ! EINVAL; p/cpuset.cpus.partition = member; \
         p/cpuset.cpus.effective = 0-7; p/cpuset.cpus.exclusive.effective =; \
         q/cpuset.cpus.partition = member; q/cpuset.cpus.effective = 0-7; \
         q/cpuset.cpus.exclusive.effective =; cpuset.cpus.effective = 0-7; cpuset.cpus.isolated =",
    ),
    partition_row(
        "a partition without CPUs asked for is invalid",
        "mkdir p; mkdir q; p/cpuset.cpus.partition < root; \
         p/cpuset.cpus.partition = root invalid (cpuset.cpus and cpuset.cpus.exclusive are empty); \
         p/cpuset.cpus.effective = 0-7; p/cpuset.cpus.exclusive.effective =; \
         q/cpuset.cpus.partition = member; q/cpuset.cpus.effective = 0-7; \
         q/cpuset.cpus.exclusive.effective =; cpuset.cpus.effective = 0-7; cpuset.cpus.isolated =",
    ),
    partition_row(
        "an invalid partition gets CPUs and is valid",
        "mkdir p; mkdir q; p/cpuset.cpus.partition < root; p/cpuset.cpus < 4-5; \
         p/cpuset.cpus.partition = root; p/cpuset.cpus.effective = 4-5; \
         p/cpuset.cpus.exclusive.effective = 4-5; q/cpuset.cpus.partition = member; \
         q/cpuset.cpus.effective = 0-3,6-7; q/cpuset.cpus.exclusive.effective =; \
         cpuset.cpus.effective = 0-3,6-7; cpuset.cpus.isolated =",
    ),
    until_7_0(
        "a member beside a partition loses its CPUs",
        "mkdir p; mkdir q; q/cpuset.cpus < 2-5; p/cpuset.cpus < 4; p/cpuset.cpus.partition < root; \
         p/cpuset.cpus.partition = root invalid (Cpu list in cpuset.cpus not exclusive); \
         p/cpuset.cpus.effective = 4; p/cpuset.cpus.exclusive.effective =; \
         q/cpuset.cpus.partition = member; q/cpuset.cpus.effective = 2-5; \
         q/cpuset.cpus.exclusive.effective =; cpuset.cpus.effective = 0-7; cpuset.cpus.isolated =",
    ),
    since_7_0(
        "a member beside a partition loses its CPUs, newer",
        "mkdir p; mkdir q; q/cpuset.cpus < 2-5; p/cpuset.cpus < 4; p/cpuset.cpus.partition < root; \
         p/cpuset.cpus.partition = root; p/cpuset.cpus.effective = 4; \
         p/cpuset.cpus.exclusive.effective = 4; q/cpuset.cpus.partition = member; \
         q/cpuset.cpus.effective = 2-3,5; q/cpuset.cpus.exclusive.effective =; \
         cpuset.cpus.effective = 0-3,5-7; cpuset.cpus.isolated =",
    ),
    until_7_0(
        "a member with nothing left takes its parent's",
        "mkdir p; mkdir q; q/cpuset.cpus < 4; p/cpuset.cpus < 4-5; p/cpuset.cpus.partition < root; \
         p/cpuset.cpus.partition = root invalid (Cpu list in cpuset.cpus not exclusive); \
         p/cpuset.cpus.effective = 4-5; p/cpuset.cpus.exclusive.effective =; \
         q/cpuset.cpus.partition = member; q/cpuset.cpus.effective = 4; \
         q/cpuset.cpus.exclusive.effective =; cpuset.cpus.effective = 0-7; cpuset.cpus.isolated =",
    ),
    since_7_0(
        "a member with nothing left takes its parent's, newer",
        "mkdir p; mkdir q; q/cpuset.cpus < 4; p/cpuset.cpus < 4-5; p/cpuset.cpus.partition < root; \
         p/cpuset.cpus.partition = root; p/cpuset.cpus.effective = 4-5; \
         p/cpuset.cpus.exclusive.effective = 4-5; q/cpuset.cpus.partition = member; \
         q/cpuset.cpus.effective = 0-3,6-7; q/cpuset.cpus.exclusive.effective =; \
         cpuset.cpus.effective = 0-3,6-7; cpuset.cpus.isolated =",
    ),
    partition_row(
        "two partitions side by side",
        "mkdir p; mkdir q; p/cpuset.cpus < 4-5; q/cpuset.cpus < 6-7; p/cpuset.cpus.partition < root; \
         q/cpuset.cpus.partition < isolated; p/cpuset.cpus.partition = root; \
         p/cpuset.cpus.effective = 4-5; p/cpuset.cpus.exclusive.effective = 4-5; \
         q/cpuset.cpus.partition = isolated; q/cpuset.cpus.effective = 6-7; \
         q/cpuset.cpus.exclusive.effective = 6-7; cpuset.cpus.effective = 0-3; \
         cpuset.cpus.isolated = 6-7",
    ),
    until_7_0(
        "two partitions that want the same CPU",
        "mkdir p; mkdir q; p/cpuset.cpus < 4-5; q/cpuset.cpus < 5-6; p/cpuset.cpus.partition < root; \
         q/cpuset.cpus.partition < root; \
         p/cpuset.cpus.partition = root invalid (Cpu list in cpuset.cpus not exclusive); \
         p/cpuset.cpus.effective = 4-5; p/cpuset.cpus.exclusive.effective =; \
         q/cpuset.cpus.partition = root invalid (Cpu list in cpuset.cpus not exclusive); \
         q/cpuset.cpus.effective = 5-6; q/cpuset.cpus.exclusive.effective =; \
         cpuset.cpus.effective = 0-7; cpuset.cpus.isolated =",
    ),
    since_7_0(
        "two partitions that want the same CPU, newer",
        "mkdir p; mkdir q; p/cpuset.cpus < 4-5; q/cpuset.cpus < 5-6; p/cpuset.cpus.partition < root; \
         q/cpuset.cpus.partition < root; p/cpuset.cpus.partition = root; p/cpuset.cpus.effective = 4-5; \
         p/cpuset.cpus.exclusive.effective = 4-5; q/cpuset.cpus.partition = root; \
         q/cpuset.cpus.effective = 6; q/cpuset.cpus.exclusive.effective = 6; \
         cpuset.cpus.effective = 0-3,7; cpuset.cpus.isolated =",
    ),
    until_7_0(
        "two partitions that want just the same CPUs",
        "mkdir p; mkdir q; p/cpuset.cpus < 4-5; q/cpuset.cpus < 4-5; p/cpuset.cpus.partition < root; \
         q/cpuset.cpus.partition < root; \
         p/cpuset.cpus.partition = root invalid (Cpu list in cpuset.cpus not exclusive); \
         p/cpuset.cpus.effective = 4-5; p/cpuset.cpus.exclusive.effective =; \
         q/cpuset.cpus.partition = root invalid (Cpu list in cpuset.cpus not exclusive); \
         q/cpuset.cpus.effective = 4-5; q/cpuset.cpus.exclusive.effective =; \
         cpuset.cpus.effective = 0-7; cpuset.cpus.isolated =",
    ),
    since_7_0(
        "two partitions that want just the same CPUs, newer",
        "mkdir p; mkdir q; p/cpuset.cpus < 4-5; q/cpuset.cpus < 4-5; p/cpuset.cpus.partition < root; \
         q/cpuset.cpus.partition < root; p/cpuset.cpus.partition = root; p/cpuset.cpus.effective = 4-5; \
         p/cpuset.cpus.exclusive.effective = 4-5; \
         q/cpuset.cpus.partition = root invalid (Invalid cpu list in cpuset.cpus.exclusive); \
         q/cpuset.cpus.effective = 0-3,6-7; q/cpuset.cpus.exclusive.effective =; \
         cpuset.cpus.effective = 0-3,6-7; cpuset.cpus.isolated =",
    ),
    until_7_0(
        "a partition widened into its sibling",
        "mkdir p; mkdir q; p/cpuset.cpus < 4; q/cpuset.cpus < 5; p/cpuset.cpus.partition < root; \
         q/cpuset.cpus.partition < root; p/cpuset.cpus < 4-5; p/cpuset.cpus.partition = root invalid; \
         p/cpuset.cpus.effective = 4-5; p/cpuset.cpus.exclusive.effective =; \
         q/cpuset.cpus.partition = root invalid; q/cpuset.cpus.effective = 5; \
         q/cpuset.cpus.exclusive.effective = 5; cpuset.cpus.effective = 0-7; cpuset.cpus.isolated =",
    ),
    since_7_0(
        "a partition widened into its sibling, newer",
        "mkdir p; mkdir q; p/cpuset.cpus < 4; q/cpuset.cpus < 5; p/cpuset.cpus.partition < root; \
         q/cpuset.cpus.partition < root; p/cpuset.cpus < 4-5; p/cpuset.cpus.partition = root; \
         p/cpuset.cpus.effective = 4; p/cpuset.cpus.exclusive.effective = 4; \
         q/cpuset.cpus.partition = root; q/cpuset.cpus.effective = 5; \
         q/cpuset.cpus.exclusive.effective = 5; cpuset.cpus.effective = 0-3,6-7; \
         cpuset.cpus.isolated =",
    ),
    until_7_0(
        "a member widened into a partition",
        "mkdir p; mkdir q; p/cpuset.cpus < 4; q/cpuset.cpus < 5; p/cpuset.cpus.partition < root; \
         q/cpuset.cpus < 4-5; p/cpuset.cpus.partition = root invalid; p/cpuset.cpus.effective = 4; \
         p/cpuset.cpus.exclusive.effective = 4; q/cpuset.cpus.partition = member; \
         q/cpuset.cpus.effective = 4-5; q/cpuset.cpus.exclusive.effective =; \
         cpuset.cpus.effective = 0-7; cpuset.cpus.isolated =",
    ),
    since_7_0(
        "a member widened into a partition, newer",
        "mkdir p; mkdir q; p/cpuset.cpus < 4; q/cpuset.cpus < 5; p/cpuset.cpus.partition < root; \
         q/cpuset.cpus < 4-5; p/cpuset.cpus.partition = root; p/cpuset.cpus.effective = 4; \
         p/cpuset.cpus.exclusive.effective = 4; q/cpuset.cpus.partition = member; \
         q/cpuset.cpus.effective = 5; q/cpuset.cpus.exclusive.effective =; \
         cpuset.cpus.effective = 0-3,5-7; cpuset.cpus.isolated =",
    ),
    partition_row(
        "a partition moves to other CPUs",
        "mkdir p; mkdir q; p/cpuset.cpus < 1-2; p/cpuset.cpus.partition < root; p/cpuset.cpus < 4-5; \
         p/cpuset.cpus.partition = root; p/cpuset.cpus.effective = 4-5; \
         p/cpuset.cpus.exclusive.effective = 4-5; q/cpuset.cpus.partition = member; \
         q/cpuset.cpus.effective = 0-3,6-7; q/cpuset.cpus.exclusive.effective =; \
         cpuset.cpus.effective = 0-3,6-7; cpuset.cpus.isolated =",
    ),
    partition_row(
        "a partition widens",
        "mkdir p; mkdir q; p/cpuset.cpus < 1; p/cpuset.cpus.partition < root; p/cpuset.cpus < 1-3; \
         p/cpuset.cpus.partition = root; p/cpuset.cpus.effective = 1-3; \
         p/cpuset.cpus.exclusive.effective = 1-3; q/cpuset.cpus.partition = member; \
         q/cpuset.cpus.effective = 0,4-7; q/cpuset.cpus.exclusive.effective =; \
         cpuset.cpus.effective = 0,4-7; cpuset.cpus.isolated =",
    ),
    partition_row(
        "a partition narrows",
        "mkdir p; mkdir q; p/cpuset.cpus < 1-3; p/cpuset.cpus.partition < root; p/cpuset.cpus < 2; \
         p/cpuset.cpus.partition = root; p/cpuset.cpus.effective = 2; \
         p/cpuset.cpus.exclusive.effective = 2; q/cpuset.cpus.partition = member; \
         q/cpuset.cpus.effective = 0-1,3-7; q/cpuset.cpus.exclusive.effective =; \
         cpuset.cpus.effective = 0-1,3-7; cpuset.cpus.isolated =",
    ),
    since_7_0(
        "a partition is not cleared",
        "mkdir p; p/cpuset.cpus < 1-3; p/cpuset.cpus.partition < root; p/cpuset.cpus < \\n ! EBUSY; \
         p/cpuset.cpus = 1-3; p/cpuset.cpus.partition = root; p/cpuset.cpus.exclusive < 1-2; \
         p/cpuset.cpus.exclusive.effective = 1-2; p/cpuset.cpus.exclusive < \\n; \
         p/cpuset.cpus.exclusive.effective = 1-3; cpuset.cpus.effective = 0,4-7",
    ),
    until_6_17(
        "a partition is not cleared, older",
        "mkdir p; p/cpuset.cpus < 1-3; p/cpuset.cpus.partition < root; p/cpuset.cpus < \\n ! EBUSY; \
         p/cpuset.cpus.exclusive < 1-2; p/cpuset.cpus < \\n ! EBUSY; p/cpuset.cpus = 1-3; \
         p/cpuset.cpus.partition = root",
    ),
    until_7_0(
        "a partition is cleared",
        "mkdir p; mkdir q; p/cpuset.cpus < 1-3; p/cpuset.cpus.partition < root; p/cpuset.cpus < \\n; \
         p/cpuset.cpus.partition = root invalid (Invalid cpu list in cpuset.cpus.exclusive); \
         p/cpuset.cpus.effective = 0-7; p/cpuset.cpus.exclusive.effective =; \
         q/cpuset.cpus.partition = member; q/cpuset.cpus.effective = 0-7; \
         q/cpuset.cpus.exclusive.effective =; cpuset.cpus.effective = 0-7; cpuset.cpus.isolated =",
    ),
    partition_row(
        "a partition takes every CPU of a root with tasks",
        "mkdir p; mkdir q; p/cpuset.cpus < 0-7; p/cpuset.cpus.partition < root; \
         p/cpuset.cpus.partition = root invalid (Parent unable to distribute cpu downstream); \
         p/cpuset.cpus.effective = 0-7; p/cpuset.cpus.exclusive.effective =; \
         q/cpuset.cpus.partition = member; q/cpuset.cpus.effective = 0-7; \
         q/cpuset.cpus.exclusive.effective =; cpuset.cpus.effective = 0-7; cpuset.cpus.isolated =",
    ),
];
