//! Operations that would do nothing.

use super::Class::{Kernel, Promise};
use super::ErrorKind as Kind;
use super::{Family::Ops, Rule, rule};

const WHY: &str = "An operation without effect is most likely meant for another cgroup or another moment.";
const SOURCE: &str = "our promise: nothing is silent";

pub(super) const RULES: [Rule; 23] = [
    rule(
        "E0901",
        Kind::ClearNothing,
        Promise,
        Ops,
        ["`{name}` has no cpuset of its own to clear", "give it one before, or leave this out", WHY, SOURCE],
    ),
    rule(
        "E0902",
        Kind::SwapSelf,
        Promise,
        Ops,
        ["`{name}` exchanges its cpuset with itself", "name two different cgroups", WHY, SOURCE],
    ),
    rule(
        "E0903",
        Kind::SwapNothing,
        Promise,
        Ops,
        [
            "`{name}` has no cpuset of its own to exchange",
            "give it one before",
            "With one side missing the exchange would be half an exchange, or a clearing in disguise.",
            SOURCE,
        ],
    ),
    rule(
        "E0904",
        Kind::StopNothing,
        Promise,
        Ops,
        [
            "nothing runs in `{name}` that could be stopped",
            "start workers or a payload in it before, or leave this out",
            WHY,
            SOURCE,
        ],
    ),
    rule(
        "E0905",
        Kind::AffinityNothing,
        Promise,
        Ops,
        [
            "`{name}` holds no workers whose affinity could be set",
            "start or move workers there before, or leave this out",
            WHY,
            SOURCE,
        ],
    ),
    rule(
        "E0906",
        Kind::MoveSelf,
        Promise,
        Ops,
        ["the tasks of `{name}` are moved to where they are", "name two different cgroups", WHY, SOURCE],
    ),
    rule(
        "E0907",
        Kind::MoveNothing,
        Promise,
        Ops,
        [
            "`{name}` holds no workers that could be moved",
            "start workers there before, or leave this out; payloads are never moved",
            WHY,
            SOURCE,
        ],
    ),
    rule(
        "E0908",
        Kind::MoveToRunner,
        Promise,
        Ops,
        [
            "the tasks of `{name}` are moved out of the run",
            "move them to a cgroup of the scenario",
            "The runner's own cgroup is outside the run. Workers there would escape every limit of the scenario.",
            "our promise: a run touches nothing outside its own cgroup",
        ],
    ),
    rule(
        "E0909",
        Kind::FreezeTwice,
        Promise,
        Ops,
        ["`{name}` is frozen already", "unfreeze it before, or leave this out", WHY, SOURCE],
    ),
    rule(
        "E0910",
        Kind::UnfreezeNothing,
        Promise,
        Ops,
        [
            "`{name}` is not frozen itself",
            "freeze it before, or unfreeze the cgroup above it that is frozen",
            WHY,
            SOURCE,
        ],
    ),
    rule(
        "E0911",
        Kind::CaptureTag,
        Promise,
        Ops,
        [
            "a record of the processes of `{name}` without a tag, or with control characters in it",
            "give it a printable tag",
            "The report knows a record by its tag.",
            "our promise: a report says what was run",
        ],
    ),
    rule(
        "E0912",
        Kind::IrqCpu,
        Kernel,
        Ops,
        [
            "an interrupt is steered to CPU {value}, which is not there",
            "name a CPU of this machine",
            "The kernel refuses a mask without an online CPU with EINVAL.",
            "kernel: Documentation/core-api/irq/irq-affinity.rst",
        ],
    ),
    rule(
        "E0913",
        Kind::LimitsNothing,
        Promise,
        Ops,
        [
            "nothing is said of the control files of `{name}`",
            "say what to set, as in cpu_weight = 300",
            WHY,
            SOURCE,
        ],
    ),
    rule(
        "E0914",
        Kind::ExpectFile,
        Kernel,
        Ops,
        [
            "no file is called `{name}` here",
            "name a control file of a cgroup, as in cgroup = \"pod\", file = \"memory.events\", or without a cgroup a path \
             below /proc or /sys",
            "Control files are files of one directory; a path would lead to another cgroup, or out of all of them.",
            "our promise: a run touches nothing outside its own cgroup",
        ],
    ),
    rule(
        "E0915",
        Kind::ExpectNothing,
        Promise,
        Ops,
        [
            "what is expected of `{name}` can never fail, or never hold",
            "say `equals`, `contains`, `min`, `max` or `change`, with a lowest value that is not above the highest",
            "An expectation that cannot fail shows nothing.",
            "our promise: a verdict never flatters",
        ],
    ),
    rule(
        "E0916",
        Kind::FailsInParts,
        Promise,
        Ops,
        [
            "`{name}` cannot be expected to fail",
            "expect it of an operation that is one call, such as add_cgroup, set_limits, spawn or remove_cgroup",
            "It is several calls to the kernel, and where one of them fails the others are done.",
            "our promise: nothing half-done stays behind",
        ],
    ),
    rule(
        "E0917",
        Kind::FailsOtherwise,
        Kernel,
        Ops,
        [
            "`{name}` fails with {other} here, and with another error it has to",
            "say fails = \"{other}\", or break another rule",
            "Of what validation itself refuses it is known what the kernel says.",
            "kernel: the source of each rule says where",
        ],
    ),
    rule(
        "E0918",
        Kind::KillNothing,
        Promise,
        Ops,
        [
            "nothing runs in `{name}` or below it that could be killed",
            "start workers or a payload there before, or leave this out",
            WHY,
            SOURCE,
        ],
    ),
    rule(
        "E0919",
        Kind::FileOwned,
        Promise,
        Ops,
        [
            "`{name}` is not a file for write_file",
            "use {other}",
            "What it holds is kept account of: who runs where, what is frozen, how many tasks there may be. What was \
             written past that would make later operations fail, or be judged wrongly.",
            "our promise: what is accepted runs as it says",
        ],
    ),
    rule(
        "E0920",
        Kind::FileText,
        Promise,
        Ops,
        [
            "the text for `{name}` is empty, has a NUL in it, or is longer than 4096 bytes",
            "write a text that the kernel takes as a whole",
            "Without text nothing is written, and the kernel reads no further than a NUL or a page.",
            SOURCE,
        ],
    ),
    rule(
        "E0921",
        Kind::ReclaimNothing,
        Promise,
        Ops,
        ["no memory of `{name}` is to be reclaimed", "say how much, as in bytes = \"1M\"", WHY, SOURCE],
    ),
    rule(
        "E0922",
        Kind::NoWorkers,
        Promise,
        Ops,
        [
            "`{name}` holds no workers that could be scheduled otherwise",
            "start or move workers there before, or leave this out",
            WHY,
            SOURCE,
        ],
    ),
    rule(
        "E0923",
        Kind::PolicyDeadline,
        Promise,
        Ops,
        [
            "workers of `{name}` that run are given a deadline",
            "give it to them when they are started, as in spawn with sched_policy",
            "Whether a deadline can be met is judged where workers start: in which cgroup, on which CPUs, beside which \
             others.",
            "our promise: what is accepted runs as it says",
        ],
    ),
];
