//! What a worker does with its time. The loops themselves live in the backends; the mock simulates their effect.

use core::time::Duration;
use serde::{Deserialize, Serialize};

/// A worker's loop. One iteration is what each variant says; a burst of spinning is 1,024 units of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum WorkType {
    /// Spins, one burst an iteration.
    #[default]
    SpinWait,
    /// Calls `sched_yield` each iteration.
    YieldHeavy,
    /// A burst of spinning, then `sched_yield`.
    Mixed,
    /// Spins for `burst`, sleeps for `sleep`.
    Bursty {
        /// How long it spins, above zero.
        burst: Duration,
        /// How long it sleeps, above zero.
        sleep: Duration,
    },
    /// Wakes, spins for `burst`, sleeps again: mostly idle, many wake-ups.
    IdleChurn {
        /// How long it spins, above zero.
        burst: Duration,
        /// How long it sleeps, above zero.
        sleep: Duration,
        /// Asks for exact timers (1 ns timer slack) instead of the default 50 us slack.
        precise: bool,
    },
    /// Pairs pass a byte back and forth through two pipes, with a burst of spinning every `iters` rounds.
    PipeIo {
        /// Rounds between bursts, above zero.
        iters: u32,
    },
    /// Pairs wake each other through a futex, with `iters` units of spinning between.
    FutexPingPong {
        /// Units of spinning before each wake-up.
        iters: u32,
    },
    /// Reads and writes a buffer with a stride; one pass over it is an iteration.
    CachePressure {
        /// Size of the buffer in KiB, above zero.
        kib: u32,
        /// Distance between touched bytes, above zero and at most the size of the buffer.
        stride: u32,
    },
    /// Maps `kib` of memory, touches each page, unmaps it.
    PageFaultChurn {
        /// Size of the mapping in KiB, above zero.
        kib: u32,
    },
    /// Forks a child that exits at once, and waits for it.
    ForkExit,
}

impl WorkType {
    /// The names of all work types, as scenario files spell them.
    pub const ALL_NAMES: [&'static str; 10] = [
        "SpinWait",
        "YieldHeavy",
        "Mixed",
        "Bursty",
        "IdleChurn",
        "PipeIo",
        "FutexPingPong",
        "CachePressure",
        "PageFaultChurn",
        "ForkExit",
    ];

    /// The work type of this name with its usual arguments.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::DEFAULTS.into_iter().find(|work_type| work_type.name() == name)
    }

    /// One of each, with its usual arguments.
    pub const DEFAULTS: [Self; 10] = [
        Self::SpinWait,
        Self::YieldHeavy,
        Self::Mixed,
        Self::bursty(Duration::from_millis(50), Duration::from_millis(100)),
        Self::idle_churn(Duration::from_micros(200), Duration::from_millis(2)),
        Self::pipe_io(1024),
        Self::futex_ping_pong(1024),
        Self::cache_pressure(256, 64),
        Self::page_fault_churn(4096),
        Self::ForkExit,
    ];

    /// `Bursty`.
    pub const fn bursty(burst: Duration, sleep: Duration) -> Self {
        Self::Bursty { burst, sleep }
    }

    /// `IdleChurn` with the default timer slack.
    pub const fn idle_churn(burst: Duration, sleep: Duration) -> Self {
        Self::IdleChurn { burst, sleep, precise: false }
    }

    /// `PipeIo`.
    pub const fn pipe_io(iters: u32) -> Self {
        Self::PipeIo { iters }
    }

    /// `FutexPingPong`.
    pub const fn futex_ping_pong(iters: u32) -> Self {
        Self::FutexPingPong { iters }
    }

    /// `CachePressure`.
    pub const fn cache_pressure(kib: u32, stride: u32) -> Self {
        Self::CachePressure { kib, stride }
    }

    /// `PageFaultChurn`.
    pub const fn page_fault_churn(kib: u32) -> Self {
        Self::PageFaultChurn { kib }
    }

    /// Its name, as scenario files spell it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::SpinWait => "SpinWait",
            Self::YieldHeavy => "YieldHeavy",
            Self::Mixed => "Mixed",
            Self::Bursty { .. } => "Bursty",
            Self::IdleChurn { .. } => "IdleChurn",
            Self::PipeIo { .. } => "PipeIo",
            Self::FutexPingPong { .. } => "FutexPingPong",
            Self::CachePressure { .. } => "CachePressure",
            Self::PageFaultChurn { .. } => "PageFaultChurn",
            Self::ForkExit => "ForkExit",
        }
    }

    /// How many workers work together; the number of workers has to be a multiple of it.
    pub const fn group_size(&self) -> u32 {
        match self {
            Self::PipeIo { .. } | Self::FutexPingPong { .. } => 2,
            _ => 1,
        }
    }

    /// Whether it sleeps or waits, so that times from wake-up to running can be measured.
    pub const fn wakes(&self) -> bool {
        matches!(
            self,
            Self::Bursty { .. } | Self::IdleChurn { .. } | Self::PipeIo { .. } | Self::FutexPingPong { .. }
        )
    }

    /// Whether its arguments are in range, as the variants say.
    pub const fn is_valid(&self) -> bool {
        match *self {
            Self::Bursty { burst, sleep } | Self::IdleChurn { burst, sleep, .. } => {
                !burst.is_zero() && !sleep.is_zero()
            }
            Self::PipeIo { iters } => iters > 0,
            Self::CachePressure { kib, stride } => {
                kib > 0 && stride > 0 && stride as u64 <= kib as u64 * 1024
            }
            Self::PageFaultChurn { kib } => kib > 0,
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_defaults_agree() {
        for (name, default) in WorkType::ALL_NAMES.into_iter().zip(WorkType::DEFAULTS) {
            assert_eq!(WorkType::from_name(name), Some(default));
            assert!(default.is_valid(), "{name}");
        }
        assert_eq!(WorkType::from_name("Spinwait"), None);
    }
}
