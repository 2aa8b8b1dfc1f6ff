//! Which QEMU runs guests: one that was fetched, one that is installed, or one that was named. Fetching is in
//! `fetch`, what makes its virtual CPUs equally fast in `even`. How a machine becomes arguments is in `qemu`.

pub(crate) mod even;
mod fetch;

pub use fetch::fetch;

use crate::elf::which;
use crate::error::{IoContext, VmError};
use crate::kernel::{Cache, age, matches};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

/// The program that is looked for where none is named.
pub(crate) const PROGRAM: &str = "qemu-system-x86_64";
/// Names a QEMU in the environment: a program, or the version of one that was fetched.
pub const VARIABLE: &str = "KTSTR_QEMU";
/// The oldest whose counted time is of use: from it on QEMU divides each round of time among the CPUs.
const GOOD: [u64; 2] = [8, 1];

/// Where a QEMU comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// It was named, by the caller or in the environment.
    Named,
    /// It was fetched and lies in the cache.
    Fetched,
    /// It is the one on `PATH`.
    Installed,
}

impl Origin {
    /// Its name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Named => "named",
            Self::Fetched => "fetched",
            Self::Installed => "installed",
        }
    }
}

/// A QEMU.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Emulator {
    /// The file of the program.
    pub program: PathBuf,
    /// Where it comes from.
    pub origin: Origin,
    /// The first line of what `--version` says.
    pub banner: String,
    /// The program with what has to stand before it and right after it.
    command: Vec<String>,
}

impl Emulator {
    fn new(program: PathBuf, origin: Origin, command: Vec<String>) -> Result<Self, VmError> {
        let banner = banner(&command)?;
        Ok(Self { program, origin, banner, command })
    }

    /// The one that `name` means to a shell.
    fn on_path(name: &str, origin: Origin) -> Result<Self, VmError> {
        let program = which(name).map_err(|_| VmError::QemuMissing { program: name.to_owned() })?;
        let command = vec![program.to_string_lossy().into_owned()];
        Self::new(program, origin, command)
    }

    /// The one whose packages were unpacked below `root`. It is started by the loader, and with the
    /// libraries, that came with it: those of this machine may be older.
    fn unpacked(root: &Path) -> Result<Self, VmError> {
        let libraries = root.join("usr/lib/x86_64-linux-gnu");
        let program = root.join("usr/bin").join(PROGRAM);
        let loader = libraries.join("ld-linux-x86-64.so.2");
        for file in [&program, &loader] {
            file.metadata().at("find", file)?;
        }
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let mut command = vec![text(&loader), "--library-path".to_owned(), text(&libraries), text(&program)];
        for data in ["usr/share/qemu", "usr/share/seabios"] {
            command.extend(["-L".to_owned(), text(&root.join(data))]);
        }
        Self::new(program, Origin::Fetched, command)
    }

    /// A command that starts it, without arguments yet.
    pub(crate) fn command(&self) -> Command {
        start(&self.command)
    }

    /// Its version: `10.0.13`; empty where it does not say.
    #[must_use]
    pub fn version(&self) -> &str {
        self.banner.split_once("version ").and_then(|(_, rest)| rest.split(' ').next()).unwrap_or_default()
    }

    /// Whether it can be had to give all virtual CPUs as many instructions in the same time; or why not.
    /// Builds what that takes with the C compiler, once, and keeps it in `cache`.
    ///
    /// # Errors
    /// The reason, in one sentence.
    pub fn evens_cpus(&self, cache: &Cache) -> Result<(), String> {
        even::plugin(self, cache).map(drop)
    }

    /// What is to be said against it, if anything.
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        (age(self.version()).as_slice() < GOOD.as_slice()).then(|| {
            format!(
                "QEMU {} is older than {}.{}: it hands out time unevenly among virtual CPUs, and holds may overrun; \
                 a newer one can be fetched",
                self.version(),
                GOOD[0],
                GOOD[1]
            )
        })
    }
}

/// Finds a QEMU: the one that `wanted` names (a path, a program on `PATH`, or the version of one that was
/// fetched, or its beginning), else the one that `KTSTR_QEMU` names, else the newest that was fetched, else
/// the one that is installed.
///
/// # Errors
/// [`VmError::QemuMissing`], and [`VmError::NotPrivate`] for a cache of somebody else's.
pub fn resolve(wanted: Option<&str>, cache: &Cache) -> Result<Emulator, VmError> {
    let named = std::env::var(VARIABLE).ok().filter(|name| !name.is_empty());
    if let Some(name) = wanted.map(str::to_owned).or(named) {
        let is_version = name.starts_with(|c: char| c.is_ascii_digit());
        let fetched = if is_version { versions(cache)? } else { Vec::new() };
        return match fetched.iter().rfind(|(version, _)| matches(version, &name)) {
            Some((_, root)) => Emulator::unpacked(root),
            None => Emulator::on_path(&name, Origin::Named),
        };
    }
    match versions(cache)?.pop() {
        Some((_, root)) => Emulator::unpacked(&root),
        None => Emulator::on_path(PROGRAM, Origin::Installed),
    }
}

