//! Plays the cases of a suite on several threads and hands each over in the order in which they were named,
//! whichever ends first.

use super::batch;
use crate::args::Run;
use crate::exit::{Exit, Failure};
use crate::judged::{Judged, ReadAnew, read};
use crate::output::status;
use crate::prepared::{Chosen, Prepared};
use crate::signals;
use ktstr_file::ScenarioFile;
use ktstr_file::report::RunReport;
use ktstr_file::suite::{Case, Outcome, Status, Suite};
use ktstr_vm::{Next, explore};
use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// What is to be played.
pub(super) struct Plan {
    entries: Vec<Entry>,
}

/// A scenario file with the seed of one run.
pub(super) struct Entry {
    pub(super) path: PathBuf,
    pub(super) seed: u64,
}

/// What was played.
pub(super) struct Played {
    pub(super) suite: Suite,
    /// How many cases were not begun.
    pub(super) left_out: usize,
    pub(super) is_interrupted: bool,
}

impl Plan {
    /// The files that a filter names, all without one, each with each seed.
    pub(super) fn of(args: &Run, files: Vec<PathBuf>) -> Self {
        let seeds = args.seeds.map_or(args.seed..=args.seed, |seeds| seeds.first..=seeds.last);
        let mut entries = Vec::new();
        for path in files {
            if args.suite.filters.is_empty() || is_wanted(&path, &args.suite.filters) {
                entries.extend(seeds.clone().map(|seed| Entry { path: path.clone(), seed }));
            }
        }
        Self { entries }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Plays all, or as many as there is to be played before one that is not good; `each` gets every case as
    /// soon as all before it are there.
    ///
    /// # Errors
    /// When `each` fails; what has begun is played to its end.
    pub(super) fn play(
        &self,
        args: &Run,
        each: impl FnMut(&Case) -> Result<(), Failure> + Send,
    ) -> Result<Played, Failure> {
        let all = self.entries.len() as u64;
        let mut heard = Heard::new(all, each);
        let hear = |number: u64, case: Case| {
            let is_last = args.suite.fail_fast && !case.status().is_good();
            heard.take(number, case);
            if is_last || heard.result.is_err() || signals::is_interrupted() {
                Next::Stop
            } else {
                Next::More
            }
        };
        let jobs = args.suite.jobs.and_then(|jobs| NonZeroUsize::new(jobs as usize));
        if args.vm.batch {
            batch::play(&self.entries, args, jobs, hear);
        } else {
            explore(0..=all.saturating_sub(1), jobs, |number| self.entries[number as usize].play(args), hear);
        }
        let suite = heard.end()?;
        let left_out = self.entries.len() - suite.cases.len();
        Ok(Played { suite, left_out, is_interrupted: signals::is_interrupted() })
    }
}

/// Whether a filter is in the path of a file or in the scenario's name.
fn is_wanted(path: &Path, filters: &[String]) -> bool {
    let (shown, name) = (path.display().to_string(), name(path, read(path).as_ref().ok()));
    filters.iter().any(|filter| shown.contains(filter) || name.contains(filter))
}

/// The scenario's name; the file's where there is none to be read.
fn name(path: &Path, file: Option<&ScenarioFile>) -> String {
    let stem = || path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    file.map_or_else(stem, |file| file.scenario().name.to_owned())
}

/// What was heard of the cases, which end in any order.
struct Heard<F> {
    all: u64,
    each: F,
    /// The cases that are behind one which has not ended.
    waiting: BTreeMap<u64, Case>,
    suite: Suite,
    bad: usize,
    shows: bool,
    result: Result<(), Failure>,
}

impl<F: FnMut(&Case) -> Result<(), Failure>> Heard<F> {
    fn new(all: u64, each: F) -> Self {
        let (waiting, suite, shows) = (BTreeMap::new(), Suite::default(), std::io::stderr().is_terminal());
        Self { all, each, waiting, suite, bad: 0, shows, result: Ok(()) }
    }

    /// Hands on a case, and those that waited for it; or keeps it until all before it are there.
    fn take(&mut self, number: u64, case: Case) {
        self.bad += usize::from(!case.status().is_good());
        self.waiting.insert(number, case);
        self.show("");
        while let Some(case) = self.waiting.remove(&(self.suite.cases.len() as u64)) {
            self.hand_on(case);
        }
        let ended = self.suite.cases.len() + self.waiting.len();
        self.show(&format!("{ended} of {} scenarios, {} did not pass", self.all, self.bad));
    }

    fn hand_on(&mut self, case: Case) {
        if self.result.is_ok() {
            self.result = (self.each)(&case);
        }
        self.suite.cases.push(case);
    }

    fn show(&self, line: &str) {
        if self.shows {
            status(line);
        }
    }

    /// Hands on what waits for a case that was not begun.
    fn end(mut self) -> Result<Suite, Failure> {
        self.show("");
        for case in std::mem::take(&mut self.waiting).into_values() {
            self.hand_on(case);
        }
        self.result.map(|()| self.suite)
    }
}

/// Runs on one machine would disturb each other.
static MACHINE: Mutex<()> = Mutex::new(());

impl Entry {
    /// Plays it, again where it is not good and may be tried again.
    pub(super) fn play(&self, args: &Run) -> Case {
        let begun = Instant::now();
        let read = read(&self.path).map_err(Failure::from);
        let mut tries = 0;
        let outcome = loop {
            tries += 1;
            let outcome =
                outcome(read.as_ref().map_err(Failure::clone).and_then(|file| play(file, args, self.seed)));
            let is_final = match &outcome {
                Outcome::Ran(report) => Status::of(report).is_good(),
                Outcome::Invalid { .. } => true,
                Outcome::NotRun { .. } => false,
            };
            if is_final || tries > args.suite.retries || signals::is_interrupted() {
                break outcome;
            }
        };
        let (file, name) = (self.path.display().to_string(), name(&self.path, read.as_ref().ok()));
        Case { file, name, seed: self.seed, tries, took: begun.elapsed(), outcome }
    }
}

pub(super) fn outcome(played: Result<RunReport, Failure>) -> Outcome {
    match played {
        Ok(report) => Outcome::Ran(Box::new(report)),
        Err(Failure { exit: Exit::Invalid, message, problems }) => Outcome::Invalid { message, problems },
        Err(Failure { message, .. }) => Outcome::NotRun { message },
    }
}

fn play(file: &ScenarioFile, args: &Run, seed: u64) -> Result<RunReport, Failure> {
    let read_anew = ReadAnew::default();
    let prepared = Prepared::of(Judged::of(file, &read_anew)?, args)?;
    let _machine = match &prepared.backend {
        Chosen::Linux(_) => Some(MACHINE.lock().unwrap_or_else(PoisonError::into_inner)),
        Chosen::Vm(_) | Chosen::Mock(_) => None,
    };
    prepared.play(seed)
}
