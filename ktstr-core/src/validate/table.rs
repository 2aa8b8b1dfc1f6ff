//! The storage that validation works in, lent by the caller: one hash table of cgroups, payloads and interrupts, each
//! in the slot where its name hashes to. Entries are never taken out during a validation, so their places are stable.

use super::state::{Cgroup, NONE, Program, Running};
use crate::rng::mix;

/// One place of the storage.
#[derive(Clone, Copy)]
pub struct Slot<'a> {
    hash: u64,
    pub(super) name: &'a str,
    /// The validation that has filled it; others see it as free.
    epoch: u32,
    pub(super) entry: Entry,
}

/// What a slot holds.
#[derive(Clone, Copy)]
pub(super) enum Entry {
    Irq(u32),
    Cgroup(Cgroup),
    Program(Program),
    Running(Running),
}

/// What is looked up.
#[derive(Clone, Copy)]
pub(super) enum Key<'k> {
    Irq(u32),
    Cgroup(&'k str),
    Program(&'k str),
    Running { program: u32, cgroup: u32 },
}

impl Slot<'_> {
    /// A free place.
    pub const FREE: Self = Self { hash: 0, name: "", epoch: 0, entry: Entry::Irq(0) };
}

/// The slots of one validation.
pub(super) struct Table<'s, 'a> {
    slots: &'s mut [Slot<'a>],
    mask: usize,
    used: usize,
    epoch: u32,
}

impl<'s, 'a> Table<'s, 'a> {
    /// Uses the largest power of two of the slots.
    pub(super) const fn new(slots: &'s mut [Slot<'a>], epoch: u32) -> Self {
        let size = if slots.is_empty() { 1 } else { 1 << slots.len().ilog2() };
        Self { slots, mask: size - 1, used: 0, epoch }
    }

    pub(super) const fn size(&self) -> usize {
        self.slots.len()
    }

    /// The place of `key`, if it is there.
    #[inline]
    pub(super) const fn find(&self, key: Key<'_>) -> Option<u32> {
        if self.slots.is_empty() {
            return None;
        }
        let hash = hash(key);
        let mut at = hash as usize & self.mask;
        loop {
            let slot = &self.slots[at];
            if slot.epoch != self.epoch {
                return None;
            }
            if slot.hash == hash && same(slot, key) {
                return Some(at as u32);
            }
            at = (at + 1) & self.mask;
        }
    }

    /// Puts an entry that is not there yet; `None` when there is no room. One slot in eight stays free, so that a
    /// search ends soon.
    pub(super) const fn insert(&mut self, key: Key<'_>, name: &'a str, entry: Entry) -> Option<u32> {
        if self.used + 1 + (self.mask + 1) / 8 > self.mask {
            return None;
        }
        let hash = hash(key);
        let mut at = hash as usize & self.mask;
        while self.slots[at].epoch == self.epoch {
            at = (at + 1) & self.mask;
        }
        self.slots[at] = Slot { hash, name, epoch: self.epoch, entry };
        self.used += 1;
        Some(at as u32)
    }

    pub(super) const fn name(&self, at: u32) -> &'a str {
        self.slots[at as usize].name
    }

    /// The cgroup at a place that a search for a cgroup has given.
    #[inline]
    pub(super) const fn cgroup(&self, at: u32) -> &Cgroup {
        match &self.slots[at as usize].entry {
            Entry::Cgroup(cgroup) => cgroup,
            _ => &Cgroup::VOID,
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

#[inline]
const fn same(slot: &Slot<'_>, key: Key<'_>) -> bool {
    match (&slot.entry, key) {
        (Entry::Cgroup(_), Key::Cgroup(name)) | (Entry::Program(_), Key::Program(name)) => {
            super::names::equal(slot.name, name)
        }
        (Entry::Running(running), Key::Running { program, cgroup }) => {
            running.program == program && running.cgroup == cgroup
        }
        (Entry::Irq(one), Key::Irq(other)) => *one == other,
        _ => false,
    }
}

#[inline]
const fn hash(key: Key<'_>) -> u64 {
    match key {
        Key::Cgroup(name) => hash_name(name, 0),
        Key::Program(name) => hash_name(name, 1),
        Key::Running { program, cgroup } => mix((program as u64) << 32 | cgroup as u64),
        Key::Irq(irq) => mix(!(irq as u64)),
    }
}

/// Eight bytes at a time, each word folded in by a wide multiplication.
#[inline]
const fn hash_name(name: &str, seed: u64) -> u64 {
    let mut bytes = name.as_bytes();
    let mut state = 0x9E37_79B9_7F4A_7C15 ^ seed ^ (bytes.len() as u64) << 8;
    while let Some((word, rest)) = bytes.split_first_chunk::<8>() {
        state = fold(state ^ u64::from_le_bytes(*word));
        bytes = rest;
    }
    let mut last = 0;
    if let Some((word, rest)) = bytes.split_first_chunk::<4>() {
        last = u32::from_le_bytes(*word) as u64;
        bytes = rest;
    }
    while let Some((byte, rest)) = bytes.split_first() {
        last = last << 8 | *byte as u64;
        bytes = rest;
    }
    fold(state ^ last)
}

#[inline]
const fn fold(value: u64) -> u64 {
    let wide = value as u128 * 0xD6E8_FEB8_6659_FD93;
    (wide as u64) ^ (wide >> 64) as u64
}
