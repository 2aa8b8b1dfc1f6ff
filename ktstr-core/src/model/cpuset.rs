//! Sets of CPUs and of memory nodes, and their arithmetic; how they read and are written is `list_syntax`.
//! What a set means for a given machine is the business of `topology` and `cpuset_spec`.

mod list_syntax;

pub use list_syntax::{CpuListError, CpuListText};

/// How many CPUs a set can name: 0 to 1,023.
pub const MAX_CPUS: usize = 1024;
/// How many memory nodes a set can name: 0 to 63.
pub const MAX_NODES: usize = 64;

/// A set of numbers below `64 · WORDS`. Displays, parses and serialises as the kernel's list format.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct IdSet<const WORDS: usize> {
    words: [u64; WORDS],
}

/// A set of CPU numbers from 0 to 1,023.
pub type CpuSet = IdSet<{ MAX_CPUS / 64 }>;

/// A set of memory node numbers from 0 to 63.
pub type NodeSet = IdSet<{ MAX_NODES / 64 }>;

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
}

impl<const WORDS: usize> Default for IdSet<WORDS> {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl<const WORDS: usize> core::fmt::Debug for IdSet<WORDS> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{{{self}}}")
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

#[cfg(test)]
mod tests {
    use super::*;

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
