//! Private memory of a worker, mapped by itself: it may not use the heap of the process it was forked from.

use std::ptr::NonNull;

/// A private anonymous mapping, zeroed.
pub(crate) struct Pages {
    base: NonNull<u8>,
    bytes: usize,
}

impl Pages {
    /// Maps `bytes`, above zero; `None` when there is no room. More than the machine has is mapped too: only
    /// what is touched counts (`MAP_NORESERVE`, see mmap(2) and `vm.overcommit_memory`).
    pub(crate) fn map(bytes: usize) -> Option<Self> {
        // SAFETY: a new mapping at an address of the kernel's choice touches no memory that is in use.
        let base = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                bytes,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
                -1,
                0,
            )
        };
        if base == libc::MAP_FAILED { None } else { Some(Self { base: NonNull::new(base.cast())?, bytes }) }
    }

    /// Has the pages on this node, below 64, from now on, and those moved that are elsewhere; false where
    /// the node is not there or not allowed.
    pub(crate) fn bind(&mut self, node: u32) -> bool {
        const MPOL_BIND: libc::c_int = 2;
        const MPOL_MF_MOVE: libc::c_uint = 2;
        let mask: u64 = 1u64.checked_shl(node).unwrap_or(0);
        // SAFETY: the mapping is this one's own, where its pages are is of no matter to what is in them, and
        // the mask is 64 bits that outlive the call; the kernel takes one off the number of bits it is
        // given.
        let result = unsafe {
            libc::syscall(
                libc::SYS_mbind,
                self.base.as_ptr(),
                self.bytes,
                MPOL_BIND,
                &raw const mask,
                64usize + 1,
                MPOL_MF_MOVE,
            )
        };
        result == 0
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
