//! The search for a scenario that goes wrong on a backend: generated ones are played, one after the other,
//! and the first that fails is shrunk. What "wrong" means is the caller's to say.

use crate::draft::Draft;
use crate::generate::Gen;
use crate::shrink::shrink;
use ktstr_core::prelude::*;
use ktstr_core::{Record, Slot, check, play, slots_to_play};
use std::ops::Range;

/// The most records that a run may take.
const MAX_RECORDS: usize = 1 << 20;

/// What a run came to, where it was wrong.
type Why = String;

/// A search on one kind of backend.
///
/// ```
/// use ktstr_core::prelude::*;
/// use ktstr_core::{Action, Channel, Outcome};
/// use ktstr_gen::{Gen, Search};
/// use ktstr_mock::{MockBackend, Script};
///
/// /// A kernel in which a thaw is lost now and then.
/// struct Lossy(MockBackend);
///
/// impl Backend for Lossy {
///     ktstr_core::forward_backend!(|this| this.0);
///
///     fn perform(&mut self, action: &Action<'_>, channel: &mut dyn Channel) -> Outcome {
///         match action {
///             Action::Thaw { path } if path.contains('/') => Outcome::Done,
///             other => self.0.perform(other, channel),
///         }
///     }
/// }
///
/// let mock = || {
///     let quick = Script::exits_after(core::time::Duration::from_millis(1), 0);
///     MockBackend::new(Topology::uniform(1, 2, 2, 1)).program("true", quick)
/// };
/// let search = Search::new(Gen::new(0)).seeds(0..2_000);
/// assert_eq!(search.run(mock).found, None, "the mock keeps its promises");
///
/// let found = search.run(|| Lossy(mock())).found.expect("a scenario in which it matters");
/// assert!(found.smallest.size() <= 5, "{:?}", found.smallest);
/// println!("seed {}: {}", found.seed, found.why);
/// ```
#[derive(Debug, Clone)]
pub struct Search {
    generator: Gen<'static>,
    seeds: Range<u64>,
    wrong: fn(&Report) -> Option<Why>,
}

/// What a search came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Searched {
    /// How many scenarios were played.
    pub played: u64,
    /// How many were not, as the backend lacks something that they need.
    pub skipped: u64,
    /// The first that went wrong.
    pub found: Option<Found>,
}

/// A scenario that went wrong.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The seed of the generator.
    pub seed: u64,
    /// The scenario that it made.
    pub first: Draft<'static>,
    /// The same, shrunk: valid, and it goes wrong too.
    pub smallest: Draft<'static>,
    /// What was wrong with the run of the smallest, in words.
    pub why: String,
}

impl Search {
    /// A search through what a generator makes with the seeds from 0 to 999, for runs that
    /// [`broken_promise`] finds something wrong with. The generator's topology is taken from the backend.
    pub fn new(generator: Gen<'static>) -> Self {
        Self { generator, seeds: 0..1000, wrong: broken_promise }
    }

    /// Which seeds.
    #[must_use]
    pub fn seeds(self, seeds: Range<u64>) -> Self {
        Self { seeds, ..self }
    }

    /// What is wrong with a run, in words, or `None`.
    #[must_use]
    pub fn wrong(self, wrong: fn(&Report) -> Option<String>) -> Self {
        Self { wrong, ..self }
    }

    /// Searches. Each run has a backend of its own, and its scenario's seed.
    pub fn run<B: Backend>(&self, mut make: impl FnMut() -> B) -> Searched {
        let mut searched = Searched { played: 0, skipped: 0, found: None };
        let generator = self.generator.clone().topology(*make().topology());
        for seed in self.seeds.clone() {
            let first = generator.clone().seed(seed).scenario();
            let mut play = |scenario: &Draft<'static>| {
                scenario
                    .with(|scenario| one_run(scenario, &mut make(), seed))
                    .map(|report| (self.wrong)(&report))
            };
            match play(&first) {
                None => searched.skipped += 1,
                Some(None) => searched.played += 1,
                Some(Some(_)) => {
                    searched.played += 1;
                    let fails = |scenario: &Scenario<'_>| {
                        let report = one_run(scenario, &mut make(), seed);
                        report.is_some_and(|report| (self.wrong)(&report).is_some())
                    };
                    let smallest = shrink(&first, fails);
                    let run = smallest.with(|scenario| one_run(scenario, &mut make(), seed));
                    let why = run.and_then(|report| (self.wrong)(&report)).unwrap_or_default();
                    searched.found = Some(Found { seed, first, smallest, why });
                    return searched;
                }
            }
        }
        searched
    }
}

/// What every run of a valid scenario promises, where it was broken: nothing fails on the way, no judgement
/// does, and nothing is left behind.
pub fn broken_promise(report: &Report) -> Option<String> {
    if let Some((site, fault)) = &report.error {
        return Some(format!("{site}: {fault}"));
    }
    if report.leftovers > 0 {
        return Some(format!("{} things are left behind", report.leftovers));
    }
    (report.verdict == Verdict::Fail).then(|| format!("{} of {} checks failed", report.failed, report.checks))
}

/// Plays a scenario; `None` where it is not valid, takes too much, or the backend lacks something.
fn one_run<'a, B: Backend>(scenario: &'a Scenario<'a>, backend: &mut B, seed: u64) -> Option<Report> {
    let topology = *backend.topology();
    let mut slots = vec![Slot::FREE; slots_to_play(scenario)];
    let checked = check(scenario, &topology, &mut slots).ok()?;
    let needed = checked.records_needed();
    if needed > MAX_RECORDS {
        return None;
    }
    let mut records = vec![Record::FREE; needed];
    play(&checked, &mut records, backend, seed, &mut ()).ok()
}
