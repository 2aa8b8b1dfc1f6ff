//! Payloads on this machine: found, started, drained, waited for and killed, with all that they have started.

mod common;

use common::*;
use ktstr_core::Placement::{Cgroup, RunnerCgroup};
use ktstr_core::{Action, Backend, ExitStatus, FaultKind, Outcome, Payload, PayloadId};
use ktstr_linux::interrupt::Flag;
use ktstr_linux::{LinuxBackend, Options};
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

fn output(backend: &LinuxBackend, id: u32) -> (String, String) {
    let (out, err) = backend.payload_output(PayloadId(id)).expect("an output");
    (String::from_utf8_lossy(out).into_owned(), String::from_utf8_lossy(err).into_owned())
}

/// The process ids that a script has printed.
fn pids(backend: &LinuxBackend, id: u32) -> Vec<u32> {
    output(backend, id).0.split_whitespace().filter_map(|word| word.parse().ok()).collect()
}

#[test]
fn exits_and_outputs_are_reported() {
    let Some(place) = Place::new() else { return };
    let mut backend = place.prepared(&["a"]);
    for (id, place) in [RunnerCgroup, Cgroup("a")].into_iter().enumerate() {
        let id = id as u32;
        start_script(&mut backend, id, "echo out; echo error >&2; exit 3", place);
        let end = ended(wait(&mut backend, id, 5000));
        assert_eq!(end.status, ExitStatus::Exited(3));
        assert_eq!((end.stdout_bytes, end.stderr_bytes, end.cut_bytes, end.orphans), (4, 6, 0, 0));
        assert!(end.wall_ns > 0);
        assert_eq!(output(&backend, id), ("out\n".to_owned(), "error\n".to_owned()));
    }
    start_script(&mut backend, 2, "kill -USR1 $$", Cgroup("a"));
    assert_eq!(ended(wait(&mut backend, 2, 5000)).status, ExitStatus::Signalled(10));
}

#[test]
fn a_payload_runs_in_its_cgroup_and_session() {
    let Some(place) = Place::new() else { return };
    let mut backend = place.prepared(&["a"]);
    let script = "grep ^0:: /proc/self/cgroup; cat /proc/$$/stat; read line; echo $?";
    start_script(&mut backend, 0, script, Cgroup("a"));
    ended(wait(&mut backend, 0, 5000));
    let (out, _) = output(&backend, 0);
    let lines: Vec<&str> = out.lines().collect();
    assert!(lines[0].ends_with("/a") && lines[0].contains("/ktstr-"), "{out}");
    let fields: Vec<&str> = lines[1].split(' ').collect();
    assert_eq!((fields[0], fields[0]), (fields[4], fields[5]), "it leads its group and session");
    assert_eq!(lines[2], "1", "its input is empty");
}

#[test]
fn much_output_neither_hangs_nor_grows_without_bound() {
    let Some(place) = Place::new() else { return };
    let mut backend = place.prepared(&["a"]);
    start_script(&mut backend, 0, "head -c 200000 /dev/zero", Cgroup("a"));
    let end = ended(wait(&mut backend, 0, 5000));
    assert_eq!((end.status, end.stdout_bytes, end.cut_bytes), (ExitStatus::Exited(0), 200_000, 0));
    start_script(
        &mut backend,
        1,
        "echo first; head -c 5000000 /dev/zero; echo last; head -c 3000000 /dev/zero >&2",
        Cgroup("a"),
    );
    hold(&mut backend, 300);
    let end = ended(wait(&mut backend, 1, 5000));
    assert_eq!((end.stdout_bytes, end.stderr_bytes), (5_000_011, 3_000_000));
    let (out, err) = output(&backend, 1);
    assert_eq!((out.len(), err.len()), (1 << 20, 1 << 20));
    assert_eq!(end.cut_bytes, 8_000_011 - 2 * (1 << 20));
    assert!(out.starts_with("first\n") && out.ends_with("last\n"));
}

