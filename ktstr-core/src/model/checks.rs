//! What can be expected of workers and payloads, as one table: a row a check. The struct that a scenario
//! fills, reading, writing, schema, validation, judging, texts, documentation and random scenarios derive
//! from the rows in `table`. Payloads say their own expectations, see [`crate::PayloadCheck`]; the judging is
//! in `judge`.

#[macro_use]
mod macros;
mod table;

pub use table::{CHECKS, CheckKind, Checks};

use crate::report::worker_report::WorkerReport;
use core::time::Duration;

/// How a value is held against its bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// The value is the bound or more.
    AtLeast,
    /// The value is the bound or less.
    AtMost,
    /// The value is the bound.
    Equals,
}

/// What a value is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckUnit {
    /// Nanoseconds.
    Time,
    /// Percentage points.
    Points,
    /// How work compares: a number without a unit.
    Ratio,
    /// A share of one, shown in percent.
    Share,
    /// Units of work in a second.
    Rate,
    /// Things: the word for one, and the word for several.
    Count(&'static str, &'static str),
    /// An exit code.
    Code,
    /// The number of a signal.
    Signal,
    /// The number of a scheduler's exit kind, 0 for one that was detached.
    Exit,
    /// The number of an error of a system call.
    Errno,
    /// Whatever the payload or the file counts in.
    Metric,
}

impl CheckUnit {
    /// Whether a value compares the work done on CPUs, or holds it against a bound. Where CPUs are not
    /// equally fast it says something of them, and nothing of the kernel. How long something took, and how
    /// much CPU time it got, is not affected.
    pub const fn compares_work(self) -> bool {
        match self {
            Self::Ratio | Self::Rate => true,
            Self::Time
            | Self::Points
            | Self::Share
            | Self::Count(..)
            | Self::Code
            | Self::Signal
            | Self::Exit
            | Self::Errno
            | Self::Metric => false,
        }
    }
}

/// Of whom a check can be said. Of others it is skipped, and the report says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckSubject {
    /// Every group of workers.
    Groups,
    /// Groups of two workers or more.
    SeveralWorkers,
    /// Groups whose work type wakes up, so that there is a latency to measure.
    WakingWorkers,
    /// Payloads.
    Payloads,
    /// Operations that expect something.
    Ops,
    /// Comparisons.
    Comparisons,
    /// Schedulers.
    Schedulers,
}

/// The numbers that can be a bound: such that the check can both pass and fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberRange {
    /// Any number that is finite and not negative.
    FromZero,
    /// A share: above 0 and at most 1.
    Share,
}

impl NumberRange {
    /// Whether a bound is in the range.
    pub const fn admits(self, bound: f64) -> bool {
        match self {
            Self::FromZero => bound.is_finite() && bound >= 0.0,
            Self::Share => bound > 0.0 && bound <= 1.0,
        }
    }

    /// The range, as it follows "a number".
    pub const fn text(self) -> &'static str {
        match self {
            Self::FromZero => "from 0 up",
            Self::Share => "above 0 and at most 1",
        }
    }
}

/// How a bound is said.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum BoundKind {
    /// By asking for the check; the bound is this one.
    Flag(f64),
    /// As a length of time.
    Time,
    /// As a number.
    Number(NumberRange),
    /// It is not: every group is judged so, with this bound.
    Always(f64),
    /// By the payload, the operation or the comparison.
    OfPayload,
    /// By the scheduler.
    OfScheduler,
}

/// A bound as a scenario says it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum CheckBound {
    /// It is asked for.
    Flag,
    /// A length of time.
    Time(Duration),
    /// A number.
    Number(f64),
}

/// What a row reads off one worker; `None` where there is nothing to measure.
pub(crate) type OfWorker = fn(&WorkerReport) -> Option<f64>;

