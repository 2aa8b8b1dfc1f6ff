//! Runs in a process of their own, which is killed, interrupted, or started in odd places.

mod common;

use common::*;
use ktstr_core::Placement::{Cgroup, RunnerCgroup};
use ktstr_core::prelude::*;
use ktstr_core::{Action, Backend, ExitStatus, FaultKind, Observer, PayloadId, Site, execute_scenario};
use ktstr_linux::clean::clean;
use ktstr_linux::interrupt::Flag;
use ktstr_linux::{LinuxBackend, Options};
use nix::sys::signal::Signal;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A shell and two children on every shell: none of the two is a builtin or takes the shell's place.
const SLEEPS: &str = "setsid sleep 60 & /bin/sleep 60; :";

/// Those that the supervisor `pid` has lost sight of: they have neither the session of their payload nor its
/// environment, as daemons do, and are called by its number.
fn hidden(pid: u32) -> Vec<u32> {
    let command = format!("sleep\060.{pid}\0").into_bytes();
    let entries = std::fs::read_dir("/proc").expect("processes").flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(|pid| std::fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|text| text == command))
        .collect()
}

/// Runs in a process of its own, which the tests below kill.
#[test]
fn supervisor() {
    let Some(parent) = std::env::var_os("KTSTR_TEST_SUPERVISOR") else { return };
    let options = Options { parent: Some(parent.into()), ..Options::default() };
    let mut backend = LinuxBackend::new(options).expect("a backend");
    prepare(&mut backend);
    done(&mut backend, Action::CreateCgroup { path: "a" });
    done(&mut backend, Action::CreateCgroup { path: "a/b" });
    done(&mut backend, spawn(0, Cgroup("a"), spin(), 2));
    done(&mut backend, spawn(1, Cgroup("a/b"), spin().uid(65534).gid(65534), 2));
    done(&mut backend, spawn(2, RunnerCgroup, spin().uid(65534), 1));
    done(&mut backend, Action::Start);
    start_script(&mut backend, 0, SLEEPS, Cgroup("a"));
    start_script(&mut backend, 1, SLEEPS, RunnerCgroup);
    if runner_has_leaves(&backend) {
        let own = std::process::id();
        start_script(
            &mut backend,
            2,
            &format!("setsid env -i sleep 60.{own} & /bin/sleep 60; :"),
            RunnerCgroup,
        );
        eventually("one hides", || hidden(own).len() == 1);
    }
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
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    assert!(lines.any(|line| line.is_ok_and(|line| line.contains("ready"))), "it gets going");
    child
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
    let more = usize::from(runner_has_leaves(&place.backend()));
    eventually("4 workers, 2 or 3 shells and their sleeps live", || {
        traces(&place.parent).len() == 10 + 2 * more
    });
    let before = traces(&place.parent);
    let children = children(child.id());
    assert_eq!(children.len(), 7 + more, "5 workers, one of them in the runner's cgroup, and the payloads");
    assert_eq!(hidden(child.id()).len(), more);
    let report = clean(Some(&place.parent)).expect("cleaned");
    assert_eq!((report.live.len(), report.removed.len(), report.killed), (1, 0, 0), "a live run is let be");
    assert_eq!(traces(&place.parent), before);

    child.kill().expect("killed");
    child.wait().expect("reaped");
    eventually("all that it has started dies with it", || {
        children.iter().all(|pid| !lives(*pid))
            && (traces(&place.parent), hidden(child.id())) == (vec![], vec![])
    });
    let report = clean(Some(&place.parent)).expect("cleaned");
    assert_eq!((report.live.len(), report.removed.len(), report.killed), (0, 1, 0), "{report:?}");
    assert!(report.failed.is_empty(), "{report:?}");
    place.assert_clean();
    let nothing = clean(Some(&place.parent)).expect("cleaned");
    assert_eq!((nothing.removed.len(), nothing.killed), (0, 0));
}

/// Those of the children of `pid` that guard a payload.
fn guards(pid: u32) -> Vec<u32> {
    let is_guard = |pid: &u32| {
        std::fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|comm| comm == "ktstr-guard\n")
    };
    children(pid).into_iter().filter(is_guard).collect()
}

