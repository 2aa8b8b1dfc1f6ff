//! The types that an argument of a work type can have, by name: `Duration`, `u32`, `bool`, or a type made by
//! `words!`. These macros give what a table needs of each in `const`, where methods of traits cannot be
//! called.

/// The kind of an argument: its type, the range of it, and the most that the other arguments leave it.
macro_rules! kind_of {
    (Duration, $range:expr) => {{
        let range = $range;
        FieldKind::Time { least: *range.start(), most: *range.end() }
    }};
    (u32, $range:expr) => {{
        let range = $range;
        FieldKind::Count { least: *range.start() as u64, most: *range.end() as u64 }
    }};
    (u32, $range:expr, $most:expr) => {{
        let (range, most): (_, u64) = ($range, $most);
        let end = *range.end() as u64;
        FieldKind::Count { least: *range.start() as u64, most: if most < end { most } else { end } }
    }};
    (bool) => {
        FieldKind::Flag
    };
    ($word:ident) => {
        FieldKind::Word { of: stringify!($word), words: $word::WORDS }
    };
}

/// The plain value of an argument.
macro_rules! value_of {
    (Duration, $value:expr) => {
        FieldValue::Time($value)
    };
    (u32, $value:expr) => {
        FieldValue::Count($value as u64)
    };
    (bool, $value:expr) => {
        FieldValue::Flag($value)
    };
    ($word:ident, $value:expr) => {
        FieldValue::Word($value as usize)
    };
}

/// An argument out of a plain value, if that is of its type.
macro_rules! argument_of {
    (Duration, $value:expr) => {
        if let FieldValue::Time(time) = $value { Some(time) } else { None }
    };
    (u32, $value:expr) => {
        match $value {
            FieldValue::Count(count) if count <= u32::MAX as u64 => Some(count as u32),
            _ => None,
        }
    };
    (bool, $value:expr) => {
        if let FieldValue::Flag(flag) = $value { Some(flag) } else { None }
    };
    ($word:ident, $value:expr) => {
        if let FieldValue::Word(index) = $value { $word::at(index) } else { None }
    };
}

/// An argument that is one of some words.
macro_rules! words {
    (
        $(#[doc = $doc:literal])+
        $vis:vis enum $words:ident { $( $(#[doc = $word_doc:literal])+ $word:ident ),+ $(,)? }
    ) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        $vis enum $words { $( $(#[doc = $word_doc])+ $word ),+ }

        impl $words {
            /// The words, in order.
            $vis const WORDS: &'static [&'static str] = &[$( stringify!($word) ),+];

            /// The one with this index.
            $vis const fn at(index: usize) -> Option<Self> {
                const ALL: &[$words] = &[$( $words::$word ),+];
                if index < ALL.len() { Some(ALL[index]) } else { None }
            }
        }
    };
}

pub(super) use {argument_of, kind_of, value_of, words};
