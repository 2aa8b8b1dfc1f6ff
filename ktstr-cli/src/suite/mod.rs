//! Many scenarios in one call: which files, how they are played, and where what came of them goes.

mod batch;
mod find;
mod play;

pub(crate) use find::files;

use crate::args::Run;
use crate::exit::{Exit, Failure};
use crate::output::{err, out};
use crate::paint;
use crate::report_file::ReportFile;
use ktstr_file::report::text::render_text;
use ktstr_file::suite::{self, Case, Format, Suite};
use play::Plan;
use std::path::Path;

/// Plays all scenarios that are asked for and shows what came of them.
///
/// # Errors
/// When there are none, or something cannot be written.
pub(crate) fn run(args: &Run) -> Result<Exit, Failure> {
    let files = files(&args.files)?;
    if files.iter().any(|file| file == Path::new("-")) {
        return Err(Failure::invalid(
            "`-` is read once, so it has to be alone and shown as text or JSON; write it to a file",
        ));
    }
    let outputs = outputs(args)?;
    let plan = Plan::of(args, files);
    if plan.is_empty() {
        return Err(Failure::invalid(format!(
            "no scenario has {} in its path or name; `ktstr check` with the same files lists them",
            args.suite.filters.iter().map(|filter| format!("`{filter}`")).collect::<Vec<_>>().join(" or ")
        )));
    }
    let is_text = args.format == Format::Text && !outputs.iter().any(|(_, place)| place.is_shown());
    let played = plan.play(args, |case| match is_text {
        true if paint::is_quiet() && case.status().is_good() => Ok(()),
        true => out(&said(case)),
        false => Ok(()),
    })?;
    for (format, place) in outputs {
        place.write(&format.render(&played.suite))?;
    }
    if is_text {
        out(&suite::summary(&played.suite))?;
    } else {
        out(&args.format.render(&played.suite))?;
    }
    if played.left_out > 0 {
        err(&format!(
            "ktstr: {} not run\n",
            ktstr_file::report::text::counted(played.left_out as u64, "scenario", "scenarios")
        ));
    }
    Ok(exit(&played.suite, played.is_interrupted))
}

/// A case as text: a line with the reasons below, or the whole report too.
fn said(case: &Case) -> String {
    let report = case.report().filter(|_| paint::is_verbose()).map(render_text).unwrap_or_default();
    let indented = report.lines().skip(1).map(|line| format!("      {line}").trim_end().to_owned() + "\n");
    suite::line(case) + &indented.collect::<String>()
}

/// The files beside standard output, each with the format that it gets.
fn outputs(args: &Run) -> Result<Vec<(Format, ReportFile)>, Failure> {
    let asked = [
        (Format::Json, &args.report),
        (Format::Junit, &args.suite.junit),
        (Format::Ktap, &args.suite.ktap),
        (Format::Markdown, &args.suite.markdown),
    ];
    let places = asked.into_iter().filter_map(|(format, path)| Some((format, path.as_deref()?)));
    places.map(|(format, path)| Ok((format, ReportFile::prepare(path)?))).collect()
}

fn exit(suite: &Suite, is_interrupted: bool) -> Exit {
    let cases = suite.cases.iter().map(|case| Exit::of(case.status()));
    let exit = cases.reduce(Exit::and).unwrap_or(Exit::Pass);
    if is_interrupted { exit.and(Exit::Inconclusive) } else { exit }
}