#[test]
fn a_wait_has_an_end_and_the_payload_goes_on() {
    let Some(place) = Place::new() else { return };
    let mut backend = place.prepared(&["a"]);
    start_script(&mut backend, 0, "sleep 60", Cgroup("a"));
    let asked = Instant::now();
    assert_eq!(wait(&mut backend, 0, 100), Outcome::TimedOut);
    assert!(asked.elapsed() >= Duration::from_millis(100) && asked.elapsed() < Duration::from_secs(30));
    assert_eq!(kill(&mut backend, 0, 1000).status, ExitStatus::Signalled(15));
    assert_eq!(
        fails(&mut backend, Action::WaitPayload { id: PayloadId(0), timeout: Duration::ZERO }).kind,
        FaultKind::Unknown
    );
}

#[test]
fn one_that_ignores_sigterm_is_killed_after_its_grace() {
    let Some(place) = Place::new() else { return };
    let mut backend = place.prepared(&["a"]);
    start_script(&mut backend, 0, "trap '' TERM; echo ready; while :; do sleep 0.05; done", Cgroup("a"));
    hold(&mut backend, 100);
    let asked = Instant::now();
    let end = kill(&mut backend, 0, 300);
    assert_eq!(end.status, ExitStatus::Signalled(9));
    assert!(asked.elapsed() >= Duration::from_millis(300));
    start_script(
        &mut backend,
        1,
        "trap 'echo bye; exit 4' TERM; echo ready; while :; do sleep 0.05; done",
        Cgroup("a"),
    );
    hold(&mut backend, 100);
    assert_eq!(kill(&mut backend, 1, 5000).status, ExitStatus::Exited(4));
    assert_eq!(output(&backend, 1).0, "ready\nbye\n");
}

#[test]
fn what_a_payload_leaves_behind_is_killed_and_counted() {
    let Some(place) = Place::new() else { return };
    let mut backend = place.prepared(&["a"]);
    done(&mut backend, spawn(0, Cgroup("a"), spin(), 1));
    done(&mut backend, Action::Start);
    // One in its group, one in a session of its own, one of those without the environment either.
    let script = "sleep 61 & echo $!; setsid sleep 62 & echo $!; setsid env -i sleep 63 & echo $!; sleep 0.2";
    for (id, place) in [Cgroup("a"), RunnerCgroup].into_iter().enumerate() {
        let id = id as u32;
        if place == RunnerCgroup && !runner_has_leaves(&backend) {
            println!("SKIP: a payload in the runner's cgroup can have none of its own here");
            continue;
        }
        start_script(&mut backend, id, script, place);
        let end = ended(wait(&mut backend, id, 30_000));
        let left = pids(&backend, id);
        assert_eq!((left.len(), end.orphans), (3, 3), "in {place}");
        assert!(left.iter().all(|pid| !lives(*pid)), "in {place}");
    }
    assert_eq!(leaves(&backend), Vec::<String>::new());
    let report = stop(&mut backend, 0, 1)[0];
    assert_eq!(report.end, ktstr_core::WorkerEnd::Stopped, "the worker beside them was let be");
    done(&mut backend, Action::RemoveCgroup { path: "a" });
}

/// Where it went: out of its cgroup, its session and its environment, and its parent has ended.
#[test]
fn what_leaves_cgroup_session_environment_and_parent_is_found_all_the_same() {
    let Some(place) = Place::new() else { return };
    let mut backend = place.prepared(&["a", "b"]);
    let mount = ktstr_linux::mount::find().expect("a mount").point;
    let elsewhere = [mount, backend.run_directory().expect("a run").join("b")];
    for (id, (home, to)) in [(Cgroup("a"), 0), (Cgroup("a"), 1), (RunnerCgroup, 0)].into_iter().enumerate() {
        let id = id as u32;
        let procs = elsewhere[to].join("cgroup.procs");
        let hides = format!("echo $$ > {}; echo $$; exec sleep 64", procs.display());
        let script = format!("(setsid env -i sh -c '{hides}' &); sleep 0.3; exit 5");
        start_script(&mut backend, id, &script, home);
        let end = ended(wait(&mut backend, id, 30_000));
        let hidden = pids(&backend, id);
        assert_eq!((end.status, end.orphans, hidden.len()), (ExitStatus::Exited(5), 1, 1), "{home}");
        assert!(!lives(hidden[0]), "{home}");
    }
}

