//! How long steps are held, and what loops may do.

use super::Class::{Kernel, Promise};
use super::ErrorKind as Kind;
use super::{Family::Holds, Rule, rule};

const BUDGET: &str = "our promise: a hold is never cut";

pub(super) const RULES: [Rule; 6] = [
    rule(
        "E0601",
        Kind::HoldFraction,
        Promise,
        Holds,
        [
            "a hold of {value} of the duration",
            "use a fraction above 0 and at most 1",
            "A fraction that is no number or not above 0 would be no hold at all, and one above 1 can never fit.",
            BUDGET,
        ],
    ),
    rule(
        "E0602",
        Kind::HoldOverBudget,
        Promise,
        Holds,
        [
            "a hold of {value}, but only {limit} of the duration is left",
            "shorten this hold or an earlier one, or lengthen the scenario's duration",
            "The holds of all steps share the scenario's duration out. Cutting one short would leave its step with less time than it says.",
            BUDGET,
        ],
    ),
    rule(
        "E0603",
        Kind::LoopZero,
        Promise,
        Holds,
        [
            "a loop without an interval",
            "give the loop an interval above zero",
            "Without a pause between rounds a loop would never use its time up.",
            BUDGET,
        ],
    ),
    rule(
        "E0604",
        Kind::LoopTooLong,
        Promise,
        Holds,
        [
            "a loop every {value}, but only {limit} of the duration is left",
            "choose a shorter interval, shorten an earlier hold, or lengthen the scenario's duration",
            "A loop's pause would be cut, and the loop would be no loop.",
            BUDGET,
        ],
    ),
    rule(
        "E0605",
        Kind::StepAfterEnd,
        Promise,
        Holds,
        [
            "a step after one that lasts to the end of the duration",
            "move the step before it, or hold the earlier step for a part of the duration",
            "A FULL hold and a loop use up all that is left; nothing remains for a step after them.",
            BUDGET,
        ],
    ),
    rule(
        "E0606",
        Kind::CannotRepeat,
        Kernel,
        Holds,
        [
            "this operation cannot repeat in a loop: in a later round {cause}",
            "undo it within the same round, or move it to a step of its own before",
            "A looping step carries its operations out again and again, each round on what the round before has left.",
            "the rule that the later round breaks; its class is that rule's",
        ],
    ),
];
