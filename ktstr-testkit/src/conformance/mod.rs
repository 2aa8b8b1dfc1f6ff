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
use ktstr_core::{Action, Backend, Controllers, CpuSet, ExitStatus, FaultKind, Outcome, Topology, WorkerEnd};
use ktstr_mock::{MockBackend, Script};

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
    /// So many processes.
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
    /// A part of the output that is this text and the last.
    Said(&'static str),
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
}

impl core::fmt::Display for Deviation {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Self { program, step, action, expected, found } = self;
        write!(f, "{program}, step {step}: `{action}` gave {found:?}, not {expected:?}")
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
        let found = backend.perform(action);
        if !expected.fits(&found) {
            let action = action.to_string();
            return Err(Deviation {
                program: program.name,
                step,
                action,
                expected: Box::new(*expected),
                found: Box::new(found),
            });
        }
    }
    Ok(())
}

impl Answer {
    /// Whether an outcome is such an answer.
    pub fn fits(&self, outcome: &Outcome) -> bool {
        match (self, outcome) {
            (Self::Done, Outcome::Done) | (Self::TimedOut, Outcome::TimedOut) => true,
            (Self::Fails(kind), Outcome::Failed(fault)) => fault.kind == *kind,
            (Self::Refused, Outcome::Failed(_)) => true,
            (Self::Procs(expected), Outcome::Procs { count }) => count == expected,
            (Self::Killed(expected), Outcome::Killed { count }) => count == expected,
            (Self::Ended(status), Outcome::Ended(end)) => end.status == *status,
            (Self::EndedSomehow, Outcome::Ended(_)) => true,
            (Self::Report { end, worked }, Outcome::Report(report)) => {
                report.end == *end && (report.iterations > 0) == *worked
            }
            (Self::Said(text), Outcome::Output(part)) => part.text == *text && !part.cut && !part.more,
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
