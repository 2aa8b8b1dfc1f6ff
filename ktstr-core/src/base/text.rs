//! A bounded string that a `const fn` can write, for messages that the compiler has to show.
//! What does not fit is cut at a character boundary and marked with `…`.

/// Text of at most `N` bytes, built in `const`.
#[derive(Clone, Copy)]
pub struct Text<const N: usize> {
    bytes: [u8; N],
    len: usize,
    cut: bool,
}

const ELLIPSIS: &[u8] = "…".as_bytes();

impl<const N: usize> Text<N> {
    /// No text yet.
    pub const fn new() -> Self {
        Self { bytes: [0; N], len: 0, cut: false }
    }

    /// Appends `text`, as much of it as fits.
    pub const fn push_str(&mut self, text: &str) {
        if self.cut {
            return;
        }
        let room = N - self.len;
        let bytes = text.as_bytes();
        let mut take = bytes.len();
        if take > room {
            self.cut = true;
            take = room.saturating_sub(ELLIPSIS.len());
            while take > 0 && bytes[take] & 0xC0 == 0x80 {
                take -= 1;
            }
        }
        self.append(bytes, take);
        if self.cut && N - self.len >= ELLIPSIS.len() {
            self.append(ELLIPSIS, ELLIPSIS.len());
        }
    }

    const fn append(&mut self, bytes: &[u8], count: usize) {
        let mut i = 0;
        while i < count {
            self.bytes[self.len] = bytes[i];
            self.len += 1;
            i += 1;
        }
    }

    /// Appends a number in decimal.
    pub const fn push_u64(&mut self, number: u64) {
        let mut digits = [0u8; 20];
        let mut rest = number;
        let mut at = digits.len();
        loop {
            at -= 1;
            digits[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        if let Ok(text) = core::str::from_utf8(digits.split_at(at).1) {
            self.push_str(text);
        }
    }

    /// Appends a number in hexadecimal, in lower case.
    pub const fn push_hex(&mut self, number: u32) {
        let mut shift = 28;
        while shift > 0 && number >> shift == 0 {
            shift -= 4;
        }
        loop {
            let digit = [b"0123456789abcdef"[(number >> shift & 0xF) as usize]];
            if let Ok(text) = core::str::from_utf8(&digit) {
                self.push_str(text);
            }
            if shift == 0 {
                break;
            }
            shift -= 4;
        }
    }

    /// The text.
    pub const fn as_str(&self) -> &str {
        match core::str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(text) => text,
            Err(_) => "",
        }
    }

    /// Whether something did not fit.
    pub const fn is_cut(&self) -> bool {
        self.cut
    }
}

impl<const N: usize> Default for Text<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize> PartialEq for Text<N> {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl<const N: usize> serde::Serialize for Text<N> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de, const N: usize> serde::Deserialize<'de> for Text<N> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// Takes what fits.
        struct Reader<const N: usize>;
        impl<const N: usize> serde::de::Visitor<'_> for Reader<N> {
            type Value = Text<N>;

            fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str("a text")
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                let mut read = Text::new();
                read.push_str(text);
                Ok(read)
            }
        }
        deserializer.deserialize_str(Reader)
    }
}

impl<const N: usize> core::fmt::Write for Text<N> {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        self.push_str(text);
        Ok(())
    }
}

impl<const N: usize> core::fmt::Display for Text<N> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl<const N: usize> core::fmt::Debug for Text<N> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        core::fmt::Debug::fmt(self.as_str(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_words_are_written_in_const() {
        const TEXT: Text<32> = {
            let mut text = Text::new();
            text.push_str("step ");
            text.push_u64(0);
            text.push_str(", op ");
            text.push_u64(u64::MAX);
            text
        };
        assert_eq!(TEXT.as_str(), "step 0, op 18446744073709551615");
    }

    #[test]
    fn a_cut_keeps_whole_characters() {
        for room in ["äöü"; 3] {
            let mut text = Text::<5>::new();
            text.push_str(room);
            assert_eq!(text.as_str(), "ä…");
            text.push_str("x");
            assert_eq!(text.as_str(), "ä…");
        }
    }
}
