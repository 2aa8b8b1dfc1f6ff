//! The leave to play a scenario: what it needs, and where its names lead. There is none for a scenario that
//! is not valid on the machine, but by the one door that tests use.

use super::items::{self, Items, slots_of_items};
use super::table::{Slot, Table};
use super::walk::Walk;
use crate::model::controllers::Controllers;
use crate::model::scenario::Scenario;
use crate::model::topology::Topology;
use crate::validate::invalid::Invalid;
use crate::validate::requirements::Requirements;
use crate::validate::rules::ErrorKind;
use crate::validate::slots_needed;

/// A scenario that was found valid on a machine, its names resolved: what [`play`](crate::play) takes, as
/// often as one likes. [`check`] makes it.
#[derive(Clone, Copy)]
pub struct Checked<'s, 'a> {
    pub(crate) scenario: &'a Scenario<'a>,
    pub(crate) topology: &'s Topology,
    pub(crate) needs: Requirements,
    /// What the run enables for its own cgroup's children.
    pub(crate) controllers: Controllers,
    pub(crate) items: Items<'s, 'a>,
    /// How many cgroups, payloads and interrupts have numbers.
    pub(crate) named: usize,
    /// Whether it was let in although it is not valid.
    pub(crate) forced: bool,
}

/// How many slots [`check`] takes at most for this scenario.
pub const fn slots_to_play(scenario: &Scenario<'_>) -> usize {
    slots_needed(scenario) + slots_of_items(scenario)
}

/// Judges a scenario against the machine that it is to be played on. [`slots_to_play`] says how many slots
/// are enough.
///
/// ```
/// use ktstr_core::prelude::*;
/// use ktstr_core::{Record, Slot, check, slots_to_play};
///
/// let scenario = Scenario::new("any").backdrop(Backdrop::new().push_op(Op::add_cgroup("cell")));
/// let machine = Topology::uniform(1, 1, 2, 1);
/// let mut slots = vec![Slot::FREE; slots_to_play(&scenario)];
/// let checked = check(&scenario, &machine, &mut slots)?;
/// let records = vec![Record::FREE; checked.records_needed()]; // what `play` is lent
/// assert_eq!((checked.needs().cgroups, records.len()), (1, 2));
/// # Ok::<(), Invalid>(())
/// ```
///
/// # Errors
/// The first error that a run would meet.
pub const fn check<'s, 'w, 'a: 'w>(
    scenario: &'w Scenario<'a>,
    topology: &'s Topology,
    slots: &'s mut [Slot<'a>],
) -> Result<Checked<'s, 'w>, Invalid<'a>> {
    match resolve(scenario, topology, slots, false) {
        (_, Some(invalid)) => Err(invalid),
        (checked, None) => Ok(checked),
    }
}

impl<'s, 'a> Checked<'s, 'a> {
    /// For tests that want to see an invalid scenario go wrong: judges as [`check`] does, and lets the
    /// scenario be played whatever comes of that. Names that lead nowhere are kept as such; played, they come
    /// to faults. So do the names behind the first part that breaks a rule, where it has shown what is wrong.
    ///
    /// # Errors
    /// When there are fewer slots than [`slots_to_play`] asks for.
    pub const fn forced<'b: 'a>(
        scenario: &'a Scenario<'b>,
        topology: &'s Topology,
        slots: &'s mut [Slot<'b>],
    ) -> Result<(Self, Result<Requirements, Invalid<'b>>), Invalid<'b>> {
        match resolve(scenario, topology, slots, true) {
            (_, Some(invalid)) if matches!(invalid.kind, ErrorKind::StorageTooSmall) => Err(invalid),
            (checked, Some(invalid)) => Ok((checked, Err(invalid))),
            (checked, None) => Ok((checked, Ok(checked.needs))),
        }
    }

    /// The scenario.
    pub const fn scenario(&self) -> &'a Scenario<'a> {
        self.scenario
    }

    /// The machine that it was judged for.
    pub const fn topology(&self) -> &'s Topology {
        self.topology
    }

    /// What it needs of whoever plays it.
    pub const fn needs(&self) -> &Requirements {
        &self.needs
    }

    /// How many records a run of it takes.
    pub const fn records_needed(&self) -> usize {
        // The first operation that does not fail as it has to ends the run, with what it has made.
        let unexpected = (self.needs.failing > 0) as usize;
        self.named.saturating_add(self.needs.groups as usize).saturating_add(unexpected)
    }
}

const fn resolve<'s, 'w, 'a: 'w>(
    scenario: &'w Scenario<'a>,
    topology: &'s Topology,
    slots: &'s mut [Slot<'a>],
    forced: bool,
) -> (Checked<'s, 'w>, Option<Invalid<'a>>) {
    let tail = slots_of_items(scenario);
    let head = slots.len().saturating_sub(tail);
    let (head, items) = slots.split_at_mut(head);
    if forced {
        items::clear(items); // the walk may end before it has come to all of them
    }
    let mut walk = Walk::new(scenario, Some(topology), Table::fresh(head), &mut []);
    (walk.items, walk.forced) = (items, forced);
    walk.scenario();
    let (first, needs, named) = (walk.first, walk.needs, walk.table.used());
    let controllers = if first.is_some() { scenario.controllers() } else { needs.controllers };
    let items = Items::new(walk.items);
    (Checked { scenario, topology, needs, controllers, items, named, forced }, first)
}
