//! Reads one JSON document (RFC 8259) out of a longer text and shows its numbers, without recursion.
//! Where documents start and what becomes of the numbers is the business of the module above.

use super::{MAX_DEPTH, MAX_PATH};
use crate::base::text::Text;

/// What each number is shown to, if anything.
pub(super) type Visit<'v> = Option<&'v mut dyn FnMut(&str, f64)>;

/// Why a document was not read to its end; where is the reader's place.
pub(super) enum Broken {
    Here,
    TooDeep,
}

/// A container that is being read.
#[derive(Clone, Copy)]
struct Frame {
    array: bool,
    /// How many items it has so far.
    items: u32,
    /// How long the path to it is.
    path: usize,
}

/// Stands somewhere in the text and reads on from there.
pub(super) struct Reader<'t> {
    text: &'t [u8],
    /// Its place, in bytes from the start.
    pub(super) at: usize,
    frames: [Frame; MAX_DEPTH],
    depth: usize,
    path: Path,
}

impl<'t> Reader<'t> {
    /// A reader at the start of `text`.
    pub(super) fn new(text: &'t [u8]) -> Self {
        let frames = [Frame { array: false, items: 0, path: 0 }; MAX_DEPTH];
        Self { text, at: 0, frames, depth: 0, path: Path { bytes: [0; MAX_PATH], len: 0 } }
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// Goes on to the next bracket that opens.
    pub(super) fn next_bracket(&mut self) -> Option<usize> {
        while !matches!(self.peek()?, b'{' | b'[') {
            self.at += 1;
        }
        Some(self.at)
    }

    /// Reads the document that starts at the bracket at `start`; paths are kept only for a visitor.
    pub(super) fn document(&mut self, start: usize, mut visit: Visit<'_>) -> Result<(), Broken> {
        self.at = start;
        self.depth = 0;
        self.path.len = 0;
        self.open()?;
        while self.depth > 0 {
            self.item(&mut visit)?;
        }
        Ok(())
    }

    fn open(&mut self) -> Result<(), Broken> {
        let frame = Frame { array: self.peek() == Some(b'['), items: 0, path: self.path.len };
        *self.frames.get_mut(self.depth).ok_or(Broken::TooDeep)? = frame;
        self.depth += 1;
        self.at += 1;
        Ok(())
    }

    /// One item of the innermost container up to its value, or the container's end.
    fn item(&mut self, visit: &mut Visit<'_>) -> Result<(), Broken> {
        let frame = &mut self.frames[self.depth - 1];
        let Frame { array, items, path } = *frame;
        frame.items = items.saturating_add(1);
        self.blanks();
        if self.peek() == Some(if array { b']' } else { b'}' }) {
            self.at += 1;
            self.depth -= 1;
            return Ok(());
        }
        if items > 0 {
            self.expect(b',')?;
            self.blanks();
        }
        let named = visit.is_some();
        self.path.len = path;
        if named && path > 0 {
            self.path.push(b'.');
        }
        if array {
            if named {
                self.path.push_number(items);
            }
        } else {
            self.string(named)?;
            self.blanks();
            self.expect(b':')?;
            self.blanks();
        }
        self.value(visit)
    }

    fn value(&mut self, visit: &mut Visit<'_>) -> Result<(), Broken> {
        match self.peek() {
            Some(b'{' | b'[') => self.open(),
            Some(b'"') => self.string(false),
            Some(b't') => self.word(b"true"),
            Some(b'f') => self.word(b"false"),
            Some(b'n') => self.word(b"null"),
            Some(b'N') => self.word(b"NaN"),
            Some(b'I') => self.word(b"Infinity"),
            Some(b'-') if self.text.get(self.at + 1) == Some(&b'I') => self.word(b"-Infinity"),
            _ => {
                let value = self.number()?;
                if let (Some(visit), Some(path), true) = (visit, self.path.as_str(), value.is_finite()) {
                    visit(path, value);
                }
                Ok(())
            }
        }
    }

    fn number(&mut self) -> Result<f64, Broken> {
        let start = self.at;
        self.skip(b'-');
        if !self.skip(b'0') {
            self.digits()?;
        }
        if self.skip(b'.') {
            self.digits()?;
        }
        if self.skip(b'e') || self.skip(b'E') {
            let _ = self.skip(b'+') || self.skip(b'-');
            self.digits()?;
        }
        let text = core::str::from_utf8(&self.text[start..self.at]).map_err(|_| Broken::Here)?;
        text.parse().map_err(|_| Broken::Here)
    }

    fn digits(&mut self) -> Result<(), Broken> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at == start { Err(Broken::Here) } else { Ok(()) }
    }

