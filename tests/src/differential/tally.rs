//! Many programs: how many ran, and what differed, each kind of difference once and in its smallest form. As
//! text it goes from a guest to its host and into the documentation.

use super::compare::{self, Difference};
use super::danger;
use super::program::Program;
use super::real::Hierarchy;
use std::collections::BTreeMap;
use std::fmt;

/// Kinds of differences that are made small; past that they are counted only, for shrinking takes long.
const MOST_SHRUNK: usize = 40;

/// What came of many programs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Programs that ran.
    pub programs: u64,
    /// Actions in them.
    pub actions: u64,
    /// Programs that were left out, since they are known to bring this kernel down.
    pub left_out: u64,
    /// Programs that ended at a difference that has a name among the mock's quirks.
    pub named: u64,
    /// Programs in which the two differed otherwise.
    pub differing: u64,
    /// One small program for each kind of difference, with how often the kind came.
    pub kinds: BTreeMap<String, (u64, String)>,
}

impl Tally {
    /// Runs programs, and counts.
    pub fn run(&mut self, programs: impl Iterator<Item = Program>, hierarchy: &Hierarchy) {
        for program in programs {
            if danger::endangers(&program, &hierarchy.machine) {
                self.left_out += 1;
                continue;
            }
            self.programs += 1;
            self.actions += program.0.len() as u64;
            if let Err(difference) = compare::run(&program, hierarchy) {
                self.note(*difference, hierarchy);
            }
        }
    }

    fn note(&mut self, difference: Difference, hierarchy: &Hierarchy) {
        if difference.quirk(hierarchy.machine.version).is_some() {
            self.named += 1;
            return;
        }
        self.differing += 1;
        let kind = difference.kind();
        if let Some((count, _)) = self.kinds.get_mut(&kind) {
            *count += 1;
            return;
        }
        let shown =
            if self.kinds.len() < MOST_SHRUNK { compare::shrink(difference, hierarchy) } else { difference };
        self.kinds.insert(kind, (1, shown.to_string()));
    }

    /// The head line of the text form.
    #[must_use]
    pub fn head(&self) -> String {
        let Self { programs, actions, differing, named, left_out, .. } = self;
        format!(
            "{programs} programs, {actions} actions, {differing} differing, {named} by a named quirk, {left_out} left out"
        )
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.head())?;
        for (kind, (count, smallest)) in &self.kinds {
            write!(f, "\n{count} x {kind}\n{smallest}")?;
        }
        Ok(())
    }
}
