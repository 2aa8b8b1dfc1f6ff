//! A list of what there is, in the order in which it was made, read as a slice. Nothing moves when the first or the last
//! goes.

use core::num::NonZeroUsize;
use core::ops::{Deref, DerefMut};
use heapless::Vec;

/// At most `N` entries.
///
/// Compilers clear what lies between two zeros, all the room of a table if they may: hence a field that is never 0 after
/// the entries.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Table<T, const N: usize> {
    entries: Vec<T, N>,
    /// One more than how many of `entries`, from the front, are gone.
    first: NonZeroUsize,
}

impl<T, const N: usize> Table<T, N> {
    pub(crate) const fn new() -> Self {
        Self { entries: Vec::new(), first: NonZeroUsize::MIN }
    }

    pub(crate) fn is_full(&self) -> bool {
        self.len() == N
    }

    /// Adds an entry after all others; gives it back when there is no room.
    pub(crate) fn push(&mut self, entry: T) -> Result<(), T> {
        if self.entries.is_full() {
            let (gone, left) = (self.gone(), self.len());
            self.entries.rotate_left(gone);
            self.entries.truncate(left);
            self.first = NonZeroUsize::MIN;
        }
        self.entries.push(entry)
    }

    /// Takes out the entry at a place that there is.
    pub(crate) fn remove(&mut self, place: usize) {
        if place == 0 {
            self.first = self.first.saturating_add(1);
        } else {
            self.entries.remove(self.gone() + place);
        }
    }

    fn gone(&self) -> usize {
        self.first.get() - 1
    }
}

impl<T, const N: usize> Deref for Table<T, N> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.entries[self.gone()..]
    }
}

impl<T, const N: usize> DerefMut for Table<T, N> {
    fn deref_mut(&mut self) -> &mut [T] {
        let gone = self.gone();
        &mut self.entries[gone..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::Rng;
    extern crate std;

    #[test]
    fn it_holds_what_a_list_would() {
        let (mut table, mut list, mut rng) = (Table::<u64, 5>::new(), std::vec::Vec::new(), Rng::new(1));
        for entry in 0..10_000 {
            if rng.below(2) == 0 {
                assert_eq!(table.push(entry).is_ok(), list.len() < 5);
                list.extend((list.len() < 5).then_some(entry));
            } else if !list.is_empty() {
                let place = (rng.below(2) * rng.below(list.len() as u64)) as usize;
                table.remove(place);
                list.remove(place);
            }
            assert_eq!((&*table, table.is_full()), (&list[..], list.len() == 5));
        }
    }
}
