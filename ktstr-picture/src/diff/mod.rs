//! What differs between two runs: under which circumstances they ran, where what was done differs first,
//! where times and measurements do, and what checks and figures came to.
//!
//! Two seeds, kernels or schedulers never take the same time for anything. So there are two answers to where
//! runs part: the first action that was another one or ended in another way, and the first of which anything
//! differs at all.

mod compare;
mod text;

use ktstr_file::report::{EventEntry, RunReport};

/// A thing of two runs, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// What it is.
    pub what: String,
    /// Of the one run.
    pub one: String,
    /// Of the other.
    pub other: String,
}

/// Where two runs part.
#[derive(Debug, Clone, PartialEq)]
pub struct Parting {
    /// The number of the action.
    pub seq: u32,
    /// The actions of the one run around it; the first that differs is at `at`.
    pub one: Vec<EventEntry>,
    /// The same of the other run.
    pub other: Vec<EventEntry>,
    /// Which of those it is; a run that has none there has ended.
    pub at: usize,
}

/// What differs between two runs.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Diff {
    /// What they ran on and with, where that differs.
    pub circumstances: Vec<Pair>,
    /// The first action that was another one, or ended in another way.
    pub done: Option<Parting>,
    /// The first action of which anything differs, times and measurements too, but what is drawn from the
    /// run's seed.
    pub measured: Option<Parting>,
    /// The judgements that ended in another way, or are in one run only.
    pub checks: Vec<Pair>,
    /// The figures of each cgroup, where they differ.
    pub figures: Vec<Pair>,
}

impl Diff {
    /// What differs between two runs.
    pub fn between(one: &RunReport, other: &RunReport) -> Self {
        Self {
            circumstances: compare::circumstances(one, other),
            done: compare::parting(one, other, compare::is_same_deed),
            measured: compare::parting(one, other, compare::is_same_moment),
            checks: compare::checks(one, other),
            figures: compare::figures(one, other),
        }
    }

    /// Whether what happened in them is the same, whatever they ran on.
    pub fn is_none(&self) -> bool {
        self.measured.is_none() && self.checks.is_empty() && self.figures.is_empty()
    }
}

/// An action of a run as one line.
pub(crate) fn line(event: &EventEntry) -> String {
    let at = ktstr_file::report::text::time(event.at_ns as f64);
    format!("{at}  {}  {} -> {}", event.site, event.action, event.outcome)
}

#[cfg(test)]
mod tests;
