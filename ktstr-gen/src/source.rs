//! Where choices come from: bytes, which end, or a seed, which does not.

use ktstr_core::Rng;

/// A stream of choices.
#[derive(Debug, Clone)]
pub(crate) enum Source<'b> {
    /// Read from the front; past the end they are 0.
    Bytes(&'b [u8]),
    /// Drawn.
    Seed(Rng),
}

impl Source<'_> {
    /// Whether bytes have ended.
    pub(crate) fn is_over(&self) -> bool {
        matches!(self, Self::Bytes([]))
    }

    pub(crate) fn byte(&mut self) -> u8 {
        match self {
            Self::Bytes(bytes) => bytes.split_off_first().copied().unwrap_or(0),
            Self::Seed(rng) => (rng.next_u64() >> 56) as u8,
        }
    }

    /// A number of 64 bits that is large or small; two bytes of input make it.
    pub(crate) fn number(&mut self) -> u64 {
        match self {
            Self::Bytes(_) => {
                let word = u16::from_le_bytes([self.byte(), self.byte()]);
                // A usual value is drawn for 0; the other bits are spread by whoever draws.
                u64::from(word)
            }
            Self::Seed(rng) => rng.next_u64(),
        }
    }

    /// A number below a bound of 256 or less; 0 for none.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        debug_assert!(bound <= 256);
        usize::from(self.byte()) % bound.max(1)
    }

    /// True so often in 16.
    pub(crate) fn chance(&mut self, of_sixteen: u8) -> bool {
        // 0, which is what bytes end with, says no.
        self.byte() % 16 >= 16 - of_sixteen
    }

    /// One of these; there has to be one.
    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}
