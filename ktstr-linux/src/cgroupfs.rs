//! One cgroup directory, held open: everything is done relative to it, so that no symlink or rename can lead
//! elsewhere. Control files are opened without `O_CREAT`, so that a missing one reads as missing and not as
//! forbidden.

use crate::clock::{left, now};
use crate::mount::controllers_in;
use crate::sys::handle;
use ktstr_core::Controllers;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::{
    AtFlags, CWD, FileType, FlockOperation, Mode, OFlags, ResolveFlags, XattrFlags, fgetxattr, flock,
    fremovexattr, fsetxattr, mkdirat, openat, openat2, unlinkat,
};
use rustix::io::Errno;
use std::ffi::{OsStr, OsString};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;

/// An open cgroup directory.
#[derive(Debug)]
pub(crate) struct Dir {
    fd: OwnedFd,
}

/// The lock of a cgroup, held until this is dropped, at the latest until the end of the process.
#[derive(Debug)]
pub(crate) struct Lock {
    fd: OwnedFd,
}

impl Drop for Lock {
    fn drop(&mut self) {
        // A fork of another thread may have a copy of the descriptor, and with it the lock, for a moment yet.
        // Fails for a bad descriptor only.
        let _ = flock(&self.fd, FlockOperation::Unlock);
    }
}

/// What `cgroup.events` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Events {
    /// Whether a process lives in the cgroup or below it.
    pub(crate) populated: bool,
    /// Whether all of them are frozen.
    pub(crate) frozen: bool,
}

const CGROUP2_MAGIC: i64 = 0x6367_7270;
const DIRECTORY: OFlags = OFlags::DIRECTORY.union(OFlags::CLOEXEC).union(OFlags::NOFOLLOW);

impl Dir {
    /// Opens the directory at which cgroup v2 is mounted.
    ///
    /// # Errors
    /// `ENODEV` when something else is mounted there.
    pub(crate) fn open_mount(point: &Path) -> Result<Self, Errno> {
        let fd = openat(CWD, point, OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
        #[allow(clippy::unnecessary_cast)] // the type differs between machines
        let kind = rustix::fs::fstatfs(&fd)?.f_type as i64;
        if kind == CGROUP2_MAGIC { Ok(Self { fd }) } else { Err(Errno::NODEV) }
    }

    /// The directory, for clone3.
    pub(crate) fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }

    /// Opens a child. `name` is one component.
    ///
    /// # Errors
    /// `ENOENT`; `EINVAL` for a name that is not one component; `ELOOP` for a symlink.
    pub(crate) fn child<N: AsRef<OsStr> + ?Sized>(&self, name: &N) -> Result<Self, Errno> {
        Ok(Self { fd: self.open_file(component(name.as_ref())?, DIRECTORY)? })
    }

    /// Opens the directory above. A cgroup is never moved, so it is the one that this was opened from.
    ///
    /// # Errors
    /// Of opening a directory.
    fn above(&self) -> Result<Self, Errno> {
        Ok(Self { fd: openat(&self.fd, "..", OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())? })
    }

    /// Calls `visit` with each cgroup below, those below it first, and with the one above it and its name
    /// there. It takes two descriptors, however deep they lie. Those that go meanwhile are left out.
    ///
    /// # Errors
    /// The first of `visit` and of reading directories; `EBUSY` where something is mounted on one.
    pub(crate) fn each_below(
        &self,
        mut visit: impl FnMut(&Self, &OsStr, &Self) -> Result<(), Errno>,
    ) -> Result<(), Errno> {
        let mut at = self.descend("")?;
        // The name of each level but this one, and what is still to be seen in it.
        let mut names: Vec<OsString> = Vec::new();
        let mut unseen = vec![at.children()?];
        while let Some(level) = unseen.last_mut() {
            if let Some(name) = level.pop() {
                let child = match at.child(&name) {
                    Err(Errno::NOENT) => continue,
                    Err(Errno::XDEV) => Err(Errno::BUSY),
                    child => child,
                }?;
                unseen.push(child.children()?);
                names.push(name);
                at = child;
                continue;
            }
            unseen.pop();
            let Some(name) = names.pop() else { break };
            let above = if names.is_empty() { self.descend("")? } else { at.above()? };
            visit(&above, &name, &at)?;
            at = above;
        }
        Ok(())
    }

    /// Opens a directory below by its path; empty for this one.
    ///
    /// # Errors
    /// As for [`child`](Self::child).
    pub(crate) fn descend(&self, path: &str) -> Result<Self, Errno> {
        let mut at = Self { fd: self.fd.try_clone().map_err(|_| Errno::MFILE)? };
        for name in path.split('/').filter(|name| !name.is_empty()) {
            at = at.child(name)?;
        }
        Ok(at)
    }

    /// Makes a child and opens it.
    ///
    /// # Errors
    /// `EEXIST`, `EACCES`, `EAGAIN` at a limit of descendants or depth.
    pub(crate) fn make(&self, name: &str) -> Result<Self, Errno> {
        mkdirat(&self.fd, component(name.as_ref())?, Mode::from_raw_mode(0o755))?;
        self.child(name).inspect_err(|_| {
            // Nothing half-made stays; the error that counts is the first.
            let _ = self.remove(name);
        })
    }

