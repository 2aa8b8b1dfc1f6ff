//! Workers of a program with much memory of its own: they are forked by a small process, cost as little as
//! those of any other, and nothing is left of either.

mod common;

use common::*;
use ktstr_core::Placement::Cgroup;
use ktstr_core::prelude::*;
use ktstr_core::{Action, GroupId, WorkerEnd};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What the program holds, all of it touched, in MiB.
const HELD: usize = 128;

/// Set for a process that is to be killed, to the parent of its run.
const ROLE: &str = "KTSTR_TEST_LARGE";

/// What the program holds; one test at a time, so that each knows its own children.
fn held() -> (Vec<u8>, MutexGuard<'static, ()>) {
    static ONE: Mutex<()> = Mutex::new(());
    (vec![1; HELD << 20], ONE.lock().unwrap_or_else(PoisonError::into_inner))
}

/// The children of this process that are in no cgroup of the run.
fn nurseries(place: &Place) -> Vec<u32> {
    let run = place.parent.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
    let tasks = std::fs::read_dir("/proc/self/task").expect("threads").flatten();
    let lists = tasks.flat_map(|task| std::fs::read_to_string(task.path().join("children")));
    let all: Vec<u32> =
        lists.flat_map(|text| text.split_whitespace().flat_map(str::parse).collect::<Vec<_>>()).collect();
    let is_beside = |pid: &u32| {
        lives(*pid)
            && !std::fs::read_to_string(format!("/proc/{pid}/cgroup")).is_ok_and(|at| at.contains(&run))
    };
    all.into_iter().filter(is_beside).collect()
}

/// The memory of a process's own, in KiB.
fn own_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("it lives");
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).expect("a line");
    line.split_whitespace().next().and_then(|number| number.parse().ok()).expect("a number")
}

#[test]
fn every_work_type_works_and_its_workers_have_nothing_of_the_program() {
    let Some(place) = Place::new() else { return };
    let (memory, _alone) = held();
    let mut backend = place.prepared(&["a"]);
    run_group(&mut backend, spawn(0, Cgroup("a"), spin(), 2), 20);
    let pids = captured(&mut backend, "a");
    assert_eq!((pids.len(), nurseries(&place).len()), (2, 1));
    for pid in pids {
        assert!(own_kib(pid) < 8 << 10, "{} KiB, and the program holds {HELD} MiB", own_kib(pid));
    }
    stop(&mut backend, 0, 2);
    for (group, work_type) in WorkType::DEFAULTS.into_iter().enumerate() {
        let reports = reports_of_work(&mut backend, 1 + group as u32, work_type);
        let name = work_type.name();
        assert!(have_worked(&reports, work_type), "{name}: {reports:?}");
        assert!(reports.iter().all(|report| report.end == WorkerEnd::Stopped), "{name}: {reports:?}");
    }
    let refused = fails(&mut backend, spawn(100, Cgroup("a"), spin().uid(u32::MAX), 1));
    assert!(refused.to_string().contains("setresuid of worker 0"), "{refused}");
    done(&mut backend, Action::RemoveCgroup { path: "a" });
    done(&mut backend, Action::Finish);
    assert_eq!(nurseries(&place), []);
    place.assert_clean();
    assert!(memory.iter().all(|byte| *byte == 1));
}

#[test]
fn workers_are_forked_without_it_once_somebody_has_killed_it() {
    let Some(place) = Place::new() else { return };
    let _memory = held();
    let mut backend = place.prepared(&["a"]);
    run_group(&mut backend, spawn(0, Cgroup("a"), spin(), 1), 5);
    for nursery in nurseries(&place) {
        let pid = nix::unistd::Pid::from_raw(nursery as i32);
        nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL).expect("it is ours");
    }
    run_group(&mut backend, spawn(1, Cgroup("a"), spin(), 2), 20);
    for (group, workers) in [(0, 1), (1, 2)] {
        let reports = stop(&mut backend, group, workers);
        assert!(have_worked(&reports, WorkType::SpinWait), "{reports:?}");
    }
    done(&mut backend, Action::RemoveCgroup { path: "a" });
    done(&mut backend, Action::Finish);
    place.assert_clean();
}

#[test]
fn it_dies_with_the_program_and_so_do_its_workers() {
    if let Some(parent) = std::env::var_os(ROLE) {
        let _memory = held();
        let place = Place { parent: parent.into() };
        let mut backend = place.prepared(&["a"]);
        run_group(&mut backend, spawn(0, Cgroup("a"), spin(), 2), 5);
        let pids = [nurseries(&place), captured(&mut backend, "a")].concat();
        println!("started {pids:?}");
        std::thread::sleep(Duration::from_secs(60));
        done(&mut backend, Action::Stop { group: GroupId(0) });
        return;
    }
    let Some(place) = Place::new() else { return };
    let _alone = held();
    let mut command = this_test("it_dies_with_the_program_and_so_do_its_workers", ROLE, &place.parent);
    let mut program = command.stdout(Stdio::piped()).spawn().expect("this test");
    let mut lines = BufReader::new(program.stdout.take().expect("a pipe")).lines().map_while(Result::ok);
    let line = lines.find_map(|line| Some(line.split_once("started [")?.1.to_owned())).expect("its line");
    let pids: Vec<u32> = line.trim_end_matches(']').split(", ").flat_map(str::parse).collect();
    assert_eq!(pids.len(), 3, "{line}");
    program.kill().expect("it runs");
    program.wait().expect("its end");
    let from = Instant::now();
    while pids.iter().any(|pid| Path::new(&format!("/proc/{pid}")).exists() && lives(*pid)) {
        assert!(from.elapsed() < Duration::from_secs(20), "{pids:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
    ktstr_linux::clean::clean(Some(&place.parent)).expect("it is cleaned");
    place.assert_clean();
}
