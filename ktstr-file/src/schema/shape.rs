//! What tables of a scenario or report file look like: their keys, the types of their values, their
//! documentation. The loader and the JSON Schema are both driven by these, so that neither knows a key that
//! the other does not.

use ktstr_core::NumberRange;

/// The type of a value.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    /// Any text.
    Text,
    /// `true` or `false`.
    Bool,
    /// A whole number in this range.
    Integer { min: i64, max: u64 },
    /// A number, with a fraction or without.
    Number,
    /// A number in this range.
    Within(NumberRange),
    /// A text of this form, by the name of its definition in [`FORMS`].
    Form(&'static str),
    /// One of these words.
    Word(&'static [&'static str]),
    /// One fixed word, which distinguishes the variants of a table.
    Tag(&'static str),
    /// A list.
    List(&'static Kind),
    /// A table.
    Table(&'static Shape),
    /// A table of one of several shapes.
    Variants(&'static Variants),
    /// One of these.
    Either(&'static [Kind]),
    /// An absent value that is written out, in reports.
    Null,
}

/// One key of a table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) required: bool,
    pub(crate) doc: &'static str,
    /// The numbers that validation lets pass, for the schema. The loader takes all of the kind, so that an
    /// error of meaning is shown as such.
    pub(crate) legal: Option<Range>,
}

/// Whole numbers from `least` to `most`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Range {
    pub(crate) least: u64,
    pub(crate) most: u64,
}

/// A table. Its keys stand in groups, because tables share some.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) name: &'static str,
    pub(crate) doc: &'static str,
    pub(crate) keys: &'static [&'static [Key]],
}

/// A table whose first key says which of several shapes it has.
pub(crate) struct Variants {
    pub(crate) name: &'static str,
    pub(crate) doc: &'static str,
    pub(crate) shapes: fn() -> &'static [Shape],
}

impl std::fmt::Debug for Variants {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// A text with rules of its own.
pub(crate) struct Form {
    pub(crate) name: &'static str,
    pub(crate) pattern: &'static str,
    pub(crate) doc: &'static str,
}

/// The forms of text that have rules.
pub(crate) const FORMS: [Form; 8] = [
    Form {
        name: "duration",
        pattern: r"^[0-9]+(\.[0-9]+)? ?(ns|us|µs|ms|s|min|h)$",
        doc: "A duration, as in \"1.5s\", \"250ms\", \"10us\".",
    },
    Form {
        name: "size",
        pattern: r"^[0-9]+(\.[0-9]+)? ?(B|[KMGTkmgt]|[KMGT]iB?)?$",
        doc: "A size in bytes; K, M, G and T are powers of 1024. As in \"64M\", \"1.5GiB\".",
    },
    Form {
        name: "list",
        pattern: r"^[0-9, \t{}-]*$",
        doc: "Numbers and ranges in the kernel's list format, as in \"0-3,5\".",
    },
    Form {
        name: "cpu_max",
        pattern: r"^(max|[0-9]+%|(max|[0-9.]+ ?(ns|us|µs|ms|s|min|h)) ?/ ?[0-9.]+ ?(ns|us|µs|ms|s|min|h))$",
        doc: "CPU time: \"max\", percent of one CPU as in \"150%\", or time and period as in \"5ms/20ms\".",
    },
    Form { name: "percent", pattern: r"^[0-9]+(\.[0-9]+)?%$", doc: "A share in percent, as in \"52%\"." },
    Form {
        name: "machine",
        pattern: r"^[0-9]+x[0-9]+x[0-9]+x[0-9]+$",
        doc: "NUMA nodes x LLCs of each x cores of each x threads of each, as in \"1x2x4x2\".",
    },
    Form {
        name: "instance",
        pattern: r"^\{\}$",
        doc: "\"{}\", the number of the cgroup among those of `each`.",
    },
    Form { name: "release", pattern: r"^[0-9]+\.[0-9]+$", doc: "A release of Linux, as in \"6.13\"." },
];

impl Key {
    pub(crate) const fn need(name: &'static str, kind: Kind, doc: &'static str) -> Self {
        Self { name, kind, required: true, doc, legal: None }
    }

