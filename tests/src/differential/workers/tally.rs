//! Many scenarios with workers: how many were compared, in how many the sides differ, and in what.

use super::{Difference, Drawn, Theme, draw, play};
use ktstr_mock::version::KernelVersion;
use std::collections::BTreeMap;
use std::fmt;

/// What came of many scenarios.
#[derive(Debug, Default)]
pub struct Tally {
    compared: BTreeMap<Theme, u32>,
    /// Those that could not be played here, with why.
    left_out: Vec<String>,
    differing: Vec<(u64, String, Vec<Difference>)>,
}

impl Tally {
    /// Plays and compares the scenarios of these seeds on this machine.
    pub fn of(seeds: impl Iterator<Item = u64>, version: KernelVersion) -> Self {
        let mut tally = Self::default();
        for seed in seeds {
            let Drawn { theme, text, .. } = draw::scenario(seed);
            match play(seed, version) {
                Ok(differences) => {
                    *tally.compared.entry(theme).or_default() += 1;
                    if !differences.is_empty() {
                        tally.differing.push((seed, text, differences));
                    }
                }
                Err(reason) => tally.left_out.push(format!("seed {seed}: {reason}")),
            }
        }
        tally
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (compared, differing) = (self.compared.values().sum::<u32>(), self.differing.len());
        let themes: Vec<_> =
            self.compared.iter().map(|(theme, count)| format!("{theme:?} {count}")).collect();
        let left_out = self.left_out.len();
        writeln!(
            f,
            "{compared} scenarios with workers, {differing} differing, {left_out} left out ({})",
            themes.join(", ")
        )?;
        for reason in &self.left_out {
            writeln!(f, "left out: {reason}")?;
        }
        for (seed, text, differences) in &self.differing {
            writeln!(f, "\nseed {seed}:\n{text}")?;
            for difference in differences {
                writeln!(f, "  -> {difference}")?;
            }
        }
        Ok(())
    }
}
