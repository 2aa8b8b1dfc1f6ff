//! Finds and removes what killed runs have left.
//!
//! A run's cgroup is called `ktstr-<pid>-<random>` and is locked by its supervisor as long as that lives; the lock goes
//! with the process, so a number that has been given to another process fools nobody. Only cgroups of that name below
//! the parent that nobody has locked are touched, the payloads' own cgroups that such a run has made below the runner's
//! (a note on the run's says where), and processes that carry the mark of such a run.

use crate::cgroupfs::Dir;
use crate::fault::errno_fault;
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

/// The name of a run's cgroup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RunName {
    pid: u32,
    random: u32,
}

impl RunName {
    /// A name of this process that was never used.
    pub(crate) fn fresh() -> Result<Self, Errno> {
        let mut random = [0u8; 4];
        rustix::rand::getrandom(&mut random, rustix::rand::GetRandomFlags::empty())?;
        Ok(Self { pid: std::process::id(), random: u32::from_ne_bytes(random) })
    }

    /// The name, if it is one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (pid, random) = text.strip_prefix("ktstr-")?.split_once('-')?;
        let name = Self { pid: pid.parse().ok()?, random: u32::from_str_radix(random, 16).ok()? };
        (name.to_string() == text).then_some(name)
    }
}

impl std::fmt::Display for RunName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ktstr-{}-{:08x}", self.pid, self.random)
    }
}

/// Removes what dead runs have left below `parent` (`None`: where runs of this user are by default).
///
/// # Errors
/// Where there is no such place; what could not be removed stands in the report.
pub fn clean(parent: Option<&Path>) -> Result<CleanReport, Fault> {
    let parent = Parent::find(parent)?;
    let mut report = CleanReport::default();
    // The parent is made where it is missing, for its lock: no run may begin while marks are looked for.
    let locked = match parent.lock(true) {
        // Where this user may not make it, no run of this user can have been.
        Err(fault) if fault.kind == FaultKind::Permission => return Ok(report),
        locked => locked?,
    };
    if let Some(locked) = locked {
        dead_runs(&parent, &locked, &mut report)?;
        marked(&parent, &mut report);
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
        marked(parent, &mut report);
    }
}

/// Removes the cgroups of dead runs. Under the lock of the parent no run can be between making its cgroup and locking it.
fn dead_runs(parent: &Parent, locked: &Locked, report: &mut CleanReport) -> Result<(), Fault> {
    let names = locked.dir.children().map_err(|errno| errno_fault(errno, "the parent of all runs"))?;
    let runs = names.into_iter().filter_map(|name| name.into_string().ok());
    for name in runs.filter(|name| RunName::parse(name).is_some()) {
        match remove_dead(parent, &locked.dir, &name) {
            Ok(None) => report.live.push(name),
            Ok(Some(killed)) => {
                report.killed += killed;
                report.removed.push(name);
            }
            // It went by itself.
            Err(Errno::NOENT) => {}
            Err(errno) => report.failed.push((name.clone(), errno_fault(errno, &name))),
        }
    }
    Ok(())
}

/// Removes a run whose supervisor has died, with the cgroups of its payloads elsewhere, and answers how many processes
/// were killed; `None` for one that lives. The lock that shows it is given back with the descriptor.
fn remove_dead(parent: &Parent, runs: &Dir, name: &str) -> Result<Option<u32>, Errno> {
    let run = runs.child(name)?;
    match run.try_lock() {
        Err(Errno::AGAIN) => Ok(None),
        locked => {
            locked?;
            remove_run(parent, runs, &run, name).map(Some)
        }
    }
}

/// Kills and removes a run, the cgroups of its payloads elsewhere first, and answers how many processes were killed. If
/// one of those stays, so does the run's own, and nothing in it: the note on it says where they are. Its lock is given
/// back then, so that the next can try.
///
/// # Errors
/// As for [`kill::remove_tree`], of the first cgroup that stays.
pub(crate) fn remove_run(parent: &Parent, runs: &Dir, run: &Dir, name: &str) -> Result<u32, Errno> {
    match leaf::remove_all(parent, run, name) {
        Ok(elsewhere) => Ok(elsewhere + kill::remove_tree(runs, name)?),
        Err(errno) => {
            // The error that counts is the first.
            let _ = kill::remove_inside(run);
            // A fork of another thread may have a copy of the descriptor, and with it the lock, for a moment yet.
            run.unlock();
            Err(errno)
        }
    }
}

/// Kills what payloads of dead runs have started outside their cgroups.
fn marked(parent: &Parent, report: &mut CleanReport) {
    let live: BTreeSet<&str> = report.live.iter().map(String::as_str).collect();
    let place = format!("{}/", parent.full_path().display());
    let killed = payload::kill_marked(|mark| {
        let run = mark.strip_prefix(place.as_str()).and_then(|rest| rest.split('/').next());
        run.is_some_and(|run| RunName::parse(run).is_some() && !live.contains(run))
    });
    report.killed += killed.len() as u32;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_runs_are_told_from_others() {
        let name = RunName { pid: 12, random: 0xAB };
        assert_eq!(name.to_string(), "ktstr-12-000000ab");
        assert_eq!(RunName::parse("ktstr-12-000000ab"), Some(name));
        for other in [
            "ktstr",
            "ktstr-12",
            "ktstr-12-ab",
            "ktstr-12-000000AB",
            "ktstr-012-000000ab",
            "ktstr-x-000000ab",
        ] {
            assert_eq!(RunName::parse(other), None, "{other}");
        }
    }
}
