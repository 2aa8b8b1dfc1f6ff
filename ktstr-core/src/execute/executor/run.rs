//! The loop that joins executor and backend, and the short forms of it.

use super::{Executor, MAX_IRQS};
use crate::execute::backend::Backend;
use crate::execute::fault::Fault;
use crate::execute::observer::Observer;
use crate::model::backdrop::Backdrop;
use crate::model::cgroup_def::CgroupDef;
use crate::model::scenario::Scenario;
use crate::model::step::{HoldSpec, Step};
use crate::report::summary::Report;
use crate::validate::invalid::Invalid;
use crate::validate::requirements::Requirements;
use core::time::Duration;

/// How many cgroups, groups of workers and payloads the short forms have room for at the same time.
pub const DEFAULT_ROOM: usize = 128;
/// How many [`execute_fitting`] has room for at the most.
pub const LARGE_ROOM: usize = 10_240;
/// A stack that takes the executor for [`LARGE_ROOM`], in bytes, also where nothing is optimised.
pub const LARGE_STACK: usize = 64 << 20;

/// Why a run did not begin. Nothing was made.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[allow(clippy::large_enum_variant)] // no heap to box it on
pub enum RunError<'a> {
    /// The scenario is not valid on the backend's machine.
    #[error(transparent)]
    Invalid(Invalid<'a>),
    /// The backend lacks something.
    #[error(transparent)]
    Environment(Fault),
    /// It needs more room than the executor has.
    #[error(
        "the scenario has {needed} {what} at the same time, the executor has room for {room}; use a larger `Executor`"
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

/// Judges a scenario for a backend and an executor with room for `N`, before anything is made.
///
/// # Errors
/// The first thing that speaks against the run.
pub fn prepare<'a, const N: usize, B: Backend + ?Sized>(
    scenario: &Scenario<'a>,
    backend: &mut B,
) -> Result<Requirements, RunError<'a>> {
    let needs = scenario.check(Some(backend.topology())).map_err(RunError::Invalid)?;
    fits(&needs, N)?;
    backend.preflight(&needs).map_err(RunError::Environment)?;
    Ok(needs)
}

fn fits<'a>(needs: &Requirements, room: usize) -> Result<(), RunError<'a>> {
    for (what, needed, room) in [
        ("cgroups", needs.cgroups, room),
        ("groups of workers", needs.groups, room),
        ("payloads", needs.payloads, room),
        ("steered interrupts", needs.irqs, MAX_IRQS),
    ] {
        if needed as usize > room {
            return Err(RunError::Room { what, needed, room });
        }
    }
    Ok(())
}

/// Plays a scenario that was judged and passed preflight, with the smallest executor that has room for `needs`. The
/// largest has room for [`LARGE_ROOM`] and wants a stack of [`LARGE_STACK`]; up to 128 of each an ordinary one will do.
///
/// # Errors
/// [`RunError::Room`] when no executor is large enough.
pub fn execute_fitting<'a, B: Backend + ?Sized, O: Observer<'a>>(
    scenario: &'a Scenario<'a>,
    needs: &Requirements,
    backend: &mut B,
    seed: u64,
    observer: &mut O,
) -> Result<Report, RunError<'a>> {
    const MIDDLE_ROOM: usize = 1024;
    fits(needs, LARGE_ROOM)?;
    let most = needs.cgroups.max(needs.groups).max(needs.payloads) as usize;
    Ok(if most <= DEFAULT_ROOM {
        play::<DEFAULT_ROOM, B, O>(scenario, backend, seed, observer)
    } else if most <= MIDDLE_ROOM {
        play::<MIDDLE_ROOM, B, O>(scenario, backend, seed, observer)
    } else {
        play::<LARGE_ROOM, B, O>(scenario, backend, seed, observer)
    })
}

/// Checks a scenario against the backend's machine, and plays it there. The same seed on the same machine asks for the
/// same actions.
///
/// # Errors
/// When the scenario is not valid there, or the backend lacks something; nothing was made then. What goes wrong
/// later is in the report.
pub fn execute_scenario<'a, B: Backend + ?Sized, O: Observer<'a>>(
    scenario: &'a Scenario<'a>,
    backend: &mut B,
    seed: u64,
    observer: &mut O,
) -> Result<Report, RunError<'a>> {
    prepare::<DEFAULT_ROOM, B>(scenario, backend)?;
    Ok(play::<DEFAULT_ROOM, B, O>(scenario, backend, seed, observer))
}

/// Plays steps without a Backdrop.
///
/// # Errors
/// As [`execute_scenario`].
pub fn execute_steps<'a, B: Backend + ?Sized, O: for<'o> Observer<'o>>(
    steps: &'a [Step<'a>],
    duration: Duration,
    backend: &mut B,
    seed: u64,
    observer: &mut O,
) -> Result<Report, RunError<'a>> {
    let scenario = Scenario::new("steps").duration(duration).steps(steps);
    prepare::<DEFAULT_ROOM, B>(&scenario, backend)?;
    Ok(play::<DEFAULT_ROOM, B, O>(&scenario, backend, seed, observer))
}

/// Sets cgroup definitions up, holds them for `duration`, and takes them down. Places in errors and events are those of
/// a Backdrop: `backdrop.cgroups[0]` is the first definition.
///
/// # Errors
/// As [`execute_scenario`].
pub fn execute_defs<'a, B: Backend + ?Sized, O: for<'o> Observer<'o>>(
    defs: &'a [CgroupDef<'a>],
    duration: Duration,
    backend: &mut B,
    seed: u64,
    observer: &mut O,
) -> Result<Report, RunError<'a>> {
    const HOLD: &[Step<'static>] = &[Step::hold(HoldSpec::FULL)];
    let backdrop = Backdrop::new().lend_cgroups(defs);
    let scenario = Scenario::new("defs").duration(duration).backdrop(backdrop).steps(HOLD);
    prepare::<DEFAULT_ROOM, B>(&scenario, backend)?;
    Ok(play::<DEFAULT_ROOM, B, O>(&scenario, backend, seed, observer))
}

#[inline(never)] // so that only the executor that is used lies on the stack
fn play<'a, const N: usize, B: Backend + ?Sized, O: Observer<'a>>(
    scenario: &'a Scenario<'a>,
    backend: &mut B,
    seed: u64,
    observer: &mut O,
) -> Report {
    let mut executor = Executor::<N>::new(scenario, backend.topology(), seed);
    execute_unchecked(&mut executor, backend, observer)
}

/// Plays a scenario without checking it first, as far as it goes. For tests that want to see it go wrong, and for
/// callers with an executor of their own size who have checked before.
pub fn execute_unchecked<'a, const N: usize, B: Backend + ?Sized, O: Observer<'a>>(
    executor: &mut Executor<'a, N>,
    backend: &mut B,
    observer: &mut O,
) -> Report {
    while let Some((_, action)) = executor.next(observer) {
        let outcome = backend.perform(action);
        executor.resume(backend.now(), &outcome, observer);
    }
    executor.report()
}
