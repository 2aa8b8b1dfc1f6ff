//! Colour, and how much is said: what the options `--color`, `-q` and `-v` ask for. Colour is put on lines
//! that were made harmless before, by the word that they begin with; text without colour is the same text.

use crate::args::When;
use std::borrow::Cow;
use std::io::IsTerminal;
use std::sync::OnceLock;

static STYLE: OnceLock<Style> = OnceLock::new();

/// How it is said.
#[derive(Debug, Clone, Copy, Default)]
struct Style {
    colour: bool,
    quiet: bool,
    verbose: bool,
}

/// Takes what was asked for, once.
pub(crate) fn ask(color: Option<When>, quiet: bool, verbose: bool) {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let colour = match color.unwrap_or(When::Auto) {
        When::Always => true,
        When::Never => false,
        // https://no-color.org and https://bixense.com/clicolors: the first that is set decides.
        When::Auto if set("NO_COLOR") => false,
        When::Auto
            if set("CLICOLOR_FORCE") && std::env::var_os("CLICOLOR_FORCE").is_some_and(|v| v != "0") =>
        {
            true
        }
        When::Auto => {
            std::io::stdout().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
        }
    };
    let _ = STYLE.set(Style { colour, quiet, verbose });
}

fn style() -> Style {
    STYLE.get().copied().unwrap_or_default()
}

/// Whether only what does not pass is said.
pub(crate) fn is_quiet() -> bool {
    style().quiet
}

/// Whether all there is is said.
pub(crate) fn is_verbose() -> bool {
    style().verbose
}

/// The text with its verdicts in colour, where that is asked for.
pub(crate) fn painted(text: &str) -> Cow<'_, str> {
    if style().colour { Cow::Owned(paint(text)) } else { Cow::Borrowed(text) }
}

/// The words that lines begin with, each with its colour: green, yellow, red.
const WORDS: [(&str, &str); 12] = [
    ("PASS", "32"),
    ("SKIP", "33"),
    ("INCONCLUSIVE", "33"),
    ("ERROR", "33"),
    ("FAIL", "31"),
    ("INVALID", "31"),
    ("pass", "32"),
    ("skip", "33"),
    ("inconclusive", "33"),
    ("error", "31"),
    ("fail", "31"),
    ("note", "33"),
];

fn paint(text: &str) -> String {
    text.split_inclusive('\n').map(line).collect()
}

fn line(line: &str) -> String {
    let indent = line.len() - line.trim_start_matches(' ').len();
    let rest = &line[indent..];
    let word =
        WORDS.iter().find(|(word, _)| rest.strip_prefix(word).is_some_and(|rest| rest.starts_with("  ")));
    match word {
        Some((word, colour)) => {
            format!("{}\u{1b}[{colour}m{word}\u{1b}[0m{}", &line[..indent], &rest[word.len()..])
        }
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts_at_the_beginning_of_a_line_are_painted_and_nothing_else() {
        let text = "PASS  a\n      fail  max_gap\nthe word FAIL  here\nfailure  x\n\nPASS\n";
        let painted = paint(text);
        assert_eq!(
            painted,
            "\u{1b}[32mPASS\u{1b}[0m  a\n      \u{1b}[31mfail\u{1b}[0m  max_gap\nthe word FAIL  here\nfailure  x\n\nPASS\n"
        );
    }
}
