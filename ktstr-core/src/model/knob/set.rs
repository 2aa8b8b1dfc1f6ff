//! A set of control files.

use super::Knob;
use crate::model::controllers::Controllers;

/// Control files, each at most once, in the order of [`Knob::ALL`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct KnobSet {
    bits: u64,
}

impl KnobSet {
    /// None.
    pub const NONE: Self = Self { bits: 0 };

    /// The set with one more.
    #[must_use]
    pub const fn with(self, knob: Knob) -> Self {
        Self { bits: self.bits | 1 << knob as u32 }
    }

    /// The set with this one if `named`.
    pub(super) const fn with_if(self, knob: Knob, named: bool) -> Self {
        Self { bits: self.bits | (named as u64) << knob as u32 }
    }

    /// Those in either.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self { bits: self.bits | other.bits }
    }

    /// Those that are not in `other`.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self { bits: self.bits & !other.bits }
    }

    /// Whether it has this one.
    pub const fn has(self, knob: Knob) -> bool {
        self.bits >> knob as u32 & 1 == 1
    }

    /// Whether it has none.
    pub const fn is_empty(self) -> bool {
        self.bits == 0
    }

    /// The first one, and the set without it.
    pub const fn split_first(self) -> Option<(Knob, Self)> {
        if self.bits == 0 {
            return None;
        }
        let first = Knob::ALL[self.bits.trailing_zeros() as usize];
        Some((first, Self { bits: self.bits & (self.bits - 1) }))
    }

    /// The controllers they belong to.
    pub const fn controllers(self) -> Controllers {
        let mut controllers = Controllers::NONE;
        let mut rest = self;
        while let Some((knob, others)) = rest.split_first() {
            if let Some(controller) = knob.controller() {
                controllers = controllers.with(controller);
            }
            rest = others;
        }
        controllers
    }

    /// Each of them.
    pub fn iter(self) -> impl Iterator<Item = Knob> {
        Knob::ALL.into_iter().filter(move |&knob| self.has(knob))
    }
}

const _: () = assert!(Knob::ALL.len() <= u64::BITS as usize, "a set has a bit for each");
