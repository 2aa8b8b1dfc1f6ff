//! Memory shared between the supervisor and its workers: one anonymous mapping, seen as atomics only.
//! It outlives the workers, so nothing they have counted is lost when they are killed.

use rustix::io::Errno;
use std::marker::PhantomData;
use std::ptr::NonNull;

/// Types for which all zeroes is a value, and which are changed through `&self` only, by several processes at
/// once.
///
/// # Safety
/// The type consists of atomics (and padding) alone.
pub(crate) unsafe trait Shareable: Sync {}

/// A head and a number of slots in one shared mapping, zeroed.
pub(crate) struct Region<H: Shareable, S: Shareable> {
    base: NonNull<u8>,
    bytes: usize,
    slots: usize,
    of: PhantomData<(H, S)>,
}

impl<H: Shareable, S: Shareable> Region<H, S> {
    const SLOTS_AT: usize = size_of::<H>().next_multiple_of(align_of::<S>());

    /// Maps a head and `slots` slots.
    ///
    /// # Errors
    /// `ENOMEM`.
    pub(crate) fn new(slots: usize) -> Result<Self, Errno> {
        let bytes = slots
            .checked_mul(size_of::<S>())
            .and_then(|bytes| bytes.checked_add(Self::SLOTS_AT))
            .ok_or(Errno::NOMEM)?;
        // SAFETY: a new mapping at an address of the kernel's choice touches no memory that is in use.
        let base = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                bytes,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_SHARED | libc::MAP_ANONYMOUS,
                -1,
                0,
            )
        };
        if base == libc::MAP_FAILED {
            return Err(Errno::NOMEM);
        }
        let base = NonNull::new(base.cast()).ok_or(Errno::NOMEM)?;
        Ok(Self { base, bytes, slots, of: PhantomData })
    }

    /// The head.
    pub(crate) fn head(&self) -> &H {
        // SAFETY: the mapping begins on a page, holds a whole `H` of zeroes or later atomic stores, and lives
        // as long as `self`.
        unsafe { self.base.cast::<H>().as_ref() }
    }

    /// The slots.
    pub(crate) fn slots(&self) -> &[S] {
        // SAFETY: `SLOTS_AT` is aligned for `S` and `new` has mapped `slots` of them behind it.
        unsafe { std::slice::from_raw_parts(self.base.add(Self::SLOTS_AT).cast::<S>().as_ptr(), self.slots) }
    }
}

impl<H: Shareable, S: Shareable> Drop for Region<H, S> {
    fn drop(&mut self) {
        // SAFETY: this is the mapping that `new` made, and all borrows of it have ended.
        unsafe { libc::munmap(self.base.as_ptr().cast(), self.bytes) };
    }
}