#[test]
fn a_payload_that_kills_its_guard_ends_and_what_it_left_is_known_by_its_mark() {
    let Some(place) = Place::new() else { return };
    let mut backend = place.prepared(&["a"]);
    start_script(
        &mut backend,
        0,
        "setsid sleep 65 & echo $!; sleep 0.1; kill -9 $PPID; exec sleep 60",
        Cgroup("a"),
    );
    let end = ended(wait(&mut backend, 0, 30_000));
    assert_eq!((end.status, end.orphans), (ExitStatus::Signalled(9), 1));
    assert!(!lives(pids(&backend, 0)[0]));
    done(&mut backend, Action::RemoveCgroup { path: "a" });
}

/// A run where payloads in the runner's cgroup have cgroups of their own.
fn with_leaves() -> Option<(Place, LinuxBackend)> {
    let place = Place::new()?;
    let backend = place.prepared(&["a"]);
    if !runner_has_leaves(&backend) {
        return skip("leaves", "controllers are enabled below the runner's cgroup");
    }
    Some((place, backend))
}

#[test]
fn a_leaf_that_cannot_be_removed_is_named_and_the_payload_can_be_ended_again() {
    let Some((place, mut backend)) = with_leaves() else { return };
    start_script(&mut backend, 0, "sleep 60", RunnerCgroup);
    let runner = backend.runner_directory().expect("a runner's cgroup");
    let obstacle = Obstacle::below(&runner.join(&leaves(&backend)[0]));
    let fault = fails(&mut backend, Action::KillPayload { id: PayloadId(0), grace: Duration::ZERO });
    assert_eq!((fault.kind, fault.detail.as_str()), (FaultKind::Busy, "the payload's own cgroup"));
    drop(obstacle);
    kill(&mut backend, 0, 0);
    assert_eq!(leaves(&backend), Vec::<String>::new());
    drop(backend);
    place.assert_clean();
}

/// The names of cgroups that payloads of this process have below the runner's.
fn leaves(backend: &LinuxBackend) -> Vec<String> {
    let runner = backend.runner_directory().expect("a runner's cgroup");
    let entries = std::fs::read_dir(runner).expect("a directory").flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let run = backend.run_directory().expect("a run");
    let run = run.file_name().expect("a name").to_string_lossy().into_owned();
    names.filter(|name| name.starts_with(&run) && *name != run).collect()
}

#[test]
fn a_payload_in_the_runners_cgroup_has_a_leaf_below_it_that_goes_with_it() {
    let Some((place, mut backend)) = with_leaves() else { return };
    // It makes a cgroup below its own, in which one lives on that ignores SIGTERM.
    let script = "grep ^0:: /proc/self/cgroup; m=$1; mkdir $m/x && \
        setsid env -i sh -c \"echo \\$\\$ > $m/x/cgroup.procs; trap '' TERM; echo in; sleep 61\" & sleep 60";
    for id in 0..2 {
        start_script(&mut backend, id, "sleep 60", RunnerCgroup);
    }
    let mut names = leaves(&backend);
    names.sort();
    assert_eq!(names.len(), 2, "{names:?}");
    assert!(names[0].ends_with(".payload-0") && names[1].ends_with(".payload-1"), "{names:?}");
    let runner = backend.runner_directory().expect("a runner's cgroup");
    let leaf = runner.join(names[0].replace(".payload-0", ".payload-2"));
    let script = script.replace("$1", &leaf.display().to_string());
    start_script(&mut backend, 2, &script, RunnerCgroup);
    eventually("the inner cgroup is populated", || {
        std::fs::read_to_string(leaf.join("x/cgroup.procs")).is_ok_and(|procs| !procs.is_empty())
    });
    let inner = std::fs::read_to_string(leaf.join("x/cgroup.procs")).expect("processes");
    let end = kill(&mut backend, 2, 0);
    assert!(end.orphans >= 1, "{end:?}");
    for pid in inner.lines().map(|line| line.parse().expect("a number")) {
        assert!(!lives(pid), "{pid} in a cgroup below the leaf");
    }
    let (out, err) = output(&backend, 2);
    let first = out.lines().next().expect("a line");
    assert!(first.ends_with(".payload-2"), "{out} {err}");
    assert_eq!(leaves(&backend).len(), 2);
    kill(&mut backend, 0, 1000);
    drop(backend);
    assert!(!runner.join(&names[1]).exists(), "it goes with its backend");
    place.assert_clean();
}

