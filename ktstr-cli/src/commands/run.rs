//! `ktstr run`: loads a scenario, judges it, chooses and prepares a backend, plays it, and shows the report.

use crate::args::{Format, Run, Seeds};
use crate::exit::{Exit, Failure};
use crate::explore::{Tried, explore};
use crate::hint;
use crate::judged::{Judged, read};
use crate::output::{err, out};
use crate::prepared::Prepared;
use crate::report_file::ReportFile;
use ktstr_file::report::RunReport;
use ktstr_file::report::text::{counted, render_text};

pub(crate) fn run(args: &Run) -> Result<Exit, Failure> {
    let file = read(&args.file)?;
    let judged = Judged::of(&file)?;
    let place = args.report.as_deref().map(ReportFile::prepare).transpose()?;
    let prepared = Prepared::of(judged, args)?;
    announce(&prepared);
    match args.seeds {
        Some(seeds) => many(args, &prepared, seeds),
        None => show(args, &prepared.play(args.seed)?, place),
    }
}

/// Says what a reader of the report has to know beforehand.
fn announce(prepared: &Prepared<'_>) {
    if !prepared.reason.is_empty() {
        err(&format!("ktstr: running on {}: {}\n", prepared.name(), prepared.reason));
    }
}

fn show(args: &Run, report: &RunReport, place: Option<ReportFile>) -> Result<Exit, Failure> {
    let is_shown = place.as_ref().is_some_and(ReportFile::is_shown);
    // The file first: it is there also when nobody can read what is shown.
    if let Some(place) = place {
        place.write(report)?;
    }
    if !is_shown {
        match args.format {
            Format::Text => out(&format!("{}{}", render_text(report), hint::of_report(report)))?,
            Format::Json => out(&report.to_json())?,
        }
    }
    Ok(Exit::of(report))
}

/// One run for each seed; shows the runs that do not pass and how to repeat them.
fn many(args: &Run, prepared: &Prepared<'_>, seeds: Seeds) -> Result<Exit, Failure> {
    let tried = explore(prepared, seeds, args.stop_on_failure)?;
    let failing: Vec<_> = tried.iter().filter(|one| one.exit != Exit::Pass).collect();
    let name = prepared.name();
    for Tried { seed, verdict, .. } in &failing {
        out(&format!("seed {seed}: {}, again with: {}\n", verdict.name(), again(args, name, *seed)))?;
    }
    let runs = counted(tried.len() as u64, "run", "runs");
    out(&format!("{runs} on {name}, {} did not pass\n", failing.len()))?;
    let exit = tried.iter().fold(Exit::Pass, |exit, one| exit.and(one.exit));
    Ok(if prepared.is_interrupted() { exit.and(Exit::Inconclusive) } else { exit })
}

/// The command that runs one seed again.
fn again(args: &Run, backend: &str, seed: u64) -> String {
    let topology = args.topology.map(|topology| format!(" --topology {topology}")).unwrap_or_default();
    let option = |name: &str, value: &Option<String>| match value {
        Some(value) if backend == "vm" => format!(" --{name} {value}"),
        _ => String::new(),
    };
    let (kernel, qemu) = (option("kernel", &args.vm.kernel), option("qemu", &args.vm.qemu));
    format!("ktstr run --backend {backend} --seed {seed}{topology}{kernel}{qemu} {}", args.file.display())
}
