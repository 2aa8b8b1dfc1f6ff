//! What the names of a scenario come to: for each of its items, the numbers of the things that it names.
//! Numbers go to cgroups, payloads and interrupts as they are first seen, from 0, the runner's cgroup; the
//! executor keeps each of them at its number and never looks at a name. Items are kept in slots behind those
//! of the table.

pub(crate) use super::state::NONE;
use super::table::{Entry, Key, Slot};
use super::walk::Walk;
use crate::model::op::Op;
use crate::model::payload::Payload;
use crate::model::placement::Placement;
use crate::model::scenario::Scenario;
use crate::model::step::Step;

/// How many items one slot holds.
pub(super) const PER_SLOT: usize = 6;

/// The number of the runner's own cgroup.
pub(crate) const RUNNER: u32 = 0;

/// The numbers of what an operation, a definition or a payload of the scenario names; `NONE` for what it does
/// not name, or what nothing of this name has ever been.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Item {
    /// The cgroup, or the first of two.
    pub(crate) cgroup: u32,
    /// The parent of the cgroup that is made, the second of two cgroups, or an interrupt.
    pub(crate) other: u32,
    /// The payload of this name in this cgroup.
    pub(crate) payload: u32,
    /// The name of the payload, wherever it runs.
    pub(crate) program: u32,
}

impl Item {
    pub(crate) const NONE: Self = Self { cgroup: NONE, other: NONE, payload: NONE, program: NONE };
}

/// The items of a scenario: of the Backdrop, then of each step; of each its definitions, its operations, its
/// payloads.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Items<'s, 'a> {
    slots: &'s [Slot<'a>],
}

impl<'s, 'a> Items<'s, 'a> {
    pub(super) const fn new(slots: &'s [Slot<'a>]) -> Self {
        Self { slots }
    }

    pub(crate) fn get(&self, index: usize) -> Item {
        match self.slots.get(index / PER_SLOT).map(|slot| &slot.entry) {
            Some(Entry::Items(items)) => items[index % PER_SLOT],
            _ => Item::NONE,
        }
    }
}

/// How many items a step has.
pub(crate) const fn items_of(step: &Step<'_>) -> usize {
    step.setup.len() + step.ops.len() + step.payload.is_some() as usize
}

/// How many items the Backdrop has.
pub(crate) const fn items_of_backdrop(scenario: &Scenario<'_>) -> usize {
    let backdrop = &scenario.backdrop;
    backdrop.cgroups.len() + backdrop.ops.len() + backdrop.payloads.len()
}

/// How many slots the items of a scenario take.
pub(super) const fn slots_of_items(scenario: &Scenario<'_>) -> usize {
    let mut items = items_of_backdrop(scenario);
    let mut i = 0;
    while i < scenario.steps.len() {
        items += items_of(&scenario.steps[i]);
        i += 1;
    }
    items.div_ceil(PER_SLOT)
}

