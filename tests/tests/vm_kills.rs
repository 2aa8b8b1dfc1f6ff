//! A run in a virtual machine that is killed at any moment leaves only what `ktstr clean` finds, and nothing
//! that is somebody else's is touched. `KTSTR_TEST_KILLS` says at how many moments (6 without).

mod program;

use program::{Scratch, ktstr, vm_runs, workspace};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// A place for temporary files and a cache of its own, which has the user's kernels.
struct Place {
    scratch: Scratch,
}

impl Place {
    fn new(name: &str) -> Self {
        let scratch = Scratch::new(name);
        let cache = scratch.path().join("cache/ktstr");
        std::fs::create_dir_all(&cache).expect("a cache");
        std::fs::create_dir(scratch.path().join("tmp")).expect("a directory");
        let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default().join(".cache");
        let user = std::env::var_os("XDG_CACHE_HOME").map_or(home, PathBuf::from).join("ktstr");
        for shared in ["kernels", "qemu"].map(|name| (user.join(name), cache.join(name))) {
            if shared.0.is_dir() {
                std::os::unix::fs::symlink(shared.0, shared.1).expect("a link");
            }
        }
        Self { scratch }
    }

    fn tmp(&self) -> PathBuf {
        self.scratch.path().join("tmp")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(ktstr());
        command.args(arguments).current_dir(workspace()).stdin(Stdio::null());
        command.env("TMPDIR", self.tmp()).env("XDG_CACHE_HOME", self.scratch.path().join("cache"));
        command
    }

    fn start(&self) -> Child {
        let mut run = self.command(&["run", "--backend", "vm", "--saved", "scenarios/hole.toml"]);
        run.stdout(Stdio::null()).stderr(Stdio::null()).process_group(0).spawn().expect("it starts")
    }

    fn clean(&self) -> Output {
        self.command(&["clean"]).output().expect("an end")
    }

    /// What is there of runs: their files, states that are half made, emulators.
    fn left(&self) -> Vec<String> {
        let mut left = names(&self.tmp());
        let states = names(&self.scratch.path().join("cache/ktstr/states"));
        left.extend(states.into_iter().filter(|name| name.starts_with('.')));
        let place = self.tmp().display().to_string();
        let processes =
            std::fs::read_dir("/proc").expect("/proc").flatten().map(|entry| entry.path().join("cmdline"));
        let lines = processes.filter_map(|path| std::fs::read(path).ok());
        let lines = lines.map(|line| String::from_utf8_lossy(&line).replace('\0', " "));
        left.extend(lines.filter(|line| line.contains(&place)));
        left
    }
}

fn names(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

#[test]
fn a_run_that_is_killed_at_any_moment_leaves_nothing_after_clean() {
    if !vm_runs() {
        return;
    }
    let moments: u32 = std::env::var("KTSTR_TEST_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(6);
    let place = Place::new("vm-kills");
    // A user's own folders, with names as runs have them.
    let own = [format!("ktstr-vm-{}", "a".repeat(32)), "ktstr-vm-4294967295-x".to_owned()];
    for name in &own {
        std::fs::create_dir(place.tmp().join(name)).expect("a folder");
        std::fs::write(place.tmp().join(name).join("thesis"), "text").expect("a file");
    }
    // How long one takes that makes its state first. Others make none, so that both parts are met.
    let begin = Instant::now();
    assert!(place.start().wait().expect("an end").success(), "a run that nobody kills");
    let whole = begin.elapsed();
    for moment in 0..moments {
        if moment % 2 == 0 {
            let _ = std::fs::remove_dir_all(place.scratch.path().join("cache/ktstr/states"));
        }
        let mut run = place.start();
        std::thread::sleep(whole * moment / moments);
        run.kill().expect("it is ours");
        run.wait().expect("an end");
        let patience = Instant::now();
        let expected = |left: &[String]| left.iter().all(|name| own.contains(name));
        loop {
            let cleaned = place.clean();
            assert!(cleaned.status.success(), "{cleaned:?}");
            let left = place.left();
            if expected(&left) {
                break;
            }
            // The kernel takes a moment to end the emulator of a run that was killed.
            assert!(patience.elapsed() < Duration::from_secs(20), "moment {moment} of {moments}: {left:?}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }
    for name in &own {
        assert!(place.tmp().join(name).join("thesis").is_file(), "{name} was not ours");
    }
}

#[test]
fn clean_leaves_a_run_alone_that_lives_in_another_pid_namespace() {
    if !vm_runs() {
        return;
    }
    let place = Place::new("vm-namespace");
    let mut run = Command::new("unshare");
    run.args(["--pid", "--fork", "--kill-child", "--mount-proc"]).arg(ktstr());
    run.args(["run", "--backend", "vm", "--format", "json", "scenarios/hole.toml"]).current_dir(workspace());
    run.env("TMPDIR", place.tmp()).env("XDG_CACHE_HOME", place.scratch.path().join("cache"));
    let mut run = run.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("unshare");
    let begin = Instant::now();
    let mut seen = false;
    while run.try_wait().expect("a status").is_none() {
        assert!(begin.elapsed() < Duration::from_secs(280), "it does not end");
        let cleaned = String::from_utf8_lossy(&place.clean().stdout).into_owned();
        assert!(!cleaned.contains("removed /"), "{cleaned}");
        seen |= cleaned.contains("it still runs");
        std::thread::sleep(Duration::from_millis(200));
    }
    let output = run.wait_with_output().expect("an end");
    if output.stdout.is_empty() && !seen {
        println!("SKIP: there are no namespaces for this user");
        assert!(!std::env::var("KTSTR_REQUIRE").is_ok_and(|list| list.contains("linux")));
        return;
    }
    assert!(output.status.success() && seen, "{output:?}");
    assert_eq!(place.left(), Vec::<String>::new());
}
