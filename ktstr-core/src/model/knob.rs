//! The control files that a cgroup definition sets, and the values they take, in the kernel's own encoding.

use crate::model::controllers::Controller;
use crate::model::cpuset::{CpuSet, NodeSet};
use serde::{Deserialize, Serialize};

/// A control file of a cgroup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Knob {
    /// `cpuset.cpus`
    CpusetCpus,
    /// `cpuset.mems`
    CpusetMems,
    /// `cpu.weight`
    CpuWeight,
    /// `cpu.max`
    CpuMax,
    /// `memory.max`
    MemoryMax,
    /// `memory.high`
    MemoryHigh,
    /// `memory.low`
    MemoryLow,
    /// `memory.swap.max`
    MemorySwapMax,
    /// `io.weight`
    IoWeight,
    /// `pids.max`
    PidsMax,
}

impl Knob {
    /// All of them, in the order in which a definition writes them.
    pub const ALL: [Self; 10] = [
        Self::CpusetCpus,
        Self::CpusetMems,
        Self::CpuWeight,
        Self::CpuMax,
        Self::MemoryMax,
        Self::MemoryHigh,
        Self::MemoryLow,
        Self::MemorySwapMax,
        Self::IoWeight,
        Self::PidsMax,
    ];

    /// The file's name.
    pub const fn file(self) -> &'static str {
        match self {
            Self::CpusetCpus => "cpuset.cpus",
            Self::CpusetMems => "cpuset.mems",
            Self::CpuWeight => "cpu.weight",
            Self::CpuMax => "cpu.max",
            Self::MemoryMax => "memory.max",
            Self::MemoryHigh => "memory.high",
            Self::MemoryLow => "memory.low",
            Self::MemorySwapMax => "memory.swap.max",
            Self::IoWeight => "io.weight",
            Self::PidsMax => "pids.max",
        }
    }

    /// The controller it belongs to.
    pub const fn controller(self) -> Controller {
        match self {
            Self::CpusetCpus | Self::CpusetMems => Controller::Cpuset,
            Self::CpuWeight | Self::CpuMax => Controller::Cpu,
            Self::MemoryMax | Self::MemoryHigh | Self::MemoryLow | Self::MemorySwapMax => Controller::Memory,
            Self::IoWeight => Controller::Io,
            Self::PidsMax => Controller::Pids,
        }
    }
}

/// What is written into a control file; displays as the text that the kernel takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum KnobValue {
    /// A CPU list; empty clears the setting.
    Cpus(CpuSet),
    /// A list of memory nodes; empty clears the setting.
    Nodes(NodeSet),
    /// A number.
    Number(u64),
    /// `max`.
    Max,
    /// `<quota> <period>` in microseconds, or `max <period>`.
    Bandwidth(CpuMax),
}

impl core::fmt::Display for KnobValue {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Cpus(cpus) => cpus.fmt(f),
            Self::Nodes(nodes) => nodes.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Max => f.write_str("max"),
            Self::Bandwidth(CpuMax { quota_us: Some(quota), period_us }) => write!(f, "{quota} {period_us}"),
            Self::Bandwidth(CpuMax { quota_us: None, period_us }) => write!(f, "max {period_us}"),
        }
    }
}

/// The value of `cpu.max`. The kernel takes a quota from 1 ms to 2^44 - 1 us and a period from 1 ms to 1 s.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CpuMax {
    /// CPU time in each period, in microseconds; `None` for no limit.
    pub quota_us: Option<u64>,
    /// How long a period is, in microseconds.
    pub period_us: u64,
}

impl CpuMax {
    /// The kernel's default: no limit, a period of 100 ms.
    pub const UNLIMITED: Self = Self { quota_us: None, period_us: 100_000 };
}

/// A limit in bytes or tasks, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Limit {
    /// At most this many.
    At(u64),
    /// No limit, `max`.
    Max,
}

impl Limit {
    /// As it is written.
    pub const fn value(self) -> KnobValue {
        match self {
            Self::At(number) => KnobValue::Number(number),
            Self::Max => KnobValue::Max,
        }
    }
}
