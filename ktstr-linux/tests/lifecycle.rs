//! What stays of a run on this machine: nothing, whatever ends it.

mod common;

use common::*;
use ktstr_core::action::{Action, PayloadId};
use ktstr_core::backend::Backend;
use ktstr_core::controllers::{Controller, Controllers};
use ktstr_core::executor::{RunError, execute_scenario};
use ktstr_core::fault::FaultKind;
use ktstr_core::knob::{Knob, KnobValue};
use ktstr_core::outcome::{ExitStatus, Outcome};
use ktstr_core::prelude::*;
use ktstr_core::requirements::Requirements;
use ktstr_linux::clean::clean;
use ktstr_linux::{LinuxBackend, Options};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const LOAD: Payload<'static> = Payload::binary("load", "sh").default_args(&["-c", "sleep 60 & sleep 60"]);
const QUICK: Payload<'static> = Payload::binary("quick", "true").checks(&[PayloadCheck::exit_code(0)]);

const SHORT: Scenario<'static> = Scenario::new("short")
    .duration(Duration::from_millis(20))
    .backdrop(
        Backdrop::new()
            .push_cgroup(CgroupDef::named("a").workers(2))
            .push_cgroup(CgroupDef::named("a/b").workload(&LOAD).until_removed())
            .push_op(Op::add_cgroup("c")),
    )
    .steps(&[
        Step::new(
            &[
                Op::freeze_cgroup("a/b"),
                Op::unfreeze_cgroup("a/b"),
                Op::move_all_tasks("a", "c"),
                Op::capture_cgroup_procs("t", "c"),
                Op::run_payload_in_cgroup(&QUICK, &[], "c"),
                Op::wait_payload("quick"),
                Op::remove_cgroup("a/b"),
            ],
            HoldSpec::frac(0.5),
        ),
        Step::with_defs(
            &[CgroupDef::named("d").work_type(WorkType::pipe_io(64)).workers(2)],
            HoldSpec::frac(0.5),
        ),
    ])
    .checks(Checks::NONE.isolation());

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
    let mut backend = place.backend();
    prepare(&mut backend);
    for path in ["a", "a/b"] {
        done(&mut backend, Action::CreateCgroup { path });
    }
    done(&mut backend, spawn(0, "a/b", spin(), 3));
    done(&mut backend, Action::Start);
    start_script(&mut backend, 0, "trap '' TERM; setsid sleep 60 & sleep 60", "a");
    start_script(&mut backend, 1, "setsid sleep 60 & echo $!; sleep 60", "");
    done(&mut backend, Action::Freeze { path: "a" });
    hold(&mut backend, 100);
    let run = backend.run_directory().expect("a run");
    let pids = std::fs::read_to_string(run.join("a/b/cgroup.procs")).expect("workers");
    drop(backend);
    assert!(pids.lines().all(|pid| !lives(pid.parse().expect("a number"))));
    place.assert_clean();
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
    let mut backend = place.backend();
    prepare(&mut backend);
    done(&mut backend, Action::CreateCgroup { path: "a" });
    let mut strangers: Vec<Child> =
        (0..5).map(|_| Command::new("sleep").arg("60").spawn().expect("sleep")).collect();
    let procs = backend.run_directory().expect("a run").join("a/cgroup.procs");
    strangers.iter().for_each(|stranger| std::fs::write(&procs, stranger.id().to_string()).expect("moved"));
    assert_eq!(fails(&mut backend, Action::RemoveCgroup { path: "a" }).kind, FaultKind::Busy);
    assert_eq!(backend.perform(&Action::KillRemaining { path: "a" }), Outcome::Killed { count: 5 });
    strangers.iter_mut().for_each(|stranger| drop(stranger.wait()));
    // After a kill the cgroup is as good as new.
    start_script(&mut backend, 0, "exit 0", "a");
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

/// A shell and two children on every shell: none of the two is a builtin or takes the shell's place.
const SLEEPS: &str = "setsid sleep 60 & /bin/sleep 60; :";

