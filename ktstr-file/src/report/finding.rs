//! What a run found out about the kernel under test by the kernel's own end: its class, its signature, its
//! console.

use super::terminal::harmless_line;
use super::words::counted;
use super::{EventEntry, RunReport};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// The most lines of a console that are shown to people; the JSON report has all that were kept.
const LINES: usize = 20;

/// A kind of end of a kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FindingClass {
    /// It could not go on, for a reason of its own.
    Panic,
    /// It used memory that is not there, or did what no processor does.
    Oops,
    /// It found itself in a state that must not be (`BUG`).
    Bug,
    /// It warned of itself, and ended by that.
    Warning,
    /// A CPU came to no end in the kernel, or a workqueue did.
    Lockup,
    /// A grace period of RCU came to no end.
    Stall,
    /// A task, or the whole guest, came to no end.
    Hang,
}

impl FindingClass {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Panic, Self::Oops, Self::Bug, Self::Warning, Self::Lockup, Self::Stall, Self::Hang];

    /// Its name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Panic => "panic",
            Self::Oops => "oops",
            Self::Bug => "bug",
            Self::Warning => "warning",
            Self::Lockup => "lockup",
            Self::Stall => "stall",
            Self::Hang => "hang",
        }
    }

    /// Whether the function in which it happened distinguishes one from another.
    pub const fn has_place(self) -> bool {
        match self {
            Self::Oops | Self::Bug | Self::Warning => true,
            Self::Panic | Self::Lockup | Self::Stall | Self::Hang => false,
        }
    }
}

/// A finding about the kernel under test. It makes the run fail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingEntry {
    /// What kind of end it was.
    pub class: FindingClass,
    /// The first line of the kernel that says so, with `N` for addresses and numbers: the same for the same
    /// fault.
    pub signature: String,
    /// Whether it happened before the guest program had begun.
    pub during_boot: bool,
    /// The bound that the run hit, where the kernel said nothing of itself.
    pub bound: Option<String>,
    /// The last lines of the console, before them the one that says why.
    pub console: Vec<String>,
}

impl std::fmt::Display for FindingEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let when = if self.during_boot { " while it booted" } else { "" };
        write!(f, "the kernel under test ended{when}: {}: {}", self.class.name(), self.signature)
    }
}

/// The finding in words; empty where there is none.
pub(super) fn finding(report: &RunReport) -> String {
    let Some(finding) = &report.finding else { return String::new() };
    let mut out = format!("\n{}\n", harmless_line(&finding.to_string()));
    if let Some(bound) = &finding.bound {
        let _ = writeln!(out, "the bound that was hit: {}", harmless_line(bound));
    }
    if let Some(last) = report.events.last() {
        let EventEntry { site, action, outcome, .. } = last;
        let last = harmless_line(&format!("{site}  {action} -> {outcome}"));
        let _ = writeln!(
            out,
            "{} before it, the last: {last}",
            counted(report.events.len() as u64, "action", "actions")
        );
    }
    let lines: Vec<_> = finding.console.iter().filter(|line| !line.trim().is_empty()).collect();
    if lines.len() > LINES {
        let _ = writeln!(out, "  {}\n  …", harmless_line(lines[0]));
    }
    for line in &lines[lines.len().saturating_sub(LINES)..] {
        let _ = writeln!(out, "  {}", harmless_line(line));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_file() {
        for class in FindingClass::ALL {
            assert_eq!(serde_json::to_string(&class).unwrap(), format!("\"{}\"", class.name()));
        }
    }
}
