//! The tables of a page: gaps and wake-ups, checks, cgroups with what they measured, actions, the machine.

use super::axis::Axis;
use super::lanes::{GAPS, is_marked};
use super::writer::Writer;
use crate::timeline::Timeline;
use ktstr_core::{MEASUREMENTS, MeasureUnit};
use ktstr_file::report::text::{check_sentence, counted, grouped, time};
use ktstr_file::report::{CgroupEntry, RunReport};

/// How many rows of checks, cgroups and actions are shown.
const ROWS: usize = 400;

fn place(path: &str) -> String {
    if path.is_empty() { "(runner)".to_owned() } else { path.to_owned() }
}

/// Says what a table left out.
fn cut(page: &mut Writer, all: usize, shown: usize) {
    if all > shown {
        let more = counted((all - shown) as u64, "more row is", "more rows are");
        page.element("<p class=\"cut\">", more, " in the report.</p>\n");
    }
}

/// The longest gaps, each with a way to its place in the lanes, and the slowest wake-ups.
pub(super) fn gaps(page: &mut Writer, report: &RunReport, timeline: &Timeline) {
    if timeline.gaps.is_empty() {
        return;
    }
    page.raw("<section><h2>Longest gaps</h2>\n<p class=\"quiet\">A gap is a time without progress, less what was slept on ");
    page.raw("purpose and frozen. Of each worker the longest is known.</p>\n<div class=\"wide\"><table><thead><tr><th>");
    page.raw("</th><th scope=\"col\">length</th><th scope=\"col\">worker</th><th scope=\"col\">from</th>");
    page.raw("<th scope=\"col\">to</th><th scope=\"col\">in</th><th scope=\"col\">went on</th></tr></thead><tbody>\n");
    let axis = Axis::new(timeline.end_ns);
    for (number, gap) in timeline.gaps.iter().take(GAPS).enumerate() {
        page.raw("<tr id=\"gap-").text(number + 1).raw("\"><td><a href=\"#");
        match is_marked(axis, gap) {
            true => page.raw("lane-gap-").text(number + 1),
            false => page.raw("timeline"),
        };
        page.raw("\" data-from=\"").text(gap.from_ns).raw("\" data-to=\"").text(gap.to_ns).raw("\">");
        page.text(number + 1).raw("</a></td>");
        page.element("<td>", time(gap.length_ns() as f64), "</td>");
        page.element(
            "<td>",
            format!("{} of {}, group {}", gap.worker, place(&gap.cgroup), gap.group),
            "</td>",
        );
        page.element("<td>", time(gap.from_ns as f64), "</td>");
        page.element("<td>", time(gap.to_ns as f64), "</td>");
        let phase = timeline.phase_at(gap.from_ns).map_or("", |phase| &phase.label);
        page.element("<td>", phase, "</td>");
        page.element("<td>", format!("CPU {}", gap.cpu), "</td></tr>\n");
    }
    page.raw("</tbody></table></div>\n");
    wakeups(page, report);
    page.raw("</section>\n");
}

fn wakeups(page: &mut Writer, report: &RunReport) {
    let mut all: Vec<_> = report
        .cgroups
        .iter()
        .flat_map(|cgroup| cgroup.workers.iter().map(move |worker| (cgroup, worker)))
        .filter(|(_, worker)| worker.wakeups > 0)
        .collect();
    all.sort_by_key(|(_, worker)| (std::cmp::Reverse(worker.wake_max_ns), worker.group, worker.worker));
    let rows: Vec<_> = all
        .iter()
        .take(GAPS)
        .map(|(cgroup, worker)| {
            [
                format!("{} of {}, group {}", worker.worker, place(&cgroup.path), worker.group),
                grouped(worker.wakeups),
                time(worker.wake_p50_ns as f64),
                time(worker.wake_p99_ns as f64),
                time(worker.wake_max_ns as f64),
            ]
        })
        .collect();
    if !rows.is_empty() {
        page.raw("<h3>Slowest wake-ups</h3>\n");
        page.table(["worker", "wake-ups", "median", "99th percentile", "longest"], &rows);
    }
}

/// All judgements; what did not hold comes first.
pub(super) fn checks(page: &mut Writer, report: &RunReport) {
    page.raw("<section><h2>Checks</h2>\n");
    let mut all: Vec<_> = report.checks.iter().collect();
    all.sort_by_key(|check| std::cmp::Reverse(check.verdict));
    let rows: Vec<_> = all
        .iter()
        .take(ROWS)
        .map(|check| {
            let (sentence, witness) = check_sentence(check);
            let what = sentence.split_once("  ").map_or(sentence.clone(), |(_, what)| what.to_owned());
            [check.verdict.name().to_owned(), what, witness]
        })
        .collect();
    page.table(["verdict", "what", "where and when"], &rows);
    if rows.is_empty() {
        page.raw("<p class=\"quiet\">None.</p>");
    }
    cut(page, all.len(), rows.len());
    page.raw("</section>\n");
}

