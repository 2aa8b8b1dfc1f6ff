//! The end of what a payload wrote, in parts that fit into an [`Outcome`](crate::execute::outcome::Outcome).
//! Here bytes are cut and made text. Keeping them is a backend's work; what control characters do is that of
//! whoever shows them.

use serde::{Deserialize, Serialize};

/// How long the text of one part is at most, in bytes: an outcome with it is no larger than one with a
/// worker's report.
pub const PART: usize = 200;
/// How many parts of a stream are reported at most.
pub const PARTS: u32 = 5;
/// How long the text of a stream is at most, in bytes. Each part may lack up to three, where the next
/// character did not fit.
pub const LAST_WORDS: usize = PARTS as usize * (PART - 3);

const _: () = assert!(size_of::<OutputPart>() < size_of::<crate::report::worker_report::WorkerReport>());

/// One of the streams that a payload writes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stream {
    /// Its standard output.
    Stdout,
    /// Its standard error.
    Stderr,
}

impl Stream {
    /// Its short name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
        }
    }
}

/// A part of the end of a stream. The parts of one stream, one after the other, are its last words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputPart {
    /// The text; what was not UTF-8 is replaced by U+FFFD. Control characters stand as they were written.
    pub text: heapless::String<PART, u8>,
    /// Whether the payload wrote something before the first part. Only the first says so.
    pub cut: bool,
    /// Whether another part follows.
    pub more: bool,
}

impl OutputPart {
    /// What there is to tell of a stream to which nothing was written.
    pub const EMPTY: Self = Self { text: heapless::String::new(), cut: false, more: false };

    /// Part `number`, from 0, of the last words of a stream that ends with `kept`. `lost` is whether
    /// something was written before `kept`. A number past the last part gives [`EMPTY`](Self::EMPTY).
    pub fn of(kept: &[u8], lost: bool, number: u32) -> Self {
        let lost = lost || kept.len() > LAST_WORDS;
        let end = &kept[kept.len().saturating_sub(LAST_WORDS)..];
        let end = if lost { without_torn_start(end) } else { end };
        let length: usize = characters(end).map(char::len_utf8).sum();
        let mut excess = length.saturating_sub(LAST_WORDS);
        let mut part = Self { cut: number == 0 && (lost || excess > 0), ..Self::EMPTY };
        let (mut at, mut used) = (0, 0);
        for character in characters(end) {
            let length = character.len_utf8();
            if excess > 0 {
                excess = excess.saturating_sub(length);
                continue;
            }
            if used + length > PART {
                (at, used) = (at + 1, 0);
            }
            used += length;
            if at > number {
                part.more = true;
                break;
            }
            if at == number {
                let pushed = part.text.push(character);
                debug_assert!(pushed.is_ok(), "room was checked before");
            }
        }
        part
    }
}

/// Bytes that were cut somewhere, from the next character on.
fn without_torn_start(bytes: &[u8]) -> &[u8] {
    let torn = bytes.iter().take(3).take_while(|byte| *byte & 0xC0 == 0x80).count();
    &bytes[torn..]
}

fn characters(bytes: &[u8]) -> impl Iterator<Item = char> + '_ {
    bytes.utf8_chunks().flat_map(|chunk| {
        let broken = (!chunk.invalid().is_empty()).then_some(char::REPLACEMENT_CHARACTER);
        chunk.valid().chars().chain(broken)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    extern crate std;
    use std::string::String;
    use std::vec::Vec;

    /// The whole text, and whether something before it was cut.
    fn reported(kept: &[u8], lost: bool) -> (String, bool) {
        let first = OutputPart::of(kept, lost, 0);
        let (cut, mut more, mut text) = (first.cut, first.more, String::from(first.text.as_str()));
        let mut number = 0;
        while more {
            number += 1;
            assert!(number < PARTS, "more parts than there may be");
            let part = OutputPart::of(kept, lost, number);
            assert!(!part.cut && !part.text.is_empty(), "{part:?}");
            assert!(part.text.len() > PART - 4 || !part.more, "a part before the last is full: {part:?}");
            text.push_str(&part.text);
            more = part.more;
        }
        assert_eq!(OutputPart::of(kept, lost, number + 1), OutputPart::EMPTY);
        (text, cut)
    }

    #[test]
    fn what_fits_is_told_whole() {
        for text in ["", "x", "reason\n", "\u{1b}[31m\0", "ä…🦀", &"line\n".repeat(PART), &"…".repeat(300)]
        {
            let shorter = text.len() <= LAST_WORDS;
            let (reported, cut) = reported(text.as_bytes(), false);
            assert!(text.ends_with(&reported), "{reported:?}");
            assert_eq!((reported.len() == text.len(), cut), (shorter, !shorter), "{text:?}");
        }
        assert_eq!(reported(b"reason", true), (String::from("reason"), true));
    }

    #[test]
    fn what_does_not_fit_ends_with_the_last_words_between_characters() {
        for letter in ["a", "ä", "…", "🦀"] {
            for shift in 0..8 {
                let mut text = "x".repeat(shift);
                text.push_str(&letter.repeat(2 * LAST_WORDS));
                text.push_str(&"y".repeat(shift));
                let (reported, cut) = reported(text.as_bytes(), false);
                assert!(cut && text.ends_with(&reported), "{letter} {shift}");
                assert!(
                    reported.len() <= LAST_WORDS && reported.len() > LAST_WORDS - 4,
                    "{}",
                    reported.len()
                );
            }
        }
    }

    #[test]
    fn what_is_no_text_is_replaced_and_bounded() {
        assert_eq!(reported(b"a\xff\xfeb\xc3", false).0, "a\u{fffd}\u{fffd}b\u{fffd}");
        let binary: Vec<u8> = (0..=255).cycle().take(4 * LAST_WORDS).collect();
        for kept in [&binary[..], &[0xff; LAST_WORDS], &[0x80; LAST_WORDS + 1], &[0xf0; 2]] {
            let (reported, _) = reported(kept, false);
            assert!(reported.len() <= LAST_WORDS && !reported.is_empty());
            assert!(String::from_utf8_lossy(kept).ends_with(&reported));
        }
        assert_eq!(reported(b"\x80\x80rest", true).0, "rest", "the rest of a character is no character");
    }
}