    /// A string; a `key` is appended to the path.
    fn string(&mut self, key: bool) -> Result<(), Broken> {
        self.expect(b'"')?;
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => {
                    let character = self.escape()?;
                    if key {
                        let mut buffer = [0; 4];
                        character.encode_utf8(&mut buffer).bytes().for_each(|byte| self.path.push(byte));
                    }
                }
                Some(byte) if byte >= b' ' => {
                    if key {
                        self.path.push(byte);
                    }
                    self.at += 1;
                }
                _ => return Err(Broken::Here),
            }
        }
    }

    /// The character that an escape stands for; half a surrogate pair stands for the replacement character.
    fn escape(&mut self) -> Result<char, Broken> {
        self.at += 1;
        let letter = self.peek().ok_or(Broken::Here)?;
        let character = match letter {
            b'"' | b'\\' | b'/' => letter as char,
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let high = self.hex4()?;
                return Ok(self.surrogate(high).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            _ => return Err(Broken::Here),
        };
        self.at += 1;
        Ok(character)
    }

    /// The character of one UTF-16 unit, or of two when this is the first of a pair and the second follows.
    fn surrogate(&mut self, high: u32) -> Option<char> {
        if !(0xD800..0xDC00).contains(&high) || !self.text[self.at..].starts_with(b"\\u") {
            return char::from_u32(high);
        }
        let before = self.at;
        self.at += 1;
        match self.hex4() {
            Ok(low @ 0xDC00..0xE000) => char::from_u32(0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00)),
            _ => {
                self.at = before;
                None
            }
        }
    }

    /// Four hexadecimal digits after the `u` that the reader is at.
    fn hex4(&mut self) -> Result<u32, Broken> {
        let digits = self.text.get(self.at + 1..self.at + 5).ok_or(Broken::Here)?;
        let mut unit = 0;
        for &digit in digits {
            unit = unit * 16 + (digit as char).to_digit(16).ok_or(Broken::Here)?;
        }
        self.at += 5;
        Ok(unit)
    }

    fn word(&mut self, word: &[u8]) -> Result<(), Broken> {
        if !self.text[self.at..].starts_with(word) {
            return Err(Broken::Here);
        }
        self.at += word.len();
        Ok(())
    }

    fn skip(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += there as usize;
        there
    }

    fn expect(&mut self, byte: u8) -> Result<(), Broken> {
        if self.skip(byte) { Ok(()) } else { Err(Broken::Here) }
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Where the document ends that is too deep to be read: after the bracket that closes its first one.
    pub(super) fn skip_balanced(&mut self) -> usize {
        let mut open = self.depth;
        let mut quoted = false;
        while let (Some(byte), true) = (self.peek(), open > 0) {
            match byte {
                b'"' => quoted = !quoted,
                b'\\' if quoted => self.at += 1,
                b'{' | b'[' if !quoted => open += 1,
                b'}' | b']' if !quoted => open -= 1,
                _ => {}
            }
            self.at += 1;
        }
        self.at
    }
}

/// The path to where the reader is. What does not fit is counted but not kept.
struct Path {
    bytes: [u8; MAX_PATH],
    len: usize,
}

impl Path {
    fn push(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(self.len) {
            *place = byte;
        }
        self.len += 1;
    }

    fn push_number(&mut self, number: u32) {
        let mut text = Text::<10>::new();
        text.push_u64(number as u64);
        text.as_str().bytes().for_each(|byte| self.push(byte));
    }

    fn as_str(&self) -> Option<&str> {
        core::str::from_utf8(self.bytes.get(..self.len)?).ok()
    }
}
