//! Short lists that a `const fn` can build: an array and a length, or a borrowed slice.
//! heapless serves the tables of the running executor; its `push` is not `const`, so the model has a list of its own.

use serde::{Serialize, Serializer};

/// A list of at most `N` items held in place, or any number of items borrowed from a slice.
///
/// Pushing onto a borrowed list copies it in place first, which fails when it is longer than `N`.
#[derive(Clone, Copy)]
pub struct List<'a, T, const N: usize> {
    name: &'static str,
    items: [T; N],
    len: usize,
    lent: Option<&'a [T]>,
}

/// A list is full: `push` found no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{list} holds at most {capacity} items in place: lend a slice instead, see `Backdrop::lent`")]
pub struct ListFull {
    /// Which list, as in `Backdrop::cgroups`.
    pub list: &'static str,
    /// How many items it holds in place.
    pub capacity: usize,
}

impl<'a, T: Copy, const N: usize> List<'a, T, N> {
    /// An empty list. `name` is what errors call it; `filler` only fills the unused places.
    pub(crate) const fn empty(name: &'static str, filler: T) -> Self {
        Self { name, items: [filler; N], len: 0, lent: None }
    }

    /// A list that borrows its items.
    pub(crate) const fn lent(name: &'static str, filler: T, items: &'a [T]) -> Self {
        Self { name, items: [filler; N], len: 0, lent: Some(items) }
    }

    /// The items, in order.
    pub const fn as_slice(&self) -> &[T] {
        match self.lent {
            Some(items) => items,
            None => self.items.split_at(self.len).0,
        }
    }

    /// The items in place, to change.
    ///
    /// # Errors
    /// [`ListFull`] for a borrowed list that does not fit in place.
    pub(crate) const fn try_as_mut_slice(&mut self) -> Result<&mut [T], ListFull> {
        match self.take_in() {
            Ok(()) => Ok(self.items.split_at_mut(self.len).0),
            Err(full) => Err(full),
        }
    }

    /// How many items.
    pub const fn len(&self) -> usize {
        self.as_slice().len()
    }

    /// Whether there is no item.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The list with one more item.
    ///
    /// # Errors
    /// [`ListFull`] when all `N` places are taken.
    pub const fn try_push(mut self, item: T) -> Result<Self, ListFull> {
        if let Err(full) = self.take_in() {
            return Err(full);
        }
        if self.len == N {
            return Err(ListFull { list: self.name, capacity: N });
        }
        self.items[self.len] = item;
        self.len += 1;
        Ok(self)
    }

    const fn take_in(&mut self) -> Result<(), ListFull> {
        let Some(items) = self.lent else { return Ok(()) };
        if items.len() > N {
            return Err(ListFull { list: self.name, capacity: N });
        }
        let mut i = 0;
        while i < items.len() {
            self.items[i] = items[i];
            i += 1;
        }
        self.len = items.len();
        self.lent = None;
        Ok(())
    }
}

impl<T: Copy, const N: usize> core::ops::Deref for List<'_, T, N> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        self.as_slice()
    }
}

impl<'l, T: Copy, const N: usize> IntoIterator for &'l List<'_, T, N> {
    type Item = &'l T;
    type IntoIter = core::slice::Iter<'l, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.as_slice().iter()
    }
}

impl<T: Copy + core::fmt::Debug, const N: usize> core::fmt::Debug for List<'_, T, N> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_list().entries(self.as_slice()).finish()
    }
}

impl<T: Copy + PartialEq, const N: usize> PartialEq for List<'_, T, N> {
    fn eq(&self, other: &Self) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl<T: Copy + Serialize, const N: usize> Serialize for List<'_, T, N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.as_slice())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: List<'static, u8, 2> = List::empty("test", 0);

    #[test]
    fn push_fills_in_order_and_says_when_full() {
        let list = TWO.try_push(7).and_then(|l| l.try_push(8)).expect("two fit");
        assert_eq!(list.as_slice(), [7, 8]);
        let mut sum = 0;
        for item in &list {
            sum += item;
        }
        assert_eq!(sum, 15);
        let full = list.try_push(9).expect_err("three do not");
        assert_eq!((full.list, full.capacity), ("test", 2));
    }

    #[test]
    fn a_lent_list_is_read_in_place_and_taken_in_on_push() {
        let long = [1u8, 2, 3];
        let list: List<'_, u8, 2> = List::lent("test", 0, &long);
        assert_eq!(list.len(), 3);
        assert!(list.try_push(4).is_err());
        let short = List::<u8, 2>::lent("test", 0, &long[..1]);
        assert_eq!(short.try_push(9).expect("fits").as_slice(), [1, 9]);
    }
}
