//! Partitions: cpusets that own their CPUs. `cpuset.cpus.partition`, `cpuset.cpus.exclusive`, and how
//! partitions become invalid and valid again.
//!
//! A local partition takes its CPUs from a parent that is a partition; a remote one takes them from the root.
//! What a partition has, its parent does not. The rules follow Linux 6.17.

use super::MockKernel;
use super::cgroup::CgroupId;
use super::cpuset::Cpuset;
use super::parse;
use crate::errno::Errno;
use ktstr_core::CpuSet;

/// What a cpuset asks to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Partition {
    Member,
    Root,
    Isolated,
}

/// Why a partition is invalid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    Unsaid,
    NoGrant,
    ParentInvalid,
    ParentNoPartition,
    NotExclusive,
    ParentLeftWithout,
    Hotplug,
    NothingAsked,
    RemoteBelow,
}

impl Why {
    /// The kernel's words, in brackets and with a space before.
    const fn text(self) -> &'static str {
        match self {
            Self::Unsaid => "",
            Self::NoGrant => " (Invalid cpu list in cpuset.cpus.exclusive)",
            Self::ParentInvalid => " (Parent is an invalid partition root)",
            Self::ParentNoPartition => " (Parent is not a partition root)",
            Self::NotExclusive => " (Cpu list in cpuset.cpus not exclusive)",
            Self::ParentLeftWithout => " (Parent unable to distribute cpu downstream)",
            Self::Hotplug => " (No cpu available due to hotplug)",
            Self::NothingAsked => " (cpuset.cpus and cpuset.cpus.exclusive are empty)",
            Self::RemoteBelow => " (Have remote partition underneath)",
        }
    }
}

impl Cpuset {
    pub(crate) fn is_valid(&self) -> bool {
        self.partition != Partition::Member && self.valid
    }

    pub(crate) fn is_invalid(&self) -> bool {
        self.partition != Partition::Member && !self.valid
    }

    fn is_remote(&self) -> bool {
        self.is_valid() && self.remote
    }

    /// The CPUs that it wants for itself alone.
    pub(crate) fn asked(&self) -> &CpuSet {
        if self.exclusive.is_empty() { &self.cpus } else { &self.exclusive }
    }

    fn become_member(&mut self) {
        (self.partition, self.valid, self.remote) = (Partition::Member, false, false);
    }

    fn invalidate(&mut self) {
        (self.valid, self.remote) = (false, false);
    }
}

/// CPUs that go back to the parent, and CPUs that are taken from it.
#[derive(Default)]
struct Exchange {
    back: CpuSet,
    taken: CpuSet,
}

impl MockKernel {
    pub(super) fn set(&self, id: CgroupId) -> &Cpuset {
        &self.cg(id).cpuset
    }

    pub(super) fn set_mut(&mut self, id: CgroupId) -> &mut Cpuset {
        &mut self.cg_mut(id).cpuset
    }

    fn parent_set(&self, id: CgroupId) -> CgroupId {
        self.cg(id).parent.unwrap_or(CgroupId::ROOT)
    }

    /// The children that have the controller too; all or none of them do.
    fn set_children(&self, id: CgroupId) -> &[CgroupId] {
        match self.cg(id).children.first() {
            Some(&child) if self.has_cpuset(child) => &self.cg(id).children,
            _ => &[],
        }
    }

    pub(crate) fn show_partition(&self, id: CgroupId) -> String {
        let set = self.set(id);
        let name = match set.partition {
            Partition::Member => "member",
            Partition::Root => "root",
            Partition::Isolated => "isolated",
        };
        if set.is_invalid() { format!("{name} invalid{}\n", set.why.text()) } else { format!("{name}\n") }
    }

    /// A write to `cpuset.cpus.partition`.
    pub(crate) fn write_partition(&mut self, id: CgroupId, text: &str) -> Result<(), Errno> {
        let partition = match parse::strip(text) {
            "member" => Partition::Member,
            "root" => Partition::Root,
            "isolated" => Partition::Isolated,
            _ => return Err(Errno::EINVAL),
        };
        self.set_partition(id, partition);
        Ok(())
    }

