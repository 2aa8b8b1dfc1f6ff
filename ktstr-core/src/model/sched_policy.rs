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

    /// A whole CPU as [`bandwidth`](Self::bandwidth) counts it.
    pub const WHOLE_CPU: u64 = 1 << 20;

    /// What of each CPU all `SCHED_DEADLINE` tasks together may have: 950 ms in 1 s, `sched_rt_runtime_us` as
    /// the kernel starts with it, less the 50 ms of the fair server (Linux 6.12, `__dl_server_attach_root`).
    pub const MOST_BANDWIDTH: u64 = ratio(950, 1000) - ratio(50, 1000);

    /// The CPU time that a `SCHED_DEADLINE` task asks for, runtime over period, in parts of
    /// [`WHOLE_CPU`](Self::WHOLE_CPU) and rounded down as by the kernel's `to_ratio`; nothing under other
    /// policies, or without a period.
    pub const fn bandwidth(&self) -> Option<u64> {
        match self {
            Self::Deadline { runtime, period, .. } if !period.is_zero() => {
                Some(ratio(runtime.as_nanos(), period.as_nanos()))
            }
            Self::Deadline { .. }
            | Self::Normal
            | Self::Batch
            | Self::Idle
            | Self::Fifo(_)
            | Self::RoundRobin(_)
            | Self::Ext => None,
        }
    }
}

const fn ratio(part: u128, whole: u128) -> u64 {
    let parts = part.saturating_mul(SchedPolicy::WHOLE_CPU as u128) / whole;
    if parts > u32::MAX as u128 { u32::MAX as u64 } else { parts as u64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bandwidth_is_counted_as_by_the_kernel() {
        let millis = Duration::from_millis;
        let deadline = |runtime, period| SchedPolicy::Deadline { runtime, deadline: period, period };
        for (policy, bandwidth) in [
            (SchedPolicy::Fifo(1), None),
            (deadline(millis(10), millis(10)), Some(1_048_576)),
            (deadline(millis(2), millis(10)), Some(209_715)),
            (deadline(millis(2), Duration::ZERO), None),
            (deadline(Duration::MAX, millis(1)), Some(u64::from(u32::MAX))),
        ] {
            assert_eq!(policy.bandwidth(), bandwidth, "{policy:?}");
        }
        assert_eq!(SchedPolicy::MOST_BANDWIDTH, 996_147 - 52_428);
    }
}
