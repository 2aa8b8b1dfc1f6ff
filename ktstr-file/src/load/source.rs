//! A file's bytes as text, and places in it. Opening files is the caller's work.

use crate::diagnose::error::{Code, FileError};

/// The most bytes a scenario file may have.
pub const MAX_BYTES: usize = 8 << 20;

/// A place in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// The text in a file's bytes.
///
/// # Errors
/// [`Code::TooLarge`], and [`Code::NotText`] at the first byte that is not UTF-8.
pub fn text(bytes: &[u8]) -> Result<&str, FileError> {
    check_size(bytes.len())?;
    str::from_utf8(bytes).map_err(|error| {
        let good = str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default();
        not_text(good, good.len(), "the file is not text: this byte is not UTF-8")
    })
}

pub(crate) fn check_size(bytes: usize) -> Result<(), FileError> {
    if bytes <= MAX_BYTES {
        return Ok(());
    }
    Err(FileError::whole(
        Code::TooLarge,
        format!("the file has {bytes} bytes, a scenario file has at most {MAX_BYTES}"),
    ))
}

/// Refuses control characters, which TOML has no place for; the parser would complain about each of them.
pub(crate) fn check_controls(text: &str) -> Result<(), FileError> {
    let control = |byte: &u8| (*byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r')) || *byte == 0x7F;
    match text.as_bytes().iter().position(control) {
        None => Ok(()),
        Some(at) => {
            let byte = text.as_bytes()[at];
            Err(not_text(text, at, &format!("the file is not text: control character 0x{byte:02X}")))
        }
    }
}

fn not_text(text: &str, at: usize, message: &str) -> FileError {
    let place = Lines::of(text).place(at);
    FileError { line: place.line, column: place.column, ..FileError::whole(Code::NotText, message) }
}

/// Where the lines of a text start.
#[derive(Debug, Clone)]
pub(crate) struct Lines<'s> {
    text: &'s str,
    starts: Vec<usize>,
}

impl<'s> Lines<'s> {
    pub(crate) fn of(text: &'s str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Self { text, starts: std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect() }
    }

    /// The place of the byte at `at`; the end of the text for what is beyond it.
    pub(crate) fn place(&self, at: usize) -> Place {
        let at = at.min(self.text.len());
        let line = self.starts.partition_point(|&start| start <= at);
        let before = self.text.get(self.starts[line - 1]..at).unwrap_or_default();
        Place { line: line as u32, column: before.chars().count() as u32 + 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_lines_and_characters_from_one() {
        let lines = Lines::of("ab\nöx\n");
        for (at, line, column) in [(0, 1, 1), (2, 1, 3), (3, 2, 1), (5, 2, 2), (7, 3, 1), (99, 3, 1)] {
            assert_eq!(lines.place(at), Place { line, column }, "byte {at}");
        }
    }

    #[test]
    fn what_is_no_text_is_refused_at_its_place() {
        let latin = text(b"a\nb\xE4").expect_err("latin-1");
        assert_eq!((latin.code, latin.line, latin.column), (Code::NotText, 2, 2));
        let nul = check_controls("a\n\0").expect_err("nul");
        assert_eq!((nul.code, nul.line, nul.column), (Code::NotText, 2, 1));
        assert_eq!(text(&vec![b'a'; MAX_BYTES + 1]).expect_err("large").code, Code::TooLarge);
        assert!(check_controls("a\tb\r\n").is_ok());
    }
}