    pub(crate) const fn may(name: &'static str, kind: Kind, doc: &'static str) -> Self {
        Self { name, kind, required: false, doc, legal: None }
    }

    pub(crate) const fn legal(mut self, range: Range) -> Self {
        self.legal = Some(range);
        self
    }
}

impl Shape {
    /// All keys, in order.
    pub(crate) fn all(&self) -> impl Iterator<Item = &'static Key> {
        self.keys.iter().flat_map(|group| group.iter())
    }
}

impl Kind {
    /// What the value has to be, as the end of a sentence: `a text`, `"max" or a size`.
    pub(crate) fn expected(&self) -> String {
        match self {
            Self::Text => "a text in quotes".to_owned(),
            Self::Bool => "true or false".to_owned(),
            Self::Integer { min, max } if *max >= u64::from(u32::MAX) => format!("a whole number from {min}"),
            Self::Integer { min, max } => format!("a whole number from {min} to {max}"),
            Self::Number => "a number".to_owned(),
            Self::Within(range) => format!("a number {}", range.text()),
            Self::Form(name) => expected_form(name).to_owned(),
            Self::Word(words) => one_of(words),
            Self::Tag(word) => format!("\"{word}\""),
            Self::List(item) => format!("a list, each item {}", item.expected()),
            Self::Table(shape) => {
                let keys: Vec<_> = shape.all().map(|key| key.name).collect();
                format!("a table {{ {} }}", keys.join(", "))
            }
            Self::Variants(variants) => {
                let first = (variants.shapes)().first().and_then(|shape| shape.all().next());
                let first = first.map_or("", |key| key.name);
                format!("a table {{ {first}, … }}")
            }
            Self::Either(kinds) => {
                let all: Vec<_> = kinds.iter().map(Self::expected).collect();
                all.join(" or ")
            }
            Self::Null => "nothing".to_owned(),
        }
    }
}

impl Kind {
    /// A value of this kind, as it is written; nothing where it would say less than the message does.
    pub(crate) fn example(&self) -> Option<String> {
        match self {
            Self::Text => Some("\"name\"".to_owned()),
            Self::Bool => Some("true".to_owned()),
            Self::Integer { min, max } => Some(u64::try_from(*min).unwrap_or(0).max(1).min(*max).to_string()),
            Self::Number | Self::Within(_) => Some("0.5".to_owned()),
            Self::Word(words) => words.first().map(|word| format!("\"{word}\"")),
            Self::Tag(word) => Some(format!("\"{word}\"")),
            Self::List(item) => item.example().map(|item| format!("[{item}]")),
            Self::Table(shape) => {
                let needed = shape.all().filter(|key| key.required);
                let keys: Option<Vec<_>> = needed
                    .map(|key| key.kind.example().map(|value| format!("{} = {value}", key.name)))
                    .collect();
                keys.filter(|keys| !keys.is_empty()).map(|keys| format!("{{ {} }}", keys.join(", ")))
            }
            Self::Either(kinds) => kinds.iter().find_map(Self::example),
            Self::Form(_) | Self::Variants(_) | Self::Null => None,
        }
    }
}

fn expected_form(name: &str) -> &'static str {
    match name {
        "duration" => "a duration in quotes as in \"1.5s\" or \"250ms\"",
        "size" => "a size in quotes as in \"64M\"",
        "percent" => "a share in percent in quotes as in \"52%\"",
        "list" => "a list in quotes as in \"0-3,5\"",
        "cpu_max" => "\"max\", a percentage as in \"150%\" or time and period as in \"5ms/20ms\"",
        "instance" => "\"{}\" beside `each`",
        "release" => "a release in quotes as in \"6.13\"",
        _ => "a text as in \"1x2x4x2\"",
    }
}

/// `"a", "b" or "c"`.
pub(crate) fn one_of(words: &[&str]) -> String {
    let quoted: Vec<_> = words.iter().map(|word| format!("\"{word}\"")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        Some((last, _)) => last.clone(),
        None => "no word at all".to_owned(),
    }
}
