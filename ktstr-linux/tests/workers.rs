//! Workers on this machine: each work type works, is stopped and reported on, whatever happens to it.

mod common;

use common::*;
use ktstr_core::Placement::{Cgroup, RunnerCgroup};
use ktstr_core::{
    Action, AffinityPlan, Backend, CpuSet, FaultKind, FieldValue, GroupId, MemPolicy, MpolFlags, NodeSet,
    Outcome, SchedPolicy, WorkSpec, WorkType, WorkerEnd,
};
use ktstr_linux::{LinuxBackend, Options};
use std::process::Command;
use std::time::{Duration, Instant};

#[test]
fn every_work_type_works_and_stops() {
    let Some(place) = Place::new() else { return };
    let mut backend = place.prepared(&["a"]);
    for (group, work_type) in WorkType::DEFAULTS.into_iter().enumerate() {
        let name = work_type.name();
        let reports = reports_of_work(&mut backend, group as u32, work_type);
        assert!(have_worked(&reports, work_type), "{name}: {reports:?}");
        for report in reports {
            assert_eq!(report.end, WorkerEnd::Stopped, "{name}");
            assert!(report.cpu_ns > 0 && report.wall_ns >= 100_000_000, "{name}: {report:?}");
            assert!(report.cpus_used.is_subset(backend.topology().cpus()), "{name}: {report:?}");
            assert!(report.wake_p50_ns <= report.wake_p99_ns && report.wake_p99_ns <= report.wake_max_ns);
        }
    }
    done(&mut backend, Action::RemoveCgroup { path: "a" });
    done(&mut backend, Action::Finish);
    place.assert_clean();
}

/// The same type with all that takes time at its longest; memory and teams as they are.
fn endless(usual: WorkType) -> WorkType {
    let mut work = usual;
    for (index, field) in usual.info().fields.iter().enumerate() {
        let Some([_, longest]) = work.kind_of(index).and_then(|kind| kind.ends()) else { continue };
        if matches!(longest, FieldValue::Count(_)) && field.key.contains("ib") {
            continue;
        }
        let mut longer = work;
        longer.set_argument(index, longest);
        if longer.team_size() == work.team_size() {
            work = longer;
        }
    }
    work
}

#[test]
fn no_work_holds_up_a_stop_however_long_it_is() {
    let Some(place) = Place::new() else { return };
    let mut backend = place.prepared(&["a"]);
    for (group, usual) in WorkType::DEFAULTS.into_iter().enumerate() {
        let (group, work) = (group as u32, endless(usual));
        run_group(&mut backend, spawn(group, Cgroup("a"), WorkSpec::new(work), work.team_size()), 30);
        for report in stop(&mut backend, group, work.team_size()) {
            assert_eq!(report.end, WorkerEnd::Stopped, "{work:?}: {report:?}");
        }
        let procs = backend.run_directory().expect("a run").join("a/cgroup.procs");
        assert_eq!(std::fs::read_to_string(procs).expect("processes"), "", "{work:?}");
    }
    done(&mut backend, Action::RemoveCgroup { path: "a" });
    done(&mut backend, Action::Finish);
    place.assert_clean();
}

#[test]
fn an_uninterruptible_sleep_is_in_the_state_d() {
    let Some(place) = Place::new() else { return };
    let mut backend = place.prepared(&["a"]);
    let work = WorkSpec::new(WorkType::uninterruptible_sleep(60_000));
    run_group(&mut backend, spawn(0, Cgroup("a"), work, 1), 50);
    let in_d = || {
        let procs = backend.run_directory().expect("a run").join("a/cgroup.procs");
        let pids = std::fs::read_to_string(procs).expect("processes");
        let stats = pids.lines().map(|pid| std::fs::read_to_string(format!("/proc/{pid}/stat")));
        stats
            .flatten()
            .filter(|stat| stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('D')))
            .count()
    };
    eventually("a worker in D", || in_d() == 1);
    assert_eq!(stop(&mut backend, 0, 1)[0].end, WorkerEnd::Stopped);
}

#[test]
fn a_long_sleep_does_not_hold_up_a_stop() {
    let Some(place) = Place::new() else { return };
    let mut backend = place.prepared(&["a"]);
    let sleepy = WorkType::bursty(Duration::from_micros(1), Duration::from_secs(60));
    run_group(&mut backend, spawn(0, Cgroup("a"), WorkSpec::new(sleepy), 3), 1000);
    let asked = Instant::now();
    for report in stop(&mut backend, 0, 3) {
        assert_eq!((report.end, report.iterations), (WorkerEnd::Stopped, 1));
        assert!(report.max_gap_ns < 500_000_000, "what it sleeps on purpose is no gap: {report:?}");
    }
    assert!(asked.elapsed() < Duration::from_secs(30));
}

