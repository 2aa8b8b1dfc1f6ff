//! A worker's view of its slot while it works: counting, checkpoints, sleeping, and when to stop.
//! It runs in a fork: no allocation, no locks.

use crate::clock::{cpu_time, now};
use crate::sys::futex;
use crate::worker::histogram;
use crate::worker::shared::{Head, Slot, add, go, raise};
use ktstr_core::Measure;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// Units of work in one burst of spinning.
pub(crate) const BURST: u64 = 1024;

/// Units of spinning after which it is a while since the last checkpoint.
const LONG: u64 = 64 * BURST;

/// One worker at work.
pub(crate) struct Progress<'a> {
    head: &'a Head,
    slot: &'a Slot,
    last_at: u64,
    last_cpu: usize,
    frozen_ns: u64,
    mill: u64,
}

impl<'a> Progress<'a> {
    /// Begins, `offset` nanoseconds after the group was started; the time until now is the first gap.
    pub(crate) fn begin(head: &'a Head, slot: &'a Slot, offset: u64) -> Self {
        slot.cpu_before.store(cpu_time(), Ordering::Relaxed);
        let last_at = head.started_at.load(Ordering::Acquire).saturating_add(offset);
        let mut progress =
            Self { head, slot, last_at, last_cpu: usize::MAX, frozen_ns: 0, mill: last_at | 1 };
        progress.checkpoint();
        progress
    }

    /// Ends: the numbers in the slot are final.
    pub(crate) fn end(&mut self) {
        self.checkpoint();
        let cpu = cpu_time().saturating_sub(self.slot.cpu_before.load(Ordering::Relaxed));
        self.slot.measured(Measure::CpuNs).store(cpu, Ordering::Relaxed);
        self.slot.ended_at.store(self.last_at, Ordering::Release);
    }

    /// Whether it is time to stop.
    pub(crate) fn stopped(&self) -> bool {
        self.head.go.load(Ordering::Acquire) != go::RUN
    }

