//! A payload: a program that runs beside the workers, and what its exit and its output have to show.
//! Starting and reaping it is the backend's work; `#[derive(Payload)]` writes one as a static.

use crate::model::signal::Signal;
use core::time::Duration;
use serde::Serialize;

/// How a payload's output is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
pub enum OutputKind {
    /// Only the exit status counts.
    #[default]
    ExitCode,
    /// The output holds JSON; each number in it is a metric, named by its dotted path. See
    /// [`crate::judge::metrics`].
    Json,
}

/// Which direction of a metric is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
pub enum Polarity {
    /// Neither; the metric is only shown.
    #[default]
    Unknown,
    /// More is better.
    HigherIsBetter,
    /// Less is better.
    LowerIsBetter,
}

impl Polarity {
    /// The words of those that have a direction.
    pub const WORDS: [&'static str; 2] = [Self::HigherIsBetter.word(), Self::LowerIsBetter.word()];

    /// The word for it in files and reports; empty where neither is better.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unknown => "",
            Self::HigherIsBetter => "higher",
            Self::LowerIsBetter => "lower",
        }
    }

    /// What a word of a file says, if it is one of [`WORDS`](Self::WORDS).
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::HigherIsBetter, Self::LowerIsBetter].into_iter().find(|polarity| polarity.word() == word)
    }
}

/// What is known of one metric beforehand; reports show the metrics that are hinted at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
pub struct MetricHint<'a> {
    /// Its dotted path in the output, as in `jobs.0.read.iops`.
    pub name: &'a str,
    /// Which direction is better.
    pub polarity: Polarity,
    /// Its unit, as in `ops/s`; empty when unknown.
    pub unit: &'a str,
}

/// What has to hold of a payload when it has ended.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub enum PayloadCheck<'a> {
    /// It exits with this code, 0 to 255. A code of 128 + n is also met by a death by signal n, as a shell
    /// would say it.
    ExitCode(i32),
    /// It is killed by this signal.
    Signal(Signal),
    /// The metric is at least `bound`.
    Min {
        /// The metric's dotted path.
        metric: &'a str,
        /// The lowest value that passes.
        bound: f64,
    },
    /// The metric is at most `bound`.
    Max {
        /// The metric's dotted path.
        metric: &'a str,
        /// The highest value that passes.
        bound: f64,
    },
    /// The metric is from `low` to `high`.
    Range {
        /// The metric's dotted path.
        metric: &'a str,
        /// The lowest value that passes.
        low: f64,
        /// The highest value that passes.
        high: f64,
    },
    /// The metric is there and is a number.
    Exists {
        /// The metric's dotted path.
        metric: &'a str,
    },
}

impl<'a> PayloadCheck<'a> {
    /// `ExitCode`.
    pub const fn exit_code(code: i32) -> Self {
        Self::ExitCode(code)
    }

    /// `Signal`.
    pub const fn signal(signal: Signal) -> Self {
        Self::Signal(signal)
    }

    /// `Min`.
    pub const fn min(metric: &'a str, bound: f64) -> Self {
        Self::Min { metric, bound }
    }

    /// `Max`.
    pub const fn max(metric: &'a str, bound: f64) -> Self {
        Self::Max { metric, bound }
    }

    /// `Range`.
    pub const fn range(metric: &'a str, low: f64, high: f64) -> Self {
        Self::Range { metric, low, high }
    }

    /// `Exists`.
    pub const fn exists(metric: &'a str) -> Self {
        Self::Exists { metric }
    }

    /// The metric it looks at, if it looks at one.
    pub const fn metric(&self) -> Option<&'a str> {
        match *self {
            Self::ExitCode(_) | Self::Signal(_) => None,
            Self::Min { metric, .. }
            | Self::Max { metric, .. }
            | Self::Range { metric, .. }
            | Self::Exists { metric } => Some(metric),
        }
    }
}

/// A program to run, with its usual arguments and what is expected of it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Payload<'a> {
    /// What ops call it.
    pub name: &'a str,
    /// The program: a path, or a name looked up in `PATH`.
    pub binary: &'a str,
    /// Arguments that come before those of a single run.
    pub default_args: &'a [&'a str],
    /// How its output is read.
    pub output: OutputKind,
    /// The metrics that reports show.
    pub metrics: &'a [MetricHint<'a>],
    /// What has to hold when it has ended.
    pub checks: &'a [PayloadCheck<'a>],
    /// How long a wait for it lasts at most where the op does not say.
    pub timeout: Option<Duration>,
    /// Files it needs beside it where it runs on another machine (host paths).
    pub include_files: &'a [&'a str],
}

impl<'a> Payload<'a> {
    /// A program without arguments, judged by nothing.
    pub const fn binary(name: &'a str, binary: &'a str) -> Self {
        Self {
            name,
            binary,
            default_args: &[],
            output: OutputKind::ExitCode,
            metrics: &[],
            checks: &[],
            timeout: None,
            include_files: &[],
        }
    }

    /// The usual arguments.
    #[must_use]
    pub const fn default_args(mut self, args: &'a [&'a str]) -> Self {
        self.default_args = args;
        self
    }

    /// How its output is read.
    #[must_use]
    pub const fn output(mut self, output: OutputKind) -> Self {
        self.output = output;
        self
    }

    /// The metrics that reports show.
    #[must_use]
    pub const fn metrics(mut self, hints: &'a [MetricHint<'a>]) -> Self {
        self.metrics = hints;
        self
    }

    /// What has to hold when it has ended.
    #[must_use]
    pub const fn checks(mut self, checks: &'a [PayloadCheck<'a>]) -> Self {
        self.checks = checks;
        self
    }

    /// How long a wait for it lasts at most where the op does not say.
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Files it needs beside it where it runs on another machine.
    #[must_use]
    pub const fn include_files(mut self, files: &'a [&'a str]) -> Self {
        self.include_files = files;
        self
    }
}
