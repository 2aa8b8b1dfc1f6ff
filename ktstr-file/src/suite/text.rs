//! A suite for people: a line for each case, below it why it is not a plain pass, and a summary.

use super::{Case, Status, Suite};
use crate::report::terminal::{harmless, harmless_line};
use crate::report::text::{counted, time};
use std::fmt::Write as _;

pub(super) fn render(suite: &Suite) -> String {
    let mut out: String = suite.cases.iter().map(line).collect();
    out.push_str(&summary(suite));
    out
}

/// A case: a line, and why it is not a plain pass below it.
pub fn line(case: &Case) -> String {
    let status = case.status();
    let place = case.report().map(|report| {
        format!(
            "  on {}, seed {}, {}",
            harmless_line(&report.backend),
            case.seed,
            time(report.elapsed_ns as f64)
        )
    });
    let tries = if case.tries > 1 { format!(", {} tries", case.tries) } else { String::new() };
    let (verdict, name) = (status.name().to_uppercase(), harmless_line(&case.name));
    let mut out =
        format!("{verdict}  {name}{}{tries}  {}\n", place.unwrap_or_default(), harmless_line(&case.file));
    if status != Status::Pass {
        for reason in case.reasons() {
            let _ = writeln!(out, "      {}", harmless(&reason));
        }
    }
    out
}

/// The last line: how many cases there were, and what they came to.
pub fn summary(suite: &Suite) -> String {
    let counts: Vec<_> = Status::ALL
        .into_iter()
        .map(|status| (suite.count(status), status.name()))
        .filter(|(count, _)| *count > 0)
        .map(|(count, name)| format!("{count} {name}"))
        .collect();
    let cases = counted(suite.cases.len() as u64, "scenario", "scenarios");
    let counts = if counts.is_empty() { String::new() } else { format!(": {}", counts.join(", ")) };
    format!("{cases}{counts}\n")
}
