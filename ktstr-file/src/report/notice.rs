//! What happened in a run without having been asked for: the entries of a report, and what people read of
//! them.

use super::RunReport;
use super::parts::parts;
use super::signal::signal_text;
use super::terminal::harmless_line;
use super::text::{counted, place, time};
use serde::{Deserialize, Serialize};
use std::fmt::{Display, Formatter, Write as _};

/// Something that nobody asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeEntry {
    /// The number of the action during which it was noticed. It may have nothing to do with it.
    pub seq: u32,
    /// When it happened, else when it was noticed, in nanoseconds from the start of the run.
    pub at_ns: u64,
    /// What happened.
    pub notice: NoticeKind,
}

parts! {
    /// What happened without having been asked for.
    #[derive(Eq)]
    pub enum NoticeKind as NOTICE_KIND("notice_kind") {
        /// A payload ended before it was waited for or killed.
        PayloadEnded "payload_ended" {
            /// Its number, in the order of the starts.
            payload: u32,
            /// What ops call it.
            name: String,
            /// Where it ran; empty for the runner's cgroup.
            cgroup: String,
            /// The code it exited with.
            exit_code: Option<i32>,
            /// The signal that killed it.
            signal: Option<i32>,
        }
        /// A signal killed a worker before it was asked to stop.
        WorkerKilled "worker_killed" {
            /// Its group, by its number.
            group: u32,
            /// Its number in the group.
            worker: u32,
            /// Its process id.
            pid: u32,
            /// The signal.
            signal: i32,
        }
        /// The scheduler that was attached left before it was detached.
        SchedulerLeft "scheduler_left" {
            /// What it is called.
            name: String,
            /// The kind of its exit; nothing where that is not known.
            exit: Option<String>,
            /// Its exit code, as text: it has 64 bits.
            code: String,
            /// What the kernel said of it; empty where it said nothing.
            message: String,
            /// The code that its program exited with, if it had.
            exit_code: Option<i32>,
            /// The signal that killed its program.
            signal: Option<i32>,
        }
        /// The kernel killed processes for want of memory.
        OomKilled "oom_killed" {
            /// Where they were; empty where it was in no cgroup that the scenario had there then.
            cgroup: String,
            /// How many.
            count: u64,
        }
    }
}

impl Display for NoticeKind {
    /// One sentence without its end.
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::PayloadEnded { name, cgroup, exit_code, signal, .. } => {
                write!(f, "payload {name} in {} ended before it was waited for", place(cgroup))?;
                match (exit_code, signal) {
                    (Some(code), _) => write!(f, ": exit {code}"),
                    (None, Some(signal)) => write!(f, ": killed by {}", signal_text(*signal)),
                    (None, None) => Ok(()),
                }
            }
            Self::WorkerKilled { group, worker, pid, signal } => {
                write!(
                    f,
                    "worker {worker} of group {group} (pid {pid}) was killed by {}",
                    signal_text(*signal)
                )
            }
            Self::SchedulerLeft { name, exit, code, message, exit_code, signal } => {
                write!(f, "scheduler {name} left: {}", exit.as_deref().unwrap_or("not known how"))?;
                if code != "0" {
                    write!(f, " (code {code})")?;
                }
                if !message.is_empty() {
                    write!(f, ": {message}")?;
                }
                match (exit_code, signal) {
                    (Some(code), _) => write!(f, "; its program exited with {code}"),
                    (None, Some(signal)) => write!(f, "; its program was killed by {}", signal_text(*signal)),
                    (None, None) => Ok(()),
                }
            }
            Self::OomKilled { cgroup, count } => {
                let processes = counted(*count, "process", "processes");
                let were = if *count == 1 { "was" } else { "were" };
                let whose = if cgroup.is_empty() { "the run" } else { cgroup };
                write!(f, "{processes} of {whose} {were} killed for want of memory")
            }
        }
    }
}

/// How many are shown; all of them are in the JSON report.
const SHOWN: usize = 10;

/// The notices of a report, a line each; empty where there are none.
pub(super) fn notices(report: &RunReport) -> String {
    let all = &report.notices;
    let mut out = if all.is_empty() { String::new() } else { "\nnoticed:\n".to_owned() };
    for entry in all.iter().take(SHOWN) {
        let line = harmless_line(&entry.notice.to_string());
        let _ = writeln!(out, "  {}  {line}", time(entry.at_ns as f64));
    }
    if all.len() > SHOWN {
        let _ = writeln!(out, "  and {} more", all.len() - SHOWN);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notices_are_sentences_for_people() {
        let ended = |exit_code, signal| NoticeKind::PayloadEnded {
            payload: 0,
            name: "load".to_owned(),
            cgroup: String::new(),
            exit_code,
            signal,
        };
        let oom = |cgroup: &str, count| NoticeKind::OomKilled { cgroup: cgroup.to_owned(), count };
        for (notice, words) in [
            (ended(Some(3), None), "payload load in (runner) ended before it was waited for: exit 3"),
            (
                ended(None, Some(9)),
                "payload load in (runner) ended before it was waited for: killed by SIGKILL (9)",
            ),
            (
                NoticeKind::WorkerKilled { group: 2, worker: 1, pid: 77, signal: 9 },
                "worker 1 of group 2 (pid 77) was killed by SIGKILL (9)",
            ),
            (
                NoticeKind::SchedulerLeft {
                    name: "cells".to_owned(),
                    exit: Some("stall".to_owned()),
                    code: "0".to_owned(),
                    message: "a task did not run".to_owned(),
                    exit_code: None,
                    signal: Some(9),
                },
                "scheduler cells left: stall: a task did not run; its program was killed by SIGKILL (9)",
            ),
            (oom("cell", 1), "1 process of cell was killed for want of memory"),
            (oom("", 2), "2 processes of the run were killed for want of memory"),
        ] {
            assert_eq!(notice.to_string(), words);
            let json = serde_json::to_string(&notice).expect("JSON");
            assert_eq!(serde_json::from_str::<NoticeKind>(&json).expect("the same"), notice, "{json}");
        }
    }
}
