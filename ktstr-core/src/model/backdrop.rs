//! The persistent state of a scenario: cgroups, operations and payloads that outlive every step.

use crate::base::list::{List, ListFull};
use crate::model::cgroup_def::CgroupDef;
use crate::model::op::Op;
use crate::model::payload::Payload;
use crate::model::scheduler::Scheduler;
use serde::Serialize;

/// How many cgroup definitions a [`Backdrop`] holds in place; a borrowed list can be longer.
pub const MAX_BACKDROP_CGROUPS: usize = 16;
/// How many operations a [`Backdrop`] holds in place.
pub const MAX_BACKDROP_OPS: usize = 32;
/// How many payloads a [`Backdrop`] holds in place.
pub const MAX_BACKDROP_PAYLOADS: usize = 8;

/// What is set up once before the first step and torn down after the last: the `scheduler`, `cgroups` one
/// after the other, each with its workers, then `ops`, then `payloads`. Creation order is declaration order.
///
/// ```
/// use ktstr_core::prelude::*;
///
/// static NOISE: Payload = Payload::binary("noise", "stress-ng").default_args(&["--cpu", "1"]);
/// const BACKDROP: Backdrop = Backdrop::new()
///     .push_cgroup(CgroupDef::named("cell").cpuset(CpusetSpec::disjoint(0, 2)))
///     .push_op(Op::add_cgroup("overflow"))
///     .push_payload(&NOISE);
/// assert_eq!(BACKDROP.cgroups.len(), 1);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Backdrop<'a> {
    /// The scheduler, attached and ready before the first cgroup is made; the kernel's own where there is
    /// none. It is detached after the last worker and payload have ended, before cgroups are removed.
    pub scheduler: Option<&'a Scheduler<'a>>,
    /// Cgroups with their workers, set up next, front to back.
    pub cgroups: List<'a, CgroupDef<'a>, MAX_BACKDROP_CGROUPS>,
    /// Operations, carried out next.
    pub ops: List<'a, Op<'a>, MAX_BACKDROP_OPS>,
    /// Payloads without further arguments, started last, in the runner's cgroup.
    pub payloads: List<'a, &'a Payload<'a>, MAX_BACKDROP_PAYLOADS>,
}

impl<'a> Backdrop<'a> {
    /// Nothing.
    pub const fn new() -> Self {
        Self {
            scheduler: None,
            cgroups: List::empty("Backdrop::cgroups"),
            ops: List::empty("Backdrop::ops"),
            payloads: List::empty("Backdrop::payloads"),
        }
    }