/// Those that were fetched, oldest version first.
///
/// # Errors
/// [`VmError::Io`] when the cache cannot be read, [`VmError::NotPrivate`] when it is not the user's alone.
pub fn list(cache: &Cache) -> Result<Vec<Emulator>, VmError> {
    Ok(versions(cache)?.iter().filter_map(|(_, root)| Emulator::unpacked(root).ok()).collect())
}

/// The versions in the cache with their places, oldest first.
fn versions(cache: &Cache) -> Result<Vec<(String, PathBuf)>, VmError> {
    let Some(directory) = cache.known_emulators()? else { return Ok(Vec::new()) };
    let entries = std::fs::read_dir(&directory).at("list", &directory)?.flatten();
    let roots = entries.map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.path()));
    let mut versions: Vec<_> =
        roots.filter(|(_, root)| root.join("usr/bin").join(PROGRAM).is_file()).collect();
    versions.sort_by_key(|(version, _)| age(version));
    Ok(versions)
}

fn start(command: &[String]) -> Command {
    let mut words = command.iter();
    let mut start = Command::new(words.next().map_or(PROGRAM, String::as_str));
    start.args(words);
    start
}

/// The first line of what it says of its version. Asked once for each program.
fn banner(command: &[String]) -> Result<String, VmError> {
    static KNOWN: Mutex<BTreeMap<Vec<String>, String>> = Mutex::new(BTreeMap::new());
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(banner) = known.get(command) {
        return Ok(banner.clone());
    }
    let missing = || VmError::QemuMissing { program: command.join(" ") };
    let output = start(command).arg("--version").output().map_err(|_| missing())?;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().next().filter(|_| output.status.success()).ok_or_else(missing)?;
    known.insert(command.to_vec(), line.to_owned());
    Ok(line.to_owned())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    /// A QEMU that is never started.
    pub(crate) fn example(banner: &str) -> Emulator {
        let command = vec!["qemu".to_owned()];
        Emulator { program: "qemu".into(), origin: Origin::Installed, banner: banner.to_owned(), command }
    }

    #[test]
    fn old_ones_are_warned_of_and_newer_ones_are_not() {
        for (banner, version, warned) in [
            ("QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18+b3)", "7.2.22", true),
            ("QEMU emulator version 8.0.0", "8.0.0", true),
            ("QEMU emulator version 8.1.0", "8.1.0", false),
            ("QEMU emulator version 10.0.13 (Debian 1:10.0.13+ds-0+deb13u1)", "10.0.13", false),
            ("something else", "", true),
        ] {
            let emulator = example(banner);
            assert_eq!((emulator.version(), emulator.warning().is_some()), (version, warned), "{banner}");
        }
    }

    #[test]
    fn what_is_named_goes_before_what_was_fetched() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
        let cache = Cache::at(dir.path());
        assert_eq!(list(&cache).unwrap(), []);
        // A tree whose loader is a script that answers as QEMU does.
        for version in ["9.2.4+ds-1", "10.0.13+ds-0+deb13u1"] {
            let root = cache.emulators().unwrap().join(version);
            let script =
                format!("#!/bin/sh\necho QEMU emulator version {}\n", version.split('+').next().unwrap());
            for (path, mode) in [
                ("usr/bin/qemu-system-x86_64", 0o644),
                ("usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", 0o755),
            ] {
                let path = root.join(path);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(&path, &script).unwrap();
                std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            }
        }
        let versions: Vec<_> = list(&cache).unwrap().iter().map(|one| one.version().to_owned()).collect();
        assert_eq!(versions, ["9.2.4", "10.0.13"]);
        let found = resolve(Some("9.2"), &cache).unwrap();
        assert_eq!((found.version(), found.origin), ("9.2.4", Origin::Fetched));
        for missing in ["9.1", "/no/such/qemu", "false"] {
            assert_eq!(resolve(Some(missing), &cache).unwrap_err().code(), "V020", "{missing}");
        }
    }
}
