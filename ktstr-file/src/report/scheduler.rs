//! Schedulers in a report: how each fared from its attaching to its detaching, and what it and the kernel
//! said of it, as text without the colours of a terminal; for people a few lines of it where it left by
//! itself.

use super::RunReport;
use super::terminal::harmless_line;
use super::text::{counted, table, time};
use ktstr_core::{Scheduler, SchedulerEnd, SchedulerSource};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// How much of each source is kept, in bytes; backends send less.
const MOST: usize = 64 * 1024;
/// How many lines of each source are shown; the JSON report has all that was kept.
const LINES: usize = 12;

/// One attaching of a scheduler.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SchedulerEntry {
    /// What it is called.
    pub name: String,
    /// Its program.
    pub binary: String,
    /// The arguments of that, with their placeholders.
    pub args: Vec<String>,
    /// From when to when it was attached, in nanoseconds from the start of the run; nothing where it was
    /// never ready.
    pub window: Option<super::WindowEntry>,
    /// The kind of its exit; nothing where it never was ready, or where that is not known.
    pub exit: Option<String>,
    /// Its exit code, as text: it has 64 bits.
    pub code: String,
    /// Whether it left before it was asked to.
    pub early: bool,
    /// Whether it left in the way that is expected of it.
    pub expected: bool,
    /// Whether records of the kernel's log were lost meanwhile.
    pub lost: bool,
    /// The code that its program exited with.
    pub exit_code: Option<i32>,
    /// The signal that killed its program.
    pub signal: Option<i32>,
    /// Whether no program was run and all of this is made up.
    pub assumed: bool,
    /// What its program wrote: the first and the last of it.
    pub log: String,
    /// The kernel's lines about sched_ext.
    pub kernel: String,
    /// The dump that the kernel made as it ejected it.
    pub dump: String,
    /// The kernel's counters of events, a line each, as it was detached.
    pub counters: String,
}

impl SchedulerEntry {
    pub(super) fn of(scheduler: &Scheduler<'_>) -> Self {
        Self {
            name: scheduler.name.to_owned(),
            binary: scheduler.binary.to_owned(),
            args: scheduler.args.iter().map(|arg| (*arg).to_owned()).collect(),
            code: "0".to_owned(),
            ..Self::default()
        }
    }

    pub(super) fn end(&mut self, end: &SchedulerEnd) {
        self.exit = end.exit.map(|exit| exit.word().to_owned());
        self.code = end.code.to_string();
        (self.early, self.expected, self.lost) = (end.early, end.expected, end.lost);
        if let Some(status) = end.status {
            (self.exit_code, self.signal) = super::recorder::ending(status);
        }
        self.assumed = end.assumed;
    }

    /// Takes in what was said while it was attached or detached.
    pub(super) fn hear(&mut self, said: &mut Said) {
        for (source, words) in [
            (SchedulerSource::Log, &mut self.log),
            (SchedulerSource::Kernel, &mut self.kernel),
            (SchedulerSource::Dump, &mut self.dump),
            (SchedulerSource::Counters, &mut self.counters),
        ] {
            let bytes = std::mem::take(&mut said.sources[source as usize]);
            words.push_str(&without_colours(&String::from_utf8_lossy(&bytes)));
        }
    }
}

/// What was said of a scheduler during one action, by its source.
#[derive(Debug, Default)]
pub(super) struct Said {
    sources: [Vec<u8>; 4],
}

impl Said {
    pub(super) fn add(&mut self, source: SchedulerSource, cut: u64, bytes: &[u8]) {
        let all = &mut self.sources[source as usize];
        if cut > 0 {
            let gap = format!("\n[{} left out]\n", counted(cut, "byte", "bytes"));
            all.extend_from_slice(gap.as_bytes());
        }
        let room = MOST.saturating_sub(all.len());
        all.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }
}

/// A text without the sequences by which programs colour what they write: ESC, `[`, parameters, a letter.
fn without_colours(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("\u{1b}[") {
        out.push_str(&rest[..at]);
        let sequence = &rest[at + 2..];
        let end = sequence.find(|c: char| !matches!(c, '0'..='9' | ';' | '?')).unwrap_or(sequence.len());
        rest = sequence[end..].char_indices().nth(1).map_or("", |(next, _)| &sequence[end + next..]);
    }
    out.push_str(rest);
    out
}

/// A table of the schedulers, and of each that left by itself or never was ready what was said of it.
pub(super) fn schedulers(report: &RunReport) -> String {
    let mut rows = vec![["scheduler", "attached", "exit", "program"].map(str::to_owned)];
    rows.extend(report.schedulers.iter().map(row));
    if rows.len() == 1 {
        return String::new();
    }
    let mut out = format!("\n{}", table(&rows));
    for entry in report.schedulers.iter().filter(|entry| entry.early || entry.window.is_none()) {
        for (source, text) in [("log", &entry.log), ("kernel", &entry.kernel), ("dump", &entry.dump)] {
            let lines: Vec<_> = text.lines().collect();
            let shown = if source == "dump" {
                &lines[..lines.len().min(LINES)]
            } else {
                &lines[lines.len().saturating_sub(LINES)..]
            };
            for line in shown {
                let line = format!("  {} {source}  {}", entry.name, line.trim_end());
                let _ = writeln!(out, "{}", harmless_line(&line));
            }
        }
    }
    out
}

fn row(entry: &SchedulerEntry) -> [String; 4] {
    let window = entry.window.map_or("never ready".to_owned(), |window| {
        format!("{} to {}", time(window.start_ns as f64), time(window.end_ns as f64))
    });
    let code = if entry.code == "0" { String::new() } else { format!(" (code {})", entry.code) };
    let exit = match (entry.early, &entry.exit) {
        _ if entry.window.is_none() => "-".to_owned(),
        (false, _) => "detached".to_owned(),
        (true, Some(exit)) => format!("left by {exit}{code}"),
        (true, None) => "left, not known how".to_owned(),
    };
    let program = match (entry.exit_code, entry.signal) {
        (Some(code), _) => format!("exit {code}"),
        (None, Some(signal)) => super::signal::signal_text(signal),
        (None, None) => "-".to_owned(),
    };
    [entry.name.clone(), window, exit, if entry.assumed { format!("{program} (assumed)") } else { program }]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_taken_out_and_nothing_else_is() {
        for (text, plain) in [
            ("", ""),
            ("\u{1b}[1;31merror\u{1b}[0m: x", "error: x"),
            ("a\u{1b}[", "a"),
            ("a\u{1b}[12", "a"),
            ("\u{1b}[2Kä\u{1b}b", "ä\u{1b}b"),
        ] {
            assert_eq!(without_colours(text), plain, "{text:?}");
        }
    }

    #[test]
    fn what_is_said_is_bounded_and_gaps_are_named() {
        let mut said = Said::default();
        said.add(SchedulerSource::Log, 0, b"first\n");
        said.add(SchedulerSource::Log, 7, b"last\n");
        said.add(SchedulerSource::Dump, 0, &[b'x'; MOST]);
        said.add(SchedulerSource::Dump, 0, b"more");
        let mut entry = SchedulerEntry::default();
        entry.hear(&mut said);
        assert_eq!(entry.log, "first\n\n[7 bytes left out]\nlast\n");
        assert_eq!((entry.dump.len(), entry.kernel.as_str()), (MOST, ""));
    }
}