#[test]
fn what_a_killed_worker_had_done_is_reported() {
    let Some(place) = Place::new() else { return };
    let mut backend = place.prepared(&["a"]);
    run_group(&mut backend, spawn(0, Cgroup("a"), spin(), 2), 500);
    let procs = backend.run_directory().expect("a run").join("a/cgroup.procs");
    let pids = std::fs::read_to_string(procs).expect("processes");
    let pid: i32 = pids.lines().next().expect("a worker").parse().expect("a number");
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), nix::sys::signal::Signal::SIGKILL).expect("sent");
    hold(&mut backend, 20);
    let reports = stop(&mut backend, 0, 2);
    let killed = reports.iter().find(|report| report.pid == pid as u32).expect("its report");
    assert_eq!(killed.end, WorkerEnd::Signalled(9));
    assert!(killed.iterations > 0 && killed.cpu_ns > 0, "{killed:?}");
    let other = reports.iter().find(|report| report.pid != pid as u32).expect("its report");
    assert_eq!(other.end, WorkerEnd::Stopped);
}

#[test]
fn a_frozen_worker_that_is_stopped_is_killed_in_time_and_reported() {
    let Some(place) = Place::new() else { return };
    let mut backend = place.prepared(&["a"]);
    run_group(&mut backend, spawn(0, Cgroup("a"), spin(), 1), 500);
    done(&mut backend, Action::Freeze { path: "a" });
    let report = stop(&mut backend, 0, 1)[0];
    assert_eq!(report.end, WorkerEnd::Killed);
    assert!(report.iterations > 0 && report.cpu_ns > 0, "{report:?}");
}

#[test]
fn frozen_time_is_no_gap() {
    let Some(place) = Place::new() else { return };
    let mut backend = place.prepared(&["a", "a/b"]);
    done(&mut backend, spawn(0, Cgroup("a/b"), spin(), 1));
    done(&mut backend, Action::Start);
    for _ in 0..3 {
        hold(&mut backend, 20);
        done(&mut backend, Action::Freeze { path: "a" });
        hold(&mut backend, 300);
        done(&mut backend, Action::Thaw { path: "a" });
    }
    hold(&mut backend, 20);
    let report = stop(&mut backend, 0, 1)[0];
    assert_eq!(report.end, WorkerEnd::Stopped);
    let thawed = report.wall_ns.checked_sub(900_000_000).expect("three times 300 ms frozen");
    assert!(report.max_gap_ns <= thawed && report.cpu_ns <= thawed, "{thawed} ns thawed: {report:?}");
}

#[test]
fn a_setup_that_fails_says_which_and_leaves_no_worker() {
    let Some(place) = Place::new() else { return };
    let mut backend = place.prepared(&["a"]);
    let deadline = SchedPolicy::Deadline {
        runtime: Duration::from_secs(2),
        deadline: Duration::from_secs(1),
        period: Duration::from_secs(1),
    };
    for (work, kind, stage) in [
        (spin().sched_policy(deadline), FaultKind::SetPolicy, "sched_setattr of worker"),
        (spin().uid(u32::MAX), FaultKind::SetIds, "setresuid of worker"),
        (spin().gid(u32::MAX), FaultKind::SetIds, "setresgid of worker"),
        (
            spin().mem_policy(MemPolicy::Bind(NodeSet::of(&[63]))),
            FaultKind::SetMemPolicy,
            "set_mempolicy of worker",
        ),
    ] {
        let fault = fails(&mut backend, spawn(0, Cgroup("a"), work, 3));
        assert_eq!(fault.kind, kind, "{fault}");
        assert!(fault.detail.contains(stage), "{fault}");
    }
    let none = AffinityPlan::Set(CpuSet::of(&[1000]));
    let action = Action::Spawn {
        group: GroupId(0),
        placement: Cgroup("a"),
        work: spin(),
        workers: 2,
        affinity: none,
        seed: 0,
    };
    assert_eq!(fails(&mut backend, action).kind, FaultKind::SetAffinity);
    done(&mut backend, Action::RemoveCgroup { path: "a" });
}

