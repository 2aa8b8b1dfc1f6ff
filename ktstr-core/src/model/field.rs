//! The fields that rows of tables have, such as the arguments of a work type or an operation: their key, what
//! they hold, in which range, and what they are for. Readers, writers, schema, documentation and generators
//! go by these. What a field means for the row that has it is not known here.

use crate::base::rng::mix;
use core::time::Duration;

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// A length of time, from `least` to `most`.
    Time {
        /// The shortest.
        least: Duration,
        /// The longest.
        most: Duration,
    },
    /// A whole number, from `least` to `most`.
    Count {
        /// The lowest.
        least: u64,
        /// The highest.
        most: u64,
    },
    /// A number, with a fraction or without.
    Number,
    /// Yes or no.
    Flag,
    /// One of some words.
    Word {
        /// The Rust type that has a variant for each.
        of: &'static str,
        /// The words, in the order of the variants.
        words: &'static [&'static str],
    },
    /// Any text.
    Text,
    /// A list of texts.
    Texts,
    /// The path of a cgroup that has to be there.
    Cgroup,
    /// The path of a cgroup that is made.
    NewCgroup,
    /// A cgroup, or the runner's own.
    Placement,
    /// CPUs, said with or without knowing the machine.
    Cpuset,
    /// Which CPUs workers ask for.
    Affinity,
    /// A group of workers.
    Work,
    /// A cgroup with its limits and its workers.
    Def,
    /// What control files are set to.
    Limits,
    /// What a file is expected to say.
    FileCheck,
    /// A payload that is defined.
    Payload,
    /// The name of a payload that runs.
    PayloadName,
    /// A scheduler that is defined.
    Scheduler,
    /// What the report calls a record.
    Tag,
    /// A number of bytes.
    Bytes,
    /// A nice value.
    Nice,
    /// A scheduling policy.
    Policy,
}

impl FieldKind {
    /// Any length of time.
    pub const TIME: Self = Self::Time { least: Duration::ZERO, most: Duration::MAX };
    /// Any whole number of 32 bits.
    pub const COUNT: Self = Self::Count { least: 0, most: u32::MAX as u64 };

    /// The ends of its range, where it has one.
    pub const fn ends(&self) -> Option<[FieldValue; 2]> {
        match *self {
            Self::Time { least, most } => Some([FieldValue::Time(least), FieldValue::Time(most)]),
            Self::Count { least, most } => Some([FieldValue::Count(least), FieldValue::Count(most)]),
            Self::Number
            | Self::Flag
            | Self::Word { .. }
            | Self::Text
            | Self::Texts
            | Self::Cgroup
            | Self::NewCgroup
            | Self::Placement
            | Self::Cpuset
            | Self::Affinity
            | Self::Work
            | Self::Def
            | Self::Limits
            | Self::FileCheck
            | Self::Payload
            | Self::PayloadName
            | Self::Scheduler
            | Self::Tag
            | Self::Bytes
            | Self::Nice
            | Self::Policy => None,
        }
    }

    /// Whether it has several keys of its own in scenario files, and none that names it.
    pub const fn has_own_keys(&self) -> bool {
        match *self {
            Self::Work | Self::Def | Self::Limits | Self::FileCheck => true,
            Self::Time { .. }
            | Self::Count { .. }
            | Self::Number
            | Self::Flag
            | Self::Word { .. }
            | Self::Text
            | Self::Texts
            | Self::Cgroup
            | Self::NewCgroup
            | Self::Placement
            | Self::Cpuset
            | Self::Affinity
            | Self::Payload
            | Self::PayloadName
            | Self::Scheduler
            | Self::Tag
            | Self::Bytes
            | Self::Nice
            | Self::Policy => false,
        }
    }

    /// Whether it names a cgroup, there or made.
    pub const fn names_a_cgroup(&self) -> bool {
        matches!(self, Self::Cgroup | Self::NewCgroup | Self::Placement)
    }

    /// Whether a plain value is of this kind and in its range.
    pub const fn admits(&self, value: FieldValue) -> bool {
        match (*self, value) {
            (Self::Time { least, most }, FieldValue::Time(time)) => {
                least.as_nanos() <= time.as_nanos() && time.as_nanos() <= most.as_nanos()
            }
            (Self::Count { least, most }, FieldValue::Count(count)) => least <= count && count <= most,
            (Self::Flag, FieldValue::Flag(_)) => true,
            (Self::Word { words, .. }, FieldValue::Word(index)) => index < words.len(),
            _ => false,
        }
    }

