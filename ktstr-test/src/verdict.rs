//! What a test comes to, from what its function returned and what was played in it.

use crate::ctx::Heard;
use ktstr_file::report::RunReport;
use ktstr_file::report::text::{reasons, render_text};
use ktstr_file::suite::Status;

/// What a test function can return.
///
/// Nothing, or `Ok(())`: the test comes to the worst of its runs. A report: the test comes to what that says,
/// whatever else was played. An error: the test fails.
pub trait Returned {
    /// What it says.
    fn into_answer(self) -> Answer;
}

/// What a test function said.
#[derive(Debug)]
pub enum Answer {
    /// What was played in it counts.
    Runs,
    /// This report counts.
    Report(Box<RunReport>),
    /// It failed.
    Failed(String),
}

impl Returned for () {
    fn into_answer(self) -> Answer {
        Answer::Runs
    }
}

impl Returned for RunReport {
    fn into_answer(self) -> Answer {
        Answer::Report(Box::new(self))
    }
}

impl<R: Returned, E: std::fmt::Display> Returned for Result<R, E> {
    fn into_answer(self) -> Answer {
        match self {
            Ok(returned) => returned.into_answer(),
            Err(error) => Answer::Failed(format!("{error:#}")),
        }
    }
}

/// What a test comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// It passed.
    Passed,
    /// It was not judged, for this reason.
    Skipped(String),
    /// It failed, for this reason.
    Failed(String),
}

impl End {
    /// What an answer and what was heard of the runs come to.
    pub(crate) fn of(answer: Answer, heard: Heard) -> Self {
        match (answer, heard.lack) {
            (Answer::Failed(_), Some((backend, message))) => Self::lack(backend, &message),
            (Answer::Failed(message), None) => Self::Failed(message),
            (Answer::Report(report), _) => Self::of_report(&report),
            (Answer::Runs, Some((backend, message))) => Self::lack(backend, &message),
            (Answer::Runs, None) => heard.worst.as_ref().map_or(Self::Passed, Self::of_report),
        }
    }

    /// What the environment lacks skips a test, but where it is required.
    pub(crate) fn lack(backend: &str, message: &str) -> Self {
        let required = std::env::var("KTSTR_REQUIRE").unwrap_or_default();
        if required.split(',').any(|name| name == backend) {
            return Self::Failed(format!("{backend} is required: {message}"));
        }
        Self::Skipped(message.to_owned())
    }

    pub(crate) fn of_report(report: &RunReport) -> Self {
        match Status::of(report) {
            Status::Pass => Self::Passed,
            Status::Skip => Self::Skipped(reasons(report).join("; ")),
            Status::Inconclusive | Status::Error | Status::Fail | Status::Invalid => {
                Self::Failed(render_text(report))
            }
        }
    }
}
