//! CPUs, memory nodes and affinities.

use super::Class::{Kernel, Promise};
use super::ErrorKind as Kind;
use super::{Family::Cpusets, Rule, rule};

const EMPTY: &str =
    "An empty `cpuset.cpus` does not mean no CPU: the kernel then gives the cgroup all CPUs of its parent.";
const SHARE: &str =
    "our promise: a cpuset is what was asked for; kernel: an empty cpuset.cpus means the parent's";
const WITHIN: &str = "kernel: Documentation/admin-guide/cgroup-v2.rst, cpuset.cpus.effective; our promise: a cpuset is what was asked for";

pub(super) const RULES: [Rule; 16] = [
    rule(
        "E0401",
        Kind::CpusetRange,
        Promise,
        Cpusets,
        [
            "the cpuset of `{name}` is the share from {value} to {limit}",
            "use 0 <= start < end <= 1",
            EMPTY,
            SHARE,
        ],
    ),
    rule(
        "E0402",
        Kind::CpusetOfZero,
        Promise,
        Cpusets,
        [
            "the cpuset of `{name}` is a share of 0 shares",
            "say into how many shares the CPUs are cut, at least 1",
            EMPTY,
            SHARE,
        ],
    ),
    rule(
        "E0403",
        Kind::CpusetIndex,
        Promise,
        Cpusets,
        [
            "the cpuset of `{name}` is share {value} of {limit}, counted from 0",
            "use an index below the number of shares",
            EMPTY,
            SHARE,
        ],
    ),
    rule(
        "E0404",
        Kind::CpusetOverlap,
        Promise,
        Cpusets,
        [
            "the cpuset of `{name}` reaches {value} of a share into its neighbours",
            "use a fraction from 0 to 1",
            "What is no number, or negative, cannot be reached, and more than a whole share would reach past the neighbours.",
            SHARE,
        ],
    ),
    rule(
        "E0405",
        Kind::CpusetEmpty,
        Promise,
        Cpusets,
        [
            "the cpuset of `{name}` names no CPU",
            "name at least one CPU, or use `clear_cpuset` for the parent's CPUs",
            EMPTY,
            SHARE,
        ],
    ),
    rule(
        "E0406",
        Kind::CpusetNothing,
        Promise,
        Cpusets,
        [
            "the cpuset of `{name}` leaves no CPU of the {value} usable ones here",
            "cut the CPUs into fewer shares, or run on a larger machine",
            EMPTY,
            SHARE,
        ],
    ),
    rule(
        "E0407",
        Kind::CpusetNotThere,
        Kernel,
        Cpusets,
        [
            "the cpuset of `{name}` names CPU {value}, which is not there",
            "name CPUs of this machine",
            "A cpuset of CPUs that the machine cannot have is refused with EINVAL; one of CPUs that are offline or withheld \
         would be honoured in part or not at all.",
            "kernel: update_cpumask in kernel/cgroup/cpuset.c; our promise: a cpuset is what was asked for",
        ],
    ),
    rule(
        "E0408",
        Kind::LlcMissing,
        Promise,
        Cpusets,
        [
            "the cpuset of `{name}` is LLC {value}, but there are {limit}",
            "use an LLC of this machine, counted from 0",
            EMPTY,
            SHARE,
        ],
    ),
    rule(
        "E0409",
        Kind::NumaMissing,
        Promise,
        Cpusets,
        [
            "the cpuset of `{name}` is NUMA node {value}, but there are {limit}",
            "use a node of this machine, counted from 0",
            EMPTY,
            SHARE,
        ],
    ),
    rule(
        "E0410",
        Kind::CpusetOutsideParent,
        Promise,
        Cpusets,
        [
            "the cpuset of `{name}` names CPU {value}, which `{other}` above it does not have",
            "choose CPUs within those of `{other}`, or widen its cpuset before",
            "The kernel takes the value, but gives the cgroup only what its parent has too, or all of the parent's where that is nothing.",
            WITHIN,
        ],
    ),
    rule(
        "E0411",
        Kind::ChildLeftOutside,
        Promise,
        Cpusets,
        [
            "the new cpuset of `{name}` lacks CPU {value}, which `{other}` below it has",
            "change the cpuset of `{other}` first, or keep its CPUs",
            "The kernel takes the value, but the cgroup below then has less than its own cpuset says, or all of its parent's where that is nothing.",
            WITHIN,
        ],
    ),
    rule(
        "E0412",
        Kind::MemsEmpty,
        Promise,
        Cpusets,
        [
            "`cpuset_mems` of `{name}` names no memory node",
            "name at least one node, or leave it out for the parent's nodes",
            "An empty `cpuset.mems` does not mean no node: the kernel then gives the cgroup all nodes of its parent.",
            "kernel: Documentation/admin-guide/cgroup-v2.rst, cpuset.mems",
        ],
    ),
    rule(
        "E0413",
        Kind::MemsNotThere,
        Kernel,
        Cpusets,
        [
            "`cpuset_mems` of `{name}` names node {value}, which is not there",
            "name nodes of this machine",
            "The kernel refuses nodes without memory with EINVAL.",
            "kernel: update_nodemask in kernel/cgroup/cpuset.c",
        ],
    ),
    rule(
        "E0414",
        Kind::AffinityEmpty,
        Kernel,
        Cpusets,
        [
            "an affinity for no CPU in `{name}`",
            "ask for at least one CPU",
            "The kernel refuses an empty CPU mask with EINVAL.",
            "kernel: sched_setaffinity(2)",
        ],
    ),
    rule(
        "E0415",
        Kind::AffinityUnmet,
        Kernel,
        Cpusets,
        [
            "no CPU that the workers of `{name}` may use meets the affinity",
            "ask for CPUs of the cgroup's cpuset, or for another kind of affinity",
            "A mask without any CPU of the cpuset is refused with EINVAL; a pair of SMT siblings needs a core with two CPUs in the cpuset.",
            "kernel: sched_setaffinity(2)",
        ],
    ),
    rule(
        "E0416",
        Kind::MemPolicyOutside,
        Promise,
        Cpusets,
        [
            "a memory policy in `{name}` names node {value}, which its workers may not use",
            "name nodes of its `cpuset_mems` and of this machine, or use RELATIVE_NODES",
            "The kernel takes such nodes out of the policy without a word, and refuses the policy with EINVAL when none is left.",
            "kernel: mpol_set_nodemask in mm/mempolicy.c; our promise: nothing is silent",
        ],
    ),
];
