//! The contract of a backend as a table of action programs, to hold any backend to.
//!
//! ```
//! use ktstr_testkit::conformance::{check, mock};
//!
//! let summary = check(mock).expect("the mock keeps the contract");
//! assert!(summary.played > 20 && summary.skipped.is_empty());
//! ```
//!
//! A backend of your own is checked in the same way: `check(|| MyBackend::new())`. It needs the programs
//! `true`, `false`, `sleep` and `sh`, and no program `ktstr-no-such-program`. Programs of the table that need
//! a controller or a CPU that the backend lacks are skipped, and named in the summary.

mod table;

pub use table::TABLES;

use core::time::Duration;
use ktstr_core::{
    Action, Backend, Channel, Controllers, CpuSet, Evidence, ExitStatus, FaultKind, Notice, Outcome, Stream,
    Topology, WorkerEnd,
};
use ktstr_mock::{MockBackend, Script};
use std::collections::BTreeSet;

/// One program of the table: actions, each with the answer it has to give.
#[derive(Debug, Clone, Copy)]
pub struct Program {
    /// What it shows, in a few words; unique.
    pub name: &'static str,
    /// The controllers it needs.
    pub needs: Controllers,
    /// How many CPUs it needs.
    pub cpus: usize,
    /// The actions and the answers.
    pub steps: &'static [(Action<'static>, Answer)],
}

/// The answer that an action has to give.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Answer {
    /// `Done`.
    Done,
    /// `Failed` with this kind.
    Fails(FaultKind),
    /// `Failed`, of whatever kind.
    Refused,
    /// So many processes as evidence, none of them twice.
    Procs(u32),
    /// So many were killed.
    Killed(u32),
    /// The payload still runs.
    TimedOut,
    /// The payload ended so.
    Ended(ExitStatus),
    /// The payload ended, however.
    EndedSomehow,
    /// A report of a worker that ended so and has worked, or has not.
    Report {
        /// How it ended.
        end: WorkerEnd,
        /// Whether it did any iteration.
        worked: bool,
    },
    /// This text as evidence of standard output, and this of standard error.
    Said(&'static str, &'static str),
    /// CPUs of this set, at least one.
    CpusWithin(CpuSet),
}

/// What was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// How many programs were played.
    pub played: usize,
    /// Those that were skipped for want of a controller or a CPU.
    pub skipped: Vec<&'static str>,
}

/// An answer that breaks the contract.
#[derive(Debug, Clone, PartialEq)]
pub struct Deviation {
    /// The program.
    pub program: &'static str,
    /// Which of its steps, from 0.
    pub step: usize,
    /// What was asked.
    pub action: String,
    /// What should have been answered.
    pub expected: Box<Answer>,
    /// What was answered.
    pub found: Box<Outcome>,
    /// The evidence that came with the answer, in words; empty without any.
    pub evidence: String,
}

impl core::fmt::Display for Deviation {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Self { program, step, action, expected, found, evidence } = self;
        let with = if evidence.is_empty() { "" } else { " with " };
        write!(f, "{program}, step {step}: `{action}` gave {found:?}{with}{evidence}, not {expected:?}")
    }
}

impl core::error::Error for Deviation {}

/// Plays every program of the table on a backend of its own.
///
/// # Errors
/// All deviations, at most one for each program.
pub fn check<B: Backend>(mut make: impl FnMut() -> B) -> Result<Summary, Vec<Deviation>> {
    let mut summary = Summary { played: 0, skipped: Vec::new() };
    let mut deviations = Vec::new();
    for program in TABLES.iter().copied().flatten() {
        let mut backend = make();
        let lacks = program.needs.minus(backend.controllers());
        if !lacks.is_empty() || backend.topology().cpus().len() < program.cpus {
            summary.skipped.push(program.name);
            continue;
        }
        summary.played += 1;
        deviations.extend(play(program, &mut backend).err());
    }
    if deviations.is_empty() { Ok(summary) } else { Err(deviations) }
}

