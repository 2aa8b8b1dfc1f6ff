//! Private memory of a worker, mapped by itself: it may not use the heap of the process it was forked from.

use std::ptr::NonNull;

/// A private anonymous mapping, zeroed.
pub(crate) struct Pages {
    base: NonNull<u8>,
    bytes: usize,
}

impl Pages {
    /// Maps `bytes`, above zero; `None` when there is no room.
    pub(crate) fn map(bytes: usize) -> Option<Self> {
        // SAFETY: a new mapping at an address of the kernel's choice touches no memory that is in use.
        let base = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                bytes,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
                -1,
                0,
            )
        };
        if base == libc::MAP_FAILED { None } else { Some(Self { base: NonNull::new(base.cast())?, bytes }) }
    }

    /// The bytes.
    pub(crate) fn bytes(&mut self) -> &mut [u8] {
        // SAFETY: the mapping is ours alone, holds this many initialised bytes, and lives as long as `self`.
        unsafe { std::slice::from_raw_parts_mut(self.base.as_ptr(), self.bytes) }
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        // SAFETY: this is the mapping that `map` made, and all borrows of it have ended.
        unsafe { libc::munmap(self.base.as_ptr().cast(), self.bytes) };
    }
}
