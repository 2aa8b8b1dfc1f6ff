//! What the tests on a real machine share: a parent cgroup of their own, and a look at what is left.

#![allow(dead_code, unreachable_pub)] // each test file uses a part of it

use ktstr_core::prelude::*;
use ktstr_core::{
    Action, AffinityPlan, Backend, Controllers, Evidence, Fault, GroupId, Outcome, PayloadEnd, PayloadId,
    WorkerReport,
};
use ktstr_linux::{LinuxBackend, Options};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

pub const LOAD: Payload<'static> = Payload::binary("load", "sh").default_args(&["-c", "sleep 60 & sleep 60"]);
pub const QUICK: Payload<'static> = Payload::binary("quick", "true").checks(&[PayloadCheck::exit_code(0)]);

/// A run of a moment in which a bit of everything happens.
pub const SHORT: Scenario<'static> = Scenario::new("short")
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

/// A parent cgroup that no other test uses, and the means to see whether anything stays below it.
pub struct Place {
    pub parent: PathBuf,
}

impl Place {
    /// A place, or `None` and a line that says why this test is skipped. With `linux` in `KTSTR_REQUIRE` that
    /// fails.
    pub fn new() -> Option<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let mount = ktstr_linux::mount::find();
        let Some(mount) = mount.filter(|_| is_root()) else {
            return skip("linux", "cgroup v2 and root are needed");
        };
        let parent = mount.point.join(format!("ktstr-test-{}-{number}", std::process::id()));
        Some(Self { parent })
    }

    pub fn options(&self) -> Options {
        Options { parent: Some(self.parent.clone()), ..Options::default() }
    }

    pub fn backend(&self) -> LinuxBackend {
        LinuxBackend::new(self.options()).expect("a backend")
    }

    /// A backend with a run in which these cgroups were made, without controllers.
    pub fn prepared(&self, cgroups: &[&str]) -> LinuxBackend {
        let mut backend = self.backend();
        prepare(&mut backend);
        for path in cgroups {
            done(&mut backend, Action::CreateCgroup { path });
        }
        backend
    }

    /// Fails when the parent, which the last run removes, is still there.
    pub fn assert_clean(&self) {
        assert!(!self.parent.exists(), "{} is left: {:?}", self.parent.display(), tree(&self.parent));
    }
}

/// Prints why a test is skipped; fails where `KTSTR_REQUIRE` names what is missing.
pub fn skip<T>(what: &str, reason: &str) -> Option<T> {
    let required = std::env::var("KTSTR_REQUIRE").unwrap_or_default();
    assert!(!required.split(',').any(|name| name == what), "required, but skipped: {reason}");
    println!("SKIP: {reason}");
    None
}

fn is_root() -> bool {
    std::fs::read_to_string("/proc/self/status").is_ok_and(|status| status.contains("\nUid:\t0\t0\t"))
}

/// All directories below one.
pub fn tree(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let below = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    below.flat_map(|entry| [vec![entry.path()], tree(&entry.path())].concat()).collect()
}

/// The processes that carry the mark of a run below `parent`, or live in one of its cgroups.
pub fn traces(parent: &Path) -> Vec<u32> {
    let mut found: Vec<u32> = tree(parent)
        .iter()
        .flat_map(|directory| std::fs::read_to_string(directory.join("cgroup.procs")))
        .flat_map(|text| text.lines().filter_map(|line| line.parse().ok()).collect::<Vec<u32>>())
        .collect();
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").expect("a boot");
    let id = std::fs::metadata(parent).map_or(0, |parent| parent.ino());
    let mark = format!("KTSTR_PAYLOAD={}/{id:x}/", boot.trim());
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

/// One test of this file in a process of its own, where `key` says that it is to do something.
pub fn this_test(name: &str, key: &str, value: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this test"));
    command.args(["--exact", name, "--nocapture"]).env(key, value);
    command
}

/// The number that an environment variable sets, or `otherwise`.
pub fn count(key: &str, otherwise: usize) -> usize {
    std::env::var(key).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// The processes of a cgroup, as they are captured.
pub fn captured(backend: &mut LinuxBackend, path: &str) -> Vec<u32> {
    let mut all = Vec::new();
    let mut listen = |piece: &Evidence<'_>| match piece {
        Evidence::Procs { pids } => all.extend_from_slice(pids),
        Evidence::Output { .. } | Evidence::Scheduler { .. } => panic!("{piece:?}"),
    };
    assert_eq!(backend.perform(&Action::ReadProcs { path, tag: "t" }, &mut listen), Outcome::Done);
    all
}

/// Carries an action out that has to answer `Done`.
pub fn done(backend: &mut LinuxBackend, action: Action<'_>) {
    let outcome = backend.perform(&action, &mut ());
    assert_eq!(outcome, Outcome::Done, "{action}");
}

/// Carries an action out that has to fail.
pub fn fails(backend: &mut LinuxBackend, action: Action<'_>) -> Fault {
    match backend.perform(&action, &mut ()) {
        Outcome::Failed(fault) => fault,
        other => panic!("{action} answered {other:?}"),
    }
}

pub fn prepare(backend: &mut LinuxBackend) {
    done(backend, Action::Prepare { controllers: Controllers::NONE });
}

pub fn spawn<'a>(group: u32, placement: Placement<'a>, work: WorkSpec<'a>, workers: u32) -> Action<'a> {
    let affinity = AffinityPlan::Inherit;
    Action::Spawn { group: GroupId(group), placement, work, workers, affinity, seed: 1 }
}

pub fn move_to(group: u32, path: &str) -> Action<'_> {
    Action::Move { group: GroupId(group), to: Placement::Cgroup(path) }
}

