//! A cgroup for each payload that runs in the runner's, so that all it starts is found when it ends, or when
//! its supervisor has died, whatever session and environment that has.
//!
//! It is a child of the cgroup that the supervisor sits in, and has no controllers: limits and shares are
//! those of the runner's cgroup, as for a process in it, and none of the run's cgroups gets a sibling. Only
//! the root of the hierarchy can both hold the supervisor and have controllers enabled for its children.
//! There a child would have a share of its own, so none is made, and neither where this user may not or where
//! the place cannot be noted for [`clean`](crate::clean::clean); what such payloads have started is known by
//! their guards, or by the mark in its environment, only.

use crate::cgroupfs::Dir;
use crate::kill;
use crate::parent::Parent;
use crate::sys::clone::{self, Place};
use crate::sys::reap::{self, End};
use rustix::io::Errno;
use std::os::fd::{AsFd, OwnedFd};

/// Note on a run's own cgroup: below which cgroup its payloads have theirs, by id and by path. The path is
/// that of the namespace it was noted in, so that it counts only where the id is the same.
const RUNNER: &str = "runner";

/// What faults call a leaf.
pub(crate) const LEAF: &str = "the payload's own cgroup";

/// How a child gets into a cgroup.
pub(crate) enum Entrance<'a> {
    /// Not at all: it stays where its parent is.
    Here,
    Into(&'a Dir),
    Join(OwnedFd),
}

impl Entrance<'_> {
    pub(crate) fn place(&self) -> Place<'_> {
        match self {
            Self::Here => Place::Here,
            Self::Into(dir) => Place::Into(dir.as_fd()),
            Self::Join(procs) => Place::Join(procs.as_fd()),
        }
    }

    /// Whether a child that enters this way lives: what the kernel starts in a cgroup that was once killed
    /// through `cgroup.kill`, or is started there by a supervisor that sits in one, does not (Linux 6.14 and
    /// later).
    ///
    /// # Errors
    /// What clone3 says. Linux before 5.7 knows no CLONE_INTO_CGROUP: false.
    pub(crate) fn works(&self) -> Result<bool, Errno> {
        // SAFETY: the child does nothing at all.
        let child = match unsafe { clone::fork(self.place(), &mut || 0) } {
            Err(Errno::INVAL) => return Ok(false),
            child => child?,
        };
        Ok(reap::wait_for(&child) == Some(End::Exited(0)))
    }
}

/// Why there can be no leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoLeaf {
    /// The cgroup of this process is not below what is mounted.
    Outside,
    /// The children of the runner's cgroup are given controllers, and with them shares of their own.
    Shares,
    /// Cgroups take no notes.
    Unnoted,
    /// What the kernel says to making one.
    Refused(Errno),
    /// Neither can a process be started in one, nor enter it.
    Closed,
}

/// Where the leaves of a run are made.
pub(crate) struct Leaves {
    above: Dir,
    prefix: String,
    /// Whether the kernel can start processes in them; unknown before the first.
    clone_into: Option<bool>,
}

/// The cgroup of one payload. Dropping it kills what lives in it and removes it.
pub(crate) struct Leaf {
    above: Dir,
    name: String,
    pub(crate) dir: Dir,
    clone_into: bool,
}

impl Leaves {
    /// Finds the cgroup of this process, and notes it on the run's own.
    ///
    /// # Errors
    /// `Outside`, `Unnoted`.
    pub(crate) fn of_run(parent: &Parent, run: &Dir, run_name: &str) -> Result<Self, NoLeaf> {
        let (path, above) = parent.runner().ok_or(NoLeaf::Outside)?;
        let note = format!("{:x} {path}", above.id().map_err(NoLeaf::Refused)?);
        run.set_note(RUNNER, &note);
        if run.note(RUNNER).as_ref() != Some(&note) {
            return Err(NoLeaf::Unnoted);
        }
        Ok(Self { above, prefix: prefix(run_name), clone_into: None })
    }

