//! What came of an action.

use crate::execute::fault::Fault;
use crate::model::cpuset::CpuSet;
use crate::report::worker_report::WorkerReport;
use serde::{Deserialize, Serialize};

/// How a payload ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExitStatus {
    /// It exited with this code.
    Exited(i32),
    /// This signal killed it.
    Signalled(i32),
}

/// A payload that has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayloadEnd {
    /// How.
    pub status: ExitStatus,
    /// From start to end, in nanoseconds.
    pub wall_ns: u64,
    /// Bytes it wrote to its standard output.
    pub stdout_bytes: u64,
    /// Bytes it wrote to its standard error.
    pub stderr_bytes: u64,
    /// Bytes of both that were not kept.
    pub cut_bytes: u64,
    /// Processes of its own making that had outlived it and were killed.
    pub orphans: u32,
    /// Whether no program was run and all of this is made up, as the mock does for one that it has no script
    /// for. What rests on it is skipped.
    pub assumed: bool,
}

/// The answer to an action, which is small: what is long is
/// [`Evidence`](crate::execute::channel::Evidence). Which answer goes with which action stands at
/// [`Action`](crate::execute::action::Action).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(clippy::large_enum_variant)] // no heap to box it on
pub enum Outcome {
    /// It was carried out.
    Done,
    /// It was not.
    Failed(Fault),
    /// These CPUs.
    Cpus(CpuSet),
    /// A worker's measurements.
    Report(WorkerReport),
    /// A payload has ended.
    Ended(PayloadEnd),
    /// A payload has not ended yet.
    TimedOut,
    /// A metric's value; `None` when the output has no such number.
    Metric(Option<f64>),
    /// So many tasks were killed.
    Killed {
        /// How many.
        count: u32,
    },
}
