//! Values as TOML writes them.

use ktstr_core::terminal::acts;
use std::fmt::Write as _;

/// A text in quotes.
pub(crate) fn text(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            // All of them are of the basic plane, so that four digits are enough.
            acting if acts(acting) => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(acting));
            }
            plain => quoted.push(plain),
        }
    }
    quoted.push('"');
    quoted
}

/// A list of texts.
pub(crate) fn texts(items: &[&str]) -> String {
    let quoted: Vec<_> = items.iter().map(|item| text(item)).collect();
    format!("[{}]", quoted.join(", "))
}

/// A number with a fraction, so that it reads as one.
pub(crate) fn number(number: f64) -> String {
    if number.is_nan() {
        "nan".to_owned()
    } else if number.is_infinite() {
        if number > 0.0 { "inf".to_owned() } else { "-inf".to_owned() }
    } else {
        format!("{number:?}")
    }
}

/// The keys of a table with their values.
#[derive(Default)]
pub(crate) struct Table {
    entries: Vec<(&'static str, String)>,
}

impl Table {
    pub(crate) fn set(&mut self, key: &'static str, value: impl Into<String>) {
        self.entries.push((key, value.into()));
    }

    pub(crate) fn set_some(&mut self, key: &'static str, value: Option<impl Into<String>>) {
        if let Some(value) = value {
            self.set(key, value);
        }
    }

    pub(crate) fn set_flag(&mut self, key: &'static str, flag: bool) {
        if flag {
            self.set(key, "true");
        }
    }

    pub(crate) fn append(&mut self, other: Self) {
        self.entries.extend(other.entries);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// `{ a = 1, b = 2 }`
    pub(crate) fn inline(&self) -> String {
        let pairs: Vec<_> = self.entries.iter().map(|(key, value)| format!("{key} = {value}")).collect();
        if pairs.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", pairs.join(", ")) }
    }

    /// One line for each key.
    pub(crate) fn lines(&self) -> String {
        self.entries.iter().map(|(key, value)| format!("{key} = {value}\n")).collect()
    }
}

/// A list with one item on each line.
pub(crate) fn long_list(items: &[String]) -> String {
    let lines: String = items.iter().map(|item| format!("  {item},\n")).collect();
    format!("[\n{lines}]")
}