    /// Removes a child, which has to be empty.
    ///
    /// # Errors
    /// `EBUSY` while something lives in it or below it.
    pub(crate) fn remove<N: AsRef<OsStr> + ?Sized>(&self, name: &N) -> Result<(), Errno> {
        unlinkat(&self.fd, component(name.as_ref())?, AtFlags::REMOVEDIR)
    }

    fn open_file(&self, name: &OsStr, flags: OFlags) -> Result<OwnedFd, Errno> {
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_XDEV;
        match openat2(&self.fd, name, flags, Mode::empty(), resolve) {
            // Kernels before 5.6, and sandboxes; a single component cannot lead out either.
            Err(Errno::NOSYS | Errno::PERM) => {
                openat(&self.fd, name, flags | OFlags::NOFOLLOW, Mode::empty())
            }
            opened => opened,
        }
    }

    /// Opens a control file to write to.
    ///
    /// # Errors
    /// `ENOENT` when its controller is not enabled.
    pub(crate) fn control(&self, file: &str) -> Result<OwnedFd, Errno> {
        self.open_file(component(file.as_ref())?, OFlags::WRONLY | OFlags::CLOEXEC)
    }

    /// Writes a control file in one call.
    ///
    /// # Errors
    /// Those of opening, and what the kernel says to the value.
    pub(crate) fn write(&self, file: &str, text: &str) -> Result<(), Errno> {
        let fd = self.control(file)?;
        rustix::io::retry_on_intr(|| rustix::io::write(&fd, text.as_bytes())).map(|_| ())
    }

    /// Reads a control file.
    ///
    /// # Errors
    /// Those of opening; `EOPNOTSUPP` for `cgroup.procs` of a threaded cgroup.
    pub(crate) fn read(&self, file: &str) -> Result<String, Errno> {
        read_text(&self.open_to_read(file)?)
    }

    /// Opens a control file that is to be read, maybe several times.
    ///
    /// # Errors
    /// As for [`read`](Self::read).
    pub(crate) fn open_to_read(&self, file: &str) -> Result<OwnedFd, Errno> {
        self.open_file(component(file.as_ref())?, OFlags::RDONLY | OFlags::CLOEXEC)
    }

    /// The processes of this cgroup, without those below; those of another pid namespace are left out.
    ///
    /// # Errors
    /// As for [`read`](Self::read).
    pub(crate) fn procs(&self) -> Result<Vec<i32>, Errno> {
        Ok(self
            .read("cgroup.procs")?
            .lines()
            .filter_map(|line| line.parse().ok())
            .filter(|pid| *pid > 0)
            .collect())
    }

    /// What `cgroup.events` says now.
    ///
    /// # Errors
    /// As for [`read`](Self::read); the root of the hierarchy has none.
    pub(crate) fn events(&self) -> Result<Events, Errno> {
        let fd = self.open_file("cgroup.events".as_ref(), OFlags::RDONLY | OFlags::CLOEXEC)?;
        read_events(&fd)
    }

    /// Waits until `cgroup.events` is as `wanted`; false when it is not by `deadline`. The file is read
    /// before each poll, as the kernel notifies of changes about 100 times a second at most.
    ///
    /// # Errors
    /// As for [`events`](Self::events).
    pub(crate) fn await_events(&self, deadline: u64, wanted: impl Fn(Events) -> bool) -> Result<bool, Errno> {
        let fd = self.open_file("cgroup.events".as_ref(), OFlags::RDONLY | OFlags::CLOEXEC)?;
        loop {
            if wanted(read_events(&fd)?) {
                return Ok(true);
            }
            if now() >= deadline {
                return Ok(false);
            }
            match poll(&mut [PollFd::new(&fd, PollFlags::PRI)], Some(&left(deadline))) {
                Ok(_) | Err(Errno::INTR) => {}
                Err(errno) => return Err(errno),
            }
        }
    }

    /// The controllers that children can be given.
    ///
    /// # Errors
    /// As for [`read`](Self::read).
    pub(crate) fn controllers(&self) -> Result<Controllers, Errno> {
        Ok(controllers_in(&self.read("cgroup.controllers")?))
    }

    /// The controllers that children are given.
    ///
    /// # Errors
    /// As for [`read`](Self::read).
    pub(crate) fn enabled(&self) -> Result<Controllers, Errno> {
        Ok(controllers_in(&self.read("cgroup.subtree_control")?))
    }

