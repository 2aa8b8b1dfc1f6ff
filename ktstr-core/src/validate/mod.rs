//! The judge of scenarios: one `const fn` that plays a scenario through on nothing but bookkeeping, and says
//! what would go wrong, where, and what to do about it. It runs at compile time, in the program and before
//! every run alike.
//!
//! Accepted means: on a backend without faults nothing goes wrong. Refused means: forced to run, it goes
//! wrong at the very place that the error names, in the way that its rule's
//! [`Class`](crate::validate::rules::Class) says. The rules are listed in [`crate::validate::rules`].
//!
//! Storage is lent by the caller, nothing is allocated. The cost grows linearly with cgroups and operations;
//! the one exception is a change of the cpuset of a cgroup with cgroups below it, which looks at all of
//! those.

mod checked;
mod comparisons;
mod cpusets;
mod deadlines;
mod defs;
mod direct;
mod expect;
mod failing;
pub(crate) mod invalid;
pub(crate) mod items;
mod limits;
mod loops;
mod moves;
mod names;
mod ops;
mod payloads;
pub(crate) mod requirements;
pub mod rules;
mod schedulers;
mod state;
mod steps;
mod table;
mod tree;
mod walk;
mod works;

#[cfg(test)]
mod tests;

pub use checked::{Checked, check, slots_to_play};
pub use deadlines::MAX_DEADLINE_CGROUPS;
pub use names::{MAX_DEPTH, MAX_NAME, MAX_PATH};
pub use table::Slot;
pub use works::MAX_WORKERS;

use crate::model::cgroup_def::CgroupDef;
use crate::model::op::Op;
use crate::model::scenario::Scenario;
use crate::model::topology::Topology;
use crate::validate::invalid::Invalid;
use crate::validate::requirements::Requirements;

/// Storage for validating, held in place.
///
/// ```
/// use ktstr_core::prelude::*;
/// use ktstr_core::{Storage, validate};
///
/// let scenario = Scenario::new("empty");
/// let mut storage = Storage::<64>::new();
/// assert!(validate(&scenario, None, &mut storage.scratch()).is_ok());
/// ```
pub struct Storage<'a, const N: usize> {
    slots: [Slot<'a>; N],
}

impl<'a, const N: usize> Storage<'a, N> {
    /// `N` free slots; a power of two, or the rest is not used.
    pub const fn new() -> Self {
        Self { slots: [Slot::FREE; N] }
    }

    /// The storage, ready to validate in.
    pub const fn scratch(&mut self) -> Scratch<'_, 'a> {
        Scratch::new(&mut self.slots)
    }
}

impl<const N: usize> Default for Storage<'_, N> {
    fn default() -> Self {
        Self::new()
    }
}

/// Lent storage: slots to keep the books in, and a list for what is found.
pub struct Scratch<'s, 'a> {
    slots: &'s mut [Slot<'a>],
    findings: &'s mut [Invalid<'a>],
    total: usize,
    epoch: u16,
}

impl<'s, 'a> Scratch<'s, 'a> {
    /// Storage without a list of findings: validation ends at the first error. [`slots_needed`] says how many
    /// slots are enough; the largest power of two of them is used. Clears the slots, so that one scratch for
    /// many validations is faster than one for each.
    pub const fn new(slots: &'s mut [Slot<'a>]) -> Self {
        Self::with_findings(slots, &mut [])
    }

    /// Storage, and a list that takes the errors found, as many as fit ([`Invalid::FILLER`] fills it
    /// beforehand).
    pub const fn with_findings(slots: &'s mut [Slot<'a>], findings: &'s mut [Invalid<'a>]) -> Self {
        let mut i = 0;
        while i < slots.len() {
            slots[i].free();
            i += 1;
        }
        Self { slots, findings, total: 0, epoch: 0 }
    }

    /// The errors of the last validation, in the order in which a run would meet them.
    pub const fn findings(&self) -> &[Invalid<'a>] {
        let kept = if self.total < self.findings.len() { self.total } else { self.findings.len() };
        self.findings.split_at(kept).0
    }

    /// How many errors the last validation found, also those that the list had no room for; without a list,
    /// at most 1.
    pub const fn total(&self) -> usize {
        self.total
    }
}

