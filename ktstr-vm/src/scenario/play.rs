//! The guest's side of a scenario: reads it, judges it for the guest's machine, plays it on Linux, and keeps
//! what was heard.

use super::Answer;
use super::streamed::Streamed;
use crate::job::Job;
use ktstr_core::{Backend, RunError};
use ktstr_file::report::RunHead;
use ktstr_file::{ScenarioFile, play_scenario};
use ktstr_linux::{LinuxBackend, Options};
use std::time::Duration;

/// Workers begin within this time of one another, as the seed says: more than a slice of the scheduler.
const START_JITTER: Duration = Duration::from_millis(5);

/// Plays the job's scenario, on a thread of its own, so that a panic is an answer too.
pub(super) fn answer(job: &Job, heard: Streamed) -> Answer {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().spawn_scoped(scope, || played(job, heard));
        match thread.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Answer::Lacks("the run ended by a panic".to_owned()),
            Err(error) => Answer::Lacks(format!("no thread for the run: {error}")),
        }
    })
}

fn played(job: &Job, mut heard: Streamed) -> Answer {
    let file = match job.scenario.parse::<ScenarioFile>() {
        Ok(file) => file,
        Err(problems) => return Answer::Invalid(problems.to_string()),
    };
    let options = Options { start_jitter: START_JITTER, ..Options::default() };
    let mut backend = match LinuxBackend::new(options) {
        Ok(backend) => backend,
        Err(fault) => return Answer::Lacks(fault.to_string()),
    };
    let scenario = file.scenario();
    let end = match play_scenario(scenario, &mut backend, job.seed, &mut heard) {
        Ok(end) => end,
        Err(RunError::Environment(fault)) => return Answer::Lacks(fault.to_string()),
        Err(error @ (RunError::Invalid(_) | RunError::Room { .. } | RunError::Machine)) => {
            return Answer::Invalid(error.to_string());
        }
    };
    let topology = *backend.topology();
    let head = RunHead { scenario, backend: "vm", backend_reason: "", seed: job.seed, topology: &topology };
    Answer::Ran(Box::new(heard.into_recorder().finish(&head, &end)))
}
