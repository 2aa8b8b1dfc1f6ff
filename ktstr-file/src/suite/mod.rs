//! What came of many scenarios, as one value: a [`Suite`] of [`Case`]s. [`Format`] shows it as text, as JSON,
//! or as a format that test runners and CI read. Nothing is run here.

mod files;
mod github;
mod json;
mod junit;
mod ktap;
mod markdown;
mod text;

pub use files::files_below;
pub use text::{line, summary};

use crate::Problem;
use crate::report::RunReport;
use crate::report::text::reasons;
use ktstr_core::Verdict;
use serde::Serialize;
use std::time::Duration;

/// The version of the layout of the suite's JSON. It grows when a key changes its meaning or goes.
pub const VERSION: u32 = 1;

/// What came of the scenarios of a suite, in the order in which they were named.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Suite {
    /// A case for each file and seed.
    pub cases: Vec<Case>,
}

/// One scenario file under one seed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Case {
    /// The file, as it was named or found.
    pub file: String,
    /// The scenario's name; the file's where it could not be read.
    pub name: String,
    /// What all draws started from.
    pub seed: u64,
    /// How often it was run: more than once only where it was to be tried again.
    pub tries: u32,
    /// How long all of this took by this machine's clock, in nanoseconds.
    #[serde(rename = "took_ns", serialize_with = "nanoseconds")]
    pub took: Duration,
    /// What came of the last try.
    pub outcome: Outcome,
}

/// What came of a case.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It ran.
    Ran(Box<RunReport>),
    /// It is no valid scenario, or not one for this machine.
    Invalid {
        /// All that is wrong, as text.
        message: String,
        /// The same as values.
        problems: Vec<Problem>,
    },
    /// It was not run, for want of something that is no fault of the scenario.
    NotRun {
        /// What was wanting, and the cure.
        message: String,
    },
}

/// What a case comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// All that was judged held.
    Pass,
    /// Nothing could be judged, for a reason that is known beforehand.
    Skip,
    /// It could not be judged.
    Inconclusive,
    /// The environment could not run it.
    Error,
    /// A check failed, or what is under test did.
    Fail,
    /// It is not valid.
    Invalid,
}

impl Status {
    /// All of them, from the best to the worst.
    pub const ALL: [Self; 6] =
        [Self::Pass, Self::Skip, Self::Inconclusive, Self::Error, Self::Fail, Self::Invalid];

    /// Its name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Skip => "skip",
            Self::Inconclusive => "inconclusive",
            Self::Error => "error",
            Self::Fail => "fail",
            Self::Invalid => "invalid",
        }
    }

    /// What a report comes to.
    pub fn of(report: &RunReport) -> Self {
        let lacks = || report.error.as_ref().is_some_and(|error| error.environment);
        match report.verdict {
            Verdict::Pass => Self::Pass,
            Verdict::Skip => Self::Skip,
            Verdict::Fail => Self::Fail,
            Verdict::Inconclusive if lacks() => Self::Error,
            Verdict::Inconclusive => Self::Inconclusive,
        }
    }

    /// Whether there is nothing to look into.
    pub const fn is_good(self) -> bool {
        match self {
            Self::Pass | Self::Skip => true,
            Self::Inconclusive | Self::Error | Self::Fail | Self::Invalid => false,
        }
    }
}

impl Case {
    /// What it comes to.
    pub fn status(&self) -> Status {
        match &self.outcome {
            Outcome::Ran(report) => Status::of(report),
            Outcome::Invalid { .. } => Status::Invalid,
            Outcome::NotRun { .. } => Status::Error,
        }
    }

    /// Its report, where it ran.
    pub fn report(&self) -> Option<&RunReport> {
        match &self.outcome {
            Outcome::Ran(report) => Some(report),
            Outcome::Invalid { .. } | Outcome::NotRun { .. } => None,
        }
    }

    /// Why it is not a plain pass, a sentence each: the finding, the checks that did not hold or were
    /// skipped, the error.
    pub fn reasons(&self) -> Vec<String> {
        match &self.outcome {
            Outcome::Ran(report) => reasons(report),
            Outcome::Invalid { message, .. } | Outcome::NotRun { message } => {
                message.lines().map(str::to_owned).collect()
            }
        }
    }
}

impl Suite {
    /// How many cases came to `status`.
    pub fn count(&self, status: Status) -> usize {
        self.cases.iter().filter(|case| case.status() == status).count()
    }

    /// How long all cases took, one after the other.
    pub fn took(&self) -> Duration {
        self.cases.iter().map(|case| case.took).sum()
    }
}

/// How a suite is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// A line a case with the reasons below, for people.
    Text,
    /// All there is, reports included.
    Json,
    /// XML as JUnit and Surefire write it.
    Junit,
    /// The Kernel Test Anything Protocol, version 1, with a subtest for each check
    /// (Documentation/dev-tools/ktap.rst).
    Ktap,
    /// Workflow commands of GitHub Actions, which annotate files.
    Github,
    /// A table, as a summary of a CI job.
    Markdown,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Text, Self::Json, Self::Junit, Self::Ktap, Self::Github, Self::Markdown];

    /// Its name on command lines.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Junit => "junit",
            Self::Ktap => "ktap",
            Self::Github => "github",
            Self::Markdown => "markdown",
        }
    }

    /// The suite in this format, with a newline at the end. Nothing in it acts on a terminal.
    pub fn render(self, suite: &Suite) -> String {
        match self {
            Self::Text => text::render(suite),
            Self::Json => json::render(suite),
            Self::Junit => junit::render(suite),
            Self::Ktap => ktap::render(suite),
            Self::Github => github::render(suite),
            Self::Markdown => markdown::render(suite),
        }
    }
}

fn nanoseconds<S: serde::Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX))
}

/// Seconds with three places, as the formats of others want them.
fn seconds(time: Duration) -> String {
    format!("{:.3}", time.as_secs_f64())
}

#[cfg(test)]
mod tests;
