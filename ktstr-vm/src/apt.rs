//! An apt state of our own: the machine's mirror and keys are used, its sources, lists and packages are not
//! touched. apt verifies what it fetches; nothing is installed. What is fetched, and where it goes, is the
//! caller's affair.

use crate::error::{IoContext, VmError};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The keys that Debian's mirrors are signed with.
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// An apt that keeps everything below one directory.
pub(crate) struct Apt {
    directory: PathBuf,
    options: Vec<String>,
}

impl Apt {
    /// An apt below `directory`, with the machine's own Debian suites or with one other of the same mirror.
    ///
    /// # Errors
    /// [`VmError::NoMirror`], [`VmError::Io`].
    pub(crate) fn new(directory: &Path, suite: Option<&str>) -> Result<Self, VmError> {
        if !cfg!(target_arch = "x86_64") {
            return Err(no_mirror("Debian's packages are fetched for x86-64 machines only"));
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

    /// Runs a program of apt on this state; its output.
    pub(crate) fn run(&self, program: &str, arguments: &[&str], step: &str) -> Result<String, VmError> {
        let mut command = Command::new(program);
        for option in &self.options {
            command.args(["-o", option]);
        }
        run(command.args(arguments).current_dir(&self.directory), step)
    }

    /// Downloads packages, which apt checks against the signed lists, and gives their files.
    pub(crate) fn download(&self, packages: &[String]) -> Result<Vec<PathBuf>, VmError> {
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

    /// Downloads a package with all that it depends on, down to the C library, since to this apt nothing is
    /// installed; the files of all of them.
    pub(crate) fn download_whole(&self, package: &str) -> Result<Vec<PathBuf>, VmError> {
        let arguments = ["install", "--yes", "--download-only", "--no-install-recommends", package];
        let archives = self.directory.join("archives");
        // What an earlier attempt left may be of an older version.
        packages_in(&archives)?.iter().for_each(|file| drop(std::fs::remove_file(file)));
        self.run("apt-get", &arguments, "apt-get install --download-only")?;
        packages_in(&archives)
    }
}

/// Whether a name can stand in a list of sources and among arguments, and mean nothing else there.
pub(crate) fn is_plain(name: &str) -> bool {
    name.chars().all(|c| c.is_ascii_alphanumeric() || "+-._".contains(c))
}

/// Unpacks packages into one tree; nothing of them is run.
pub(crate) fn unpack(packages: &[PathBuf], tree: &Path) -> Result<(), VmError> {
    for package in packages {
        run(Command::new("dpkg-deb").arg("-x").arg(package).arg(tree), "unpacking the package")?;
    }
    Ok(())
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

/// The package files in a directory, by name.
fn packages_in(directory: &Path) -> Result<Vec<PathBuf>, VmError> {
    let entries = std::fs::read_dir(directory).at("list", directory)?.flatten();
    let mut files: Vec<_> = entries.map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "deb"));
    files.sort();
    Ok(files)
}

/// Runs a program of apt or dpkg to its end; its output, or the end of its complaint.
fn run(command: &mut Command, step: &str) -> Result<String, VmError> {
    let failed = |detail: String| VmError::Fetch { step: step.to_owned(), detail };
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command
        .env("LC_ALL", "C")
        .stdin(std::process::Stdio::null())
        .output()
        .map_err(|error| failed(format!("`{program}`: {error}")))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    Err(failed(lines[lines.len().saturating_sub(6)..].join("; ")))
}
