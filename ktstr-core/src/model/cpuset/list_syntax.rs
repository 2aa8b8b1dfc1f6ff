//! The kernel's list syntax for sets, `0-3,5`, both ways. Sets display, parse and serialise in it.

use super::IdSet;
use crate::base::text::Text;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Text long enough for any list of 1,024 CPUs (512 single numbers and their commas).
pub type CpuListText = Text<2560>;

/// Why a CPU list was not understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CpuListError {
    /// A place where a number was expected holds something else.
    #[error("byte {at}: a number is expected, as in 0-3,5")]
    NotANumber {
        /// Offset in bytes.
        at: usize,
    },
    /// A number above the highest one.
    #[error("byte {at}: numbers go from 0 to {max}")]
    TooLarge {
        /// Offset in bytes.
        at: usize,
        /// The highest number.
        max: usize,
    },
    /// A range whose end is below its start.
    #[error("byte {at}: the range ends before it starts; write the lower number first")]
    Backwards {
        /// Offset in bytes.
        at: usize,
    },
}

impl<const WORDS: usize> IdSet<WORDS> {
    /// Reads the kernel's list format: numbers and ranges with commas between, spaces and newlines around
    /// items ignored, an empty text for the empty set. Strides (`0-8:1/2`) are not read.
    ///
    /// # Errors
    /// [`CpuListError`], with the offset of the item that is wrong.
    pub const fn parse(text: &str) -> Result<Self, CpuListError> {
        let bytes = text.as_bytes();
        let mut set = Self::EMPTY;
        let mut at = skip_blanks(bytes, 0);
        if at == bytes.len() {
            return Ok(set);
        }
        loop {
            let item = at;
            let (start, after) = match number(bytes, at, Self::CAPACITY) {
                Ok(found) => found,
                Err(error) => return Err(error),
            };
            at = after;
            let mut end = start;
            if at < bytes.len() && bytes[at] == b'-' {
                (end, at) = match number(bytes, at + 1, Self::CAPACITY) {
                    Ok(found) => found,
                    Err(error) => return Err(error),
                };
            }
            if end < start {
                return Err(CpuListError::Backwards { at: item });
            }
            set = set.or(&Self::range(start, end + 1));
            at = skip_blanks(bytes, at);
            if at == bytes.len() {
                return Ok(set);
            }
            if bytes[at] != b',' {
                return Err(CpuListError::NotANumber { at });
            }
            at = skip_blanks(bytes, at + 1);
        }
    }

    /// The kernel's list format, shortest form: `0-3,5`, empty for no CPU.
    pub const fn to_text(&self) -> CpuListText {
        let mut text = CpuListText::new();
        let mut at = self.first();
        let mut any = false;
        while let Some(start) = at {
            let mut end = start;
            while self.contains(end + 1) {
                end += 1;
            }
            if any {
                text.push_str(",");
            }
            any = true;
            text.push_u64(start as u64);
            if end > start {
                text.push_str("-");
                text.push_u64(end as u64);
            }
            at = self.next_from(end + 1);
        }
        text
    }
}

const fn skip_blanks(bytes: &[u8], mut at: usize) -> usize {
    while at < bytes.len() && matches!(bytes[at], b' ' | b'\t' | b'\n') {
        at += 1;
    }
    at
}

const fn number(bytes: &[u8], start: usize, capacity: usize) -> Result<(usize, usize), CpuListError> {
    let mut at = start;
    let mut value = 0;
    while at < bytes.len() && bytes[at].is_ascii_digit() {
        value = value * 10 + (bytes[at] - b'0') as usize;
        if value >= capacity {
            return Err(CpuListError::TooLarge { at: start, max: capacity - 1 });
        }
        at += 1;
    }
    if at == start {
        return Err(CpuListError::NotANumber { at });
    }
    Ok((value, at))
}

impl<const WORDS: usize> core::fmt::Display for IdSet<WORDS> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.to_text().as_str())
    }
}

impl<const WORDS: usize> core::str::FromStr for IdSet<WORDS> {
    type Err = CpuListError;

    fn from_str(text: &str) -> Result<Self, CpuListError> {
        Self::parse(text)
    }
}

impl<const WORDS: usize> Serialize for IdSet<WORDS> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.to_text().as_str())
    }
}

impl<'de, const WORDS: usize> Deserialize<'de> for IdSet<WORDS> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ListVisitor<const WORDS: usize>;

        impl<const WORDS: usize> de::Visitor<'_> for ListVisitor<WORDS> {
            type Value = IdSet<WORDS>;

            fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str("a list such as 0-3,5")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                IdSet::parse(text).map_err(E::custom)
            }
        }

        deserializer.deserialize_str(ListVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::cpuset::{CpuSet, MAX_CPUS};
    extern crate std;
    use std::string::ToString;

    #[test]
    fn lists_read_and_write_as_the_kernel_does() {
        for (text, written) in [
            ("", ""),
            ("\n", ""),
            ("0", "0"),
            ("0-3,5", "0-3,5"),
            ("5,3,1,2,0", "0-3,5"),
            (" 1 , 2\n", "1-2"),
            ("1020-1023", "1020-1023"),
            ("63-64", "63-64"),
        ] {
            let set = CpuSet::parse(text).expect(text);
            assert_eq!(set.to_string(), written, "{text:?}");
        }
    }

    #[test]
    fn what_is_no_list_is_refused_with_its_place() {
        use CpuListError::{Backwards, NotANumber, TooLarge};
        for (text, error) in [
            ("a", NotANumber { at: 0 }),
            ("1,", NotANumber { at: 2 }),
            (",1", NotANumber { at: 0 }),
            ("1-", NotANumber { at: 2 }),
            ("1 2", NotANumber { at: 2 }),
            ("0-4294967295", TooLarge { at: 2, max: 1023 }),
            ("1024", TooLarge { at: 0, max: 1023 }),
            ("3-1", Backwards { at: 0 }),
        ] {
            assert_eq!(CpuSet::parse(text), Err(error), "{text:?}");
        }
    }

    #[test]
    fn the_longest_list_fits_its_text() {
        let odd: CpuSet = (0..MAX_CPUS).filter(|cpu| cpu % 2 == 1).collect();
        assert!(!odd.to_text().is_cut());
        assert_eq!(CpuSet::parse(odd.to_text().as_str()), Ok(odd));
    }
}
