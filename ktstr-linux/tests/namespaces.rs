//! Who a run is, and who may hold it up: other namespaces in which the same path is another thing, names that
//! look like ours, and users who may only read.

mod common;

use common::*;
use ktstr_core::Action;
use ktstr_core::Placement::{Cgroup, RunnerCgroup};
use ktstr_core::execute_scenario;
use ktstr_core::prelude::*;
use ktstr_linux::clean::clean;
use ktstr_linux::{LinuxBackend, Options};
use nix::sys::signal::Signal;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

/// Runs in a process of its own: a run with payloads that have children in sessions of their own.
#[test]
fn lives_on() {
    let Some(parent) = std::env::var_os("KTSTR_TEST_LIVES") else { return };
    let options = Options { parent: Some(parent.into()), ..Options::default() };
    let mut backend = LinuxBackend::new(options).expect("a backend");
    prepare(&mut backend);
    done(&mut backend, Action::CreateCgroup { path: "a" });
    for (id, place) in [Cgroup("a"), RunnerCgroup].into_iter().enumerate() {
        start_script(&mut backend, id as u32, "setsid sleep 60 & sleep 60", place);
    }
    println!("ready");
    hold(&mut backend, 60_000);
}

/// Runs in a process of its own: one clean.
#[test]
fn cleans() {
    let Some(parent) = std::env::var_os("KTSTR_TEST_CLEANS") else { return };
    let report = clean(Some(Path::new(&parent))).expect("cleaned");
    println!("{} removed, {} killed, {} live", report.removed.len(), report.killed, report.live.len());
    assert!(report.failed.is_empty(), "{report:?}");
}

/// What containers have: a cgroup of their own that is the root to them, and the hierarchy mounted at the
/// same path.
struct Container {
    /// Its cgroup, as seen from outside.
    cgroup: PathBuf,
    /// Where it is mounted inside.
    point: PathBuf,
}

