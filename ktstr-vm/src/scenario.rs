//! Scenarios as jobs: the host sends one as a scenario file, the guest program plays it on Linux and answers
//! with the report. Boots, images and errors on the way are those of [`Vm`].

mod asked;
mod play;
mod streamed;
mod together;
mod uneven;

use crate::error::VmError;
use crate::finding::Finding;
use crate::guest::{guest_main, is_guest_init};
use crate::image::{Archive, Image};
use crate::job::{Job, VmRun};
use crate::qemu::Accel;
use crate::vm::{DEFAULT_SHAPE, Vm};
use asked::Asked;
use ktstr_core::{Scenario, Topology, Uniform};
use ktstr_file::report::{RunHead, RunReport, VmEntry};
use ktstr_file::{NoteEntry, notes, payloads, render_toml, schedulers};
use serde::{Deserialize, Serialize};
use std::path::Path;
use streamed::{Heard, Streamed};
pub use together::{Seeded, boots};

/// The job's option that asks for a trace.
const TRACED: &str = "trace";
/// What comes between a report and its trace in an answer: no JSON has it in it.
const BETWEEN: u8 = 0;

/// What the guest program answers.
#[derive(Debug, Serialize, Deserialize)]
enum Answer {
    /// It was played.
    Ran(Box<RunReport>),
    /// It was not: the scenario is not valid on this machine.
    Invalid(String),
    /// It was not: the machine lacks something.
    Lacks(String),
}

/// A scenario that was played in a guest.
#[derive(Debug, Clone)]
pub struct ScenarioRun {
    /// The guest's report, with what is needed to repeat it; where the kernel under test ended, a report that
    /// fails and has the finding, with the events up to then. Of a reproducible run it is the same each time,
    /// byte for byte.
    pub report: RunReport,
    /// The kernel's trace of it, where one was asked for with [`Vm::traced`]: its own pages and the formats
    /// for them, as the guest gave them. Nothing in it was looked at yet.
    pub trace: Option<Vec<u8>>,
    /// The run of the machine: its console, its host time. The answer in it is the report as it came.
    pub run: VmRun,
}

/// Turns this process into the guest program when it is one, and otherwise returns at once. For the first
/// line of `main` in any program that runs scenarios in guests.
pub fn guest_runs_scenarios() {
    if is_guest_init() {
        guest_main(|job| {
            if together::is_meant(&job) {
                return together::answers(&job);
            }
            let (answer, trace) = play::answer(&job, Streamed::sending());
            // A report is plain text and numbers; should that ever fail, the host says that the answer is
            // unusable.
            let mut answer = serde_json::to_vec(&answer).unwrap_or_default();
            if let Some(trace) = trace {
                answer.push(BETWEEN);
                answer.extend(trace);
            }
            answer
        })
    }
}

impl Image {
    /// The image for a scenario: this very program as init, the programs of payloads and schedulers with
    /// their libraries, and the files that these ask for, under the paths they have here.
    ///
    /// # Errors
    /// As for [`program`](Self::program) and [`host`](Self::host).
    pub fn for_scenario(scenario: &Scenario<'_>) -> Result<Self, VmError> {
        let own = std::env::current_exe();
        let own =
            own.map_err(|source| VmError::Io { action: "find", path: "/proc/self/exe".into(), source })?;
        let mut image = Self::with_init(&own)?;
        image.scenario(scenario)?;
        Ok(image)
    }

    /// Adds what one more scenario needs, so that it can be played in the same guest.
    ///
    /// # Errors
    /// As for [`program`](Self::program) and [`host`](Self::host).
    pub fn scenario(&mut self, scenario: &Scenario<'_>) -> Result<(), VmError> {
        for payload in payloads(scenario) {
            self.program(payload.binary)?;
            for file in payload.include_files {
                self.host(Path::new(file), None)?;
            }
        }
        for scheduler in schedulers(scenario) {
            self.program(scheduler.binary)?;
            for file in scheduler.include_files {
                self.host(Path::new(file), None)?;
            }
        }
        Ok(())
    }
}

impl Vm {
    /// Plays a scenario in a guest: on the machine that was said, else the scenario's own topology, with the
    /// image of [`Image::for_scenario`]. The calling program has to begin with [`guest_runs_scenarios`]. Once
    /// per seed and machine: the same again gives the same report.
    ///
    /// # Errors
    /// Any [`VmError`]. What goes wrong in the scenario itself is in the report.
    pub fn run(&self, scenario: &Scenario<'_>) -> Result<ScenarioRun, VmError> {
        let image = self.archive(&Image::for_scenario(scenario)?)?;
        self.run_scenario(scenario, &image)
    }

