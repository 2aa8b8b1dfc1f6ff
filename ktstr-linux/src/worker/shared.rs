//! What a group of workers shares with its supervisor. Each word has one writer, the worker, but for those in
//! the head, which the supervisor writes, and the gap of a phase, which the supervisor sets back: a worker
//! that raises it at that moment may count a gap to either phase.

use crate::sys::shm::Shareable;
use crate::worker::histogram::BUCKETS;
use ktstr_core::{CpuSet, MAX_CPUS, Measure};
use std::sync::atomic::{AtomicI32, AtomicU32, AtomicU64, Ordering};

/// Values of [`Head::go`].
pub(crate) mod go {
    /// Set up and wait.
    pub(crate) const WAIT: u32 = 0;
    /// Work.
    pub(crate) const RUN: u32 = 1;
    /// Stop.
    pub(crate) const STOP: u32 = 2;
}

/// Values of [`Slot::state`].
pub(crate) mod state {
    /// Being set up.
    pub(crate) const NEW: u32 = 0;
    /// Waiting for the start.
    pub(crate) const READY: u32 = 1;
    /// Setting it up failed; `error` and `stage` say how and where.
    pub(crate) const FAILED: u32 = 2;
    /// It has stopped when asked, and its numbers are final.
    pub(crate) const STOPPED: u32 = 3;
}

/// Shared by a whole group.
#[repr(C, align(64))]
pub(crate) struct Head {
    /// One of [`go`]; workers that wait or sleep, sleep on it.
    pub(crate) go: AtomicU32,
    /// Grows whenever a watch of CPUs begins or ends; even while one is on. Never 0.
    pub(crate) epoch: AtomicU32,
    /// How many workers have left the state `NEW`; the supervisor sleeps on it.
    pub(crate) settled: AtomicU32,
    /// 1 once the supervisor sleeps on it, so that nobody else is woken for nothing.
    pub(crate) awaited: AtomicU32,
    /// When the group was started, on the monotonic clock; 0 before.
    pub(crate) started_at: AtomicU64,
    /// How long the group was frozen up to the last thaw, in nanoseconds.
    pub(crate) frozen_ns: AtomicU64,
}

/// One word for 32 CPUs: which of them were seen, and in which epoch. A worker that was held up between
/// reading the epoch and storing here marks its old epoch, which nobody reads any more.
pub(crate) const SEEN_WORDS: usize = MAX_CPUS / 32;

/// One worker.
#[repr(C, align(64))]
pub(crate) struct Slot {
    pub(crate) state: AtomicU32,
    pub(crate) error: AtomicI32,
    /// An index into [`crate::worker::setup::Stage::ALL`].
    pub(crate) stage: AtomicU32,
    /// A word that the members of a team wake each other through.
    pub(crate) word: AtomicU32,
    /// A lock of the members of a team, in the first one's slot: the process that has it.
    pub(crate) lock: AtomicU32,
    /// Its process, once it has been set up.
    pub(crate) pid: AtomicU32,
    /// When somebody was woken last through this slot, on the monotonic clock.
    pub(crate) woken_at: AtomicU64,
    pub(crate) ended_at: AtomicU64,
    /// The last checkpoint.
    pub(crate) seen_at: AtomicU64,
    /// CPU time that setting it up took.
    pub(crate) cpu_before: AtomicU64,
    /// The CPU of the last checkpoint.
    pub(crate) cpu: AtomicU32,
    /// The longest gap since the phase of the run began; the supervisor sets it back to 0.
    pub(crate) phase_gap: AtomicU64,
    /// One word for each measurement, in the order of their table. Those that the supervisor works out stay
    /// 0.
    measured: [AtomicU64; Measure::COUNT],
    /// The CPUs it was ever seen on.
    pub(crate) cpus: [AtomicU64; MAX_CPUS / 64],
    /// Those of one epoch: the epoch in the upper half, 32 CPUs in the lower.
    pub(crate) seen: [AtomicU64; SEEN_WORDS],
    pub(crate) wake_histogram: [AtomicU32; BUCKETS],
}

// SAFETY: atomics only.
unsafe impl Shareable for Head {}
// SAFETY: atomics only.
unsafe impl Shareable for Slot {}

/// Adds to a word that only this process writes.
pub(crate) fn add(word: &AtomicU64, by: u64) {
    word.store(word.load(Ordering::Relaxed).wrapping_add(by), Ordering::Relaxed);
}

/// Raises a word that only this process writes; whether that made it larger.
pub(crate) fn raise(word: &AtomicU64, to: u64) -> bool {
    let is_larger = to > word.load(Ordering::Relaxed);
    if is_larger {
        word.store(to, Ordering::Relaxed);
    }
    is_larger
}

impl Slot {
    /// The word of a measurement.
    pub(crate) const fn measured(&self, measure: Measure) -> &AtomicU64 {
        &self.measured[measure as usize]
    }

    /// Notes that the worker was on `cpu` after it had read `epoch`.
    pub(crate) fn see(&self, cpu: usize, epoch: u32) {
        if cpu >= MAX_CPUS {
            return;
        }
        let ever = &self.cpus[cpu / 64];
        ever.store(ever.load(Ordering::Relaxed) | 1 << (cpu % 64), Ordering::Relaxed);
        if epoch.is_multiple_of(2) {
            let word = &self.seen[cpu / 32];
            let before = word.load(Ordering::Relaxed);
            let kept = if (before >> 32) as u32 == epoch { before } else { u64::from(epoch) << 32 };
            word.store(kept | 1 << (cpu % 32), Ordering::Release);
        }
    }

    /// The CPUs seen in `epoch`.
    pub(crate) fn seen_in(&self, epoch: u32) -> CpuSet {
        let mut cpus = CpuSet::EMPTY;
        for (index, word) in self.seen.iter().enumerate() {
            let word = word.load(Ordering::Acquire);
            if (word >> 32) as u32 == epoch {
                (0..32).filter(|bit| word & 1 << bit != 0).for_each(|bit| {
                    cpus.insert(index * 32 + bit);
                });
            }
        }
        cpus
    }

    /// The CPUs ever seen.
    pub(crate) fn seen_ever(&self) -> CpuSet {
        let mut cpus = CpuSet::EMPTY;
        for (index, word) in self.cpus.iter().enumerate() {
            let word = word.load(Ordering::Relaxed);
            (0..64).filter(|bit| word & 1 << bit != 0).for_each(|bit| {
                cpus.insert(index * 64 + bit);
            });
        }
        cpus
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::shm::{Arena, Region};

    #[test]
    fn a_late_store_marks_its_own_epoch_only() {
        let region: Region<Head, Slot> = Arena::default().region(1).expect("memory");
        let slot = &region.slots()[0];
        slot.see(3, 2);
        slot.see(40, 2);
        assert_eq!(slot.seen_in(2), CpuSet::of(&[3, 40]));
        slot.see(5, 4);
        slot.see(7, 3);
        assert_eq!(slot.seen_in(4), CpuSet::of(&[5]));
        assert_eq!(slot.seen_in(2), CpuSet::of(&[40]));
        slot.see(41, 2);
        assert_eq!(slot.seen_in(4), CpuSet::of(&[5]));
        slot.see(MAX_CPUS, 4);
        assert_eq!(slot.seen_ever(), CpuSet::of(&[3, 5, 7, 40, 41]));
    }
}