    /// The names of the children.
    ///
    /// # Errors
    /// As for reading a directory.
    pub(crate) fn children(&self) -> Result<Vec<OsString>, Errno> {
        let mut names = Vec::new();
        for entry in rustix::fs::Dir::read_from(&self.fd)? {
            let entry = entry?;
            let name = entry.file_name().to_bytes();
            if entry.file_type() == FileType::Directory && name != b"." && name != b".." {
                names.push(OsString::from_vec(name.to_vec()));
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    /// Takes the lock of this cgroup if nobody has it. What is locked is `cgroup.kill`, which only its owner
    /// can open: whoever can open a file can lock it, and a directory or another control file is open to all.
    /// Before Linux 5.14, and for a cgroup that somebody else owns, it is the directory.
    ///
    /// # Errors
    /// `EAGAIN` when somebody has it.
    pub(crate) fn try_lock(&self) -> Result<Lock, Errno> {
        let fd = match self.control("cgroup.kill") {
            Err(Errno::NOENT | Errno::ACCESS) => {
                self.open_file(".".as_ref(), OFlags::DIRECTORY | OFlags::CLOEXEC)
            }
            fd => fd,
        }?;
        flock(&fd, FlockOperation::NonBlockingLockExclusive)?;
        Ok(Lock { fd })
    }

    /// Its id, which no other cgroup gets before the next boot.
    ///
    /// # Errors
    /// Of fstat.
    pub(crate) fn id(&self) -> Result<u64, Errno> {
        rustix::fs::fstat(&self.fd).map(|stat| stat.st_ino)
    }

    /// Opens a cgroup of this hierarchy by its id, wherever it lies.
    ///
    /// # Errors
    /// As for [`handle::open`].
    pub(crate) fn by_id(&self, id: u64) -> Result<Self, Errno> {
        handle::open(self.fd.as_fd(), id).map(|fd| Self { fd })
    }

    /// A note on the directory, `user.ktstr.<name>`; `None` when there is none, or where cgroups take no
    /// notes.
    pub(crate) fn note(&self, name: &str) -> Option<String> {
        // Long enough for a path.
        let mut buffer = [0u8; 4096];
        let count = fgetxattr(&self.fd, format!("user.ktstr.{name}"), &mut buffer).ok()?;
        Some(String::from_utf8_lossy(buffer.get(..count)?).into_owned())
    }

    /// Leaves a note. Where cgroups take none (Linux before 5.7), nothing happens.
    pub(crate) fn set_note(&self, name: &str, text: &str) {
        // What is not noted is not undone by another run; see `parent`.
        let _ = fsetxattr(&self.fd, format!("user.ktstr.{name}"), text.as_bytes(), XattrFlags::empty());
    }

    /// Whether notes can be left here.
    pub(crate) fn takes_notes(&self) -> bool {
        const PROBE: &str = "probe";
        self.set_note(PROBE, "1");
        let taken = self.note(PROBE).is_some();
        self.remove_note(PROBE);
        taken
    }

    /// Takes a note away.
    pub(crate) fn remove_note(&self, name: &str) {
        // Fails when there is none.
        let _ = fremovexattr(&self.fd, format!("user.ktstr.{name}"));
    }
}

fn component(name: &OsStr) -> Result<&OsStr, Errno> {
    let bytes = name.as_bytes();
    let bad = matches!(bytes, b"" | b"." | b"..") || bytes.iter().any(|byte| matches!(byte, b'/' | 0));
    if bad { Err(Errno::INVAL) } else { Ok(name) }
}

/// All of a file's text, from its start.
///
/// # Errors
/// Of reading.
pub(crate) fn read_text(fd: &OwnedFd) -> Result<String, Errno> {
    let mut bytes = Vec::new();
    let mut buffer = [0u8; 4096];
    loop {
        let at = bytes.len() as u64;
        match rustix::io::retry_on_intr(|| rustix::io::pread(fd, &mut buffer, at))? {
            0 => return Ok(String::from_utf8_lossy(&bytes).into_owned()),
            count => bytes.extend_from_slice(buffer.get(..count).unwrap_or(&[])),
        }
    }
}

/// The file is a few words, which the kernel gives whole.
fn read_events(file: &OwnedFd) -> Result<Events, Errno> {
    let mut buffer = [0u8; 256];
    let count = rustix::io::retry_on_intr(|| rustix::io::pread(file, &mut buffer, 0))?;
    Ok(parse_events(&String::from_utf8_lossy(buffer.get(..count).unwrap_or(&[]))))
}

fn parse_events(text: &str) -> Events {
    let says = |key: &str| text.lines().any(|line| line.strip_prefix(key) == Some(" 1"));
    Events { populated: says("populated"), frozen: says("frozen") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_one_component() {
        for name in ["", ".", "..", "a/b", "/a", "a\0"] {
            assert_eq!(component(name.as_ref()), Err(Errno::INVAL), "{name:?}");
        }
        for name in [&b"a.b"[..], b"a\xff"] {
            assert_eq!(component(OsStr::from_bytes(name)), Ok(OsStr::from_bytes(name)));
        }
    }

    #[test]
    fn events_are_read_by_name() {
        assert_eq!(parse_events("populated 1\nfrozen 0\n"), Events { populated: true, frozen: false });
        assert_eq!(parse_events("frozen 1\npopulated 0\nnew 1\n"), Events { populated: false, frozen: true });
        assert_eq!(parse_events(""), Events::default());
    }
}
