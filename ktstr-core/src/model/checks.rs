//! What a scenario expects of its workers. Nothing is expected unless it is said.
//! Payloads carry their own checks, see [`crate::payload`]; the judging is in `judge`.

use core::time::Duration;
use serde::Serialize;

/// The expectations of a scenario. Each is judged for every group of workers.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Checks {
    /// Each worker has done at least one iteration.
    pub not_starved: bool,
    /// Each worker was only seen on CPUs that its cgroup's cpuset had at the time.
    pub isolation: bool,
    /// No worker went longer than this without progress.
    pub max_gap: Option<Duration>,
    /// The difference between the largest and the smallest share of time off CPU within a group, in percentage points.
    pub max_spread_pct: Option<f64>,
    /// Standard deviation over mean of the iterations within a group.
    pub max_throughput_cv: Option<f64>,
    /// Each worker does at least this many units of work for each second of CPU time.
    pub min_work_rate: Option<f64>,
    /// The 99th percentile of the time from wake-up to running, for each worker.
    pub max_p99_wake_latency: Option<Duration>,
}

/// One kind of expectation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckKind {
    /// [`Checks::not_starved`], in iterations.
    NotStarved,
    /// [`Checks::isolation`], in CPUs outside the cpuset.
    Isolation,
    /// [`Checks::max_gap`], in nanoseconds.
    MaxGap,
    /// [`Checks::max_spread_pct`], in percentage points.
    MaxSpread,
    /// [`Checks::max_throughput_cv`].
    MaxThroughputCv,
    /// [`Checks::min_work_rate`], in units for each second of CPU time.
    MinWorkRate,
    /// [`Checks::max_p99_wake_latency`], in nanoseconds.
    MaxP99WakeLatency,
    /// A worker ended before it was asked to; the value is how many did.
    WorkersLived,
    /// A payload's exit code.
    ExitCode,
    /// A payload ended before its wait was over, in nanoseconds.
    EndedInTime,
    /// A payload's metric against a lower bound.
    MetricMin,
    /// A payload's metric against an upper bound.
    MetricMax,
    /// A payload's metric is there.
    MetricExists,
}

impl CheckKind {
    /// Its name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotStarved => "not_starved",
            Self::Isolation => "isolation",
            Self::MaxGap => "max_gap",
            Self::MaxSpread => "max_spread",
            Self::MaxThroughputCv => "max_throughput_cv",
            Self::MinWorkRate => "min_work_rate",
            Self::MaxP99WakeLatency => "max_p99_wake_latency",
            Self::WorkersLived => "workers_lived",
            Self::ExitCode => "exit_code",
            Self::EndedInTime => "ended_in_time",
            Self::MetricMin => "metric_min",
            Self::MetricMax => "metric_max",
            Self::MetricExists => "metric_exists",
        }
    }
}

impl Checks {
    /// Nothing is expected.
    pub const NONE: Self = Self {
        not_starved: false,
        isolation: false,
        max_gap: None,
        max_spread_pct: None,
        max_throughput_cv: None,
        min_work_rate: None,
        max_p99_wake_latency: None,
    };

    /// Each worker has done at least one iteration.
    #[must_use]
    pub const fn not_starved(mut self) -> Self {
        self.not_starved = true;
        self
    }

    /// Each worker was only seen on CPUs that its cgroup's cpuset had at the time.
    #[must_use]
    pub const fn isolation(mut self) -> Self {
        self.isolation = true;
        self
    }

    /// No worker went longer than this without progress.
    #[must_use]
    pub const fn max_gap(mut self, gap: Duration) -> Self {
        self.max_gap = Some(gap);
        self
    }

    /// Largest less smallest share of time off CPU within a group, in percentage points.
    #[must_use]
    pub const fn max_spread_pct(mut self, points: f64) -> Self {
        self.max_spread_pct = Some(points);
        self
    }

    /// Standard deviation over mean of the iterations within a group.
    #[must_use]
    pub const fn max_throughput_cv(mut self, cv: f64) -> Self {
        self.max_throughput_cv = Some(cv);
        self
    }

    /// Units of work for each second of CPU time.
    #[must_use]
    pub const fn min_work_rate(mut self, rate: f64) -> Self {
        self.min_work_rate = Some(rate);
        self
    }

    /// The 99th percentile of the time from wake-up to running.
    #[must_use]
    pub const fn max_p99_wake_latency(mut self, latency: Duration) -> Self {
        self.max_p99_wake_latency = Some(latency);
        self
    }
}