/// Runs in a process of its own, which the tests below kill.
#[test]
fn supervisor() {
    let Some(parent) = std::env::var_os("KTSTR_TEST_SUPERVISOR") else { return };
    let options = Options { parent: Some(parent.into()), ..Options::default() };
    let mut backend = LinuxBackend::new(options).expect("a backend");
    prepare(&mut backend);
    done(&mut backend, Action::CreateCgroup { path: "a" });
    done(&mut backend, Action::CreateCgroup { path: "a/b" });
    done(&mut backend, spawn(0, "a", spin(), 2));
    done(&mut backend, spawn(1, "a/b", spin().uid(65534).gid(65534), 2));
    done(&mut backend, spawn(2, "", spin().uid(65534), 1));
    done(&mut backend, Action::Start);
    start_script(&mut backend, 0, SLEEPS, "a");
    start_script(&mut backend, 1, SLEEPS, "");
    done(&mut backend, Action::Freeze { path: "a/b" });
    println!("ready");
    hold(&mut backend, 60_000);
}

/// Starts a supervisor and waits until it is in the middle of a run.
fn start_supervisor(parent: &Path) -> Child {
    let exe = std::env::current_exe().expect("this test");
    let mut command = Command::new(exe);
    command.args(["--exact", "supervisor", "--nocapture"]).env("KTSTR_TEST_SUPERVISOR", parent);
    let mut child = command.stdout(Stdio::piped()).spawn().expect("a supervisor");
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().expect("a pipe")));
    assert!(lines.any(|line| line.is_ok_and(|line| line.contains("ready"))), "it gets going");
    child
}

/// The processes that carry the mark of a run below `parent`, or live in one of its cgroups.
fn traces(parent: &Path) -> Vec<u32> {
    let mut found: Vec<u32> = tree(parent)
        .iter()
        .flat_map(|directory| std::fs::read_to_string(directory.join("cgroup.procs")))
        .flat_map(|text| text.lines().filter_map(|line| line.parse().ok()).collect::<Vec<u32>>())
        .collect();
    let mark = format!("KTSTR_PAYLOAD={}/", parent.display());
    for entry in std::fs::read_dir("/proc").expect("processes").flatten() {
        let environment = std::fs::read(entry.path().join("environ")).unwrap_or_default();
        if String::from_utf8_lossy(&environment).contains(&mark) {
            found.extend(entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()));
        }
    }
    found.sort_unstable();
    found.dedup();
    found.retain(|pid| lives(*pid));
    found
}

fn children(pid: u32) -> Vec<u32> {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).expect("a process").flatten();
    let lists = tasks.flat_map(|task| std::fs::read_to_string(task.path().join("children")));
    lists.flat_map(|list| list.split(' ').filter_map(|pid| pid.parse().ok()).collect::<Vec<u32>>()).collect()
}

#[test]
fn a_killed_supervisor_takes_its_children_along_and_clean_removes_the_rest() {
    let Some(place) = Place::new() else { return };
    let mut child = start_supervisor(&place.parent);
    eventually("4 workers, 2 shells and 4 sleeps live", || traces(&place.parent).len() == 10);
    let before = traces(&place.parent);
    let children = children(child.id());
    assert_eq!(children.len(), 7, "5 workers, one of them in the runner's cgroup, and 2 payloads");
    let report = clean(Some(&place.parent)).expect("cleaned");
    assert_eq!((report.live.len(), report.removed.len(), report.killed), (1, 0, 0), "a live run is let be");
    assert_eq!(traces(&place.parent), before);

    child.kill().expect("killed");
    child.wait().expect("reaped");
    eventually("its children die with it", || children.iter().all(|pid| !lives(*pid)));
    assert_eq!(traces(&place.parent).len(), 4, "only what the payloads have started lives");
    let report = clean(Some(&place.parent)).expect("cleaned");
    assert_eq!((report.live.len(), report.removed.len(), report.killed), (0, 1, 4), "{report:?}");
    assert!(report.failed.is_empty(), "{report:?}");
    assert_eq!(traces(&place.parent), []);
    place.assert_clean();
    let nothing = clean(Some(&place.parent)).expect("cleaned");
    assert_eq!((nothing.removed.len(), nothing.killed), (0, 0));
}

