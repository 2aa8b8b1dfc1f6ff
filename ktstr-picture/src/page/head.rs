//! The top of a page: the verdict, why it is so, the line that runs it again, and what stands out.

use super::writer::Writer;
use crate::remarks::Remark;
use ktstr_core::Verdict;
use ktstr_file::report::RunReport;
use ktstr_file::report::text::{counted, reasons, time};

/// How many reasons are shown; the table of checks has more.
const REASONS: usize = 20;

/// What comes before all that is shown; the title is put together from its parts.
pub(super) fn head(page: &mut Writer, title: &[&str], style: &'static str) {
    page.raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    page.raw("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; ");
    page.raw(
        "style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n",
    );
    page.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    page.raw("<meta name=\"color-scheme\" content=\"light dark\">\n<title>");
    for part in title {
        page.text(part).raw(" · ");
    }
    page.raw("ktstr</title>\n<style>");
    page.raw(style).raw("</style>\n</head>\n<body>\n");
    page.raw("<a class=\"skip\" href=\"#timeline\">To the timeline</a>\n");
}

pub(super) fn verdict(page: &mut Writer, report: &RunReport) {
    let (class, glyph) = match report.verdict {
        Verdict::Pass => ("pass", "✓"),
        Verdict::Fail => ("fail", "✗"),
        Verdict::Inconclusive => ("unsure", "?"),
        Verdict::Skip => ("skipped", "–"),
    };
    page.raw("<header class=\"")
        .raw(class)
        .raw("\">\n<p class=\"badge\"><span aria-hidden=\"true\">")
        .raw(glyph);
    page.raw("</span> ").text(report.verdict.name().to_uppercase()).raw("</p>\n");
    page.element("<h1>", &report.scenario, "</h1>\n<ul class=\"facts\">");
    for (name, value) in facts(report) {
        page.raw("<li><b>").raw(name).raw("</b> ").text(value).raw("</li>");
    }
    page.raw("</ul>\n");
    why(page, report);
    page.raw("</header>\n");
}

fn facts(report: &RunReport) -> Vec<(&'static str, String)> {
    let mut facts = vec![("ran on", report.backend.clone())];
    if let Some(vm) = &report.vm {
        facts.push(("kernel", vm.kernel_release.clone()));
    }
    let machine = report.topology.shape.clone().unwrap_or_else(|| format!("CPUs {}", report.topology.cpus));
    facts.extend([
        ("machine", machine),
        ("seed", report.seed.to_string()),
        ("took", time(report.elapsed_ns as f64)),
        ("checks", counts(report)),
    ]);
    facts
}

/// How many checks ended how.
fn counts(report: &RunReport) -> String {
    let count = |verdict| report.checks.iter().filter(|check| check.verdict == verdict).count();
    let parts: Vec<_> = [Verdict::Pass, Verdict::Fail, Verdict::Inconclusive, Verdict::Skip]
        .into_iter()
        .filter(|verdict| count(*verdict) > 0)
        .map(|verdict| format!("{} {}", count(verdict), verdict.name()))
        .collect();
    if parts.is_empty() { "none".to_owned() } else { parts.join(", ") }
}

fn why(page: &mut Writer, report: &RunReport) {
    let all = reasons(report);
    if let Some(why) = &report.skipped {
        page.element("<p>Skipped: ", why, "</p>\n");
    }
    if all.is_empty() {
        if report.verdict == Verdict::Pass {
            let held = counted(report.checks.len() as u64, "check", "checks");
            page.element("<p>", held, " held, and nothing was left behind.</p>\n");
        }
        return;
    }
    page.raw("<ul class=\"why\">");
    for reason in all.iter().take(REASONS) {
        page.element("<li>", reason, "</li>");
    }
    if all.len() > REASONS {
        page.raw("<li>and ").text(all.len() - REASONS).raw(" more, in the table of checks</li>");
    }
    page.raw("</ul>\n");
}

/// The line that runs it again.
pub(super) fn again(page: &mut Writer, report: &RunReport) {
    page.raw("<section class=\"again\"><h2>Again</h2>\n<pre><code id=\"again\">");
    page.text(command(report))
        .raw("</code></pre>\n<p class=\"quiet\">with the scenario at the end of this page in ");
    page.element("<code>", file_name(&report.scenario), "</code>");
    if report.backend == "linux" {
        page.raw("; a run on Linux is not the same twice");
    }
    page.raw("</p></section>\n");
}

/// The command, all of it in characters that no shell acts on.
fn command(report: &RunReport) -> String {
    let machine = match &report.topology.shape {
        Some(shape) if report.backend != "linux" => format!(" --topology {}", plain(shape)),
        _ => String::new(),
    };
    let kernel =
        report.vm.as_ref().map(|vm| format!(" --kernel {}", plain(&vm.kernel_release))).unwrap_or_default();
    let accel =
        report.vm.as_ref().filter(|vm| vm.accel != "tcg").map(|vm| format!(" --accel {}", plain(&vm.accel)));
    // What is traced is another run.
    let traced = if report.trace.is_some() { " --trace run.trace" } else { "" };
    format!(
        "ktstr run --backend {}{machine}{kernel}{}{traced} --seed {} {}",
        plain(&report.backend),
        accel.unwrap_or_default(),
        report.seed,
        file_name(&report.scenario)
    )
}

/// A file name for a scenario.
pub(super) fn file_name(scenario: &str) -> String {
    let stem: String = plain(scenario).trim_start_matches(['-', '.']).chars().take(60).collect();
    format!("{}.toml", if stem.is_empty() { "scenario" } else { &stem })
}

/// A word without anything that a shell acts on.
fn plain(word: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || "-._+".contains(c);
    word.chars().map(|c| if safe(c) { c } else { '-' }).collect()
}

/// What stands out, a sentence each.
pub(super) fn stands_out(page: &mut Writer, remarks: &[Remark]) {
    page.raw("<section><h2>What stands out</h2>\n");
    if remarks.is_empty() {
        page.raw(
            "<p class=\"quiet\">Nothing: no frozen or throttled group, no long gap, nothing unasked for.</p>",
        );
    } else {
        page.raw("<ul class=\"remarks\">");
        for remark in remarks {
            page.raw("<li><b>").raw(remark.topic).raw("</b><span>").text(&remark.sentence).raw("</span>");
            if let Some((from, to)) = remark.window {
                page.raw(" <a href=\"#timeline\" data-from=\"").text(from).raw("\" data-to=\"").text(to);
                page.raw("\">show</a>");
            }
            page.raw("</li>\n");
        }
        page.raw("</ul>");
    }
    page.raw("</section>\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_has_nothing_that_a_shell_acts_on() {
        for (name, file) in [
            ("quickstart", "quickstart.toml"),
            ("two cells; rm -rf /", "two-cells--rm--rf--.toml"),
            ("--help", "help.toml"),
            ("", "scenario.toml"),
            ("$(x)`y`", "x--y-.toml"),
        ] {
            assert_eq!(file_name(name), file);
        }
    }
}