#[test]
fn what_a_killed_supervisor_and_its_killed_guards_leave_is_for_clean() {
    let Some(place) = Place::new() else { return };
    let mut child = start_supervisor(&place.parent);
    let more = usize::from(runner_has_leaves(&place.backend()));
    eventually("all live", || traces(&place.parent).len() == 10 + 2 * more);
    let guards = guards(child.id());
    assert_eq!(guards.len(), 2 + more);
    for guard in guards {
        nix::sys::signal::kill(nix::unistd::Pid::from_raw(guard as i32), Signal::SIGKILL).expect("sent");
    }
    child.kill().expect("killed");
    child.wait().expect("reaped");
    eventually("only what the payloads have started lives", || traces(&place.parent).len() == 4 + more);
    let report = clean(Some(&place.parent)).expect("cleaned");
    let found = (report.live.len(), report.removed.len(), report.killed);
    assert_eq!(found, (0, 1, 4 + 2 * more as u32), "{report:?}");
    assert!(report.failed.is_empty(), "{report:?}");
    assert_eq!((traces(&place.parent), hidden(child.id())), (vec![], vec![]));
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
    assert_eq!(traces(&place.parent), [], "what its payloads had started outside its cgroups went too");
    assert_eq!(hidden(child.id()), [], "also what had dropped session and environment");
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

/// What a container's first process is, and what is started into one from outside: its session has no number
/// there.
#[test]
fn a_supervisor_whose_session_began_outside_of_its_pid_namespace_still_runs() {
    let Some(place) = Place::new() else { return };
    let enter = ["--pid", "--fork", "--mount-proc"];
    if !Command::new("unshare").args(enter).arg("true").output().is_ok_and(|run| run.status.success()) {
        return skip("unshare", "a PID namespace of its own is needed").unwrap_or(());
    }
    let run = Command::new("unshare")
        .args(enter)
        .arg(std::env::current_exe().expect("this test"))
        .args(["--exact", "runner"])
        .env("KTSTR_TEST_RUNNER", &place.parent)
        .output()
        .expect("a supervisor");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stdout));
    place.assert_clean();
}

/// Makes a cgroup that belongs to another user, does `first` in a shell, and then as that user the test
/// `name` with `variable` set to `value`. Answers what that printed; the cgroup is empty again and removed.
fn as_other_user(own: &Path, first: &str, name: &str, (variable, value): (&str, &str)) -> Option<String> {
    let other_user = ["--reuid", "65534", "--regid", "65534", "--clear-groups"];
    if !Command::new("setpriv").args(other_user).arg("true").output().is_ok_and(|run| run.status.success()) {
        return skip("setpriv", "setpriv is needed");
    }
    std::fs::create_dir(own).expect("made");
    for file in ["", "cgroup.procs", "cgroup.subtree_control"] {
        std::os::unix::fs::chown(own.join(file), Some(65534), Some(65534)).expect("given away");
    }
    let script = format!("{first}; exec setpriv {} \"$@\"", other_user.join(" "));
    let run = Command::new("sh")
        .args(["-c", &script, "sh"])
        .arg(std::env::current_exe().expect("this test"))
        .args(["--exact", name, "--nocapture"])
        .env(variable, value)
        .output()
        .expect("a shell");
    if matches!(run.status.code(), Some(126 | 127)) {
        std::fs::remove_dir(own).expect("removed");
        return skip("reach", "other users cannot execute this test");
    }
    let printed = String::from_utf8_lossy(&run.stdout).into_owned();
    assert!(run.status.success(), "{printed}");
    assert_eq!(tree(own), Vec::<std::path::PathBuf>::new());
    eventually("the cgroup is empty", || std::fs::remove_dir(own).is_ok());
    Some(printed)
}

#[test]
fn a_user_with_a_cgroup_of_their_own_runs_below_it() {
    let Some(place) = Place::new() else { return };
    let enter = format!("echo $$ > {}/cgroup.procs", place.parent.display());
    as_other_user(&place.parent, &enter, "runner", ("KTSTR_TEST_RUNNER", ""));
}

/// Says whether payloads can have cgroups of their own, and what to do if not.
#[test]
fn prober() {
    let Some(parent) = std::env::var_os("KTSTR_TEST_PROBER") else { return };
    let probes = ktstr_linux::probe::probe(Some(Path::new(&parent)));
    let probe = probes.iter().find(|probe| probe.what == "payload cgroups").expect("a probe");
    println!("{}; {}", probe.detail, probe.cure);
}