#[test]
fn workers_have_what_they_ask_for() {
    let Some(place) = Place::new() else { return };
    let mut backend = place.prepared(&["a"]);
    let work = spin().sched_policy(SchedPolicy::Batch).nice(7).comm("fifteen_letters").uid(65534).gid(65533);
    let affinity = AffinityPlan::Set(CpuSet::of(&[0]));
    done(
        &mut backend,
        Action::Spawn { group: GroupId(0), placement: Cgroup("a"), work, workers: 1, affinity, seed: 0 },
    );
    done(&mut backend, Action::Start);
    let [pid] = captured(&mut backend, "a")[..] else { panic!("one worker") };
    let read = |file: &str| std::fs::read_to_string(format!("/proc/{pid}/{file}")).expect("a worker");
    assert_eq!(read("comm").trim(), "fifteen_letters");
    let status = read("status");
    for line in ["Uid:\t65534\t65534\t65534", "Gid:\t65533\t65533\t65533", "Cpus_allowed_list:\t0\n"] {
        assert!(status.contains(line), "{line} in {status}");
    }
    let stat = read("stat");
    let fields: Vec<&str> = stat.rsplit_once(") ").expect("fields").1.split(' ').collect();
    assert_eq!((fields[16], fields[38]), ("7", "3"), "nice value and SCHED_BATCH");
    let open = std::fs::read_dir(format!("/proc/{pid}/fd")).expect("its files").count();
    assert_eq!(open, 3, "only standard input, output and error are left of the supervisor's files");
    let report = stop(&mut backend, 0, 1)[0];
    assert_eq!(report.cpus_used, CpuSet::of(&[0]));
}

/// Runs below a supervisor with the groups of many.
#[test]
fn of_many_groups() {
    let Some(parent) = std::env::var_os("KTSTR_TEST_GROUPS") else { return };
    let options = Options { parent: Some(parent.into()), ..Options::default() };
    let mut backend = LinuxBackend::new(options).expect("a backend");
    prepare(&mut backend);
    done(&mut backend, Action::CreateCgroup { path: "a" });
    for (group, work) in [spin(), spin().uid(65534), spin().gid(65534)].into_iter().enumerate() {
        done(&mut backend, spawn(group as u32, Cgroup("a"), work, 1));
    }
    for pid in captured(&mut backend, "a") {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("a worker");
        let line = |key: &str| {
            status.lines().find_map(|line| line.strip_prefix(key)).expect("a line").trim().to_owned()
        };
        println!("{}|{}|{}", line("Uid:"), line("Gid:"), line("Groups:"));
    }
}

#[test]
fn who_becomes_another_user_leaves_the_groups_of_the_supervisor() {
    let Some(place) = Place::new() else { return };
    let run = Command::new("setpriv")
        .args(["--groups", "10,11"])
        .arg(std::env::current_exe().expect("this test"))
        .args(["--exact", "of_many_groups", "--nocapture"])
        .env("KTSTR_TEST_GROUPS", &place.parent)
        .output();
    let Ok(run) = run else { return skip("setpriv", "setpriv is needed").unwrap_or(()) };
    let printed = String::from_utf8_lossy(&run.stdout).into_owned();
    assert!(run.status.success(), "{printed}");
    let mut lines: Vec<_> = printed.lines().filter(|line| line.contains('|')).collect();
    lines.sort_unstable();
    assert_eq!(
        lines,
        [
            "0\t0\t0\t0|0\t0\t0\t0|10 11",
            "0\t0\t0\t0|65534\t65534\t65534\t65534|",
            "65534\t65534\t65534\t65534|0\t0\t0\t0|"
        ]
    );
    place.assert_clean();
}

#[test]
fn each_watch_sees_its_own_cpus() {
    let Some(place) = Place::new() else { return };
    let mut backend = place.backend();
    if backend.topology().cpus().len() < 2 {
        return skip("cpus", "two CPUs are needed").unwrap_or(());
    }
    prepare(&mut backend);
    done(&mut backend, Action::CreateCgroup { path: "a" });
    done(&mut backend, spawn(0, Cgroup("a"), spin(), 4));
    done(&mut backend, Action::Start);
    let group = GroupId(0);
    let mut seen = 0;
    for round in 0..40 {
        let cpus = CpuSet::of(&[round % 2]);
        backend.perform(&Action::EndCpuWatch { group }, &mut ());
        done(&mut backend, Action::SetAffinity { group, affinity: AffinityPlan::Set(cpus) });
        done(&mut backend, Action::BeginCpuWatch { group });
        hold(&mut backend, 5);
        let Outcome::Cpus(watched) = backend.perform(&Action::EndCpuWatch { group }, &mut ()) else {
            panic!()
        };
        // On a busy machine none of them may have run.
        assert!(watched.is_subset(&cpus), "round {round}: {watched:?}");
        seen += watched.len();
    }
    assert!(seen > 0, "no round of 40 saw a worker");
    assert_eq!(backend.perform(&Action::EndCpuWatch { group }, &mut ()), Outcome::Cpus(CpuSet::EMPTY));
}

