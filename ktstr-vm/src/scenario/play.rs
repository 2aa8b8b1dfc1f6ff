//! The guest's side of a scenario: reads it, judges it for the guest's machine, plays it on Linux, and keeps
//! what was heard.

use super::streamed::Streamed;
use super::{Answer, TRACED};
use crate::guest::trace::{Traced, Tracing};
use crate::job::Job;
use ktstr_core::{Backend, RunError};
use ktstr_file::report::{RunHead, RunReport, TraceEntry};
use ktstr_file::{ScenarioFile, play_scenario};
use ktstr_linux::{LinuxBackend, Options};
use std::time::Duration;

/// Workers begin within this time of one another, as the seed says: more than a slice of the scheduler.
const START_JITTER: Duration = Duration::from_millis(5);

/// Plays the job's scenario, on a thread of its own, so that a panic is an answer too; with it comes the
/// trace, where one was asked for.
pub(super) fn answer(job: &Job, heard: Streamed) -> (Answer, Option<Vec<u8>>) {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().spawn_scoped(scope, || played(job, heard));
        match thread.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => (Answer::Lacks("the run ended by a panic".to_owned()), None),
            Err(error) => (Answer::Lacks(format!("no thread for the run: {error}")), None),
        }
    })
}

fn played(job: &Job, heard: Streamed) -> (Answer, Option<Vec<u8>>) {
    let file = match job.scenario.parse::<ScenarioFile>() {
        Ok(file) => file,
        Err(problems) => return (Answer::Invalid(problems.to_string()), None),
    };
    match play(job, &file, heard) {
        Ok((report, traced)) => (Answer::Ran(report), traced),
        Err(answer) => (answer, None),
    }
}

fn play(
    job: &Job,
    file: &ScenarioFile,
    mut heard: Streamed,
) -> Result<(Box<RunReport>, Option<Vec<u8>>), Answer> {
    let options = Options { start_jitter: START_JITTER, ..Options::default() };
    let mut backend = LinuxBackend::new(options).map_err(|fault| Answer::Lacks(fault.to_string()))?;
    let scenario = file.scenario();
    let is_traced = job.args.iter().any(|arg| arg == TRACED);
    let cpus = backend.topology().cpus().len();
    let tracing = is_traced.then(|| Tracing::begin(cpus)).transpose().map_err(Answer::Lacks)?;
    let end = play_scenario(scenario, &mut backend, job.seed, &mut heard).map_err(|error| match error {
        RunError::Environment(fault) => Answer::Lacks(fault.to_string()),
        RunError::Invalid(_) | RunError::Room { .. } | RunError::Machine => {
            Answer::Invalid(error.to_string())
        }
    })?;
    let traced = tracing.map(|tracing| tracing.end(heard.began_ns)).transpose().map_err(Answer::Lacks)?;
    let topology = *backend.topology();
    let head = RunHead { scenario, backend: "vm", backend_reason: "", seed: job.seed, topology: &topology };
    let report = heard.into_recorder().finish(&head, &end);
    let trace =
        traced.as_ref().map(|traced| TraceEntry { lost: traced.lost, bytes: traced.bytes.len() as u64 });
    Ok((Box::new(RunReport { trace, ..report }), traced.map(|Traced { bytes, .. }| bytes)))
}
