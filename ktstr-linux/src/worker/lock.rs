//! The locks of a team, which one member has at a time: a futex on the word of its first member, which is
//! fair to nobody, as the common mutex of a C library; and one with inheritance of priority, on a word of
//! its own, as the kernel wants all of that. It runs in a fork: no allocation.

use crate::clock::now;
use crate::sys::futex;
use crate::worker::context::{STOP, Team};
use crate::worker::progress::Progress;
use std::sync::atomic::Ordering;

/// Nobody has it.
const FREE: u32 = 0;
/// One has it, and nobody waits.
const TAKEN: u32 = 1;
/// One has it, and others may wait.
const AWAITED: u32 = 2;

impl Team<'_> {
    /// Takes the lock, and measures the wake-up where that took a wait, which is no gap; false when it is
    /// time to stop.
    pub(crate) fn lock(&self, progress: &mut Progress<'_>) -> bool {
        let Some(slot) = self.slot(0) else { return false };
        let (from, frozen) = (now(), progress.frozen_ns());
        let mut wanted = TAKEN;
        loop {
            match slot.word.compare_exchange(FREE, wanted, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => break,
                Err(state) if state & STOP != 0 => {
                    progress.waited(now().saturating_sub(from));
                    return false;
                }
                Err(TAKEN) => {
                    // Fails when it has been freed, or is awaited, meanwhile.
                    let _ = slot.word.compare_exchange(TAKEN, AWAITED, Ordering::AcqRel, Ordering::Acquire);
                }
                Err(_) => {
                    // Whoever has slept does not know whether others still do.
                    wanted = AWAITED;
                    futex::wait(&slot.word, AWAITED, None);
                }
            }
        }
        if wanted == AWAITED {
            progress.woken_after(from, &slot.woken_at, frozen);
        }
        true
    }

    /// Frees the lock and wakes one who waits for it.
    pub(crate) fn unlock(&self) {
        let Some(slot) = self.slot(0) else { return };
        slot.woken_at.store(now(), Ordering::Release);
        // When it is time to stop nobody is left that waits.
        if slot.word.fetch_and(STOP, Ordering::AcqRel) == AWAITED {
            futex::wake_one(&slot.word);
        }
    }

    /// Takes the other lock of the team, whose owner inherits the priority of those that wait for it; false
    /// when it is time to stop, or the owner has ended with it.
    pub(crate) fn lock_pi(&self, progress: &mut Progress<'_>) -> bool {
        let (Some(shared), Some(own)) = (self.slot(0), self.slot(self.index())) else { return false };
        let (from, frozen) = (now(), progress.frozen_ns());
        if progress.stopped() {
            return false;
        }
        let task = own.pid.load(Ordering::Relaxed);
        if shared.lock.compare_exchange(FREE, task, Ordering::AcqRel, Ordering::Acquire).is_ok() {
            return true;
        }
        if futex::lock_pi(&shared.lock) {
            progress.woken_after(from, &shared.woken_at, frozen);
            return true;
        }
        progress.wait_for_stop(None);
        false
    }

    /// Frees that lock, which the kernel gives to one who waits for it.
    pub(crate) fn unlock_pi(&self) {
        let (Some(shared), Some(own)) = (self.slot(0), self.slot(self.index())) else { return };
        shared.woken_at.store(now(), Ordering::Release);
        let task = own.pid.load(Ordering::Relaxed);
        if shared.lock.compare_exchange(task, FREE, Ordering::AcqRel, Ordering::Acquire).is_err() {
            futex::unlock_pi(&shared.lock);
        }
    }
}