#[test]
fn a_payload_that_does_not_start_leaves_no_cgroup() {
    let Some(place) = Place::new() else { return };
    let mut backend = place.prepared(&["a"]);
    let none = Payload::binary("none", "no-such-program");
    let start = Action::StartPayload { id: PayloadId(0), payload: &none, args: &[], placement: RunnerCgroup };
    assert_eq!(fails(&mut backend, start).kind, FaultKind::NoProgram);
    assert_eq!(leaves(&backend), Vec::<String>::new());
    done(&mut backend, Action::RemoveCgroup { path: "a" });
    done(&mut backend, Action::Finish);
    place.assert_clean();
}

#[test]
fn each_of_two_payloads_in_a_cgroup_loses_its_own_only() {
    let Some(place) = Place::new() else { return };
    let mut backend = place.prepared(&["a"]);
    for id in 0..2 {
        start_script(&mut backend, id, "setsid sleep 60 & echo $!; wait", Cgroup("a"));
    }
    hold(&mut backend, 200);
    assert_eq!(kill(&mut backend, 0, 0).status, ExitStatus::Signalled(15));
    assert!(pids(&backend, 0).iter().all(|pid| !lives(*pid)));
    assert_eq!(wait(&mut backend, 1, 50), Outcome::TimedOut, "the other runs on");
    kill(&mut backend, 1, 100);
    let left = pids(&backend, 1);
    assert!(left.len() == 1 && !lives(left[0]));
    done(&mut backend, Action::RemoveCgroup { path: "a" });
}

#[test]
fn a_frozen_payload_is_killed_without_a_grace() {
    let Some(place) = Place::new() else { return };
    let mut backend = place.prepared(&["a"]);
    start_script(&mut backend, 0, "sleep 60", Cgroup("a"));
    done(&mut backend, Action::Freeze { path: "a" });
    let asked = Instant::now();
    // The kernel may let a SIGTERM that nobody handles through the freeze, or hold it until the SIGKILL.
    let status = kill(&mut backend, 0, 60_000).status;
    assert!(matches!(status, ExitStatus::Signalled(9 | 15)), "{status:?}");
    assert!(asked.elapsed() < Duration::from_secs(30), "a grace would be no use");
    let frozen = Payload::binary("true", "true");
    let asked = Instant::now();
    let start =
        Action::StartPayload { id: PayloadId(1), payload: &frozen, args: &[], placement: Cgroup("a") };
    assert_eq!(fails(&mut backend, start).kind, FaultKind::TimedOut);
    assert_eq!(fails(&mut backend, spawn(0, Cgroup("a"), spin(), 1)).kind, FaultKind::TimedOut);
    assert!(asked.elapsed() < Duration::from_secs(30), "a start in a frozen cgroup does not hang");
    done(&mut backend, Action::Thaw { path: "a" });
    assert!(captured(&mut backend, "a").is_empty());
}

#[test]
fn programs_that_cannot_run_are_told_apart() {
    let Some(place) = Place::new() else { return };
    let mut backend = place.prepared(&["a"]);
    let file = std::env::temp_dir().join(format!("ktstr-program-{}", std::process::id()));
    let path = file.to_str().expect("UTF-8").to_owned();
    let write = |text: &[u8], mode| {
        std::fs::write(&file, text).expect("written");
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).expect("set");
    };
    let mut start = |binary: &str| {
        let payload = Payload::binary("p", binary);
        fails(
            &mut backend,
            Action::StartPayload { id: PayloadId(0), payload: &payload, args: &[], placement: Cgroup("a") },
        )
    };
    assert_eq!(start("no-such-program").kind, FaultKind::NoProgram);
    write(b"#!/bin/sh\n", 0o644);
    assert_eq!(start(&path).kind, FaultKind::NotExecutable);
    write(b"#!/no/such/interpreter\n", 0o755);
    assert_eq!(start(&path).kind, FaultKind::NotExecutable);
    write(b"\x7fELF but not really", 0o755);
    let fault = start(&path);
    assert_eq!((fault.kind, fault.errno), (FaultKind::NotExecutable, 8), "{fault}");
    assert!(fault.detail.contains("ktstr-program"), "{fault}");
    std::fs::remove_file(&file).expect("removed");
    assert!(captured(&mut backend, "a").is_empty());
}

