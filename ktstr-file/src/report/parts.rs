//! How an entry of a report that is one of several kinds is written: the type, its JSON and its schema come
//! from one definition.

use crate::schema::shape::Kind;

/// A type of a value, as the schema says it and as people read it.
pub(super) trait Described {
    const KIND: Kind;

    fn shown(&self) -> String;
}

impl Described for String {
    const KIND: Kind = Kind::Text;

    fn shown(&self) -> String {
        self.clone()
    }
}

impl Described for bool {
    const KIND: Kind = Kind::Bool;

    fn shown(&self) -> String {
        self.to_string()
    }
}

impl Described for u32 {
    const KIND: Kind = Kind::Integer { min: 0, max: u32::MAX as u64 };

    fn shown(&self) -> String {
        self.to_string()
    }
}

impl Described for u64 {
    const KIND: Kind = Kind::Integer { min: 0, max: u64::MAX };

    fn shown(&self) -> String {
        self.to_string()
    }
}

impl Described for i32 {
    const KIND: Kind = Kind::Integer { min: i32::MIN as i64, max: i32::MAX as u64 };

    fn shown(&self) -> String {
        self.to_string()
    }
}

impl Described for f64 {
    const KIND: Kind = Kind::Number;

    fn shown(&self) -> String {
        self.to_string()
    }
}

impl<T: Described> Described for Option<T> {
    const KIND: Kind = Kind::Either(&[T::KIND, Kind::Null]);

    fn shown(&self) -> String {
        self.as_ref().map_or_else(|| "none".to_owned(), T::shown)
    }
}

/// Makes an enum of kinds, each with its parts, and the `Variants` of its schema. The name of the kind is the
/// key `kind` in JSON. One that is `shown` is displayed as one line: the kind, and each part by its name.
macro_rules! parts {
    (
        $(#[doc = $doc:literal])+
        $(#[derive($($derive:ident),+)])?
        pub enum $name:ident as $shapes:ident($word:literal) shown {
            $(
                #[doc = $vdoc:literal]
                $variant:ident $tag:literal { $( #[doc = $fdoc:literal] $field:ident: $type:ty, )* }
            )+
        }
    ) => {
        $crate::report::parts::parts! {
            $(#[doc = $doc])+
            $(#[derive($($derive),+)])?
            pub enum $name as $shapes($word) {
                $(
                    #[doc = $vdoc]
                    $variant $tag { $( #[doc = $fdoc] $field: $type, )* }
                )+
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let (kind, parts): (&str, Vec<(&str, String)>) = match self {
                    $( Self::$variant { $($field),* } => (
                        $tag,
                        vec![$( (stringify!($field), $crate::report::parts::Described::shown($field)) ),*],
                    ), )+
                };
                f.write_str(&kind.replace('_', " "))?;
                for (number, (name, value)) in parts.iter().enumerate() {
                    write!(f, "{} {name} {value}", if number == 0 { ":" } else { "," })?;
                }
                Ok(())
            }
        }
    };
    (
        $(#[doc = $doc:literal])+
        $(#[derive($($derive:ident),+)])?
        pub enum $name:ident as $shapes:ident($word:literal) {
            $(
                #[doc = $vdoc:literal]
                $variant:ident $tag:literal { $( #[doc = $fdoc:literal] $field:ident: $type:ty, )* }
            )+
        }
    ) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        $(#[derive($($derive),+)])?
        #[serde(tag = "kind", deny_unknown_fields)]
        pub enum $name {
            $(
                #[doc = $vdoc]
                #[serde(rename = $tag)]
                $variant { $( #[doc = $fdoc] $field: $type, )* },
            )+
        }

        pub(super) const $shapes: crate::schema::shape::Variants = crate::schema::shape::Variants {
            name: $word,
            doc: concat!($($doc),+),
            shapes: || {
                use crate::report::parts::Described;
                use crate::schema::shape::{Key, Kind, Shape};
                const SHAPES: &[Shape] = &[$(
                    Shape {
                        name: $tag,
                        doc: $vdoc,
                        keys: &[&[
                            Key::need("kind", Kind::Tag($tag), "What kind it is."),
                            $( Key::need(stringify!($field), <$type as Described>::KIND, $fdoc), )*
                        ]],
                    },
                )+];
                SHAPES
            },
        };
    };
}

/// Makes a table whose keys are all there, and the `Shape` of its schema.
macro_rules! fields {
    (
        $(#[doc = $doc:literal])+
        $(#[derive($($derive:ident),+)])?
        pub struct $name:ident as $shape:ident($word:literal) {
            $( #[doc = $fdoc:literal] pub $field:ident: $type:ty, )*
        }
    ) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
        $(#[derive($($derive),+)])?
        pub struct $name {
            $( #[doc = $fdoc] pub $field: $type, )*
        }

        pub(super) const $shape: crate::schema::shape::Shape = {
            use crate::report::parts::Described;
            use crate::schema::shape::{Key, Shape};
            const KEYS: &[&[Key]] =
                &[&[$( Key::need(stringify!($field), <$type as Described>::KIND, $fdoc), )*]];
            Shape { name: $word, doc: concat!($($doc),+), keys: KEYS }
        };
    };
}

pub(super) use {fields, parts};
