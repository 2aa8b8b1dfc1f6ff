//! Runners that are killed at every action, and many runs in a row: `clean` leaves nothing, and nothing
//! grows.

mod common;

use common::*;
use ktstr_core::prelude::*;
use ktstr_core::{Action, Observer, Site, execute_scenario};
use ktstr_linux::clean::clean;
use ktstr_linux::{LinuxBackend, Options};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// Leaves children in other sessions, one of which drops its environment.
const LEAVES: Payload<'static> = Payload::binary("leaves", "sh")
    .default_args(&["-c", "setsid sleep 60 & setsid env -i sleep 60 & sleep 60"]);

const BUSY: Scenario<'static> = Scenario::new("busy")
    .duration(std::time::Duration::from_millis(20))
    .backdrop(
        Backdrop::new()
            .push_cgroup(CgroupDef::named("a").workers(2))
            .push_cgroup(CgroupDef::named("a/b").work_type(WorkType::ForkExit).workers(1).workload(&LEAVES))
            .push_op(Op::add_cgroup("c"))
            .push_payload(&LEAVES),
    )
    .steps(&[
        Step::new(
            &[
                Op::freeze_cgroup("a/b"),
                Op::unfreeze_cgroup("a/b"),
                Op::move_all_tasks("a", "c"),
                Op::run_payload_in_cgroup(&QUICK, &[], "c"),
                Op::wait_payload("quick"),
            ],
            HoldSpec::frac(0.5),
        ),
        Step::with_defs(&[CgroupDef::named("d").workers(2)], HoldSpec::frac(0.5)),
    ]);

/// Counts the actions, and ends this process before one of them.
struct Killer {
    before: usize,
    seen: usize,
}

impl Observer<'_> for Killer {
    fn before(&mut self, _: Site, _: &Action<'_>) {
        if self.seen == self.before {
            let own = rustix::process::getpid();
            rustix::process::kill_process(own, rustix::process::Signal::KILL).expect("sent");
        }
        self.seen += 1;
    }
}

/// Runs in a process of its own, and is killed before an action, or says how many there were.
#[test]
fn is_killed() {
    let Some(parent) = std::env::var_os("KTSTR_TEST_IS_KILLED") else { return };
    let options = Options { parent: Some(parent.into()), ..Options::default() };
    let mut backend = LinuxBackend::new(options).expect("a backend");
    let mut killer = Killer { before: count("KTSTR_TEST_BEFORE", usize::MAX), seen: 0 };
    let report = execute_scenario(&BUSY, &mut backend, 0, &mut killer).expect("it begins");
    assert_eq!((report.verdict, report.leftovers), (Verdict::Pass, 0), "{report:?}");
    println!("actions {}", killer.seen);
}

#[test]
fn a_runner_that_is_killed_at_any_action_leaves_nothing_after_a_clean() {
    let Some(place) = Place::new() else { return };
    let start = || this_test("is_killed", "KTSTR_TEST_IS_KILLED", &place.parent);
    let whole = start().output().expect("a run");
    let printed = String::from_utf8_lossy(&[whole.stdout, whole.stderr].concat()).into_owned();
    let actions =
        printed.lines().find_map(|line| line.split_once("actions ")?.1.trim().parse::<usize>().ok());
    let actions = actions.unwrap_or_else(|| panic!("{printed}"));
    assert!(actions > 40, "{actions}");
    let known = beside(&place.parent);
    for before in 0..actions {
        // No pipe: what a worker had forked when it was frozen keeps its end of it until the clean.
        let mut run = start();
        run.env("KTSTR_TEST_BEFORE", before.to_string()).stdout(Stdio::null()).stderr(Stdio::null());
        let ended = run.status().expect("a run");
        assert_eq!(ended.signal(), Some(9), "before action {before}");
        let mut removed = 0;
        // A fork that was just being set up has a copy of the lock until it ends as well.
        eventually("nobody holds the lock", || {
            let report = clean(Some(&place.parent)).expect("cleaned");
            assert!(report.failed.is_empty(), "before action {before}: {report:?}");
            removed += report.removed.len();
            report.live.is_empty()
        });
        assert_eq!(removed, usize::from(before > 0), "before action {before}");
        eventually("what its guards kill ends", || traces(&place.parent).is_empty());
        place.assert_clean();
        let new: Vec<_> = beside(&place.parent).into_iter().filter(|path| !known.contains(path)).collect();
        assert_eq!(new, Vec::<PathBuf>::new(), "before action {before}");
    }
}

/// What runs have left in the runner's cgroup: those of this test are called by the number of a child of its
/// own.
fn beside(parent: &Path) -> Vec<PathBuf> {
    let runner = LinuxBackend::new(Options { parent: Some(parent.to_owned()), ..Options::default() })
        .expect("a backend")
        .runner_directory()
        .expect("a runner's cgroup");
    let own = std::process::id();
    let entries = std::fs::read_dir(runner).expect("a directory").flatten().map(|entry| entry.path());
    let dead = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let pid = name.strip_prefix("ktstr-").and_then(|rest| rest.split('-').next()?.parse::<u32>().ok());
        // Other tests of this machine have leaves as well, whose runners live.
        name.contains(".payload-") && pid.is_some_and(|pid| pid > own && !lives(pid))
    };
    entries.filter(dead).collect()
}

/// What must not grow from run to run: open files, resident pages of 4 KiB, cgroups, and children.
fn held(parent: &Path) -> [usize; 4] {
    let files = std::fs::read_dir("/proc/self/fd").expect("files").count();
    let memory = std::fs::read_to_string("/proc/self/statm").expect("memory");
    let pages = memory.split(' ').nth(1).and_then(|pages| pages.parse().ok()).expect("a number");
    let children = std::fs::read_to_string("/proc/thread-self/children").unwrap_or_default();
    [files, pages, tree(parent).len(), children.split_whitespace().count()]
}

/// Runs in a process of its own, whose files and memory nobody else changes.
#[test]
fn again_and_again() {
    let Some(parent) = std::env::var_os("KTSTR_TEST_AGAIN") else { return };
    let parent = PathBuf::from(parent);
    let options = Options { parent: Some(parent.clone()), ..Options::default() };
    let mut kept = LinuxBackend::new(options.clone()).expect("a backend");
    let mut run = |rounds: usize| {
        for seed in 0..rounds as u64 {
            let mut fresh = LinuxBackend::new(options.clone()).expect("a backend");
            for backend in [&mut kept, &mut fresh] {
                let report = execute_scenario(&BUSY, backend, seed, &mut ()).expect("it begins");
                assert_eq!((report.verdict, report.leftovers), (Verdict::Pass, 0), "{report:?}");
            }
        }
    };
    run(3);
    let before = held(&parent);
    run(count("KTSTR_RUNS", 20) / 2);
    let after = held(&parent);
    println!("{before:?} became {after:?}");
    let [files, pages, cgroups, children] = before;
    assert_eq!([after[0], after[2], after[3]], [files, cgroups, children]);
    assert!(after[1] <= pages + 256, "more than 1 MiB: {before:?} became {after:?}");
}

#[test]
fn nothing_grows_from_run_to_run() {
    let Some(place) = Place::new() else { return };
    let run = this_test("again_and_again", "KTSTR_TEST_AGAIN", &place.parent).output().expect("runs");
    let printed = String::from_utf8_lossy(&[run.stdout, run.stderr].concat()).into_owned();
    assert!(run.status.success(), "{printed}");
    println!("{}", printed.lines().find(|line| line.contains("became")).unwrap_or_default());
    place.assert_clean();
}
