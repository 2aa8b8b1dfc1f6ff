//! What a run was permitted: the promises that its scenario gives up, each with the places where validation
//! would have refused it.

use crate::report::terminal::harmless_line;
use ktstr_core::rules::ErrorKind;
use ktstr_core::{Invalid, Scenario, Scratch, Slot, Topology, slots_needed, validate};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// Most breaches that are listed.
const MOST: usize = 100;

/// A promise that was given up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PermittedEntry {
    /// The stable code of its rule; `ktstr explain` says more.
    pub code: String,
    /// Where it breaks, as a path such as `steps[0].ops[2]`; empty where it breaks nowhere.
    pub site: String,
    /// What breaks, in words.
    pub message: String,
}

/// What a scenario permits on a machine, in the order in which a run meets it; what it permits in vain comes
/// last.
pub(super) fn permitted(scenario: &Scenario<'_>, topology: &Topology) -> Vec<PermittedEntry> {
    if scenario.permit.is_empty() {
        return Vec::new();
    }
    let strict = Scenario { permit: &[], ..scenario.clone() };
    let mut slots = vec![Slot::FREE; slots_needed(&strict)];
    let mut findings = vec![Invalid::FILLER; MOST];
    let mut scratch = Scratch::with_findings(&mut slots, &mut findings);
    let _ = validate(&strict, Some(topology), &mut scratch);
    let broken = |invalid: &Invalid<'_>| invalid.cause.unwrap_or(invalid.kind);
    let met: Vec<_> = scratch.findings().iter().filter(|found| scenario.permits(broken(found))).collect();
    let mut all: Vec<_> = met
        .iter()
        .map(|invalid| PermittedEntry {
            code: broken(invalid).code().to_owned(),
            site: invalid.site.to_string(),
            message: invalid.what().as_str().to_owned(),
        })
        .collect();
    let vain = |kind: &&ErrorKind| !met.iter().any(|invalid| broken(invalid) == **kind);
    all.extend(scenario.permit.iter().filter(vain).map(|kind| PermittedEntry {
        code: kind.code().to_owned(),
        site: String::new(),
        message: "nothing in the scenario breaks it".to_owned(),
    }));
    all
}

/// What was permitted, as people read it.
pub(super) fn text(all: &[PermittedEntry]) -> String {
    let mut out = if all.is_empty() { String::new() } else { "\npermitted:\n".to_owned() };
    for PermittedEntry { code, site, message } in all {
        let place = if site.is_empty() { String::new() } else { format!(" ({})", harmless_line(site)) };
        let _ = writeln!(out, "  [{}] {}{place}", harmless_line(code), harmless_line(message));
    }
    out
}