/// Plays one program.
///
/// # Errors
/// The first answer that is not as it has to be.
pub fn play<B: Backend>(program: &Program, backend: &mut B) -> Result<(), Deviation> {
    for (step, (action, expected)) in program.steps.iter().enumerate() {
        let mut heard = Heard::default();
        let found = backend.perform(action, &mut heard);
        if !expected.fits(&found, &heard) {
            let action = action.to_string();
            return Err(Deviation {
                program: program.name,
                step,
                action,
                expected: Box::new(*expected),
                found: Box::new(found),
                evidence: heard.words(),
            });
        }
    }
    Ok(())
}

/// The evidence of one action.
#[derive(Debug, Default)]
struct Heard {
    pids: Vec<u32>,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    cut: u64,
}

impl Channel for Heard {
    fn notice(&mut self, _: Duration, _: &Notice<'_>) {}

    fn evidence(&mut self, piece: &Evidence<'_>) {
        match *piece {
            Evidence::Procs { pids } => self.pids.extend_from_slice(pids),
            // No program of the table attaches a scheduler.
            Evidence::Scheduler { .. } => {}
            Evidence::Output { stream, cut, bytes } => {
                self.cut += cut;
                match stream {
                    Stream::Stdout => self.stdout.extend_from_slice(bytes),
                    Stream::Stderr => self.stderr.extend_from_slice(bytes),
                }
            }
        }
    }
}

impl Heard {
    fn words(&self) -> String {
        let Self { pids, stdout, stderr, cut } = self;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        match (&pids[..], stdout.is_empty() && stderr.is_empty() && *cut == 0) {
            ([], true) => String::new(),
            ([], false) => format!("{:?} and {:?}, {cut} bytes cut", text(stdout), text(stderr)),
            _ => format!("processes {pids:?}"),
        }
    }

    /// How many processes there are; `None` where one came twice.
    fn procs(&self) -> Option<u32> {
        let different: BTreeSet<u32> = self.pids.iter().copied().collect();
        (different.len() == self.pids.len()).then_some(different.len() as u32)
    }
}

impl Answer {
    /// Whether an outcome, with the evidence that came before it, is such an answer.
    fn fits(&self, outcome: &Outcome, heard: &Heard) -> bool {
        match (self, outcome) {
            (Self::Done, Outcome::Done) | (Self::TimedOut, Outcome::TimedOut) => true,
            (Self::Fails(kind), Outcome::Failed(fault)) => fault.kind == *kind,
            (Self::Refused, Outcome::Failed(_)) => true,
            (Self::Procs(expected), Outcome::Done) => heard.procs() == Some(*expected),
            (Self::Killed(expected), Outcome::Killed { count }) => count == expected,
            (Self::Ended(status), Outcome::Ended(end)) => end.status == *status,
            (Self::EndedSomehow, Outcome::Ended(_)) => true,
            (Self::Report { end, worked }, Outcome::Report(report)) => {
                report.end == *end && (report.iterations > 0) == *worked
            }
            (Self::Said(stdout, stderr), Outcome::Done) => {
                (&heard.stdout[..], &heard.stderr[..], heard.cut) == (stdout.as_bytes(), stderr.as_bytes(), 0)
            }
            (Self::CpusWithin(set), Outcome::Cpus(cpus)) => !cpus.is_empty() && cpus.is_subset(set),
            _ => false,
        }
    }
}

/// A mock with the programs that the table needs.
pub fn mock() -> MockBackend {
    MockBackend::new(Topology::uniform(1, 1, 4, 1))
        .program("true", Script::exits_after(Duration::ZERO, 0))
        .program("false", Script::exits_after(Duration::ZERO, 1))
        .program("sleep", Script::runs().uses_cpus(0))
        .program("sh", Script::exits_after(Duration::ZERO, 3).prints("begun\n").prints_error("reason\n"))
        .without_program("ktstr-no-such-program")
}