    /// These cgroups instead of any said before: borrowed, so that there may be any number of them.
    #[must_use]
    #[inline(always)] // or the whole Backdrop is copied at each call
    pub const fn lend_cgroups(mut self, cgroups: &'a [CgroupDef<'a>]) -> Self {
        self.cgroups.lend(cgroups);
        self
    }

    /// These operations instead of any said before: borrowed, so that there may be any number of them.
    #[must_use]
    #[inline(always)] // or the whole Backdrop is copied at each call
    pub const fn lend_ops(mut self, ops: &'a [Op<'a>]) -> Self {
        self.ops.lend(ops);
        self
    }

    /// These payloads instead of any said before: borrowed, so that there may be any number of them.
    #[must_use]
    #[inline(always)] // or the whole Backdrop is copied at each call
    pub const fn lend_payloads(mut self, payloads: &'a [&'a Payload<'a>]) -> Self {
        self.payloads.lend(payloads);
        self
    }

    /// These cgroups, in this order.
    ///
    /// # Panics
    /// When there are more than [`MAX_BACKDROP_CGROUPS`]; see [`lend_cgroups`](Self::lend_cgroups).
    pub fn from_cgroups<I: IntoIterator<Item = CgroupDef<'a>>>(cgroups: I) -> Self {
        Self::new().extend_cgroups(cgroups)
    }

    /// The scheduler that everything runs under.
    #[must_use]
    #[inline(always)] // or the whole Backdrop is copied at each call
    pub const fn scheduler(mut self, scheduler: &'a Scheduler<'a>) -> Self {
        self.scheduler = Some(scheduler);
        self
    }

    /// Whether there is nothing to set up.
    pub const fn is_empty(&self) -> bool {
        self.scheduler.is_none() && self.cgroups.is_empty() && self.ops.is_empty() && self.payloads.is_empty()
    }

    /// One more cgroup.
    ///
    /// # Panics
    /// When the list is full; in a `const` that is a compile error.
    #[must_use]
    pub const fn push_cgroup(self, def: CgroupDef<'a>) -> Self {
        match self.try_push_cgroup(def) {
            Ok(backdrop) => backdrop,
            Err(_) => {
                panic!("Backdrop::cgroups is full: it holds 16 in place, see Backdrop::lend_cgroups for more")
            }
        }
    }

    /// One more cgroup.
    ///
    /// # Errors
    /// [`ListFull`] at [`MAX_BACKDROP_CGROUPS`].
    pub const fn try_push_cgroup(mut self, def: CgroupDef<'a>) -> Result<Self, ListFull> {
        match self.cgroups.try_push(def) {
            Ok(cgroups) => {
                self.cgroups = cgroups;
                Ok(self)
            }
            Err(full) => Err(full),
        }
    }

    /// One more operation.
    ///
    /// # Panics
    /// When the list is full; in a `const` that is a compile error.
    #[must_use]
    pub const fn push_op(self, op: Op<'a>) -> Self {
        match self.try_push_op(op) {
            Ok(backdrop) => backdrop,
            Err(_) => panic!("Backdrop::ops is full: it holds 32 in place, see Backdrop::lend_ops for more"),
        }
    }

    /// One more operation.
    ///
    /// # Errors
    /// [`ListFull`] at [`MAX_BACKDROP_OPS`].
    pub const fn try_push_op(mut self, op: Op<'a>) -> Result<Self, ListFull> {
        match self.ops.try_push(op) {
            Ok(ops) => {
                self.ops = ops;
                Ok(self)
            }
            Err(full) => Err(full),
        }
    }

    /// One more payload, without further arguments.
    ///
    /// # Panics
    /// When the list is full; in a `const` that is a compile error.
    #[must_use]
    pub const fn push_payload(self, payload: &'a Payload<'a>) -> Self {
        match self.try_push_payload(payload) {
            Ok(backdrop) => backdrop,
            Err(_) => panic!(
                "Backdrop::payloads is full: it holds 8 in place, see Backdrop::lend_payloads for more"
            ),
        }
    }

    /// One more payload, without further arguments.
    ///
    /// # Errors
    /// [`ListFull`] at [`MAX_BACKDROP_PAYLOADS`].
    pub const fn try_push_payload(mut self, payload: &'a Payload<'a>) -> Result<Self, ListFull> {
        match self.payloads.try_push(payload) {
            Ok(payloads) => {
                self.payloads = payloads;
                Ok(self)
            }
            Err(full) => Err(full),
        }
    }

    /// More cgroups, in order.
    ///
    /// # Panics
    /// As [`push_cgroup`](Self::push_cgroup).
    #[must_use]
    pub fn extend_cgroups<I: IntoIterator<Item = CgroupDef<'a>>>(self, cgroups: I) -> Self {
        cgroups.into_iter().fold(self, Self::push_cgroup)
    }

    /// More operations, in order.
    ///
    /// # Panics
    /// As [`push_op`](Self::push_op).
    #[must_use]
    pub fn extend_ops<I: IntoIterator<Item = Op<'a>>>(self, ops: I) -> Self {
        ops.into_iter().fold(self, Self::push_op)
    }

    /// More payloads, in order.
    ///
    /// # Panics
    /// As [`push_payload`](Self::push_payload).
    #[must_use]
    pub fn extend_payloads<I: IntoIterator<Item = &'a Payload<'a>>>(self, payloads: I) -> Self {
        payloads.into_iter().fold(self, Self::push_payload)
    }

    /// The same Backdrop with every cgroup name passed through `rename`, so that a clone can stand beside its
    /// original.
    ///
    /// # Panics
    /// As [`try_rename_cgroups`](Self::try_rename_cgroups) fails.
    #[must_use]
    pub fn rename_cgroups(self, mut rename: impl FnMut(&'a str) -> &'a str) -> Self {
        match self.try_rename_cgroups(|name| Ok::<_, ListFull>(rename(name))) {
            Ok(backdrop) => backdrop,
            Err(full) => panic!("{full}"),
        }
    }

    /// The same Backdrop with `suffix` appended to the first component of every cgroup name: `cell/leaf`
    /// becomes `cell_b/leaf`. The new names are written into `store`.
    ///
    /// # Errors
    /// [`RenameError::Store`] when the store is too small, [`RenameError::List`] when a borrowed list is too
    /// long.
    pub fn suffix_cgroups(self, suffix: &str, store: &'a mut [u8]) -> Result<Self, RenameError> {
        let mut rest = store;
        self.try_rename_cgroups(|name| {
            let (first, below) = name.split_at(name.find('/').unwrap_or(name.len()));
            let length = name.len() + suffix.len();
            let (place, left) =
                core::mem::take(&mut rest).split_at_mut_checked(length).ok_or(RenameError::Store)?;
            rest = left;
            place[..first.len()].copy_from_slice(first.as_bytes());
            place[first.len()..][..suffix.len()].copy_from_slice(suffix.as_bytes());
            place[first.len() + suffix.len()..].copy_from_slice(below.as_bytes());
            Ok(core::str::from_utf8(place).unwrap_or_default())
        })
    }

    /// The same Backdrop with every cgroup name passed through `rename`.
    ///
    /// # Errors
    /// What `rename` fails with; [`ListFull`] when a lent list is too long to be changed in place.
    pub fn try_rename_cgroups<E: From<ListFull>>(
        mut self,
        mut rename: impl FnMut(&'a str) -> Result<&'a str, E>,
    ) -> Result<Self, E> {
        for def in self.cgroups.try_as_mut_slice()? {
            def.name = rename(def.name)?;
        }
        for op in self.ops.try_as_mut_slice()? {
            *op = op.try_rename_cgroups(&mut rename)?;
        }
        Ok(self)
    }
}

/// Why cgroups could not be renamed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RenameError {
    /// The store for the new names is too small.
    #[error("the store for the new names is too small: lend one as long as all names with their suffixes")]
    Store,
    /// A borrowed list is too long to be changed in place.
    #[error(transparent)]
    List(#[from] ListFull),
}

impl Default for Backdrop<'_> {
    fn default() -> Self {
        Self::new()
    }
}

