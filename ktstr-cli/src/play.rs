//! Plays a scenario that was judged on a backend that was chosen, with an executor that is large enough.

use crate::exit::Failure;
use ktstr_core::backend::Backend;
use ktstr_core::executor::{Executor, MAX_IRQS, execute_unchecked};
use ktstr_core::observer::Observer;
use ktstr_core::report::Report;
use ktstr_core::requirements::Requirements;
use ktstr_core::scenario::Scenario;

const SMALL: usize = 128;
const MEDIUM: usize = 1024;
const LARGE: usize = 10_240;

/// Enough for the largest executor.
pub(crate) const STACK: usize = 256 << 20;

/// Plays the scenario on the current thread.
///
/// # Errors
/// When it is too large.
pub(crate) fn play<'a, B: Backend, O: Observer<'a>>(
    scenario: &'a Scenario<'a>,
    needs: &Requirements,
    backend: &mut B,
    seed: u64,
    observer: &mut O,
) -> Result<Report, Failure> {
    if needs.irqs as usize > MAX_IRQS {
        let message =
            format!("{} interrupts are steered, there is room for {MAX_IRQS}; steer fewer", needs.irqs);
        return Err(Failure::invalid(message));
    }
    let most = needs.cgroups.max(needs.groups).max(needs.payloads) as usize;
    if most <= SMALL {
        Ok(with_room::<SMALL, B, O>(scenario, backend, seed, observer))
    } else if most <= MEDIUM {
        Ok(with_room::<MEDIUM, B, O>(scenario, backend, seed, observer))
    } else if most <= LARGE {
        Ok(with_room::<LARGE, B, O>(scenario, backend, seed, observer))
    } else {
        let what = "cgroups, groups of workers or payloads at the same time";
        Err(Failure::invalid(format!("{most} {what}, there is room for {LARGE}; split the scenario")))
    }
}

#[inline(never)] // so that only the executor that is used lies on the stack
fn with_room<'a, const N: usize, B: Backend, O: Observer<'a>>(
    scenario: &'a Scenario<'a>,
    backend: &mut B,
    seed: u64,
    observer: &mut O,
) -> Report {
    let mut executor = Executor::<N>::new(scenario, backend.topology(), seed);
    execute_unchecked(&mut executor, backend, observer)
}

/// Runs `work` on a thread whose stack takes the largest executor.
///
/// # Errors
/// When there can be no such thread, or the work panicked.
pub(crate) fn on_a_large_stack<T: Send>(
    work: impl FnOnce() -> Result<T, Failure> + Send,
) -> Result<T, Failure> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("ktstr".to_owned()).stack_size(STACK);
        match thread.spawn_scoped(scope, work) {
            Ok(handle) => {
                handle.join().unwrap_or_else(|_| Err(Failure::environment("the run ended by a panic")))
            }
            Err(error) => Err(Failure::environment(format!("no thread for the run: {error}"))),
        }
    })
}
