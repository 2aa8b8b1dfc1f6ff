//! The page of two runs: what differs between them, and the lanes of both on one axis.

use super::axis::Axis;
use super::lanes;
use super::writer::Writer;
use crate::diff::{Diff, Pair, Parting, line};
use crate::timeline::Timeline;
use ktstr_file::report::RunReport;
use ktstr_file::report::text::time;

/// How many rows of a table are shown.
const ROWS: usize = 200;

pub(super) fn differences(page: &mut Writer, one: &RunReport, other: &RunReport, diff: &Diff) {
    page.raw("<header class=\"").raw(if diff.is_none() { "pass" } else { "unsure" });
    page.raw("\">\n<p class=\"badge\">").raw(if diff.is_none() { "= THE SAME" } else { "≠ DIFFERENT" });
    page.raw("</p>\n<h1>").text(&one.scenario);
    if one.scenario != other.scenario {
        page.raw(" and ").text(&other.scenario);
    }
    page.raw("</h1>\n<ul class=\"facts\">");
    for (name, report) in [("A", one), ("B", other)] {
        let kernel = report.vm.as_ref().map_or(String::new(), |vm| format!(", Linux {}", vm.kernel_release));
        page.raw("<li><b>").raw(name).raw("</b> ").text(report.verdict.name().to_uppercase()).raw(" on ");
        page.text(&report.backend).text(kernel).raw(", seed ").text(report.seed).raw(", ");
        page.text(time(report.elapsed_ns as f64)).raw("</li>");
    }
    page.raw("</ul></header>\n");
    pairs(page, "They ran on", &diff.circumstances);
    match (&diff.done, &diff.measured) {
        (None, None) => {
            page.raw("<section><h2>Actions</h2><p>All are the same, with all times and measurements.</p></section>\n");
        }
        (None, Some(measured)) => {
            parting(
                page,
                "The same was done with the same ends. Times or measurements differ first here:",
                measured,
            );
        }
        (Some(done), _) => parting(page, "What was done differs first here:", done),
    }
    pairs(page, "Checks", &diff.checks);
    pairs(page, "Cgroups", &diff.figures);
}

fn pairs(page: &mut Writer, what: &'static str, pairs: &[Pair]) {
    if pairs.is_empty() {
        return;
    }
    page.raw("<section><h2>").raw(what).raw("</h2>\n");
    let rows: Vec<_> = pairs
        .iter()
        .take(ROWS)
        .map(|pair| [pair.what.clone(), pair.one.clone(), pair.other.clone()])
        .collect();
    page.table(["", "A", "B"], &rows);
    page.raw("</section>\n");
}

/// The actions of both runs around the place where they part, beside each other.
fn parting(page: &mut Writer, what: &'static str, parting: &Parting) {
    page.raw("<section><h2>Actions</h2>\n<p>").raw(what);
    page.raw("</p>\n<div class=\"wide\"><table><thead><tr><th></th><th scope=\"col\">A</th><th scope=\"col\">B</th></tr></thead><tbody>\n");
    let shown = |events: &[ktstr_file::report::EventEntry], at: usize| match events.get(at) {
        Some(event) => line(event),
        None => "the end".to_owned(),
    };
    for at in 0..parting.one.len().max(parting.other.len()).max(parting.at + 1) {
        let number = u64::from(parting.seq).saturating_add(at as u64).saturating_sub(parting.at as u64);
        page.raw(if at == parting.at { "<tr class=\"first\"><td>≠ " } else { "<tr><td>" })
            .text(number)
            .raw("</td>");
        page.element("<td>", shown(&parting.one, at), "</td>");
        page.element("<td>", shown(&parting.other, at), "</td></tr>\n");
    }
    page.raw("</tbody></table></div></section>\n");
}

/// The lanes of both runs, one below the other.
pub(super) fn timelines(page: &mut Writer, one: &RunReport, other: &RunReport) {
    // Gaps are linked by their numbers, and there are two first ones.
    let without_gaps = |report| Timeline { gaps: Vec::new(), ..Timeline::of(report) };
    let both = [("A", without_gaps(one)), ("B", without_gaps(other))];
    let end_ns = both.iter().map(|(_, timeline)| timeline.end_ns).max().unwrap_or(0);
    let axis = Axis::new(end_ns);
    page.raw("<section id=\"timeline\"><h2>Timelines</h2>\n");
    lanes::open(page, axis);
    for (name, timeline) in &both {
        page.raw("<div class=\"lane whose\"><div class=\"name\">")
            .raw(name)
            .raw("</div><div class=\"track\"></div></div>\n");
        lanes::content(page, axis, timeline, None);
    }
    lanes::close(page);
    page.raw("</section>\n");
}
