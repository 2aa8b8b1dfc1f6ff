//! What the mock makes of a work type is of the order of what it is on Linux: each type is played on both,
//! and its share of a CPU and its units of work for each second of CPU time are compared, per team. Where
//! the machine has other work, the share is also taken in terms of what as many that only spin get at that
//! time. `KTSTR_PROFILES=all` shows the figures of all types.

use ktstr_core::prelude::*;
use ktstr_core::{Action, AffinityPlan, Backend, Controllers, GroupId, Outcome, WorkerEnd, WorkerReport};
use ktstr_linux::{LinuxBackend, Options};
use ktstr_mock::MockBackend;
use ktstr_tests::differential::skip::skip;
use std::time::Duration;

/// How far the two may be apart, as factors: of the share of a CPU, and of units for each second of CPU time.
const SHARE: f64 = 4.0;
const RATE: f64 = 8.0;
/// A share of a CPU below which both are idle.
const IDLE: f64 = 0.02;

/// What a team did.
#[derive(Debug, Clone, Copy)]
struct Figures {
    /// Of a CPU, for each member.
    share: f64,
    /// Units of work for each second of CPU time.
    rate: f64,
    /// Wake-ups of the team.
    wakeups: u64,
    /// Whether the machine had other work, so that it may have got less than it would use.
    held_up: bool,
}

impl Figures {
    fn of(reports: &[WorkerReport]) -> Self {
        let sum = |of: fn(&WorkerReport) -> u64| reports.iter().map(of).sum::<u64>() as f64;
        let cpu = sum(|report| report.cpu_ns);
        Self {
            share: cpu / sum(|report| report.wall_ns).max(1.0),
            rate: sum(|report| report.work_units) * 1e9 / cpu.max(1.0),
            wakeups: reports.iter().map(|report| report.wakeups).sum(),
            held_up: false,
        }
    }

    /// Whether both are of the same order; the share where it does not go by a device.
    fn agrees(&self, other: &Self, work_type: WorkType) -> bool {
        let near = |a: f64, b: f64, factor: f64| a.max(b) <= a.min(b) * factor;
        let idle = work_type.profile().by_device || self.share < IDLE && other.share < IDLE;
        let woken = !work_type.wakes() || self.wakeups > 0 && other.wakeups > 0;
        let no_more = self.held_up && self.share < other.share * SHARE;
        (idle || no_more || near(self.share, other.share, SHARE))
            && near(self.rate, other.rate, RATE)
            && woken
    }
}

fn done(backend: &mut impl Backend, action: Action<'_>) {
    let outcome = backend.perform(&action, &mut ());
    assert_eq!(outcome, Outcome::Done, "{action}");
}

/// Makes a group of this type; or says why there is none.
fn spawn(backend: &mut impl Backend, id: u32, work_type: WorkType, workers: u32) -> Result<(), String> {
    let (affinity, placement) = (AffinityPlan::Inherit, Placement::Cgroup("works"));
    let (group, work) = (GroupId(id), WorkSpec::new(work_type));
    match backend.perform(&Action::Spawn { group, placement, work, workers, affinity, seed: 1 }, &mut ()) {
        Outcome::Done => Ok(()),
        other => Err(format!("{}: {other:?}", work_type.name())),
    }
}

/// What a group does in so long.
fn run(backend: &mut impl Backend, id: u32, workers: u32, ms: u64) -> Figures {
    let group = GroupId(id);
    done(backend, Action::Start);
    done(backend, Action::Hold { length: Duration::from_millis(ms) });
    done(backend, Action::Stop { group });
    let reports: Vec<_> = (0..workers)
        .map(|worker| match backend.perform(&Action::Collect { group, worker }, &mut ()) {
            Outcome::Report(report) => report,
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(reports.iter().all(|report| report.end == WorkerEnd::Stopped), "{reports:?}");
    Figures::of(&reports)
}

fn prepare(backend: &mut impl Backend) {
    done(backend, Action::Prepare { controllers: Controllers::NONE });
    done(backend, Action::CreateCgroup { path: "works" });
}

fn finish(backend: &mut impl Backend) {
    done(backend, Action::RemoveCgroup { path: "works" });
    done(backend, Action::Finish);
}

/// What one team does on Linux, and what it would do if the machine had nothing else to do, as far as the
/// share says that spinners get there.
fn really(
    linux: &mut LinuxBackend,
    group: &mut u32,
    work_type: WorkType,
    ms: u64,
) -> Result<[Figures; 2], String> {
    *group += 2;
    let size = work_type.team_size();
    let spinners = spawn(linux, *group, WorkType::SpinWait, size).map(|()| run(linux, *group, size, ms))?;
    let room = f64::min(1.0, linux.topology().cpus().len() as f64 / f64::from(size));
    spawn(linux, *group + 1, work_type, size)?;
    let raw = Figures { held_up: spinners.share < room * 0.8, ..run(linux, *group + 1, size, ms) };
    Ok([raw, Figures { share: f64::min(1.0, raw.share * room / spinners.share), ..raw }])
}

#[test]
fn the_mock_makes_of_each_work_type_what_linux_does() {
    let parent = ktstr_linux::mount::find()
        .map(|mount| mount.point.join(format!("ktstr-profiles-{}", std::process::id())));
    let linux = LinuxBackend::new(Options { parent, ..Options::default() });
    let Ok(mut linux) = linux else { return skip("linux", "cgroup v2 and root are needed") };
    prepare(&mut linux);
    let mut mock = MockBackend::new(*linux.topology());
    prepare(&mut mock);
    let mut wrong = Vec::new();
    let mut group = 0;
    for (id, work_type) in (0..).zip(WorkType::DEFAULTS) {
        let size = work_type.team_size();
        spawn(&mut mock, id, work_type, size).expect("the mock lacks nothing");
        let modelled = run(&mut mock, id, size, 1000);
        let mut seen = Vec::new();
        // Longer where the machine is so busy that they get nowhere.
        for ms in [150, 600, 2400] {
            match really(&mut linux, &mut group, work_type, ms) {
                Ok(real) => seen.extend(real),
                Err(why) => {
                    skip("works", &why);
                    break;
                }
            }
            if seen.iter().any(|real| real.agrees(&modelled, work_type)) {
                break;
            }
        }
        let line = format!("{}: {modelled:.3?} on the mock, {seen:.3?} on Linux", work_type.name());
        if std::env::var_os("KTSTR_PROFILES").is_some() {
            println!("{line}");
        }
        if !seen.is_empty() && !seen.iter().any(|real| real.agrees(&modelled, work_type)) {
            wrong.push(line);
        }
    }
    finish(&mut mock);
    finish(&mut linux);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