/// How a value is read off a group.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Reading {
    /// The least of the workers.
    Least(OfWorker),
    /// The most of the workers.
    Most(OfWorker),
    /// The most of the workers, which happened at a time and on a CPU that the worker noted.
    MostAt(OfWorker, fn(&WorkerReport) -> Moment),
    /// The most less the least of the workers.
    Spread(OfWorker),
    /// Standard deviation over mean of the workers.
    Variation(OfWorker),
    /// How much CPU time the group used over the length of its window.
    Usage,
    /// The group's part of the CPU time that all groups had in its window; the executor knows that.
    ShareOfAll,
    /// How many workers ended before they were asked to stop, or lost their report.
    EndedEarly,
    /// How many CPUs outside its cpuset the group was seen on.
    Strayed,
    /// It is read off a payload, a file or a scheduler, by `judge`.
    Apart,
}

/// Which end of a range a bound is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RangeEnd {
    /// The lowest value that holds.
    Min,
    /// The highest value that holds.
    Max,
}

/// When and where a worker measured something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Moment {
    /// When, in nanoseconds from the start of its group.
    pub at_ns: u64,
    /// On which CPU.
    pub cpu: u32,
}

/// One row.
#[derive(Debug, Clone, Copy)]
pub struct CheckInfo {
    /// The check.
    pub kind: CheckKind,
    /// Its name in reports.
    pub name: &'static str,
    /// Its method of [`Checks`], and its key in scenario files unless it is an end of a range; empty where
    /// there is none.
    pub key: &'static str,
    /// For an end of a range: the key in scenario files that says both ends, and which it is. The row of the
    /// upper end comes right after that of the lower.
    pub range: Option<(&'static str, RangeEnd)>,
    /// What is measured, and what is not.
    pub doc: &'static str,
    /// What its value is counted in.
    pub unit: CheckUnit,
    /// How the value is held against the bound.
    pub relation: Relation,
    /// Of whom it can be said.
    pub of: CheckSubject,
    /// How its bound is said.
    pub bound: BoundKind,
    pub(crate) reading: Reading,
}

impl CheckKind {
    /// Its row.
    pub const fn info(self) -> &'static CheckInfo {
        &CHECKS[self as usize]
    }

    /// Its name in reports.
    pub const fn name(self) -> &'static str {
        self.info().name
    }

    /// The check with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether it is said in a scenario's [`Checks`].
    pub const fn is_settable(self) -> bool {
        match self.info().bound {
            BoundKind::Flag(_) | BoundKind::Time | BoundKind::Number(_) => true,
            BoundKind::Always(_) | BoundKind::OfPayload | BoundKind::OfScheduler => false,
        }
    }
}

impl CheckInfo {
    /// Its key in scenario files.
    pub const fn file_key(&self) -> &'static str {
        match self.range {
            Some((key, _)) => key,
            None => self.key,
        }
    }

    /// Whether it can be held against this bound.
    pub const fn admits(&self, bound: CheckBound) -> bool {
        match (self.bound, bound) {
            (BoundKind::Flag(_), CheckBound::Flag) | (BoundKind::Time, CheckBound::Time(_)) => true,
            (BoundKind::Number(range), CheckBound::Number(number)) => range.admits(number),
            _ => false,
        }
    }

    /// The number that a bound comes to, in the row's unit.
    pub const fn number(&self, bound: CheckBound) -> f64 {
        match (bound, self.bound) {
            (CheckBound::Time(time), _) => time.as_nanos() as f64,
            (CheckBound::Number(number), _) => number,
            (CheckBound::Flag, BoundKind::Flag(number) | BoundKind::Always(number)) => number,
            (
                CheckBound::Flag,
                BoundKind::Time | BoundKind::Number(_) | BoundKind::OfPayload | BoundKind::OfScheduler,
            ) => 0.0,
        }
    }

    /// Whether a value holds against a bound.
    pub(crate) fn holds(&self, value: f64, bound: f64) -> bool {
        match self.relation {
            Relation::AtLeast => value >= bound,
            Relation::AtMost => value <= bound,
            Relation::Equals => value == bound,
        }
    }
}

