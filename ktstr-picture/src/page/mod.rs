//! The page of a run: one HTML file that needs nothing else, read from the top. First the verdict and why,
//! then how to have it again, what stands out, the lanes on one axis, and tables and logs for those who read.

mod axis;
mod cpus;
mod figures;
mod head;
mod lanes;
mod limits;
mod logs;
mod pair;
mod thin;
mod writer;

use crate::diff::Diff;
use crate::remarks::remarks;
use crate::timeline::Timeline;
use crate::trace::Trace;
use cpus::CpuLanes;
use ktstr_file::report::RunReport;
use writer::Writer;

/// The largest page, in bytes. What is cut to keep it is said in the page.
pub const MAX_PAGE: usize = 2_000_000;

/// What the page looks like.
const STYLE: &str = include_str!("style.css");
/// What moves in it: a cursor on the axis and its zoom. All is there to be read without it.
const SCRIPT: &str = include_str!("script.js");

/// The page of a report, and of the trace of that run where there is one.
pub fn html(report: &RunReport, trace: Option<&Trace>) -> String {
    let timeline = Timeline::of(report);
    let cpus = trace.map(|trace| CpuLanes::of(report, trace, &timeline));
    let mut page = Writer::default();
    head::head(&mut page, &[report.verdict.name(), &report.scenario], STYLE);
    page.raw("<main>\n");
    head::verdict(&mut page, report);
    head::again(&mut page, report);
    head::stands_out(&mut page, &remarks(report, &timeline));
    lanes::timeline(&mut page, report, &timeline, cpus.as_ref());
    if let Some(cpus) = &cpus {
        cpus.tables(&mut page);
    }
    figures::gaps(&mut page, report, &timeline);
    figures::checks(&mut page, report);
    figures::cgroups(&mut page, report);
    logs::payloads(&mut page, report);
    logs::schedulers(&mut page, report);
    logs::kernel(&mut page, report);
    figures::events(&mut page, report);
    logs::scenario(&mut page, report);
    figures::machine(&mut page, report);
    finish(page)
}

/// The page of two runs: what differs, and the lanes of both on one axis.
pub fn html_of_two(one: &RunReport, other: &RunReport) -> String {
    let mut page = Writer::default();
    head::head(&mut page, &["difference", &one.scenario], STYLE);
    page.raw("<main>\n");
    pair::differences(&mut page, one, other, &Diff::between(one, other));
    pair::timelines(&mut page, one, other);
    finish(page)
}

fn finish(mut page: Writer) -> String {
    page.raw("</main>\n<script>").raw(SCRIPT).raw("</script>\n</body>\n</html>\n");
    page.finish()
}
