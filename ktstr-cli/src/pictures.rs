//! What is drawn of a run, and where it goes. Whether it can be written there is found out before the run.

use crate::args::PictureArgs;
use crate::exit::Failure;
use crate::report_file::ReportFile;
use ktstr_file::report::RunReport;

/// The pictures that are asked for.
pub(crate) struct Pictures {
    html: Option<ReportFile>,
}

impl Pictures {
    /// Finds out that they can be written.
    ///
    /// # Errors
    /// When one cannot.
    pub(crate) fn prepare(args: &PictureArgs) -> Result<Self, Failure> {
        Ok(Self { html: args.html.as_deref().map(ReportFile::prepare).transpose()? })
    }

    /// Whether there is nothing to draw.
    pub(crate) fn are_none(&self) -> bool {
        self.html.is_none()
    }

    /// Whether one takes the place of what is shown on standard output.
    pub(crate) fn are_shown(&self) -> bool {
        self.html.as_ref().is_some_and(ReportFile::is_shown)
    }

    /// Draws them.
    ///
    /// # Errors
    /// When one cannot be written.
    pub(crate) fn draw(self, report: &RunReport) -> Result<(), Failure> {
        match self.html {
            Some(place) => place.write(&ktstr_picture::html(report)),
            None => Ok(()),
        }
    }
}
