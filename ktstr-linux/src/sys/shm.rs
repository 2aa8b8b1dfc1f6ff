//! Memory shared between the supervisor and its workers: anonymous mappings, seen as atomics only.
//! It outlives the workers, so nothing they have counted is lost when they are killed. Groups share mappings:
//! each one is work for every later fork.

use rustix::io::Errno;
use std::marker::PhantomData;
use std::ptr::NonNull;
use std::rc::Rc;

/// Bytes of a mapping, if what is asked for fits.
const CHUNK: usize = 1 << 20;

/// Types for which all zeroes is a value, and which are changed through `&self` only, by several processes at
/// once.
///
/// # Safety
/// The type consists of atomics (and padding) alone.
pub(crate) unsafe trait Shareable: Sync {}

/// A shared mapping; it goes when nothing is in it any more.
struct Mapping {
    base: NonNull<u8>,
    bytes: usize,
}

impl Mapping {
    fn new(bytes: usize) -> Result<Self, Errno> {
        // SAFETY: a new mapping at an address of the kernel's choice touches no memory that is in use.
        let base = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                bytes,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_SHARED | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
                -1,
                0,
            )
        };
        if base == libc::MAP_FAILED {
            return Err(Errno::NOMEM);
        }
        NonNull::new(base.cast()).map(|base| Self { base, bytes }).ok_or(Errno::NOMEM)
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: this is the mapping that `new` made, and nothing is in it any more.
        unsafe { libc::munmap(self.base.as_ptr().cast(), self.bytes) };
    }
}

/// Where regions come from. Nothing is handed out twice, so that all of it is zeroed.
#[derive(Default)]
pub(crate) struct Arena {
    mapping: Option<Rc<Mapping>>,
    used: usize,
}

/// A head and a number of slots in shared memory, zeroed.
pub(crate) struct Region<H: Shareable, S: Shareable> {
    mapping: Rc<Mapping>,
    at: usize,
    slots: usize,
    of: PhantomData<(H, S)>,
}

impl Arena {
    /// Goes on in a new mapping of this size, so that who is forked now sees what is put there later. Memory
    /// is taken for what is used of it only.
    ///
    /// # Errors
    /// `ENOMEM`.
    pub(crate) fn renew(&mut self, bytes: usize) -> Result<(), Errno> {
        self.mapping = Some(Rc::new(Mapping::new(bytes)?));
        self.used = 0;
        Ok(())
    }

    /// Whether a region is in the mapping in which the next will be, if there is room.
    pub(crate) fn has<H: Shareable, S: Shareable>(&self, region: &Region<H, S>) -> bool {
        self.mapping.as_ref().is_some_and(|mapping| Rc::ptr_eq(mapping, &region.mapping))
    }

    /// Copies a value there, bit by bit, for processes that were forked before; gives where it is, or nothing
    /// where there is no room. It stays as long as the regions of the mapping, and is never dropped.
    ///
    /// # Safety
    /// `T` refers to static variables and to shared memory only, and nothing in it has an owner elsewhere
    /// that would end it while the copy is used.
    pub(crate) unsafe fn copy<T>(&mut self, items: &[T]) -> Option<NonNull<[T]>> {
        let mapping = self.mapping.as_ref()?;
        let at = self.used.next_multiple_of(align_of::<T>());
        let end = at.checked_add(size_of_val(items)).filter(|end| *end <= mapping.bytes)?;
        // SAFETY: `at` to `end` is in the mapping, aligned, and was handed out to nobody.
        let copy = unsafe {
            let to = mapping.base.add(at).cast::<T>();
            std::ptr::copy_nonoverlapping(items.as_ptr(), to.as_ptr(), items.len());
            NonNull::slice_from_raw_parts(to, items.len())
        };
        self.used = end;
        Some(copy)
    }

    /// A head and `slots` slots.
    ///
    /// # Errors
    /// `ENOMEM`.
    pub(crate) fn region<H: Shareable, S: Shareable>(&mut self, slots: usize) -> Result<Region<H, S>, Errno> {
        let bytes = slots
            .checked_mul(size_of::<S>())
            .and_then(|bytes| bytes.checked_add(Region::<H, S>::SLOTS_AT))
            .ok_or(Errno::NOMEM)?;
        let at = self.used.next_multiple_of(Region::<H, S>::ALIGN);
        let there = self
            .mapping
            .as_ref()
            .filter(|mapping| at.checked_add(bytes).is_some_and(|end| end <= mapping.bytes));
        let (mapping, at) = match there {
            Some(mapping) => (Rc::clone(mapping), at),
            None => (Rc::new(Mapping::new(bytes.max(CHUNK))?), 0),
        };
        self.used = at.saturating_add(bytes);
        self.mapping = Some(Rc::clone(&mapping));
        Ok(Region { mapping, at, slots, of: PhantomData })
    }
}

impl<H: Shareable, S: Shareable> Region<H, S> {
    const SLOTS_AT: usize = size_of::<H>().next_multiple_of(align_of::<S>());

    const ALIGN: usize = if align_of::<H>() > align_of::<S>() { align_of::<H>() } else { align_of::<S>() };

    /// The head.
    pub(crate) fn head(&self) -> &H {
        // SAFETY: `at` is aligned for `H` in a mapping that begins on a page; there the arena has set a whole
        // `H` of zeroes or later atomic stores aside, and the mapping lives as long as `self`.
        unsafe { self.mapping.base.add(self.at).cast::<H>().as_ref() }
    }

    /// The slots.
    pub(crate) fn slots(&self) -> &[S] {
        // SAFETY: `SLOTS_AT` is aligned for `S`, and the arena has set `slots` of them aside behind it.
        unsafe {
            let first = self.mapping.base.add(self.at + Self::SLOTS_AT).cast::<S>();
            std::slice::from_raw_parts(first.as_ptr(), self.slots)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};

    #[repr(align(64))]
    struct Word(AtomicU64);

    // SAFETY: an atomic only.
    unsafe impl Shareable for Word {}

    #[test]
    fn regions_share_a_mapping_and_nothing_in_it() {
        let mut arena = Arena::default();
        let per_region = 64 * 65;
        let regions: Vec<Region<Word, Word>> =
            (0..=2 * CHUNK / per_region).map(|_| arena.region(64).expect("memory")).collect();
        for (index, region) in regions.iter().enumerate() {
            for word in region.slots().iter().chain([region.head()]) {
                assert_eq!(word.0.swap(index as u64 + 1, Ordering::Relaxed), 0);
            }
        }
        let mut mappings: Vec<_> = regions.iter().map(|region| region.mapping.base).collect();
        mappings.dedup();
        assert_eq!(mappings.len(), 3);
        let large: Region<Word, Word> = arena.region(CHUNK / 32).expect("memory");
        assert!(large.slots().iter().all(|word| word.0.load(Ordering::Relaxed) == 0));
        assert_eq!(arena.region::<Word, Word>(usize::MAX).err(), Some(Errno::NOMEM));
    }
}