#[test]
fn the_next_run_removes_what_a_killed_one_left_and_nothing_else() {
    let Some(place) = Place::new() else { return };
    let mut child = start_supervisor(&place.parent);
    child.kill().expect("killed");
    child.wait().expect("reaped");
    let mine = place.parent.join("ktstr-of-a-user");
    std::fs::create_dir(&mine).expect("made");
    let mut backend = place.backend();
    let report = execute_scenario(&SHORT, &mut backend, 0, &mut ()).expect("it begins");
    assert_eq!(report.verdict, Verdict::Pass);
    assert_eq!(tree(&place.parent), [mine.as_path()], "only what is not of a run is left");
    std::fs::remove_dir(&mine).expect("removed");
    clean(Some(&place.parent)).expect("cleaned");
    place.assert_clean();
}

/// Plays one run in a process of its own.
#[test]
fn runner() {
    let Some(parent) = std::env::var_os("KTSTR_TEST_RUNNER") else { return };
    let parent = (!parent.is_empty()).then(|| parent.into());
    let options = Options { parent, ..Options::default() };
    let mut backend = LinuxBackend::new(options).expect("a backend");
    let report = execute_scenario(&SHORT, &mut backend, 0, &mut ()).expect("it begins");
    assert_eq!((report.verdict, report.leftovers), (Verdict::Pass, 0), "{report:?}");
}

#[test]
fn a_supervisor_in_a_cgroup_that_was_once_killed_still_runs() {
    let Some(place) = Place::new() else { return };
    let killed = place.parent.with_extension("killed");
    std::fs::create_dir(&killed).expect("made");
    if std::fs::write(killed.join("cgroup.kill"), "1").is_err() {
        std::fs::remove_dir(&killed).expect("removed");
        return skip("cgroup.kill", "cgroup.kill is needed").unwrap_or(());
    }
    let script = format!("echo $$ > {}/cgroup.procs; exec \"$@\"", killed.display());
    let exe = std::env::current_exe().expect("this test");
    let run = Command::new("sh")
        .args(["-c", &script, "sh"])
        .arg(exe)
        .args(["--exact", "runner"])
        .env("KTSTR_TEST_RUNNER", &place.parent)
        .output()
        .expect("a shell");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stdout));
    eventually("the cgroup is empty", || std::fs::remove_dir(&killed).is_ok());
    place.assert_clean();
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
    for what in
        ["cgroup v2 mount", "clone3 into a cgroup", "cgroup.freeze", "cgroup.kill", "controller cpuset"]
    {
        assert!(probes.iter().any(|probe| probe.what == what), "{what}");
    }
    place.assert_clean();
}

#[test]
fn a_user_with_a_cgroup_of_their_own_runs_below_it() {
    let Some(place) = Place::new() else { return };
    if !Command::new("setpriv").arg("--help").output().is_ok_and(|help| help.status.success()) {
        return skip("setpriv", "setpriv is needed").unwrap_or(());
    }
    let (exe, own) = (std::env::current_exe().expect("this test"), &place.parent);
    std::fs::create_dir(own).expect("made");
    for file in ["", "cgroup.procs", "cgroup.subtree_control"] {
        std::os::unix::fs::chown(own.join(file), Some(65534), Some(65534)).expect("given away");
    }
    let script = format!(
        "echo $$ > {}/cgroup.procs; exec setpriv --reuid 65534 --regid 65534 --clear-groups \"$@\"",
        own.display()
    );
    let run = Command::new("sh")
        .args(["-c", &script, "sh"])
        .arg(exe)
        .args(["--exact", "runner", "--nocapture"])
        .env("KTSTR_TEST_RUNNER", "")
        .output()
        .expect("a shell");
    if matches!(run.status.code(), Some(126 | 127)) {
        std::fs::remove_dir(own).expect("removed");
        return skip("reach", "other users cannot execute this test").unwrap_or(());
    }
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stdout));
    assert_eq!(tree(own), Vec::<std::path::PathBuf>::new());
    eventually("the cgroup is empty", || std::fs::remove_dir(own).is_ok());
}
