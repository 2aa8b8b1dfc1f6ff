//! Descriptors of a forked worker: it keeps only what it works with, so that locks and pipes of the
//! supervisor end with the supervisor.

use std::os::fd::RawFd;

/// Closes every descriptor from 3 up that is not in `keep`, which is sorted; with nothing to keep in a table
/// of its own, if this one is shared until now. Kernels before 5.9 keep them all.
///
/// # Safety
/// Only for a forked child that never uses a descriptor outside `keep` again, and never runs a destructor.
pub(crate) unsafe fn close_all_but(keep: &[RawFd]) {
    if keep.is_empty() {
        // The kernel does not even copy what it closes.
        if !close_range(3, u32::MAX, libc::CLOSE_RANGE_UNSHARE) {
            // SAFETY: nothing but this task's view of its descriptors changes. It fails for want of memory
            // only; then this process shares them to its end, and closes none.
            unsafe { libc::unshare(libc::CLONE_FILES) };
        }
        return;
    }
    let mut from: u32 = 3;
    for &fd in keep {
        let Ok(fd) = u32::try_from(fd) else { continue };
        if fd > from {
            close_range(from, fd - 1, 0);
        }
        from = from.max(fd + 1);
    }
    close_range(from, u32::MAX, 0);
}

fn close_range(first: u32, last: u32, flags: u32) -> bool {
    // SAFETY: the caller of `close_all_but` promises that nothing uses these descriptors.
    unsafe { libc::syscall(libc::SYS_close_range, first, last, flags) == 0 }
}