/// How many slots validating this scenario takes at most; a power of two.
pub const fn slots_needed(scenario: &Scenario<'_>) -> usize {
    let backdrop = &scenario.backdrop;
    let mut entries = 1 + backdrop.payloads.len() * 2;
    entries += entries_of_defs(backdrop.cgroups.as_slice()) + entries_of(backdrop.ops.as_slice());
    let mut i = 0;
    while i < scenario.steps.len() {
        let step = &scenario.steps[i];
        entries += entries_of_defs(step.setup) + entries_of(step.ops);
        entries += if step.payload.is_some() { 2 } else { 0 } + step.name.is_some() as usize;
        i += 1;
    }
    (entries + entries / 3 + 4).next_power_of_two()
}

const fn entries_of_defs(defs: &[CgroupDef<'_>]) -> usize {
    let mut entries = defs.len();
    let mut i = 0;
    while i < defs.len() {
        entries += if defs[i].payload.is_some() { 2 } else { 0 };
        i += 1;
    }
    entries
}

const fn entries_of(ops: &[Op<'_>]) -> usize {
    let mut entries = 0;
    let mut i = 0;
    while i < ops.len() {
        entries += ops[i].entries();
        i += 1;
    }
    entries
}

/// Judges a scenario, against a topology where one is given: without one, what depends on the machine is left
/// open. All errors go to the list of `scratch`, if it has one.
///
/// # Errors
/// The first error that a run would meet.
pub const fn validate<'a>(
    scenario: &Scenario<'a>,
    topology: Option<&Topology>,
    scratch: &mut Scratch<'_, 'a>,
) -> Result<Requirements, Invalid<'a>> {
    scratch.epoch = scratch.epoch.wrapping_add(1);
    if scratch.epoch == 0 {
        let mut i = 0;
        while i < scratch.slots.len() {
            scratch.slots[i].free();
            i += 1;
        }
        scratch.epoch = 1;
    }
    let table = table::Table::new(scratch.slots, scratch.epoch);
    let mut walk = walk::Walk::new(scenario, topology, table, scratch.findings);
    walk.scenario();
    let (first, total, needs) = (walk.first, walk.total, walk.needs);
    scratch.total = total;
    match first {
        None => Ok(needs),
        Some(invalid) => Err(invalid),
    }
}

impl<'a> Scenario<'a> {
    /// Judges the scenario with storage of its own, for scenarios of up to some 1,700 cgroups and payloads;
    /// longer ones go through [`validate`].
    ///
    /// # Errors
    /// The first error that a run would meet.
    pub const fn check(&self, topology: Option<&Topology>) -> Result<Requirements, Invalid<'a>> {
        match slots_needed(self) {
            0..=64 => check_in::<64>(self, topology),
            65..=512 => check_in::<512>(self, topology),
            _ => check_in::<2048>(self, topology),
        }
    }

    /// Refuses an invalid scenario. In a `const` that is a compile error with place, fault and cure:
    ///
    /// ```
    /// use ktstr_core::prelude::*;
    ///
    /// static S: Scenario = Scenario::new("quiet").steps(&[Step::hold(HoldSpec::FULL)]);
    /// const _: () = S.assert_valid();
    /// ```
    ///
    /// # Panics
    /// When the scenario is invalid on every machine.
    #[track_caller] // so that the compiler points at the scenario, not into this file
    pub const fn assert_valid(&self) {
        assert_ok(&self.check(None));
    }

    /// Refuses a scenario that is invalid on this machine.
    ///
    /// # Panics
    /// When it is; in a `const` that is a compile error.
    #[track_caller]
    pub const fn assert_valid_on(&self, topology: &Topology) {
        assert_ok(&self.check(Some(topology)));
    }
}

#[track_caller]
const fn assert_ok(result: &Result<Requirements, Invalid<'_>>) {
    if let Err(invalid) = result {
        panic!("{}", invalid.to_text().as_str());
    }
}

#[inline(never)] // so that only the storage that is needed lies on the stack
const fn check_in<'a, const N: usize>(
    scenario: &Scenario<'a>,
    topology: Option<&Topology>,
) -> Result<Requirements, Invalid<'a>> {
    let mut storage = Storage::<N>::new();
    validate(scenario, topology, &mut storage.scratch())
}
