//! What the executor knows to exist: cgroups, groups of workers, payloads, steered interrupts, each in a
//! record of the storage that the caller lends. Only what a backend has confirmed is here, so that teardown
//! asks for nothing that was never made. What has a number by validation is kept at that number; groups, and
//! what a forced scenario makes without a number, take the records behind those. Nothing here looks for
//! anything: all goes by numbers and chains.

use super::chain::{Chain, Link, Linked, NONE, Way, append, prepend, unlink};
use crate::execute::action::{GroupId, PayloadId};
use crate::model::checks::Checks;
use crate::model::controllers::Controllers;
use crate::model::cpuset::CpuSet;
use crate::model::payload::Payload;
use crate::model::placement::Placement;
use crate::validate::items::RUNNER;

/// Whose life something shares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Owner {
    Step,
    Backdrop,
}

/// One place of the storage that a run works in: a cgroup, a group of workers, a payload, an interrupt. What
/// most actions go by is in its first line of cache.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(64))]
pub struct Record<'a> {
    links: [Link; 2],
    thing: Thing<'a>,
    of_kind: Link,
}

impl Record<'_> {
    /// A free place.
    pub const FREE: Self = Self { links: [Link::ALONE; 2], thing: Thing::Free, of_kind: Link::ALONE };
}

impl Linked for Record<'_> {
    fn link(&mut self, way: Way) -> &mut Link {
        match way {
            Way::Owner => &mut self.links[0],
            Way::Place => &mut self.links[1],
            Way::Kind => &mut self.of_kind,
        }
    }
}

