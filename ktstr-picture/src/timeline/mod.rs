//! What was in force from when to when: steps, schedulers, and of each cgroup its lives, the cpuset in force,
//! frozen times, limits, workers and payloads. All times are nanoseconds from the start of the run.

mod books;
mod build;
mod gaps;
mod inherited;

use ktstr_file::report::RunReport;

pub(crate) use inherited::is_within;

/// Something that lasted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// When it began.
    pub from_ns: u64,
    /// When it ended; not before it began.
    pub to_ns: u64,
    /// What it was, in few words.
    pub label: String,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// When it was known.
    pub at_ns: u64,
    /// What of the scenario asked for it; empty where nothing did.
    pub site: String,
    /// What it was.
    pub label: String,
    /// Whether it went wrong.
    pub failed: bool,
}

/// A time in which a worker made no progress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// Its worker's cgroup; empty for the runner's.
    pub cgroup: String,
    /// Its worker's group.
    pub group: u32,
    /// Its worker, by its number in the group.
    pub worker: u32,
    /// The CPU on which it went on.
    pub cpu: u64,
    /// When it began.
    pub from_ns: u64,
    /// When it ended.
    pub to_ns: u64,
}

impl Gap {
    /// How long it was.
    pub fn length_ns(&self) -> u64 {
        self.to_ns.saturating_sub(self.from_ns)
    }
}

/// The lanes of one cgroup.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CgroupLanes {
    /// Its path below the run's own cgroup; empty for the runner's.
    pub path: String,
    /// From its making to its removal, each time that it was made.
    pub lives: Vec<Span>,
    /// The CPUs that its tasks may use, where those are not all that the machine has.
    pub cpusets: Vec<Span>,
    /// When it was frozen, by itself or with one above it.
    pub frozen: Vec<Span>,
    /// What was written to its other control files, a lane for each file.
    pub limits: Vec<(String, Vec<Span>)>,
    /// How many workers ran.
    pub running: Vec<Span>,
    /// Its payloads.
    pub payloads: Vec<Span>,
}

/// The whole run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Timeline {
    /// Where the axis ends.
    pub end_ns: u64,
    /// The backdrop, each step and the teardown, in order.
    pub phases: Vec<Span>,
    /// All actions but holds and what only reads.
    pub ops: Vec<Mark>,
    /// Schedulers, from attached to detached.
    pub schedulers: Vec<Span>,
    /// What nobody asked for.
    pub notices: Vec<Mark>,
    /// The lanes of each cgroup, in the order of their making.
    pub cgroups: Vec<CgroupLanes>,
    /// The longest gap of each worker, the longest first.
    pub gaps: Vec<Gap>,
}

impl Timeline {
    /// The timeline of a report.
    pub fn of(report: &RunReport) -> Self {
        build::timeline(report)
    }

    /// The phase that a time falls into.
    pub fn phase_at(&self, at_ns: u64) -> Option<&Span> {
        self.phases.iter().find(|phase| at_ns < phase.to_ns).or(self.phases.last())
    }
}
