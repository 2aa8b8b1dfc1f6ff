//! Scheduling policies a worker can ask for, see sched(7). Setting them is the backend's work.

use core::time::Duration;
use serde::{Deserialize, Serialize};

/// A scheduling policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum SchedPolicy {
    /// `SCHED_OTHER`.
    #[default]
    Normal,
    /// `SCHED_BATCH`.
    Batch,
    /// `SCHED_IDLE`.
    Idle,
    /// `SCHED_FIFO` with a priority from 1 to 99.
    Fifo(u8),
    /// `SCHED_RR` with a priority from 1 to 99.
    RoundRobin(u8),
    /// `SCHED_DEADLINE`; `1024 ns ≤ runtime ≤ deadline ≤ period`.
    Deadline {
        /// CPU time in each period.
        runtime: Duration,
        /// When that time has to be given, from the start of a period.
        deadline: Duration,
        /// How long a period is.
        period: Duration,
    },
    /// `SCHED_EXT`: the loaded sched_ext scheduler, or as `Normal` where none is loaded.
    Ext,
}

impl SchedPolicy {
    /// Whether setting it needs `CAP_SYS_NICE`.
    pub const fn is_realtime(&self) -> bool {
        matches!(self, Self::Fifo(_) | Self::RoundRobin(_) | Self::Deadline { .. })
    }
}
