//! What came of an action.

use crate::execute::fault::Fault;
use crate::model::cpuset::CpuSet;
use crate::model::file_check::{FileCheck, number_of};
use crate::model::scheduler::SchedulerExit;
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

/// How much of a value is kept, in bytes.
const SEEN: usize = 64;

/// The text of a value, cut to 64 bytes.
pub type FileText = crate::base::text::Text<SEEN>;

/// What a file said.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FileSeen {
    /// Whether the backend knows the file at all; else nothing is known.
    pub modelled: bool,
    /// Whether all that was expected of it held.
    pub held: bool,
    /// The value's number, if it begins with one; its change, where that was asked for.
    pub value: Option<f64>,
    /// The value; empty where the file or the key in it is not there.
    pub text: FileText,
}

impl FileSeen {
    /// The backend does not know the file.
    pub const UNKNOWN: Self = Self { modelled: false, held: false, value: None, text: FileText::new() };

    /// What is to be said of a file's text, which is `None` where there is no such file; `before` is the
    /// value's number when the step began.
    pub fn of(check: &FileCheck<'_>, text: Option<&str>, before: Option<f64>) -> Self {
        let part = text.and_then(|text| check.part(text));
        let mut seen = FileText::new();
        seen.push_str(part.unwrap_or_default());
        let number = part.and_then(number_of).filter(|number| number.is_finite());
        let change = check.change.map_or(0.0, |_| before.unwrap_or(0.0));
        let value = number.map(|number| number - change);
        Self { modelled: true, held: check.holds(part, before), value, text: seen }
    }
}

/// How a scheduler fared until it was detached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchedulerEnd {
    /// Why the kernel let it go; `None` where that is not known.
    pub exit: Option<SchedulerExit>,
    /// The exit code, 0 where there is none.
    pub code: i64,
    /// How its program ended; `None` where that is not known.
    pub status: Option<ExitStatus>,
    /// Whether it left before it was asked to.
    pub early: bool,
    /// Whether it left early in the very way that its definition expects.
    pub expected: bool,
    /// Whether the kernel's log has lost records since it was attached, so that how it left may be among
    /// them.
    pub lost: bool,
    /// From when it was ready until it left, in nanoseconds.
    pub wall_ns: u64,
    /// Whether no program was run and all of this is made up, as the mock does.
    pub assumed: bool,
}

/// The answer to an action, which is small: what is long is
/// [`Evidence`](crate::execute::channel::Evidence). Which answer goes with which action says
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
    /// What a file said.
    Seen(FileSeen),
    /// A scheduler was detached.
    Detached(SchedulerEnd),
    /// The scheduler has left, so that the wait was over before its time.
    SchedulerDied,
    /// So many tasks were killed.
    Killed {
        /// How many.
        count: u32,
    },
}
