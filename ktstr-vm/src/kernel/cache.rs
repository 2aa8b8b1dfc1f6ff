//! Where kernels are kept: one directory each, named by release, under the user's cache directory. A kernel
//! appears there whole or not at all: it is unpacked beside and renamed into place.

use super::{Kernel, age, format, is_release};
use crate::apt;
use crate::error::{IoContext, VmError};
use crate::image::hex;
use crate::owned::{self, Cleaned, OwnedDirectory};
use crate::private;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// How the name of what is being made begins; it is renamed when it is whole.
pub(crate) const HALF_MADE: &str = ".new-";
/// What a cache holds, one directory each.
const KERNELS: &str = "kernels";
const STATES: &str = "states";
const EMULATORS: &str = "qemu";
/// The files of a kernel: as it was shipped, unpacked, and the hashes of both.
const IMAGE: &str = "vmlinuz";
const UNPACKED: &str = "vmlinux";
const MANIFEST: &str = "kernel.json";

/// A directory of kernels and saved states. It is the user's alone, mode 0700: what is in it is booted.
#[derive(Debug, Clone)]
pub struct Cache {
    directory: PathBuf,
    /// The directory above, where that has a name that anybody can guess.
    above: Option<PathBuf>,
}

impl Cache {
    /// The user's: `$XDG_CACHE_HOME/ktstr`, else `~/.cache/ktstr`, else a directory of this user under the
    /// system's temporary one. Where another user has made that first, it is refused when it is used.
    #[must_use]
    pub fn of_user() -> Self {
        let absolute = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let base = absolute("XDG_CACHE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".cache")));
        match base {
            Some(base) => Self { directory: base.join("ktstr"), above: None },
            None => {
                let user = rustix::process::geteuid().as_raw();
                let above = std::env::temp_dir().join(format!("cache-{user}"));
                Self { directory: above.join("ktstr"), above: Some(above) }
            }
        }
    }

    /// One in another place.
    #[must_use]
    pub fn at(directory: &Path) -> Self {
        Self { directory: directory.to_owned(), above: None }
    }

    /// Whether it is there.
    ///
    /// # Errors
    /// [`VmError::NotPrivate`] when others have, or can have, put something into it.
    fn verify(&self) -> Result<bool, VmError> {
        for path in self.above.iter().chain([&self.directory]) {
            if !private::verify(path)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The same for a directory in it, with its path.
    fn verified(&self, name: &str) -> Result<Option<PathBuf>, VmError> {
        let path = self.directory.join(name);
        Ok((self.verify()? && private::verify(&path)?).then_some(path))
    }

    /// Removes what was being made in it by processes that have died.
    pub(crate) fn sweep(&self, cleaned: &mut Cleaned) -> Result<(), VmError> {
        for name in [KERNELS, STATES, EMULATORS] {
            if let Some(path) = self.verified(name)? {
                owned::sweep(&path, HALF_MADE, cleaned);
            }
        }
        Ok(())
    }

    /// Where emulators are kept; they are made there, and renamed when they are whole.
    pub(crate) fn emulators(&self) -> Result<PathBuf, VmError> {
        self.subdirectory(EMULATORS)
    }

    /// The same, where it is there already.
    pub(crate) fn known_emulators(&self) -> Result<Option<PathBuf>, VmError> {
        self.verified(EMULATORS)
    }

    /// Where states are kept.
    pub(crate) fn states(&self) -> Result<PathBuf, VmError> {
        self.subdirectory(STATES)
    }

    /// Where it is.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    pub(crate) fn subdirectory(&self, name: &str) -> Result<PathBuf, VmError> {
        let path = self.directory.join(name);
        for path in self.above.iter().chain([&self.directory, &path]) {
            private::make(path)?;
        }
        Ok(path)
    }

    /// All kernels in it, oldest release first.
    ///
    /// # Errors
    /// [`VmError::Io`] when the directory is there and cannot be read, [`VmError::NotPrivate`] when it is not
    /// the user's alone, [`VmError::Changed`] for a kernel that is no longer what was put there.
    pub fn list(&self) -> Result<Vec<Kernel>, VmError> {
        self.releases()?.iter().filter_map(|release| self.get(release).transpose()).collect()
    }

    /// The releases in it, oldest first.
    pub(super) fn releases(&self) -> Result<Vec<String>, VmError> {
        let Some(directory) = self.verified(KERNELS)? else { return Ok(Vec::new()) };
        let entries = std::fs::read_dir(&directory).at("list", &directory)?;
        let names = entries.flatten().filter(|entry| entry.path().join(IMAGE).is_file());
        let mut releases: Vec<String> =
            names.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        releases.sort_by_key(|release| age(release));
        Ok(releases)
    }

    /// The cached kernel of exactly this release, as it was when it was put there. What was unpacked by a
    /// version that kept no hashes is unpacked anew.
    pub(super) fn get(&self, release: &str) -> Result<Option<Kernel>, VmError> {
        let Some(kernels) = self.verified(KERNELS)?.filter(|_| is_release(release)) else { return Ok(None) };
        let (place, image) = (kernels.join(release), kernels.join(release).join(IMAGE));
        let Ok(kernel) = Kernel::from_file(&image) else { return Ok(None) };
        let changed =
            |expected: String, found: String| VmError::Changed { path: image.clone(), expected, found };
        if kernel.release != release {
            return Err(changed(format!("of {release}"), format!("of {}", kernel.release)));
        }
        let known = match Manifest::read(&place) {
            Some(known) if known.sha256 != kernel.sha256 => {
                return Err(changed(known.sha256, kernel.sha256));
            }
            Some(known) if known.vmlinux_sha256.is_none() || place.join(UNPACKED).is_file() => known,
            _ => unpack_anew(&kernels, &place, &kernel.sha256)?,
        };
        let vmlinux = known.vmlinux_sha256.as_ref().map(|_| place.join(UNPACKED));
        Ok(Some(Kernel { vmlinux, vmlinux_sha256: known.vmlinux_sha256, ..kernel }))
    }

    /// Removes a kernel, so that it can be put there again.
    pub(super) fn forget(&self, release: &str) -> Result<(), VmError> {
        let Some(kernels) = self.verified(KERNELS)?.filter(|_| is_release(release)) else { return Ok(()) };
        let place = kernels.join(release);
        std::fs::remove_dir_all(&place).at("remove", place)
    }

    /// The release that a suite's name stood for when it was last fetched.
    pub(super) fn alias(&self, name: &str) -> Option<String> {
        let kernels = self.verified(KERNELS).ok()??;
        let text = std::fs::read_to_string(kernels.join(format!("{name}.release"))).ok()?;
        Some(text.trim().to_owned())
    }

    pub(super) fn set_alias(&self, name: &str, release: &str) -> Result<(), VmError> {
        let path = self.subdirectory(KERNELS)?.join(format!("{name}.release"));
        std::fs::write(&path, format!("{release}\n")).at("write", path)
    }

    /// Unpacks Debian packages that together hold one kernel and, if it is among them, its configuration;
    /// keeps both.
    pub(super) fn add_packages(&self, packages: &[PathBuf]) -> Result<Kernel, VmError> {
        let kernels = self.subdirectory(KERNELS)?;
        let work = OwnedDirectory::create(&kernels, HALF_MADE)?;
        let tree = work.path().join("tree");
        apt::unpack(packages, &tree)?;
        let shown = packages.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ");
        let missing =
            |what: &str| VmError::PackageContent { package: shown.clone(), missing: what.to_owned() };
        let image = find_file(&tree, "vmlinuz").ok_or_else(|| missing("kernel (vmlinuz)"))?;
        let bytes = std::fs::read(&image).at("read", &image)?;
        let release = format::release(&bytes)
            .map_err(|reason| VmError::KernelFormat { path: image.clone(), reason: reason.to_owned() })?;
        if !is_release(&release) {
            let reason = format!("its release is `{release}`");
            return Err(VmError::KernelFormat { path: image, reason });
        }
        if let Some(kernel) = self.get(&release)? {
            return Ok(kernel);
        }
        let made = work.path().join("made");
        std::fs::create_dir(&made).at("create", &made)?;
        std::fs::write(made.join(IMAGE), &bytes).at("write", made.join(IMAGE))?;
        // Newer suites ship the configuration in a package of its own, which may not have been given.
        if let Some(config) = find_file(&tree, "config") {
            std::fs::copy(&config, made.join(format!("config-{release}"))).at("copy", &config)?;
        }
        unpack(&made, &bytes)?;
        let place = kernels.join(&release);
        match std::fs::rename(&made, &place) {
            // Another process was faster; its kernel is the same.
            Err(_) if place.join(IMAGE).is_file() => {}
            result => result.at("rename into", &place)?,
        }
        self.get(&release)?.ok_or_else(|| missing("readable kernel"))
    }
}

/// What a kernel's directory says of its own files: as they were when they were put there.
#[derive(Debug, Serialize, Deserialize)]
struct Manifest {
    sha256: String,
    vmlinux_sha256: Option<String>,
}

impl Manifest {
    fn read(place: &Path) -> Option<Self> {
        serde_json::from_str(&std::fs::read_to_string(place.join(MANIFEST)).ok()?).ok()
    }
}

/// Unpacks the kernel in `bytes` into `place`, and writes down what both are.
fn unpack(place: &Path, bytes: &[u8]) -> Result<Manifest, VmError> {
    let unpacked = format::vmlinux(bytes);
    if let Some(unpacked) = &unpacked {
        std::fs::write(place.join(UNPACKED), unpacked).at("write", place.join(UNPACKED))?;
    }
    let hash = |bytes: &[u8]| hex(&Sha256::digest(bytes));
    let manifest = Manifest { sha256: hash(bytes), vmlinux_sha256: unpacked.as_deref().map(hash) };
    let text = serde_json::to_string(&manifest).map_err(std::io::Error::from).at("write", place)?;
    std::fs::write(place.join(MANIFEST), text).at("write", place.join(MANIFEST))?;
    Ok(manifest)
}

/// The same for a kernel that is there, whose image has this hash; each file appears whole.
fn unpack_anew(kernels: &Path, place: &Path, sha256: &str) -> Result<Manifest, VmError> {
    let bytes = std::fs::read(place.join(IMAGE)).at("read", place.join(IMAGE))?;
    let work = OwnedDirectory::create(kernels, HALF_MADE)?;
    let manifest = unpack(work.path(), &bytes)?;
    if manifest.sha256 != sha256 {
        let (path, expected) = (place.join(IMAGE), sha256.to_owned());
        return Err(VmError::Changed { path, expected, found: manifest.sha256 });
    }
    for name in [UNPACKED, MANIFEST] {
        match std::fs::rename(work.path().join(name), place.join(name)) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            renamed => renamed.at("rename into", place)?,
        }
    }
    Ok(manifest)
}

/// The first file below `tree`, in `boot` or below `usr/lib/modules`, that is called `name` or `name-*`.
fn find_file(tree: &Path, name: &str) -> Option<PathBuf> {
    let files = |directory: &Path| {
        let mut paths: Vec<_> =
            directory.read_dir().into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        paths.sort();
        paths
    };
    let mut candidates = files(&tree.join("boot"));
    for modules in ["usr/lib/modules", "lib/modules"] {
        candidates.extend(files(&tree.join(modules)).iter().flat_map(|release| files(release)));
    }
    candidates.into_iter().find(|path| {
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        path.is_file() && file.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kernel_and_its_config_are_found_in_both_layouts() {
        let dir = tempfile::tempdir().unwrap();
        for (path, name) in [("boot/vmlinuz-6.12", "vmlinuz"), ("usr/lib/modules/7.2/config", "config")] {
            let path = dir.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, "x").unwrap();
            assert_eq!(find_file(dir.path(), name), Some(path));
        }
    }

    #[test]
    fn a_broken_package_leaves_nothing_behind() {
        let dir = tempfile::tempdir().unwrap();
        let package = dir.path().join("broken.deb");
        std::fs::write(&package, "no package").unwrap();
        let cache = Cache::at(&dir.path().join("cache"));
        let error = cache.add_packages(&[package]).unwrap_err();
        assert_eq!(error.code(), "V004", "{error}");
        assert_eq!(std::fs::read_dir(dir.path().join("cache/kernels")).unwrap().count(), 0);
    }
}
