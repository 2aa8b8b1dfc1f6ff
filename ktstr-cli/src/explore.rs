//! The same scenario from many seeds: progress on a terminal, and what came of each.

use crate::args::Seeds;
use crate::exit::{Exit, Failure};
use crate::output::status;
use crate::prepared::{Chosen, Prepared};
use ktstr_core::Verdict;
use ktstr_file::report::RunReport;
use ktstr_vm::Next;
use std::io::IsTerminal;
use std::ops::RangeInclusive;

/// What came of one seed.
pub(crate) struct Tried {
    pub(crate) seed: u64,
    pub(crate) verdict: Verdict,
    pub(crate) exit: Exit,
}

/// Runs each seed once, and none after a failure where that is asked for; what came of them, by seed.
///
/// # Errors
/// The first run that could not begin or gave no report.
pub(crate) fn explore(
    prepared: &Prepared<'_>,
    seeds: Seeds,
    stop_on_failure: bool,
) -> Result<Vec<Tried>, Failure> {
    let mut heard = Heard { tried: Vec::new(), failure: None };
    let shows = std::io::stderr().is_terminal();
    let interrupt = prepared.interrupt().cloned();
    let each = |seed, result: Result<RunReport, Failure>| {
        let is_good = heard.take(seed, result);
        if shows {
            show(&heard.tried, seeds);
        }
        let is_interrupted = interrupt.as_ref().is_some_and(|flag| flag.count() > 0);
        let ends = is_interrupted || heard.failure.is_some() || (stop_on_failure && !is_good);
        if ends { Next::Stop } else { Next::More }
    };
    let all = seeds.first..=seeds.last;
    match &prepared.backend {
        // Runs on one machine would disturb each other.
        Chosen::Linux(linux) => in_turn(all, |seed| linux.play(seed), each),
        Chosen::Vm(vm) => ktstr_vm::explore(all, None, |seed| vm.play(seed), each),
        Chosen::Mock(mock) => ktstr_vm::explore(all, None, |seed| mock.play(seed), each),
    }
    if shows {
        status("");
    }
    match heard.failure {
        Some(failure) => Err(failure),
        None => {
            heard.tried.sort_by_key(|one| one.seed);
            Ok(heard.tried)
        }
    }
}

fn in_turn<T>(mut seeds: RangeInclusive<u64>, run: impl Fn(u64) -> T, mut each: impl FnMut(u64, T) -> Next) {
    let _ = seeds.find(|&seed| each(seed, run(seed)) == Next::Stop);
}

/// What was heard of the runs.
struct Heard {
    tried: Vec<Tried>,
    failure: Option<Failure>,
}

impl Heard {
    /// Notes what came of a seed; whether it passed.
    fn take(&mut self, seed: u64, result: Result<RunReport, Failure>) -> bool {
        match result {
            Err(failure) => {
                self.failure.get_or_insert(failure);
                false
            }
            Ok(report) => {
                let exit = Exit::of(&report);
                self.tried.push(Tried { seed, verdict: report.verdict, exit });
                exit == Exit::Pass
            }
        }
    }
}

fn show(tried: &[Tried], seeds: Seeds) {
    let failing = tried.iter().filter(|one| one.exit != Exit::Pass).count();
    let all = u128::from(seeds.last - seeds.first) + 1;
    status(&format!("{} of {all} runs, {failing} did not pass", tried.len()));
}