pub fn spin() -> WorkSpec<'static> {
    WorkSpec::new(WorkType::SpinWait)
}

/// Creates a group and lets it run for a while.
pub fn run_group(backend: &mut LinuxBackend, spawn: Action<'_>, ms: u64) {
    done(backend, spawn);
    done(backend, Action::Start);
    hold(backend, ms);
}

/// Stops a group and collects its reports.
pub fn stop(backend: &mut LinuxBackend, group: u32, workers: u32) -> Vec<WorkerReport> {
    let group = GroupId(group);
    done(backend, Action::Stop { group });
    (0..workers)
        .map(|worker| match backend.perform(&Action::Collect { group, worker }, &mut ()) {
            Outcome::Report(report) => report,
            other => panic!("{other:?}"),
        })
        .collect()
}

pub fn hold(backend: &mut LinuxBackend, ms: u64) {
    done(backend, Action::Hold { length: Duration::from_millis(ms) });
}

/// A shell script as a payload.
pub fn start_script(backend: &mut LinuxBackend, id: u32, script: &str, placement: Placement<'_>) {
    const SHELL: Payload<'static> = Payload::binary("shell", "sh");
    done(
        backend,
        Action::StartPayload { id: PayloadId(id), payload: &SHELL, args: &["-c", script], placement },
    );
}

/// Whether nothing would change for a payload that is put into a child of the runner's cgroup.
pub fn runner_has_leaves(backend: &LinuxBackend) -> bool {
    let runner = backend.runner_directory().expect("a runner's cgroup");
    let enabled = std::fs::read_to_string(runner.join("cgroup.subtree_control")).unwrap_or_default();
    enabled.trim().is_empty()
}

pub fn wait(backend: &mut LinuxBackend, id: u32, ms: u64) -> Outcome {
    backend.perform(&Action::WaitPayload { id: PayloadId(id), timeout: Duration::from_millis(ms) }, &mut ())
}

pub fn ended(outcome: Outcome) -> PayloadEnd {
    match outcome {
        Outcome::Ended(end) => end,
        other => panic!("{other:?}"),
    }
}

pub fn kill(backend: &mut LinuxBackend, id: u32, grace_ms: u64) -> PayloadEnd {
    ended(
        backend.perform(
            &Action::KillPayload { id: PayloadId(id), grace: Duration::from_millis(grace_ms) },
            &mut (),
        ),
    )
}

/// Whether a process is there and is no zombie.
pub fn lives(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
}

/// A cgroup that is in the way of the removal of the one above it, as something is mounted on it, until it is
/// dropped.
pub struct Obstacle(PathBuf);

impl Obstacle {
    pub fn below(above: &Path) -> Self {
        let path = above.join("mounted-on");
        std::fs::create_dir(&path).expect("made");
        let mounted = Command::new("mount").arg("--bind").args([&path, &path]).status();
        assert!(mounted.is_ok_and(|status| status.success()), "root mounts");
        Self(path)
    }
}

impl Drop for Obstacle {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg(&self.0).status();
        assert!(unmounted.is_ok_and(|status| status.success()), "root unmounts");
    }
}

/// Waits for something that has to come true within a minute, as everything does that needs a turn on a CPU.
pub fn eventually(what: &str, mut is: impl FnMut() -> bool) {
    for _ in 0..6000 {
        if is() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("never: {what}");
}

/// Two teams of this type, given longer where the machine is so busy that they get nowhere.
pub fn reports_of_work(backend: &mut LinuxBackend, group: u32, work_type: WorkType) -> Vec<WorkerReport> {
    let workers = 2 * work_type.team_size();
    for ms in [120, 600, 3000, 15_000] {
        run_group(backend, spawn(group, Placement::Cgroup("a"), WorkSpec::new(work_type), workers), ms);
        let reports = stop(backend, group, workers);
        if ms == 15_000 || have_worked(&reports, work_type) {
            return reports;
        }
    }
    Vec::new()
}

/// Whether all came round, and in each team somebody was woken if that is in the nature of their work.
pub fn have_worked(reports: &[WorkerReport], work_type: WorkType) -> bool {
    let worked = |report: &WorkerReport| report.iterations > 0 && report.work_units > 0;
    let mut teams = reports.chunks(work_type.team_size() as usize);
    let woken = |team: &[WorkerReport]| team.iter().any(|report| report.wakeups > 0);
    reports.iter().all(worked) && teams.all(|team| !work_type.wakes() || woken(team))
}
