//! One run of a scenario on one backend, with its report.

use crate::choice;
use crate::exit::{Exit, Failure};
use crate::machine::TopologyArg;
use crate::mock_captures::Watched;
use crate::progress::Progress;
use crate::scenario_file::ScenarioFile;
use ktstr_core::{Backend, RunError};
use ktstr_file::play_scenario;
use ktstr_file::report::{Recorder, RunHead, RunReport};
use ktstr_linux::interrupt::Flag;

/// A run on this machine.
///
/// # Errors
/// When it cannot begin.
pub(crate) fn on_linux(
    file: &ScenarioFile<'_>,
    interrupt: Option<Flag>,
    seed: u64,
    reason: &str,
) -> Result<(RunReport, Exit), Failure> {
    let backend = choice::linux(file, interrupt)?;
    record(file, backend, seed, reason, |linux| linux.captured_pids())
}

/// A run on the mock.
///
/// # Errors
/// When it cannot begin.
pub(crate) fn on_mock(
    file: &ScenarioFile<'_>,
    topology: Option<TopologyArg>,
    seed: u64,
    reason: &str,
) -> Result<(RunReport, Exit), Failure> {
    let backend = choice::mock(file, topology, seed)?;
    record(file, Watched::new(backend), seed, reason, Watched::pids)
}

fn record<B: Backend>(
    file: &ScenarioFile<'_>,
    mut backend: B,
    seed: u64,
    reason: &str,
    pids: impl FnOnce(B) -> Vec<Vec<u32>>,
) -> Result<(RunReport, Exit), Failure> {
    let mut observer = Progress::new(Recorder::new());
    let end =
        play_scenario(file.scenario(), &mut backend, seed, &mut observer).map_err(|error| match error {
            RunError::Environment(fault) => Failure::environment(fault.to_string()),
            RunError::Invalid(_) | RunError::Room { .. } | RunError::Machine => {
                Failure::invalid(error.to_string())
            }
        })?;
    let head = RunHead {
        scenario: file.scenario(),
        backend: backend.name(),
        backend_reason: reason,
        seed,
        topology: backend.topology(),
    };
    let report = observer.into_inner().finish(&head, &end).with_pids(pids(backend));
    let exit = Exit::of(&report);
    Ok((report, exit))
}
