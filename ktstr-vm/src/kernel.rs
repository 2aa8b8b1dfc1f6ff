//! Finds the kernel a guest shall run: a file, a built tree, a Debian package, or a release that was fetched.
//! Fetching is in `fetch`, the layout of the cache in `cache`, what a kernel file says of itself in `format`.

mod booted;
mod cache;
mod fetch;
mod format;
mod tree;

pub use cache::Cache;
pub(crate) use cache::HALF_MADE;
pub use fetch::fetch;
pub use tree::{NEEDED, lacking};

use crate::error::{IoContext, VmError};
use ktstr_core::{KernelVersion, Offers};
use std::path::{Path, PathBuf};

/// A kernel that QEMU can start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kernel {
    /// Its release, as `uname -r` will say.
    pub release: String,
    /// The file as it was shipped: a bzImage, or a vmlinux.
    pub image: PathBuf,
    /// The same kernel unpacked, which starts faster; the cache has it, where the kernel can be started that
    /// way.
    pub vmlinux: Option<PathBuf>,
    /// SHA-256 of that one when it was unpacked, in lower-case hex.
    pub vmlinux_sha256: Option<String>,
    /// Its build configuration, when it was found.
    pub config: Option<PathBuf>,
    /// SHA-256 of [`image`](Self::image), in lower-case hex.
    pub sha256: String,
}

impl Kernel {
    /// The kernel in this file. Its configuration is looked for beside it, as `config-<release>` or `config`,
    /// and under `/boot`.
    ///
    /// # Errors
    /// [`VmError::Io`], [`VmError::KernelFormat`].
    pub fn from_file(path: &Path) -> Result<Self, VmError> {
        let bytes = std::fs::read(path).at("read", path)?;
        let release = format::release(&bytes)
            .map_err(|reason| VmError::KernelFormat { path: path.to_owned(), reason: reason.to_owned() })?;
        let beside = path.parent().unwrap_or(Path::new("."));
        let named = format!("config-{release}");
        let config = [beside.join(&named), beside.join("config"), Path::new("/boot").join(&named)]
            .into_iter()
            .find(|config| config.is_file());
        Ok(Self {
            release,
            image: path.to_owned(),
            vmlinux: None,
            vmlinux_sha256: None,
            config,
            sha256: booted::known_hash(path)?,
        })
    }

    /// Whether its configuration says that it can load schedulers (`CONFIG_SCHED_CLASS_EXT=y`).
    #[must_use]
    pub fn has_sched_ext(&self) -> bool {
        self.is_set("CONFIG_SCHED_CLASS_EXT")
    }

    /// What a scenario can need of it. Where its configuration was not found, only the guest can say whether
    /// it loads schedulers.
    #[must_use]
    pub fn offers(&self) -> Offers {
        let sched_ext = self.config.is_none() || self.has_sched_ext();
        Offers { kernel: KernelVersion::of_release(&self.release), sched_ext }
    }

    fn is_set(&self, option: &str) -> bool {
        let text =
            self.config.as_ref().and_then(|path| std::fs::read_to_string(path).ok()).unwrap_or_default();
        text.lines().any(|line| line.strip_prefix(option).is_some_and(|rest| rest == "=y"))
    }
}

