//! The `ktstr` program under test: found beside the tests, built when it is not there yet.

#![allow(dead_code)] // each test file uses a part of it

use ktstr_file::report::RunReport;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// The root of the workspace.
pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests stand in the workspace").to_owned()
}

/// The program.
pub(crate) fn ktstr() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let test = std::env::current_exe().expect("a test has a path");
        let profile = test.ancestors().nth(2).expect("target/<profile>/deps/<test>").to_owned();
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut build = Command::new(cargo);
        build.args(["build", "--quiet", "--package", "ktstr-cli"]).current_dir(workspace());
        build.arg("--target-dir").arg(profile.parent().expect("a target directory"));
        if profile.ends_with("release") {
            build.arg("--release");
        }
        let status = build.status().expect("cargo");
        assert!(status.success(), "the program does not build");
        profile.join("ktstr")
    })
}

/// What a run of the program came to.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) pid: u32,
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    /// Fails unless it exited with `status`, without a panic, and said all of `pieces` on standard error or
    /// output.
    #[track_caller]
    pub(crate) fn assert(&self, status: i32, pieces: &[&str]) -> &Self {
        assert_eq!(self.status, Some(status), "{self:#?}");
        assert!(!self.stderr.contains("panicked"), "{self:#?}");
        for piece in pieces {
            assert!(
                self.stderr.contains(piece) || self.stdout.contains(piece),
                "{piece:?} is not in {self:#?}"
            );
        }
        self
    }
}

/// Runs the program in `directory` to its end.
pub(crate) fn run_in(directory: &Path, arguments: &[&str]) -> Ended {
    let child = Command::new(ktstr())
        .args(arguments)
        .current_dir(directory)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let pid = child.id();
    let output = child.wait_with_output().expect("an end");
    Ended {
        pid,
        status: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Runs the program in the workspace to its end.
pub(crate) fn run(arguments: &[&str]) -> Ended {
    run_in(&workspace(), arguments)
}

/// A scenario of a suite: its file, and its report or, where it did not run, what was said of it.
pub(crate) type Played = (PathBuf, Result<RunReport, String>);

/// The cases of a suite that was shown as JSON.
#[track_caller]
pub(crate) fn cases(ended: &Ended) -> Vec<serde_json::Value> {
    assert!(!ended.stderr.contains("panicked"), "{ended:?}");
    let suite: serde_json::Value =
        serde_json::from_str(&ended.stdout).unwrap_or_else(|why| panic!("{why}: {ended:?}"));
    suite["cases"].as_array().expect("cases").clone()
}

/// Plays scenarios several to a boot, with further arguments, and gives what came of each.
#[track_caller]
pub(crate) fn run_batch(arguments: &[&str], files: &[PathBuf]) -> Vec<Played> {
    let files: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    let mut all = vec!["run", "--backend", "vm", "--batch", "--format", "json"];
    all.extend(arguments.iter().copied().chain(files.iter().map(String::as_str)));
    let case = |case: &serde_json::Value| {
        let file = PathBuf::from(case["file"].as_str().expect("a file"));
        let played = match case["outcome"].get("ran") {
            Some(report) => Ok(RunReport::from_json(&report.to_string()).expect("a report")),
            None => Err(case["outcome"].to_string()),
        };
        (file, played)
    };
    cases(&run(&all)).iter().map(case).collect()
}

/// A directory of a test's own, removed at its end.
pub(crate) struct Scratch {
    path: PathBuf,
}

impl Scratch {
    pub(crate) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("ktstr-test-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).expect("a directory");
        Self { path }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a file and gives its path.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path.join(name);
        std::fs::write(&path, content).expect("a file");
        path.display().to_string()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

/// The files that ship in `scenarios/`, in order.
pub(crate) fn shipped() -> Vec<PathBuf> {
    let folders = ["scenarios", "scenarios/everyday"].map(|folder| workspace().join(folder));
    let entries = folders.iter().flat_map(|folder| std::fs::read_dir(folder).expect("scenarios"));
    let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    files
}

/// Whether Linux can run scenarios without controllers here; says so and why not when it cannot.
pub(crate) fn linux_runs() -> bool {
    let doctor = run(&["doctor"]);
    let missing = doctor.stdout.lines().find(|line| line.contains("MISSING")).unwrap_or("cgroup v2");
    doctor.status == Some(0) || skip("linux", &format!("Linux cannot run scenarios here: {missing}"))
}

/// Whether there can be a virtual machine here; says so and why not when there cannot.
pub(crate) fn vm_runs() -> bool {
    let doctor = run(&["doctor"]);
    let is_missing = |line: &&str| line.contains("QEMU for the VM") || line.contains("kernel for the VM");
    let missing = doctor.stdout.lines().filter(is_missing).find(|line| line.contains(" no "));
    missing.is_none_or(|missing| skip("vm", &format!("there can be no virtual machine here: {missing}")))
}

/// Says that a test is skipped, or fails where that is not allowed.
pub(crate) fn skip(what: &str, reason: &str) -> bool {
    let required = std::env::var("KTSTR_REQUIRE").unwrap_or_default();
    assert!(!required.split(',').any(|required| required == what), "{what} is required: {reason}");
    println!("SKIP: {reason}");
    false
}

/// The cgroups of the run by this process that exist below the usual parent.
pub(crate) fn cgroups_of(pid: u32) -> Vec<String> {
    let mountinfo = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let mount = mountinfo
        .lines()
        .find(|line| line.contains(" - cgroup2 "))
        .and_then(|line| line.split(' ').nth(4))
        .unwrap_or("/sys/fs/cgroup");
    let entries = std::fs::read_dir(Path::new(mount).join("ktstr")).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.filter(|name| name.starts_with(&format!("ktstr-{pid}-"))).collect()
}
