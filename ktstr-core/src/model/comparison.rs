//! Comparisons of a scenario: how what one cgroup's workers did relates to what another's did, or to what
//! they did themselves in another step. Judged at the end of a run from the figures of its phases.

use crate::report::group_phase::GroupPhase;
use serde::{Deserialize, Serialize};

/// How many comparisons a scenario has at most.
pub const MAX_COMPARISONS: usize = 16;

macro_rules! compared {
    ($($(#[doc = $doc:literal])+ $name:ident $word:literal $unit:literal;)+) => {
        /// What is compared. Rates are per second of the window; figures of several groups in one cgroup are
        /// added up, of times the longest counts.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Compared { $($(#[doc = $doc])+ $name,)+ }

        impl Compared {
            /// All of them.
            pub const ALL: [Self; [$(Self::$name),+].len()] = [$(Self::$name),+];
            /// What scenario files and reports call them, in the same order.
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            /// What scenario files and reports call it.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }

            /// What its values are counted in; empty for times in nanoseconds.
            pub const fn unit(self) -> &'static str {
                match self { $(Self::$name => $unit,)+ }
            }
        }
    };
}

compared! {
    /// CPU time over the length of the window, in CPUs.
    Cpu "cpu" "CPUs";
    /// Units of work a second.
    Rate "rate" "units/s";
    /// Iterations a second.
    IterationRate "iteration_rate" "iterations/s";
    /// Migrations a second.
    MigrationRate "migration_rate" "migrations/s";
    /// Time ready to run without a CPU over the length of the window, in workers.
    RunDelay "run_delay" "workers waiting";
    /// Median time from wake-up to running.
    WakeP50 "wake_p50" "";
    /// 99th percentile of the same.
    WakeP99 "wake_p99" "";
    /// The longest gap.
    MaxGap "max_gap" "";
}

/// Two figures that stand in a ratio: what the workers in `of` did is `ratio` times what those in `against`
/// did, give or take the share `within` of that.
///
/// ```
/// use ktstr_core::prelude::*;
///
/// const WEIGHTS: Comparison = Comparison::new("web", "batch", Compared::Cpu, 3.0).within(0.2);
/// assert!(WEIGHTS.admits(2.4) && WEIGHTS.admits(3.6) && !WEIGHTS.admits(2.3));
/// const STEPS: Comparison = Comparison::new("web", "web", Compared::Cpu, 0.5).in_steps("shrunk", "full");
/// assert_eq!((STEPS.step, STEPS.against_step), (Some("shrunk"), Some("full")));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Comparison<'a> {
    /// A cgroup; empty for the runner's.
    pub of: &'a str,
    /// The cgroup it is held against, which may be the same in another step.
    pub against: &'a str,
    /// What is compared.
    pub metric: Compared,
    /// In which step, by its name; in all steps where that is not said.
    pub step: Option<&'a str>,
    /// In which step that of `against`; in the same where that is not said.
    pub against_step: Option<&'a str>,
    /// How often the second goes into the first; above 0.
    pub ratio: f64,
    /// By which share of it the ratio may be missed, 0 to 1.
    pub within: f64,
}

impl<'a> Comparison<'a> {
    /// In all steps together, within a tenth.
    pub const fn new(of: &'a str, against: &'a str, metric: Compared, ratio: f64) -> Self {
        Self { of, against, metric, step: None, against_step: None, ratio, within: 0.1 }
    }

    /// By which share of it the ratio may be missed.
    #[must_use]
    pub const fn within(mut self, share: f64) -> Self {
        self.within = share;
        self
    }

    /// In this step.
    #[must_use]
    pub const fn in_step(mut self, step: &'a str) -> Self {
        self.step = Some(step);
        self
    }

    /// The first in one step, the second in another.
    #[must_use]
    pub const fn in_steps(mut self, step: &'a str, against_step: &'a str) -> Self {
        self.step = Some(step);
        self.against_step = Some(against_step);
        self
    }

    /// The second in this step, the first in all.
    #[must_use]
    pub const fn against_step(mut self, step: &'a str) -> Self {
        self.against_step = Some(step);
        self
    }

