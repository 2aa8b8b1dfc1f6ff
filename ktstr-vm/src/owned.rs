//! Directories that a run makes and that go with it. Whose one is, and whether its maker lives, is known from
//! the directory itself: its owner, a lock on it that the kernel gives back when the maker ends, and a mark
//! inside that was made for this very directory. Its name only says where to look, and no process number is
//! trusted, which another PID namespace gives out too. What is inside is the caller's affair.

use crate::error::{IoContext, VmError};
use crate::image::hex;
use rustix::fs::{FlockOperation, Mode, OFlags, flock, fstat, openat};
use rustix::io::Errno;
use rustix::process::geteuid;
use rustix::rand::{GetRandomFlags, getrandom};
use serde::{Deserialize, Serialize};
use std::fs::{DirBuilder, File};
use std::io::{ErrorKind, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The mark's name.
const MARK: &str = "ktstr.owner";
/// The most that a mark can be, in bytes.
const MARK_BYTES: u64 = 1024;
/// Characters of a nonce.
const NONCE: usize = 32;
/// How often a directory is made anew that a cleaner took away before it was locked.
const ATTEMPTS: u32 = 64;
/// A lock that another machine holds on a shared file system may not show here. So what was marked under
/// another boot is dead only after this.
const FOREIGN_BOOT: Duration = Duration::from_secs(24 * 60 * 60);

/// What makes a directory ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Mark {
    /// The kernel's `boot_id`.
    boot: String,
    /// Random, and the end of the directory's first name.
    nonce: String,
    /// The directory's inode: a copy has another one.
    inode: u64,
}

/// A directory of this process alone, mode 0700; removed with the value.
#[derive(Debug)]
pub(crate) struct OwnedDirectory {
    path: PathBuf,
    /// Holds the lock.
    lock: OwnedFd,
    published: bool,
}

impl OwnedDirectory {
    /// A new one in `base`, called `prefix` and a nonce. What dead processes have left there goes first.
    pub(crate) fn create(base: &Path, prefix: &str) -> Result<Self, VmError> {
        sweep(base, prefix, &mut Cleaned::default());
        for _ in 0..ATTEMPTS {
            if let Some(made) = Self::attempt(base, prefix).at("create a directory in", base)? {
                return Ok(made);
            }
        }
        let source = std::io::Error::from(ErrorKind::ResourceBusy);
        Err(VmError::Io { action: "create a directory in", path: base.to_owned(), source })
    }

    /// `None` where a cleaner was faster than the lock.
    fn attempt(base: &Path, prefix: &str) -> std::io::Result<Option<Self>> {
        let nonce = nonce()?;
        let path = base.join(format!("{prefix}{nonce}"));
        DirBuilder::new().mode(0o700).create(&path)?;
        let lock = match open_directory(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            lock => lock?,
        };
        match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Err(Errno::AGAIN) => return Ok(None),
            locked => locked?,
        }
        if !leads_to(&path, &lock)? {
            return Ok(None);
        }
        // From here on it goes with the value.
        let made = Self { path, lock, published: false };
        let mark = Mark { boot: boot_id()?, nonce, inode: fstat(&made.lock)?.st_ino };
        let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::CLOEXEC;
        let file = openat(&made.lock, MARK, flags, Mode::RUSR | Mode::WUSR)?;
        File::from(file).write_all(serde_json::to_string(&mark)?.as_bytes())?;
        Ok(Some(made))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Moves it to `place`, where it stays: what is in it is finished.
    ///
    /// # Errors
    /// As for `rename`; the directory goes then.
    pub(crate) fn publish(mut self, place: &Path) -> std::io::Result<()> {
        std::fs::rename(&self.path, place)?;
        self.published = true;
        // With the mark it would still be no leftover: its name is another one.
        std::fs::remove_file(place.join(MARK))
    }
}

impl Drop for OwnedDirectory {
    fn drop(&mut self) {
        if !self.published {
            // What cannot be removed is for `clean` to name.
            drop(remove(&self.path));
        }
    }
}

/// What was found and done.
#[derive(Debug, Default)]
pub struct Cleaned {
    /// Directories of dead runs that were removed.
    pub removed: Vec<PathBuf>,
    /// Directories of runs that live, or may live on another machine.
    pub live: Vec<PathBuf>,
    /// Directories of dead runs that could not be removed, and why.
    pub failed: Vec<(PathBuf, std::io::Error)>,
}

