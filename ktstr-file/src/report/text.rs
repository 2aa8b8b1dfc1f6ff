//! A report as people read it: a table of cgroups, one of payloads, every check that did not pass with its value beside
//! its bound, and what the payloads that failed had to say.

use super::finding::finding;
use super::last_words::last_words;
use super::signal::signal_text;
use super::terminal::{harmless, harmless_line};
use super::{CheckEntry, OverrunEntry, PayloadEntry, RunReport};
use ktstr_core::{CheckKind, Verdict};
use std::fmt::Write as _;

/// The report as plain text, with a newline at the end. Nothing in it acts on a terminal, whatever names and programs say.
pub fn render_text(report: &RunReport) -> String {
    harmless(&plain_text(report)).into_owned()
}

fn plain_text(report: &RunReport) -> String {
    let mut out = String::new();
    let verdict = report.verdict.name().to_uppercase();
    let _ = writeln!(
        out,
        "{verdict}  {}  on {}, seed {}, {}",
        harmless_line(&report.scenario),
        harmless_line(&report.backend),
        report.seed,
        time(report.elapsed_ns as f64)
    );
    if !report.backend_reason.is_empty() {
        let _ = writeln!(out, "      {}", harmless_line(&report.backend_reason));
    }
    out.push_str(&finding(report));
    out.push_str(&cgroups(report));
    out.push_str(&payloads(report));
    out.push_str(&captures(report));
    out.push_str(&checks(report));
    out.push_str(&overruns(report));
    out.push_str(&last_words(report));
    if let Some(error) = &report.error {
        let _ = writeln!(out, "\nerror at {}: {}", error.site, harmless_line(&error.message));
    }
    if !report.leftovers.is_empty() {
        let _ = writeln!(
            out,
            "\nleft behind: {}; `ktstr clean` removes what is ours",
            harmless_line(&report.leftovers.join(", "))
        );
    }
    if let Some(vm) = &report.vm {
        let origin = if vm.qemu_origin.is_empty() { String::new() } else { format!(", {}", vm.qemu_origin) };
        let _ = writeln!(out, "\nvm: Linux {}, {}{origin}, {}", vm.kernel_release, vm.qemu_version, vm.accel);
        if let Some(state) = &vm.state_sha256 {
            let _ = writeln!(out, "    went on from the saved state {state}");
        }
        if vm.attempt > 0 {
            let _ = writeln!(out, "    QEMU executed the guest wrongly before this boot: {}", vm.attempt);
        }
        for warning in &vm.warnings {
            let _ = writeln!(out, "    warning: {warning}");
        }
        for note in &vm.notes {
            let _ = writeln!(out, "    {}", harmless_line(note));
        }
    }
    out
}

fn cgroups(report: &RunReport) -> String {
    let mut rows =
        vec![["cgroup", "workers", "cpuset", "CPUs used", "iterations", "longest gap"].map(str::to_owned)];
    for cgroup in &report.cgroups {
        let ran = !cgroup.workers.is_empty();
        rows.push([
            place(&cgroup.path),
            cgroup.workers.len().to_string(),
            cgroup.cpuset.clone().unwrap_or_else(|| "-".to_owned()),
            if cgroup.cpus_used.is_empty() { "-".to_owned() } else { cgroup.cpus_used.clone() },
            if ran { grouped(cgroup.iterations) } else { "-".to_owned() },
            if ran { time(cgroup.max_gap_ns as f64) } else { "-".to_owned() },
        ]);
    }
    if rows.len() == 1 { String::new() } else { format!("\n{}", table(&rows)) }
}

fn payloads(report: &RunReport) -> String {
    let mut rows = vec![["payload", "cgroup", "end", "time", "metrics"].map(str::to_owned)];
    for payload in &report.payloads {
        rows.push([
            payload.name.clone(),
            place(&payload.cgroup),
            ending(payload),
            time(payload.wall_ns as f64),
            metrics(payload),
        ]);
    }
    let cut: String = report
        .payloads
        .iter()
        .filter(|payload| payload.cut_bytes > 0)
        .map(|payload| {
            format!(
                "{}: {} bytes of output were not kept\n",
                harmless_line(&payload.name),
                grouped(payload.cut_bytes)
            )
        })
        .collect();
    if rows.len() == 1 { String::new() } else { format!("\n{}{cut}", table(&rows)) }
}

/// How many numbers of processes are shown; all of them are in the JSON report.
const SHOWN_PIDS: usize = 8;

