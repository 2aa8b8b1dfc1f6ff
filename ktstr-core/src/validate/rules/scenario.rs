//! The scenario as a whole.

use super::Class::Promise;
use super::ErrorKind as Kind;
use super::{Family::Scenario, Rule, rule};

pub(super) const RULES: [Rule; 15] = [
    rule(
        "E1001",
        Kind::ScenarioName,
        Promise,
        Scenario,
        [
            "the scenario's name `{name}` is empty, longer than {limit} bytes, or holds control characters",
            "give it a name of 1 to {limit} printable bytes",
            "Reports, and the cgroup of the run, are named after the scenario.",
            "our promise: a report says what was run",
        ],
    ),
    rule(
        "E1002",
        Kind::ScenarioDuration,
        Promise,
        Scenario,
        [
            "a duration of {value}",
            "use a duration above zero and at most {limit}",
            "Steps share the duration out, so nothing can be held without one. Times are counted in nanoseconds in 64 bits.",
            "our promise: a hold is never cut",
        ],
    ),
    rule(
        "E1003",
        Kind::ScenarioWorkers,
        Promise,
        Scenario,
        [
            "{value} workers for each group that does not say",
            "use 1 to {limit} workers",
            "Every group of workers has at least one, and backends hold at most 1,024 in a group.",
            "our promise: every group that is declared works",
        ],
    ),
    rule(
        "E1004",
        Kind::ScenarioTopology,
        Promise,
        Scenario,
        [
            "a topology of {value} CPUs that cannot be built",
            "make every number at least 1, with at most 64 nodes and {limit} CPUs",
            "A backend that builds a machine would have to build another one than asked for.",
            "our promise: what runs is what was asked for",
        ],
    ),
    rule(
        "E1005",
        Kind::CheckBound,
        Promise,
        Scenario,
        [
            "the bound {value} of the check `{name}` is no number {other}",
            "use a number {other}",
            "A check against such a bound passes or fails whatever was measured.",
            "our promise: a check can fail and can pass",
        ],
    ),
    rule(
        "E1006",
        Kind::StorageTooSmall,
        Promise,
        Scenario,
        [
            "the scenario does not fit the storage lent for validating it, {value} slots",
            "lend more with `validate`; `slots_needed` says how many",
            "Validation does not allocate. What it could not look at is not declared valid.",
            "our promise: a verdict is about the whole scenario",
        ],
    ),
    rule(
        "E1007",
        Kind::NotPermitted,
        Promise,
        Scenario,
        [
            "{name} cannot be permitted",
            "remove it from `permit`, and mend what the rule refuses",
            "What the kernel refuses goes wrong whatever is permitted, and names, holds and the scenario as a whole are what every \
             run goes by. Only other promises can be given up.",
            "our promise: nothing is silent",
        ],
    ),
    rule(
        "E1008",
        Kind::NeedsTooMuch,
        Promise,
        Scenario,
        [
            "the scenario needs {value} `{name}`",
            "need at most {limit}",
            "No backend holds more, so that the scenario would be skipped everywhere.",
            "our promise: a scenario that is accepted can be run somewhere",
        ],
    ),
    rule(
        "E1009",
        Kind::StepName,
        Promise,
        Scenario,
        [
            "the step's name `{name}` is empty, longer than {limit} bytes, or holds control characters",
            "give it a name of 1 to {limit} printable bytes, or none",
            "Reports and comparisons name the phase of a run after its step.",
            "our promise: a report says what was run",
        ],
    ),
    rule(
        "E1010",
        Kind::StepNameTwice,
        Promise,
        Scenario,
        [
            "a step before this one is called `{name}`",
            "give each step a name of its own, or none",
            "Of two phases with one name a report and a comparison could mean either.",
            "our promise: a report says what was run",
        ],
    ),
    rule(
        "E1011",
        Kind::CompareUnknown,
        Promise,
        Scenario,
        [
            "a comparison names the cgroup `{name}`, which is never made",
            "name a cgroup of the scenario that has workers",
            "What nobody did cannot be compared.",
            "our promise: a check can fail and can pass",
        ],
    ),
    rule(
        "E1012",
        Kind::CompareStep,
        Promise,
        Scenario,
        [
            "a comparison names the step `{name}`, and no step is called so",
            "give the step that is meant this name, or name another",
            "Steps are compared by their names.",
            "our promise: a check can fail and can pass",
        ],
    ),
    rule(
        "E1013",
        Kind::CompareNothing,
        Promise,
        Scenario,
        [
            "a comparison holds `{name}` against itself",
            "compare it with another cgroup, or with itself in another step",
            "The ratio is 1 whatever was measured.",
            "our promise: a check can fail and can pass",
        ],
    ),
    rule(
        "E1014",
        Kind::CompareBound,
        Promise,
        Scenario,
        [
            "the number {value} of a comparison of `{name}` is none {other}",
            "use a number {other}",
            "A comparison with such a bound passes or fails whatever was measured.",
            "our promise: a check can fail and can pass",
        ],
    ),
    rule(
        "E1015",
        Kind::CompareTooMany,
        Promise,
        Scenario,
        [
            "{value} comparisons",
            "use at most {limit}",
            "A run keeps what each comes to without allocating.",
            "our promise: a run needs no more room than it is lent",
        ],
    ),
];