#[test]
fn metrics_are_read_from_either_stream() {
    let Some(place) = Place::new() else { return };
    let mut backend = place.prepared(&["a"]);
    start_script(
        &mut backend,
        0,
        "echo '[INFO] {\"jobs\":[{\"iops\":12.5}]}'; echo '{\"n\":3}' >&2",
        Cgroup("a"),
    );
    ended(wait(&mut backend, 0, 5000));
    for (metric, value) in [("jobs.0.iops", Some(12.5)), ("n", Some(3.0)), ("none", None)] {
        let read = Action::ReadMetric { id: PayloadId(0), metric };
        assert_eq!(backend.perform(&read, &mut ()), Outcome::Metric(value), "{metric}");
    }
}

#[test]
fn an_interrupt_ends_holds_and_waits() {
    let Some(place) = Place::new() else { return };
    let flag = Flag::new().expect("a flag");
    let options = Options { interrupt: Some(flag.clone()), ..place.options() };
    let mut backend = LinuxBackend::new(options).expect("a backend");
    prepare(&mut backend);
    start_script(&mut backend, 0, "trap '' TERM; while :; do sleep 0.05; done", RunnerCgroup);
    let raiser = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(100));
        flag.raise();
        flag
    });
    let asked = Instant::now();
    assert_eq!(
        fails(&mut backend, Action::Hold { length: Duration::from_secs(60) }).kind,
        FaultKind::Interrupted
    );
    assert_eq!(
        fails(&mut backend, Action::WaitPayload { id: PayloadId(0), timeout: Duration::from_secs(60) }).kind,
        FaultKind::Interrupted
    );
    raiser.join().expect("raised").raise();
    assert_eq!(
        kill(&mut backend, 0, 60_000).status,
        ExitStatus::Signalled(9),
        "the second one cuts the grace"
    );
    assert!(asked.elapsed() < Duration::from_secs(50), "{:?}", asked.elapsed());
    done(&mut backend, Action::Finish);
    place.assert_clean();
}

#[test]
fn a_real_load_generator_runs_and_goes_with_all_its_children() {
    let Some(place) = Place::new() else { return };
    if !std::path::Path::new("/usr/bin/stress-ng").exists() {
        return skip("stress-ng", "stress-ng is needed").unwrap_or(());
    }
    let mut backend = place.prepared(&["a"]);
    let load = Payload::binary("load", "stress-ng").default_args(&["--cpu", "2"]);
    let args = ["--timeout", "60s"];
    done(
        &mut backend,
        Action::StartPayload { id: PayloadId(0), payload: &load, args: &args, placement: Cgroup("a") },
    );
    hold(&mut backend, 400);
    let count = captured(&mut backend, "a").len();
    assert!(count >= 3, "{count} processes");
    kill(&mut backend, 0, 3000);
    assert!(captured(&mut backend, "a").is_empty());
    done(&mut backend, Action::RemoveCgroup { path: "a" });
    done(&mut backend, Action::Finish);
    place.assert_clean();
}

#[test]
fn a_chain_of_processes_that_never_stays_is_caught() {
    let Some(place) = Place::new() else { return };
    let mut backend = place.prepared(&["a"]);
    let file = std::env::temp_dir().join(format!("ktstr-chain-{}", std::process::id()));
    let path = file.to_str().expect("UTF-8");
    std::fs::write(&file, format!("trap '' TERM; setsid sh {path} & exit 0")).expect("written");
    start_script(&mut backend, 0, &format!("sh {path}; sleep 60"), Cgroup("a"));
    hold(&mut backend, 100);
    kill(&mut backend, 0, 0);
    backend.perform(&Action::KillRemaining { path: "a" }, &mut ());
    assert!(captured(&mut backend, "a").is_empty());
    std::fs::remove_file(&file).expect("removed");
}
