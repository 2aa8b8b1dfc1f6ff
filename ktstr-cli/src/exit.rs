//! How the program ends.

use crate::hint;
use crate::output::err;
use ktstr_core::{Fault, Verdict};
use ktstr_file::report::RunReport;
use ktstr_file::{Problem, Problems};
use std::process::ExitCode;

/// The status that the program exits with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Pass, or skip.
    Pass,
    /// A check failed, or something went wrong on the way.
    Failed,
    /// The scenario is invalid, or the usage is.
    Invalid,
    /// The environment cannot run it.
    Environment,
    /// It could not be judged.
    Inconclusive,
}

/// The end of a command that could not do its work.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The status.
    pub(crate) exit: Exit,
    /// What to say: a sentence with the cure, or all that is wrong with a file, each with its place.
    pub(crate) message: String,
    /// The same as values, where it is about a file.
    pub(crate) problems: Vec<Problem>,
}

impl Failure {
    /// The scenario, or what was asked for, is to blame.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self { exit: Exit::Invalid, message: message.into(), problems: Vec::new() }
    }

    /// The environment is to blame, as a backend's fault says.
    pub(crate) fn fault(fault: &Fault) -> Self {
        Self::environment(hint::with(fault.to_string(), fault.kind.code()))
    }

    /// The environment is to blame.
    pub(crate) fn environment(message: impl Into<String>) -> Self {
        Self { exit: Exit::Environment, message: message.into(), problems: Vec::new() }
    }

    /// Says it on standard error.
    pub(crate) fn tell(&self) {
        let program = if self.problems.is_empty() { "ktstr: " } else { "" };
        err(&format!("{program}{}\n", self.message));
    }
}

impl From<Problems> for Failure {
    /// All that is wrong with a scenario file.
    fn from(problems: Problems) -> Self {
        let codes = problems.problems.iter().map(|problem| problem.code);
        let message = format!("{problems}{}", hint::lines(codes, &[]));
        Self { exit: Exit::Invalid, message, problems: problems.problems }
    }
}

impl Exit {
    /// What a report comes to, as the key `verdict` of its schema says.
    pub(crate) fn of(report: &RunReport) -> Self {
        match report.verdict {
            Verdict::Fail => Self::Failed,
            Verdict::Inconclusive if report.error.as_ref().is_some_and(|error| error.environment) => {
                Self::Environment
            }
            Verdict::Inconclusive => Self::Inconclusive,
            Verdict::Pass | Verdict::Skip => Self::Pass,
        }
    }

    /// The one that counts of two: what is invalid, then what failed, then what could not be run, then what
    /// could not be judged.
    pub(crate) fn and(self, other: Self) -> Self {
        let order = [Self::Invalid, Self::Failed, Self::Environment, Self::Inconclusive];
        order.into_iter().find(|exit| *exit == self || *exit == other).unwrap_or(Self::Pass)
    }

    /// The number.
    pub(crate) fn status(self) -> u8 {
        match self {
            Self::Pass => 0,
            Self::Failed => 1,
            Self::Invalid => 2,
            Self::Environment => 3,
            Self::Inconclusive => 4,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.status())
    }
}

#[cfg(test)]
mod tests {
    use super::Exit::{self, Environment, Failed, Inconclusive, Invalid, Pass};

    #[test]
    fn of_two_ends_the_worse_counts_whichever_came_first() {
        let best_first = [Pass, Inconclusive, Environment, Failed, Invalid];
        for (better, one) in best_first.into_iter().enumerate() {
            for (worse, other) in best_first.into_iter().enumerate().skip(better) {
                assert_eq!((one.and(other), other.and(one)), (best_first[worse], other), "{one:?} {other:?}");
            }
        }
        assert_eq!(best_first.map(Exit::status), [0, 4, 3, 1, 2]);
    }
}
