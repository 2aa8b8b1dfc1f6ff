//! Values that control files take.

use super::Class::{Kernel, Promise};
use super::ErrorKind as Kind;
use super::{Family::Limits, Rule, rule};

pub(super) const RULES: [Rule; 8] = [
    rule(
        "E0501",
        Kind::CpuWeight,
        Kernel,
        Limits,
        [
            "a CPU weight of {value} for `{name}`",
            "use a weight from 1 to {limit}",
            "The kernel refuses other values of `cpu.weight` with ERANGE.",
            "kernel: Documentation/admin-guide/cgroup-v2.rst, cpu.weight",
        ],
    ),
    rule(
        "E0502",
        Kind::CpuQuota,
        Kernel,
        Limits,
        [
            "a CPU quota of {value} us for `{name}`",
            "use a quota from 1000 to {limit} us",
            "The kernel refuses a quota below 1 ms, or of 2^44 us and more, with EINVAL.",
            "kernel: tg_set_cfs_bandwidth in kernel/sched/core.c",
        ],
    ),
    rule(
        "E0503",
        Kind::CpuPeriod,
        Kernel,
        Limits,
        [
            "a CPU period of {value} us for `{name}`",
            "use a period from 1000 to {limit} us",
            "The kernel refuses a period below 1 ms or above 1 s with EINVAL.",
            "kernel: tg_set_cfs_bandwidth in kernel/sched/core.c",
        ],
    ),
    rule(
        "E0504",
        Kind::MemoryTooLarge,
        Promise,
        Limits,
        [
            "a `{other}` of {value} bytes for `{name}`",
            "use at most {limit} bytes, or the unlimited form",
            "The kernel counts pages and takes every larger value as no limit, without a word.",
            "kernel: PAGE_COUNTER_MAX in include/linux/page_counter.h",
        ],
    ),
    rule(
        "E0505",
        Kind::MemoryTooSmall,
        Kernel,
        Limits,
        [
            "a `memory.max` of {value} bytes for `{name}`",
            "leave its tasks at least one page, {limit} bytes",
            "The kernel rounds the limit down to whole pages. With none, every worker is killed for want of memory as soon as it starts.",
            "kernel: page_counter_memparse in mm/page_counter.c",
        ],
    ),
    rule(
        "E0506",
        Kind::IoWeight,
        Kernel,
        Limits,
        [
            "an I/O weight of {value} for `{name}`",
            "use a weight from 1 to {limit}",
            "The kernel refuses other values of `io.weight` with EINVAL.",
            "kernel: ioc_weight_write in block/blk-iocost.c",
        ],
    ),
    rule(
        "E0507",
        Kind::PidsRange,
        Kernel,
        Limits,
        [
            "a `pids.max` of {value} for `{name}`",
            "use at most {limit}, or the unlimited form",
            "The kernel refuses more tasks than there can be process ids with EINVAL.",
            "kernel: pids_max_write in kernel/cgroup/pids.c, PID_MAX_LIMIT",
        ],
    ),
    rule(
        "E0508",
        Kind::PidsTooFew,
        Kernel,
        Limits,
        [
            "`{name}` would hold {value} tasks, but its `pids.max` is {limit}",
            "raise `pids.max` or start fewer",
            "A task beyond the limit is not created: clone fails with EAGAIN. The limit counts the cgroups below as well.",
            "kernel: Documentation/admin-guide/cgroup-v2.rst, pids.max",
        ],
    ),
];
