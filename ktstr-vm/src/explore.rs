//! Many seeds of one scenario, side by side, to find those under which it fails. Each is a run of its own;
//! which of them run at the same time changes nothing about any.

use crate::error::VmError;
use crate::image::Image;
use crate::scenario::ScenarioRun;
use crate::vm::Vm;
use ktstr_core::Scenario;
use std::num::NonZeroUsize;
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// Whether to go on after a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Go on.
    More,
    /// Begin no further run; those that have begun come to their end.
    Stop,
}

/// Calls `run` once with each of `seeds`, at most `jobs` at the same time (as many as the host has CPUs where
/// that is `None`), on any backend whose runs do not disturb each other. `each` hears of every run as it
/// ends, one at a time, in no fixed order.
pub fn explore<T>(
    seeds: RangeInclusive<u64>,
    jobs: Option<NonZeroUsize>,
    run: impl Fn(u64) -> T + Sync,
    each: impl FnMut(u64, T) -> Next + Send,
) {
    let jobs = jobs.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get);
    let (open, stop, each) = (Mutex::new(seeds), AtomicBool::new(false), Mutex::new(each));
    let work = || {
        while !stop.load(Ordering::Relaxed) {
            let Some(seed) = open.lock().unwrap_or_else(PoisonError::into_inner).next() else { return };
            let result = run(seed);
            let mut each = each.lock().unwrap_or_else(PoisonError::into_inner);
            if each(seed, result) == Next::Stop {
                stop.store(true, Ordering::Relaxed);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..jobs {
            // With fewer threads it only takes longer.
            let _ = std::thread::Builder::new().spawn_scoped(scope, work);
        }
        work();
    });
}

impl Vm {
    /// Runs `scenario` once with each of `seeds`, as [`explore`] does; what `each` makes of failures is its
    /// affair. With [`saved_states`](Self::saved_states) the guest is booted once for all seeds.
    ///
    /// # Errors
    /// Those of building the image, which is done once. Errors of single runs go to `each`.
    pub fn explore(
        &self,
        scenario: &Scenario<'_>,
        seeds: RangeInclusive<u64>,
        jobs: Option<NonZeroUsize>,
        each: impl FnMut(u64, Result<ScenarioRun, VmError>) -> Next + Send,
    ) -> Result<(), VmError> {
        let image = self.archive(&Image::for_scenario(scenario)?)?;
        explore(seeds, jobs, |seed| self.clone().seed(seed).run_scenario(scenario, &image), each);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_seed_is_tried_once_up_to_the_last_there_is() {
        for jobs in [1, 4] {
            let mut tried = Vec::new();
            explore(
                u64::MAX - 20..=u64::MAX,
                NonZeroUsize::new(jobs),
                |seed| seed,
                |seed, result| {
                    assert_eq!(seed, result);
                    tried.push(seed);
                    Next::More
                },
            );
            tried.sort_unstable();
            assert_eq!(tried, (u64::MAX - 20..=u64::MAX).collect::<Vec<_>>());
        }
    }

    #[test]
    fn no_run_begins_after_the_stop() {
        let mut heard = Vec::new();
        explore(
            1..=100,
            NonZeroUsize::new(1),
            |seed| seed * 2,
            |seed, double| {
                heard.push(double);
                if seed == 3 { Next::Stop } else { Next::More }
            },
        );
        assert_eq!(heard, [2, 4, 6]);
    }
}
