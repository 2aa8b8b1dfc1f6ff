//! The backends as the program uses them, a file each: what a scenario is prepared with, and one run of it.

mod linux;
mod mock;
mod vm;

pub(crate) use linux::OnLinux;
pub(crate) use mock::OnMock;
pub(crate) use vm::OnVm;

use crate::exit::Failure;
use crate::progress::Progress;
use ktstr_core::{Backend, RunError, Scenario};
use ktstr_file::play_scenario;
use ktstr_file::report::{Recorder, RunHead, RunReport};

/// Plays a scenario on a backend of this process, and keeps what was heard.
///
/// # Errors
/// When the run cannot begin.
fn record(scenario: &Scenario<'_>, mut backend: impl Backend, seed: u64) -> Result<RunReport, Failure> {
    let mut observer = Progress::new(Recorder::new());
    let end = play_scenario(scenario, &mut backend, seed, &mut observer).map_err(|error| match error {
        RunError::Environment(fault) => Failure::fault(&fault),
        RunError::Invalid(_) | RunError::Room { .. } | RunError::Machine => {
            Failure::invalid(error.to_string())
        }
    })?;
    let head =
        RunHead { scenario, backend: backend.name(), backend_reason: "", seed, topology: backend.topology() };
    Ok(observer.into_inner().finish(&head, &end))
}
