//! The same scenario from many seeds: progress on a terminal, and what came of each.

use crate::args::Seeds;
use crate::exit::{Exit, Failure};
use crate::output::status;
use crate::prepared::{Chosen, Prepared};
use crate::signals;
use ktstr_core::Verdict;
use ktstr_file::report::RunReport;
use ktstr_file::suite::Status;
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
    let mut heard = Heard::new(stop_on_failure);
    let shows = std::io::stderr().is_terminal();
    let each = |seed, result: Result<RunReport, Failure>| {
        let next = heard.take(seed, result);
        if shows {
            show(&heard.tried, seeds);
        }
        if signals::is_interrupted() { Next::Stop } else { next }
    };
    let all = seeds.first..=seeds.last;
    match &prepared.backend {
        // Runs on one machine would disturb each other.
        Chosen::Linux(linux) => in_turn(all, |seed| linux.play(seed), each),
        Chosen::Vm(vm) => ktstr_vm::explore(all, None, |seed| vm.play(seed).map(|(report, _)| report), each),
        Chosen::Mock(mock) => ktstr_vm::explore(all, None, |seed| mock.play(seed), each),
    }
    if shows {
        status("");
    }
    heard.end()
}

fn in_turn<T>(mut seeds: RangeInclusive<u64>, run: impl Fn(u64) -> T, mut each: impl FnMut(u64, T) -> Next) {
    let _ = seeds.find(|&seed| each(seed, run(seed)) == Next::Stop);
}

/// What was heard of the runs.
struct Heard {
    tried: Vec<Tried>,
    failure: Option<Failure>,
    stop_on_failure: bool,
}

impl Heard {
    fn new(stop_on_failure: bool) -> Self {
        Self { tried: Vec::new(), failure: None, stop_on_failure }
    }

    /// Notes what came of a seed. No run begins after one that could not begin.
    fn take(&mut self, seed: u64, result: Result<RunReport, Failure>) -> Next {
        match result {
            Err(failure) => {
                self.failure.get_or_insert(failure);
            }
            Ok(report) => {
                let exit = Exit::of(Status::of(&report));
                self.tried.push(Tried { seed, verdict: report.verdict, exit });
            }
        }
        let failed = self.tried.last().is_some_and(|one| !one.exit.is_good());
        if self.failure.is_some() || (self.stop_on_failure && failed) { Next::Stop } else { Next::More }
    }

    /// What came of all of them, by seed; or why the first one that could not begin could not.
    fn end(mut self) -> Result<Vec<Tried>, Failure> {
        self.tried.sort_by_key(|one| one.seed);
        self.failure.map_or(Ok(self.tried), Err)
    }
}

fn show(tried: &[Tried], seeds: Seeds) {
    let failing = tried.iter().filter(|one| !one.exit.is_good()).count();
    let all = u128::from(seeds.last - seeds.first) + 1;
    status(&format!("{} of {all} runs, {failing} did not pass", tried.len()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backends::OnMock;
    use crate::judged::{Judged, ReadAnew};
    use ktstr_file::ScenarioFile;

    const QUIET: &str = "name = \"quiet\"\n[[steps]]\nhold = \"full\"\n";

    #[test]
    fn a_run_that_cannot_begin_ends_the_search_and_is_what_is_reported() {
        let file = ScenarioFile::from_reader("quiet.toml", QUIET.as_bytes()).expect("a scenario");
        let read_anew = ReadAnew::default();
        let mock = OnMock::new(Judged::of(&file, &read_anew).expect("valid"), None).expect("a mock");
        let play = |seed| match seed {
            3 | 4 => Err(Failure::environment(format!("seed {seed} cannot begin"))),
            seed => mock.play(seed),
        };
        let mut heard = Heard::new(false);
        in_turn(1..=9, play, |seed, result| heard.take(seed, result));
        assert_eq!(heard.tried.iter().map(|one| one.seed).collect::<Vec<_>>(), [1, 2]);
        let failure = heard.end().err().expect("a failure");
        assert_eq!((failure.exit, failure.message.as_str()), (Exit::Environment, "seed 3 cannot begin"));

        // Of several at the same time the first that is heard of counts, and none begins after it.
        let mut heard = Heard::new(false);
        for seed in [2, 4, 3] {
            assert_eq!(heard.take(seed, play(seed)), if seed == 2 { Next::More } else { Next::Stop });
        }
        assert_eq!(heard.end().err().expect("a failure").message, "seed 4 cannot begin");
    }
}