    /// Makes a cpuset a partition or a member. It always goes through; the partition may be an invalid one.
    pub(crate) fn set_partition(&mut self, id: CgroupId, partition: Partition) {
        let before = *self.set(id);
        if before.partition == partition && (before.valid || partition == Partition::Member) {
            return;
        }
        self.touch();
        let made = match partition {
            Partition::Member => {
                self.dissolve(id);
                Ok(())
            }
            _ if before.is_valid() => {
                self.mark_isolated(&before.exclusive_effective, partition);
                Ok(())
            }
            _ => self.establish(id, partition),
        };
        let set = self.set_mut(id);
        set.partition = partition;
        set.valid = made.is_ok() && partition != Partition::Member;
        set.why = made.err().unwrap_or(Why::Unsaid);
        if !set.valid {
            self.forget_grant(id);
        }
        self.spread_sets(id, partition == Partition::Member);
    }

    fn establish(&mut self, id: CgroupId, partition: Partition) -> Result<(), Why> {
        let parent = self.parent_set(id);
        self.set_mut(id).remote = false;
        if !self.quirks.rivals_share && !self.is_apart(id) {
            return Err(Why::NotExclusive);
        }
        if self.set(id).asked().is_empty() {
            return Err(Why::NothingAsked);
        }
        if parent == CgroupId::ROOT && !self.set(id).exclusive.and(&self.handed_out).is_empty() {
            return Err(Why::RemoteBelow);
        }
        if self.set(parent).is_valid() {
            self.establish_local(id, parent, partition)
        } else {
            self.establish_remote(id, partition)
        }
    }

    fn establish_local(&mut self, id: CgroupId, parent: CgroupId, partition: Partition) -> Result<(), Why> {
        let (grant, _) = self.grant(id, self.set(id), false);
        if grant.is_empty() {
            return Err(Why::NoGrant);
        }
        if self.leaves_tasks_without(parent, id, self.set(id).asked()) {
            return Err(Why::ParentLeftWithout);
        }
        let taken = grant.and(&self.set(parent).exclusive_effective);
        self.exchange(id, Exchange { taken, ..Exchange::default() }, partition, true);
        Ok(())
    }

    fn establish_remote(&mut self, id: CgroupId, partition: Partition) -> Result<(), Why> {
        let (grant, _) = self.grant(id, self.set(id), false);
        let rest = self.set(CgroupId::ROOT).effective_cpus;
        if grant.is_empty() || rest.is_subset(&grant) {
            return Err(Why::NoGrant);
        }
        if !grant.and(&self.handed_out).is_empty() {
            return Err(if self.quirks.rivals_share { Why::ParentLeftWithout } else { Why::NoGrant });
        }
        self.take(CgroupId::ROOT, &grant, partition);
        let set = self.set_mut(id);
        (set.partition, set.valid, set.remote) = (partition, true, true);
        set.exclusive_effective = grant;
        self.spread_beside(CgroupId::ROOT, None);
        Ok(())
    }

    fn dissolve(&mut self, id: CgroupId) {
        if self.set(id).is_remote() {
            self.set_mut(id).why = Why::Unsaid;
            self.dissolve_remote(id);
        } else if self.set(id).is_valid() {
            let back = self.set(id).exclusive_effective;
            self.exchange(id, Exchange { back, ..Exchange::default() }, Partition::Member, false);
        }
    }

    /// Gives a remote partition's CPUs back to the root; it stays as an invalid one if `why` says something.
    fn dissolve_remote(&mut self, id: CgroupId) {
        let set = *self.set(id);
        self.give_back(CgroupId::ROOT, &set.exclusive_effective, set.partition);
        match set.why {
            Why::Unsaid => self.set_mut(id).become_member(),
            _ => self.set_mut(id).invalidate(),
        }
        self.set_mut(id).exclusive_effective = self.grant(id, self.set(id), false).0;
        self.forget_grant(id);
        self.spread_beside(CgroupId::ROOT, None);
    }

    /// Makes a local partition invalid.
    fn invalidate_local(&mut self, id: CgroupId) {
        let set = *self.set(id);
        if !set.valid {
            return;
        }
        let parent = *self.set(self.parent_set(id));
        let back =
            if parent.is_valid() { set.asked().and(&parent.exclusive_effective) } else { CpuSet::EMPTY };
        self.exchange(id, Exchange { back, ..Exchange::default() }, set.partition, false);
    }

