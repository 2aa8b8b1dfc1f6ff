//! What payloads that failed wrote last, for people: a few lines of each stream, on which the terminal does
//! nothing.

use super::terminal::harmless_line;
use super::text::{counted, ending, place};
use super::{LastWordsEntry, PayloadEntry, RunReport, StreamEntry};
use std::fmt::Write as _;

/// How many lines of each stream are shown; the JSON report has all that was read.
const LINES: usize = 10;
/// Of how many payloads that differ.
const PAYLOADS: usize = 5;

/// A block of lines for each payload that has last words, each block once; empty where none has.
pub(super) fn last_words(report: &RunReport) -> String {
    let mut blocks: Vec<(String, String, usize)> = Vec::new();
    for payload in &report.payloads {
        let Some(words) = &payload.last_words else { continue };
        let (head, lines) = block(payload, words);
        match blocks.iter_mut().find(|(known, said, _)| (known, said) == (&head, &lines)) {
            Some((_, _, times)) => *times += 1,
            None => blocks.push((head, lines, 1)),
        }
    }
    let mut out = String::new();
    for (head, lines, times) in blocks.iter().take(PAYLOADS) {
        let again = if *times > 1 { format!(" ({times} times)") } else { String::new() };
        let colon = if lines.is_empty() { "" } else { ":" };
        let _ = write!(out, "\n{head}{again}{colon}\n{lines}");
    }
    if let Some(more) = blocks.len().checked_sub(PAYLOADS).filter(|more| *more > 0) {
        let _ = writeln!(out, "\nthe last words of {more} more are in the JSON report");
    }
    out
}

fn block(payload: &PayloadEntry, words: &LastWordsEntry) -> (String, String) {
    let mut lines = stream("stdout", &words.stdout, payload.stdout_bytes);
    lines.push_str(&stream("stderr", &words.stderr, payload.stderr_bytes));
    let wrote = if lines.is_empty() { "wrote nothing" } else { "wrote last" };
    let head = format!("{} in {}, {}, {wrote}", payload.name, place(&payload.cgroup), ending(payload));
    (harmless_line(&head), lines)
}

fn stream(name: &str, entry: &StreamEntry, written: u64) -> String {
    if entry.text.is_empty() {
        let unread = format!("  {name}  {} that could not be read\n", counted(written, "byte", "bytes"));
        return if written == 0 { String::new() } else { unread };
    }
    let lines: Vec<_> = entry.text.lines().collect();
    let shown = &lines[lines.len().saturating_sub(LINES)..];
    let mut out = String::new();
    if entry.cut || shown.len() < lines.len() {
        let _ = writeln!(out, "  {name}  …");
    }
    for line in shown {
        let _ = writeln!(out, "{}", format!("  {name}  {}", harmless_line(line)).trim_end());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, cut: bool, written: u64) -> String {
        stream("stderr", &StreamEntry { text: text.to_owned(), cut }, written)
    }

    #[test]
    fn the_last_lines_are_shown_and_what_is_missing_is_said() {
        let many: String = (0..12).map(|line| format!("{line}\n")).collect();
        let last: String = (2..12).map(|line| format!("  stderr  {line}\n")).collect();
        for (text, cut, written, lines) in [
            ("", false, 0, String::new()),
            ("", false, 1234, "  stderr  1,234 bytes that could not be read\n".to_owned()),
            ("why", false, 3, "  stderr  why\n".to_owned()),
            ("a\r\n\nb\n", false, 6, "  stderr  a\n  stderr\n  stderr  b\n".to_owned()),
            ("rest\n", true, 5000, "  stderr  …\n  stderr  rest\n".to_owned()),
            (&many, false, 30, format!("  stderr  …\n{last}")),
        ] {
            assert_eq!(shown(text, cut, written), lines, "{text:?}");
        }
    }
}
