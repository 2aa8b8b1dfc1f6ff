//! Many seeds of one scenario, side by side, to find those under which it fails. Each is a run of its own;
//! which of them run at the same time changes nothing about any.

use crate::error::VmError;
use crate::image::{Archive, Image};
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

impl Vm {
    /// Runs `scenario` once with each of `seeds`, at most `jobs` at the same time (as many as the host has
    /// CPUs where that is `None`). `each` hears of every run as it ends, one at a time, in no fixed order;
    /// what it makes of failures is its affair. With [`saved_states`](Self::saved_states) the guest is booted
    /// once for all seeds.
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
        let jobs = jobs.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get);
        let (open, stop, each) = (Mutex::new(seeds), AtomicBool::new(false), Mutex::new(each));
        std::thread::scope(|scope| {
            for _ in 0..jobs {
                scope.spawn(|| self.work_off(scenario, &image, &open, &stop, &each));
            }
        });
        Ok(())
    }

    fn work_off(
        &self,
        scenario: &Scenario<'_>,
        image: &Archive,
        open: &Mutex<RangeInclusive<u64>>,
        stop: &AtomicBool,
        each: &Mutex<impl FnMut(u64, Result<ScenarioRun, VmError>) -> Next>,
    ) {
        while !stop.load(Ordering::Relaxed) {
            let Some(seed) = open.lock().unwrap_or_else(PoisonError::into_inner).next() else { return };
            let result = self.clone().seed(seed).run_scenario(scenario, image);
            let mut each = each.lock().unwrap_or_else(PoisonError::into_inner);
            if each(seed, result) == Next::Stop {
                stop.store(true, Ordering::Relaxed);
            }
        }
    }
}
