//! `ktstr diff`: what differs between two runs.

use crate::args;
use crate::exit::{Exit, Failure};
use crate::output::out;
use crate::report_file::{self, ReportFile};
use ktstr_picture::{Diff, html_of_two};

/// Exits as runs do: 0 where what happened is the same, 1 where it is not.
pub(crate) fn run(args: &args::Diff) -> Result<Exit, Failure> {
    let page = args.html.as_deref().map(ReportFile::prepare).transpose()?;
    let (one, other) = (report_file::read(&args.one)?, report_file::read(&args.other)?);
    let diff = Diff::between(&one, &other);
    if !page.as_ref().is_some_and(ReportFile::is_shown) {
        out(&diff.text())?;
    }
    if let Some(page) = page {
        page.write(&html_of_two(&one, &other))?;
    }
    Ok(if diff.is_none() { Exit::Pass } else { Exit::Failed })
}