    /// Whether such a ratio is close enough.
    pub fn admits(&self, ratio: f64) -> bool {
        // So that a bound that is met to the last digit holds.
        let room = self.ratio * (self.within + 1e-9);
        ratio >= self.ratio - room && ratio <= self.ratio + room
    }

    /// The step that the second is looked at in.
    pub const fn step_of_against(&self) -> Option<&'a str> {
        match self.against_step {
            Some(step) => Some(step),
            None => self.step,
        }
    }
}

/// What one side of a comparison comes to over the phases that it looks at.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tally {
    /// The sum of what was counted, or the longest time.
    amount: f64,
    /// Nanoseconds of all phases, the longest window in each.
    span_ns: f64,
    /// The longest window of the phase that is on.
    phase_ns: f64,
    seen: bool,
    /// Whether a figure that was not measured is part of it.
    unknown: bool,
}

impl Tally {
    /// Takes a group in.
    pub(crate) fn add(&mut self, metric: Compared, figures: &GroupPhase) {
        let time = |latency: u64| (figures.wakeups > 0).then_some(latency);
        let (value, is_longest) = match metric {
            Compared::Cpu => (Some(figures.cpu_ns), false),
            Compared::Rate => (Some(figures.work_units), false),
            Compared::IterationRate => (Some(figures.iterations), false),
            Compared::MigrationRate => (Some(figures.migrations), false),
            Compared::RunDelay => (figures.run_delay_ns, false),
            Compared::WakeP50 => (time(figures.wake_p50_ns), true),
            Compared::WakeP99 => (time(figures.wake_p99_ns), true),
            Compared::MaxGap => (Some(figures.max_gap_ns), true),
        };
        match value {
            Some(value) if is_longest => self.amount = self.amount.max(value as f64),
            Some(value) => self.amount += value as f64,
            None => self.unknown |= metric == Compared::RunDelay,
        }
        self.seen |= value.is_some();
        self.phase_ns = self.phase_ns.max(figures.window_ns as f64);
    }

    /// The phase is over.
    pub(crate) fn end_phase(&mut self) {
        self.span_ns += core::mem::take(&mut self.phase_ns);
    }

    /// What it comes to; `None` where nothing was measured.
    pub(crate) fn value(&self, metric: Compared) -> Option<f64> {
        let known = self.seen && !self.unknown && self.span_ns > 0.0;
        let value = match metric {
            Compared::Cpu | Compared::RunDelay => self.amount / self.span_ns,
            Compared::Rate | Compared::IterationRate | Compared::MigrationRate => {
                self.amount * 1e9 / self.span_ns
            }
            Compared::WakeP50 | Compared::WakeP99 | Compared::MaxGap => self.amount,
        };
        known.then_some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_side_is_a_rate_of_its_phases_or_the_longest_time_and_unknown_where_nothing_was_measured() {
        let figures = GroupPhase {
            workers: 1,
            window_ns: 500_000_000,
            iterations: 10,
            work_units: 20,
            cpu_ns: 250_000_000,
            run_delay_ns: Some(125_000_000),
            migrations: 1,
            wakeups: 3,
            wake_p50_ns: 4,
            wake_p99_ns: 5,
            max_gap_ns: 6,
        };
        let later = GroupPhase { window_ns: 1_500_000_000, wake_p99_ns: 7, ..figures };
        for (metric, value) in [
            (Compared::Cpu, 0.25),
            (Compared::Rate, 20.0),
            (Compared::IterationRate, 10.0),
            (Compared::MigrationRate, 1.0),
            (Compared::RunDelay, 0.125),
            (Compared::WakeP50, 4.0),
            (Compared::WakeP99, 7.0),
            (Compared::MaxGap, 6.0),
        ] {
            let mut tally = Tally::default();
            assert_eq!(tally.value(metric), None, "{metric:?}");
            tally.add(metric, &figures);
            tally.end_phase();
            tally.add(metric, &later);
            tally.end_phase();
            tally.end_phase();
            assert_eq!(tally.value(metric), Some(value), "{metric:?}");
        }
        let mut tally = Tally::default();
        tally.add(Compared::RunDelay, &figures);
        tally.add(Compared::RunDelay, &GroupPhase { run_delay_ns: None, ..figures });
        tally.end_phase();
        assert_eq!(tally.value(Compared::RunDelay), None);
    }
}
