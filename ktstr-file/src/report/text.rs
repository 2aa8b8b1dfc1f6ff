//! A report as people read it: a table of cgroups, one of payloads, every check that did not pass with its
//! value beside its bound, and what the payloads that failed had to say.

use super::checks_text::checks;
pub use super::checks_text::{check_name, check_sentence, reasons};
use super::finding::finding;
use super::last_words::last_words;
use super::notice::notices;
use super::permitted;
use super::phases::phases;
use super::scheduler::schedulers;
use super::signal::signal_text;
use super::terminal::{harmless, harmless_line};
pub use super::words::{counted, grouped, time};
use super::{CgroupEntry, GroupEntry, OverrunEntry, PayloadEntry, RunReport, UnmodelledEntry};
use crate::notes::NoteEntry;
use ktstr_core::{MEASUREMENTS, MeasureInfo, MeasureUnit};
use std::fmt::Write as _;

/// The report as plain text, with a newline at the end. Nothing in it acts on a terminal, whatever names and
/// programs say.
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
    if let Some(why) = &report.skipped {
        let _ = writeln!(out, "      skipped: {}", harmless_line(why));
    }
    out.push_str(&finding(report));
    out.push_str(&cgroups(report));
    out.push_str(&groups(report));
    out.push_str(&phases(&report.phases));
    out.push_str(&payloads(report));
    out.push_str(&schedulers(report));
    out.push_str(&captures(report));
    out.push_str(&checks(report));
    out.push_str(&permitted::text(&report.permitted));
    out.push_str(&notes(&report.notes));
    out.push_str(&overruns(report));
    out.push_str(&notices(report));
    for UnmodelledEntry { cgroup, file } in &report.unmodelled {
        let _ = writeln!(out, "not modelled: {file} of {} has no effect here", harmless_line(cgroup));
    }
    out.push_str(&last_words(report));
    if let Some(error) = &report.error {
        let step = error.step.as_ref().map_or(String::new(), |step| format!(" ({})", harmless_line(step)));
        let _ = writeln!(out, "\nerror at {}{step}: {}", error.site, harmless_line(&error.message));
    }
    if !report.leftovers.is_empty() {
        let _ = writeln!(out, "\nleft behind: {}", harmless_line(&report.leftovers.join(", ")));
    }
    if let Some(trace) = &report.trace {
        let lost = counted(trace.lost, "record was", "records were");
        let _ = writeln!(out, "\ntraced, which costs time: a run without a trace is another; {lost} lost");
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

/// The measurements that have a column in the table of cgroups.
fn columns() -> impl Iterator<Item = &'static MeasureInfo> {
    MEASUREMENTS.iter().filter(|info| !info.heading.is_empty())
}

fn measured(info: &MeasureInfo, cgroup: &CgroupEntry) -> String {
    match cgroup.totals.get(info.key).filter(|_| !cgroup.workers.is_empty()) {
        None => "-".to_owned(),
        Some(value) => match info.unit {
            MeasureUnit::Count | MeasureUnit::Cpu => grouped(value),
            MeasureUnit::Time => time(value as f64),
        },
    }
}

fn cgroups(report: &RunReport) -> String {
    let fixed = ["cgroup", "workers", "cpuset", "CPUs used"];
    let headings = fixed.into_iter().chain(columns().map(|info| info.heading));
    let mut rows = vec![headings.map(str::to_owned).collect::<Vec<_>>()];
    for cgroup in &report.cgroups {
        let used = if cgroup.cpus_used.is_empty() { "-" } else { &cgroup.cpus_used };
        let fixed = [
            place(&cgroup.path),
            cgroup.workers.len().to_string(),
            cgroup.cpuset.clone().unwrap_or_else(|| "-".to_owned()),
            used.to_owned(),
        ];
        rows.push(fixed.into_iter().chain(columns().map(|info| measured(info, cgroup))).collect());
    }
    if rows.len() == 1 { String::new() } else { format!("\n{}", table(&rows)) }
}

fn groups(report: &RunReport) -> String {
    let mut rows = vec![
        ["group", "cgroup", "work", "window", "iterations/s", "units/s", "CPUs", "CPU time", "share"]
            .map(str::to_owned),
    ];
    let all = report.groups.iter().map(|group| group.totals.cpu_ns as f64).sum();
    rows.extend(report.groups.iter().map(|entry| group(entry, all)));
    if rows.len() == 1 { String::new() } else { format!("\n{}", table(&rows)) }
}

/// A group, and which share it had of the CPU time that `all` groups together had, in nanoseconds.
fn group(group: &GroupEntry, all: f64) -> [String; 9] {
    let cpu = group.totals.cpu_ns as f64;
    let none = || "-".to_owned();
    let rate = |of: fn(&super::RatesEntry) -> f64| {
        group.rates.as_ref().map_or_else(none, |rates| grouped(of(rates).round() as u64))
    };
    let window = group
        .window
        .map(|window| format!("{} to {}", time(window.start_ns as f64), time(window.end_ns as f64)));
    [
        group.group.to_string(),
        place(&group.cgroup),
        format!("{} x {}", group.workers, group.work_type),
        window.unwrap_or_else(none),
        rate(|rates| rates.iterations_per_s),
        rate(|rates| rates.units_per_s),
        group.rates.map_or_else(none, |rates| format!("{:.2}", rates.cpus)),
        time(cpu),
        if all > 0.0 { format!("{:.1}%", cpu / all * 100.0) } else { none() },
    ]
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
            let bytes = counted(payload.cut_bytes, "byte", "bytes");
            let were = if payload.cut_bytes == 1 { "was" } else { "were" };
            format!("{}: {bytes} of output {were} not kept\n", harmless_line(&payload.name))
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

fn notes(all: &[NoteEntry]) -> String {
    let mut out = if all.is_empty() { String::new() } else { "\nnotes:\n".to_owned() };
    for NoteEntry { code, site, message, .. } in all {
        let [code, site, message] = [code, site, message].map(|text| harmless_line(text));
        let _ = writeln!(out, "  [{code}] {message} ({site})");
    }
    out
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
    let end = match (payload.exit_code, payload.signal) {
        (Some(code), _) => format!("exit {code}"),
        (None, Some(signal)) => signal_text(signal),
        (None, None) => "-".to_owned(),
    };
    if payload.assumed { format!("{end} (assumed)") } else { end }
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

/// Rows with their columns aligned; the first row is the heading. A row is one line, whatever its cells say.
pub fn table<R: AsRef<[String]>>(rows: &[R]) -> String {
    let shown = |row: &R| row.as_ref().iter().map(|cell| harmless_line(cell)).collect();
    let rows: Vec<Vec<String>> = rows.iter().map(shown).collect();
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let cell = |row: &Vec<String>, column: usize| row.get(column).map_or(0, |cell| cell.chars().count());
    let width = |column| rows.iter().map(|row| cell(row, column)).max().unwrap_or(0);
    let widths: Vec<_> = (0..columns).map(width).collect();
    let mut out = String::new();
    for row in &rows {
        let cells: Vec<_> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        out.push_str(cells.join("  ").trim_end());
        out.push('\n');
    }
    out
}
