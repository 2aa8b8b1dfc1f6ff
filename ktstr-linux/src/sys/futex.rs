//! Waiting on and waking a word of shared memory. Not the private kind: the waiters are other processes.

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
