//! What is wrong with a file, of form or of meaning, as one kind of value: for people with the line and a
//! caret, for editors and CI as JSON. Finding it is the loader's and the core's work.

use crate::diagnose::error::FileError;
use crate::diagnose::flawed::Flawed;
use crate::load::loaded::Loaded;
use crate::notes::NoteEntry;
use crate::report::terminal::{harmless, harmless_json};
use ktstr_core::Invalid;
use serde::Serialize;

/// How much of a long line is shown around the place that is meant, in characters to each side.
const AROUND: usize = 60;

/// One thing that is wrong with a scenario file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The stable code, `T...` for the form and `E....` for the meaning; `ktstr explain` says more.
    pub code: &'static str,
    /// Line, from 1; 0 when the file as a whole is meant.
    pub line: u32,
    /// Column in characters, from 1; 0 when the file as a whole is meant.
    pub column: u32,
    /// What is wrong here.
    pub what: String,
    /// What to do about it, one sentence.
    pub cure: String,
    /// The part of the scenario, such as `steps[0].ops[2]`, where the meaning is wrong.
    pub site: Option<String>,
    /// The key of that part, where it is about one.
    pub key: Option<&'static str>,
}

impl Problem {
    /// An error of meaning, in a file that was read.
    pub fn of(invalid: &Invalid<'_>, loaded: &Loaded<'_>) -> Self {
        let place = loaded.place_of(invalid);
        Self {
            code: invalid.code(),
            line: place.line,
            column: place.column,
            what: invalid.what().as_str().to_owned(),
            cure: invalid.cure().as_str().to_owned(),
            site: Some(invalid.site.to_string()),
            key: invalid.keys().next(),
        }
    }

    /// What is wrong with the form of a file, and of what was found wrong with its meaning that which is
    /// wrong all the same; in the order of the places, with those of the file as a whole last.
    pub fn all_of(flawed: &Flawed<'_>, findings: &[Invalid<'_>]) -> Vec<Self> {
        let mut all: Vec<_> = flawed.errors.iter().map(Self::from).collect();
        if let Some(rest) = flawed.rest() {
            let stands = findings.iter().filter(|invalid| flawed.stands(invalid));
            all.extend(stands.map(|invalid| Self::of(invalid, rest)));
        }
        all.sort_by_key(|problem| (problem.line.wrapping_sub(1), problem.column));
        all
    }

    /// It in words, with the line of `text` that it is in and a caret under the place. `path` is what the
    /// file is called.
    pub fn shown(&self, path: &str, text: &str) -> String {
        let path = harmless(path);
        let (place, gap) = match self.line {
            0 => (String::new(), " "),
            line => (format!("{line}:{}: ", self.column), ""),
        };
        let site = self.site.as_ref().map(|site| format!(" ({site})")).unwrap_or_default();
        let mut shown = format!(
            "{path}:{gap}{place}[{}] {}; {}{site}",
            self.code,
            harmless(&self.what),
            harmless(&self.cure)
        );
        if let Some(line) = (self.line as usize).checked_sub(1).and_then(|line| text.lines().nth(line)) {
            shown.push_str(&pointed_at(line, self.line, self.column));
        }
        shown
    }
}

/// What checking one file came to; `ktstr check --format json` gives a list of these.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileCheck {
    /// What the file is called.
    pub file: String,
    /// Whether nothing is wrong with it.
    pub valid: bool,
    /// What there is to say of a good file, or why a file could not be looked at.
    pub note: String,
    /// All that is wrong, in the order of the places.
    pub problems: Vec<Problem>,
    /// What a good file says that has no effect or cannot be missed.
    pub notes: Vec<NoteEntry>,
}

impl FileCheck {
    /// Several of them, as JSON that is safe on a terminal.
    pub fn to_json(checks: &[Self]) -> String {
        let json = serde_json::to_string_pretty(checks).unwrap_or_default();
        format!("{}\n", harmless_json(json))
    }
}

impl From<&FileError> for Problem {
    fn from(error: &FileError) -> Self {
        Self {
            code: error.code.code(),
            line: error.line,
            column: error.column,
            what: error.message.clone(),
            cure: error.cure.clone(),
            site: None,
            key: None,
        }
    }
}

/// A line of a file with its number, and a caret below one of its characters.
fn pointed_at(line: &str, number: u32, column: u32) -> String {
    let column = (column as usize).saturating_sub(1);
    let start = column.saturating_sub(AROUND);
    let (before, after) = (if start > 0 { "…" } else { "" }, column + AROUND);
    // One column each, so that the caret is below what is meant.
    let plain = |character: char| if character.is_control() { ' ' } else { character };
    let cut: String = line.chars().skip(start).take(after - start).map(plain).collect();
    let more = if line.chars().count() > after { "…" } else { "" };
    let margin = number.to_string();
    let (blank, caret) = (" ".repeat(margin.len()), column - start + before.chars().count());
    format!("\n {margin} | {before}{}{more}\n {blank} | {}^", harmless(&cut), " ".repeat(caret))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caret_stands_below_what_is_meant() {
        let long = format!("{}x{}", "a".repeat(100), "b".repeat(100));
        let cut = format!("{}x{}", "a".repeat(60), "b".repeat(59));
        for (line, column, expected) in [
            ("cpuset = \"9\"", 10, "\n 7 | cpuset = \"9\"\n   |          ^".to_owned()),
            ("", 1, "\n 7 | \n   | ^".to_owned()),
            ("\tx = 1", 2, "\n 7 |  x = 1\n   |  ^".to_owned()),
            (&long, 101, format!("\n 7 | …{cut}…\n   |  {}^", " ".repeat(60))),
        ] {
            assert_eq!(pointed_at(line, 7, column), expected, "{line}");
        }
    }
}