/// What the workers of each cgroup measured, and what groups got of the CPU time.
pub(super) fn cgroups(page: &mut Writer, report: &RunReport) {
    let worked: Vec<_> = report.cgroups.iter().filter(|cgroup| !cgroup.workers.is_empty()).collect();
    if worked.is_empty() {
        return;
    }
    page.raw("<section><h2>Figures</h2>\n");
    groups(page, report);
    page.raw(
        "<div class=\"wide\"><table><thead><tr><th scope=\"col\">cgroup</th><th scope=\"col\">workers</th>",
    );
    page.raw("<th scope=\"col\">CPUs used</th>");
    for info in MEASUREMENTS.iter().filter(|info| is_shown(info.key, report)) {
        page.element("<th scope=\"col\">", info.key.trim_end_matches("_ns").replace('_', " "), "</th>");
    }
    page.raw("</tr></thead><tbody>\n");
    for cgroup in worked.iter().take(ROWS) {
        page.element("<tr><td>", place(&cgroup.path), "</td>").element("<td>", cgroup.workers.len(), "</td>");
        page.element("<td>", &cgroup.cpus_used, "</td>");
        for info in MEASUREMENTS.iter().filter(|info| is_shown(info.key, report)) {
            let value = cgroup.totals.get(info.key).unwrap_or(0);
            let shown = match info.unit {
                MeasureUnit::Count | MeasureUnit::Cpu => grouped(value),
                MeasureUnit::Time => time(value as f64),
            };
            page.element("<td>", shown, "</td>");
        }
        page.raw("</tr>\n");
    }
    page.raw("</tbody></table></div>\n");
    cut(page, worked.len(), worked.len().min(ROWS));
    page.raw("</section>\n");
}

/// Whether any cgroup has something else than 0 there.
fn is_shown(key: &str, report: &RunReport) -> bool {
    let value = |cgroup: &CgroupEntry| cgroup.totals.get(key).unwrap_or(0);
    report.cgroups.iter().any(|cgroup| value(cgroup) > 0)
}

/// The groups of workers, each with a bar of its share.
fn groups(page: &mut Writer, report: &RunReport) {
    let all: u64 = report.groups.iter().map(|group| group.totals.cpu_ns).sum();
    if all == 0 {
        return;
    }
    page.raw(
        "<div class=\"wide\"><table><thead><tr><th scope=\"col\">group</th><th scope=\"col\">cgroup</th>",
    );
    page.raw("<th scope=\"col\">work</th><th scope=\"col\">CPUs</th><th scope=\"col\">units/s</th>");
    page.raw("<th scope=\"col\">share of the CPU time</th></tr></thead><tbody>\n");
    for group in report.groups.iter().take(ROWS) {
        let share = group.totals.cpu_ns as f64 / all as f64 * 100.0;
        page.element("<tr><td>", group.group, "</td>").element("<td>", place(&group.cgroup), "</td>");
        page.element("<td>", format!("{} x {}", group.workers, group.work_type), "</td>");
        let rates = group.rates;
        page.element("<td>", rates.map_or("-".to_owned(), |rates| format!("{:.2}", rates.cpus)), "</td>");
        page.element(
            "<td>",
            rates.map_or("-".to_owned(), |rates| grouped(rates.units_per_s as u64)),
            "</td>",
        );
        page.raw("<td class=\"share\"><i").placed(0.0, share).raw("></i><b>").text(format!("{share:.1}%"));
        page.raw("</b></td></tr>\n");
    }
    page.raw("</tbody></table></div>\n");
    cut(page, report.groups.len(), report.groups.len().min(ROWS));
}

/// All actions with what came of them.
pub(super) fn events(page: &mut Writer, report: &RunReport) {
    page.raw("<section><details><summary>Actions (").text(grouped(report.events.len() as u64));
    page.raw(")</summary>\n");
    let rows: Vec<_> = report
        .events
        .iter()
        .take(ROWS)
        .map(|event| {
            let at = time(event.at_ns as f64);
            [
                event.seq.to_string(),
                at,
                event.site.clone(),
                event.action.to_string(),
                event.outcome.to_string(),
            ]
        })
        .collect();
    page.table(["", "at", "asked by", "action", "outcome"], &rows);
    cut(page, report.events.len(), rows.len());
    page.raw("</details></section>\n");
}

/// What it ran on.
pub(super) fn machine(page: &mut Writer, report: &RunReport) {
    let mut rows = vec![["CPUs".to_owned(), report.topology.cpus.clone()]];
    rows.extend(report.topology.shape.iter().map(|shape| ["shape".to_owned(), shape.clone()]));
    if let Some(vm) = &report.vm {
        for (name, value) in [
            ("kernel", &vm.kernel_release),
            ("SHA-256 of the kernel", &vm.kernel_sha256),
            ("SHA-256 of the guest's image", &vm.image_sha256),
            ("emulator", &vm.qemu_version),
            ("accelerator", &vm.accel),
        ] {
            rows.push([name.to_owned(), value.clone()]);
        }
        rows.extend(vm.warnings.iter().map(|warning| ["warning".to_owned(), warning.clone()]));
        rows.extend(vm.notes.iter().map(|note| ["note".to_owned(), note.clone()]));
    }
    page.raw("<section><details><summary>Machine</summary>\n");
    page.table(["", ""], &rows);
    page.raw("</details></section>\n");
}
