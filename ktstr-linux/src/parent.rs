//! The cgroup below which runs make theirs: where it is, making it, and giving it controllers.
//!
//! Whatever is changed above a run is noted on the directory itself (an extended attribute), and the last run
//! that leaves undoes it, also when the one that had done it was killed. All of this happens under the lock
//! of the parent, as does the making of a run's cgroup, so that a run that is just beginning is never taken
//! for a dead one.

use crate::cgroupfs::{Dir, Lock};
use crate::clock::{TURN_TIME, after, now};
use crate::fault::{errno_fault, fault};
use crate::identity::RunName;
use crate::mount::{self, Mount, controllers_in};
use ktstr_core::{Controller, Controllers, Fault, FaultKind};
use rustix::fs::{Access, access};
use rustix::io::Errno;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long another run may hold the lock; it kills dead runs under it, which may take until each process had
/// its turn.
const LOCK_TIME: Duration = TURN_TIME.saturating_add(Duration::from_secs(15));
/// The parent's name where none is given.
const DEFAULT_NAME: &str = "ktstr";
/// Note: this directory was made by a run.
const MADE: &str = "made";
/// Note: these controllers were enabled here by a run.
const ENABLED: &str = "enabled";

/// Where runs make their cgroups.
#[derive(Debug)]
pub(crate) struct Parent {
    pub(crate) mount: Mount,
    /// Its path below the mount, without a slash at its start.
    pub(crate) path: String,
    root: Dir,
}

/// The parent, opened and locked.
pub(crate) struct Locked {
    pub(crate) dir: Dir,
    _lock: Lock,
}

impl Parent {
    /// Finds the parent; makes nothing.
    ///
    /// # Errors
    /// `NoController` where cgroup v2 is not mounted, `Invalid` for a path outside of it, `Permission` where
    /// nothing is delegated to this user.
    pub(crate) fn find(wanted: Option<&Path>) -> Result<Self, Fault> {
        let mount = mount::find()
            .ok_or_else(|| fault(FaultKind::NoController, "cgroup v2 is not mounted (mount -t cgroup2)"))?;
        let root = Dir::open_mount(&mount.point)
            .map_err(|errno| errno_fault(errno, &mount.point.to_string_lossy()))?;
        let path = match wanted {
            Some(path) => below(&mount, path)?,
            None if rustix::process::geteuid().is_root() => DEFAULT_NAME.to_owned(),
            None => delegated(&mount)?,
        };
        Ok(Self { mount, path, root })
    }

    /// Opens a cgroup by its id, wherever in the hierarchy it lies.
    ///
    /// # Errors
    /// As for [`Dir::by_id`].
    pub(crate) fn by_id(&self, id: u64) -> Result<Dir, Errno> {
        self.root.by_id(id)
    }

    /// Opens a cgroup by its path below the mount.
    ///
    /// # Errors
    /// As for [`Dir::descend`].
    pub(crate) fn below_mount(&self, path: &str) -> Result<Dir, Errno> {
        self.root.descend(path)
    }

    /// The cgroup of this process, with its path below the mount; `None` outside of what is mounted.
    pub(crate) fn runner(&self) -> Option<(String, Dir)> {
        let path = mount::own_cgroup(&self.mount)?;
        let dir = self.below_mount(&path).ok()?;
        Some((path, dir))
    }

    /// Its whole path.
    pub(crate) fn full_path(&self) -> PathBuf {
        self.mount.point.join(&self.path)
    }