    /// Makes the cgroup of payload `id`.
    ///
    /// # Errors
    /// `Shares`, `Refused`, `Closed`; nothing is left behind.
    pub(crate) fn make(&mut self, id: u32) -> Result<Leaf, NoLeaf> {
        let enabled = self.above.read("cgroup.subtree_control").map_err(NoLeaf::Refused)?;
        if !enabled.trim().is_empty() {
            return Err(NoLeaf::Shares);
        }
        let name = format!("{}{id}", self.prefix);
        let above = self.above.descend("").map_err(NoLeaf::Refused)?;
        let dir = self.above.make(&name).map_err(NoLeaf::Refused)?;
        let mut leaf = Leaf { above, name, dir, clone_into: true };
        leaf.clone_into = match self.clone_into {
            Some(known) => known,
            None if leaf.lets_in(true) => true,
            None if leaf.lets_in(false) => false,
            None => return Err(NoLeaf::Closed),
        };
        self.clone_into = Some(leaf.clone_into);
        Ok(leaf)
    }
}

impl Leaf {
    /// How the payload gets in.
    ///
    /// # Errors
    /// Of opening `cgroup.procs`.
    pub(crate) fn entrance(&self) -> Result<Entrance<'_>, Errno> {
        if self.clone_into {
            return Ok(Entrance::Into(&self.dir));
        }
        self.dir.control("cgroup.procs").map(Entrance::Join)
    }

    fn lets_in(&mut self, clone_into: bool) -> bool {
        self.clone_into = clone_into;
        self.entrance().and_then(|entrance| entrance.works()) == Ok(true)
    }

    /// Kills what lives in it, and removes it; answers how many were killed.
    ///
    /// # Errors
    /// As for [`kill::remove_tree`].
    pub(crate) fn remove(&self) -> Result<u32, Errno> {
        kill::remove_tree(&self.above, &self.name)
    }
}

impl Drop for Leaf {
    fn drop(&mut self) {
        // Usually it was removed by now; what cannot be removed is noted for `clean`.
        let _ = self.remove();
    }
}

/// The leaves that a run has left, with the directory above them.
///
/// # Errors
/// Of opening and reading directories.
fn left(parent: &Parent, run: &Dir, run_name: &str) -> Result<Option<(Dir, Vec<String>)>, Errno> {
    let Some(note) = run.note(RUNNER) else { return Ok(None) };
    let Some((id, path)) = note.split_once(' ') else { return Ok(None) };
    let Ok(id) = u64::from_str_radix(id, 16) else { return Ok(None) };
    let above = match parent.below_mount(path) {
        Ok(dir) if dir.id()? == id => dir,
        Ok(_) | Err(Errno::NOENT) => match parent.by_id(id) {
            Ok(dir) => dir,
            // Whoever has removed it had to remove the leaves first. Who may not look by its id sees by the
            // path.
            Err(_) => return Ok(None),
        },
        Err(errno) => return Err(errno),
    };
    let names = above.children()?.into_iter().filter_map(|name| name.into_string().ok());
    let names: Vec<String> = names.filter(|name| name.starts_with(&prefix(run_name))).collect();
    Ok((!names.is_empty()).then_some((above, names)))
}

/// Whether a run has left leaves.
///
/// # Errors
/// As for reading a directory.
pub(crate) fn any_left(parent: &Parent, run: &Dir, run_name: &str) -> Result<bool, Errno> {
    Ok(left(parent, run, run_name)?.is_some())
}

/// Kills and removes the leaves of a run; answers how many processes were killed. All are tried.
///
/// # Errors
/// As for [`kill::remove_tree`], of the first that stays.
pub(crate) fn remove_all(parent: &Parent, run: &Dir, run_name: &str) -> Result<u32, Errno> {
    let Some((above, names)) = left(parent, run, run_name)? else { return Ok(0) };
    let removed: Vec<_> = names.iter().map(|name| kill::remove_tree(&above, name)).collect();
    removed.into_iter().sum()
}

/// What the names of a run's leaves begin with. No name of a run does.
fn prefix(run_name: &str) -> String {
    format!("{run_name}.payload-")
}