/// Removes the directories in `base` that are ours by their mark and whose maker has died.
pub(crate) fn sweep(base: &Path, prefix: &str, cleaned: &mut Cleaned) {
    for entry in base.read_dir().into_iter().flatten().flatten() {
        let name = entry.file_name();
        let Some(nonce) = name.to_str().and_then(|name| name.strip_prefix(prefix)) else { continue };
        if nonce.len() != NONCE || !nonce.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            continue;
        }
        let path = entry.path();
        match judge(&path, nonce) {
            Ok(Found::Dead(_lock)) => match remove(&path) {
                Ok(()) => cleaned.removed.push(path),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => cleaned.failed.push((path, error)),
            },
            Ok(Found::Alive) => cleaned.live.push(path),
            // Not ours, or no longer there.
            Ok(Found::Foreign) | Err(_) => {}
        }
    }
}

/// What a directory is.
enum Found {
    /// Not ours.
    Foreign,
    /// Ours, and its maker lives, or may live.
    Alive,
    /// Ours, and its maker has died. The lock keeps other cleaners away.
    Dead(OwnedFd),
}

fn judge(path: &Path, nonce: &str) -> std::io::Result<Found> {
    let directory = open_directory(path)?;
    let inode = fstat(&directory)?;
    if inode.st_uid != geteuid().as_raw() {
        return Ok(Found::Foreign);
    }
    match flock(&directory, FlockOperation::NonBlockingLockExclusive) {
        Err(Errno::AGAIN) => return Ok(Found::Alive),
        locked => locked?,
    }
    if !leads_to(path, &directory)? {
        return Ok(Found::Foreign);
    }
    let Some((mark, age)) = read_mark(&directory)? else {
        // Its maker died before the mark was written: there is nothing in it, and nothing to lose.
        let bare = path.read_dir()?.flatten().all(|entry| entry.file_name() == MARK);
        return Ok(if bare { Found::Dead(directory) } else { Found::Foreign });
    };
    if mark.inode != inode.st_ino || mark.nonce != nonce {
        return Ok(Found::Foreign);
    }
    Ok(if mark.boot == boot_id()? || age > FOREIGN_BOOT { Found::Dead(directory) } else { Found::Alive })
}

/// The mark in a directory and its age; `None` where there is none, or an empty one.
fn read_mark(directory: &OwnedFd) -> std::io::Result<Option<(Mark, Duration)>> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = match openat(directory, MARK, flags, Mode::empty()) {
        Err(Errno::NOENT) => return Ok(None),
        file => File::from(file?),
    };
    let meta = file.metadata()?;
    if meta.is_file() && meta.len() == 0 {
        return Ok(None);
    }
    let mut text = String::new();
    file.take(MARK_BYTES).read_to_string(&mut text)?;
    Ok(Some((serde_json::from_str(&text)?, meta.modified()?.elapsed().unwrap_or_default())))
}

/// Removes a directory with the mark last, so that one that is removed half can be known for ours again.
fn remove(path: &Path) -> std::io::Result<()> {
    for entry in path.read_dir()? {
        let entry = entry?;
        if entry.file_name() == MARK {
            continue;
        }
        let gone = match entry.file_type()?.is_dir() {
            true => std::fs::remove_dir_all(entry.path()),
            false => std::fs::remove_file(entry.path()),
        };
        // A dying QEMU removes its sockets itself.
        gone.or_else(|error| if error.kind() == ErrorKind::NotFound { Ok(()) } else { Err(error) })?;
    }
    std::fs::remove_dir_all(path)
}

fn open_directory(path: &Path) -> std::io::Result<OwnedFd> {
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::RDONLY | OFlags::CLOEXEC;
    Ok(rustix::fs::open(path, flags, Mode::empty())?)
}

