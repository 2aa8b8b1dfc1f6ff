//! Multiplications in registers of some width: those that the compiler does not use by itself are asked for
//! where the CPU has them.

/// How many chains of multiplications are side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lanes {
    One,
    Four,
    Eight,
    Sixteen,
}

/// Chains of multiplications.
pub(crate) struct Chain {
    lanes: Lanes,
    numbers: [u32; 16],
}

impl Chain {
    /// Chains that begin with numbers of this seed.
    pub(crate) fn new(lanes: Lanes, seed: u64) -> Self {
        let number = |index: usize| (seed as u32).wrapping_add(index as u32) | 1;
        Self { lanes, numbers: std::array::from_fn(number) }
    }

    /// So many steps of all chains.
    pub(crate) fn multiply(&mut self, times: u64) {
        match self.lanes {
            Lanes::One => chain::<1>(&mut self.numbers, times),
            Lanes::Four => chain::<4>(&mut self.numbers, times),
            Lanes::Eight => wide::<8>(&mut self.numbers, times),
            Lanes::Sixteen => widest(&mut self.numbers, times),
        }
    }
}

#[inline(always)]
fn chain<const LANES: usize>(numbers: &mut [u32; 16], times: u64) {
    let Some(lanes) = numbers.first_chunk_mut::<LANES>() else { return };
    let mut inner = *lanes;
    for _ in 0..times {
        for number in &mut inner {
            *number = number.wrapping_mul(0x5851_F42D).wrapping_add(0x14057);
        }
    }
    *lanes = std::hint::black_box(inner);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn chain_avx2<const LANES: usize>(numbers: &mut [u32; 16], times: u64) {
    chain::<LANES>(numbers, times);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
fn chain_avx512(numbers: &mut [u32; 16], times: u64) {
    chain::<16>(numbers, times);
}

fn wide<const LANES: usize>(numbers: &mut [u32; 16], times: u64) {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the CPU has what the function is compiled for.
        return unsafe { chain_avx2::<LANES>(numbers, times) };
    }
    chain::<LANES>(numbers, times);
}

fn widest(numbers: &mut [u32; 16], times: u64) {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx512f") {
        // SAFETY: the CPU has what the function is compiled for.
        return unsafe { chain_avx512(numbers, times) };
    }
    wide::<16>(numbers, times);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_width_computes_the_same() {
        let after = |lanes| {
            let mut chain = Chain::new(lanes, 7);
            chain.multiply(100);
            chain.numbers
        };
        let all = after(Lanes::Sixteen);
        assert_ne!(all, Chain::new(Lanes::Sixteen, 7).numbers);
        for (lanes, count) in [(Lanes::One, 1), (Lanes::Four, 4), (Lanes::Eight, 8)] {
            assert_eq!(after(lanes)[..count], all[..count], "{lanes:?}");
        }
    }
}
