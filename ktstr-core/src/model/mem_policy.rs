//! NUMA memory policies a worker can ask for, see set_mempolicy(2).

use crate::model::cpuset::NodeSet;
use serde::{Deserialize, Serialize};

/// Where a worker's memory comes from. Node sets name the kernel's node ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum MemPolicy {
    /// The system's own, `MPOL_DEFAULT`.
    #[default]
    Default,
    /// Only these nodes, `MPOL_BIND`.
    Bind(NodeSet),
    /// This node if it has room, `MPOL_PREFERRED`.
    Preferred(u16),
    /// Page by page over these nodes, `MPOL_INTERLEAVE`.
    Interleave(NodeSet),
    /// The node the worker runs on, `MPOL_LOCAL`.
    Local,
    /// These nodes if they have room, `MPOL_PREFERRED_MANY` (Linux 5.15).
    PreferredMany(NodeSet),
    /// Page by page by the system's weights, `MPOL_WEIGHTED_INTERLEAVE` (Linux 6.9).
    WeightedInterleave(NodeSet),
}

/// Flags of a memory policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct MpolFlags {
    bits: u8,
}

impl MpolFlags {
    /// No flag.
    pub const NONE: Self = Self { bits: 0 };
    /// Node ids stay as given when the cpuset changes, `MPOL_F_STATIC_NODES`.
    pub const STATIC_NODES: Self = Self { bits: 1 };
    /// Node ids are relative to the cpuset, `MPOL_F_RELATIVE_NODES`.
    pub const RELATIVE_NODES: Self = Self { bits: 2 };
    /// Leave the pages to NUMA balancing, `MPOL_F_NUMA_BALANCING` (with `Bind` only).
    pub const NUMA_BALANCING: Self = Self { bits: 4 };

    /// Both flags.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self { bits: self.bits | other.bits }
    }

    /// Whether no flag is set.
    pub const fn is_empty(&self) -> bool {
        self.bits == 0
    }

    /// Whether all of `other` is set.
    pub const fn has(&self, other: Self) -> bool {
        self.bits & other.bits == other.bits
    }
}

impl MemPolicy {
    /// The nodes it names, if it names any.
    pub const fn nodes(&self) -> Option<NodeSet> {
        match *self {
            Self::Bind(nodes)
            | Self::Interleave(nodes)
            | Self::PreferredMany(nodes)
            | Self::WeightedInterleave(nodes) => Some(nodes),
            Self::Preferred(node) => {
                let mut nodes = NodeSet::EMPTY;
                nodes.insert(node as usize);
                Some(nodes)
            }
            Self::Default | Self::Local => None,
        }
    }
}
