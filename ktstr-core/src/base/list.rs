//! Short lists that a `const fn` can build: an array and a length, or a borrowed slice. heapless serves the
//! tables of the running executor; its `push` is not `const`, so the model has a list of its own.

use serde::{Serialize, Serializer};

/// A list of at most `N` items held in place, or any number of items borrowed from a slice.
///
/// Pushing onto a borrowed list copies it in place first, which fails when it is longer than `N`.
#[derive(Clone, Copy)]
pub struct List<'a, T, const N: usize> {
    name: &'static str,
    items: Items<'a, T, N>,
}

/// Where the items are. An empty list borrows the empty slice, so that making one costs nothing.
#[derive(Clone, Copy)]
#[allow(clippy::large_enum_variant)] // no heap to box it on
enum Items<'a, T, const N: usize> {
    /// The first `len`; the places after them repeat some item and are never read.
    Held {
        items: [T; N],
        len: usize,
    },
    Lent(&'a [T]),
}

/// A list is full: `push` found no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "{list} holds at most {capacity} items in place; a Backdrop can be lent longer lists, see `Backdrop::lend_ops`"
)]
pub struct ListFull {
    /// Which list, as in `Backdrop::cgroups`.
    pub list: &'static str,
    /// How many items it holds in place.
    pub capacity: usize,
}

impl<'a, T: Copy, const N: usize> List<'a, T, N> {
    /// An empty list. `name` is what errors call it.
    pub(crate) const fn empty(name: &'static str) -> Self {
        Self { name, items: Items::Lent(&[]) }
    }

    /// Takes these items instead of its own, borrowed.
    pub(crate) const fn lend(&mut self, items: &'a [T]) {
        self.items = Items::Lent(items);
    }

    /// The items, in order.
    pub const fn as_slice(&self) -> &[T] {
        match &self.items {
            Items::Lent(items) => items,
            Items::Held { items, len } => items.split_at(*len).0,
        }
    }

    /// The items in place, to change.
    ///
    /// # Errors
    /// [`ListFull`] for a borrowed list that does not fit in place.
    pub(crate) const fn try_as_mut_slice(&mut self) -> Result<&mut [T], ListFull> {
        if let Items::Lent(&[first, ..]) = self.items
            && let Err(full) = self.hold(first)
        {
            return Err(full);
        }
        match &mut self.items {
            Items::Held { items, len } => Ok(items.split_at_mut(*len).0),
            Items::Lent(_) => Ok(&mut []),
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
        match self.push(item) {
            Ok(()) => Ok(self),
            Err(full) => Err(full),
        }
    }

    /// One more item, in place.
    ///
    /// # Errors
    /// [`ListFull`] when all `N` places are taken.
    pub const fn push(&mut self, item: T) -> Result<(), ListFull> {
        if let Err(full) = self.hold(item) {
            return Err(full);
        }
        match &mut self.items {
            Items::Held { items, len } if *len < N => {
                items[*len] = item;
                *len += 1;
                Ok(())
            }
            Items::Held { .. } | Items::Lent(_) => Err(self.full()),
        }
    }

    /// Copies borrowed items in place; `filler` fills the places after them.
    const fn hold(&mut self, filler: T) -> Result<(), ListFull> {
        let Items::Lent(lent) = self.items else { return Ok(()) };
        if lent.len() > N {
            return Err(self.full());
        }
        let mut items = [filler; N];
        let mut i = 0;
        while i < lent.len() {
            items[i] = lent[i];
            i += 1;
        }
        self.items = Items::Held { items, len: lent.len() };
        Ok(())
    }

    const fn full(&self) -> ListFull {
        ListFull { list: self.name, capacity: N }
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

    const TWO: List<'static, u8, 2> = List::empty("test");

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
        let mut list: List<'_, u8, 2> = List::empty("test");
        list.lend(&long);
        assert_eq!(list.len(), 3);
        assert!(list.try_push(4).is_err());
        list.lend(&long[..1]);
        assert_eq!(list.try_push(9).expect("fits").as_slice(), [1, 9]);
    }
}
