//! How the program ends.

use crate::args::ExitCodes;
use crate::hint;
use crate::output::err;
use ktstr_core::Fault;
use ktstr_file::suite::Status;
use ktstr_file::{Problem, Problems};
use std::process::ExitCode;

/// The status that the program exits with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Pass.
    Pass,
    /// Nothing was judged, for a reason that is known.
    Skipped,
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
#[derive(Debug, Clone)]
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
    /// What a run comes to.
    pub(crate) fn of(status: Status) -> Self {
        match status {
            Status::Pass => Self::Pass,
            Status::Skip => Self::Skipped,
            Status::Fail => Self::Failed,
            Status::Invalid => Self::Invalid,
            Status::Error => Self::Environment,
            Status::Inconclusive => Self::Inconclusive,
        }
    }

    /// Whether there is nothing to look into.
    pub(crate) fn is_good(self) -> bool {
        self.status() == 0
    }

    /// The one that counts of two: what is invalid, then what failed, then what could not be run, then what
    /// could not be judged; a pass before what was skipped.
    pub(crate) fn and(self, other: Self) -> Self {
        let order = [Self::Invalid, Self::Failed, Self::Environment, Self::Inconclusive, Self::Pass];
        order.into_iter().find(|exit| *exit == self || *exit == other).unwrap_or(Self::Skipped)
    }

    /// The number in a convention.
    pub(crate) fn status_in(self, codes: ExitCodes) -> u8 {
        match (codes, self) {
            (ExitCodes::Ktstr, _) => self.status(),
            (ExitCodes::Bisect | ExitCodes::Kselftest, Self::Pass) => 0,
            (ExitCodes::Bisect | ExitCodes::Kselftest, Self::Failed) => 1,
            // No revision is to blame for a scenario that is not valid: bisection ends.
            (ExitCodes::Bisect, Self::Invalid) => 255,
            (ExitCodes::Bisect, Self::Skipped | Self::Environment | Self::Inconclusive) => 125,
            (ExitCodes::Kselftest, Self::Invalid) => 1,
            (ExitCodes::Kselftest, Self::Skipped | Self::Environment | Self::Inconclusive) => 4,
        }
    }

    /// The number.
    pub(crate) fn status(self) -> u8 {
        match self {
            Self::Pass | Self::Skipped => 0,
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
    use super::Exit::{self, Environment, Failed, Inconclusive, Invalid, Pass, Skipped};
    use super::ExitCodes;

    const BEST_FIRST: [Exit; 6] = [Skipped, Pass, Inconclusive, Environment, Failed, Invalid];

    #[test]
    fn of_two_ends_the_worse_counts_whichever_came_first() {
        for (better, one) in BEST_FIRST.into_iter().enumerate() {
            for (worse, other) in BEST_FIRST.into_iter().enumerate().skip(better) {
                assert_eq!((one.and(other), other.and(one)), (BEST_FIRST[worse], other), "{one:?} {other:?}");
            }
        }
    }

    #[test]
    fn each_convention_has_its_numbers() {
        for (codes, numbers) in [
            (ExitCodes::Ktstr, [0, 0, 4, 3, 1, 2]),
            (ExitCodes::Bisect, [125, 0, 125, 125, 1, 255]),
            (ExitCodes::Kselftest, [4, 0, 4, 4, 1, 1]),
        ] {
            assert_eq!(BEST_FIRST.map(|exit| exit.status_in(codes)), numbers, "{codes:?}");
        }
    }
}
