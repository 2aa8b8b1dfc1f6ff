//! What stays of a run on this machine: nothing, whatever ends it.

mod common;

use common::*;
use ktstr_core::Placement::{Cgroup, RunnerCgroup};
use ktstr_core::prelude::*;
use ktstr_core::{
    Action, Backend, Controller, Controllers, Event, ExitStatus, FaultKind, Knob, KnobValue, Observer,
    Outcome, PayloadId, Requirements, RunError, execute_scenario,
};
use ktstr_linux::clean::clean;
use ktstr_linux::{LinuxBackend, Options};
use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

#[test]
fn a_hundred_runs_leave_nothing() {
    let Some(place) = Place::new() else { return };
    for seed in 0..100 {
        let mut backend = place.backend();
        let report = execute_scenario(&SHORT, &mut backend, seed, &mut ()).expect("it begins");
        assert_eq!(
            (report.verdict, report.leftovers, &report.error),
            (Verdict::Pass, 0, &None),
            "{report:?}"
        );
        drop(backend);
        place.assert_clean();
    }
    let children = std::fs::read_to_string("/proc/thread-self/children").unwrap_or_default();
    assert_eq!(children, "", "neither zombies nor processes are left");
}

#[test]
fn one_backend_runs_again_and_again_and_leaks_no_file() {
    let Some(place) = Place::new() else { return };
    let mut backend = place.backend();
    let open = || std::fs::read_dir("/proc/self/fd").expect("files").count();
    execute_scenario(&SHORT, &mut backend, 0, &mut ()).expect("it begins");
    let before = open();
    for seed in 1..10 {
        execute_scenario(&SHORT, &mut backend, seed, &mut ()).expect("it begins");
    }
    // Other tests of this process open files as well.
    assert!(open() < before + 40, "{before} files before, {} after", open());
}

#[test]
fn two_runs_at_the_same_time_do_not_meet() {
    let Some(place) = Place::new() else { return };
    let runs: Vec<_> = (0..4)
        .map(|seed| {
            let options = place.options();
            std::thread::spawn(move || {
                for round in 0..5 {
                    let mut backend = LinuxBackend::new(options.clone()).expect("a backend");
                    let report = execute_scenario(&SHORT, &mut backend, seed * 10 + round, &mut ())
                        .expect("it begins");
                    assert_eq!((report.verdict, report.leftovers), (Verdict::Pass, 0), "{report:?}");
                }
            })
        })
        .collect();
    runs.into_iter().for_each(|run| run.join().expect("a run"));
    place.assert_clean();
}

#[test]
fn a_backend_that_is_dropped_midway_leaves_nothing() {
    let Some(place) = Place::new() else { return };
    let mut backend = place.prepared(&["a", "a/b"]);
    done(&mut backend, spawn(0, Cgroup("a/b"), spin(), 3));
    done(&mut backend, Action::Start);
    start_script(&mut backend, 0, "trap '' TERM; setsid sleep 60 & sleep 60", Cgroup("a"));
    start_script(&mut backend, 1, "setsid sleep 60 & echo $!; sleep 60", RunnerCgroup);
    done(&mut backend, Action::Freeze { path: "a" });
    hold(&mut backend, 100);
    let run = backend.run_directory().expect("a run");
    let pids = std::fs::read_to_string(run.join("a/b/cgroup.procs")).expect("workers");
    drop(backend);
    assert!(pids.lines().all(|pid| !lives(pid.parse().expect("a number"))));
    place.assert_clean();
}

