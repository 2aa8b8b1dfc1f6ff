//! Fetches Debian's QEMU with all the libraries that it needs, down to the C library, and unpacks it into a
//! folder of its own.

use super::{Emulator, PROGRAM};
use crate::apt::{self, Apt, is_plain};
use crate::error::{IoContext, VmError};
use crate::kernel::{Cache, HALF_MADE};
use crate::owned::OwnedDirectory;
use std::path::Path;

/// The package.
const PACKAGE: &str = "qemu-system-x86";

/// Fetches the newest QEMU of a Debian suite, as `trixie`, and keeps it in `cache`, where it is found from
/// then on.
///
/// # Errors
/// [`VmError::NoMirror`] on a machine without apt and a Debian mirror, [`VmError::Fetch`] with apt's words,
/// [`VmError::PackageContent`] when what came is no QEMU that can be started.
pub fn fetch(suite: &str, cache: &Cache) -> Result<Emulator, VmError> {
    if suite.is_empty() || !is_plain(suite) {
        let detail = format!("`{suite}` is no name of a suite");
        return Err(VmError::Fetch { step: "choosing the suite".to_owned(), detail });
    }
    let apt = Apt::new(&cache.subdirectory("apt")?.join(suite), Some(suite))?;
    apt.run("apt-get", &["update", "--error-on=any"], "apt-get update")?;
    let shown = apt.run("apt-cache", &["show", "--no-all-versions", PACKAGE], "apt-cache show")?;
    let missing =
        |what: &str| VmError::PackageContent { package: PACKAGE.to_owned(), missing: what.to_owned() };
    let version = version(&shown).ok_or_else(|| missing("version"))?;
    let place = cache.emulators()?.join(version);
    if !place.join("usr/bin").join(PROGRAM).is_file() {
        unpack(&apt, &place)?;
    }
    Emulator::unpacked(&place).map_err(|error| missing(&format!("QEMU that can be started ({error})")))
}

/// Downloads, and unpacks beside; it appears at its place whole or not at all.
fn unpack(apt: &Apt, place: &Path) -> Result<(), VmError> {
    let base = place.parent().unwrap_or(place);
    let work = OwnedDirectory::create(base, HALF_MADE)?;
    let tree = work.path().join("tree");
    let files = apt.download_whole(PACKAGE)?;
    let unpacked = apt::unpack(&files, &tree);
    // They are unpacked now, or of no use.
    files.iter().for_each(|file| drop(std::fs::remove_file(file)));
    unpacked?;
    match std::fs::rename(&tree, place) {
        // Another process was faster; what it has is the same.
        Err(_) if place.join("usr/bin").join(PROGRAM).is_file() => Ok(()),
        result => result.at("rename into", place),
    }
}

/// The version in what apt shows of a package, without its epoch, if it can be the name of a folder.
fn version(shown: &str) -> Option<&str> {
    let version = shown.lines().find_map(|line| line.strip_prefix("Version:"))?.trim();
    let version = version.split_once(':').map_or(version, |(_, version)| version);
    (version.starts_with(|c: char| c.is_ascii_digit())
        && version.chars().all(|c| is_plain(&c.to_string()) || c == '~'))
    .then_some(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_a_folders_name_without_its_epoch() {
        for (shown, seen) in [
            (
                "Package: qemu-system-x86\nVersion: 1:10.0.13+ds-0+deb13u1\nSize: 1\n",
                Some("10.0.13+ds-0+deb13u1"),
            ),
            ("Version: 11.1.3+ds-1~bpo13+1\n", Some("11.1.3+ds-1~bpo13+1")),
            ("Version: 1:../x\n", None),
            ("Version: 1/2\n", None),
            ("Package: x\n", None),
        ] {
            assert_eq!(version(shown), seen, "{shown}");
        }
    }

    #[test]
    fn names_that_apt_could_misread_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        for suite in ["", "trixie main\ndeb x", "../x", "a;true"] {
            assert_eq!(fetch(suite, &Cache::at(dir.path())).unwrap_err().code(), "V004", "{suite:?}");
        }
    }
}
