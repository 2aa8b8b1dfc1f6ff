//! Finds the numbers in a program's output: each number in a JSON document is a metric, named by its dotted path.
//! It reads text in one pass, in time linear in its length whatever the text is, without memory of its own; what a
//! metric means is judged elsewhere.
//!
//! A document is an object or an array that is complete; before, after and between documents any text may stand, also
//! brackets (`[INFO]`). Where reading breaks off, it goes on right there, and what was read of that document counts
//! for nothing: half a document has no metrics. `NaN` and `Infinity` are let pass but are no numbers, and neither is
//! what is too large for an `f64`.

/// Deepest nesting of a document; one that is deeper is passed over whole.
pub const MAX_DEPTH: usize = 64;
/// Longest path of a metric in bytes; numbers with a longer one are passed over.
pub const MAX_PATH: usize = 512;

/// The number at `path`, as in `jobs.0.read.iops`: keys and array indexes from 0, with dots between. Where several
/// numbers have this path, in one document or in several, the last one counts: it is the program's final word.
pub fn find(output: &str, path: &str) -> Option<f64> {
    let mut found = None;
    scan(output, |at, value| {
        if at == path {
            found = Some(value);
        }
    });
    found
}

/// Shows `visit` each number of each document with its path, in the order of the text.
pub fn scan(output: &str, mut visit: impl FnMut(&str, f64)) {
    let mut reader = Reader::new(output.as_bytes());
    while let Some(start) = reader.next_bracket() {
        let end = match reader.document(start, None) {
            Ok(()) => {
                let end = reader.at;
                let _ = reader.document(start, Some(&mut visit));
                end
            }
            Err(Broken::Here) => reader.at,
            Err(Broken::TooDeep) => reader.skip_balanced(),
        };
        reader.at = end;
    }
}

type Visit<'v> = Option<&'v mut dyn FnMut(&str, f64)>;

/// Why a document was not read to its end; where is where the reader stands.
enum Broken {
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

struct Reader<'t> {
    text: &'t [u8],
    at: usize,
    frames: [Frame; MAX_DEPTH],
    depth: usize,
    path: Path,
}