impl<'a> FromIterator<CgroupDef<'a>> for Backdrop<'a> {
    fn from_iter<I: IntoIterator<Item = CgroupDef<'a>>>(cgroups: I) -> Self {
        Self::from_cgroups(cgroups)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    extern crate std;
    use std::vec::Vec;

    const LEAF: CgroupDef<'static> = CgroupDef::named("cell/leaf");
    const BACKDROP: Backdrop<'static> = Backdrop::new()
        .push_op(Op::add_cgroup("cell"))
        .push_op(Op::add_cgroup_def(&LEAF))
        .push_op(Op::move_all_tasks("", "cell/leaf"));

    #[test]
    fn an_empty_backdrop_says_so() {
        assert!(Backdrop::default().is_empty());
        assert!(!BACKDROP.is_empty());
    }

    #[test]
    fn a_suffix_goes_to_the_first_component_of_every_name() {
        let mut store = [0; 64];
        let sibling = BACKDROP.suffix_cgroups("_b", &mut store).expect("room");
        let expected = [
            Op::add_cgroup("cell_b"),
            Op::AddCgroupDef { name: "cell_b/leaf", def: &LEAF, fails: None },
            Op::move_all_tasks("", "cell_b/leaf"),
        ];
        assert_eq!(sibling.ops.as_slice(), expected);
        assert_eq!(BACKDROP.suffix_cgroups("_b", &mut [0; 9]), Err(RenameError::Store));
    }

    #[test]
    fn order_is_kept_and_a_full_list_names_itself() {
        let names = ["a", "b", "c"];
        let backdrop: Backdrop = names.into_iter().map(CgroupDef::named).collect();
        assert_eq!(backdrop.cgroups.iter().map(|def| def.name).collect::<Vec<_>>(), names);
        let full = Backdrop::from_cgroups([CgroupDef::named("x"); MAX_BACKDROP_CGROUPS]);
        assert_eq!(full.try_push_cgroup(CgroupDef::named("y")).expect_err("full").list, "Backdrop::cgroups");
    }

    #[test]
    fn a_lent_list_can_be_longer_but_not_renamed() {
        let many = [CgroupDef::named("x"); MAX_BACKDROP_CGROUPS + 1];
        let backdrop = Backdrop::new().lend_cgroups(&many);
        assert_eq!(backdrop.cgroups.len(), many.len());
        assert!(backdrop.try_rename_cgroups(Ok::<_, ListFull>).is_err());
    }

    #[test]
    fn auto_traits_hold() {
        fn check<T: Send + Sync + Unpin + std::panic::UnwindSafe + std::panic::RefUnwindSafe>() {}
        check::<Backdrop>();
    }
}
