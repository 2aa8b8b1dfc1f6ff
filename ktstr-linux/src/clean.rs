//! Finds and removes what killed runs have left.
//!
//! A run's cgroup carries a note that says who it is (see `identity`) and is locked by its supervisor as long
//! as that lives; the lock goes with the process, so a number that has been given to another process fools
//! nobody, and it is seen from all namespaces. Only cgroups with their own note below the parent that nobody
//! has locked are touched, the payloads' own cgroups that such a run has made below the runner's (another
//! note says where), and processes that carry the mark of such a run.

use crate::cgroupfs::Dir;
use crate::fault::errno_fault;
use crate::identity::{Origin, RunName};
use crate::kill;
use crate::leaf;
use crate::parent::{Locked, Parent};
use crate::payload;
use ktstr_core::{Fault, FaultKind};
use rustix::io::Errno;
use std::collections::BTreeSet;
use std::path::Path;

/// What was found and done.
#[derive(Debug, Default)]
pub struct CleanReport {
    /// Cgroups of dead runs that were removed, with all below them.
    pub removed: Vec<String>,
    /// How many processes were killed.
    pub killed: u32,
    /// Runs that live.
    pub live: Vec<String>,
    /// Cgroups of dead runs that could not be removed, and why.
    pub failed: Vec<(String, Fault)>,
}

/// Removes what dead runs have left below `parent` (`None`: where runs of this user are by default).
///
/// # Errors
/// Where there is no such place; what could not be removed is in the report.
pub fn clean(parent: Option<&Path>) -> Result<CleanReport, Fault> {
    let parent = Parent::find(parent)?;
    let mut report = CleanReport::default();
    // The parent is made where it is missing, for its lock: no run may begin while marks are looked for.
    let locked = match parent.lock(true) {
        // Where this user may not make it, no run of this user can have been.
        Err(fault) if fault.kind == FaultKind::Permission => return Ok(report),
        locked => locked?,
    };
    let Some(locked) = locked else { return Ok(report) };
    dead_runs(&parent, &locked, &mut report)?;
    let origin = origin(&locked)?;
    // Nobody has to wait while all processes are looked at.
    drop(locked);
    let suspects = suspects(&origin, &report);
    if let Some(locked) = parent.lock(false)? {
        if !suspects.is_empty() {
            kill_suspects(&locked, &origin, &suspects, &mut report)?;
        }
        parent.leave(&locked);
    }
    Ok(report)
}

/// What a run does before it begins: the same, without looking at all processes where nobody has died.
pub(crate) fn before_a_run(parent: &Parent, locked: &Locked) {
    let mut report = CleanReport::default();
    // What cannot be cleaned now is for `ktstr clean` to name; it cannot meet this run.
    let listed = dead_runs(parent, locked, &mut report);
    if listed.is_ok() && !report.removed.is_empty() {
        let Ok(origin) = origin(locked) else { return };
        let suspects = suspects(&origin, &report);
        // As above.
        let _ = kill_suspects(locked, &origin, &suspects, &mut report);
    }
}

fn origin(locked: &Locked) -> Result<Origin, Fault> {
    Origin::of(&locked.dir).map_err(|errno| errno_fault(errno, "the parent of all runs"))
}

/// Removes the cgroups of dead runs. Under the lock of the parent no run can be between making its cgroup and
/// locking it.
fn dead_runs(parent: &Parent, locked: &Locked, report: &mut CleanReport) -> Result<(), Fault> {
    let about = |errno| errno_fault(errno, "the parent of all runs");
    let origin = origin(locked)?;
    let names = locked.dir.children().map_err(about)?.into_iter().filter_map(|name| name.into_string().ok());
    // Its maker died before it could say whose it is.
    let unsaid = locked.dir.note(MAKING);
    for text in names {
        let Some(name) = RunName::parse(&text) else { continue };
        match remove_dead(parent, locked, &origin, &name, unsaid.as_deref() == Some(&text)) {
            Ok(Found::Live) => report.live.push(text),
            Ok(Found::Removed(killed)) => {
                report.killed += killed;
                report.removed.push(text);
            }
            // It went by itself.
            Ok(Found::Others) | Err(Errno::NOENT) => {}
            Err(errno) => report.failed.push((text.clone(), errno_fault(errno, &text))),
        }
    }
    locked.dir.remove_note(MAKING);
    Ok(())
}

