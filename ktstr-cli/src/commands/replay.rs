//! `ktstr replay`: runs again what a report is of, and compares what happened.

use crate::args::Replay;
use crate::backends::OnMock;
use crate::exit::{Exit, Failure};
use crate::judged::{Judged, ReadAnew};
use crate::machine::TopologyArg;
use crate::output::{err, out};
use crate::report_file;
use crate::signals;
use crate::vm::{cancel_with, failure};
use ktstr_core::Uniform;
use ktstr_file::ScenarioFile;
use ktstr_file::report::RunReport;
use ktstr_vm::{Cache, Difference, LogEntry, Vm};

pub(crate) fn run(args: &Replay) -> Result<Exit, Failure> {
    let report = report_file::read(&args.report)?;
    let (again, difference) = match report.backend.as_str() {
        "mock" => on_the_mock(&report)?,
        "vm" => in_vm(&report, args)?,
        other => {
            return Err(Failure::invalid(format!(
                "a run on {other} does not repeat; run the scenario with --backend vm or --backend mock to have one that does"
            )));
        }
    };
    let Some(difference) = difference else {
        out(&format!("the same: {} events, {}\n", again.events.len(), again.verdict.name()))?;
        return Ok(Exit::Pass);
    };
    let (then, now) = (line(difference.then), line(difference.now));
    out(&format!("different from event {} on\n  then: {then}\n  now:  {now}\n", difference.seq))?;
    Ok(Exit::Failed)
}

fn on_the_mock(report: &RunReport) -> Result<(RunReport, Option<Difference>), Failure> {
    let file = ScenarioFile::from_text("the report's scenario", &report.scenario_toml)?;
    let read_anew = ReadAnew::default();
    let judged = Judged::of(&file, &read_anew)?;
    let shape = report.topology.shape.as_deref().and_then(|text| text.parse().ok()).filter(Uniform::is_valid);
    let shape = shape.ok_or_else(|| {
        Failure::invalid("the report does not say which machine the mock was; run the scenario again")
    })?;
    let again = OnMock::new(judged, Some(TopologyArg::Shape(shape)))?.play(report.seed)?;
    let difference = Difference::between(report, &again);
    Ok((again, difference))
}

fn in_vm(report: &RunReport, args: &Replay) -> Result<(RunReport, Option<Difference>), Failure> {
    let interrupt = signals::flag();
    let adjust = |vm: Vm| {
        let vm = args.qemu.as_deref().map_or(vm.clone(), |qemu| vm.qemu(qemu));
        match interrupt {
            Some(flag) => vm.cancel_on(cancel_with(flag)),
            None => vm,
        }
    };
    let replayed = ktstr_vm::replay(report, args.kernel.as_deref(), &Cache::of_user(), adjust)
        .map_err(|error| failure(&error))?;
    for circumstance in &replayed.circumstances {
        err(&format!("ktstr: {circumstance}\n"));
    }
    Ok((replayed.again.report, replayed.difference))
}

fn line(entry: Option<LogEntry>) -> String {
    entry.map_or("the end".to_owned(), |entry| entry.to_string())
}
