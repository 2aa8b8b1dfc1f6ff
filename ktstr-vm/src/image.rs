//! Builds the guest's file system, an initramfs in the kernel's `newc` cpio format, in memory. The same
//! entries give the same bytes: entries are sorted, owned by root and have no time. Which libraries a program
//! needs is found in `elf`.

use crate::elf;
use crate::error::{IoContext, VmError};
use cpio::newc;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

const DIRECTORY: u32 = 0o040_000;
const REGULAR: u32 = 0o100_000;
const SYMLINK: u32 = 0o120_000;
const CHARACTER: u32 = 0o020_000;

/// Where the guest looks programs up.
pub(crate) const PROGRAM_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The link that a program needs to be found by its name in the guest, where the host has it somewhere else.
fn link_for(name: &str, path: &Path) -> Option<String> {
    let dir = path.parent()?;
    let is_found = name.contains('/') || PROGRAM_PATH.split(':').any(|known| Path::new(known) == dir);
    (!is_found).then(|| format!("/usr/local/bin/{name}"))
}

#[derive(Debug, Clone)]
enum Entry {
    Directory,
    Bytes { mode: u32, bytes: Vec<u8> },
    Host { mode: u32, path: PathBuf },
    Symlink(String),
    Device { mode: u32, major: u32, minor: u32 },
}

/// A file system to be, entry by entry. Paths are absolute or relative to its root; parents are made as
/// needed.
#[derive(Debug, Clone, Default)]
pub struct Image {
    entries: BTreeMap<String, Entry>,
}

impl Image {
    /// An empty file system.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What every guest has: the mount points, `/dev/console` and `/dev/null`, and `init` as the program to
    /// start, with the libraries it needs.
    ///
    /// # Errors
    /// As for [`program_at`](Self::program_at).
    pub fn with_init(init: &Path) -> Result<Self, VmError> {
        let mut image = Self::new();
        for directory in ["dev", "proc", "sys", "tmp", "run", "etc", "root", "boot", "var/tmp"] {
            image.directory(directory);
        }
        image.insert("dev/console", Entry::Device { mode: 0o600, major: 5, minor: 1 });
        image.insert("dev/null", Entry::Device { mode: 0o666, major: 1, minor: 3 });
        image.bytes("etc/passwd", 0o644, b"root:x:0:0:root:/root:/bin/sh\n".to_vec());
        image.bytes("etc/group", 0o644, b"root:x:0:\n".to_vec());
        image.program_at(init, "/init")?;
        Ok(image)
    }

    /// Adds a directory.
    pub fn directory(&mut self, path: &str) {
        self.insert(path, Entry::Directory);
    }

    /// Adds a file with these permissions and this content.
    pub fn bytes(&mut self, path: &str, mode: u32, bytes: Vec<u8>) {
        self.insert(path, Entry::Bytes { mode: mode & 0o7777, bytes });
    }

    /// Adds a symbolic link.
    pub fn symlink(&mut self, path: &str, target: &str) {
        self.insert(path, Entry::Symlink(target.to_owned()));
    }

    /// Adds a file of the host, under the same path or another one, with the permissions it has. A directory
    /// comes with all that is below it.
    ///
    /// # Errors
    /// [`VmError::Io`] when it is not there or is neither file nor directory.
    pub fn host(&mut self, path: &Path, at: Option<&str>) -> Result<(), VmError> {
        use std::os::unix::fs::PermissionsExt;
        let meta = std::fs::metadata(path).at("read", path)?;
        let name = at.map_or_else(|| path.to_string_lossy().into_owned(), str::to_owned);
        if meta.is_dir() {
            self.directory(&name);
            for entry in std::fs::read_dir(path).at("list", path)? {
                let entry = entry.at("list", path)?;
                self.host(&entry.path(), Some(&format!("{name}/{}", entry.file_name().to_string_lossy())))?;
            }
        } else if meta.is_file() {
            let mode = meta.permissions().mode() & 0o7777;
            self.insert(&name, Entry::Host { mode, path: path.to_owned() });
        } else {
            let source = std::io::Error::from(std::io::ErrorKind::InvalidInput);
            return Err(VmError::Io { action: "pack", path: path.to_owned(), source });
        }
        Ok(())
    }

    /// Adds a program by name (looked up on the host's `PATH`) or path, under the path it has on the host,
    /// with the libraries it is linked to; a name finds it in the guest too, wherever the host has it. What a
    /// program opens later by itself (`dlopen`, data files) is for [`host`](Self::host).
    ///
    /// # Errors
    /// [`VmError::ProgramNotFound`], [`VmError::LibraryNotFound`], [`VmError::Io`].
    pub fn program(&mut self, name: &str) -> Result<(), VmError> {
        let path = elf::which(name)?;
        let at = path.to_string_lossy();
        if let Some(link) = link_for(name, &path) {
            self.symlink(&link, &at);
        }
        self.program_at(&path, &at)
    }

    /// The same for a program at `path` on the host that shall be at `at` in the guest.
    ///
    /// # Errors
    /// As for [`program`](Self::program).
    pub fn program_at(&mut self, path: &Path, at: &str) -> Result<(), VmError> {
        self.insert(at, Entry::Host { mode: 0o755, path: path.to_owned() });
        for file in elf::closure(path)? {
            self.insert(&file.guest, Entry::Host { mode: 0o755, path: file.host });
        }
        Ok(())
    }

    /// Whether there is an entry at this path.
    #[must_use]
    pub fn contains(&self, path: &str) -> bool {
        self.entries.contains_key(&clean(path))
    }