impl Checks {
    /// The group had a share from `low` to `high` of the CPU time that all groups had in its window.
    #[must_use]
    pub const fn cpu_share(self, low: f64, high: f64) -> Self {
        self.min_cpu_share(low).max_cpu_share(high)
    }

    /// The group used from `low` to `high` of one CPU over its window.
    #[must_use]
    pub const fn cpu_usage(self, low: f64, high: f64) -> Self {
        self.min_cpu_usage(low).max_cpu_usage(high)
    }

    /// The bound that a group is held against: that of its definition, or else that of the scenario.
    pub const fn bound_for(&self, own: Option<&Self>, kind: CheckKind) -> Option<CheckBound> {
        match own {
            Some(own) => match own.bound(kind) {
                Some(bound) => Some(bound),
                None => self.bound(kind),
            },
            None => self.bound(kind),
        }
    }

    /// Whether nothing is expected.
    pub fn is_empty(&self) -> bool {
        CheckKind::ALL.into_iter().all(|kind| self.bound(kind).is_none())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A bound that the row admits.
    fn some_bound(kind: CheckKind) -> Option<CheckBound> {
        match kind.info().bound {
            BoundKind::Flag(_) => Some(CheckBound::Flag),
            BoundKind::Time => Some(CheckBound::Time(Duration::from_millis(3))),
            BoundKind::Number(_) => Some(CheckBound::Number(0.5)),
            BoundKind::Always(_) | BoundKind::OfPayload | BoundKind::OfScheduler => None,
        }
    }

    #[test]
    fn each_row_is_in_its_place_and_says_everything() {
        for (index, info) in CHECKS.iter().enumerate() {
            assert_eq!((info.kind as usize, CheckKind::ALL[index]), (index, info.kind), "{}", info.name);
            assert_eq!(CheckKind::from_name(info.name), Some(info.kind));
            assert!(info.doc.len() > 20 && info.doc.ends_with('.'), "{}: {:?}", info.name, info.doc);
            assert_eq!(info.kind.is_settable(), !info.key.is_empty(), "{}", info.name);
            if let Some((key, RangeEnd::Min)) = info.range {
                assert_eq!(CHECKS[index + 1].range, Some((key, RangeEnd::Max)), "{}", info.name);
            }
        }
    }

    #[test]
    fn each_bound_that_is_set_is_read_back_and_no_other() {
        for kind in CheckKind::ALL {
            let mut checks = Checks::NONE;
            let Some(bound) = some_bound(kind) else {
                assert!(!checks.set(kind, CheckBound::Flag) && checks.is_empty(), "{kind:?}");
                continue;
            };
            assert!(kind.info().admits(bound) && checks.set(kind, bound), "{kind:?}");
            for other in CheckKind::ALL {
                assert_eq!(checks.bound(other), (other == kind).then_some(bound), "{kind:?} {other:?}");
            }
            for wrong in [CheckBound::Flag, CheckBound::Time(Duration::ZERO), CheckBound::Number(0.1)] {
                let fits = core::mem::discriminant(&wrong) == core::mem::discriminant(&bound);
                let mut none = Checks::NONE;
                assert_eq!(none.set(kind, wrong), fits, "{kind:?} {wrong:?}");
            }
        }
    }

    #[test]
    fn ranges_leave_room_to_pass_and_to_fail() {
        for (range, bound, admitted) in [
            (NumberRange::FromZero, 0.0, true),
            (NumberRange::FromZero, -0.1, false),
            (NumberRange::FromZero, f64::INFINITY, false),
            (NumberRange::FromZero, f64::NAN, false),
            (NumberRange::Share, 0.0, false),
            (NumberRange::Share, 1.0, true),
            (NumberRange::Share, 1.1, false),
            (NumberRange::Share, f64::NAN, false),
        ] {
            assert_eq!(range.admits(bound), admitted, "{range:?} {bound}");
        }
    }
}
