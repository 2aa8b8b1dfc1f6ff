//! A thread of a worker, without the C library: it shares all with the one that starts it, has no memory of
//! its own but the stack it is given, and only computes.

use super::{clone, futex};
use std::sync::atomic::{AtomicU32, Ordering};

/// Bytes of a stack that is enough for it.
pub(crate) const STACK: usize = 64 * 1024;

/// Units of work between two looks whether it is time to stop.
const BURST: u64 = 1024;

/// What a thread is to do.
struct Plan<'a> {
    units: u64,
    /// Changes when it is time to stop.
    go: &'a AtomicU32,
}

/// Starts a thread on `stack` that spins for so many units, less when `go` changes, and waits until it has
/// ended; false where it could not be started.
pub(crate) fn spin(units: u64, go: &AtomicU32, stack: &mut [u8]) -> bool {
    let plan = Plan { units, go };
    // The kernel makes it 0 and wakes us once the thread is off its stack.
    let lives = AtomicU32::new(1);
    // SAFETY: this function returns only once the thread has ended, so `plan`, `lives` and `stack` outlive
    // its use of them. `run` never returns, allocates nothing and uses no memory of the thread of the C
    // library, which it shares with the one that waits here.
    let started = unsafe { clone::thread(stack, &lives, run, std::ptr::from_ref(&plan).cast()) };
    while started && lives.load(Ordering::Acquire) != 0 {
        futex::wait(&lives, 1, None);
    }
    started
}

extern "C" fn run(plan: *const libc::c_void) -> ! {
    // SAFETY: `spin` passes a plan that lives as long as this thread.
    let plan = unsafe { &*plan.cast::<Plan<'_>>() };
    let before = plan.go.load(Ordering::Acquire);
    let (mut left, mut x) = (plan.units, 1u64);
    while left > 0 && plan.go.load(Ordering::Acquire) == before {
        let part = left.min(BURST);
        for _ in 0..part {
            x = std::hint::black_box(x.wrapping_mul(0x5851_F42D_4C95_7F2D).rotate_left(23));
        }
        left -= part;
    }
    clone::exit_thread()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    fn a_thread_runs_and_is_waited_for() {
        let mut stack = vec![0u8; STACK];
        for units in [0, 1, 100_000] {
            assert!(spin(units, &AtomicU32::new(0), &mut stack));
        }
        assert!(stack.iter().any(|byte| *byte != 0), "it was on its stack");
    }
}