    /// A plain value in the range of this kind, drawn by a random number: for 0 the usual one, else now and
    /// then that or an end of the range, mostly one between, where small ones are as likely as large ones.
    /// `None` where values are not plain.
    pub const fn draw(&self, random: u64, usual: FieldValue) -> Option<FieldValue> {
        let other = mix(random);
        Some(match (*self, usual) {
            (Self::Time { least, most }, FieldValue::Time(usual)) => match random % 8 {
                0 | 1 => FieldValue::Time(clamp(usual, least, most)),
                2 => FieldValue::Time(least),
                3 => FieldValue::Time(most),
                _ => {
                    let drawn = Duration::from_nanos(other >> (other % 64));
                    FieldValue::Time(clamp(least.saturating_add(drawn), least, most))
                }
            },
            (Self::Count { least, most }, FieldValue::Count(usual)) => FieldValue::Count(match random % 8 {
                0 | 1 if usual < least => least,
                0 | 1 if usual > most => most,
                0 | 1 => usual,
                2 => least,
                3 => most,
                _ => {
                    let span = most.saturating_sub(least);
                    let drawn = other >> (other % 64);
                    if drawn <= span { least + drawn } else { least + drawn % span.saturating_add(1) }
                }
            }),
            (Self::Flag, FieldValue::Flag(usual)) => FieldValue::Flag(usual ^ (random % 2 == 1)),
            (Self::Word { words, .. }, FieldValue::Word(usual)) if !words.is_empty() => {
                FieldValue::Word((usual + random as usize % words.len()) % words.len())
            }
            _ => return None,
        })
    }
}

const fn clamp(time: Duration, least: Duration, most: Duration) -> Duration {
    if time.as_nanos() < least.as_nanos() {
        least
    } else if time.as_nanos() > most.as_nanos() {
        most
    } else {
        time
    }
}

/// A plain value of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldValue {
    /// A length of time.
    Time(Duration),
    /// A whole number.
    Count(u64),
    /// Yes or no.
    Flag(bool),
    /// A word, by its index in the words of its kind.
    Word(usize),
}

/// One field of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldInfo {
    /// Its key in scenario files.
    pub key: &'static str,
    /// What it holds.
    pub kind: FieldKind,
    /// What it is for, as a sentence or two.
    pub doc: &'static str,
    /// Whether it has to be given.
    pub required: bool,
    /// What it is where it is not given, if that is a plain value.
    pub usual: Option<FieldValue>,
}

impl FieldInfo {
    /// A field that has to be given.
    pub const fn need(key: &'static str, kind: FieldKind, doc: &'static str) -> Self {
        Self { key, kind, doc, required: true, usual: None }
    }

    /// A field that may be left out.
    pub const fn may(key: &'static str, kind: FieldKind, doc: &'static str) -> Self {
        Self { key, kind, doc, required: false, usual: None }
    }

    /// The same field with this value where it is not given.
    #[must_use]
    pub const fn usually(mut self, value: FieldValue) -> Self {
        self.usual = Some(value);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_inclusive_and_kinds_do_not_mix() {
        let count = FieldKind::Count { least: 1, most: 3 };
        let (least, most) = (Duration::from_nanos(1), Duration::from_secs(1));
        let time = FieldKind::Time { least, most };
        let word = FieldKind::Word { of: "A", words: &["a"] };
        for (kind, value, admitted) in [
            (count, FieldValue::Count(0), false),
            (count, FieldValue::Count(1), true),
            (count, FieldValue::Count(3), true),
            (count, FieldValue::Count(4), false),
            (count, FieldValue::Flag(true), false),
            (time, FieldValue::Time(Duration::ZERO), false),
            (time, FieldValue::Time(least), true),
            (time, FieldValue::Time(most), true),
            (time, FieldValue::Time(most + least), false),
            (FieldKind::Flag, FieldValue::Flag(false), true),
            (word, FieldValue::Word(0), true),
            (word, FieldValue::Word(1), false),
            (FieldKind::Text, FieldValue::Word(0), false),
        ] {
            assert_eq!(kind.admits(value), admitted, "{kind:?} {value:?}");
        }
    }

    #[test]
    fn what_is_drawn_is_in_range_and_covers_it() {
        let counts = (FieldKind::Count { least: 3, most: 9 }, FieldValue::Count(5));
        let wide = (FieldKind::Count { least: 0, most: u64::MAX }, FieldValue::Count(5));
        let times = (FieldKind::TIME, FieldValue::Time(Duration::from_millis(5)));
        let words = (FieldKind::Word { of: "A", words: &["a", "b", "c"] }, FieldValue::Word(2));
        for (kind, usual) in [counts, wide, times, words, (FieldKind::Flag, FieldValue::Flag(true))] {
            assert_eq!(kind.draw(0, usual), Some(usual));
            for random in 0..1000 {
                let drawn = kind.draw(random, usual).expect("a plain value");
                assert!(kind.admits(drawn), "{kind:?} {random}: {drawn:?}");
            }
        }
        for count in 3..=9 {
            let drawn =
                (0..1000).any(|random| counts.0.draw(random, counts.1) == Some(FieldValue::Count(count)));
            assert!(drawn, "{count} is never drawn");
        }
        assert_eq!(FieldKind::Text.draw(1, FieldValue::Count(0)), None);
    }
}
