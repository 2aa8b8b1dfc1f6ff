//! Tries many programs, counts how each bore the theorem out, and keeps the first ones that did not.

use super::theorem::{Court, Finding};
use ktstr_core::{Part, Scenario, Site};
use ktstr_file::{render_rust, render_toml};
use ktstr_gen::program::Program;
use std::collections::BTreeMap;

/// Most misfits that are kept in full.
const KEPT: usize = 5;

/// What trying programs came to.
#[derive(Debug, Default)]
pub struct Tally {
    /// How many programs bore it out in each way.
    pub found: BTreeMap<Finding, u64>,
    /// How many did not.
    pub misfits: u64,
    /// The first of those, as text.
    pub examples: Vec<String>,
}

impl Tally {
    /// Tries one scenario and counts it.
    pub fn count<'a>(&mut self, court: &mut Court, scenario: &'a Scenario<'a>) {
        match court.try_scenario(scenario) {
            Ok(finding) => *self.found.entry(finding).or_default() += 1,
            Err(why) => {
                self.misfits += 1;
                if self.examples.len() < KEPT {
                    self.examples.push(format!("{why}\n{}", both_ways(scenario)));
                }
            }
        }
    }

    /// How many programs were tried.
    pub fn total(&self) -> u64 {
        self.found.values().sum::<u64>() + self.misfits
    }

    /// How many programs were refused by each rule, by its code, and how many were accepted, as `clean`.
    pub fn by_rule(&self) -> BTreeMap<&'static str, u64> {
        let mut rules = BTreeMap::new();
        for (finding, count) in &self.found {
            *rules.entry(finding.code()).or_default() += count;
        }
        rules
    }

    /// A table of what was found.
    pub fn table(&self) -> String {
        let mut text = format!("{:>9}  rule   what showed\n", "programs");
        for (finding, count) in &self.found {
            text.push_str(&format!("{count:>9}  {finding}\n"));
        }
        text.push_str(&format!("{:>9}  in all\n", self.total()));
        text
    }

    /// # Panics
    /// When a program did not bear it out.
    pub fn assert_holds(&self) {
        assert!(self.misfits == 0, "{} misfits, for instance:\n{}", self.misfits, self.examples.join("\n\n"));
    }

    fn add(&mut self, other: Self) {
        for (finding, count) in other.found {
            *self.found.entry(finding).or_default() += count;
        }
        self.misfits += other.misfits;
        self.examples.extend(other.examples);
    }

    /// All programs of up to `longest` letters, with and without a loop, shared out over the CPUs.
    pub fn of_all(longest: usize) -> Self {
        in_parallel(|share, tally, court| {
            for length in 0..=longest {
                Program::each(length, share, &mut |program| tally.count_both(court, program));
            }
        })
    }

    /// All programs of exactly `length` letters but those that begin with letters that are refused already
    /// before the second step: what follows cannot change that, as [`of_all`](Self::of_all) shows of shorter
    /// ones.
    pub fn of_promising(length: usize) -> Self {
        in_parallel(|share, tally, court| {
            let refused = |program: &Program| program.with_scenario(is_refused_early);
            Program::each_unless(length, share, &refused, &mut |program| tally.count_both(court, program));
        })
    }

    fn count_both(&mut self, court: &mut Court, program: &Program) {
        program.with_scenario(|scenario| self.count(court, scenario));
        if program.can_loop() {
            program.repeated().with_scenario(|scenario| self.count(court, scenario));
        }
    }
}

/// Whether a scenario is refused for something that is done before its second step begins.
fn is_refused_early<'a>(scenario: &'a Scenario<'a>) -> bool {
    let site = super::theorem::judged(scenario).err().map(|invalid| invalid.site);
    match site {
        Some(Site::Backdrop(_)) => true,
        Some(Site::Step { step: 0, part }) => {
            matches!(part, Part::Op(_) | Part::Cgroup(_) | Part::Payload(_))
        }
        _ => false,
    }
}

fn in_parallel(work: impl Fn((usize, usize), &mut Tally, &mut Court) + Sync) -> Tally {
    let shares = std::thread::available_parallelism().map_or(1, usize::from);
    let work = &work;
    std::thread::scope(|scope| {
        let start = |share| {
            scope.spawn(move || {
                let mut tally = Tally::default();
                work((share, shares), &mut tally, &mut Court::new());
                tally
            })
        };
        let threads: Vec<_> = (0..shares).map(start).collect();
        let mut all = Tally::default();
        for thread in threads {
            all.add(thread.join().expect("no scenario makes a thread panic"));
        }
        all
    })
}

/// The scenario as a file and as code, for whoever has to look into it.
pub fn both_ways(scenario: &Scenario<'_>) -> String {
    format!("--- as TOML\n{}\n--- as Rust\n{}", render_toml(scenario), render_rust(scenario))
}
