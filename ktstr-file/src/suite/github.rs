//! A suite as workflow commands of GitHub Actions: an annotation for each thing that is wrong, at its line
//! where a file is, and a notice with the summary.

use super::{Case, Outcome, Status, Suite, summary};
use crate::Problem;
use crate::report::terminal::harmless;
use std::fmt::Write as _;

pub(super) fn render(suite: &Suite) -> String {
    let mut out = String::new();
    for case in &suite.cases {
        annotate(&mut out, case);
    }
    let _ = writeln!(out, "::notice title=ktstr::{}", message(summary(suite).trim_end()));
    out
}

fn annotate(out: &mut String, case: &Case) {
    let (status, file) = (case.status(), property(&case.file));
    let level = match status {
        Status::Pass => return,
        Status::Skip => "notice",
        Status::Error | Status::Inconclusive => "warning",
        Status::Fail | Status::Invalid => "error",
    };
    let title = property(&format!("{} {}", status.name(), case.name));
    match &case.outcome {
        Outcome::Invalid { problems, .. } if !problems.is_empty() => {
            for Problem { code, line, column, what, cure, .. } in problems {
                let place = if *line == 0 { String::new() } else { format!(",line={line},col={column}") };
                let text = message(&format!("[{code}] {what}; {cure}"));
                let _ = writeln!(out, "::{level} file={file}{place},title={title}::{text}");
            }
        }
        Outcome::Invalid { .. } | Outcome::NotRun { .. } | Outcome::Ran(_) => {
            let text = message(&case.reasons().join("\n"));
            let _ = writeln!(out, "::{level} file={file},title={title}::{text}");
        }
    }
}

/// The text of a command: one line, with the ends of lines and `%` written as it asks for.
fn message(text: &str) -> String {
    harmless(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property, in which `:` and `,` end something.
fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}
