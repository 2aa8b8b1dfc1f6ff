//! The loop that joins executor and backend, and the short forms of it.

use super::Executor;
use crate::backend::Backend;
use crate::observer::Observer;
use crate::report::Report;

/// Plays a scenario without checking it first, as far as it goes. For tests that want to see it go wrong.
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
