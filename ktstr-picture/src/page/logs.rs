//! What others wrote: payloads, schedulers, the kernel; and the scenario. Each is cut to what a page can
//! carry, and says so.

use super::head::file_name;
use super::writer::Writer;
use ktstr_file::report::RunReport;
use ktstr_file::report::text::{grouped, time};

/// How much of one text is shown, in bytes: the last of it.
const TEXT: usize = 24 * 1024;
/// How much of the scenario is shown: the first of it.
const SCENARIO: usize = 160 * 1024;
/// How many payloads and schedulers are shown.
const ENTRIES: usize = 24;
/// How many lines of the kernel are shown, and how long each is.
const LINES: (usize, usize) = (400, 400);

/// A text in a box of its own, the last of it; nothing where it is empty.
fn log(page: &mut Writer, name: &'static str, text: &str) {
    if text.is_empty() {
        return;
    }
    let from = (text.len().saturating_sub(TEXT)..).find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    page.raw("<h4>").raw(name).raw("</h4><pre tabindex=\"0\">");
    if from > 0 {
        page.raw("…\n");
    }
    page.lines(&text[from..]).raw("</pre>\n");
}

pub(super) fn payloads(page: &mut Writer, report: &RunReport) {
    if report.payloads.is_empty() {
        return;
    }
    page.raw("<section><h2>Payloads</h2>\n");
    for payload in report.payloads.iter().take(ENTRIES) {
        let end = match (payload.exit_code, payload.signal) {
            (Some(code), _) => format!("exit {code}"),
            (None, Some(signal)) => format!("killed by signal {signal}"),
            (None, None) => "its end is not known".to_owned(),
        };
        let assumed = if payload.assumed { ", made up: no program was run" } else { "" };
        page.element("<h3>", &payload.name, "</h3>\n<p>");
        page.raw("<code>").text(&payload.binary);
        for arg in &payload.args {
            page.raw(" ").text(arg);
        }
        let place = if payload.cgroup.is_empty() { "(runner)" } else { &payload.cgroup };
        page.raw("</code> in ").text(place).raw(": ").text(end).raw(assumed);
        page.raw(" after ").text(time(payload.wall_ns as f64)).raw("</p>\n");
        let metrics: Vec<_> = payload
            .metrics
            .iter()
            .map(|metric| {
                let value =
                    metric.value.map_or("not there".to_owned(), |value| format!("{value}{}", metric.unit));
                [metric.name.clone(), value]
            })
            .collect();
        page.table(["metric", "value"], &metrics);
        if let Some(words) = &payload.last_words {
            log(page, "standard output, the last of it", &words.stdout.text);
            log(page, "standard error, the last of it", &words.stderr.text);
        }
    }
    more(page, report.payloads.len());
    page.raw("</section>\n");
}

pub(super) fn schedulers(page: &mut Writer, report: &RunReport) {
    if report.schedulers.is_empty() {
        return;
    }
    page.raw("<section><h2>Schedulers</h2>\n");
    for scheduler in report.schedulers.iter().take(ENTRIES) {
        let early = if scheduler.early { "by itself, " } else { "" };
        let how = scheduler.exit.as_deref().unwrap_or("not known how");
        page.element("<h3>", &scheduler.name, "</h3>\n<p>").raw("It ended ").raw(early).text(how);
        if scheduler.code != "0" {
            page.raw(", code ").text(&scheduler.code);
        }
        page.raw(if scheduler.lost { "; lines of the kernel were lost.</p>\n" } else { ".</p>\n" });
        log(page, "its log", &scheduler.log);
        log(page, "the kernel's lines about it", &scheduler.kernel);
        log(page, "the kernel's dump", &scheduler.dump);
        log(page, "the kernel's counters", &scheduler.counters);
    }
    more(page, report.schedulers.len());
    page.raw("</section>\n");
}

fn more(page: &mut Writer, all: usize) {
    if all > ENTRIES {
        page.raw("<p class=\"cut\">").text(grouped((all - ENTRIES) as u64)).raw(" more in the report.</p>\n");
    }
}

/// The last lines of a kernel that ended.
pub(super) fn kernel(page: &mut Writer, report: &RunReport) {
    let Some(finding) = &report.finding else { return };
    page.raw("<section><h2>Kernel</h2>\n<p>").text(finding).raw("</p>\n<pre tabindex=\"0\">");
    let (most, wide) = LINES;
    for line in &finding.console[finding.console.len().saturating_sub(most)..] {
        page.text(line.chars().take(wide).collect::<String>()).raw("\n");
    }
    page.raw("</pre></section>\n");
}

/// The scenario, to be saved and run.
pub(super) fn scenario(page: &mut Writer, report: &RunReport) {
    let text = &report.scenario_toml;
    let shown =
        &text[..(0..=text.len().min(SCENARIO)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)];
    page.raw("<section id=\"scenario\"><h2>Scenario</h2>\n<p class=\"quiet\">");
    page.text(file_name(&report.scenario)).raw("</p>\n<pre tabindex=\"0\" class=\"scenario\"><code>");
    page.lines(shown).raw("</code></pre>\n");
    if shown.len() < text.len() {
        page.raw("<p class=\"cut\">It is longer; the report has all of it.</p>\n");
    }
    page.raw("</section>\n");
}