#[test]
fn a_user_in_a_cgroup_of_somebody_else_is_told_why_payloads_have_none() {
    let Some(place) = Place::new() else { return };
    let parent = place.parent.to_str().expect("a path");
    let Some(reported) = as_other_user(&place.parent, ":", "prober", ("KTSTR_TEST_PROBER", parent)) else {
        return;
    };
    let cure = if runner_has_leaves(&place.backend()) { "run as root" } else { "that is not the root" };
    assert!(reported.contains(cure), "{reported}");
}

/// Ends a payload that has become root, as `sudo` does.
#[test]
fn unprivileged() {
    let Some(root) = std::env::var_os("KTSTR_TEST_BECOMES_ROOT") else { return };
    let root = root.into_string().expect("a path");
    let mut backend = LinuxBackend::new(Options::default()).expect("a backend");
    prepare(&mut backend);
    done(&mut backend, Action::CreateCgroup { path: "a" });
    let start = |backend: &mut LinuxBackend, id, script: &str| start_script(backend, id, script, Cgroup("a"));
    let becomes = format!("{root} --reuid=0 --clear-groups sleep 61");
    for (id, script, grace) in
        [(0, format!("exec {becomes}"), 60_000), (1, format!("{becomes} & sleep 60"), 0)]
    {
        start(&mut backend, id, &script);
        hold(&mut backend, 300);
        let asked = Instant::now();
        let end = kill(&mut backend, id, grace);
        println!("ended {:?} in time: {}", end.status, asked.elapsed() < Duration::from_secs(20));
    }
    // Nobody knows it, so that only its cgroup is left to kill it by.
    start(&mut backend, 2, &format!("(sleep 0.2; kill -9 $PPID) & exec {becomes}"));
    hold(&mut backend, 800);
    let asked = Instant::now();
    backend.perform(&Action::KillPayload { id: PayloadId(2), grace: Duration::ZERO }, &mut ());
    let outcome = backend.perform(&Action::KillRemaining { path: "a" }, &mut ());
    println!("{outcome:?} in time: {}", asked.elapsed() < Duration::from_secs(20));
    done(&mut backend, Action::RemoveCgroup { path: "a" });
    done(&mut backend, Action::Finish);
}

#[test]
fn what_has_become_root_below_an_unprivileged_supervisor_ends_in_time() {
    let Some(place) = Place::new() else { return };
    let directory = std::env::temp_dir().join(format!("ktstr-test-{}-setuid", std::process::id()));
    let program = directory.join("becomes-root");
    let made = format!(
        "mkdir -m 755 {0} && cp $(command -v setpriv) {1} && chmod 4755 {1}",
        directory.display(),
        program.display()
    );
    let made = Command::new("sh").args(["-c", &made]).status();
    let enter = format!("echo $$ > {}/cgroup.procs", place.parent.display());
    let path = program.to_str().expect("a path");
    let found = made.is_ok_and(|status| status.success())
        && Command::new("setpriv")
            .args(["--reuid=65534", "--clear-groups", path, "--reuid=0", "true"])
            .status()
            .is_ok_and(|status| status.success());
    let printed = if found {
        as_other_user(&place.parent, &enter, "unprivileged", ("KTSTR_TEST_BECOMES_ROOT", path))
    } else {
        skip("setpriv", "a setuid copy of setpriv is needed")
    };
    std::fs::remove_dir_all(&directory).expect("removed");
    let Some(printed) = printed else { return };
    let lines: Vec<_> = printed.lines().filter(|line| line.contains("in time")).collect();
    assert_eq!(
        lines,
        [
            "ended Signalled(9) in time: true",
            "ended Signalled(15) in time: true",
            "Killed { count: 1 } in time: true",
        ]
    );
}

const STUBBORN: Payload<'static> =
    Payload::binary("stubborn", "sh").default_args(&["-c", "trap '' TERM; while :; do sleep 0.05; done"]);