impl Container {
    fn new(point: &Path) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let mount = ktstr_linux::mount::find().expect("a mount").point;
        let cgroup = mount.join(format!("ktstr-test-{}-container-{number}", std::process::id()));
        std::fs::create_dir(&cgroup).expect("made");
        Self { cgroup, point: point.to_owned() }
    }

    /// The same command inside.
    fn inside(&self, command: &Command) -> Command {
        const ENTER: &str = "echo $$ > \"$0/cgroup.procs\" && exec unshare --cgroup --mount \
            sh -c 'mount -t cgroup2 none \"$0\" && exec \"$@\"' \"$@\"";
        let mut shell = Command::new("sh");
        shell.args(["-c", ENTER]).arg(&self.cgroup).arg(&self.point);
        shell.arg(command.get_program()).args(command.get_args());
        shell.envs(command.get_envs().filter_map(|(key, value)| Some((key, value?))));
        shell
    }

    /// The parent of runs inside.
    fn parent(&self) -> PathBuf {
        self.point.join("runs")
    }

    fn clean(&self) -> String {
        let run =
            self.inside(&this_test("cleans", "KTSTR_TEST_CLEANS", self.parent())).output().expect("a shell");
        let printed = String::from_utf8_lossy(&run.stdout).into_owned();
        assert!(run.status.success(), "{printed}");
        printed.lines().find(|line| line.contains("removed")).expect("a line").to_owned()
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        // What has just ended in it may not have left it yet.
        for _ in 0..1000 {
            if std::fs::remove_dir(&self.cgroup).is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// Two containers with their hierarchies at one path; `None` and a line where there can be none.
fn containers() -> Option<[Container; 2]> {
    let works = Command::new("unshare").args(["--cgroup", "--mount", "true"]).status();
    if !works.is_ok_and(|status| status.success()) {
        return skip("namespaces", "unshare --cgroup --mount is needed");
    }
    let point = std::env::temp_dir().join(format!("ktstr-test-{}-point", std::process::id()));
    std::fs::create_dir_all(&point).expect("made");
    Some([(); 2].map(|()| Container::new(&point)))
}

fn ready(command: &mut Command) -> Child {
    let mut child = command.stdout(Stdio::piped()).spawn().expect("a process");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    assert!(lines.any(|line| line.is_ok_and(|line| line.contains("ready"))), "it gets going");
    child
}

#[test]
fn clean_in_one_container_lets_the_runs_of_another_be() {
    if Place::new().is_none() {
        return;
    }
    let Some([one, two]) = containers() else { return };
    let seen = one.cgroup.join("runs");
    let mut run = ready(&mut one.inside(&this_test("lives_on", "KTSTR_TEST_LIVES", one.parent())));
    // Two shells and their four children; those in the runner's cgroup are known by their marks.
    eventually("all live", || traces(&seen).len() == 6);
    let before = traces(&seen);
    assert_eq!(two.clean(), "0 removed, 0 killed, 0 live");
    assert_eq!(one.clean(), "0 removed, 0 killed, 1 live");
    assert_eq!(traces(&seen), before);

    // Guards and supervisor killed, what is left is for a clean, but for that of its own container.
    let guards =
        std::fs::read_to_string(format!("/proc/{0}/task/{0}/children", run.id())).unwrap_or_default();
    let threads = std::fs::read_dir(format!("/proc/{}/task", run.id())).expect("threads").flatten();
    let children = threads.filter_map(|thread| std::fs::read_to_string(thread.path().join("children")).ok());
    for guard in children.chain([guards]).flat_map(|list| {
        list.split_whitespace().filter_map(|pid| pid.parse::<i32>().ok()).collect::<Vec<_>>()
    }) {
        let _ = nix::sys::signal::kill(nix::unistd::Pid::from_raw(guard), Signal::SIGKILL);
    }
    run.kill().expect("killed");
    run.wait().expect("reaped");
    eventually("the shells die", || traces(&seen).len() == 4);
    assert_eq!(two.clean(), "0 removed, 0 killed, 0 live");
    assert_eq!(traces(&seen).len(), 4);
    // Seen from outside it is the same object at another path.
    let report = clean(Some(&seen)).expect("cleaned");
    assert_eq!((report.removed.len(), report.killed), (1, 4), "{report:?}");
    assert_eq!(traces(&seen), []);
    assert_eq!(tree(&one.cgroup), Vec::<PathBuf>::new(), "also what it had beside the parent of runs");
}

/// Runs in a process of its own: runs side by side, and cleans between them.
#[test]
fn side_by_side() {
    let Some(parent) = std::env::var_os("KTSTR_TEST_SIDE_BY_SIDE") else { return };
    play_and_clean(Path::new(&parent));
}

fn play_and_clean(parent: &Path) {
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let runs: Vec<_> = (0..4)
            .map(|seed| {
                scope.spawn(move || {
                    for round in 0..count("KTSTR_ROUNDS", 3) as u64 {
                        let options = Options { parent: Some(parent.to_owned()), ..Options::default() };
                        let mut backend = LinuxBackend::new(options).expect("a backend");
                        let report = execute_scenario(&SHORT, &mut backend, seed * 100 + round, &mut ());
                        let report = report.expect("it begins");
                        assert_eq!((report.verdict, report.leftovers), (Verdict::Pass, 0), "{report:?}");
                    }
                })
            })
            .collect();
        let cleaner = scope.spawn(|| {
            let mut found = 0;
            while !over.load(Ordering::Relaxed) {
                let report = clean(Some(parent)).expect("cleaned");
                assert!(report.failed.is_empty(), "{report:?}");
                // The time that a process takes to start.
                std::thread::sleep(Duration::from_millis(5));
                found += report.removed.len() + report.killed as usize;
            }
            found
        });
        let played: Vec<_> = runs.into_iter().map(|run| run.join()).collect();
        over.store(true, Ordering::Relaxed);
        assert_eq!(cleaner.join().expect("cleaned"), 0, "nobody was dead");
        assert!(played.iter().all(Result::is_ok));
    });
}