#[test]
fn a_leaf_that_stays_keeps_nothing_else_alive() {
    let Some(place) = Place::new() else { return };
    let mut backend = place.prepared(&[]);
    if !runner_has_leaves(&backend) {
        return skip("leaves", "controllers are enabled below the runner's cgroup").unwrap_or(());
    }
    done(&mut backend, Action::CreateCgroup { path: "a" });
    start_script(&mut backend, 0, "sleep 60", RunnerCgroup);
    let (run, runner) =
        (backend.run_directory().expect("a run"), backend.runner_directory().expect("a cgroup"));
    let leaf =
        |id: u32| runner.join(format!("{}.payload-{id}", run.file_name().expect("a name").to_string_lossy()));
    // The first cannot be removed, the second can, and in the run there is a stranger.
    let obstacle = Obstacle::below(&leaf(0));
    std::fs::create_dir(leaf(1)).expect("made");
    let mut strangers: Vec<Child> =
        (0..2).map(|_| Command::new("sleep").arg("60").spawn().expect("sleep")).collect();
    for (stranger, cgroup) in strangers.iter().zip([leaf(1), run.join("a")]) {
        std::fs::write(cgroup.join("cgroup.procs"), stranger.id().to_string()).expect("moved");
    }
    assert_eq!(backend.abandon().expect_err("one stays").kind, FaultKind::Busy);
    for stranger in &mut strangers {
        assert_eq!(stranger.wait().expect("reaped").signal(), Some(9));
    }
    assert_eq!((tree(&run), leaf(1).exists()), (Vec::new(), false));
    let report = clean(Some(&place.parent)).expect("it looks");
    assert_eq!((report.removed.len(), report.failed.len()), (0, 1), "{report:?}");
    drop(obstacle);
    let report = clean(Some(&place.parent)).expect("it looks");
    assert_eq!((report.removed.len(), report.failed.len()), (1, 0), "{report:?}");
    assert!(!leaf(0).exists());
    drop(backend);
    place.assert_clean();
}

/// As container runtimes and service managers do, and ktstr itself. `$c` is the payload's own cgroup.
const MAKES_CGROUPS: &str = "while read -r line; do case $line in 0::*) own=${line#0::};; esac; done \
    < /proc/self/cgroup; c=$MOUNT$own; mkdir $c/sub $c/sub/sub $c/$(printf 'odd-\\377')";

#[test]
fn cgroups_that_payloads_make_in_theirs_go_with_them() {
    let Some(place) = Place::new() else { return };
    let mount = ktstr_linux::mount::find().expect("a mount").point;
    for (more, code) in
        [("", 0), ("; setsid sh -c 'echo $$ > $1/sub/cgroup.procs; sleep 60' sh $c & exit 3", 3)]
    {
        let script = format!("MOUNT={}; {MAKES_CGROUPS}{more}", mount.display());
        let args = ["-c", script.as_str()];
        let maker = Payload::binary("maker", "sh").default_args(&args).checks(&[]);
        let ops = [
            Op::run_payload_in_cgroup(&maker, &[], "a"),
            Op::wait_payload("maker"),
            Op::run_payload(&maker, &[]),
        ];
        let steps = [Step::new(&ops, HoldSpec::fixed(Duration::from_millis(50)))];
        let scenario = Scenario::new("nested")
            .duration(Duration::from_secs(1))
            .backdrop(Backdrop::new().push_op(Op::add_cgroup("a")).push_op(Op::add_cgroup("a/b")))
            .steps(&steps);
        let mut ends = Ends::default();
        let mut backend = place.backend();
        let report = execute_scenario(&scenario, &mut backend, 0, &mut ends).expect("it begins");
        assert_eq!(
            (report.verdict, report.leftovers, &report.error),
            (Verdict::Pass, 0, &None),
            "{report:?}"
        );
        assert_eq!(ends.codes, [ExitStatus::Exited(code); 2]);
        drop(backend);
        place.assert_clean();
    }
}

#[derive(Default)]
struct Ends {
    codes: Vec<ExitStatus>,
}

impl<'a> Observer<'a> for Ends {
    fn event(&mut self, event: &Event<'_, 'a>) {
        if let Outcome::Ended(end) = event.outcome {
            self.codes.push(end.status);
        }
    }
}

#[test]
fn a_cgroup_of_the_run_is_in_the_way_of_the_one_above_it_and_others_are_not() {
    let Some(place) = Place::new() else { return };
    let mut backend = place.prepared(&["a", "a/b", "a-c"]);
    let run = backend.run_directory().expect("a run");
    std::fs::create_dir_all(run.join("a/of-others/x")).expect("made");
    std::fs::create_dir_all(run.join("of-others")).expect("made");
    assert_eq!(fails(&mut backend, Action::RemoveCgroup { path: "a" }).kind, FaultKind::Busy);
    assert!(run.join("a/of-others/x").exists(), "nothing half-done");
    assert_eq!(fails(&mut backend, Action::Finish).kind, FaultKind::Busy);
    for path in ["a/b", "a", "a-c"] {
        done(&mut backend, Action::RemoveCgroup { path });
    }
    done(&mut backend, Action::Finish);
    place.assert_clean();
}

