//! A suite as JSON: every case with its whole report.

use super::{Case, Suite, VERSION};
use crate::report::terminal::harmless_json;
use serde::Serialize;

#[derive(Serialize)]
struct Document<'s> {
    version: u32,
    cases: Vec<Entry<'s>>,
}

#[derive(Serialize)]
struct Entry<'s> {
    status: super::Status,
    reasons: Vec<String>,
    #[serde(flatten)]
    case: &'s Case,
}

pub(super) fn render(suite: &Suite) -> String {
    let cases = suite
        .cases
        .iter()
        .map(|case| Entry { status: case.status(), reasons: case.reasons(), case })
        .collect();
    // Maps have strings as keys and numbers are finite: nothing in it can fail.
    let json = serde_json::to_string_pretty(&Document { version: VERSION, cases }).unwrap_or_default();
    harmless_json(json + "\n")
}
