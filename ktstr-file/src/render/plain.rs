//! Plain values of fields as TOML, as Rust and in words, and the ranges of fields in words.

use crate::render::rust_values;
use crate::render::toml_text::text;
use crate::units::render_duration;
use ktstr_core::{FieldKind, FieldValue};
use std::time::Duration;

/// A value as TOML.
pub(crate) fn toml(kind: FieldKind, value: FieldValue) -> String {
    match value {
        FieldValue::Time(_) | FieldValue::Word(_) => text(&shown(kind, value)),
        FieldValue::Count(_) | FieldValue::Flag(_) => shown(kind, value),
    }
}

/// A value as a Rust expression.
pub(crate) fn rust(kind: FieldKind, value: FieldValue) -> String {
    match (kind, value) {
        (_, FieldValue::Time(time)) => rust_values::duration(time),
        (FieldKind::Word { of, .. }, FieldValue::Word(_)) => format!("{of}::{}", shown(kind, value)),
        (_, FieldValue::Word(_) | FieldValue::Count(_) | FieldValue::Flag(_)) => shown(kind, value),
    }
}

/// A value as it reads in a sentence.
pub(crate) fn shown(kind: FieldKind, value: FieldValue) -> String {
    match (kind, value) {
        (_, FieldValue::Time(time)) => render_duration(time),
        (_, FieldValue::Count(count)) => count.to_string(),
        (_, FieldValue::Flag(flag)) => flag.to_string(),
        (FieldKind::Word { words, .. }, FieldValue::Word(index)) => {
            words.get(index).copied().unwrap_or_default().to_owned()
        }
        (_, FieldValue::Word(index)) => index.to_string(),
    }
}

/// The range of a field in words, where there is more to it than its type says.
pub(crate) fn range(kind: FieldKind) -> Option<String> {
    let open = |least: String| format!("at least {least}");
    match kind {
        FieldKind::Time { least, most } if most == Duration::MAX => {
            (!least.is_zero()).then(|| open(render_duration(least)))
        }
        FieldKind::Time { least, most } => {
            Some(format!("{} to {}", render_duration(least), render_duration(most)))
        }
        FieldKind::Count { least, most } if most >= u64::from(u32::MAX) => {
            (least > 0).then(|| open(least.to_string()))
        }
        FieldKind::Count { least, most } => Some(format!("{least} to {most}")),
        FieldKind::Word { words, .. } => Some(words.join(" or ")),
        FieldKind::Number
        | FieldKind::Flag
        | FieldKind::Text
        | FieldKind::Texts
        | FieldKind::Cgroup
        | FieldKind::NewCgroup
        | FieldKind::Placement
        | FieldKind::Cpuset
        | FieldKind::Affinity
        | FieldKind::Work
        | FieldKind::Def
        | FieldKind::Limits
        | FieldKind::FileCheck
        | FieldKind::Payload
        | FieldKind::PayloadName
        | FieldKind::Scheduler
        | FieldKind::Tag
        | FieldKind::Bytes
        | FieldKind::Nice
        | FieldKind::Policy => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_values_and_ranges_read_as_people_write_them() {
        let word = FieldKind::Word { of: "Wire", words: &["Pipe", "Futex"] };
        let ms = Duration::from_millis;
        let short = FieldKind::Time { least: ms(1), most: ms(1000) };
        let some = FieldKind::Count { least: 2, most: 9 };
        let many = FieldKind::Count { least: 1, most: u64::from(u32::MAX) };
        let time = FieldValue::Time(ms(5));
        for (kind, value, in_toml, in_rust, in_range) in [
            (FieldKind::TIME, time, "\"5ms\"", "Duration::from_millis(5)", None),
            (short, time, "\"5ms\"", "Duration::from_millis(5)", Some("1ms to 1s")),
            (some, FieldValue::Count(3), "3", "3", Some("2 to 9")),
            (many, FieldValue::Count(3), "3", "3", Some("at least 1")),
            (FieldKind::Flag, FieldValue::Flag(true), "true", "true", None),
            (word, FieldValue::Word(1), "\"Futex\"", "Wire::Futex", Some("Pipe or Futex")),
        ] {
            assert_eq!((toml(kind, value), rust(kind, value)), (in_toml.to_owned(), in_rust.to_owned()));
            assert_eq!(range(kind).as_deref(), in_range, "{kind:?}");
        }
    }
}
