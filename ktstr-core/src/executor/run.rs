//! The loop that joins executor and backend, and the short forms of it.

use super::Executor;
use crate::backend::Backend;
use crate::cgroup_def::CgroupDef;
use crate::fault::Fault;
use crate::observer::Observer;
use crate::report::Report;
use crate::scenario::Scenario;
use crate::step::{HoldSpec, Step};
use core::time::Duration;

/// How many cgroups, groups of workers and payloads the short forms have room for at the same time.
pub const DEFAULT_ROOM: usize = 128;

/// Why a run did not begin. Nothing was made.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// The backend cannot run it.
    #[error(transparent)]
    Environment(Fault),
    /// It needs more room than the executor has.
    #[error(
        "the scenario has {needed} {what} at the same time, the executor has room for {room}: use a larger `Executor`"
    )]
    Room {
        /// What there is too much of.
        what: &'static str,
        /// How many at the same time.
        needed: u32,
        /// How many there is room for.
        room: usize,
    },
}

/// Checks a scenario against the backend's machine, and plays it there. The same seed on the same machine asks for the
/// same actions.
///
/// # Errors
/// When the scenario is not valid there, or the backend lacks something; nothing was made then. What goes wrong
/// later is in the report.
pub fn execute_scenario<'a, B: Backend, O: Observer<'a>>(
    scenario: &'a Scenario<'a>,
    backend: &mut B,
    seed: u64,
    observer: &mut O,
) -> Result<Report, RunError> {
    let mut executor = Executor::<DEFAULT_ROOM>::new(scenario, backend.topology(), seed);
    Ok(execute_unchecked(&mut executor, backend, observer))
}

/// Plays steps without a Backdrop. Errors as [`execute_scenario`].
///
/// # Errors
/// As [`execute_scenario`].
pub fn execute_steps<B: Backend, O: for<'o> Observer<'o>>(
    steps: &[Step<'_>],
    duration: Duration,
    backend: &mut B,
    seed: u64,
    observer: &mut O,
) -> Result<Report, RunError> {
    execute_scenario(&Scenario::new("steps").duration(duration).steps(steps), backend, seed, observer)
}

/// Plays one step of cgroup definitions, held for `duration`.
///
/// # Errors
/// As [`execute_scenario`].
pub fn execute_defs<B: Backend, O: for<'o> Observer<'o>>(
    defs: &[CgroupDef<'_>],
    duration: Duration,
    backend: &mut B,
    seed: u64,
    observer: &mut O,
) -> Result<Report, RunError> {
    execute_steps(&[Step::with_defs(defs, HoldSpec::FULL)], duration, backend, seed, observer)
}

/// Plays a scenario without checking it first, as far as it goes. For tests that want to see it go wrong, and for
/// callers with an executor of their own size who have checked before.
pub fn execute_unchecked<'a, const N: usize, B: Backend, O: Observer<'a>>(
    executor: &mut Executor<'a, N>,
    backend: &mut B,
    observer: &mut O,
) -> Report {
    while let Some((_, action)) = executor.next(observer) {
        let outcome = backend.perform(&action);
        executor.resume(backend.now(), &outcome, observer);
    }
    executor.report()
}
