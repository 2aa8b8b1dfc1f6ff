//! A suite in the Kernel Test Anything Protocol, version 1 (Documentation/dev-tools/ktap.rst): a test for
//! each case, a subtest for each of its checks, reasons as diagnostic lines.

use super::{Case, Status, Suite};
use crate::report::terminal::harmless;
use crate::report::text::check_name;
use ktstr_core::Verdict;
use std::fmt::Write as _;

pub(super) fn render(suite: &Suite) -> String {
    let mut out = format!("KTAP version 1\n1..{}\n", suite.cases.len());
    for (number, case) in (1..).zip(&suite.cases) {
        let name = description(&format!("{} seed {}", case.name, case.seed));
        subtests(&mut out, case, &name);
        for reason in case.reasons() {
            for line in harmless(&reason).lines() {
                let _ = writeln!(out, "# {line}");
            }
        }
        let (ok, directive) = match case.status() {
            Status::Pass => ("ok", ""),
            Status::Skip => ("ok", " # SKIP"),
            Status::Error => ("ok", " # SKIP the environment cannot run it"),
            Status::Inconclusive | Status::Fail | Status::Invalid => ("not ok", ""),
        };
        let _ = writeln!(out, "{ok} {number} {name}{directive}");
    }
    out
}

fn subtests(out: &mut String, case: &Case, name: &str) {
    let checks = case.report().map(|report| &report.checks[..]).unwrap_or_default();
    if checks.is_empty() {
        return;
    }
    let _ = writeln!(out, "    KTAP version 1\n    # Subtest: {name}\n    1..{}", checks.len());
    for (number, check) in (1..).zip(checks) {
        let (ok, directive) = match check.verdict {
            Verdict::Pass => ("ok", ""),
            Verdict::Skip => ("ok", " # SKIP"),
            Verdict::Fail | Verdict::Inconclusive => ("not ok", ""),
        };
        let _ = writeln!(out, "    {ok} {number} {}{directive}", description(&check_name(check)));
    }
}

/// A description: one line, in which `#` would begin a directive.
fn description(text: &str) -> String {
    harmless(text).replace('\n', " ").replace('#', "_")
}