    /// Looks again whether a local partition is valid, `asked` being the CPUs it wants from now on if these
    /// change.
    fn reconsider(&mut self, id: CgroupId, asked: Option<&CpuSet>) {
        let (set, above) = (*self.set(id), self.parent_set(id));
        let parent = *self.set(above);
        if !parent.is_valid() || (asked.is_none() && set.asked().is_empty()) {
            return;
        }
        let owned = *self.owned(&set);
        let mut bare = self.leaves_tasks_without(above, id, &owned);
        let mut trade = Exchange::default();
        let mut wrong = None;
        if let Some(asked) = asked {
            if asked.is_empty() {
                wrong = Some(Why::NothingAsked);
            } else {
                bare |= self.leaves_tasks_without(above, id, asked);
                if set.valid {
                    trade.back = owned.minus(asked).and(&parent.exclusive_effective);
                    trade.taken = asked.minus(&owned).and(&parent.exclusive_effective);
                } else {
                    trade.taken = asked.and(&parent.exclusive_effective);
                }
                if bare && trade.back.and(&self.online).is_empty() {
                    wrong = Some(Why::ParentLeftWithout);
                    let back = owned.and(&parent.exclusive_effective);
                    trade = Exchange { back, ..Exchange::default() };
                }
            }
        } else if bare {
            wrong = Some(Why::ParentLeftWithout);
            if set.valid {
                trade.back = owned.and(&parent.exclusive_effective);
            }
        } else if !set.valid && set.asked().is_subset(&parent.exclusive_effective) {
            if self.is_apart(id) {
                trade.taken = set.asked().and(&parent.effective_cpus);
            } else {
                wrong = Some(Why::NotExclusive);
            }
        }
        if let Some(why) = wrong {
            self.set_mut(id).why = why;
        }
        self.exchange(id, trade, set.partition, wrong.is_none());
    }

    /// Trades CPUs with the parent and changes the state of a local partition.
    fn exchange(&mut self, id: CgroupId, trade: Exchange, partition: Partition, valid: bool) {
        let before = *self.set(id);
        if trade.back.is_empty()
            && trade.taken.is_empty()
            && (partition, valid) == (before.partition, before.valid)
        {
            return;
        }
        let parent = self.parent_set(id);
        let set = self.set_mut(id);
        (set.partition, set.valid, set.remote) = (partition, valid, false);
        if !trade.back.is_empty() {
            self.give_back(parent, &trade.back, before.partition);
        }
        if !trade.taken.is_empty() {
            self.take(parent, &trade.taken, partition);
        }
        if !trade.back.is_empty() || !trade.taken.is_empty() {
            self.spread_beside(parent, Some(id));
        }
    }

    fn take(&mut self, from: CgroupId, cpus: &CpuSet, partition: Partition) {
        if from == CgroupId::ROOT {
            self.handed_out = self.handed_out.or(cpus);
        }
        if self.set(from).partition != partition {
            self.mark_isolated(cpus, partition);
        }
        let set = self.set_mut(from);
        set.effective_cpus = set.effective_cpus.minus(cpus);
    }

    fn give_back(&mut self, to: CgroupId, cpus: &CpuSet, before: Partition) {
        if to == CgroupId::ROOT {
            self.handed_out = self.handed_out.minus(cpus);
        }
        if self.set(to).partition != before {
            self.mark_isolated(cpus, self.set(to).partition);
        }
        let online = cpus.and(&self.online);
        let set = self.set_mut(to);
        set.effective_cpus = set.effective_cpus.or(&online);
    }

    /// The CPUs that a partition counts as its own.
    fn owned<'s>(&self, set: &'s Cpuset) -> &'s CpuSet {
        if self.quirks.rivals_share && set.is_valid() { &set.exclusive_effective } else { set.asked() }
    }

    fn mark_isolated(&mut self, cpus: &CpuSet, partition: Partition) {
        self.isolated = match partition {
            Partition::Isolated => self.isolated.or(cpus),
            _ => self.isolated.minus(cpus),
        };
    }
}

mod change;
mod grant;
