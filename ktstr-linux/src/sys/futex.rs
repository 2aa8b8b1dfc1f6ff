//! Waiting on and waking a word of shared memory. Not the private kind: the waiters are other processes.

use rustix::io::Errno;
use rustix::thread::futex;
use std::sync::atomic::AtomicU32;

/// Sleeps while `word` is `expected`, at most until `deadline` on the monotonic clock, in nanoseconds.
/// Returns early now and then; the caller looks at the word.
pub(crate) fn wait(word: &AtomicU32, expected: u32, deadline: Option<u64>) {
    let until = deadline.map(|ns| rustix::time::Timespec {
        tv_sec: (ns / 1_000_000_000) as i64,
        tv_nsec: (ns % 1_000_000_000) as _,
    });
    let all = std::num::NonZeroU32::MAX;
    // Every error means "look again": another value, a signal, the deadline.
    let _ = futex::wait_bitset(word, futex::Flags::empty(), expected, until.as_ref(), all);
}

/// Wakes everyone who sleeps on `word`.
pub(crate) fn wake_all(word: &AtomicU32) {
    // Fails for a word outside this memory only.
    let _ = futex::wake(word, futex::Flags::empty(), i32::MAX as u32);
}

/// Wakes one that sleeps on `word`.
pub(crate) fn wake_one(word: &AtomicU32) {
    // As above.
    let _ = futex::wake(word, futex::Flags::empty(), 1);
}

/// Takes a lock whose word is the thread that has it, or 0, and waits for that; the owner inherits the
/// priority of those that wait. False where the owner has ended with it.
pub(crate) fn lock_pi(word: &AtomicU32) -> bool {
    loop {
        match futex::lock_pi(word, futex::Flags::empty(), None) {
            Ok(()) => return true,
            // The owner is about to exit, or the call was interrupted.
            Err(Errno::AGAIN | Errno::INTR) => {}
            Err(_) => return false,
        }
    }
}

/// Frees such a lock and gives it to the first of those that wait.
pub(crate) fn unlock_pi(word: &AtomicU32) {
    // Fails for a lock of somebody else only.
    let _ = futex::unlock_pi(word, futex::Flags::empty());
}