    /// The word that changes when it is time to stop, for those that sleep or work beside this one.
    pub(crate) fn go(&self) -> &'a AtomicU32 {
        &self.head.go
    }

    /// Spins for `units` of work, less when it is time to stop, and counts them as they are done.
    pub(crate) fn spin(&mut self, units: u64) {
        let mut left = units;
        while left > 0 {
            let part = left.min(BURST);
            if left < units && left.is_multiple_of(LONG) {
                self.checkpoint();
            }
            let mut x = self.mill;
            for _ in 0..part {
                x = std::hint::black_box(x.wrapping_mul(0x5851_F42D_4C95_7F2D).rotate_left(23));
            }
            self.mill = x;
            self.worked(part);
            left -= part;
            if self.stopped() {
                return;
            }
        }
    }

    /// Spins one burst, and says where it is.
    pub(crate) fn burst(&mut self) {
        self.spin(BURST);
        self.checkpoint();
    }

    /// Counts units of other work.
    pub(crate) fn worked(&self, units: u64) {
        add(self.slot.measured(Measure::WorkUnits), units);
    }

    /// Counts one iteration.
    pub(crate) fn iterated(&self) {
        add(self.slot.measured(Measure::Iterations), 1);
    }

    /// Measures the gap since the last checkpoint, less the time the group was frozen, and notes the CPU.
    pub(crate) fn checkpoint(&mut self) {
        self.checkpoint_less(0);
    }

    fn checkpoint_less(&mut self, slept: u64) {
        let (at, frozen) = self.moment();
        let away = slept.saturating_add(frozen.wrapping_sub(self.frozen_ns));
        let gap = at.saturating_sub(self.last_at).saturating_sub(away);
        self.frozen_ns = frozen;
        self.last_at = at;
        self.slot.seen_at.store(at, Ordering::Relaxed);
        self.look();
        raise(&self.slot.phase_gap, gap);
        if raise(self.slot.measured(Measure::MaxGapNs), gap) {
            self.note_gap(at);
        }
    }

    /// Notes when and where the longest gap ended.
    fn note_gap(&self, at: u64) {
        let since = at.saturating_sub(self.head.started_at.load(Ordering::Relaxed));
        self.slot.measured(Measure::GapEndNs).store(since, Ordering::Relaxed);
        self.slot.measured(Measure::GapCpu).store(self.last_cpu as u64, Ordering::Relaxed);
    }

    /// Notes the CPU: the epoch first, so that a CPU is never put down to a later watch.
    fn look(&mut self) {
        let epoch = self.head.epoch.load(Ordering::Acquire);
        let cpu = rustix::thread::sched_getcpu();
        self.slot.see(cpu, epoch);
        if cpu != self.last_cpu {
            if self.last_cpu != usize::MAX {
                add(self.slot.measured(Measure::Migrations), 1);
            }
            self.last_cpu = cpu;
            self.slot.cpu.store(cpu as u32, Ordering::Relaxed);
        }
    }

    /// Sleeps for `ns`, less when it is time to stop, and measures how late it woke.
    pub(crate) fn sleep(&mut self, ns: u64) {
        let (from, frozen) = self.moment();
        let deadline = from.saturating_add(ns);
        while !self.stopped() && now() < deadline {
            futex::wait(&self.head.go, go::RUN, Some(deadline));
        }
        let woke = now();
        if self.stopped() {
            self.checkpoint_less(woke.saturating_sub(from));
            return;
        }
        if self.head.frozen_ns.load(Ordering::Acquire) == frozen {
            self.woke(woke.saturating_sub(deadline));
        }
        self.checkpoint_less(ns);
    }

    /// Sleeps until it is time to stop: for a worker whose partner has ended, or that finds no room to work.
    pub(crate) fn wait_for_stop(&mut self, at_most: Option<u64>) {
        let deadline = at_most.map(|ns| now().saturating_add(ns));
        while !self.stopped() && deadline.is_none_or(|deadline| now() < deadline) {
            futex::wait(&self.head.go, go::RUN, deadline);
        }
    }

    /// Counts a wake-up that took this long.
    pub(crate) fn woke(&self, latency: u64) {
        add(self.slot.measured(Measure::Wakeups), 1);
        raise(self.slot.measured(Measure::WakeMaxNs), latency);
        histogram::note(&self.slot.wake_histogram, latency);
    }

    /// Counts a wake-up by what was done at `since`, unless the group was frozen since it had been so for
    /// `frozen`.
    pub(crate) fn woken(&self, since: &AtomicU64, frozen: u64) {
        let (at, frozen_now) = self.moment();
        if frozen_now == frozen {
            self.woke(at.saturating_sub(since.load(Ordering::Acquire)));
        }
    }

    /// As [`woken`](Self::woken), for one that has waited from `from` on; what it waited for is no gap.
    pub(crate) fn woken_after(&mut self, from: u64, since: &AtomicU64, frozen: u64) {
        self.woken(since, frozen);
        self.waited(since.load(Ordering::Acquire).saturating_sub(from));
    }

    /// A checkpoint after a wait for others of this long, which is no gap.
    pub(crate) fn waited(&mut self, ns: u64) {
        self.checkpoint_less(ns);
    }

    /// Sleeps until it is time to stop, having done all there is to do.
    pub(crate) fn sleep_to_the_end(&mut self) {
        let from = now();
        self.wait_for_stop(None);
        self.checkpoint_less(now().saturating_sub(from));
    }

    /// How long the group was frozen so far.
    pub(crate) fn frozen_ns(&self) -> u64 {
        self.head.frozen_ns.load(Ordering::Acquire)
    }

    /// Now, and how long the group was frozen until then.
    fn moment(&self) -> (u64, u64) {
        read_together(now, || self.frozen_ns())
    }
}

/// Reads a clock and how long it was frozen so far, such that no freeze lies between the two: that would
/// count as time that had passed before it did.
fn read_together(mut clock: impl FnMut() -> u64, mut frozen: impl FnMut() -> u64) -> (u64, u64) {
    let mut before = frozen();
    loop {
        let at = clock();
        let after = frozen();
        if after == before {
            return (at, after);
        }
        before = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn no_freeze_lies_between_a_clock_and_what_it_was_frozen() {
        // Freezes of 300 just before, or just after, these readings of the clock.
        let table: [(&[u32], bool); 4] = [(&[], false), (&[0], false), (&[0], true), (&[0, 1], true)];
        for (readings, after) in table {
            let (time, frozen, reads) = (Cell::new(1000), Cell::new(7), Cell::new(0));
            let freeze = |now: bool| {
                if now && readings.contains(&reads.get()) {
                    time.set(time.get() + 300);
                    frozen.set(frozen.get() + 300);
                }
            };
            let clock = || {
                freeze(!after);
                let at = time.get();
                freeze(after);
                reads.set(reads.get() + 1);
                at
            };
            let (at, frozen) = read_together(clock, || frozen.get());
            assert_eq!(at - frozen, 993, "at {readings:?}, after: {after}");
        }
    }
}