    /// The same with an image that is built already, for many runs.
    ///
    /// # Errors
    /// As for [`run`](Self::run).
    pub fn run_scenario(&self, scenario: &Scenario<'_>, image: &Archive) -> Result<ScenarioRun, VmError> {
        let shape = self.shape_for(scenario);
        let asked = Asked::of(scenario, &shape, render_toml(scenario));
        let limit = Job::LIMIT.saturating_add(asked.length.saturating_mul(2));
        let machine = self.clone().topology(shape).timeout_for(asked.length);
        let args = if self.is_traced() { vec![TRACED.to_owned()] } else { Vec::new() };
        let job = Job { scenario: asked.scenario.clone(), limit: Some(limit), args, ..Job::default() };
        let run = machine.run_archive(&job, image)?;
        let (report, trace) = match &run.answer {
            Ok(answer) => {
                let (json, trace) = parted(answer);
                if trace.is_some() && !self.is_traced() {
                    return Err(VmError::Forged {
                        reason: "it has a trace that nobody asked for".to_owned(),
                    });
                }
                let answer = serde_json::from_slice(json).map_err(|error| no_report(&error, &run))?;
                (taken(answer, &asked, scenario, run.repeat.seed, &run)?, trace)
            }
            Err(finding) => (ended(finding, scenario, run.repeat.seed, &run), None),
        };
        Ok(ScenarioRun { report, trace, run })
    }

    /// The machine that is built for a scenario: what was said, else its own, else one with what it needs.
    #[must_use]
    pub fn shape_for(&self, scenario: &Scenario<'_>) -> Uniform {
        self.shape(scenario.topology.or_else(|| scenario.needs.shape(DEFAULT_SHAPE)))
    }
}

/// An answer's report, and its trace where it has one.
fn parted(answer: &[u8]) -> (&[u8], Option<Vec<u8>>) {
    match answer.iter().position(|byte| *byte == BETWEEN) {
        Some(at) => (&answer[..at], Some(answer[at + 1..].to_vec())),
        None => (answer, None),
    }
}

fn no_report(error: &serde_json::Error, run: &VmRun) -> VmError {
    VmError::Guest { reason: format!("its answer is no report: {error}"), console: run.console.clone() }
}

/// The report in an answer, held against what was asked, with what the host knows itself.
fn taken(
    answer: Answer,
    asked: &Asked,
    scenario: &Scenario<'_>,
    seed: u64,
    run: &VmRun,
) -> Result<RunReport, VmError> {
    match answer {
        Answer::Ran(report) => {
            asked.judge(&report, seed).map_err(|reason| VmError::Forged { reason })?;
            let (vm, backend_reason) = (Some(entry(run)), String::new());
            let machine = Topology::from_uniform(&run.repeat.topology);
            let notes = notes(scenario, Some(&machine)).iter().map(NoteEntry::from).collect();
            Ok(uneven::judge(RunReport { vm, backend_reason, finding: None, notes, ..*report }))
        }
        Answer::Invalid(reason) => Err(VmError::Scenario { reason, invalid: true }),
        Answer::Lacks(reason) => Err(VmError::Scenario { reason, invalid: false }),
    }
}

/// The report of a run that the kernel under test has ended.
fn ended(finding: &Finding, scenario: &Scenario<'_>, seed: u64, run: &VmRun) -> RunReport {
    let topology = Topology::from_uniform(&run.repeat.topology);
    let head = RunHead { scenario, backend: "vm", backend_reason: "", seed, topology: &topology };
    let Heard { events, groups, cgroups } = streamed::heard(&run.progress);
    let end = RunReport::of_finding(&head, finding.entry());
    RunReport { events, groups, cgroups, vm: Some(entry(run)), ..end }
}

/// What a report says of the machine.
fn entry(run: &VmRun) -> VmEntry {
    let repeat = &run.repeat;
    VmEntry {
        kernel_release: repeat.kernel_release.clone(),
        kernel_sha256: repeat.kernel_sha256.clone(),
        booted_sha256: repeat.booted_sha256.clone(),
        image_sha256: repeat.image_sha256.clone(),
        qemu_version: repeat.qemu_version.clone(),
        qemu_origin: repeat.qemu_origin.clone(),
        uneven: repeat.uneven,
        warnings: repeat.warnings.clone(),
        accel: if repeat.accel == Accel::Kvm { "kvm" } else { "tcg" }.to_owned(),
        memory_mib: repeat.memory_mib,
        command: repeat.command.clone(),
        state_sha256: repeat.state_sha256.clone(),
        attempt: u32::from(repeat.attempt),
        reproducible: repeat.reproducible,
        notes: run.notes.clone(),
    }
}
