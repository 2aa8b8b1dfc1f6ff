//! The queue of a team: a number of items, on the word of its first member. What the items are is of no
//! interest. It runs in a fork: no allocation.

use crate::clock::now;
use crate::sys::futex;
use crate::worker::context::{STOP, Team};
use crate::worker::progress::Progress;
use std::sync::atomic::Ordering;

impl Team<'_> {
    /// Puts an item in where there are fewer than `most`, and wakes one who waits for it.
    pub(crate) fn put(&self, most: u32) {
        let Some(slot) = self.slot(0) else { return };
        let mut items = slot.word.load(Ordering::Acquire);
        while items & STOP == 0 && items < most.min(STOP - 1) {
            if items == 0 {
                slot.woken_at.store(now(), Ordering::Release);
            }
            match slot.word.compare_exchange_weak(items, items + 1, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => {
                    futex::wake_one(&slot.word);
                    return;
                }
                Err(found) => items = found,
            }
        }
    }

    /// Takes an item out, and measures the wake-up where that took a wait, which is no gap; false when it is
    /// time to stop.
    pub(crate) fn take(&self, progress: &mut Progress<'_>) -> bool {
        let Some(slot) = self.slot(0) else { return false };
        let (from, frozen) = (now(), progress.frozen_ns());
        let mut slept = false;
        loop {
            let items = slot.word.load(Ordering::Acquire);
            if items & STOP != 0 {
                progress.waited(now().saturating_sub(from));
                return false;
            }
            if items == 0 {
                slept = true;
                futex::wait(&slot.word, 0, None);
            } else if slot
                .word
                .compare_exchange(items, items - 1, Ordering::AcqRel, Ordering::Acquire)
                .is_ok()
            {
                if slept {
                    progress.woken_after(from, &slot.woken_at, frozen);
                }
                return true;
            }
        }
    }
}