/// Finds a kernel without the network: `spec` is a path to a kernel, to a tree that was built (see
/// [`Kernel::from_tree`]) or to a Debian kernel package, or a release or the beginning of one (`6.12`) among
/// the cached kernels and those in `/boot`. The newest that fits is taken.
///
/// # Errors
/// [`VmError::KernelNotFound`] with the places searched, [`VmError::KernelFormat`],
/// [`VmError::PackageContent`], [`VmError::Fetch`] when a package cannot be unpacked, and those of a tree.
pub fn resolve(spec: &str, cache: &Cache) -> Result<Kernel, VmError> {
    if spec.contains('/') || [".", ".."].contains(&spec) || Path::new(spec).is_file() {
        let path = Path::new(spec);
        if path.is_dir() {
            return Kernel::from_tree(path);
        }
        if !path.is_file() {
            return Err(VmError::KernelNotFound {
                spec: spec.to_owned(),
                searched: "the files of this machine".into(),
            });
        }
        if path.extension().is_some_and(|extension| extension == "deb") {
            return cache.add_packages(&[path.to_owned()]);
        }
        let kernel = Kernel::from_file(path)?;
        // The same kernel starts in the same way wherever its file lies: instructions are counted from the
        // first.
        let cached = cache.get(&kernel.release).ok().flatten();
        let same = cached.filter(|cached| cached.sha256 == kernel.sha256);
        let (vmlinux, vmlinux_sha256) =
            same.map(|same| (same.vmlinux, same.vmlinux_sha256)).unwrap_or_default();
        return Ok(Kernel { vmlinux, vmlinux_sha256, ..kernel });
    }
    let release =
        if spec == "sid" { cache.alias(spec).unwrap_or_else(|| spec.to_owned()) } else { spec.to_owned() };
    let found = cache.releases()?.into_iter().rfind(|cached| matches(cached, &release));
    let cached = found.map(|found| cache.get(&found)).transpose()?.flatten();
    let of_machine = || Kernel::from_file(&Path::new("/boot").join(format!("vmlinuz-{release}"))).ok();
    match cached.or_else(|| of_machine().filter(|_| is_release(&release))) {
        Some(kernel) => Ok(kernel),
        None => Err(VmError::KernelNotFound {
            spec: spec.to_owned(),
            searched: format!("the kernels in {} and /boot", cache.directory().display()),
        }),
    }
}

/// The kernel that is asked for, or the newest that was fetched.
///
/// # Errors
/// As for [`resolve`]; [`VmError::KernelNotFound`] when none was fetched.
pub fn resolve_or_newest(spec: Option<&str>, cache: &Cache) -> Result<Kernel, VmError> {
    match spec {
        Some(spec) => resolve(spec, cache),
        None => cache.list()?.pop().ok_or_else(|| VmError::KernelNotFound {
            spec: "6.12".to_owned(),
            searched: format!("the kernels in {}", cache.directory().display()),
        }),
    }
}

/// Whether this can be the release of a kernel, or the beginning of one: no path, nothing that a shell or a
/// terminal would read. Linux itself has 64 characters for it.
pub(crate) fn is_release(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"+-._~".contains(&byte);
    text.len() <= 64 && text.starts_with(|c: char| c.is_ascii_digit()) && text.bytes().all(plain)
}

/// Whether `release` is what `wanted` names: the same, or the same up to a dot, dash or plus.
pub(crate) fn matches(release: &str, wanted: &str) -> bool {
    release.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-', '+']))
}

/// A release as a key that sorts older before newer: its numbers, as numbers.
pub(crate) fn age(release: &str) -> Vec<u64> {
    release.split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_match_up_to_a_separator() {
        for (release, wanted, fits) in [
            ("6.12.117+deb12-cloud-amd64", "6.12", true),
            ("6.12.117+deb12-cloud-amd64", "6.12.117", true),
            ("6.12.117+deb12-cloud-amd64", "6.1", false),
            ("6.1.0-56-cloud-amd64", "6.1", true),
            ("6.12", "6.12", true),
        ] {
            assert_eq!(matches(release, wanted), fits, "{release} for {wanted}");
        }
    }

    #[test]
    fn a_release_is_no_path() {
        for good in ["6.12.117+deb12-cloud-amd64", "6.12", "7.2.0-rc1~exp1"] {
            assert!(is_release(good), "{good}");
        }
        let long = "6".repeat(65);
        for bad in [
            "",
            "../6.12",
            "6.12/../../etc/passwd",
            "/boot/vmlinuz",
            "sid",
            ".6",
            "6.12\n",
            "6 12",
            "6\u{1b}[2K",
            &long,
        ] {
            assert!(!is_release(bad), "{bad:?}");
        }
    }

    #[test]
    fn newer_sorts_after_older() {
        assert!(age("6.12.117+deb12") > age("6.12.99+deb12"));
        assert!(age("7.2.13") > age("6.12.117"));
    }

    #[test]
    fn what_is_not_there_is_said_to_be_nowhere() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::at(dir.path());
        for spec in ["9.99", "/no/such/bzImage", "sid"] {
            assert_eq!(resolve(spec, &cache).unwrap_err().code(), "V001", "{spec}");
        }
        let text = dir.path().join("text");
        std::fs::write(&text, "no kernel").unwrap();
        assert_eq!(resolve(&text.to_string_lossy(), &cache).unwrap_err().code(), "V002");
    }
}