    fn insert(&mut self, path: &str, entry: Entry) {
        let path = clean(path);
        for (at, _) in path.match_indices('/') {
            self.entries.entry(path[..at].to_owned()).or_insert(Entry::Directory);
        }
        match (&entry, self.entries.get(&path)) {
            (Entry::Directory, Some(_)) => {}
            _ if path.is_empty() => {}
            _ => drop(self.entries.insert(path, entry)),
        }
    }

    /// The archive.
    ///
    /// # Errors
    /// [`VmError::Io`] when a file of the host cannot be read.
    pub fn build(&self) -> Result<Archive, VmError> {
        let mut out = Vec::new();
        for (ino, (name, entry)) in (1..).zip(&self.entries) {
            let node = newc::Builder::new(name).ino(ino).nlink(1);
            match entry {
                Entry::Directory => write(&mut out, node.mode(DIRECTORY | 0o755), &[]),
                Entry::Bytes { mode, bytes } => write(&mut out, node.mode(REGULAR | mode), bytes),
                Entry::Symlink(target) => write(&mut out, node.mode(SYMLINK | 0o777), target.as_bytes()),
                Entry::Device { mode, major, minor } => {
                    write(&mut out, node.mode(CHARACTER | mode).rdev_major(*major).rdev_minor(*minor), &[])
                }
                Entry::Host { mode, path } => {
                    let bytes = std::fs::read(path).at("read", path)?;
                    write(&mut out, node.mode(REGULAR | mode), &bytes)
                }
            }
            .at("pack", name)?;
        }
        newc::trailer(&mut out).at("pack", "trailer")?;
        // The kernel wants archives that follow one another to begin at multiples of four.
        out.resize(out.len().next_multiple_of(4), 0);
        let hash = hex(&Sha256::digest(&out));
        Ok(Archive { bytes: out, sha256: hash })
    }
}

/// A built image: a cpio archive that a kernel unpacks. Archives may follow one another in one file.
#[derive(Debug, Clone)]
pub struct Archive {
    /// The archive.
    pub bytes: Vec<u8>,
    /// SHA-256 of the bytes, in lower-case hex.
    pub sha256: String,
}

fn write(out: &mut Vec<u8>, node: newc::Builder, bytes: &[u8]) -> std::io::Result<()> {
    let size =
        u32::try_from(bytes.len()).map_err(|_| std::io::Error::from(std::io::ErrorKind::FileTooLarge))?;
    let mut writer = node.write(out, size);
    writer.write_all(bytes)?;
    writer.finish()?;
    Ok(())
}

/// A path as cpio wants it: no leading slash, no empty parts, `.` and `..` resolved.
fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// SHA-256 of a file, in lower-case hex.
pub(crate) fn file_hash(path: &Path) -> Result<String, VmError> {
    Ok(hex(&Sha256::digest(std::fs::read(path).at("read", path)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing(bytes: &[u8]) -> Vec<(String, u32, Vec<u8>)> {
        let mut seen = Vec::new();
        let mut rest = bytes;
        loop {
            let mut reader = newc::Reader::new(rest).unwrap();
            let entry = reader.entry();
            if entry.is_trailer() {
                return seen;
            }
            let (name, mode) = (entry.name().to_owned(), entry.mode());
            let mut content = Vec::new();
            std::io::Read::read_to_end(&mut reader, &mut content).unwrap();
            rest = reader.finish().unwrap();
            seen.push((name, mode, content));
        }
    }

    #[test]
    fn a_name_is_linked_where_the_guest_would_not_find_it() {
        for (name, path, link) in [
            ("grep", "/usr/bin/grep", None),
            ("/opt/load", "/opt/load", None),
            ("load", "/home/me/.cargo/bin/load", Some("/usr/local/bin/load")),
        ] {
            assert_eq!(link_for(name, Path::new(path)).as_deref(), link, "{name} at {path}");
        }
    }

    #[test]
    fn entries_are_sorted_with_their_parents_before_them() {
        let mut image = Image::new();
        image.bytes("/b/c/d", 0o640, b"text".to_vec());
        image.symlink("a", "b/c");
        image.directory("b");
        let seen = listing(&image.build().unwrap().bytes);
        let expected: [(&str, u32, &[u8]); 4] = [
            ("a", 0o120_777, b"b/c"),
            ("b", 0o40_755, b""),
            ("b/c", 0o40_755, b""),
            ("b/c/d", 0o100_640, b"text"),
        ];
        assert_eq!(seen.iter().map(|(n, m, c)| (n.as_str(), *m, c.as_slice())).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn paths_cannot_leave_the_root() {
        for (given, kept) in [("/../../etc/x", "etc/x"), ("a//b/./c", "a/b/c"), ("/", "")] {
            assert_eq!(clean(given), kept);
        }
    }

    #[test]
    fn the_same_entries_give_the_same_bytes_in_any_order() {
        let build = |names: [&str; 3]| {
            let mut image = Image::new();
            names.iter().for_each(|name| image.bytes(name, 0o644, name.as_bytes().to_vec()));
            image.build().unwrap()
        };
        let (one, other) = (build(["x", "y/z", "q"]), build(["q", "x", "y/z"]));
        assert_eq!(one.sha256, other.sha256);
        assert_eq!(one.bytes.len() % 4, 0);
    }

    #[test]
    fn a_missing_program_is_named() {
        let error = Image::new().program("no-such-program-anywhere").unwrap_err();
        assert_eq!(error.code(), "V010");
        assert!(error.to_string().contains("no-such-program-anywhere"));
    }
}
