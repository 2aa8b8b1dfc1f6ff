//! Groups of workers.

use super::Class::{Kernel, Promise};
use super::ErrorKind as Kind;
use super::{Family::Works, Rule, rule};

const GROUPS: &str = "our promise: every group that is declared works";
const POLICY: &str = "kernel: set_mempolicy(2)";

pub(super) const RULES: [Rule; 20] = [
    rule(
        "E0701",
        Kind::WorkersZero,
        Promise,
        Works,
        [
            "a group of 0 workers in `{name}`",
            "use at least 1 worker; a definition that is to have none says `workers = 0` and nothing else of workers",
            "A group without workers measures nothing, and every check of it would be empty. What else is said of its workers would \
             be ignored.",
            GROUPS,
        ],
    ),
    rule(
        "E0702",
        Kind::WorkersTooMany,
        Promise,
        Works,
        [
            "a group of {value} workers in `{name}`",
            "use at most {limit} workers in a group, or several groups",
            "Backends hold the counters of a group in one piece of fixed size.",
            GROUPS,
        ],
    ),
    rule(
        "E0703",
        Kind::WorkersTwice,
        Promise,
        Works,
        [
            "`workers` and `workers_pct` for one group in `{name}`",
            "keep one of the two",
            "Only one of the two could be followed, and the other would be ignored.",
            "our promise: nothing is silent",
        ],
    ),
    rule(
        "E0704",
        Kind::WorkersShare,
        Promise,
        Works,
        [
            "{value} workers for each CPU in `{name}`",
            "use a finite number above 0",
            "A share that is no number or not above 0 makes no workers.",
            GROUPS,
        ],
    ),
    rule(
        "E0705",
        Kind::ShareWithoutCpuset,
        Promise,
        Works,
        [
            "`workers_pct` in `{name}`, which has no cpuset of its own or above it",
            "give it a cpuset, or say how many with `workers`",
            "A share of CPUs needs a set of CPUs; without one it would make no workers.",
            GROUPS,
        ],
    ),
    rule(
        "E0706",
        Kind::ShareInRunner,
        Promise,
        Works,
        [
            "`workers_pct` in the runner's own cgroup",
            "say how many with `workers`",
            "The runner's own cgroup is outside the run, and its CPUs are none that the scenario sets.",
            GROUPS,
        ],
    ),
    rule(
        "E0707",
        Kind::GroupSize,
        Promise,
        Works,
        [
            "{value} workers in `{name}` for a work type that works in groups of {limit}",
            "use a multiple of {limit}",
            "A worker without its partners would wait for them for ever and do no work.",
            GROUPS,
        ],
    ),
    rule(
        "E0708",
        Kind::WorkArguments,
        Promise,
        Works,
        [
            "`{field}` of the work type `{other}` in `{name}` is {value}",
            "make it {range}",
            "A loop with such arguments does no work, or never comes to an end of one iteration.",
            GROUPS,
        ],
    ),
    rule(
        "E0709",
        Kind::Priority,
        Kernel,
        Works,
        [
            "a real-time priority of {value} in `{name}`",
            "use a priority from 1 to {limit}",
            "The kernel refuses other priorities for SCHED_FIFO and SCHED_RR with EINVAL.",
            "kernel: sched_setscheduler(2)",
        ],
    ),
    rule(
        "E0710",
        Kind::Deadline,
        Kernel,
        Works,
        [
            "SCHED_DEADLINE in `{name}` with a runtime of {value} and a deadline of {limit}",
            "use 1024 ns <= runtime <= deadline <= period, and a period from 100 us to 4194304 us",
            "The kernel refuses other parameters with EINVAL.",
            "kernel: sched_setattr(2); __checkparam_dl in kernel/sched/deadline.c",
        ],
    ),
    rule(
        "E0711",
        Kind::Nice,
        Promise,
        Works,
        [
            "a nice value of {value} in `{name}`",
            "use a nice value from -20 to 19",
            "The kernel clamps other values without a word.",
            "kernel: setpriority(2)",
        ],
    ),
    rule(
        "E0712",
        Kind::Comm,
        Promise,
        Works,
        [
            "the task name `{other}` in `{name}` has {value} bytes or a NUL byte",
            "use 1 to {limit} bytes without NUL",
            "The kernel cuts a longer name without a word, so that tools would not find the worker under it.",
            "kernel: prctl(2), PR_SET_NAME",
        ],
    ),
    rule(
        "E0713",
        Kind::MemPolicyEmpty,
        Kernel,
        Works,
        [
            "a memory policy in `{name}` that names no node from 0 to 63",
            "name at least one node",
            "The kernel refuses such a policy without nodes with EINVAL.",
            POLICY,
        ],
    ),
    rule(
        "E0714",
        Kind::MemPolicyFlags,
        Kernel,
        Works,
        [
            "STATIC_NODES and RELATIVE_NODES together in `{name}`",
            "keep one of the two flags",
            "Node ids are either absolute or relative to the cpuset; the kernel refuses both at once with EINVAL.",
            POLICY,
        ],
    ),
    rule(
        "E0715",
        Kind::MemPolicyBalancing,
        Kernel,
        Works,
        [
            "NUMA_BALANCING without a `Bind` policy in `{name}`",
            "use it with `Bind`, or leave it out",
            "The kernel knows this flag for MPOL_BIND and refuses it with EINVAL elsewhere.",
            POLICY,
        ],
    ),
    rule(
        "E0716",
        Kind::MemPolicyFlagsUnused,
        Promise,
        Works,
        [
            "STATIC_NODES or RELATIVE_NODES in `{name}` with a memory policy that names no nodes",
            "leave the flag out, or name nodes",
            "The flag says how node ids are meant. The kernel refuses it with MPOL_LOCAL and ignores it with MPOL_DEFAULT.",
            POLICY,
        ],
    ),
    rule(
        "E0717",
        Kind::UserInvalid,
        Promise,
        Works,
        [
            "user or group id {value} in `{name}`",
            "use an id below {limit}",
            "This id is -1 to the kernel, which means: leave it as it is. The workers would keep the runner's own.",
            "kernel: setresuid(2), setresgid(2)",
        ],
    ),
    rule(
        "E0718",
        Kind::DeadlineNarrow,
        Kernel,
        Works,
        [
            "workers under SCHED_DEADLINE in `{name}` may use {value} of {limit} CPUs",
            "leave the affinity out, and give their cgroup all CPUs; or use another policy",
            "A deadline is promised for a root domain, so the kernel refuses such a task that may not use all CPUs of it: EPERM \
             when it asks for the policy, EBUSY when it is to lose CPUs later.",
            "kernel: sched_setattr(2); Documentation/scheduler/sched-deadline.rst, 5.1",
        ],
    ),
    rule(
        "E0719",
        Kind::DeadlineAdmission,
        Kernel,
        Works,
        [
            "with `{name}`, workers under SCHED_DEADLINE ask for {value} CPUs where {limit} are to be had",
            "ask for less runtime in each period, or for fewer workers at the same time",
            "The kernel refuses with EBUSY what it could not keep: of each CPU, deadlines get 95 % less the 5 % of the fair \
             server.",
            "kernel: Documentation/scheduler/sched-deadline.rst, 3 and 4; fair server: Linux 6.12",
        ],
    ),
    rule(
        "E0720",
        Kind::DeadlineCgroups,
        Promise,
        Works,
        [
            "`{name}` would be one more than {limit} cgroups with workers under SCHED_DEADLINE at the same time",
            "put more such workers into fewer cgroups",
            "What all of them ask for is added up before the run, in room for so many.",
            "ktstr: validation keeps its books in lent storage",
        ],
    ),
];