/// However deep a payload nests its cgroups, and however little a user may open.
#[test]
fn deep_cgroups_take_no_descriptor_each() {
    let Some(place) = Place::new() else { return };
    // Runs in a process of its own, as its limits are its own.
    let run = Command::new("prlimit")
        .args(["--nofile=64", "--"])
        .arg(std::env::current_exe().expect("this test"))
        .args(["--exact", "deep", "--nocapture"])
        .env("KTSTR_TEST_DEEP", &place.parent)
        .output();
    let Ok(run) = run else { return skip("prlimit", "prlimit is needed").unwrap_or(()) };
    let printed = String::from_utf8_lossy(&run.stdout).into_owned();
    assert!(run.status.success(), "{printed}");
    place.assert_clean();
}

#[test]
fn deep() {
    const DEPTH: usize = 200;
    let Some(parent) = std::env::var_os("KTSTR_TEST_DEEP") else { return };
    let mut backend =
        LinuxBackend::new(Options { parent: Some(parent.into()), ..Options::default() }).expect("one");
    prepare(&mut backend);
    done(&mut backend, Action::CreateCgroup { path: "a" });
    let run = backend.run_directory().expect("a run");
    // Longer than any path may be, so one goes down step by step.
    let script = format!(
        "cd {}/a; i=0; while [ $i -lt {DEPTH} ]; do mkdir deeper && cd deeper; i=$((i+1)); done; \
         echo $$ > cgroup.procs; echo in; exec sleep 60",
        run.display()
    );
    let mut stranger =
        Command::new("sh").args(["-c", &script]).stdout(Stdio::piped()).spawn().expect("a shell");
    let mut line = String::new();
    BufReader::new(stranger.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
    assert_eq!(line, "in\n");
    let killed = backend.perform(&Action::KillRemaining { path: "a" }, &mut ());
    assert_eq!(killed, Outcome::Killed { count: 1 });
    stranger.wait().expect("reaped");
    done(&mut backend, Action::RemoveCgroup { path: "a" });
    done(&mut backend, Action::Finish);
}

#[test]
fn names_that_exist_or_do_not_are_told() {
    let Some(place) = Place::new() else { return };
    let mut backend = place.backend();
    assert_eq!(fails(&mut backend, Action::CreateCgroup { path: "a" }).kind, FaultKind::Unknown);
    prepare(&mut backend);
    done(&mut backend, Action::CreateCgroup { path: "a" });
    let run = backend.run_directory().expect("a run");
    std::fs::create_dir(run.join("mine")).expect("made");
    std::os::unix::fs::symlink("/etc", run.join("link")).expect_err("cgroups hold no links");
    for (action, kind) in [
        (Action::CreateCgroup { path: "a" }, FaultKind::Exists),
        (Action::CreateCgroup { path: "mine" }, FaultKind::Exists),
        (Action::CreateCgroup { path: "cgroup.procs" }, FaultKind::Exists),
        (Action::CreateCgroup { path: "x/y" }, FaultKind::Missing),
        (Action::CreateCgroup { path: ".." }, FaultKind::Invalid),
        (Action::CreateCgroup { path: "a/.." }, FaultKind::Invalid),
        (Action::CreateCgroup { path: "a/" }, FaultKind::Invalid),
        (Action::RemoveCgroup { path: "x" }, FaultKind::Missing),
        (Action::Freeze { path: "x" }, FaultKind::Missing),
        (Action::Prepare { controllers: Controllers::NONE }, FaultKind::Exists),
        (Action::Write { path: "a", knob: Knob::IoWeight, value: KnobValue::Number(7) }, FaultKind::Missing),
        (Action::KillPayload { id: PayloadId(9), grace: Duration::ZERO }, FaultKind::Unknown),
        (Action::ReadMetric { id: PayloadId(9), metric: "x" }, FaultKind::Unknown),
        (Action::ReadOutput { id: PayloadId(9) }, FaultKind::Unknown),
        (Action::RestoreIrq { irq: 9 }, FaultKind::Unknown),
        (Action::SteerIrq { irq: 1_000_000, cpu: 0 }, FaultKind::NoDevice),
        (Action::Finish, FaultKind::Busy),
    ] {
        assert_eq!(fails(&mut backend, action).kind, kind, "{action}");
    }
    std::fs::remove_dir(run.join("mine")).expect("removed");
    done(&mut backend, Action::RemoveCgroup { path: "a" });
    done(&mut backend, Action::Finish);
    place.assert_clean();
}

#[test]
fn what_others_put_into_a_cgroup_is_killed_and_counted() {
    let Some(place) = Place::new() else { return };
    let mut backend = place.prepared(&["a"]);
    let mut strangers: Vec<Child> =
        (0..5).map(|_| Command::new("sleep").arg("60").spawn().expect("sleep")).collect();
    let procs = backend.run_directory().expect("a run").join("a/cgroup.procs");
    strangers.iter().for_each(|stranger| std::fs::write(&procs, stranger.id().to_string()).expect("moved"));
    assert_eq!(fails(&mut backend, Action::RemoveCgroup { path: "a" }).kind, FaultKind::Busy);
    assert_eq!(backend.perform(&Action::KillRemaining { path: "a" }, &mut ()), Outcome::Killed { count: 5 });
    strangers.iter_mut().for_each(|stranger| drop(stranger.wait()));
    // After a kill the cgroup is as good as new.
    start_script(&mut backend, 0, "exit 0", Cgroup("a"));
    assert_eq!(ended(wait(&mut backend, 0, 5000)).status, ExitStatus::Exited(0));
    done(&mut backend, Action::RemoveCgroup { path: "a" });
}

#[test]
fn a_missing_controller_is_said_before_anything_is_made() {
    let Some(place) = Place::new() else { return };
    let mut backend = place.backend();
    let all: Controllers = Controller::ALL.into_iter().collect();
    let missing = all.minus(backend.controllers());
    if missing.is_empty() {
        return skip("missing", "this machine has all controllers").unwrap_or(());
    }
    let needs = Requirements { controllers: missing, ..Requirements::default() };
    let fault = backend.preflight(&needs).expect_err("missing");
    assert_eq!((fault.kind, fault.detail.as_str()), (FaultKind::NoController, missing.to_string().as_str()));
    let scenario = Scenario::new("cpuset").backdrop(
        Backdrop::new().push_cgroup(CgroupDef::named("a").cpuset(CpusetSpec::exact(CpuSet::of(&[0])))),
    );
    if missing.has(Controller::Cpuset) {
        let refused = execute_scenario(&scenario, &mut backend, 0, &mut ());
        assert!(matches!(refused, Err(RunError::Environment(_))), "{refused:?}");
    }
    assert_eq!(fails(&mut backend, Action::Prepare { controllers: missing }).kind, FaultKind::NoController);
    place.assert_clean();
}

#[test]
fn a_parent_outside_of_cgroups_is_refused() {
    if Place::new().is_none() {
        return;
    }
    for path in ["/tmp/x", "relative", "/sys/fs/cgroup/../.."] {
        let options = Options { parent: Some(path.into()), ..Options::default() };
        assert_eq!(
            LinuxBackend::new(options).map_err(|fault| fault.kind).err(),
            Some(FaultKind::Invalid),
            "{path}"
        );
    }
}

#[test]
fn the_probes_say_what_is_there() {
    let Some(place) = Place::new() else { return };
    let probes = ktstr_linux::probe::probe(Some(&place.parent));
    for probe in &probes {
        println!("{} {}: {} {}", if probe.ok { "ok" } else { "--" }, probe.what, probe.detail, probe.cure);
        assert_eq!(probe.ok, probe.cure.is_empty(), "{probe:?}");
        assert!(probe.ok || probe.optional, "a machine that runs these tests has it: {probe:?}");
    }
    for what in [
        "cgroup v2 mount",
        "clone3 into a cgroup",
        "cgroup.freeze",
        "cgroup.kill",
        "controller cpuset",
        "payload cgroups",
    ] {
        assert!(probes.iter().any(|probe| probe.what == what), "{what}");
    }
    place.assert_clean();
}