/// Whether a path still leads to an open directory.
fn leads_to(path: &Path, directory: &OwnedFd) -> std::io::Result<bool> {
    let open = fstat(directory)?;
    match std::fs::symlink_metadata(path) {
        Ok(meta) => Ok((meta.dev(), meta.ino()) == (open.st_dev, open.st_ino)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn boot_id() -> std::io::Result<String> {
    Ok(std::fs::read_to_string("/proc/sys/kernel/random/boot_id")?.trim().to_owned())
}

/// Random digits that were never used before.
fn nonce() -> std::io::Result<String> {
    let mut bytes = [0; NONCE / 2];
    getrandom(&mut bytes, GetRandomFlags::empty())?;
    Ok(hex(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    const PREFIX: &str = "ktstr-vm-";

    /// What its maker leaves when it is killed.
    fn abandoned(base: &Path) -> PathBuf {
        let made = OwnedDirectory::create(base, PREFIX).unwrap();
        let path = made.path().to_owned();
        std::fs::write(path.join("initrd"), "x").unwrap();
        std::fs::create_dir(path.join("below")).unwrap();
        let OwnedDirectory { lock, .. } = &made;
        flock(lock, FlockOperation::Unlock).unwrap();
        std::mem::forget(made);
        path
    }

    fn swept(base: &Path) -> Cleaned {
        let mut cleaned = Cleaned::default();
        sweep(base, PREFIX, &mut cleaned);
        assert!(cleaned.failed.is_empty(), "{cleaned:?}");
        cleaned
    }

    fn edited(path: &Path, change: impl FnOnce(&mut Mark)) {
        let file = path.join(MARK);
        let mut mark = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
        change(&mut mark);
        std::fs::write(&file, serde_json::to_string(&mark).unwrap()).unwrap();
    }

    #[test]
    fn it_is_private_and_goes_with_its_value() {
        let base = tempfile::tempdir().unwrap();
        let made = OwnedDirectory::create(base.path(), PREFIX).unwrap();
        assert_eq!(made.path().metadata().unwrap().permissions().mode() & 0o7777, 0o700);
        assert_eq!(swept(base.path()).live, [made.path()]);
        drop(made);
        assert_eq!(base.path().read_dir().unwrap().count(), 0);
    }

    #[test]
    fn what_the_dead_have_left_is_removed_and_nothing_else() {
        let base = tempfile::tempdir().unwrap();
        let at = |name: &str| base.path().join(name);
        let alive = OwnedDirectory::create(base.path(), PREFIX).unwrap();
        let dead = abandoned(base.path());
        // Killed before the mark, and while it was written.
        let (unmarked, half) =
            (at(&format!("{PREFIX}{}", "0".repeat(32))), at(&format!("{PREFIX}{}", "1".repeat(32))));
        std::fs::create_dir(&unmarked).unwrap();
        std::fs::create_dir(&half).unwrap();
        std::fs::write(half.join(MARK), "").unwrap();
        // A user's own folders: by an old name, by a new one, and a copy of a run's directory.
        let (old, own) = (at("ktstr-vm-4294967295-x"), at(&format!("{PREFIX}{}", "2".repeat(32))));
        let copy = at(&format!("{PREFIX}{}", "3".repeat(32)));
        for place in [&old, &own, &copy] {
            std::fs::create_dir(place).unwrap();
            std::fs::write(place.join("thesis"), "text").unwrap();
        }
        std::fs::copy(dead.join(MARK), copy.join(MARK)).unwrap();
        std::os::unix::fs::symlink(&own, at(&format!("{PREFIX}{}", "4".repeat(32)))).unwrap();
        let mut removed = swept(base.path()).removed;
        removed.sort();
        let mut expected = vec![dead, unmarked, half];
        expected.sort();
        assert_eq!(removed, expected);
        assert!(
            [&old, &own, &copy].iter().all(|place| place.join("thesis").is_file()) && alive.path().is_dir()
        );
    }

    #[test]
    fn a_mark_of_another_directory_or_nonce_makes_nothing_ours() {
        let base = tempfile::tempdir().unwrap();
        for change in [(|mark: &mut Mark| mark.inode += 1) as fn(&mut Mark), |mark| mark.nonce.push('0')] {
            let path = abandoned(base.path());
            edited(&path, change);
            assert!(swept(base.path()).removed.is_empty() && path.is_dir());
        }
    }

    #[test]
    fn what_another_boot_has_marked_is_left_for_a_day() {
        let base = tempfile::tempdir().unwrap();
        let path = abandoned(base.path());
        edited(&path, |mark| mark.boot = "another".to_owned());
        assert_eq!(swept(base.path()).live, std::slice::from_ref(&path));
        let long_ago = std::time::SystemTime::now() - FOREIGN_BOOT - Duration::from_secs(60);
        File::options().write(true).open(path.join(MARK)).unwrap().set_modified(long_ago).unwrap();
        assert_eq!(swept(base.path()).removed, [path]);
    }

    #[test]
    fn makers_and_cleaners_at_the_same_time_lose_nothing() {
        let base = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let made = OwnedDirectory::create(base.path(), PREFIX).unwrap();
                        std::fs::write(made.path().join("file"), "x").unwrap();
                        std::thread::yield_now();
                        assert!(made.path().join("file").is_file() && made.path().join(MARK).is_file());
                    }
                });
            }
        });
        assert_eq!(base.path().read_dir().unwrap().count(), 0);
    }

    #[test]
    fn what_is_finished_stays_without_its_mark() {
        let base = tempfile::tempdir().unwrap();
        let made = OwnedDirectory::create(base.path(), PREFIX).unwrap();
        std::fs::write(made.path().join("state"), "x").unwrap();
        let place = base.path().join("finished");
        made.publish(&place).unwrap();
        assert_eq!(
            place.read_dir().unwrap().flatten().map(|entry| entry.file_name()).collect::<Vec<_>>(),
            ["state"]
        );
    }
}
