//! `ktstr run`: plays a scenario on a backend, and judges it.

use crate::args::{Backend as Wanted, Format, Run, Seeds};
use crate::choice;
use crate::exit::{Exit, Failure};
use crate::mock_payloads;
use crate::output::{err, out};
use crate::play::{on_a_large_stack, play};
use crate::progress::Progress;
use crate::scenario_file::ScenarioFile;
use bumpalo::Bump;
use ktstr_core::backend::Backend;
use ktstr_core::requirements::Requirements;
use ktstr_file::report::text::render_text;
use ktstr_file::report::{Recorder, RunHead, RunReport};
use ktstr_linux::interrupt::Flag;
use std::fs::File;
use std::io::Write;
use std::path::Path;

pub(crate) fn run(args: &Run) -> Result<Exit, Failure> {
    on_a_large_stack(|| {
        let arena = Bump::new();
        let file = ScenarioFile::read(&args.file, &arena)?;
        file.judge(None)?;
        let choice = Choice::of(args, &file);
        if !choice.reason.is_empty() {
            err(&format!("ktstr: running on {}: {}\n", choice.name(), choice.reason));
        }
        match args.seeds {
            Some(seeds) => explore(args, &file, &choice, seeds),
            None => once(args, &file, &choice),
        }
    })
}

/// Where to run, and why there; no reason where it was asked for.
struct Choice {
    on_linux: bool,
    reason: String,
    interrupt: Option<Flag>,
}

impl Choice {
    fn of(args: &Run, file: &ScenarioFile<'_>) -> Self {
        let (on_linux, reason) = match args.backend {
            Wanted::Linux => (true, String::new()),
            Wanted::Mock => (false, String::new()),
            Wanted::Auto => match choice::linux_lacks(file) {
                None => (true, "this machine has what the scenario needs".to_owned()),
                Some(lack) => (false, format!("Linux cannot carry the scenario here: {lack}")),
            },
        };
        let interrupt = if on_linux { Flag::on_signals() } else { None };
        Self { on_linux, reason, interrupt }
    }

    fn name(&self) -> &'static str {
        if self.on_linux { "linux" } else { "mock" }
    }
}

fn once(args: &Run, file: &ScenarioFile<'_>, choice: &Choice) -> Result<Exit, Failure> {
    if !choice.on_linux && mock_payloads::assumes(file.scenario()) {
        err(
            "ktstr: the mock runs no programs: those that are waited for or measured are taken to pass their checks\n",
        );
    }
    let place = args.report.as_deref().map(ReportFile::create).transpose()?;
    let (report, exit) = play_once(args, file, choice, args.seed)?;
    match args.format {
        Format::Text => out(&render_text(&report))?,
        Format::Json => out(&report.to_json())?,
    }
    if let Some(place) = place {
        place.write(&report)?;
    }
    Ok(exit)
}

/// One run for each seed; shows the runs that do not pass and how to repeat them.
fn explore(args: &Run, file: &ScenarioFile<'_>, choice: &Choice, seeds: Seeds) -> Result<Exit, Failure> {
    let (mut exit, mut failing, mut runs) = (Exit::Pass, 0u64, 0u64);
    for seed in seeds.first..=seeds.last {
        if choice.interrupt.as_ref().is_some_and(|flag| flag.count() > 0) {
            exit = exit.and(Exit::Inconclusive);
            break;
        }
        let (report, one) = play_once(args, file, choice, seed)?;
        runs += 1;
        exit = exit.and(one);
        if one != Exit::Pass {
            failing += 1;
            let repeat =
                format!("ktstr run --backend {} --seed {seed} {}", report.backend, args.file.display());
            out(&format!("seed {seed}: {}, again with: {repeat}\n", report.verdict.name()))?;
        }
    }
    out(&format!("{runs} runs on {}, {failing} did not pass\n", choice.name()))?;
    Ok(exit)
}

fn play_once(
    args: &Run,
    file: &ScenarioFile<'_>,
    choice: &Choice,
    seed: u64,
) -> Result<(RunReport, Exit), Failure> {
    if choice.on_linux {
        let (backend, needs) = choice::linux(file, choice.interrupt.clone())?;
        record(file, backend, &needs, &choice.reason, seed)
    } else {
        let (backend, needs) = choice::mock(file, args.topology, seed)?;
        record(file, backend, &needs, &choice.reason, seed)
    }
}

fn record<B: Backend>(
    file: &ScenarioFile<'_>,
    mut backend: B,
    needs: &Requirements,
    reason: &str,
    seed: u64,
) -> Result<(RunReport, Exit), Failure> {
    let mut observer = Progress::new(Recorder::new());
    let end = play(file.scenario(), needs, &mut backend, seed, &mut observer)?;
    let head = RunHead {
        scenario: file.scenario(),
        backend: backend.name(),
        backend_reason: reason,
        seed,
        topology: backend.topology(),
    };
    let report = observer.into_inner().finish(&head, &end);
    let environment = end.error.as_ref().is_some_and(|(_, fault)| fault.kind.is_environment());
    let exit = Exit::of(&report, environment);
    Ok((report, exit))
}

/// The file that the report goes to, opened before the run so that a long one is not for nothing.
struct ReportFile<'p> {
    path: &'p Path,
    file: File,
}

impl<'p> ReportFile<'p> {
    fn create(path: &'p Path) -> Result<Self, Failure> {
        File::create(path).map(|file| Self { path, file }).map_err(|error| cannot_write(path, &error))
    }

    fn write(mut self, report: &RunReport) -> Result<(), Failure> {
        self.file.write_all(report.to_json().as_bytes()).map_err(|error| cannot_write(self.path, &error))
    }
}

fn cannot_write(path: &Path, error: &std::io::Error) -> Failure {
    Failure::environment(format!(
        "the report cannot be written to {}: {error}; name a file in a directory that you may write to",
        path.display()
    ))
}
