//! Fetches Debian kernels with apt, in an apt state of its own: the machine's mirror and keys are used, its sources,
//! lists and packages are not touched. apt verifies what it fetches; nothing is installed.

use super::cache::{Cache, run};
use super::{Kernel, age, matches};
use crate::error::{IoContext, VmError};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The flavour that boots fastest in a virtual machine: everything it needs is built in.
const FLAVOUR: &str = "cloud-amd64";
/// The keys that Debian's mirrors are signed with.
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// Fetches the newest kernel that `wanted` names and keeps it in `cache`: a release or its beginning (`6.12`) from the
/// suites of this machine, or `sid` (the newest of Debian's unstable suite), also `sid:7.2`.
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
    let plain = |c: char| c.is_ascii_alphanumeric() || "+-._".contains(c);
    if suite.is_some_and(|suite| suite.is_empty() || !suite.chars().all(plain)) || !release.chars().all(plain)
    {
        return Err(not_found(wanted, "names of suites and releases"));
    }
    let apt = Apt::new(&cache.subdirectory("apt")?.join(suite.unwrap_or("own")), suite)?;
    apt.run("apt-get", &["update", "--error-on=any"], "apt-get update")?;
    let names = apt.run("apt-cache", &["pkgnames", "linux-"], "apt-cache")?;
    let (release, packages) = choose(&names, release).ok_or_else(|| {
        not_found(wanted, &format!("the packages of {}", suite.unwrap_or("this machine's suites")))
    })?;
    let kernel = match cache.get(&release) {
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

/// Of all package names, the newest release that fits, and the packages that make it up. Newer suites split a kernel into
/// `linux-binary-*` and `linux-base-*`; older ones have all in `linux-image-*`.
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

/// An apt that keeps everything below one directory.
struct Apt {
    directory: PathBuf,
    options: Vec<String>,
}

impl Apt {
    fn new(directory: &Path, suite: Option<&str>) -> Result<Self, VmError> {
        if !cfg!(target_arch = "x86_64") {
            return Err(no_mirror("Debian's kernels are fetched for x86-64 machines only"));
        }
        for part in ["lists/partial", "archives/partial"] {
            std::fs::create_dir_all(directory.join(part)).at("create", directory.join(part))?;
        }
        let sources = sources(suite)?;
        std::fs::write(directory.join("sources.list"), sources).at("write", directory)?;
        std::fs::write(directory.join("status"), "").at("write", directory)?;
        let at = |name: &str| directory.join(name).display().to_string();
        let options = [
            format!("Dir::State={}", directory.display()),
            format!("Dir::State::lists={}", at("lists")),
            format!("Dir::State::status={}", at("status")),
            format!("Dir::Cache={}", directory.display()),
            format!("Dir::Cache::archives={}", at("archives")),
            format!("Dir::Etc::sourcelist={}", at("sources.list")),
            "Dir::Etc::sourceparts=/dev/null".to_owned(),
            "APT::Architecture=amd64".to_owned(),
            "APT::Sandbox::User=root".to_owned(),
            "Acquire::Languages=none".to_owned(),
            "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false".to_owned(),
            "Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled=false".to_owned(),
        ];
        Ok(Self { directory: directory.to_owned(), options: options.to_vec() })
    }

    fn run(&self, program: &str, arguments: &[&str], step: &str) -> Result<String, VmError> {
        let mut command = Command::new(program);
        for option in &self.options {
            command.args(["-o", option]);
        }
        run(command.args(arguments).current_dir(&self.directory), step)
    }

    /// Downloads packages, which apt checks against the signed lists, and gives their files.
    fn download(&self, packages: &[String]) -> Result<Vec<PathBuf>, VmError> {
        let mut arguments = vec!["download"];
        arguments.extend(packages.iter().map(String::as_str));
        self.run("apt-get", &arguments, "apt-get download")?;
        let file = |package: &String| {
            let prefix = format!("{package}_");
            let mut files: Vec<_> = std::fs::read_dir(&self.directory)
                .at("list", &self.directory)?
                .flatten()
                .map(|entry| entry.path())
                .filter(|path| path.file_name().unwrap_or_default().to_string_lossy().starts_with(&prefix))
                .collect();
            files.sort();
            let missing = || VmError::PackageContent {
                package: package.clone(),
                missing: "file after its download".into(),
            };
            files.pop().ok_or_else(missing)
        };
        packages.iter().map(file).collect()
    }
}

fn no_mirror(reason: &str) -> VmError {
    VmError::NoMirror { reason: reason.to_owned() }
}

/// The lines of a sources list: the machine's own Debian suites, or one other suite of the same mirror.
fn sources(suite: Option<&str>) -> Result<String, VmError> {
    let format = "$(ORIGIN)\t$(CREATED_BY)\t$(REPO_URI)\t$(RELEASE)";
    let targets =
        run(Command::new("apt-get").args(["indextargets", "--format", format]), "apt-get indextargets")
            .map_err(|error| no_mirror(&error.to_string()))?;
    let debian: BTreeSet<(&str, &str)> = targets
        .lines()
        .filter_map(|line| {
            let fields: Vec<&str> = line.split('\t').collect();
            match fields[..] {
                ["Debian", "Packages", uri, release] => Some((uri, release)),
                _ => None,
            }
        })
        .collect();
    let signed = if Path::new(KEYRING).is_file() { format!("[signed-by={KEYRING}] ") } else { String::new() };
    let line = |(uri, release): &(&str, &str)| format!("deb {signed}{uri} {release} main\n");
    let list: String = match suite {
        None => debian.iter().map(line).collect(),
        // Security and update suites live on mirrors that may lack the others.
        Some(suite) => {
            let main = debian.iter().find(|(_, release)| !release.contains(['-', '/']));
            main.map(|(uri, _)| line(&(uri, suite))).into_iter().collect()
        }
    };
    if list.is_empty() {
        return Err(no_mirror("apt knows no Debian mirror here (run `apt-get update` once if it should)"));
    }
    Ok(list)
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