#[test]
fn workers_move_and_can_be_counted_where_they_are() {
    let Some(place) = Place::new() else { return };
    let mut backend = place.prepared(&["a", "b"]);
    done(&mut backend, spawn(0, RunnerCgroup, spin(), 2));
    done(&mut backend, Action::Start);
    let count = |backend: &mut LinuxBackend, path| captured(backend, path).len();
    done(&mut backend, move_to(0, "a"));
    assert_eq!(count(&mut backend, "a"), 2);
    done(&mut backend, move_to(0, "b"));
    assert_eq!(count(&mut backend, "a"), 0);
    assert_eq!(count(&mut backend, "b"), 2);
    assert_eq!(fails(&mut backend, move_to(0, "c")).kind, FaultKind::Missing);
    assert_eq!(fails(&mut backend, Action::RemoveCgroup { path: "b" }).kind, FaultKind::Busy);
    assert_eq!(backend.perform(&Action::KillRemaining { path: "a" }, &mut ()), Outcome::Killed { count: 0 });
    done(&mut backend, Action::Move { group: GroupId(0), to: RunnerCgroup });
    assert_eq!(count(&mut backend, "b"), 0);
    assert_eq!(stop(&mut backend, 0, 2).len(), 2);
}
/// What a cgroup holds, those below it apart.
fn procs(backend: &LinuxBackend, path: &str) -> Vec<u32> {
    let file = backend.run_directory().expect("a run").join(path).join("cgroup.procs");
    let text = std::fs::read_to_string(file).expect("a cgroup");
    text.lines().filter_map(|line| line.parse().ok()).collect()
}

#[test]
fn what_workers_fork_and_strangers_move_with_them_and_others_stay() {
    let Some(place) = Place::new() else { return };
    let mut backend = place.prepared(&["a", "a/init", "b"]);
    let fork_exit = WorkSpec::new(WorkType::ForkExit);
    done(&mut backend, spawn(0, Cgroup("a"), fork_exit, 8));
    done(&mut backend, Action::Start);
    for _ in 0..20 {
        done(&mut backend, move_to(0, "a/init"));
        assert_eq!(procs(&backend, "a"), [], "children move with the workers");
        done(&mut backend, move_to(0, "a"));
        assert_eq!(procs(&backend, "a/init"), []);
    }
    // Beside another group that forks, and a payload with a child of its own, only what is nobody's goes
    // along.
    done(&mut backend, spawn(1, Cgroup("a"), fork_exit, 2));
    done(&mut backend, Action::Start);
    start_script(&mut backend, 0, "sleep 60 & wait", Cgroup("a"));
    let mut stranger = Command::new("sleep").arg("60").spawn().expect("sleep");
    let file = backend.run_directory().expect("a run").join("a/cgroup.procs");
    std::fs::write(file, stranger.id().to_string()).expect("moved");
    hold(&mut backend, 100);
    done(&mut backend, move_to(0, "b"));
    let (there, left) = (procs(&backend, "b"), procs(&backend, "a"));
    assert!(there.contains(&stranger.id()) && there.len() >= 9, "{there:?}");
    assert!(
        (4..=6).contains(&left.len()),
        "two workers with or without a child, a shell and its child: {left:?}"
    );
    done(&mut backend, move_to(1, "b"));
    assert_eq!(procs(&backend, "a").len(), 2, "the payload and its child stay");
    stranger.kill().expect("killed");
    stranger.wait().expect("reaped");
    kill(&mut backend, 0, 0);
    for group in 0..2 {
        let workers = if group == 0 { 8 } else { 2 };
        let reports = stop(&mut backend, group, workers);
        assert!(reports.iter().all(|report| report.end == WorkerEnd::Stopped && report.iterations > 0));
    }
    for path in ["a/init", "a", "b"] {
        done(&mut backend, Action::RemoveCgroup { path });
    }
}

#[test]
fn what_workers_fork_leaves_the_runners_cgroup_with_them() {
    let Some(place) = Place::new() else { return };
    let mut backend = place.prepared(&["a"]);
    done(&mut backend, spawn(0, RunnerCgroup, WorkSpec::new(WorkType::ForkExit), 4));
    done(&mut backend, Action::Start);
    hold(&mut backend, 50);
    done(&mut backend, move_to(0, "a"));
    let own = std::process::id();
    assert!(procs(&backend, "a").len() >= 4 && !procs(&backend, "a").contains(&own));
    let reports = stop(&mut backend, 0, 4);
    assert!(reports.iter().all(|report| report.end == WorkerEnd::Stopped));
    done(&mut backend, Action::RemoveCgroup { path: "a" });
}

