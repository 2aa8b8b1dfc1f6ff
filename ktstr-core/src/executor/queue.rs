//! A list in the order in which its items were put in, from which mostly the first goes: nothing is moved then. It is read
//! as a slice.

use core::ops::{Deref, DerefMut};
use heapless::Vec;

/// At most `N` items.
#[derive(Debug)]
pub(crate) struct Queue<T, const N: usize> {
    items: Vec<T, N>,
    /// How many of `items`, from the front, are gone.
    gone: usize,
}

impl<T, const N: usize> Queue<T, N> {
    pub(crate) const fn new() -> Self {
        Self { items: Vec::new(), gone: 0 }
    }

    pub(crate) fn is_full(&self) -> bool {
        self.len() == N
    }

    /// Puts an item at the end; gives it back when there is no room.
    pub(crate) fn push(&mut self, item: T) -> Result<(), T> {
        if self.items.is_full() {
            let left = self.len();
            self.items.rotate_left(self.gone);
            self.items.truncate(left);
            self.gone = 0;
        }
        self.items.push(item)
    }

    /// Takes out the item at a place that there is.
    pub(crate) fn remove(&mut self, place: usize) {
        if place == 0 {
            self.gone += 1;
        } else {
            self.items.remove(self.gone + place);
        }
    }
}

impl<T, const N: usize> Deref for Queue<T, N> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.items[self.gone..]
    }
}

impl<T, const N: usize> DerefMut for Queue<T, N> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.items[self.gone..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;
    extern crate std;

    #[test]
    fn it_holds_what_a_list_would() {
        let (mut queue, mut list, mut rng) = (Queue::<u64, 5>::new(), std::vec::Vec::new(), Rng::new(1));
        for item in 0..10_000 {
            if rng.below(2) == 0 {
                assert_eq!(queue.push(item).is_ok(), list.len() < 5);
                list.extend((list.len() < 5).then_some(item));
            } else if !list.is_empty() {
                let place = (rng.below(2) * rng.below(list.len() as u64)) as usize;
                queue.remove(place);
                list.remove(place);
            }
            assert_eq!((&*queue, queue.is_full()), (&list[..], list.len() == 5));
        }
    }
}
