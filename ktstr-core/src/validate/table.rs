//! The storage that validation works in, lent by the caller: one hash table of cgroups, payloads and
//! interrupts, each in the slot where its name hashes to. Entries are never taken out during a validation, so
//! their places are stable.

use super::items::{Item, PER_SLOT};
use super::state::{Cgroup, NONE, Program, Running, UNLIMITED};
use crate::base::name;
use crate::base::rng::mix;

/// One place of the storage: 128 bytes, what every operation reads in the first half.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(64))]
pub struct Slot<'a> {
    hash: u16,
    /// The validation that has filled it; others see it as free.
    epoch: u16,
    /// Which of the entries it is, in the order in which they came.
    number: u32,
    pub(super) name: &'a str,
    pub(super) entry: Entry,
}

/// What a slot holds.
#[derive(Debug, Clone, Copy)]
pub(super) enum Entry {
    Irq(u32),
    /// A step that has a name.
    Step,
    Cgroup(Cgroup),
    Program(Program),
    Running(Running),
    /// No entry of the table: what items of the scenario come to.
    Items([Item; PER_SLOT]),
}

/// What is looked up.
#[derive(Clone, Copy)]
pub(super) enum Key<'k> {
    Irq(u32),
    Cgroup(&'k str),
    Program(&'k str),
    Running { program: u32, cgroup: u32 },
    Step(&'k str),
}

const _: () = assert!(size_of::<Slot<'_>>() == 128);

impl Slot<'_> {
    /// A free place.
    pub const FREE: Self = Self { hash: 0, epoch: 0, number: 0, name: "", entry: Entry::Irq(0) };

    /// Makes the place free: its epoch is all that is looked at of such a one.
    pub(super) const fn free(&mut self) {
        self.epoch = 0;
    }
}

/// The slots of one validation.
pub(super) struct Table<'s, 'a> {
    slots: &'s mut [Slot<'a>],
    mask: usize,
    used: usize,
    epoch: u16,
}

impl<'s, 'a> Table<'s, 'a> {
    /// Uses the largest power of two of the slots.
    pub(super) const fn new(slots: &'s mut [Slot<'a>], epoch: u16) -> Self {
        let size = if slots.is_empty() { 1 } else { 1 << slots.len().ilog2() };
        Self { slots, mask: size - 1, used: 0, epoch }
    }

    /// As [`new`](Self::new), in slots that may hold anything.
    pub(super) const fn fresh(slots: &'s mut [Slot<'a>]) -> Self {
        let table = Self::new(slots, 1);
        let mut i = 0;
        while i <= table.mask && i < table.slots.len() {
            table.slots[i].free();
            i += 1;
        }
        table
    }

    /// How many entries there are.
    pub(super) const fn used(&self) -> usize {
        self.used
    }

    pub(super) const fn size(&self) -> usize {
        self.slots.len()
    }

    /// The place of `key`, or `NONE`.
    #[inline(always)] // so that each use keeps only its own kind of key
    pub(super) const fn find(&self, key: Key<'_>) -> u32 {
        let (mut at, hash) = self.home(key);
        while at < self.slots.len() {
            let slot = &self.slots[at];
            if slot.epoch != self.epoch {
                return NONE;
            }
            if slot.hash == hash && same(slot, key) {
                return at as u32;
            }
            at = (at + 1) & self.mask;
        }
        NONE
    }

    /// Where the search for a key starts, and the part of its hash that entries keep.
    #[inline(always)]
    const fn home(&self, key: Key<'_>) -> (usize, u16) {
        let hash = hash(key);
        (hash as usize & self.mask, (hash >> 48) as u16)
    }

    /// Puts an entry that is not there yet; `None` when there is no room. One slot in eight stays free, so
    /// that a search ends soon.
    pub(super) const fn insert(&mut self, key: Key<'_>, name: &'a str, entry: Entry) -> Option<u32> {
        if self.used + 1 + (self.mask + 1) / 8 > self.mask {
            return None;
        }
        let (mut at, hash) = self.home(key);
        while self.slots[at].epoch == self.epoch {
            at = (at + 1) & self.mask;
        }
        self.slots[at] = Slot { hash, epoch: self.epoch, number: self.used as u32, name, entry };
        self.used += 1;
        Some(at as u32)
    }

    /// Which of the entries the one at a place is, in the order in which they came.
    pub(super) const fn number(&self, at: u32) -> u32 {
        self.slots[at as usize].number
    }

    pub(super) const fn name(&self, at: u32) -> &'a str {
        self.slots[at as usize].name
    }

    /// Notes how many tasks there are in cgroups with a `pids.max`.
    pub(super) const fn note_tasks(&mut self) {
        let mut at = 0;
        while at < self.slots.len() {
            if let Some(cgroup) = self.limited(at) {
                cgroup.growth = cgroup.tasks;
            }
            at += 1;
        }
    }

    /// Takes what was noted from how many tasks there are now; whether there are more anywhere.
    pub(super) const fn take_growth(&mut self) -> bool {
        let mut any = false;
        let mut at = 0;
        while at < self.slots.len() {
            if let Some(cgroup) = self.limited(at) {
                cgroup.growth = cgroup.tasks.saturating_sub(cgroup.growth);
                any |= cgroup.growth > 0;
            }
            at += 1;
        }
        any
    }

    /// Ends the counting.
    pub(super) const fn forget_growth(&mut self) {
        self.note_tasks();
        self.take_growth();
    }

    const fn limited(&mut self, at: usize) -> Option<&mut Cgroup> {
        let slot = &mut self.slots[at];
        match &mut slot.entry {
            Entry::Cgroup(cgroup) if slot.epoch == self.epoch && cgroup.pids != UNLIMITED => Some(cgroup),
            _ => None,
        }
    }

    /// The cgroup at a place that a search for a cgroup has given.
    #[inline]
    pub(super) const fn cgroup(&self, at: u32) -> &Cgroup {
        match &self.slots[at as usize].entry {
            Entry::Cgroup(cgroup) => cgroup,
            _ => panic!("a place of a cgroup holds a cgroup"),
        }
    }

    #[inline]
    pub(super) const fn cgroup_mut(&mut self, at: u32) -> &mut Cgroup {
        match &mut self.slots[at as usize].entry {
            Entry::Cgroup(cgroup) => cgroup,
            _ => panic!("a place of a cgroup holds a cgroup"),
        }
    }

    pub(super) const fn program_mut(&mut self, at: u32) -> &mut Program {
        match &mut self.slots[at as usize].entry {
            Entry::Program(program) => program,
            _ => panic!("a place of a program holds a program"),
        }
    }

    pub(super) const fn running(&self, at: u32) -> Running {
        match self.slots[at as usize].entry {
            Entry::Running(running) => running,
            _ => Running::new(NONE, NONE),
        }
    }

    pub(super) const fn running_mut(&mut self, at: u32) -> &mut Running {
        match &mut self.slots[at as usize].entry {
            Entry::Running(running) => running,
            _ => panic!("a place of a running payload holds one"),
        }
    }
}

#[inline(always)]
const fn same(slot: &Slot<'_>, key: Key<'_>) -> bool {
    match (&slot.entry, key) {
        (Entry::Cgroup(_), Key::Cgroup(name)) | (Entry::Program(_), Key::Program(name)) => {
            name::equal(slot.name, name)
        }
        (Entry::Running(running), Key::Running { program, cgroup }) => {
            running.program == program && running.cgroup == cgroup
        }
        (Entry::Irq(one), Key::Irq(other)) => *one == other,
        (Entry::Step, Key::Step(name)) => name::equal(slot.name, name),
        _ => false,
    }
}

#[inline(always)]
const fn hash(key: Key<'_>) -> u64 {
    match key {
        Key::Cgroup(name) => name::hash(name, 0),
        Key::Program(name) => name::hash(name, 1),
        Key::Running { program, cgroup } => mix((program as u64) << 32 | cgroup as u64),
        Key::Irq(irq) => mix(!(irq as u64)),
        Key::Step(name) => name::hash(name, 2),
    }
}