/// What a record holds.
#[derive(Debug, Clone, Copy)]
#[allow(clippy::large_enum_variant)] // no heap to box it on
#[repr(C)]
enum Thing<'a> {
    Free,
    Cgroup(Cgroup<'a>),
    Group(Group<'a>),
    Payload(Running<'a>),
    /// The payloads of one name.
    Program(Chain),
    /// A steered interrupt.
    Irq(u32),
}

// For speed only, and counted for the machines that have it.
#[cfg(target_pointer_width = "64")]
const _: () = {
    let body = core::mem::offset_of!(Record<'_>, thing) + 8;
    assert!(
        body + core::mem::offset_of!(Cgroup<'_>, cpuset) == 64,
        "a cgroup is in one line but for its cpuset"
    );
    assert!(body + core::mem::offset_of!(Group<'_>, placement) <= 64, "so is what asking a group goes by");
    assert!(size_of::<Record<'_>>() == 256);
};

#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub(crate) struct Cgroup<'a> {
    pub(crate) path: &'a str,
    pub(crate) parent: u32,
    pub(crate) owner: Owner,
    pub(crate) frozen: bool,
    /// Controllers enabled for its children.
    pub(crate) enabled: Controllers,
    /// The child that was made last.
    pub(crate) first_child: u32,
    /// The payload in it that was started last.
    pub(crate) first_payload: u32,
    pub(crate) groups: Chain,
    pub(crate) cpuset: Option<CpuSet>,
}

#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub(crate) struct Group<'a> {
    pub(crate) id: GroupId,
    /// The record of the cgroup it is in; `NONE` for one that is not known.
    pub(crate) cgroup: u32,
    /// The number of the start that lets it run.
    pub(crate) start: u32,
    pub(crate) workers: u32,
    /// How often time had passed on purpose when it was made, or, where its share is asked for, started.
    pub(crate) era: u32,
    pub(crate) owner: Owner,
    /// Whether its CPUs are noted, from its start on.
    pub(crate) watched: bool,
    /// Whether it was asked to stop.
    pub(crate) asked: bool,
    /// Whether its workers were killed on purpose.
    pub(crate) killed: bool,
    /// Whether it was collected, and waits to be judged with what stops together with it.
    pub(crate) ended: bool,
    /// What is known of its share of the CPU time of all groups.
    pub(crate) sharing: Sharing,
    /// Whether its workers wake up, so that there is a latency to measure.
    pub(crate) wakes: bool,
    /// Whether what they do uses memory to speak of.
    pub(crate) uses_memory: bool,
    pub(crate) placement: Placement<'a>,
    /// CPU time of all groups that have ended and worked inside its window only, in nanoseconds.
    pub(crate) all_ns: u64,
    /// Its own, once it has ended.
    pub(crate) own_ns: u64,
    /// What its definition expects of it.
    pub(crate) checks: Option<&'a Checks>,
    pub(crate) strayed: Strayed,
}

/// What is known of a group's share of the CPU time of all groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Sharing {
    /// Nobody asks for it.
    Unasked,
    /// Whatever has ended since its start is counted.
    Counted,
    /// A group worked during a part of the window, or lost what it measured.
    Unknown,
}

/// The CPUs that a group was seen on outside its cpuset.
#[derive(Debug, Clone, Copy)]
#[allow(clippy::large_enum_variant)] // no heap to box it on
pub(crate) enum Strayed {
    Nowhere,
    /// That could not be read.
    Unknown,
    On(CpuSet),
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Running<'a> {
    pub(crate) id: PayloadId,
    pub(crate) payload: &'a Payload<'a>,
    pub(crate) placement: Placement<'a>,
    pub(crate) cgroup: u32,
    pub(crate) program: u32,
    pub(crate) owner: Owner,
}

/// What shares one life.
#[derive(Debug, Clone, Copy)]
struct Owned {
    cgroups: Chain,
    frozen: Chain,
    groups: Chain,
    payloads: Chain,
}

/// Whose groups and payloads.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Whose {
    Of(Owner),
    /// Those in a cgroup.
    In(u32),
}

#[derive(Debug)]
pub(crate) struct Books<'s, 'a> {
    records: &'s mut [Record<'a>],
    owned: [Owned; 2],
    /// Groups whose share of the CPU time is asked for, until that is judged.
    sharing: Chain,
    irqs: Chain,
    /// How many records belong to numbers.
    named: usize,
    /// Records behind those that were used and are free again.
    spare: Chain,
    /// The first record that was never used.
    fresh: usize,
}

impl<'s, 'a> Books<'s, 'a> {
    /// Nothing but the runner's cgroup, in at least `named` records, of which there is one.
    pub(crate) fn new(records: &'s mut [Record<'a>], named: usize) -> Self {
        for record in records.iter_mut().take(named) {
            record.thing = Thing::Free;
        }
        if let Some(runner) = records.get_mut(RUNNER as usize) {
            runner.thing = Thing::Cgroup(Cgroup::new("", NONE, Owner::Backdrop));
        }
        let none = Owned {
            cgroups: Chain::EMPTY,
            frozen: Chain::EMPTY,
            groups: Chain::EMPTY,
            payloads: Chain::EMPTY,
        };
        Self {
            records,
            owned: [none; 2],
            sharing: Chain::EMPTY,
            irqs: Chain::EMPTY,
            named,
            spare: Chain::EMPTY,
            fresh: named,
        }
    }

    fn is_free(&self, at: u32) -> bool {
        self.records.get(at as usize).is_some_and(|record| matches!(record.thing, Thing::Free))
    }

    /// Whether there is room for one thing more that has this number, or none.
    pub(crate) fn has_room(&self, at: u32) -> bool {
        self.is_free(at) || self.spare.first != NONE || self.fresh < self.records.len()
    }

    /// A free record: the one of this number, or one behind the numbers.
    fn take(&mut self, at: u32) -> Option<u32> {
        if self.is_free(at) {
            return Some(at);
        }
        if self.spare.first != NONE {
            let at = self.spare.first;
            unlink(self.records, &mut self.spare, at, Way::Owner);
            return Some(at);
        }
        let at = self.fresh;
        self.fresh += usize::from(at < self.records.len());
        (at < self.records.len()).then_some(at as u32)
    }

    fn set(&mut self, at: u32, thing: Thing<'a>) {
        if let Some(record) = self.records.get_mut(at as usize) {
            record.thing = thing;
        }
    }

    fn give_back(&mut self, at: u32) {
        self.set(at, Thing::Free);
        if at as usize >= self.named {
            append(self.records, &mut self.spare, at, Way::Owner);
        }
    }

    /// The neighbours of a record.
    fn link(&self, at: u32, way: Way) -> Link {
        let Some(record) = self.records.get(at as usize) else { return Link::ALONE };
        match way {
            Way::Owner => record.links[0],
            Way::Place => record.links[1],
            Way::Kind => record.of_kind,
        }
    }

    pub(crate) fn cgroup(&self, at: u32) -> Option<&Cgroup<'a>> {
        match self.records.get(at as usize) {
            Some(Record { thing: Thing::Cgroup(cgroup), .. }) => Some(cgroup),
            _ => None,
        }
    }

    pub(crate) fn cgroup_mut(&mut self, at: u32) -> Option<&mut Cgroup<'a>> {
        match self.records.get_mut(at as usize) {
            Some(Record { thing: Thing::Cgroup(cgroup), .. }) => Some(cgroup),
            _ => None,
        }
    }

    pub(crate) fn group(&self, at: u32) -> Option<&Group<'a>> {
        match self.records.get(at as usize) {
            Some(Record { thing: Thing::Group(group), .. }) => Some(group),
            _ => None,
        }
    }

    pub(crate) fn group_mut(&mut self, at: u32) -> Option<&mut Group<'a>> {
        match self.records.get_mut(at as usize) {
            Some(Record { thing: Thing::Group(group), .. }) => Some(group),
            _ => None,
        }
    }

    pub(crate) fn running(&self, at: u32) -> Option<&Running<'a>> {
        match self.records.get(at as usize) {
            Some(Record { thing: Thing::Payload(running), .. }) => Some(running),
            _ => None,
        }
    }

    /// The last started of the payloads of a name.
    pub(crate) fn last_of_name(&self, program: u32) -> u32 {
        match self.records.get(program as usize) {
            Some(Record { thing: Thing::Program(chain), .. }) => chain.last,
            _ => NONE,
        }
    }

    pub(crate) fn groups(&self, whose: Whose) -> Chain {
        match whose {
            Whose::Of(owner) => self.owned[owner as usize].groups,
            Whose::In(cgroup) => self.cgroup(cgroup).map_or(Chain::EMPTY, |cgroup| cgroup.groups),
        }
    }

    /// The payload that was started last.
    pub(crate) fn last_payload(&self, whose: Whose) -> u32 {
        match whose {
            Whose::Of(owner) => self.owned[owner as usize].payloads.last,
            Whose::In(cgroup) => self.cgroup(cgroup).map_or(NONE, |cgroup| cgroup.first_payload),
        }
    }

    /// The group after this one.
    pub(crate) fn group_after(&self, at: u32, whose: Whose) -> u32 {
        match whose {
            Whose::Of(_) => self.link(at, Way::Owner).after,
            Whose::In(_) => self.link(at, Way::Place).after,
        }
    }

    /// The next child of the same parent.
    pub(crate) fn sibling_after(&self, at: u32) -> u32 {
        self.link(at, Way::Place).after
    }

    pub(crate) fn cgroups_of(&self, owner: Owner) -> Chain {
        self.owned[owner as usize].cgroups
    }

    pub(crate) fn frozen_of(&self, owner: Owner) -> Chain {
        self.owned[owner as usize].frozen
    }

    pub(crate) fn owns(&self, owner: Owner) -> bool {
        let Owned { cgroups, groups, payloads, .. } = self.owned[owner as usize];
        [cgroups, groups, payloads].iter().any(|chain| chain.first != NONE)
    }

    /// Enters a cgroup; returns its record, `NONE` where it is entered already and there is no other.
    pub(crate) fn add_cgroup(&mut self, at: u32, path: &'a str, parent: u32, owner: Owner) -> u32 {
        let Some(at) = self.take(at) else { return NONE };
        let parent = if self.cgroup(parent).is_some() { parent } else { NONE };
        self.set(at, Thing::Cgroup(Cgroup::new(path, parent, owner)));
        append(self.records, &mut self.owned[owner as usize].cgroups, at, Way::Owner);
        self.enter(parent, |cgroup| &mut cgroup.first_child, at);
        at
    }

    pub(crate) fn remove_cgroup(&mut self, at: u32) {
        let Some(&Cgroup { parent, owner, first_child, first_payload, groups, .. }) = self.cgroup(at) else {
            return;
        };
        self.set_frozen(at, false);
        // Nothing is left in it, unless the backend says so of a cgroup that is not empty.
        for first in [first_child, first_payload, groups.first] {
            let mut inside = Chain { first, last: NONE };
            while inside.first != NONE {
                let left = inside.first;
                unlink(self.records, &mut inside, left, Way::Place);
                self.forsake(left);
            }
        }
        self.leave(parent, |cgroup| &mut cgroup.first_child, at);
        unlink(self.records, &mut self.owned[owner as usize].cgroups, at, Way::Owner);
        self.give_back(at);
    }

    /// Notes that the cgroup around something is not there any more.
    fn forsake(&mut self, at: u32) {
        match self.records.get_mut(at as usize).map(|record| &mut record.thing) {
            Some(Thing::Cgroup(cgroup)) => cgroup.parent = NONE,
            Some(Thing::Group(group)) => group.cgroup = NONE,
            Some(Thing::Payload(running)) => running.cgroup = NONE,
            Some(Thing::Free | Thing::Program(_) | Thing::Irq(_)) | None => {}
        }
    }

    /// Puts a record in front of the children or the payloads of a cgroup, if there is that cgroup.
    fn enter(&mut self, cgroup: u32, which: for<'c> fn(&'c mut Cgroup<'a>) -> &'c mut u32, at: u32) {
        let Some(mut first) = self.cgroup_mut(cgroup).map(|cgroup| *which(cgroup)) else { return };
        prepend(self.records, &mut first, at, Way::Place);
        if let Some(cgroup) = self.cgroup_mut(cgroup) {
            *which(cgroup) = first;
        }
    }

    /// The reverse of [`enter`](Self::enter).
    fn leave(&mut self, cgroup: u32, which: for<'c> fn(&'c mut Cgroup<'a>) -> &'c mut u32, at: u32) {
        let Some(first) = self.cgroup_mut(cgroup).map(|cgroup| *which(cgroup)) else { return };
        let mut chain = Chain { first, last: NONE };
        unlink(self.records, &mut chain, at, Way::Place);
        if let Some(cgroup) = self.cgroup_mut(cgroup) {
            *which(cgroup) = chain.first;
        }
    }

    /// Puts a group at the end of those in a cgroup, if there is that cgroup.
    fn enter_groups(&mut self, cgroup: u32, at: u32) {
        let Some(mut groups) = self.cgroup(cgroup).map(|cgroup| cgroup.groups) else { return };
        append(self.records, &mut groups, at, Way::Place);
        if let Some(cgroup) = self.cgroup_mut(cgroup) {
            cgroup.groups = groups;
        }
    }

    /// The reverse of [`enter_groups`](Self::enter_groups).
    fn leave_groups(&mut self, cgroup: u32, at: u32) {
        let Some(mut groups) = self.cgroup(cgroup).map(|cgroup| cgroup.groups) else { return };
        unlink(self.records, &mut groups, at, Way::Place);
        if let Some(cgroup) = self.cgroup_mut(cgroup) {
            cgroup.groups = groups;
        }
    }

    /// Notes that a cgroup is frozen or not.
    pub(crate) fn set_frozen(&mut self, at: u32, frozen: bool) {
        let Some(cgroup) = self.cgroup_mut(at) else { return };
        let owner = cgroup.owner as usize;
        if core::mem::replace(&mut cgroup.frozen, frozen) != frozen {
            let change = if frozen { append } else { unlink };
            change(self.records, &mut self.owned[owner].frozen, at, Way::Kind);
        }
    }

    /// Enters a group of workers; nothing where there is no room.
    pub(crate) fn add_group(&mut self, group: Group<'a>) {
        let Some(at) = self.take(NONE) else { return };
        let (cgroup, owner) = (group.cgroup, group.owner as usize);
        if group.sharing != Sharing::Unasked {
            append(self.records, &mut self.sharing, at, Way::Kind);
        }
        self.set(at, Thing::Group(group));
        append(self.records, &mut self.owned[owner].groups, at, Way::Owner);
        self.enter_groups(cgroup, at);
    }

    pub(crate) fn remove_group(&mut self, at: u32) {
        self.settle_group(at);
        self.forget_group(at);
    }

    /// Takes a group that has ended from where it was; what is known of its share stays.
    pub(crate) fn settle_group(&mut self, at: u32) {
        let Some(&Group { cgroup, owner, .. }) = self.group(at) else { return };
        unlink(self.records, &mut self.owned[owner as usize].groups, at, Way::Owner);
        self.leave_groups(cgroup, at);
    }

    /// Gives back the record of a group that has ended.
    pub(crate) fn forget_group(&mut self, at: u32) {
        let Some(&Group { sharing, .. }) = self.group(at) else { return };
        if sharing != Sharing::Unasked {
            unlink(self.records, &mut self.sharing, at, Way::Kind);
        }
        self.give_back(at);
    }

    /// The first of the groups whose share is asked for; [`sharing_after`](Self::sharing_after) goes on.
    pub(crate) fn first_sharing(&self) -> u32 {
        self.sharing.first
    }

    /// The next of the groups whose share is asked for.
    pub(crate) fn sharing_after(&self, at: u32) -> u32 {
        self.link(at, Way::Kind).after
    }

    /// Notes that a group is in another cgroup now.
    pub(crate) fn move_group(&mut self, at: u32, to: u32, placement: Placement<'a>) {
        let Some(group) = self.group_mut(at) else { return };
        let from = core::mem::replace(&mut group.cgroup, to);
        group.placement = placement;
        self.leave_groups(from, at);
        self.enter_groups(to, at);
    }

    /// Notes whose life a group shares from now on.
    pub(crate) fn change_owner(&mut self, at: u32, owner: Owner) {
        let Some(group) = self.group_mut(at) else { return };
        let before = core::mem::replace(&mut group.owner, owner);
        unlink(self.records, &mut self.owned[before as usize].groups, at, Way::Owner);
        append(self.records, &mut self.owned[owner as usize].groups, at, Way::Owner);
    }

    /// Enters a payload, at this number if it has one; nothing where there is no room.
    pub(crate) fn add_payload(&mut self, at: u32, running: Running<'a>) {
        let Some(at) = self.take(at) else { return };
        let Running { cgroup, program, owner, .. } = running;
        self.set(at, Thing::Payload(running));
        append(self.records, &mut self.owned[owner as usize].payloads, at, Way::Owner);
        self.enter(cgroup, |cgroup| &mut cgroup.first_payload, at);
        if self.is_free(program) {
            self.set(program, Thing::Program(Chain::EMPTY));
        }
        self.of_name(program, |records, chain| append(records, chain, at, Way::Kind));
    }

    pub(crate) fn remove_payload(&mut self, at: u32) {
        let Some(&Running { cgroup, program, owner, .. }) = self.running(at) else { return };
        unlink(self.records, &mut self.owned[owner as usize].payloads, at, Way::Owner);
        self.leave(cgroup, |cgroup| &mut cgroup.first_payload, at);
        self.of_name(program, |records, chain| unlink(records, chain, at, Way::Kind));
        self.give_back(at);
    }

    fn of_name(&mut self, program: u32, change: impl FnOnce(&mut [Record<'a>], &mut Chain)) {
        let Some(&Record { thing: Thing::Program(mut chain), .. }) = self.records.get(program as usize)
        else {
            return;
        };
        change(self.records, &mut chain);
        self.set(program, Thing::Program(chain));
    }

    /// Whether an interrupt was steered already.
    pub(crate) fn has_irq(&self, at: u32) -> bool {
        matches!(self.records.get(at as usize), Some(Record { thing: Thing::Irq(_), .. }))
    }

    /// Notes that an interrupt was steered, so that it is directed back.
    pub(crate) fn add_irq(&mut self, at: u32, irq: u32) {
        if self.has_irq(at) {
            return;
        }
        if let Some(at) = self.take(at) {
            self.set(at, Thing::Irq(irq));
            append(self.records, &mut self.irqs, at, Way::Owner);
        }
    }

    /// The interrupt that was steered last.
    pub(crate) fn last_irq(&self) -> Option<u32> {
        match self.records.get(self.irqs.last as usize) {
            Some(Record { thing: Thing::Irq(irq), .. }) => Some(*irq),
            _ => None,
        }
    }

    pub(crate) fn remove_last_irq(&mut self) {
        let last = self.irqs.last;
        if last != NONE {
            unlink(self.records, &mut self.irqs, last, Way::Owner);
            self.give_back(last);
        }
    }

    /// The cpuset in force in a cgroup: its own, or that of the nearest cgroup above that has one.
    pub(crate) fn cpuset_in_force(&self, at: u32) -> Option<&CpuSet> {
        let mut here = at;
        while let Some(cgroup) = self.cgroup(here) {
            if cgroup.cpuset.is_some() {
                return cgroup.cpuset.as_ref();
            }
            here = cgroup.parent;
        }
        None
    }

    /// The topmost cgroup, from this one up, that does not yet give its children all of `needed`, and what it
    /// lacks.
    pub(crate) fn lacking(&self, at: u32, needed: Controllers) -> Option<(u32, Controllers)> {
        let (mut here, mut found) = (at, None);
        while let Some(cgroup) = self.cgroup(here) {
            let lacking = needed.minus(cgroup.enabled);
            if !lacking.is_empty() {
                found = Some((here, lacking));
            }
            here = cgroup.parent;
        }
        found
    }
}

impl<'a> Cgroup<'a> {
    fn new(path: &'a str, parent: u32, owner: Owner) -> Self {
        Self {
            path,
            parent,
            owner,
            frozen: false,
            enabled: Controllers::NONE,
            first_child: NONE,
            first_payload: NONE,
            groups: Chain::EMPTY,
            cpuset: None,
        }
    }
}
