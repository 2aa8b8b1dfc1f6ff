//! Fetches Debian kernels: which packages make up the newest that fits, and where they go. How they come is
//! in `apt`.

use super::cache::Cache;
use super::{Kernel, age, matches};
use crate::apt::{Apt, is_plain};
use crate::error::VmError;
use std::collections::BTreeSet;

/// The flavour that boots fastest in a virtual machine: everything it needs is built in.
const FLAVOUR: &str = "cloud-amd64";

/// Fetches the newest kernel that `wanted` names and keeps it in `cache`: a release or its beginning (`6.12`)
/// from the suites of this machine, or `sid` (the newest of Debian's unstable suite), also `sid:7.2`.
///
/// # Errors
/// [`VmError::NoMirror`] on a machine without apt and a Debian mirror, [`VmError::Fetch`] with apt's words,
/// [`VmError::KernelNotFound`] when no package fits.
pub fn fetch(wanted: &str, cache: &Cache) -> Result<Kernel, VmError> {
    let (suite, release) = match wanted.split_once(':') {
        Some((suite, release)) => (Some(suite), release),
        None if wanted.starts_with(|c: char| c.is_ascii_digit()) => (None, wanted),
        None => (Some(wanted), ""),
    };
    if suite.is_some_and(|suite| suite.is_empty() || !is_plain(suite)) || !is_plain(release) {
        return Err(not_found(wanted, "names of suites and releases"));
    }
    let apt = Apt::new(&cache.subdirectory("apt")?.join(suite.unwrap_or("own")), suite)?;
    apt.run("apt-get", &["update", "--error-on=any"], "apt-get update")?;
    let names = apt.run("apt-cache", &["pkgnames", "linux-"], "apt-cache")?;
    let (release, packages) = choose(&names, release).ok_or_else(|| {
        not_found(wanted, &format!("the packages of {}", suite.unwrap_or("this machine's suites")))
    })?;
    // One that is no longer what was put there is fetched anew.
    let cached = match cache.get(&release) {
        Err(VmError::Changed { .. }) => cache.forget(&release).map(|()| None)?,
        cached => cached?,
    };
    let kernel = match cached {
        Some(kernel) => kernel,
        None => {
            let files = apt.download(&packages)?;
            let kernel = cache.add_packages(&files);
            // They are in the cache now, or of no use.
            files.iter().for_each(|file| drop(std::fs::remove_file(file)));
            kernel?
        }
    };
    if let Some(suite) = suite {
        cache.set_alias(suite, &kernel.release)?;
    }
    Ok(kernel)
}

fn not_found(spec: &str, searched: &str) -> VmError {
    VmError::KernelNotFound { spec: spec.to_owned(), searched: searched.to_owned() }
}

/// Of all package names, the newest release that fits, and the packages that make it up. Newer suites split a
/// kernel into `linux-binary-*` and `linux-base-*`; older ones have all in `linux-image-*`.
fn choose(names: &str, wanted: &str) -> Option<(String, Vec<String>)> {
    let names: BTreeSet<&str> = names.lines().map(str::trim).collect();
    let release = |name: &'static str| {
        names.iter().filter_map(move |package| {
            let release = package.strip_prefix(name)?;
            let is_release = release.starts_with(|c: char| c.is_ascii_digit()) && release.ends_with(FLAVOUR);
            let is_meta = release.strip_suffix(FLAVOUR)?.trim_end_matches('-').matches('.').count() < 2;
            (is_release && !is_meta && (wanted.is_empty() || matches(release, wanted))).then_some(release)
        })
    };
    let newest =
        release("linux-image-").chain(release("linux-binary-")).max_by_key(|release| age(release))?;
    let binary = format!("linux-binary-{newest}");
    let packages = match names.contains(binary.as_str()) {
        true => vec![format!("linux-base-{newest}"), binary],
        false => vec![format!("linux-image-{newest}")],
    };
    Some((newest.to_owned(), packages))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_release_that_fits_is_chosen() {
        let names = "linux-image-6.12-cloud-amd64\nlinux-image-6.12.99+deb12-cloud-amd64\n\
            linux-image-6.12.117+deb12-cloud-amd64\nlinux-image-6.12.118+deb12-amd64\n\
            linux-image-6.12.119+deb12-cloud-amd64-unsigned\nlinux-image-6.1.0-56-cloud-amd64\n\
            linux-image-cloud-amd64\nlinux-binary-unsigned-9.9.9-cloud-amd64\n";
        let (release, packages) = choose(names, "6.12").unwrap();
        assert_eq!(release, "6.12.117+deb12-cloud-amd64");
        assert_eq!(packages, ["linux-image-6.12.117+deb12-cloud-amd64"]);
        assert_eq!(choose(names, "6.1").unwrap().0, "6.1.0-56-cloud-amd64");
        assert_eq!(choose(names, "6.13"), None);
    }

    #[test]
    fn a_kernel_in_two_packages_is_fetched_as_two() {
        let names = "linux-image-7.2.13+deb14-cloud-amd64\nlinux-binary-7.2.13+deb14-cloud-amd64\n\
            linux-base-7.2.13+deb14-cloud-amd64\n";
        let (_, packages) = choose(names, "").unwrap();
        assert_eq!(
            packages,
            ["linux-base-7.2.13+deb14-cloud-amd64", "linux-binary-7.2.13+deb14-cloud-amd64"]
        );
    }

    #[test]
    fn names_that_apt_could_misread_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        for wanted in ["sid main\ndeb x", "../x", "6.12; true", ":"] {
            assert_eq!(fetch(wanted, &Cache::at(dir.path())).unwrap_err().code(), "V001", "{wanted:?}");
        }
    }
}