#[test]
fn runs_in_two_namespaces_and_cleans_in_both_do_not_meet() {
    if Place::new().is_none() {
        return;
    }
    let Some([one, _two]) = containers() else { return };
    let inside = this_test("side_by_side", "KTSTR_TEST_SIDE_BY_SIDE", one.parent());
    let other = one.inside(&inside).stdout(Stdio::piped()).spawn().expect("a shell");
    // The same cgroup, by its path outside.
    play_and_clean(&one.cgroup.join("runs"));
    let other = other.wait_with_output().expect("it ends");
    assert!(other.status.success(), "{}", String::from_utf8_lossy(&other.stdout));
    assert_eq!(tree(&one.cgroup), Vec::<PathBuf>::new());
}

#[test]
fn a_name_like_that_of_a_run_is_not_enough() {
    let Some(place) = Place::new() else { return };
    let named = |name: &str| {
        let path = place.parent.join(name);
        std::fs::create_dir_all(&path).expect("made");
        path
    };
    let mine = named("ktstr-12-0123456789abcdef");
    let mut stranger = Command::new("sleep").arg("60").spawn().expect("sleep");
    std::fs::write(mine.join("cgroup.procs"), stranger.id().to_string()).expect("moved");
    let report = clean(Some(&place.parent)).expect("cleaned");
    assert_eq!((report.removed.len(), report.killed, report.failed.len()), (0, 0, 0), "{report:?}");
    assert!(lives(stranger.id()) && mine.exists());
    // The note of a run that is being made is what a supervisor leaves that dies before it can mark its
    // cgroup.
    let begun = named("ktstr-12-0123456789abcde0");
    let note = begun.file_name().expect("a name").as_encoded_bytes();
    rustix::fs::setxattr(&place.parent, "user.ktstr.making", note, rustix::fs::XattrFlags::empty())
        .expect("noted");
    let report = clean(Some(&place.parent)).expect("cleaned");
    assert_eq!((report.removed.len(), begun.exists(), mine.exists()), (1, false, true), "{report:?}");
    stranger.kill().expect("killed");
    stranger.wait().expect("reaped");
    eventually("it is empty", || std::fs::remove_dir(&mine).is_ok());
    std::fs::remove_dir(&place.parent).expect("the user's own, so it stays");
}

/// A lock is taken by whoever can open a file: by all users, of a directory or of most control files.
#[test]
fn who_may_only_read_cannot_hold_up_a_run() {
    let Some(place) = Place::new() else { return };
    let mut run = ready(&mut this_test("lives_on", "KTSTR_TEST_LIVES", &place.parent));
    let script = "for file in $1 $1/* $1/ktstr-*/* $1/ktstr-*/a/*; do \
        (flock -n 9 && exec sleep 60) 2> /dev/null 9< $file & done 2> /dev/null; sleep 0.5; echo ready; wait";
    let mut reader = Command::new("setpriv");
    reader.args(["--reuid=65534", "--regid=65534", "--clear-groups", "bash", "-c", script, "bash"]);
    reader.arg(&place.parent).process_group(0);
    if Command::new("setpriv").arg("--version").output().is_err()
        || Command::new("flock").arg("-V").output().is_err()
    {
        run.kill().expect("killed");
        run.wait().expect("reaped");
        clean(Some(&place.parent)).expect("cleaned");
        return skip("setpriv", "setpriv and flock are needed").unwrap_or(());
    }
    let mut reader = ready(&mut reader);
    let report = execute_scenario(&SHORT, &mut place.backend(), 0, &mut ()).expect("it begins");
    assert_eq!((report.verdict, report.leftovers), (Verdict::Pass, 0), "{report:?}");
    run.kill().expect("killed");
    run.wait().expect("reaped");
    let report = clean(Some(&place.parent)).expect("cleaned");
    assert_eq!(
        (report.removed.len(), report.live.len()),
        (1, 0),
        "it is dead, whoever holds a lock: {report:?}"
    );
    let group = nix::unistd::Pid::from_raw(reader.id() as i32);
    nix::sys::signal::killpg(group, Signal::SIGKILL).expect("killed");
    reader.wait().expect("reaped");
    place.assert_clean();
}