fn captures(report: &RunReport) -> String {
    let mut rows = vec![["capture", "cgroup", "at", "processes", "pids"].map(str::to_owned)];
    for capture in &report.captures {
        rows.push([
            capture.tag.clone(),
            place(&capture.cgroup),
            time(capture.at_ns as f64),
            capture.procs.to_string(),
            capture.pids.as_deref().map_or("-".to_owned(), pids),
        ]);
    }
    if rows.len() == 1 { String::new() } else { format!("\n{}", table(&rows)) }
}

fn pids(all: &[u32]) -> String {
    let shown: Vec<_> = all.iter().take(SHOWN_PIDS).map(u32::to_string).collect();
    match all.len() {
        0 => "-".to_owned(),
        count if count > SHOWN_PIDS => format!("{} …", shown.join(" ")),
        _ => shown.join(" "),
    }
}

/// How many holds that took too long are shown; all of them are in the JSON report.
const SHOWN_OVERRUNS: usize = 5;

fn overruns(report: &RunReport) -> String {
    let all = &report.overruns;
    let mut out = if all.is_empty() { String::new() } else { "\nholds that took too long:\n".to_owned() };
    for OverrunEntry { site, asked_ns, took_ns } in all.iter().take(SHOWN_OVERRUNS) {
        let (asked, took) = (time(*asked_ns as f64), time(*took_ns as f64));
        let _ = writeln!(out, "  {} took {took} and was to take {asked}", harmless_line(site));
    }
    if all.len() > SHOWN_OVERRUNS {
        let _ = writeln!(out, "  and {} more", all.len() - SHOWN_OVERRUNS);
    }
    out
}

pub(super) fn place(path: &str) -> String {
    if path.is_empty() { "(runner)".to_owned() } else { path.to_owned() }
}

pub(super) fn ending(payload: &PayloadEntry) -> String {
    match (payload.exit_code, payload.signal) {
        (Some(code), _) => format!("exit {code}"),
        (None, Some(signal)) => signal_text(signal),
        (None, None) => "-".to_owned(),
    }
}

fn metrics(payload: &PayloadEntry) -> String {
    let shown: Vec<_> = payload
        .metrics
        .iter()
        .map(|metric| match metric.value {
            Some(value) => format!("{}={value}{}", metric.name, metric.unit),
            None => format!("{}=?", metric.name),
        })
        .collect();
    if shown.is_empty() { "-".to_owned() } else { shown.join(" ") }
}

fn checks(report: &RunReport) -> String {
    if report.checks.is_empty() && report.finding.is_some() {
        return String::new();
    }
    if report.checks.is_empty() {
        return "\nchecks: none\n".to_owned();
    }
    let count = |verdict| report.checks.iter().filter(|check| check.verdict == verdict).count();
    let counts: Vec<_> = [Verdict::Pass, Verdict::Fail, Verdict::Inconclusive, Verdict::Skip]
        .into_iter()
        .filter(|verdict| count(*verdict) > 0)
        .map(|verdict| format!("{} {}", count(verdict), verdict.name()))
        .collect();
    let mut out = format!("\nchecks: {}\n", counts.join(", "));
    for (sentence, times) in grouped_sentences(report) {
        let again = if times > 1 { format!(" ({times} times)") } else { String::new() };
        let _ = writeln!(out, "  {sentence}{again}");
    }
    out
}

/// The checks that did not hold, each sentence once, with how often it was to be said.
fn grouped_sentences(report: &RunReport) -> Vec<(String, usize)> {
    let mut sentences: Vec<(String, usize)> = Vec::new();
    let failed = |check: &&CheckEntry| matches!(check.verdict, Verdict::Fail | Verdict::Inconclusive);
    for check in report.checks.iter().filter(failed) {
        let new = sentence(check, &report.payloads);
        match sentences.iter_mut().find(|(known, _)| *known == new) {
            Some((_, times)) => *times += 1,
            None => sentences.push((new, 1)),
        }
    }
    sentences
}

