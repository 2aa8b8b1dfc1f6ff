//! A suite as a table in Markdown, for the summary of a CI job, with the reasons of what did not pass below.

use super::{Case, Suite, seconds, summary};
use crate::report::terminal::harmless;
use std::fmt::Write as _;

pub(super) fn render(suite: &Suite) -> String {
    let mut out = format!("### ktstr: {}\n", summary(suite));
    out.push_str(
        "| verdict | scenario | backend | seed | seconds | file |\n| --- | --- | --- | --- | --- | --- |\n",
    );
    for case in &suite.cases {
        let backend = case.report().map_or("-", |report| &report.backend);
        let (name, file, backend) = (cell(&case.name), cell(&case.file), cell(backend));
        let (status, took) = (case.status().name(), seconds(case.took));
        let _ = writeln!(out, "| {status} | {name} | {backend} | {} | {took} | {file} |", case.seed);
    }
    for case in suite.cases.iter().filter(|case| !case.status().is_good()) {
        reasons(&mut out, case);
    }
    out
}

fn reasons(out: &mut String, case: &Case) {
    let _ = writeln!(out, "\n**{}**: {}\n", cell(&case.name), case.status().name());
    // Four blanks make a block of code, in which nothing acts.
    for line in case.reasons().iter().flat_map(|reason| reason.lines()) {
        let _ = writeln!(out, "    {}", harmless(line));
    }
}

/// A text of one line in which nothing is markup.
fn cell(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in harmless(text).chars() {
        match character {
            '\n' => out.push(' '),
            '|' | '*' | '_' | '`' | '[' | ']' | '<' | '>' | '#' | '\\' => {
                out.push('\\');
                out.push(character);
            }
            other => out.push(other),
        }
    }
    out
}
