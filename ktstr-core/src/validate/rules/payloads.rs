//! Payloads.

use super::Class::{Kernel, Promise};
use super::ErrorKind as Kind;
use super::{Family::Payloads, Rule, rule};

const JUDGED: &str = "our promise: a check can fail and can pass";

pub(super) const RULES: [Rule; 12] = [
    rule(
        "E0801",
        Kind::PayloadName,
        Promise,
        Payloads,
        [
            "a payload without a name, or with control characters in it: `{name}`",
            "give it a printable name",
            "Operations and reports know a payload by its name.",
            "our promise: a report says what was run",
        ],
    ),
    rule(
        "E0802",
        Kind::PayloadBinary,
        Kernel,
        Payloads,
        [
            "the payload `{name}` has no program, or a NUL byte in it",
            "name the program, as a path or as looked up in PATH",
            "There is nothing to execute.",
            "kernel: execve(2), ENOENT",
        ],
    ),
    rule(
        "E0803",
        Kind::PayloadArgument,
        Kernel,
        Payloads,
        [
            "argument {value} of the payload `{name}` holds a NUL byte",
            "leave the NUL byte out",
            "An argument ends at its first NUL byte, so that the program can never be given this one.",
            "kernel: execve(2)",
        ],
    ),
    rule(
        "E0804",
        Kind::PayloadFile,
        Kernel,
        Payloads,
        [
            "file {value} that the payload `{name}` includes has no name, or a NUL byte in it",
            "name a file of the host",
            "There is no such file to take along.",
            "kernel: open(2), ENOENT",
        ],
    ),
    rule(
        "E0805",
        Kind::PayloadUnknown,
        Kernel,
        Payloads,
        [
            "no payload `{name}` was started there",
            "start it before, or correct name and cgroup",
            "There is no process to wait for or to end.",
            "our promise: nothing is silent",
        ],
    ),
    rule(
        "E0806",
        Kind::PayloadOver,
        Kernel,
        Payloads,
        [
            "the payload `{name}` has ended already",
            "wait for it or kill it once; start it again to use it again",
            "A wait, a kill, the removal or stop of its cgroup and the end of its step each end a payload. After that there is nothing to wait for.",
            "our promise: nothing is silent",
        ],
    ),
    rule(
        "E0807",
        Kind::PayloadAmbiguous,
        Promise,
        Payloads,
        [
            "{value} payloads of the name `{name}` are running",
            "say in which cgroup, with the `_in_cgroup` form",
            "Which of them is meant would be a guess.",
            "our promise: nothing is silent",
        ],
    ),
    rule(
        "E0808",
        Kind::PayloadDuplicate,
        Kernel,
        Payloads,
        [
            "a payload `{name}` is running there already",
            "wait for it or kill it before, run it in another cgroup, or give one of the two another name",
            "Two of one name in one cgroup could not be kept apart, neither by operations nor in the report.",
            "our promise: names collide loudly",
        ],
    ),
    rule(
        "E0809",
        Kind::PayloadBound,
        Promise,
        Payloads,
        [
            "the bounds of a check of `{other}` in the payload `{name}` can hold no number",
            "use finite bounds, the lower one first",
            "Such a check fails whatever was measured.",
            JUDGED,
        ],
    ),
    rule(
        "E0810",
        Kind::PayloadMetric,
        Promise,
        Payloads,
        [
            "a check or hint {value} of the payload `{name}` names no metric",
            "name the metric by its dotted path",
            "No number in any output has an empty path.",
            JUDGED,
        ],
    ),
    rule(
        "E0811",
        Kind::PayloadOutput,
        Promise,
        Payloads,
        [
            "the payload `{name}` checks the metric `{other}`, but its output is not read",
            "set its output to Json",
            "Metrics are read from the output only where the payload says that there are any; without it the check fails whatever was measured.",
            JUDGED,
        ],
    ),
    rule(
        "E0812",
        Kind::PayloadExitCode,
        Promise,
        Payloads,
        [
            "the payload `{name}` is to exit with {value}, which no program can",
            "use a code from 0 to {limit}, or `signal` for a death by a signal",
            "The kernel keeps 8 bits of what a program exits with, so this check could never pass.",
            JUDGED,
        ],
    ),
];