/// Lets slots that may hold anything hold no item.
pub(super) const fn clear(slots: &mut [Slot<'_>]) {
    let mut i = 0;
    while i < slots.len() {
        slots[i].entry = Slot::FREE.entry;
        i += 1;
    }
}

impl<'a> Walk<'_, '_, 'a> {
    /// Keeps the item of a definition that was set up.
    #[inline]
    pub(super) const fn keep_def(&mut self, index: usize, name: &'a str, payload: Option<&Payload<'a>>) {
        if self.keeps_items() {
            let item = self.made(name, NONE, payload);
            self.keep(index, item);
        }
    }

    /// Keeps the item of a payload that was started beside the cgroups.
    #[inline]
    pub(super) const fn keep_payload(&mut self, index: usize, payload: &Payload<'a>) {
        if self.keeps_items() {
            let item = self.started(self.runner, payload.name, Item { cgroup: RUNNER, ..Item::NONE });
            self.keep(index, item);
        }
    }

    /// Whether anybody asks for the items.
    #[inline]
    pub(super) const fn keeps_items(&self) -> bool {
        !self.items.is_empty()
    }

    /// Keeps the item of an operation that was carried out; the cgroups that it names had the places `one`
    /// and `two` before.
    pub(super) const fn keep_op(&mut self, index: usize, op: &Op<'a>, one: u32, two: u32) {
        let item = self.item_of(op, one, two);
        self.keep(index, item);
    }

    const fn keep(&mut self, index: usize, item: Item) {
        let index = self.first_item + index;
        let slot = &mut self.items[index / PER_SLOT].entry;
        if let Entry::Items(items) = slot {
            items[index % PER_SLOT] = item;
        } else {
            let mut items = [Item::NONE; PER_SLOT];
            items[index % PER_SLOT] = item;
            *slot = Entry::Items(items);
        }
    }

    const fn item_of(&self, op: &Op<'a>, one: u32, two: u32) -> Item {
        match op {
            Op::AddCgroup { name, .. } => self.made(name, one, None),
            Op::AddCgroupDef { name, def, .. } => self.made(name, one, def.payload),
            Op::RemoveCgroup { cgroup, .. }
            | Op::StopCgroup { cgroup, .. }
            | Op::SetCpuset { cgroup, .. }
            | Op::ClearCpuset { cgroup, .. }
            | Op::SetLimits { cgroup, .. }
            | Op::KillCgroup { cgroup, .. }
            | Op::WriteFile { cgroup, .. }
            | Op::Reclaim { cgroup, .. }
            | Op::SetNice { cgroup, .. }
            | Op::SetSchedPolicy { cgroup, .. }
            | Op::SetAffinity { cgroup, .. }
            | Op::FreezeCgroup { cgroup, .. }
            | Op::UnfreezeCgroup { cgroup, .. }
            | Op::CaptureCgroupProcs { cgroup, .. } => {
                Item { cgroup: self.number(self.place_named(cgroup, one)), ..Item::NONE }
            }
            Op::Expect { cgroup, .. } => {
                let at = match cgroup {
                    Some(name) => self.place_named(name, one),
                    None => NONE,
                };
                Item { cgroup: self.number(at), ..Item::NONE }
            }
            Op::SwapCpusets { a, b, .. } => {
                let cgroup = self.number(self.place_named(a, one));
                Item { cgroup, other: self.number(self.place_named(b, two)), ..Item::NONE }
            }
            Op::Spawn { placement, .. } => {
                Item { cgroup: self.number(self.place_at(*placement, one)), ..Item::NONE }
            }
            Op::MoveAllTasks { from, to, .. } => {
                let cgroup = self.number(self.place_at(*from, one));
                Item { cgroup, other: self.number(self.place_at(*to, two)), ..Item::NONE }
            }
            Op::RunPayload { payload, cgroup, .. } => {
                let at = match cgroup {
                    Some(name) => self.place_named(name, one),
                    None => self.runner,
                };
                self.started(at, payload.name, Item { cgroup: self.number(at), ..Item::NONE })
            }
            Op::WaitPayload { name, cgroup, .. } | Op::KillPayload { name, cgroup, .. } => {
                let at = match cgroup {
                    Some(placement) => self.place_at(*placement, one),
                    None => NONE,
                };
                self.started(at, name, Item { cgroup: self.number(at), ..Item::NONE })
            }
            Op::SteerIrq { irq, .. } => {
                Item { other: self.number(self.table.find(Key::Irq(*irq))), ..Item::NONE }
            }
            Op::AttachScheduler { .. }
            | Op::DetachScheduler { .. }
            | Op::ReplaceScheduler { .. }
            | Op::RestartScheduler { .. } => Item::NONE,
        }
    }

    /// The item of a cgroup that was made here, with a payload in it.
    const fn made(&self, name: &'a str, known: u32, payload: Option<&Payload<'a>>) -> Item {
        let at = self.place_named(name, known);
        if at == NONE {
            return Item::NONE;
        }
        let above = match (self.cgroup(at).parent, super::names::parent(name)) {
            // What was made anew later, in vain, has lost it.
            (NONE, Some(path)) => self.table.find(Key::Cgroup(path)),
            (parent, _) => parent,
        };
        let item = Item { cgroup: self.number(at), other: self.number(above), ..Item::NONE };
        match payload {
            Some(payload) => self.started(at, payload.name, item),
            None => item,
        }
    }

    /// The item with the payload of this name in the cgroup at a place.
    const fn started(&self, at: u32, name: &'a str, item: Item) -> Item {
        let program = self.table.find(Key::Program(name));
        if program == NONE {
            return item;
        }
        let payload = match at {
            NONE => NONE,
            cgroup => self.table.find(Key::Running { program, cgroup }),
        };
        Item { payload: self.number(payload), program: self.number(program), ..item }
    }

    const fn place_at(&self, placement: Placement<'a>, known: u32) -> u32 {
        match placement {
            Placement::RunnerCgroup => self.runner,
            Placement::Cgroup(name) => self.place_named(name, known),
        }
    }

    /// The place of the cgroup of this name, alive or not; `known` if it was looked up before.
    const fn place_named(&self, name: &'a str, known: u32) -> u32 {
        match known {
            _ if name.is_empty() => NONE, // which is where the runner's cgroup is
            NONE => self.table.find(Key::Cgroup(name)),
            known => known,
        }
    }

    const fn number(&self, place: u32) -> u32 {
        if place == NONE { NONE } else { self.table.number(place) }
    }
}
