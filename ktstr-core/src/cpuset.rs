//! Sets of CPUs and of memory nodes, and the kernel's list syntax (`0-3,5`) both ways.
//! What a set means for a given machine is the business of `topology` and `cpuset_spec`.

use crate::text::Text;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// How many CPUs a set can name: 0 to 1,023.
pub const MAX_CPUS: usize = 1024;
/// How many memory nodes a set can name: 0 to 63.
pub const MAX_NODES: usize = 64;

/// Text long enough for any list of 1,024 CPUs (512 single numbers and their commas).
pub type CpuListText = Text<2560>;

/// A set of numbers below `64 · WORDS`. Displays, parses and serialises as the kernel's list format.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct IdSet<const WORDS: usize> {
    words: [u64; WORDS],
}

/// A set of CPU numbers from 0 to 1,023.
pub type CpuSet = IdSet<{ MAX_CPUS / 64 }>;

/// A set of memory node numbers from 0 to 63.
pub type NodeSet = IdSet<{ MAX_NODES / 64 }>;

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
    /// How many numbers a set can name; the highest is one less.
    pub const CAPACITY: usize = WORDS * 64;

    /// No member.
    pub const EMPTY: Self = Self { words: [0; WORDS] };

    /// The CPUs named, each below the capacity.
    ///
    /// # Panics
    /// If one is not; in a `const` that is a compile error.
    pub const fn of(cpus: &[usize]) -> Self {
        let mut set = Self::EMPTY;
        let mut i = 0;
        while i < cpus.len() {
            set = set.with(cpus[i]);
            i += 1;
        }
        set
    }

    /// The CPUs from `start` up to but not including `end`; `end` is capped at the capacity.
    pub const fn range(start: usize, end: usize) -> Self {
        let mut set = Self::EMPTY;
        let end = if end > Self::CAPACITY { Self::CAPACITY } else { end };
        let mut cpu = start;
        while cpu < end {
            set.words[cpu / 64] |= 1 << (cpu % 64);
            cpu += 1;
        }
        set
    }

    /// The set with one CPU more.
    ///
    /// # Panics
    /// If `cpu` is not below the capacity; in a `const` that is a compile error.
    #[must_use]
    pub const fn with(mut self, cpu: usize) -> Self {
        assert!(cpu < Self::CAPACITY, "CPU numbers go from 0 to 1023, node numbers from 0 to 63");
        self.words[cpu / 64] |= 1 << (cpu % 64);
        self
    }

    /// Adds a CPU; false, and no change, when it is not below the capacity.
    pub const fn insert(&mut self, cpu: usize) -> bool {
        if cpu >= Self::CAPACITY {
            return false;
        }
        self.words[cpu / 64] |= 1 << (cpu % 64);
        true
    }

    /// Takes a CPU out.
    pub const fn remove(&mut self, cpu: usize) {
        if cpu < Self::CAPACITY {
            self.words[cpu / 64] &= !(1 << (cpu % 64));
        }
    }

    /// Whether `cpu` is in the set.
    pub const fn contains(&self, cpu: usize) -> bool {
        cpu < Self::CAPACITY && self.words[cpu / 64] & (1 << (cpu % 64)) != 0
    }

    /// How many CPUs.
    pub const fn len(&self) -> usize {
        let mut count = 0;
        let mut i = 0;
        while i < WORDS {
            count += self.words[i].count_ones() as usize;
            i += 1;
        }
        count
    }

    /// Whether no CPU is in the set.
    pub const fn is_empty(&self) -> bool {
        let mut i = 0;
        while i < WORDS {
            if self.words[i] != 0 {
                return false;
            }
            i += 1;
        }
        true
    }

    /// The CPUs in both.
    #[must_use]
    pub const fn and(mut self, other: &Self) -> Self {
        let mut i = 0;
        while i < WORDS {
            self.words[i] &= other.words[i];
            i += 1;
        }
        self
    }

    /// The CPUs in either.
    #[must_use]
    pub const fn or(mut self, other: &Self) -> Self {
        let mut i = 0;
        while i < WORDS {
            self.words[i] |= other.words[i];
            i += 1;
        }
        self
    }

    /// The CPUs in this set that are not in `other`.
    #[must_use]
    pub const fn minus(mut self, other: &Self) -> Self {
        let mut i = 0;
        while i < WORDS {
            self.words[i] &= !other.words[i];
            i += 1;
        }
        self
    }

    /// Whether each CPU here is in `other` too.
    pub const fn is_subset(&self, other: &Self) -> bool {
        self.minus(other).is_empty()
    }

    /// The lowest CPU that is at least `from`.
    pub const fn next_from(&self, from: usize) -> Option<usize> {
        let mut word = from / 64;
        if word >= WORDS {
            return None;
        }
        let mut bits = self.words[word] & (u64::MAX << (from % 64));
        loop {
            if bits != 0 {
                return Some(word * 64 + bits.trailing_zeros() as usize);
            }
            word += 1;
            if word == WORDS {
                return None;
            }
            bits = self.words[word];
        }
    }

    /// The lowest CPU.
    pub const fn first(&self) -> Option<usize> {
        self.next_from(0)
    }

    /// The `n`-th lowest CPU, counted from 0.
    pub const fn nth(&self, n: usize) -> Option<usize> {
        let mut seen = 0;
        let mut at = self.first();
        while let Some(cpu) = at {
            if seen == n {
                return Some(cpu);
            }
            seen += 1;
            at = self.next_from(cpu + 1);
        }
        None
    }

    /// The CPUs from the lowest up.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        core::iter::successors(self.first(), |&cpu| self.next_from(cpu + 1))
    }

    /// The raw bits, CPU 0 in the lowest bit of the first word.
    pub const fn words(&self) -> &[u64; WORDS] {
        &self.words
    }

    /// Reads the kernel's list format: numbers and ranges with commas between, spaces and newlines around items
    /// ignored, an empty text for the empty set. Strides (`0-8:1/2`) are not read.
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

impl<const WORDS: usize> Default for IdSet<WORDS> {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl<const WORDS: usize> core::fmt::Display for IdSet<WORDS> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.to_text().as_str())
    }
}

impl<const WORDS: usize> core::fmt::Debug for IdSet<WORDS> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{{{self}}}")
    }
}

impl<const WORDS: usize> core::str::FromStr for IdSet<WORDS> {
    type Err = CpuListError;

    fn from_str(text: &str) -> Result<Self, CpuListError> {
        Self::parse(text)
    }
}

impl<const WORDS: usize> FromIterator<usize> for IdSet<WORDS> {
    /// Numbers above the highest are left out.
    fn from_iter<I: IntoIterator<Item = usize>>(cpus: I) -> Self {
        let mut set = Self::EMPTY;
        for cpu in cpus {
            set.insert(cpu);
        }
        set
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

    #[test]
    fn set_arithmetic_crosses_words() {
        let low = CpuSet::range(0, 70);
        let high = CpuSet::range(60, 128);
        assert_eq!(low.and(&high), CpuSet::range(60, 70));
        assert_eq!(low.or(&high).len(), 128);
        assert_eq!(low.minus(&high), CpuSet::range(0, 60));
        assert_eq!(high.nth(10), Some(70));
        assert!(low.and(&high).is_subset(&low));
        assert_eq!(CpuSet::EMPTY.first(), None);
        assert_eq!(CpuSet::range(0, 5000).len(), MAX_CPUS);
    }
}