#[test]
fn a_group_that_was_never_started_stops_at_once() {
    let Some(place) = Place::new() else { return };
    let mut backend = place.prepared(&["a"]);
    done(&mut backend, spawn(0, Cgroup("a"), spin(), 2));
    for report in stop(&mut backend, 0, 2) {
        assert_eq!((report.end, report.iterations, report.wall_ns), (WorkerEnd::Stopped, 0, 0));
    }
    assert_eq!(fails(&mut backend, Action::Stop { group: GroupId(0) }).kind, FaultKind::Unknown);
    assert_eq!(
        fails(&mut backend, Action::Collect { group: GroupId(0), worker: 2 }).kind,
        FaultKind::Unknown
    );
}

#[test]
fn policies_reach_the_kernel() {
    let Some(place) = Place::new() else { return };
    let mut backend = place.prepared(&["a"]);
    let ms = Duration::from_millis;
    let deadline = SchedPolicy::Deadline { runtime: ms(1), deadline: ms(20), period: ms(50) };
    let sleepy = WorkSpec::new(WorkType::idle_churn(Duration::from_micros(1), ms(5)));
    for (group, (policy, priority, number)) in [
        (SchedPolicy::Normal, "0", "0"),
        (SchedPolicy::Fifo(7), "7", "1"),
        (SchedPolicy::RoundRobin(3), "3", "2"),
        (SchedPolicy::Idle, "0", "5"),
        (deadline, "0", "6"),
    ]
    .into_iter()
    .enumerate()
    {
        let group = group as u32;
        let outcome = backend.perform(&spawn(group, Cgroup("a"), sleepy.sched_policy(policy), 1), &mut ());
        if matches!(&outcome, Outcome::Failed(fault) if fault.kind == FaultKind::Permission) {
            // With CONFIG_RT_GROUP_SCHED a cgroup has no real-time budget of its own.
            println!("SKIP: {policy:?} is not permitted in this cgroup");
            continue;
        }
        assert_eq!(outcome, Outcome::Done, "{policy:?}");
        done(&mut backend, Action::Start);
        hold(&mut backend, 40);
        let pid = captured(&mut backend, "a")[0];
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("a worker");
        let fields: Vec<&str> = stat.rsplit_once(") ").expect("fields").1.split(' ').collect();
        assert_eq!((fields[37], fields[38]), (priority, number), "{policy:?}");
        assert_eq!(stop(&mut backend, group, 1)[0].end, WorkerEnd::Stopped, "{policy:?}");
    }
    for policy in [MemPolicy::Bind(NodeSet::of(&[0])), MemPolicy::Preferred(0), MemPolicy::Local] {
        let work = sleepy.mem_policy(policy).mpol_flags(MpolFlags::NONE);
        done(&mut backend, spawn(9, Cgroup("a"), work, 1));
        stop(&mut backend, 9, 1);
    }
}

#[test]
fn a_start_offset_is_drawn_from_the_seed() {
    let Some(place) = Place::new() else { return };
    let options = ktstr_linux::Options { start_jitter: Duration::from_millis(400), ..place.options() };
    let mut backend = LinuxBackend::new(options).expect("a backend");
    prepare(&mut backend);
    let sleepy = WorkSpec::new(WorkType::bursty(Duration::from_nanos(1), Duration::from_secs(60)));
    for group in 0..2 {
        done(&mut backend, spawn(group, RunnerCgroup, sleepy, 1));
    }
    done(&mut backend, Action::Start);
    hold(&mut backend, 1500);
    for group in 0..2 {
        let report = stop(&mut backend, group, 1)[0];
        assert_eq!(report.iterations, 1);
        assert!(report.cpu_ns < 100_000_000, "the offset is no work: {report:?}");
    }
}

#[test]
fn a_worker_that_is_held_by_a_signal_is_killed_and_the_others_are_not() {
    let Some(place) = Place::new() else { return };
    let mut backend = place.prepared(&["a"]);
    run_group(&mut backend, spawn(0, Cgroup("a"), spin(), 2), 50);
    let held = captured(&mut backend, "a")[0];
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(held as i32), nix::sys::signal::Signal::SIGSTOP)
        .expect("sent");
    let asked = Instant::now();
    for report in stop(&mut backend, 0, 2) {
        let expected = if report.pid == held { WorkerEnd::Killed } else { WorkerEnd::Stopped };
        assert_eq!(report.end, expected, "{report:?}");
    }
    assert!(asked.elapsed() >= Duration::from_secs(2), "it had its time: {:?}", asked.elapsed());
}
