//! The tables of checks, made of the rows that the core has of them.

use crate::schema::shape::{Key, Kind, Shape};
use crate::schema::shapes::{DURATION, NICE, table};
use Kind::{Either, Number, Table, Text, Word};
use ktstr_core::{BoundKind, CheckInfo, CheckKind, RangeEnd, Signal};

/// A share, as a number or in percent.
pub(crate) const SHARE: Kind = Either(&[Number, Kind::Form("percent")]);

/// Both ends of a range, or one.
const RANGE: Kind = Either(&[Kind::List(&SHARE), Kind::Table(&RANGE_ENDS)]);

/// `{ min = …, max = … }`
pub(crate) const RANGE_ENDS: Shape = table(
    "range",
    "The ends of a range; one that is left out is open.",
    &[&[
        Key::may("min", SHARE, "The lowest that passes."),
        Key::may("max", SHARE, "The highest that passes."),
    ]],
);

/// How many keys of checks there are.
const SETTABLE: usize = {
    let (mut count, mut i) = (0, 0);
    while i < CheckKind::COUNT {
        count += key(CheckKind::ALL[i].info()).is_some() as usize;
        i += 1;
    }
    count
};

const fn key(info: &'static CheckInfo) -> Option<Key> {
    if let Some((key, end)) = info.range {
        return match end {
            RangeEnd::Min => Some(Key::may(key, RANGE, info.doc)),
            RangeEnd::Max => None, // its other end has the key
        };
    }
    let kind = match info.bound {
        BoundKind::Flag(_) => Kind::Bool,
        BoundKind::Time => DURATION,
        BoundKind::Number(range) => Kind::Within(range),
        BoundKind::Always(_) | BoundKind::OfPayload | BoundKind::OfScheduler => return None,
    };
    Some(Key::may(info.key, kind, info.doc))
}

const KEYS: [Key; SETTABLE] = {
    let mut keys = [Key::may("", Kind::Bool, ""); SETTABLE];
    let (mut filled, mut i) = (0, 0);
    while i < CheckKind::COUNT {
        if let Some(key) = key(CheckKind::ALL[i].info()) {
            keys[filled] = key;
            filled += 1;
        }
        i += 1;
    }
    keys
};

/// The names of all checks, as reports have them.
pub(crate) const CHECK_NAMES: &[&str] = &{
    let mut names = [""; CheckKind::COUNT];
    let mut i = 0;
    while i < CheckKind::COUNT {
        names[i] = CheckKind::ALL[i].name();
        i += 1;
    }
    names
};

/// `[checks]`
pub(crate) const CHECKS: Shape = table("checks", "What is expected of each group of workers.", &[&KEYS]);

/// A signal, by its name or, for those that have none, its number.
pub(crate) const SIGNAL: Kind =
    Either(&[Word(Signal::NAMES), Kind::Integer { min: 1, max: Signal::LAST as u64 }]);

/// An item of a payload's `checks`: an exit code, a signal, or a metric with both, one or neither bound.
pub(crate) const PAYLOAD_CHECK: Shape = table(
    "payload_check",
    "An expectation of a payload: { exit_code = 0 }, { signal = \"KILL\" }, or { metric = \"…\" } with min, max, both, or \
     neither (it exists).",
    &[&PAYLOAD_KEYS],
);

const PAYLOAD_KEYS: [Key; 5] = [
    Key::may("exit_code", NICE, CheckKind::ExitCode.info().doc),
    Key::may("signal", SIGNAL, CheckKind::Signal.info().doc),
    Key::may("metric", Text, "The metric's dotted path."),
    Key::may("min", Number, "The lowest value that passes."),
    Key::may("max", Number, "The highest value that passes."),
];

/// What a file is expected to say.
pub(crate) const FILE_CHECK: &[Key] = &[
    Key::need("file", Text, "The name of a control file, or a path below /proc or /sys."),
    Key::may(
        "key",
        Text,
        "Which of its values, as in \"oom_kill\", \"some.avg10\" or \"8:0.rbytes\"; all of the text where not said.",
    ),
    Key::may("equals", TEXT_OR_COUNT, "What the value is."),
    Key::may("contains", Text, "What is in the value."),
    Key::may("min", Number, "The lowest number that it may be; `max` is more than any."),
    Key::may("max", Number, "The highest number that it may be."),
    Key::may("change", Table(&CHANGE), "By how much it has changed since the step began."),
    Key::may("within", DURATION, "How long it may take until all of it holds; at once where not said."),
];

const TEXT_OR_COUNT: Kind = Either(&[Text, Kind::Integer { min: i64::MIN, max: i64::MAX as u64 }]);

/// The bounds of a change.
pub(crate) const CHANGE: Shape = table(
    "change",
    "By how much a value has changed: the least, the most, or both.",
    &[&[Key::may("min", Number, "The least."), Key::may("max", Number, "The most.")]],
);
