//! The guest's side of a scenario: reads it, judges it for the guest's machine, plays it on Linux, and keeps what was heard.

use super::Answer;
use crate::job::Job;
use bumpalo::Bump;
use ktstr_core::backend::Backend;
use ktstr_core::executor::{Executor, RunError, execute_unchecked, prepare};
use ktstr_core::report::Report;
use ktstr_core::scenario::Scenario;
use ktstr_file::load::load;
use ktstr_file::report::{Recorder, RunHead};
use ktstr_linux::{LinuxBackend, Options};
use std::time::Duration;

const SMALL: usize = 128;
const MEDIUM: usize = 1024;
const LARGE: usize = 10_240;
/// Enough for the largest executor; what is not used takes no memory.
const STACK: usize = 256 << 20;
/// Workers begin within this time of one another, as the seed says: more than a slice of the scheduler.
const START_JITTER: Duration = Duration::from_millis(5);

/// Plays the job's scenario.
pub(super) fn answer(job: &Job) -> Answer {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, || played(job));
        match thread.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Answer::Lacks("the run ended by a panic".to_owned()),
            Err(error) => Answer::Lacks(format!("no thread for the run: {error}")),
        }
    })
}

fn played(job: &Job) -> Answer {
    let arena = Bump::new();
    let loaded = match load(&job.scenario, &arena) {
        Ok(loaded) => loaded,
        Err(errors) => {
            return Answer::Invalid(errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "));
        }
    };
    let options = Options { start_jitter: START_JITTER, ..Options::default() };
    let mut backend = match LinuxBackend::new(options) {
        Ok(backend) => backend,
        Err(fault) => return Answer::Lacks(fault.to_string()),
    };
    let scenario = loaded.scenario;
    let needs = match prepare::<LARGE, _>(scenario, &mut backend) {
        Ok(needs) => needs,
        Err(RunError::Environment(fault)) => return Answer::Lacks(fault.to_string()),
        Err(error) => return Answer::Invalid(error.to_string()),
    };
    let mut recorder = Recorder::new();
    let room = needs.cgroups.max(needs.groups).max(needs.payloads) as usize;
    let end = if room <= SMALL {
        with_room::<SMALL>(scenario, &mut backend, job.seed, &mut recorder)
    } else if room <= MEDIUM {
        with_room::<MEDIUM>(scenario, &mut backend, job.seed, &mut recorder)
    } else {
        with_room::<LARGE>(scenario, &mut backend, job.seed, &mut recorder)
    };
    let topology = *backend.topology();
    let head = RunHead { scenario, backend: "vm", backend_reason: "", seed: job.seed, topology: &topology };
    let environment = end.error.as_ref().is_some_and(|(_, fault)| fault.kind.is_environment());
    Answer::Ran(Box::new(recorder.finish(&head, &end)), environment)
}

#[inline(never)] // so that only the executor that is used lies on the stack
fn with_room<'a, const N: usize>(
    scenario: &'a Scenario<'a>,
    backend: &mut LinuxBackend,
    seed: u64,
    recorder: &mut Recorder,
) -> Report {
    let mut executor = Executor::<N>::new(scenario, backend.topology(), seed);
    execute_unchecked(&mut executor, backend, recorder)
}