impl<'t> Reader<'t> {
    fn new(text: &'t [u8]) -> Self {
        let frames = [Frame { array: false, items: 0, path: 0 }; MAX_DEPTH];
        Self { text, at: 0, frames, depth: 0, path: Path { bytes: [0; MAX_PATH], len: 0 } }
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn next_bracket(&mut self) -> Option<usize> {
        while !matches!(self.peek()?, b'{' | b'[') {
            self.at += 1;
        }
        Some(self.at)
    }

    /// Reads the document that starts at the bracket at `start`; paths are kept only for a visitor.
    fn document(&mut self, start: usize, mut visit: Visit<'_>) -> Result<(), Broken> {
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

    /// Four hexadecimal digits after the `u` that the reader stands at.
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
    fn skip_balanced(&mut self) -> usize {
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

/// The path to where the reader stands. What does not fit is counted but not kept.
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
        let mut text = crate::text::Text::<10>::new();
        text.push_u64(number as u64);
        text.as_str().bytes().for_each(|byte| self.push(byte));
    }

    fn as_str(&self) -> Option<&str> {
        core::str::from_utf8(self.bytes.get(..self.len)?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    extern crate std;
    use std::string::{String, ToString};
    use std::vec::Vec;
    use std::{format, vec};

    fn all(output: &str) -> String {
        let mut lines: Vec<String> = Vec::new();
        scan(output, |path, value| lines.push(format!("{path}={value}")));
        lines.join(" ")
    }

    #[test]
    fn numbers_are_found_by_their_paths() {
        for (output, found) in [
            (r#"{"a":1}"#, "a=1"),
            (r#"{"a":{"b":{"c":-2.5e3}}}"#, "a.b.c=-2500"),
            (r#"{"jobs":[{"iops":5},{"iops":7}]}"#, "jobs.0.iops=5 jobs.1.iops=7"),
            ("[1,[2,3],{\"x\":4}]", "0=1 1.0=2 1.1=3 2.x=4"),
            (r#"{"a":"1","b":true,"c":false,"d":null,"e":6}"#, "e=6"),
            ("{ \"a\" :\r\n\t1 , \"b\" : [ ] , \"c\" : { } }", "a=1"),
            (r#"{"a":0,"b":-0,"c":0.125,"d":1E+2,"e":1e-2}"#, "a=0 b=-0 c=0.125 d=100 e=0.01"),
            (r#"{"a.b":1,"a":{"b":2}}"#, "a.b=1 a.b=2"),
            (r#"{"":1,"x":{"":2}}"#, "=1 x.=2"),
            ("{}", ""),
            ("[]", ""),
            ("", ""),
            ("no json, 5 numbers", ""),
        ] {
            assert_eq!(all(output), found, "{output}");
        }
    }

    #[test]
    fn text_stands_before_between_and_after() {
        for (output, found) in [
            ("[INFO] starting\n{\"a\":1}\n[WARN] done", "a=1"),
            ("[2024-01-01T10:00:00] {\"a\":1}", "a=1"),
            ("[  12.5] kernel {\"a\":1}", "0=12.5 a=1"),
            ("progress [====>  ] 50% {\"a\":1} bye", "a=1"),
            ("{\"a\":1}\n{\"a\":2}\n", "a=1 a=2"),
            ("{not json} {\"a\":1}", "a=1"),
            ("{\"a\" {\"b\":1}", "b=1"),
            ("]}]}{\"a\":1}", "a=1"),
            ("{\"cut\":[{\"a\":1},{\"a\":", ""),
            ("{\"cut\":1 {\"a\":2}", "a=2"),
            ("\"{\"a\":1}\"", "a=1"),
            ("größer [ü] {\"größe\":1}", "größe=1"),
        ] {
            assert_eq!(all(output), found, "{output}");
        }
    }

    #[test]
    fn what_is_no_json_counts_for_nothing() {
        for output in [
            "{\"a\":01}",
            "{\"a\":1.}",
            "{\"a\":.5}",
            "{\"a\":+1}",
            "{\"a\":1e}",
            "{\"a\":-}",
            "{\"a\":0x10}",
            "{\"a\":1,}",
            "[1,]",
            "[,1]",
            "{a:1}",
            "{'a':1}",
            "{\"a\" 1}",
            "{\"a\":1]",
            "[1}",
            "{\"a\":tru}",
            "{\"a\n\":1}",
            "{\"\\x\":1}",
            "{\"\\u12g4\":1}",
            "{\"a\":1",
            "{\"a",
            "{",
            "[",
        ] {
            assert_eq!(all(output), "", "{output}");
        }
    }

    #[test]
    fn what_is_no_finite_number_is_passed_over() {
        let huge = format!("{{\"a\":{}}}", "9".repeat(400));
        for (output, found) in [
            (r#"{"a":NaN,"b":Infinity,"c":-Infinity,"d":1}"#, "d=1"),
            (r#"{"a":1e999,"b":-1e999,"c":1e-999}"#, "c=0"),
            (huge.as_str(), ""),
            (r#"{"a":123456789012345678901234567890}"#, "a=123456789012345680000000000000"),
        ] {
            assert_eq!(all(output), found, "{output}");
        }
    }

    #[test]
    fn escapes_in_keys_are_undone() {
        for (key, path) in [
            (r#"a\"b"#, "a\"b"),
            (r"a\\b\/c", "a\\b/c"),
            (r"\b\f\n\r\t", "\u{8}\u{c}\n\r\t"),
            (r"\u00e9", "é"),
            (r"\ud83d\ude00", "😀"),
            (r"\ud83dx", "\u{fffd}x"),
            (r"\ud83d\u0041", "\u{fffd}A"),
            (r"\ude00", "\u{fffd}"),
        ] {
            let output = format!("{{\"{key}\":1}}");
            assert_eq!(find(&output, path), Some(1.0), "{key}");
        }
    }

    #[test]
    fn the_last_number_of_a_path_counts() {
        for (output, value) in [
            ("{\"a\":1}{\"a\":2}", Some(2.0)),
            ("{\"a\":1,\"a\":3}", Some(3.0)),
            ("{\"a\":1}{\"b\":2}", Some(1.0)),
            ("{\"a\":1}{\"a\":2", Some(1.0)),
            ("{\"a\":1}{\"a\":NaN}", Some(1.0)),
            ("{\"a\":{\"b\":1}}", None),
        ] {
            assert_eq!(find(output, "a"), value, "{output}");
        }
    }

    #[test]
    fn depth_and_path_have_bounds() {
        let nested = |depth: usize| format!("{}7{} {{\"after\":1}}", "[".repeat(depth), "]".repeat(depth));
        let path = vec!["0"; MAX_DEPTH].join(".");
        assert_eq!(find(&nested(MAX_DEPTH), &path), Some(7.0));
        assert_eq!(all(&nested(MAX_DEPTH + 1)), "after=1");
        assert_eq!(all(&nested(5000)), "after=1");
        let quoted = format!("{}\"]\\\"]\"{} {{\"after\":1}}", "[".repeat(70), "]".repeat(70));
        assert_eq!(all(&quoted), "after=1");
        let keyed = |length: usize| format!("{{\"{}\":[1],\"b\":2}}", "k".repeat(length));
        assert_eq!(find(&keyed(MAX_PATH - 2), &format!("{}.0", "k".repeat(MAX_PATH - 2))), Some(1.0));
        assert_eq!(all(&keyed(MAX_PATH - 1)), "b=2");
    }

    /// A quadratic reader would need minutes for one of these.
    #[test]
    fn hostile_text_takes_linear_time() {
        const SIZE: usize = 1 << 20;
        for unit in ["[", "{\"", "[\"[", "{\"a\":[", "[1,", "[x", "[\",[\",", "\\\"", "{\"a\":1}", "[[]"] {
            let output = unit.repeat(SIZE / unit.len());
            let mut count = 0;
            scan(&output, |_, _| count += 1);
            let expected = if unit == "{\"a\":1}" { SIZE / unit.len() } else { 0 };
            assert_eq!(count, expected, "{}", unit.to_string());
        }
    }
}