/// One check with its value beside its bound; the exit code of a payload that has none is the signal that has ended it.
fn sentence(check: &CheckEntry, payloads: &[PayloadEntry]) -> String {
    let subject = match check.kind {
        CheckKind::ExitCode
        | CheckKind::EndedInTime
        | CheckKind::MetricMin
        | CheckKind::MetricMax
        | CheckKind::MetricExists => check.subject.clone(),
        _ => place(&check.subject),
    };
    let metric =
        check.metric.as_ref().map(|metric| format!(" {}", harmless_line(metric))).unwrap_or_default();
    let unmeasured = || match check.kind {
        CheckKind::ExitCode => payloads
            .iter()
            .filter(|payload| payload.name == check.subject)
            .find_map(|payload| payload.signal)
            .map_or("it has not exited".to_owned(), |signal| format!("ended by {}", signal_text(signal))),
        _ => "nothing to measure".to_owned(),
    };
    let value = check.value.map_or_else(unmeasured, |value| quantity(check.kind, value));
    let bound = check.bound.map_or("no bound".to_owned(), |bound| quantity(check.kind, bound));
    format!(
        "{}  {} of {}{metric}: {value}, {} {bound}",
        check.verdict.name(),
        check.kind.name(),
        harmless_line(&subject),
        relation(check.kind)
    )
}

fn relation(kind: CheckKind) -> &'static str {
    match kind {
        CheckKind::NotStarved | CheckKind::MinWorkRate | CheckKind::MetricMin => "at least",
        CheckKind::ExitCode | CheckKind::MetricExists => "expected",
        _ => "at most",
    }
}

fn quantity(kind: CheckKind, value: f64) -> String {
    match kind {
        CheckKind::MaxGap | CheckKind::MaxP99WakeLatency | CheckKind::EndedInTime => time(value),
        CheckKind::MaxSpread => format!("{value:.1} points"),
        CheckKind::MaxThroughputCv => format!("{value:.3}"),
        CheckKind::Isolation => format!("{value} CPUs outside"),
        CheckKind::MinWorkRate => format!("{value:.0} units/s"),
        _ => format!("{value}"),
    }
}

/// A time in nanoseconds with three or four digits.
pub fn time(ns: f64) -> String {
    let (value, unit) = match ns {
        ns if ns >= 1e9 => (ns / 1e9, "s"),
        ns if ns >= 1e6 => (ns / 1e6, "ms"),
        ns if ns >= 1e3 => (ns / 1e3, "us"),
        ns => return format!("{ns:.0}ns"),
    };
    let digits = if value >= 100.0 {
        0
    } else if value >= 10.0 {
        1
    } else {
        2
    };
    format!("{value:.digits$}{unit}")
}

/// A number with a comma before each three digits.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Rows with their columns aligned; the first row is the heading. A row is one line, whatever its cells say.
pub fn table<const COLUMNS: usize>(rows: &[[String; COLUMNS]]) -> String {
    let shown = |row: &[String; COLUMNS]| row.each_ref().map(|cell| harmless_line(cell));
    let rows: Vec<_> = rows.iter().map(shown).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<_> = (0..COLUMNS).map(width).collect();
    let mut out = String::new();
    for row in &rows {
        let cells: Vec<_> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        out.push_str(cells.join("  ").trim_end());
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        for (ns, shown) in
            [(0.0, "0ns"), (999.0, "999ns"), (1_500.0, "1.50us"), (12_345_678.0, "12.3ms"), (2e11, "200s")]
        {
            assert_eq!(time(ns), shown);
        }
        for (number, shown) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(number), shown);
        }
    }

    #[test]
    fn a_failed_check_stands_beside_its_bound() {
        let check = |kind, metric: Option<&str>, value, bound| CheckEntry {
            kind,
            subject: "cell".to_owned(),
            metric: metric.map(str::to_owned),
            value,
            bound: Some(bound),
            verdict: Verdict::Fail,
        };
        for (check, shown) in [
            (check(CheckKind::MaxGap, None, Some(2.5e9), 2e9), "fail  max_gap of cell: 2.50s, at most 2.00s"),
            (check(CheckKind::NotStarved, None, Some(0.0), 1.0), "fail  not_starved of cell: 0, at least 1"),
            (check(CheckKind::ExitCode, None, Some(3.0), 0.0), "fail  exit_code of cell: 3, expected 0"),
            (
                check(CheckKind::ExitCode, None, None, 0.0),
                "fail  exit_code of cell: it has not exited, expected 0",
            ),
            (
                check(CheckKind::MetricMin, Some("iops"), Some(5.0), 10.0),
                "fail  metric_min of cell iops: 5, at least 10",
            ),
            (
                check(CheckKind::MetricMax, Some("lat"), None, 10.0),
                "fail  metric_max of cell lat: nothing to measure, at most 10",
            ),
        ] {
            assert_eq!(sentence(&check, &[]), shown);
        }
    }
}
