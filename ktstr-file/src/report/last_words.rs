//! What payloads that failed wrote last: as text for the report, and for people a few lines of each stream,
//! on which the terminal does nothing.

use super::terminal::harmless_line;
use super::text::{counted, ending, place};
use super::{LastWordsEntry, PayloadEntry, RunReport, StreamEntry};
use ktstr_core::LAST_WORDS;
use std::fmt::Write as _;

/// How many lines of each stream are shown; the JSON report has all that was read.
const LINES: usize = 10;
/// Of how many payloads that differ.
const PAYLOADS: usize = 5;

/// The end of a stream, while it comes in pieces.
#[derive(Debug, Default)]
pub(super) struct Words {
    bytes: Vec<u8>,
    cut: bool,
}

impl Words {
    /// Takes the next bytes, before which so many are missing. What is before a gap is not the end.
    pub(super) fn add(&mut self, missing: u64, bytes: &[u8]) {
        if missing > 0 {
            self.bytes.clear();
            self.cut = true;
        }
        self.bytes.extend_from_slice(bytes);
        let excess = self.bytes.len().saturating_sub(LAST_WORDS);
        self.cut |= excess > 0;
        self.bytes.drain(..excess);
    }

    /// The end of the stream as text, of whole characters only.
    pub(super) fn take(&mut self) -> StreamEntry {
        let Self { bytes, mut cut } = std::mem::take(self);
        let torn = bytes.iter().take(3).take_while(|byte| *byte & 0xC0 == 0x80).count();
        let mut text = String::from_utf8_lossy(&bytes[if cut { torn } else { 0 }..]).into_owned();
        // A byte that is no text takes three.
        let excess = text.len().saturating_sub(LAST_WORDS);
        let start = (excess..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        cut |= start > 0;
        text.drain(..start);
        StreamEntry { text, cut }
    }
}

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

    /// What becomes of bytes before which so many are missing, in whatever pieces they come.
    fn heard(missing: u64, kept: &[u8]) -> (String, bool) {
        let mut words = Words::default();
        words.add(missing, kept);
        let StreamEntry { text, cut } = words.take();
        for size in [1, 2, 3, 7, LAST_WORDS] {
            let mut pieces = kept.chunks(size);
            words.add(missing, pieces.next().unwrap_or_default());
            pieces.for_each(|piece| words.add(0, piece));
            assert_eq!(words.take(), StreamEntry { text: text.clone(), cut }, "pieces of {size}");
        }
        (text, cut)
    }

    #[test]
    fn what_fits_is_text_as_a_whole() {
        for text in ["", "x", "reason\n", "\u{1b}[31m\0", "ä…🦀", &"…".repeat(LAST_WORDS / 3)] {
            assert_eq!(heard(0, text.as_bytes()), (text.to_owned(), false));
        }
        assert_eq!(heard(9, b"reason"), ("reason".to_owned(), true));
        let mut words = Words::default();
        words.add(0, b"the beginning");
        words.add(1, b"the end");
        assert_eq!(words.take(), StreamEntry { text: "the end".to_owned(), cut: true });
    }

    #[test]
    fn what_does_not_fit_begins_between_characters() {
        for letter in ["a", "ä", "…", "🦀"] {
            for shift in 0..8 {
                let text = format!("{0}{1}{0}", "x".repeat(shift), letter.repeat(2 * LAST_WORDS));
                let (end, cut) = heard(0, text.as_bytes());
                assert!(cut && text.ends_with(&end), "{letter} {shift}");
                assert!((LAST_WORDS - 3..=LAST_WORDS).contains(&end.len()), "{}", end.len());
            }
        }
    }

    #[test]
    fn what_is_no_text_is_replaced_and_bounded() {
        assert_eq!(heard(0, b"a\xff\xfeb\xc3").0, "a\u{fffd}\u{fffd}b\u{fffd}");
        let binary: Vec<u8> = (0..=255).cycle().take(4 * LAST_WORDS).collect();
        for kept in [&binary[..], &[0xff; LAST_WORDS], &[0x80; LAST_WORDS + 1], &[0xf0; 2]] {
            let (end, _) = heard(0, kept);
            assert!(end.len() <= LAST_WORDS && !end.is_empty());
            assert!(String::from_utf8_lossy(kept).ends_with(&end));
        }
        assert_eq!(heard(9, b"\x80\x80rest").0, "rest", "the rest of a character is no character");
    }

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
