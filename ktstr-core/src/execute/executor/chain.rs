//! Chains through the records of a run: first and last of a row of records, and in each record who comes
//! before and after. Adding, taking out and going on to the next cost the same however long a chain is.

/// No record.
pub(crate) const NONE: u32 = crate::validate::items::NONE;

/// A row of records, in the order in which they joined it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Chain {
    pub(crate) first: u32,
    pub(crate) last: u32,
}

impl Chain {
    pub(crate) const EMPTY: Self = Self { first: NONE, last: NONE };
}

/// The neighbours of a record in one of its chains.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Link {
    pub(crate) before: u32,
    pub(crate) after: u32,
}

impl Link {
    pub(crate) const ALONE: Self = Self { before: NONE, after: NONE };
}

/// Which of the chains that a record is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// Of all that shares its life; of the interrupts; of the free records.
    Owner,
    /// Of the children of a cgroup; of the groups or payloads in a cgroup.
    Place,
    /// Of the frozen cgroups; of the payloads of one name.
    Kind,
}

/// What has links.
pub(crate) trait Linked {
    fn link(&mut self, way: Way) -> &mut Link;
}

/// Puts a record at the end of a chain.
pub(crate) fn append<T: Linked>(records: &mut [T], chain: &mut Chain, at: u32, way: Way) {
    let Some(record) = records.get_mut(at as usize) else { return };
    *record.link(way) = Link { before: chain.last, after: NONE };
    match records.get_mut(chain.last as usize) {
        Some(last) => last.link(way).after = at,
        None => chain.first = at,
    }
    chain.last = at;
}

/// Puts a record in front of a chain of which only the first is known.
pub(crate) fn prepend<T: Linked>(records: &mut [T], first: &mut u32, at: u32, way: Way) {
    let Some(record) = records.get_mut(at as usize) else { return };
    *record.link(way) = Link { before: NONE, after: *first };
    if let Some(record) = records.get_mut(*first as usize) {
        record.link(way).before = at;
    }
    *first = at;
}

/// Takes a record out of the chain that it is in.
pub(crate) fn unlink<T: Linked>(records: &mut [T], chain: &mut Chain, at: u32, way: Way) {
    let Some(record) = records.get_mut(at as usize) else { return };
    let Link { before, after } = core::mem::replace(record.link(way), Link::ALONE);
    match records.get_mut(before as usize) {
        Some(record) => record.link(way).after = after,
        None => chain.first = after,
    }
    match records.get_mut(after as usize) {
        Some(record) => record.link(way).before = before,
        None => chain.last = before,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::Rng;
    extern crate std;
    use std::vec::Vec;

    struct Bead(Link);

    impl Linked for Bead {
        fn link(&mut self, _: Way) -> &mut Link {
            &mut self.0
        }
    }

    #[test]
    fn it_holds_what_a_list_would() {
        let mut beads: Vec<Bead> = (0..8).map(|_| Bead(Link::ALONE)).collect();
        let (mut chain, mut list, mut rng) = (Chain::EMPTY, Vec::<u32>::new(), Rng::new(1));
        for _ in 0..10_000 {
            let at = rng.below(8) as u32;
            if let Some(place) = list.iter().position(|one| *one == at) {
                list.remove(place);
                unlink(&mut beads, &mut chain, at, Way::Place);
            } else {
                list.push(at);
                append(&mut beads, &mut chain, at, Way::Place);
            }
            let steps = |first: u32, next: fn(&Bead) -> u32| {
                let along = |at: &u32| beads.get(*at as usize).map(next);
                std::iter::successors(Some(first), along).take_while(|at| *at != NONE).collect::<Vec<_>>()
            };
            assert_eq!(steps(chain.first, |bead| bead.0.after), list);
            list.reverse();
            assert_eq!(steps(chain.last, |bead| bead.0.before), list);
            list.reverse();
        }
    }
}
