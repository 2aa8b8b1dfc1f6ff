//! `ktstr run`: loads a scenario, judges it, chooses and prepares a backend, plays it, and shows the report.
//! Several scenarios are a suite.

use crate::args::{Run, Seeds};
use crate::exit::{Exit, Failure};
use crate::explore::{Tried, explore};
use crate::hint;
use crate::judged::{Judged, ReadAnew, read};
use crate::output::{err, out};
use crate::paint;
use crate::pictures::Pictures;
use crate::prepared::Prepared;
use crate::report_file::ReportFile;
use crate::signals;
use crate::suite;
use ktstr_file::report::RunReport;
use ktstr_file::report::text::{counted, render_text, table, time};
use ktstr_file::suite::{Format, Status};
use std::path::Path;

pub(crate) fn run(args: &Run) -> Result<Exit, Failure> {
    match (&args.files[..], args.seeds) {
        ([file], None) if is_alone(args, file) => one(args, file),
        ([file], Some(seeds)) if is_alone(args, file) && args.format == Format::Text && !draws(args) => {
            many(args, file, seeds)
        }
        _ if draws(args) => Err(Failure::invalid(
            "--html, --perfetto and --trace are of one run: name one scenario and one seed; `ktstr show` draws what --report wrote",
        )),
        _ => suite::run(args),
    }
}

/// Whether a picture or a trace of a run is asked for.
fn draws(args: &Run) -> bool {
    [&args.pictures.html, &args.pictures.perfetto, &args.vm.trace].into_iter().any(Option::is_some)
}

/// Whether nothing but the scenario's own report is asked for.
fn is_alone(args: &Run, file: &Path) -> bool {
    let own = !args.vm.batch
        && match args.format {
            Format::Text | Format::Json => true,
            Format::Junit | Format::Ktap | Format::Github | Format::Markdown => false,
        };
    let suite = &args.suite;
    let files = [&suite.junit, &suite.ktap, &suite.markdown];
    let report = args.seeds.is_none() || args.report.is_none();
    own && report && suite.retries == 0 && files.iter().all(|file| file.is_none()) && !file.is_dir()
}

fn one(args: &Run, path: &Path) -> Result<Exit, Failure> {
    let file = read(path)?;
    let read_anew = ReadAnew::default();
    let judged = Judged::of(&file, &read_anew)?;
    let place = args.report.as_deref().map(ReportFile::prepare).transpose()?;
    let pictures = Pictures::prepare(&args.pictures, args.vm.trace.as_deref())?;
    if pictures.are_shown() && place.as_ref().is_some_and(ReportFile::is_shown) {
        return Err(Failure::invalid(
            "--report and --html cannot both go to standard output: name a file for one",
        ));
    }
    let prepared = Prepared::of(judged, args)?;
    announce(&prepared);
    show(args, prepared.play_traced(args.seed)?, place, pictures)
}

/// Says what a reader of the report has to know beforehand.
fn announce(prepared: &Prepared<'_>) {
    if !prepared.reason.is_empty() && !paint::is_quiet() {
        err(&format!("ktstr: running on {}: {}\n", prepared.name(), prepared.reason));
    }
}

fn show(
    args: &Run,
    (report, trace): (RunReport, Option<Vec<u8>>),
    place: Option<ReportFile>,
    pictures: Pictures,
) -> Result<Exit, Failure> {
    let is_shown = pictures.are_shown() || place.as_ref().is_some_and(ReportFile::is_shown);
    // The file first: it is there also when nobody can read what is shown.
    if let Some(place) = place {
        place.write(&report.to_json())?;
    }
    pictures.draw_run(&report, trace)?;
    if !is_shown {
        let text = || format!("{}{}", said(&report), hint::of_report(&report));
        out(&if args.format == Format::Json { report.to_json() } else { text() })?;
    }
    Ok(Exit::of(Status::of(&report)))
}

/// The report as text: its first line where a pass need not be said, with every action where all is.
fn said(report: &RunReport) -> String {
    let text = render_text(report);
    if paint::is_quiet() && Status::of(report).is_good() {
        return text.lines().next().map(|line| format!("{line}\n")).unwrap_or_default();
    }
    if !paint::is_verbose() {
        return text;
    }
    let mut rows = vec![["time", "site", "action", "outcome"].map(str::to_owned)];
    rows.extend(report.events.iter().map(|event| {
        let (action, outcome) = (event.action.to_string(), event.outcome.to_string());
        [time(event.at_ns as f64), event.site.clone(), action, outcome]
    }));
    format!("{text}\n{}", table(&rows))
}

/// One run for each seed; shows the runs that do not pass and how to repeat them.
fn many(args: &Run, path: &Path, seeds: Seeds) -> Result<Exit, Failure> {
    let file = read(path)?;
    let read_anew = ReadAnew::default();
    let prepared = Prepared::of(Judged::of(&file, &read_anew)?, args)?;
    announce(&prepared);
    let tried = explore(&prepared, seeds, args.suite.fail_fast)?;
    let failing: Vec<_> = tried.iter().filter(|one| !one.exit.is_good()).collect();
    let name = prepared.name();
    for Tried { seed, verdict, .. } in &failing {
        out(&format!("seed {seed}: {}, again with: {}\n", verdict.name(), again(args, path, name, *seed)))?;
    }
    let runs = counted(tried.len() as u64, "run", "runs");
    out(&format!("{runs} on {name}, {} did not pass\n", failing.len()))?;
    let exit = tried.iter().map(|one| one.exit).reduce(Exit::and).unwrap_or(Exit::Pass);
    Ok(if signals::is_interrupted() { exit.and(Exit::Inconclusive) } else { exit })
}

/// The command that runs one seed again.
fn again(args: &Run, path: &Path, backend: &str, seed: u64) -> String {
    let topology = args.topology.map(|topology| format!(" --topology {topology}")).unwrap_or_default();
    let option = |name: &str, value: &Option<String>| match value {
        Some(value) if backend == "vm" => format!(" --{name} {value}"),
        _ => String::new(),
    };
    let (kernel, qemu) = (option("kernel", &args.vm.kernel), option("qemu", &args.vm.qemu));
    format!("ktstr run --backend {backend} --seed {seed}{topology}{kernel}{qemu} {}", path.display())
}
