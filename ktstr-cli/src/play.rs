//! The thread that scenarios are played on.

use crate::exit::Failure;
use ktstr_core::LARGE_STACK;

/// Runs `work` on a thread whose stack takes the largest executor.
///
/// # Errors
/// When there can be no such thread, or the work panicked.
pub(crate) fn on_a_large_stack<T: Send>(
    work: impl FnOnce() -> Result<T, Failure> + Send,
) -> Result<T, Failure> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("ktstr".to_owned()).stack_size(LARGE_STACK);
        match thread.spawn_scoped(scope, work) {
            Ok(handle) => {
                handle.join().unwrap_or_else(|_| Err(Failure::environment("the run ended by a panic")))
            }
            Err(error) => Err(Failure::environment(format!("no thread for the run: {error}"))),
        }
    })
}