    /// Opens the parent and locks it; `None` when it does not exist and `make` is false.
    ///
    /// # Errors
    /// Of making and opening it; `Busy` when another run holds the lock for too long.
    pub(crate) fn lock(&self, make: bool) -> Result<Option<Locked>, Fault> {
        let deadline = after(LOCK_TIME);
        loop {
            let dir = match self.open(make) {
                Err(Errno::NOENT) if !make => return Ok(None),
                dir => dir.map_err(|errno| self.fault(errno))?,
            };
            match dir.try_lock() {
                // The last run may have removed it while we waited; then it is made again.
                Ok(lock) if self.is_current(&dir) => return Ok(Some(Locked { dir, _lock: lock })),
                Ok(_) | Err(Errno::AGAIN | Errno::INTR) => {}
                Err(errno) => return Err(self.fault(errno)),
            }
            if now() >= deadline {
                return Err(fault(FaultKind::Busy, &format!("{}: locked by another run", self.path)));
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    fn open(&self, make: bool) -> Result<Dir, Errno> {
        let mut at = self.root.descend("")?;
        for name in self.path.split('/') {
            at = match at.child(name) {
                Err(Errno::NOENT) if make => match at.make(name) {
                    Ok(made) => {
                        made.set_note(MADE, "1");
                        made
                    }
                    Err(Errno::EXIST) => at.child(name)?,
                    Err(errno) => return Err(errno),
                },
                child => child?,
            };
        }
        Ok(at)
    }

    fn is_current(&self, dir: &Dir) -> bool {
        self.open(false).is_ok_and(|current| current.id() == dir.id())
    }

    fn fault(&self, errno: Errno) -> Fault {
        errno_fault(errno, &self.path)
    }

    /// The directories from the mount down to the parent, as far as they exist, each with its path.
    fn chain(&self) -> Result<Vec<(String, Dir)>, Errno> {
        let mut chain = vec![(String::new(), self.root.descend("")?)];
        for name in self.path.split('/') {
            let Some((path, at)) = chain.last() else { break };
            let path = if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") };
            match at.child(name) {
                Ok(child) => chain.push((path, child)),
                Err(Errno::NOENT) => break,
                Err(errno) => return Err(errno),
            }
        }
        Ok(chain)
    }

    /// The controllers that a run below could be given.
    ///
    /// # Errors
    /// Of reading cgroup files.
    pub(crate) fn available(&self) -> Result<Controllers, Fault> {
        let mut available: Controllers = Controller::ALL.into_iter().collect();
        for (path, dir) in self.chain().map_err(|errno| self.fault(errno))? {
            let control = self.mount.point.join(&path).join("cgroup.subtree_control");
            let here = if may_write(&control) { dir.controllers() } else { dir.enabled() };
            let here = here.map_err(|errno| errno_fault(errno, &path))?;
            available = available.iter().filter(|controller| here.has(*controller)).collect();
        }
        Ok(available)
    }

    /// Whether a run's cgroup can be made: the nearest directory that exists may be written to.
    ///
    /// # Errors
    /// `Permission`, with the directory.
    pub(crate) fn check_writable(&self) -> Result<(), Fault> {
        let chain = self.chain().map_err(|errno| self.fault(errno))?;
        let nearest = chain.last().map_or("", |(path, _)| path.as_str());
        let nearest = self.mount.point.join(nearest);
        if self.mount.writable && may_write(&nearest) {
            return Ok(());
        }
        Err(Fault::from_errno(libc::EACCES, &nearest.to_string_lossy()))
    }

    /// Enables controllers for the children of every directory down to the parent. To be called under the
    /// lock.
    ///
    /// # Errors
    /// `NoController` with those that are missing; what the kernel says to the enabling. What was enabled
    /// before the error is undone by [`leave`](Self::leave).
    pub(crate) fn enable(&self, wanted: Controllers) -> Result<(), Fault> {
        for (path, dir) in self.chain().map_err(|errno| self.fault(errno))? {
            let fresh = enable(&dir, &path, wanted)?;
            if !fresh.is_empty() {
                let noted = controllers_in(&dir.note(ENABLED).unwrap_or_default());
                dir.set_note(ENABLED, &noted.or(fresh).to_string());
            }
        }
        Ok(())
    }

    /// Undoes what runs have changed above themselves, if none is left. To be called under the lock; best
    /// effort, as somebody else may have come to use what was made.
    pub(crate) fn leave(&self, locked: &Locked) {
        let others = locked.dir.children().unwrap_or_default();
        let is_run = |name: &str| RunName::parse(name).is_some();
        if others.iter().filter_map(|name| name.to_str()).any(is_run) {
            return;
        }
        let Ok(mut chain) = self.chain() else { return };
        while let Some((path, dir)) = chain.pop() {
            disable_noted(&dir);
            let made = dir.note(MADE).is_some() && dir.children().is_ok_and(|children| children.is_empty());
            let (above, name) = path.rsplit_once('/').unwrap_or(("", &path));
            if made && let Ok(above) = self.root.descend(above) {
                // Busy when somebody has put something into it.
                let _ = above.remove(name);
            }
        }
    }
}

/// Enables controllers for the children of one cgroup, and answers which of them had not been.
///
/// # Errors
/// `NoController` when one is not there; else what the kernel says.
pub(crate) fn enable(dir: &Dir, path: &str, wanted: Controllers) -> Result<Controllers, Fault> {
    let about =
        |errno: Errno| errno_fault(errno, format!("{path}/cgroup.subtree_control").trim_start_matches('/'));
    let fresh = wanted.minus(dir.enabled().map_err(about)?);
    if fresh.is_empty() {
        return Ok(fresh);
    }
    let missing = fresh.minus(dir.controllers().map_err(about)?);
    if !missing.is_empty() {
        return Err(fault(FaultKind::NoController, &missing.to_string()));
    }
    let words: Vec<String> = fresh.iter().map(|controller| format!("+{}", controller.name())).collect();
    enable_once_empty(dir, &words.join(" ")).map_err(about)?;
    Ok(fresh)
}

/// How often enabling is tried at most, a millisecond apart.
const TRIES: u32 = 200;

/// A process that is exiting is in no list any more, but until it has left its cgroup that counts as
/// occupied.
fn enable_once_empty(dir: &Dir, words: &str) -> Result<(), Errno> {
    let is_empty = || dir.procs().is_ok_and(|pids| pids.is_empty());
    while_leaving(|| dir.write("cgroup.subtree_control", words), is_empty)
}

/// Tries again while it is `EBUSY` and nobody is there any more.
fn while_leaving(
    mut attempt: impl FnMut() -> Result<(), Errno>,
    is_empty: impl Fn() -> bool,
) -> Result<(), Errno> {
    for _ in 1..TRIES {
        match attempt() {
            Err(Errno::BUSY) if is_empty() => std::thread::sleep(Duration::from_millis(1)),
            done => return done,
        }
    }
    attempt()
}

fn disable_noted(dir: &Dir) {
    let Some(note) = dir.note(ENABLED) else { return };
    let noted = controllers_in(&note);
    // Busy while another tree of runs still uses one; it stays noted then.
    let disable = |controller: &Controller| {
        dir.write("cgroup.subtree_control", &format!("-{}", controller.name())).is_err()
    };
    let kept: Controllers = noted.iter().filter(disable).collect();
    if kept.is_empty() {
        dir.remove_note(ENABLED);
    } else {
        dir.set_note(ENABLED, &kept.to_string());
    }
}

fn below(mount: &Mount, path: &Path) -> Result<String, Fault> {
    let invalid =
        || fault(FaultKind::Invalid, &format!("{} is not below {}", path.display(), mount.point.display()));
    let below = path.strip_prefix(&mount.point).map_err(|_| invalid())?.to_str().ok_or_else(invalid)?;
    let below = below.trim_end_matches('/');
    let good = !below.is_empty() && below.split('/').all(|part| !matches!(part, "" | "." | ".."));
    if good { Ok(below.to_owned()) } else { Err(invalid()) }
}

/// `ktstr` below the highest ancestor of the own cgroup in which this user may make cgroups and move
/// processes.
fn delegated(mount: &Mount) -> Result<String, Fault> {
    let own = mount::own_cgroup(mount).unwrap_or_default();
    let mut found = None;
    let mut at = Some(Path::new(&own));
    while let Some(path) = at {
        let directory = mount.point.join(path);
        if !may_write(&directory) || !may_write(&directory.join("cgroup.procs")) {
            break;
        }
        found = path.to_str();
        at = path.parent();
    }
    match found {
        Some("") => Ok(DEFAULT_NAME.to_owned()),
        Some(path) => Ok(format!("{path}/{DEFAULT_NAME}")),
        None => Err(Fault::from_errno(libc::EACCES, &mount.point.join(&own).to_string_lossy())),
    }
}

fn may_write(path: &Path) -> bool {
    access(path, Access::WRITE_OK).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parent_lies_below_the_mount() {
        let mount = Mount { point: "/sys/fs/cgroup".into(), root: "/".into(), writable: true };
        assert_eq!(below(&mount, Path::new("/sys/fs/cgroup/a/b/")), Ok("a/b".to_owned()));
        for path in ["/sys/fs/cgroup", "/sys/fs", "a", "/sys/fs/cgroup/../x", "/sys/fs/cgroup/a/../../b", ""]
        {
            let refused = below(&mount, Path::new(path)).map_err(|fault| fault.kind);
            assert_eq!(refused, Err(FaultKind::Invalid), "{path:?}");
        }
    }

    #[test]
    fn who_is_on_the_way_out_is_waited_for_but_not_for_ever_and_nobody_else_is() {
        // How often it is busy, whether anybody is there, how often it is tried, what comes of it.
        for (busy, empty, tried, outcome) in [
            (0, true, 1, Ok(())),
            (3, true, 4, Ok(())),
            (3, false, 1, Err(Errno::BUSY)),
            (TRIES - 1, true, TRIES, Ok(())),
            (u32::MAX, true, TRIES, Err(Errno::BUSY)),
        ] {
            let mut tries = 0;
            let attempt = || {
                tries += 1;
                if tries <= busy { Err(Errno::BUSY) } else { Ok(()) }
            };
            assert_eq!(while_leaving(attempt, || empty), outcome, "busy {busy} times");
            assert_eq!(tries, tried, "busy {busy} times");
        }
        assert_eq!(while_leaving(|| Err(Errno::NOENT), || true), Err(Errno::NOENT));
    }
}
