//! Times by size: exact up to 32 ns, then 32 steps for each doubling, so that a value is read back within
//! 1/32.

use std::sync::atomic::{AtomicU32, Ordering};

/// Steps for each doubling, as a power of two.
const STEP_BITS: u32 = 5;
const STEPS: u64 = 1 << STEP_BITS;
/// Times from 2^40 ns (18 minutes) up share the last bucket.
const TOP_BIT: u32 = 40;

/// How many counters a histogram has.
pub(crate) const BUCKETS: usize = ((TOP_BIT - STEP_BITS + 1) as usize) << STEP_BITS;

/// Counts one time. Only one process may write.
pub(crate) fn note(counts: &[AtomicU32; BUCKETS], ns: u64) {
    let count = &counts[bucket(ns)];
    count.store(count.load(Ordering::Relaxed).saturating_add(1), Ordering::Relaxed);
}

/// The value at `percent` of 100 by nearest rank, at most `max`; 0 when nothing was counted.
pub(crate) fn percentile(counts: &[AtomicU32; BUCKETS], percent: u64, max: u64) -> u64 {
    rank(&counts.each_ref().map(|count| count.load(Ordering::Relaxed)), percent, max)
}

/// The same of counts that nobody adds to.
pub(crate) fn rank(counts: &[u32; BUCKETS], percent: u64, max: u64) -> u64 {
    let total: u64 = counts.iter().map(|count| u64::from(*count)).sum();
    let rank = (total * percent).div_ceil(100);
    let mut seen = 0;
    for (index, count) in counts.iter().enumerate() {
        seen += u64::from(*count);
        if seen >= rank && seen > 0 {
            return highest(index).min(max);
        }
    }
    0
}

fn bucket(ns: u64) -> usize {
    if ns < STEPS {
        return ns as usize;
    }
    let top = ns.ilog2();
    if top >= TOP_BIT {
        return BUCKETS - 1;
    }
    let shift = top - STEP_BITS;
    (((u64::from(shift) + 1) << STEP_BITS) + ((ns >> shift) & (STEPS - 1))) as usize
}

/// The highest value that falls into a bucket.
fn highest(index: usize) -> u64 {
    let index = index as u64;
    if index < STEPS {
        return index;
    }
    let shift = (index >> STEP_BITS) - 1;
    (((index & (STEPS - 1)) + STEPS + 1) << shift) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts() -> Box<[AtomicU32; BUCKETS]> {
        Box::new([const { AtomicU32::new(0) }; BUCKETS])
    }

    #[test]
    fn each_value_is_read_back_within_a_step() {
        for ns in (0..40)
            .flat_map(|bit| [1u64 << bit, (1 << bit) + 1, (1 << bit) * 2 - 1, (1 << bit) + (1 << bit) / 3])
        {
            let back = highest(bucket(ns));
            assert!(back >= ns && back - ns <= ns / 32, "{ns} came back as {back}");
        }
        assert_eq!(bucket(u64::MAX), BUCKETS - 1);
    }

    #[test]
    fn ranks_are_nearest_ranks() {
        let counts = counts();
        assert_eq!(percentile(&counts, 99, u64::MAX), 0);
        (1..=100).filter(|n| *n <= 31).for_each(|n| note(&counts, n));
        assert_eq!(percentile(&counts, 50, 31), 16);
        assert_eq!(percentile(&counts, 99, 31), 31);
        note(&counts, 1_000_000);
        assert_eq!(percentile(&counts, 100, 1_000_000), 1_000_000);
    }
}
