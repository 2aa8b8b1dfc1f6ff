//! What workers ask of the kernel for themselves: policy, memory policy, nice value, name and ids. As in the
//! kernel, some of it is refused and some is changed without a word; what came of it can be looked at.

use super::MockBackend;
use crate::errno::Errno;
use core::time::Duration;
use ktstr_core::{FaultKind, GroupId, MemPolicy, MpolFlags, NodeSet, SchedPolicy, WorkSpec};

/// Most bytes of a task's name.
const NAME_MAX: usize = 15;
/// To user and group ids: leave it as it is.
const KEEP: u32 = u32::MAX;

/// What each worker of a group was given of what it asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Given {
    /// The nice value, -20 to 19: others are clamped.
    pub nice: i32,
    name: [u8; NAME_MAX],
    name_len: u8,
    /// The user id, where it is not the runner's own.
    pub uid: Option<u32>,
    /// The group id, where it is not the runner's own.
    pub gid: Option<u32>,
    /// The nodes that its memory policy names, of those in force.
    pub nodes: Option<NodeSet>,
    /// The flags that its memory policy has.
    pub flags: MpolFlags,
}

impl Given {
    /// The task's name, cut at 15 bytes and at the first NUL; empty without one of its own.
    pub fn name(&self) -> &[u8] {
        &self.name[..usize::from(self.name_len)]
    }

    /// Asks the kernel for all of it, where `allowed` are the memory nodes in force.
    pub(super) fn ask(work: &WorkSpec<'_>, allowed: NodeSet) -> Result<Self, (FaultKind, Errno)> {
        check_policy(&work.sched_policy).map_err(|error| (FaultKind::SetPolicy, error))?;
        let (nodes, flags) = mem_policy(work.mem_policy, work.mpol_flags, allowed)
            .map_err(|error| (FaultKind::SetMemPolicy, error))?;
        let mut given = Self {
            nice: work.nice.unwrap_or(0).clamp(-20, 19),
            uid: work.uid.filter(|&id| id != KEEP),
            gid: work.gid.filter(|&id| id != KEEP),
            nodes,
            flags,
            ..Self::default()
        };
        let name = work.comm.unwrap_or_default().bytes().take_while(|&byte| byte != 0);
        for (place, byte) in given.name.iter_mut().zip(name) {
            *place = byte;
            given.name_len += 1;
        }
        Ok(given)
    }
}

/// `sched_setattr(2)`, with the bounds on deadline periods that the kernel starts with.
fn check_policy(policy: &SchedPolicy) -> Result<(), Errno> {
    let allowed = match *policy {
        SchedPolicy::Fifo(priority) | SchedPolicy::RoundRobin(priority) => (1..=99).contains(&priority),
        SchedPolicy::Deadline { runtime, deadline, period } => {
            Duration::from_nanos(1024) <= runtime
                && runtime <= deadline
                && deadline <= period
                && (Duration::from_micros(100)..=Duration::from_micros(1 << 22)).contains(&period)
        }
        SchedPolicy::Normal | SchedPolicy::Batch | SchedPolicy::Idle | SchedPolicy::Ext => true,
    };
    if allowed { Ok(()) } else { Err(Errno::EINVAL) }
}

/// `set_mempolicy(2)`: the nodes and flags that the policy then has.
fn mem_policy(
    policy: MemPolicy,
    flags: MpolFlags,
    allowed: NodeSet,
) -> Result<(Option<NodeSet>, MpolFlags), Errno> {
    let (fixed, relative) = (flags.has(MpolFlags::STATIC_NODES), flags.has(MpolFlags::RELATIVE_NODES));
    let balanced = flags.has(MpolFlags::NUMA_BALANCING);
    if (fixed && relative) || (balanced && !matches!(policy, MemPolicy::Bind(_))) {
        return Err(Errno::EINVAL);
    }
    let asked = match (policy, policy.nodes()) {
        (MemPolicy::Default, _) => return Ok((None, MpolFlags::NONE)),
        // Without a node, `Preferred` is the same as `Local`; neither knows these flags.
        (MemPolicy::Local, _) | (MemPolicy::Preferred(_), Some(NodeSet::EMPTY)) => {
            return if fixed || relative { Err(Errno::EINVAL) } else { Ok((None, flags)) };
        }
        (_, asked) => asked.unwrap_or_default(),
    };
    let nodes = if relative { fold(&asked, &allowed) } else { asked.and(&allowed) };
    if nodes.is_empty() { Err(Errno::EINVAL) } else { Ok((Some(nodes), flags)) }
}

/// Node n of those asked for is the n-th of those allowed, beginning again after the last.
fn fold(asked: &NodeSet, allowed: &NodeSet) -> NodeSet {
    let count = allowed.len();
    if count == 0 {
        return NodeSet::EMPTY;
    }
    asked.iter().filter_map(|node| allowed.nth(node % count)).collect()
}

impl MockBackend {
    /// What the workers of a group were given of what they asked for, while the group is known.
    pub fn given(&self, id: GroupId) -> Option<Given> {
        let place = self.groups.binary_search_by_key(&id, |group| group.id).ok()?;
        Some(self.groups[place].given)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ktstr_core::WorkType;

    const SPIN: WorkSpec<'static> = WorkSpec::new(WorkType::SpinWait);
    const TWO: NodeSet = NodeSet::range(0, 2);

    #[test]
    fn values_are_refused_or_changed_as_by_the_kernel() {
        let ask = |work: WorkSpec<'_>| Given::ask(&work, TWO);
        let refused = [
            SPIN.sched_policy(SchedPolicy::Fifo(0)),
            SPIN.sched_policy(SchedPolicy::RoundRobin(100)),
            SPIN.mem_policy(MemPolicy::Interleave(NodeSet::EMPTY)),
            SPIN.mem_policy(MemPolicy::Bind(NodeSet::range(2, 4))),
            SPIN.mem_policy(MemPolicy::Local).mpol_flags(MpolFlags::STATIC_NODES),
            SPIN.mem_policy(MemPolicy::Preferred(0)).mpol_flags(MpolFlags::NUMA_BALANCING),
        ];
        for work in refused {
            assert_eq!(ask(work).map_err(|(_, error)| error), Err(Errno::EINVAL), "{work:?}");
        }
        let given = ask(SPIN.nice(-30).comm("a name far too long").uid(KEEP).gid(7)).unwrap();
        assert_eq!(
            (given.nice, given.name(), given.uid, given.gid),
            (-20, &b"a name far too "[..], None, Some(7))
        );
        assert_eq!(ask(SPIN.comm("a\0b")).unwrap().name(), b"a");
        let nodes = |policy, flags| ask(SPIN.mem_policy(policy).mpol_flags(flags)).unwrap().nodes;
        let wide = MemPolicy::Bind(NodeSet::range(1, 4));
        assert_eq!(nodes(wide, MpolFlags::NONE), Some(NodeSet::range(1, 2)));
        assert_eq!(nodes(wide, MpolFlags::RELATIVE_NODES), Some(TWO));
        assert_eq!(nodes(MemPolicy::Preferred(99), MpolFlags::NONE), None);
        assert_eq!(nodes(MemPolicy::Default, MpolFlags::STATIC_NODES), None);
    }
}
