//! `ktstr show`: a report that was written, as text or as pictures.

use crate::args::Show;
use crate::exit::{Exit, Failure};
use crate::output::out;
use crate::pictures::{Pictures, read_trace};
use crate::report_file;
use ktstr_file::report::text::render_text;

/// Shows it, or draws what is asked for. How the run ended decides nothing here: what was asked for is to see
/// it.
pub(crate) fn run(args: &Show) -> Result<Exit, Failure> {
    let pictures = Pictures::prepare(&args.pictures, None)?;
    let report = report_file::read(&args.report)?;
    let trace = args.trace.as_deref().map(read_trace).transpose()?;
    if pictures.are_none() {
        out(&render_text(&report))?;
    }
    pictures.draw(&report, trace.as_ref())?;
    Ok(Exit::Pass)
}
