//! Plays the cases of a suite on several threads and hands each over in the order in which they were named,
//! whichever ends first.

use crate::args::Run;
use crate::exit::{Exit, Failure};
use crate::judged::{Judged, ReadAnew, read};
use crate::output::status;
use crate::prepared::{Chosen, Prepared};
use crate::signals;
use ktstr_file::report::RunReport;
use ktstr_file::suite::{Case, Outcome, Status, Suite};
use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError, mpsc};
use std::time::Instant;

/// What is to be played.
pub(super) struct Plan {
    entries: Vec<Entry>,
}

struct Entry {
    path: PathBuf,
    /// The scenario's name; the file's where there is none to be read.
    name: String,
    seed: u64,
}

/// What was played.
pub(super) struct Played {
    pub(super) suite: Suite,
    /// How many cases were not begun.
    pub(super) left_out: usize,
    pub(super) is_interrupted: bool,
}

impl Plan {
    /// Reads the files and keeps those that a filter names, each with each seed.
    pub(super) fn of(args: &Run, files: Vec<PathBuf>) -> Self {
        let seeds = args.seeds.map_or(args.seed..=args.seed, |seeds| seeds.first..=seeds.last);
        let mut entries = Vec::new();
        for path in files {
            let shown = path.display().to_string();
            let stem = || path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let name = read(&path).map_or_else(|_| stem(), |file| file.scenario().name.to_owned());
            let is_wanted = |filter: &String| shown.contains(filter) || name.contains(filter);
            let filters = &args.suite.filters;
            if filters.is_empty() || filters.iter().any(is_wanted) {
                let entry = |seed| Entry { path: path.clone(), name: name.clone(), seed };
                entries.extend(seeds.clone().map(entry));
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
        mut each: impl FnMut(&Case) -> Result<(), Failure>,
    ) -> Result<Played, Failure> {
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let jobs = args.suite.jobs.map_or(threads, |jobs| jobs as usize).clamp(1, self.entries.len().max(1));
        let (next, stops) = (AtomicUsize::new(0), AtomicBool::new(false));
        let (sender, receiver) = mpsc::channel();
        let mut suite = Suite::default();
        let mut result = Ok(());
        std::thread::scope(|scope| {
            for _ in 0..jobs {
                let (sender, next, stops) = (sender.clone(), &next, &stops);
                scope.spawn(move || {
                    while !stops.load(Ordering::Acquire) && !signals::is_interrupted() {
                        let number = next.fetch_add(1, Ordering::AcqRel);
                        let Some(entry) = self.entries.get(number) else { return };
                        let case = entry.play(args);
                        if args.suite.fail_fast && !case.status().is_good() {
                            stops.store(true, Ordering::Release);
                        }
                        // The other end is there until all threads have ended.
                        let _ = sender.send((number, case));
                    }
                });
            }
            drop(sender);
            result = in_order(&receiver, self.entries.len(), |case| {
                let shown = each(&case);
                suite.cases.push(case);
                shown
            });
            if result.is_err() {
                stops.store(true, Ordering::Release);
            }
        });
        result?;
        let left_out = self.entries.len() - suite.cases.len();
        Ok(Played { suite, left_out, is_interrupted: signals::is_interrupted() })
    }
}

/// Hands cases over by their numbers; those behind a gap when no more come.
fn in_order(
    receiver: &mpsc::Receiver<(usize, Case)>,
    all: usize,
    mut each: impl FnMut(Case) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let shows = std::io::stderr().is_terminal();
    let mut waiting = BTreeMap::new();
    let (mut next, mut ended, mut bad) = (0, 0, 0);
    for (number, case) in receiver {
        ended += 1;
        bad += usize::from(!case.status().is_good());
        waiting.insert(number, case);
        if shows {
            status("");
        }
        while let Some(case) = waiting.remove(&next) {
            next += 1;
            each(case)?;
        }
        if shows {
            status(&format!("{ended} of {all} scenarios, {bad} did not pass"));
        }
    }
    if shows {
        status("");
    }
    waiting.into_values().try_for_each(each)
}

/// Runs on one machine would disturb each other.
static MACHINE: Mutex<()> = Mutex::new(());

impl Entry {
    /// Plays it, again where it is not good and may be tried again.
    fn play(&self, args: &Run) -> Case {
        let begun = Instant::now();
        let mut tries = 0;
        let outcome = loop {
            tries += 1;
            let outcome = self.once(args);
            let is_final = match &outcome {
                Outcome::Ran(report) => Status::of(report).is_good(),
                Outcome::Invalid { .. } => true,
                Outcome::NotRun { .. } => false,
            };
            if is_final || tries > args.suite.retries || signals::is_interrupted() {
                break outcome;
            }
        };
        let file = self.path.display().to_string();
        Case { file, name: self.name.clone(), seed: self.seed, tries, took: begun.elapsed(), outcome }
    }

    fn once(&self, args: &Run) -> Outcome {
        match play(&self.path, args, self.seed) {
            Ok(report) => Outcome::Ran(Box::new(report)),
            Err(Failure { exit: Exit::Invalid, message, problems }) => Outcome::Invalid { message, problems },
            Err(Failure { message, .. }) => Outcome::NotRun { message },
        }
    }
}

fn play(path: &Path, args: &Run, seed: u64) -> Result<RunReport, Failure> {
    let file = read(path)?;
    let read_anew = ReadAnew::default();
    let prepared = Prepared::of(Judged::of(&file, &read_anew)?, args)?;
    let _machine = match &prepared.backend {
        Chosen::Linux(_) => Some(MACHINE.lock().unwrap_or_else(PoisonError::into_inner)),
        Chosen::Vm(_) | Chosen::Mock(_) => None,
    };
    prepared.play(seed)
}
