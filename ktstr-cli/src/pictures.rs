//! What is drawn of a run, and where it goes, and the trace that it is drawn from. Whether it can be
//! written there is found out before the run.

use crate::args::PictureArgs;
use crate::exit::Failure;
use crate::report_file::ReportFile;
use ktstr_file::report::RunReport;
use ktstr_picture::{Trace, html, perfetto};
use std::path::Path;

/// The pictures that are asked for.
pub(crate) struct Pictures {
    html: Option<ReportFile>,
    perfetto: Option<ReportFile>,
    trace: Option<ReportFile>,
}

impl Pictures {
    /// Finds out that they can be written, and the trace that they are drawn from.
    ///
    /// # Errors
    /// When one cannot.
    pub(crate) fn prepare(args: &PictureArgs, trace: Option<&Path>) -> Result<Self, Failure> {
        let place = |path: Option<&Path>| path.map(ReportFile::prepare).transpose();
        let (html, perfetto) = (place(args.html.as_deref())?, place(args.perfetto.as_deref())?);
        let pictures = Self { html, perfetto, trace: place(trace)? };
        if [&pictures.perfetto, &pictures.trace].into_iter().flatten().any(ReportFile::is_shown) {
            return Err(Failure::invalid("--perfetto and --trace write no text: name a file"));
        }
        Ok(pictures)
    }

    /// Whether there is nothing to draw.
    pub(crate) fn are_none(&self) -> bool {
        self.html.is_none() && self.perfetto.is_none()
    }

    /// Whether one takes the place of what is shown on standard output.
    pub(crate) fn are_shown(&self) -> bool {
        self.html.as_ref().is_some_and(ReportFile::is_shown)
    }

    /// Draws them from a report and a trace as it came; that is written too.
    ///
    /// # Errors
    /// When one cannot be written, or the trace is none.
    pub(crate) fn draw_run(self, report: &RunReport, trace: Option<Vec<u8>>) -> Result<(), Failure> {
        let Some(bytes) = trace else { return self.draw(report, None) };
        let Self { html, perfetto, trace } = self;
        if let Some(place) = trace {
            place.write_bytes(&bytes)?;
        }
        let read = Trace::read(&bytes)
            .map_err(|why| Failure::environment(format!("the trace of the guest: {why}")))?;
        Self { html, perfetto, trace: None }.draw(report, Some(&read))
    }

    /// Draws them.
    ///
    /// # Errors
    /// When one cannot be written.
    pub(crate) fn draw(self, report: &RunReport, trace: Option<&Trace>) -> Result<(), Failure> {
        if let Some(place) = self.html {
            place.write(&html(report, trace))?;
        }
        match self.perfetto {
            Some(place) => place.write_bytes(&perfetto(report, trace)),
            None => Ok(()),
        }
    }
}

/// The largest trace that is read, in bytes.
const MAX_BYTES: u64 = 256 << 20;

/// Reads a trace that was written.
///
/// # Errors
/// When there is no such file, or it is no trace.
pub(crate) fn read_trace(path: &Path) -> Result<Trace, Failure> {
    let unreadable =
        |why: String| Failure::invalid(format!("{}: {why}; give a file that --trace wrote", path.display()));
    let size = std::fs::metadata(path).map_err(|error| unreadable(error.to_string()))?.len();
    if size > MAX_BYTES {
        return Err(unreadable("the file is too large".to_owned()));
    }
    let bytes = std::fs::read(path).map_err(|error| unreadable(error.to_string()))?;
    Trace::read(&bytes).map_err(|why| unreadable(format!("this is no trace: {why}")))
}
