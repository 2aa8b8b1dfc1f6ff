//! The same scenario from many seeds: as many runs side by side as asked for, and the seeds that do not pass.

use crate::args::Seeds;
use crate::exit::{Exit, Failure};
use crate::output::status;
use ktstr_core::Verdict;
use std::io::IsTerminal;
use std::sync::Mutex;

/// What came of one seed.
pub(crate) struct Tried {
    pub(crate) seed: u64,
    pub(crate) verdict: Verdict,
    pub(crate) exit: Exit,
}

/// What is shared between the runs.
struct State {
    next: Option<u64>,
    tried: Vec<Tried>,
    failure: Option<Failure>,
}

/// Runs each seed once, `side_by_side` at a time; `stop` says after each run whether to begin no more.
///
/// # Errors
/// The first run that could not begin or gave no report.
pub(crate) fn explore(
    seeds: Seeds,
    side_by_side: usize,
    run: impl Fn(u64) -> Result<(Verdict, Exit), Failure> + Sync,
    stop: impl Fn(&Tried) -> bool + Sync,
) -> Result<Vec<Tried>, Failure> {
    let state = Mutex::new(State { next: Some(seeds.first), tried: Vec::new(), failure: None });
    let shows = std::io::stderr().is_terminal();
    let work = || {
        while let Some(seed) = take(&state, seeds.last) {
            let result = run(seed);
            let Ok(mut state) = state.lock() else { return };
            match result {
                Err(failure) => {
                    state.failure.get_or_insert(failure);
                    state.next = None;
                }
                Ok((verdict, exit)) => {
                    let tried = Tried { seed, verdict, exit };
                    if stop(&tried) {
                        state.next = None;
                    }
                    state.tried.push(tried);
                    if shows {
                        show(&state.tried, seeds);
                    }
                }
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..side_by_side {
            // With fewer threads it only takes longer.
            let _ = std::thread::Builder::new().spawn_scoped(scope, work);
        }
        work();
    });
    if shows {
        status("");
    }
    let state = state.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    match state.failure {
        Some(failure) => Err(failure),
        None => {
            let mut tried = state.tried;
            tried.sort_by_key(|one| one.seed);
            Ok(tried)
        }
    }
}

fn take(state: &Mutex<State>, last: u64) -> Option<u64> {
    let mut state = state.lock().ok()?;
    let seed = state.next?;
    state.next = seed.checked_add(1).filter(|next| *next <= last);
    Some(seed)
}

fn show(tried: &[Tried], seeds: Seeds) {
    let failing = tried.iter().filter(|one| one.exit != Exit::Pass).count();
    let all = u128::from(seeds.last - seeds.first) + 1;
    status(&format!("{} of {all} runs, {failing} did not pass", tried.len()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_seed_is_tried_once_and_told_in_order() {
        for side_by_side in [1, 4] {
            let seeds = Seeds { first: u64::MAX - 20, last: u64::MAX };
            let tried =
                explore(seeds, side_by_side, |_| Ok((Verdict::Pass, Exit::Pass)), |_| false).expect("runs");
            let numbers: Vec<_> = tried.iter().map(|one| one.seed).collect();
            assert_eq!(numbers, (u64::MAX - 20..=u64::MAX).collect::<Vec<_>>());
        }
    }

    #[test]
    fn it_stops_when_told_and_when_a_run_cannot_begin() {
        let seeds = Seeds { first: 1, last: 100 };
        let fails =
            |seed| Ok(if seed == 3 { (Verdict::Fail, Exit::Failed) } else { (Verdict::Pass, Exit::Pass) });
        let tried = explore(seeds, 1, fails, |one| one.exit != Exit::Pass).expect("runs");
        assert_eq!(tried.len(), 3);
        let broken = |_| Err(Failure::environment("no"));
        assert_eq!(
            explore(seeds, 2, broken, |_| false).err().map(|failure| failure.exit),
            Some(Exit::Environment)
        );
    }
}
