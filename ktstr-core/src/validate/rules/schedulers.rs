//! Schedulers.

use super::Class::{Kernel, Promise};
use super::ErrorKind as Kind;
use super::{Family::Schedulers, Rule, rule};

pub(super) const RULES: [Rule; 10] = [
    rule(
        "E1101",
        Kind::SchedulerName,
        Promise,
        Schedulers,
        [
            "a scheduler without a name, or with control characters in it: `{name}`",
            "give it a printable name",
            "Operations and reports know a scheduler by its name.",
            "our promise: a report says what was run",
        ],
    ),
    rule(
        "E1102",
        Kind::SchedulerBinary,
        Kernel,
        Schedulers,
        [
            "the scheduler `{name}` has no program, or a NUL byte in it",
            "name the program, as a path or as looked up in PATH",
            "There is nothing to execute.",
            "kernel: execve(2), ENOENT",
        ],
    ),
    rule(
        "E1103",
        Kind::SchedulerArgument,
        Kernel,
        Schedulers,
        [
            "argument {value} of the scheduler `{name}` holds a NUL byte",
            "leave the NUL byte out",
            "An argument ends at its first NUL byte, so that the program can never be given this one.",
            "kernel: execve(2)",
        ],
    ),
    rule(
        "E1104",
        Kind::SchedulerPlaceholder,
        Kernel,
        Schedulers,
        [
            "argument {value} of the scheduler `{name}` names the cgroup `{other}`, which the Backdrop does not make",
            "name a cgroup of the Backdrop, or `/` for the run's own cgroup",
            "A scheduler is given paths as it starts; only those of the Backdrop are there for as long as it is.",
            "our promise: nothing is silent",
        ],
    ),
    rule(
        "E1105",
        Kind::SchedulerVariable,
        Kernel,
        Schedulers,
        [
            "variable {value} of the scheduler `{name}` is not name=value, or holds a NUL byte",
            "write it as name=value, without a NUL byte",
            "The environment is a list of name=value, each of which ends at its first NUL byte.",
            "kernel: execve(2), environ(7)",
        ],
    ),
    rule(
        "E1106",
        Kind::SchedulerFile,
        Kernel,
        Schedulers,
        [
            "file {value} that the scheduler `{name}` includes has no name, or a NUL byte in it",
            "name a file of the host",
            "There is no such file to take along.",
            "kernel: open(2), ENOENT",
        ],
    ),
    rule(
        "E1107",
        Kind::SchedulerReady,
        Kernel,
        Schedulers,
        [
            "the scheduler `{name}` has no time to get ready",
            "give it a `ready` above zero; 60 s where not said",
            "Loading a scheduler takes a second or more, so that one without time is never ready.",
            "our promise: nothing is silent",
        ],
    ),
    rule(
        "E1108",
        Kind::SchedulerAttached,
        Kernel,
        Schedulers,
        [
            "the scheduler `{name}` is attached while `{other}` is",
            "detach that before, or use replace_scheduler",
            "The kernel has one sched_ext scheduler at a time and refuses a second with EBUSY.",
            "kernel: Documentation/scheduler/sched-ext.rst",
        ],
    ),
    rule(
        "E1109",
        Kind::SchedulerNone,
        Kernel,
        Schedulers,
        [
            "no scheduler is attached here",
            "attach one before, in the Backdrop or by attach_scheduler",
            "There is no scheduler to detach, to replace or to restart.",
            "our promise: nothing is silent",
        ],
    ),
    rule(
        "E1110",
        Kind::SchedulerItself,
        Promise,
        Schedulers,
        [
            "the scheduler `{name}` is replaced by itself",
            "name another, or use restart_scheduler",
            "A scheduler is known by its name; whether another or the same was meant would be a guess.",
            "our promise: nothing is silent",
        ],
    ),
];