/// Plays a long run in a process of its own, until it is interrupted.
#[test]
fn interrupted() {
    let Some(parent) = std::env::var_os("KTSTR_TEST_INTERRUPTED") else { return };
    const LONG: Scenario<'static> = Scenario::new("long")
        .duration(Duration::from_secs(60))
        .backdrop(Backdrop::new().push_cgroup(CgroupDef::named("a").workers(2).workload(&STUBBORN)))
        .steps(&[Step::hold(HoldSpec::FULL)]);
    struct Ready;
    impl Observer<'_> for Ready {
        fn before(&mut self, _: Site, action: &Action<'_>) {
            if matches!(action, Action::Hold { .. }) {
                println!("ready");
            }
        }
    }
    let interrupt = Flag::on_signals();
    assert!(interrupt.is_some());
    let options = Options { parent: Some(parent.into()), interrupt, ..Options::default() };
    let mut backend = LinuxBackend::new(options).expect("a backend");
    let report = execute_scenario(&LONG, &mut backend, 0, &mut Ready).expect("it begins");
    let (site, fault) = report.error.expect("an interruption");
    assert_eq!((site.to_string().as_str(), fault.kind), ("steps[0].hold", FaultKind::Interrupted));
    assert_eq!(report.leftovers, 0);
}

#[test]
fn ctrl_c_ends_a_run_with_a_stubborn_payload_and_leaves_nothing() {
    let Some(place) = Place::new() else { return };
    for signals in [&[Signal::SIGINT][..], &[Signal::SIGTERM, Signal::SIGINT]] {
        let exe = std::env::current_exe().expect("this test");
        let mut command = Command::new(exe);
        command.args(["--exact", "interrupted", "--nocapture"]).env("KTSTR_TEST_INTERRUPTED", &place.parent);
        let mut child = command.stdout(Stdio::piped()).spawn().expect("a run");
        let output = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut lines = output.lines().map_while(Result::ok);
        assert!(lines.any(|line| line.contains("ready")), "it gets going");
        let asked = Instant::now();
        for signal in signals {
            nix::sys::signal::kill(nix::unistd::Pid::from_raw(child.id() as i32), *signal).expect("sent");
            std::thread::sleep(Duration::from_millis(20));
        }
        let rest: Vec<String> = lines.collect();
        assert!(child.wait().expect("reaped").success(), "{rest:?}");
        assert!(asked.elapsed() < Duration::from_secs(30), "{:?}", asked.elapsed());
        assert_eq!(traces(&place.parent), []);
        place.assert_clean();
    }
}

#[test]
fn an_ignored_sigchld_is_refused_or_heeded_but_never_loses_an_exit_code() {
    let Some(place) = Place::new() else { return };
    let exe = std::env::current_exe().expect("this test");
    for (heed, kind) in [("", Some("NotSupported")), ("1", None)] {
        let run = Command::new("env")
            .arg("--ignore-signal=CHLD")
            .arg(&exe)
            .args(["--exact", "orphanage", "--nocapture"])
            .env("KTSTR_TEST_ORPHANAGE", &place.parent)
            .env("KTSTR_TEST_HEED", heed)
            .output()
            .expect("env");
        if run.status.code() == Some(125) {
            return skip("env", "env --ignore-signal is needed").unwrap_or(());
        }
        let text = String::from_utf8_lossy(&run.stdout);
        assert!(run.status.success(), "{text}");
        assert!(text.contains(kind.unwrap_or("exit code 3")), "{text}");
    }
    place.assert_clean();
}

/// Runs in a process that began with SIGCHLD ignored.
#[test]
fn orphanage() {
    let Some(parent) = std::env::var_os("KTSTR_TEST_ORPHANAGE") else { return };
    let heed = std::env::var_os("KTSTR_TEST_HEED").is_some_and(|heed| !heed.is_empty());
    let interrupt = heed.then(|| Flag::on_signals().expect("a flag"));
    match LinuxBackend::new(Options { parent: Some(parent.into()), interrupt, ..Options::default() }) {
        Err(fault) => println!("{:?}", fault.kind),
        Ok(mut backend) => {
            prepare(&mut backend);
            start_script(&mut backend, 0, "exit 3", RunnerCgroup);
            if let ExitStatus::Exited(code) = ended(wait(&mut backend, 0, 5000)).status {
                println!("exit code {code}");
            }
        }
    }
}
