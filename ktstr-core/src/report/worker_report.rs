//! What one worker has measured of itself.

use crate::model::cpuset::CpuSet;
use serde::{Deserialize, Serialize};

/// How a worker ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkerEnd {
    /// It stopped when asked, and reported.
    #[default]
    Stopped,
    /// It did not stop in time and was killed; what it had measured so far is reported.
    Killed,
    /// It exited with this code before it was asked to stop.
    Exited(i32),
    /// This signal killed it before it was asked to stop.
    Signalled(i32),
    /// Setting it up failed with this errno; it did no work.
    SetupFailed(i32),
}

/// The measurements of one worker over its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct WorkerReport {
    /// Its process id, 0 where there is none.
    pub pid: u32,
    /// Iterations done.
    pub iterations: u64,
    /// Units of work done; a burst of spinning is 1,024.
    pub work_units: u64,
    /// CPU time used, in nanoseconds.
    pub cpu_ns: u64,
    /// Time from start to stop, in nanoseconds.
    pub wall_ns: u64,
    /// Longest time between two checkpoints, in nanoseconds of wall time, less what the work type sleeps on purpose.
    pub max_gap_ns: u64,
    /// How often it was seen on another CPU than before.
    pub migrations: u64,
    /// The CPUs it was seen on.
    pub cpus_used: CpuSet,
    /// Wake-ups measured.
    pub wakeups: u64,
    /// Median time from wake-up to running, in nanoseconds; 0 without wake-ups.
    pub wake_p50_ns: u64,
    /// 99th percentile (nearest rank) of the same.
    pub wake_p99_ns: u64,
    /// Longest of the same.
    pub wake_max_ns: u64,
    /// How it ended.
    pub end: WorkerEnd,
}