/// What a cgroup with the name of a run is.
enum Found {
    /// A run that lives.
    Live,
    /// A dead one; so many processes were killed.
    Removed(u32),
    /// Not ours.
    Others,
}

/// Makes the cgroup of a run and says whose it is. The name is noted on the parent before, so that one whose
/// maker dies in between is known.
///
/// # Errors
/// Those of mkdir; nothing is left behind then.
pub(crate) fn make_run(locked: &Locked, name: &RunName) -> Result<Dir, Errno> {
    let text = name.to_string();
    locked.dir.set_note(MAKING, &text);
    let made = Origin::of(&locked.dir).and_then(|origin| {
        let dir = locked.dir.make(&text)?;
        dir.set_note(OWNER, &origin.run(name));
        Ok(dir)
    });
    locked.dir.remove_note(MAKING);
    made
}

/// Note on a run's cgroup: who it is.
const OWNER: &str = "run";
/// Note on the parent: the name of the run that is just being made.
const MAKING: &str = "making";

/// Removes a run whose supervisor has died, with the cgroups of its payloads elsewhere. The lock that shows
/// it is given back at the end.
fn remove_dead(
    parent: &Parent,
    locked: &Locked,
    origin: &Origin,
    name: &RunName,
    unsaid: bool,
) -> Result<Found, Errno> {
    let text = name.to_string();
    let run = locked.dir.child(&text)?;
    // Where cgroups take no notes (before Linux 5.7) only the name is left to go by.
    let ours = match run.note(OWNER) {
        Some(note) => note == origin.run(name),
        None => unsaid || !locked.dir.takes_notes(),
    };
    if !ours {
        return Ok(Found::Others);
    }
    match run.try_lock() {
        Err(Errno::AGAIN) => Ok(Found::Live),
        lock => {
            let _lock = lock?;
            remove_run(parent, &locked.dir, &run, &text).map(Found::Removed)
        }
    }
}

/// Kills and removes a run, the cgroups of its payloads elsewhere first, and answers how many processes were
/// killed. If one of those stays, so does the run's own, and nothing in it: the note on it says where they
/// are.
///
/// # Errors
/// As for [`kill::remove_tree`], of the first cgroup that stays.
pub(crate) fn remove_run(parent: &Parent, runs: &Dir, run: &Dir, name: &str) -> Result<u32, Errno> {
    match leaf::remove_all(parent, run, name) {
        Ok(elsewhere) => Ok(elsewhere + kill::remove_tree(runs, name)?),
        Err(errno) => {
            // The error that counts is the first.
            let _ = kill::remove_inside(run);
            Err(errno)
        }
    }
}

/// The runs of this parent that are not known to live, but have left marked processes outside their cgroups.
fn suspects(origin: &Origin, report: &CleanReport) -> BTreeSet<u64> {
    let live: BTreeSet<u64> =
        report.live.iter().filter_map(|name| RunName::parse(name)).map(|name| name.nonce).collect();
    let mut found = payload::runs_of_marks(|mark| origin.run_in_mark(mark));
    found.retain(|run| !live.contains(run));
    found
}

/// Kills what suspects have left, but for those that have a cgroup now: they have begun since, and were not
/// seen.
fn kill_suspects(
    locked: &Locked,
    origin: &Origin,
    suspects: &BTreeSet<u64>,
    report: &mut CleanReport,
) -> Result<(), Fault> {
    let names = locked.dir.children().map_err(|errno| errno_fault(errno, "the parent of all runs"))?;
    let runs = names.iter().filter_map(|name| RunName::parse(name.to_str()?));
    let failed = |name: &RunName| report.failed.iter().any(|(known, _)| *known == name.to_string());
    let there: BTreeSet<u64> = runs.filter(|name| !failed(name)).map(|name| name.nonce).collect();
    let dead: BTreeSet<u64> = suspects.difference(&there).copied().collect();
    if !dead.is_empty() {
        let killed =
            payload::kill_marked(|mark| origin.run_in_mark(mark).is_some_and(|run| dead.contains(&run)));
        report.killed += killed.len() as u32;
    }
    Ok(())
}
