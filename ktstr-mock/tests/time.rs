//! CPU time and the clock: who gets what, in which situation, and what workers measure of it.

use core::time::Duration;
use ktstr_core::Placement::{Cgroup, RunnerCgroup};
use ktstr_core::{
    Action, AffinityPlan, Backdrop, Backend, CgroupDef, Controller, Controllers, CpuMax, CpuSet, FaultKind,
    GroupId, HoldSpec, Knob, KnobValue, Observer, Op, Outcome, Payload, PayloadId, Placement, Scenario,
    SchedPolicy, Step, Topology, WorkSpec, WorkType, WorkerReport, execute_scenario,
};
use ktstr_mock::{MockBackend, Script};

const SPIN: WorkSpec<'static> = WorkSpec::new(WorkType::SpinWait);
const BOTH: Controllers = Controllers::NONE.with(Controller::Cpuset).with(Controller::Cpu);
const SECOND: Duration = Duration::from_secs(1);
const LOAD: Payload<'static> = Payload::binary("load", "load");

/// A group of workers: where, what, how many, on which CPUs.
type Group<'a> = (&'a str, WorkSpec<'a>, u32, AffinityPlan);

fn set(cpus: &[usize]) -> KnobValue {
    KnobValue::Cpus(CpuSet::of(cpus))
}

fn done(mock: &mut MockBackend, action: Action<'_>) {
    assert_eq!(mock.perform(&action, &mut ()), Outcome::Done, "{action}");
}

/// Lets groups run for a second on two CPUs and gives the reports of all workers, group by group.
fn second(settings: &[(&str, Knob, KnobValue)], groups: &[Group<'_>]) -> Vec<WorkerReport> {
    let mut mock = MockBackend::new(Topology::uniform(1, 1, 2, 1)).program("load", Script::runs());
    done(&mut mock, Action::Prepare { controllers: BOTH });
    for path in ["a", "b", "c"] {
        done(&mut mock, Action::CreateCgroup { path });
    }
    for &(path, knob, value) in settings {
        done(&mut mock, Action::Write { path, knob, value });
    }
    for (number, &(path, work, workers, affinity)) in groups.iter().enumerate() {
        let group = GroupId(number as u32);
        done(&mut mock, Action::Spawn { group, placement: Cgroup(path), work, workers, affinity, seed: 1 });
    }
    done(&mut mock, Action::Start);
    done(&mut mock, Action::Hold { length: SECOND });
    let mut reports = Vec::new();
    for (number, &(_, _, workers, _)) in groups.iter().enumerate() {
        let group = GroupId(number as u32);
        done(&mut mock, Action::Stop { group });
        for worker in 0..workers {
            match mock.perform(&Action::Collect { group, worker }, &mut ()) {
                Outcome::Report(report) => reports.push(report),
                other => panic!("{other:?}"),
            }
        }
    }
    reports
}

fn shares(settings: &[(&str, Knob, KnobValue)], groups: &[Group<'_>]) -> Vec<u64> {
    second(settings, groups).iter().map(|report| (report.cpu_ns + 500_000) / 1_000_000).collect()
}

/// So many milliseconds of CPU time in each period.
const fn deadline(runtime: u64, period: u64) -> SchedPolicy {
    let (runtime, period) = (Duration::from_millis(runtime), Duration::from_millis(period));
    SchedPolicy::Deadline { runtime, deadline: period, period }
}

#[test]
fn every_work_type_makes_progress_as_its_row_says() {
    for usual in WorkType::DEFAULTS {
        let size = usual.team_size();
        let (name, profile) = (usual.name(), usual.profile());
        let reports = second(&[], &[("a", SPIN.work_type(usual), size, AffinityPlan::Inherit)]);
        assert_eq!(reports.len(), size as usize, "{name}");
        for report in reports {
            assert!(report.iterations > 0 && report.work_units > 0, "{name}: {report:?}");
            let most = (profile.cap * SECOND.as_nanos() as f64) as u64 + 1;
            assert!(report.cpu_ns > 0 && report.cpu_ns <= most, "{name}: {report:?}");
            assert!(report.wakeups > 0 || !usual.wakes(), "{name}: {report:?}");
        }
    }
}

#[test]
fn cpu_time_is_shared_out_fairly() {
    let any = AffinityPlan::Inherit;
    let pinned = AffinityPlan::Set(CpuSet::of(&[0]));
    let cpus = Knob::CpusetCpus;
    let weight = |path, weight| (path, Knob::CpuWeight, KnobValue::Number(weight));
    let quota = |path, quota_us| {
        let max = CpuMax { quota_us: Some(quota_us), period_us: 100_000 };
        (path, Knob::CpuMax, KnobValue::Bandwidth(max))
    };
    let bursty = SPIN.work_type(WorkType::bursty(Duration::from_millis(10), Duration::from_millis(30)));
    for (name, settings, groups, expected) in [
        ("one worker has a CPU", vec![], vec![("a", SPIN, 1, any)], vec![1000]),
        ("three share two CPUs", vec![], vec![("a", SPIN, 3, any)], vec![667, 667, 667]),
        (
            "cgroups share, not workers",
            vec![],
            vec![("a", SPIN, 3, any), ("b", SPIN, 1, any)],
            vec![333, 333, 333, 1000],
        ),
        ("two on one CPU halve it", vec![("a", cpus, set(&[1]))], vec![("a", SPIN, 2, any)], vec![500, 500]),
        (
            "cpusets apart do not meet",
            vec![("a", cpus, set(&[0])), ("b", cpus, set(&[1]))],
            vec![("a", SPIN, 1, any), ("b", SPIN, 2, any)],
            vec![1000, 500, 500],
        ),
        (
            "one set within the other",
            vec![("a", cpus, set(&[0]))],
            vec![("a", SPIN, 1, any), ("b", SPIN, 1, any), ("c", SPIN, 1, any)],
            vec![667, 667, 667],
        ),
        (
            "weights count under contention",
            vec![weight("a", 300), ("a", cpus, set(&[0])), ("b", cpus, set(&[0]))],
            vec![("a", SPIN, 1, any), ("b", SPIN, 1, any)],
            vec![750, 250],
        ),
        (
            "weights do not count without it",
            vec![weight("a", 1)],
            vec![("a", SPIN, 1, any), ("b", SPIN, 1, any)],
            vec![1000, 1000],
        ),
        ("a quota holds on an idle machine", vec![quota("a", 30_000)], vec![("a", SPIN, 1, any)], vec![300]),
        (
            "a quota is for the whole cgroup",
            vec![quota("a", 100_000)],
            vec![("a", SPIN, 2, any)],
            vec![500, 500],
        ),
        (
            "what a quota leaves goes to others",
            vec![quota("a", 20_000)],
            vec![("a", SPIN, 2, any), ("b", SPIN, 2, any)],
            vec![100, 100, 900, 900],
        ),
        ("an affinity holds in a free cgroup", vec![], vec![("a", SPIN, 2, pinned)], vec![500, 500]),
        (
            "who sleeps leaves the CPU",
            vec![("a", cpus, set(&[0]))],
            vec![("a", bursty, 1, any), ("a", SPIN, 1, any)],
            vec![250, 750],
        ),
        (
            "nice counts within a cgroup",
            vec![("a", cpus, set(&[0]))],
            vec![("a", SPIN.nice(5), 1, any), ("a", SPIN, 1, any)],
            vec![247, 753],
        ),
        (
            "real time goes first, and the fair server leaves fair tasks a twentieth",
            vec![],
            vec![("a", SPIN.sched_policy(SchedPolicy::Fifo(1)), 2, any), ("b", SPIN, 2, any)],
            vec![950, 950, 50, 50],
        ),
        (
            "of equal real-time tasks the first goes on until it waits",
            vec![("a", cpus, set(&[0]))],
            vec![("a", SPIN.sched_policy(SchedPolicy::Fifo(1)), 2, any)],
            vec![1000, 0],
        ),
        (
            "or they take turns",
            vec![("a", cpus, set(&[0]))],
            vec![("a", SPIN.sched_policy(SchedPolicy::RoundRobin(1)), 2, any)],
            vec![500, 500],
        ),
        (
            "the higher priority goes first, and what it leaves is the lower one's",
            vec![("a", cpus, set(&[0]))],
            vec![
                ("a", SPIN.sched_policy(SchedPolicy::RoundRobin(1)), 1, any),
                ("a", bursty.sched_policy(SchedPolicy::Fifo(7)), 1, any),
            ],
            vec![750, 250],
        ),
        (
            "fair tasks with a CPU of their own need no server",
            vec![("a", cpus, set(&[0]))],
            vec![("a", SPIN.sched_policy(SchedPolicy::Fifo(1)), 1, any), ("b", SPIN, 1, any)],
            vec![1000, 1000],
        ),
        (
            "no quota is for real-time tasks",
            vec![quota("a", 20_000)],
            vec![("a", SPIN.sched_policy(SchedPolicy::Fifo(1)), 1, any)],
            vec![1000],
        ),
        (
            "a deadline task gets its runtime in each period, before real time",
            vec![],
            vec![
                ("a", SPIN.sched_policy(deadline(2, 10)), 1, any),
                ("b", SPIN.sched_policy(SchedPolicy::Fifo(1)), 2, any),
            ],
            vec![200, 1000, 800],
        ),
        (
            "idle tasks get what is left",
            vec![("a", cpus, set(&[0]))],
            vec![("a", SPIN.sched_policy(SchedPolicy::Idle), 1, any), ("a", SPIN, 1, any)],
            vec![3, 997],
        ),
    ] {
        assert_eq!(shares(&settings, &groups), expected, "{name}");
    }
}

#[test]
fn workers_measure_what_they_live_through() {
    let any = AffinityPlan::Inherit;
    let churn = SPIN.work_type(WorkType::idle_churn(Duration::from_micros(200), Duration::from_millis(2)));
    let alone = second(&[], &[("a", SPIN, 1, any)]);
    let crowded = second(&[("a", Knob::CpusetCpus, set(&[0]))], &[("a", SPIN, 8, any)]);
    let waking = second(&[], &[("a", churn, 1, any)]);
    assert!(alone[0].max_gap_ns < 100_000, "{:?}", alone[0]);
    assert!(crowded.iter().all(|report| report.max_gap_ns > 15_000_000), "{crowded:?}");
    assert_eq!((alone[0].wakeups, alone[0].wake_p99_ns), (0, 0));
    let report = &waking[0];
    assert!((400..=460).contains(&report.wakeups) && (400..=460).contains(&report.iterations), "{report:?}");
    assert!(report.wake_p50_ns > 0 && report.wake_p50_ns <= report.wake_p99_ns, "{report:?}");
    assert!(report.wake_p99_ns <= report.wake_max_ns, "{report:?}");
    // Those of the iteration that was not ended count too.
    let (ended, begun) = (report.iterations * 186_181, (report.iterations + 1) * 186_181);
    assert!((ended..=begun).contains(&report.work_units), "{report:?}");
    let pass = second(&[], &[("a", SPIN.work_type(WorkType::cache_pressure(4 << 20, 1)), 1, any)]);
    assert!(pass[0].iterations == 0 && pass[0].work_units > 1_000_000, "{:?}", pass[0]);
    let gap = &crowded[0];
    assert!(gap.gap_end_ns >= gap.max_gap_ns && gap.gap_end_ns <= gap.wall_ns && gap.gap_cpu == 0, "{gap:?}");
}

#[test]
fn workers_wait_for_what_is_kept_from_them() {
    let any = AffinityPlan::Inherit;
    let quota = |quota_us, period_us| {
        ("a", Knob::CpuMax, KnobValue::Bandwidth(CpuMax { quota_us: Some(quota_us), period_us }))
    };
    let fifo = ("b", SPIN.sched_policy(SchedPolicy::Fifo(1)), 2, any);
    let turns = SPIN.sched_policy(SchedPolicy::RoundRobin(1));
    // The longest gap of the first worker, in milliseconds.
    for (name, settings, groups, gap) in [
        ("a quota of half a CPU for one", vec![quota(50_000, 100_000)], vec![("a", SPIN, 1, any)], 50),
        ("the same for two side by side", vec![quota(50_000, 100_000)], vec![("a", SPIN, 2, any)], 75),
        ("a shorter period", vec![quota(5_000, 10_000)], vec![("a", SPIN, 1, any)], 5),
        ("a quota that is not used up", vec![quota(150_000, 100_000)], vec![("a", SPIN, 1, any)], 0),
        ("real-time tasks on all CPUs", vec![], vec![("a", SPIN, 2, any), fifo], 950),
        ("real-time turns", vec![("a", Knob::CpusetCpus, set(&[0]))], vec![("a", turns, 2, any)], 100),
        (
            "what is left of a deadline's period",
            vec![],
            vec![("a", SPIN.sched_policy(deadline(2, 10)), 1, any)],
            8,
        ),
        ("other tasks, a slice each", vec![("a", Knob::CpusetCpus, set(&[0]))], vec![("a", SPIN, 2, any)], 4),
    ] {
        let report = second(&settings, &groups)[0];
        assert_eq!(report.max_gap_ns / 1_000_000, gap, "{name}: {report:?}");
    }
    let churn = SPIN.work_type(WorkType::idle_churn(Duration::from_millis(5), Duration::from_millis(1)));
    let throttled = second(&[quota(20_000, 100_000)], &[("a", churn, 1, any)])[0];
    assert!(throttled.wake_max_ns > 70_000_000, "{throttled:?}");
}

#[test]
fn deadline_tasks_are_admitted_as_by_the_kernel() {
    let one = AffinityPlan::Set(CpuSet::of(&[0]));
    let spawn = |group, path, policy, workers, affinity| Action::Spawn {
        group: GroupId(group),
        placement: Cgroup(path),
        work: SPIN.sched_policy(policy),
        workers,
        affinity,
        seed: 1,
    };
    let refused = |mock: &mut MockBackend, action: Action<'_>| match mock.perform(&action, &mut ()) {
        Outcome::Failed(fault) => (fault.kind, fault.errno),
        outcome => panic!("{action}: {outcome:?}"),
    };
    let mut mock = MockBackend::new(Topology::uniform(1, 1, 2, 1));
    done(&mut mock, Action::Prepare { controllers: BOTH });
    for path in ["a", "narrow"] {
        done(&mut mock, Action::CreateCgroup { path });
    }
    done(&mut mock, Action::Write { path: "narrow", knob: Knob::CpusetCpus, value: set(&[0]) });
    let any = AffinityPlan::Inherit;
    let (perm, busy) = ((FaultKind::SetPolicy, 1), (FaultKind::SetPolicy, 16));
    assert_eq!(refused(&mut mock, spawn(0, "a", deadline(2, 10), 1, one)), perm, "an affinity");
    assert_eq!(refused(&mut mock, spawn(0, "narrow", deadline(2, 10), 1, any)), perm, "a cpuset");
    assert_eq!(refused(&mut mock, spawn(0, "a", deadline(9, 10), 3, any)), busy, "more than there is");
    done(&mut mock, spawn(0, "a", deadline(9, 10), 1, any));
    assert_eq!(refused(&mut mock, spawn(1, "a", deadline(10, 10), 1, any)), busy, "more than is left");
    done(&mut mock, spawn(1, "a", deadline(5, 10), 1, any));
}

#[test]
fn a_cpu_that_goes_offline_is_shared_no_more() {
    let mut mock = MockBackend::new(Topology::uniform(1, 1, 2, 1));
    let group = GroupId(0);
    done(&mut mock, Action::Prepare { controllers: BOTH });
    let affinity = AffinityPlan::Inherit;
    done(
        &mut mock,
        Action::Spawn { group, placement: RunnerCgroup, work: SPIN, workers: 2, affinity, seed: 1 },
    );
    done(&mut mock, Action::Start);
    done(&mut mock, Action::Hold { length: SECOND });
    assert_eq!(mock.kernel_mut().set_online(1, false), Ok(()));
    done(&mut mock, Action::BeginCpuWatch { group });
    done(&mut mock, Action::Hold { length: SECOND });
    assert_eq!(mock.perform(&Action::EndCpuWatch { group }, &mut ()), Outcome::Cpus(CpuSet::of(&[0])));
    done(&mut mock, Action::Stop { group });
    let Outcome::Report(report) = mock.perform(&Action::Collect { group, worker: 0 }, &mut ()) else {
        panic!("no report")
    };
    assert_eq!(report.cpu_ns, 1_500_000_000);
}

#[test]
fn a_payload_takes_its_share_and_its_end_gives_it_back() {
    let script = Script::exits_after(SECOND, 0);
    let mut mock = MockBackend::new(Topology::uniform(1, 1, 1, 1)).program("load", script);
    let group = GroupId(0);
    done(&mut mock, Action::Prepare { controllers: Controllers::NONE });
    done(&mut mock, Action::CreateCgroup { path: "a" });
    let affinity = AffinityPlan::Inherit;
    done(
        &mut mock,
        Action::Spawn { group, placement: Cgroup("a"), work: SPIN, workers: 1, affinity, seed: 1 },
    );
    done(
        &mut mock,
        Action::StartPayload { id: PayloadId(0), payload: &LOAD, args: &[], placement: Cgroup("a") },
    );
    done(&mut mock, Action::Start);
    done(&mut mock, Action::Hold { length: 2 * SECOND });
    done(&mut mock, Action::Stop { group });
    let Outcome::Report(report) = mock.perform(&Action::Collect { group, worker: 0 }, &mut ()) else {
        panic!("no report")
    };
    assert_eq!(report.cpu_ns, 1_500_000_000);
}

#[test]
fn a_frozen_program_does_not_come_nearer_to_its_end() {
    let mut mock =
        MockBackend::new(Topology::uniform(1, 1, 1, 1)).program("load", Script::exits_after(SECOND, 0));
    let id = PayloadId(0);
    done(&mut mock, Action::Prepare { controllers: Controllers::NONE });
    done(&mut mock, Action::CreateCgroup { path: "a" });
    done(&mut mock, Action::StartPayload { id, payload: &LOAD, args: &[], placement: Cgroup("a") });
    done(&mut mock, Action::Freeze { path: "a" });
    assert_eq!(mock.perform(&Action::WaitPayload { id, timeout: 9 * SECOND }, &mut ()), Outcome::TimedOut);
    done(&mut mock, Action::Thaw { path: "a" });
    let Outcome::Ended(end) = mock.perform(&Action::WaitPayload { id, timeout: 9 * SECOND }, &mut ()) else {
        panic!("it should have ended")
    };
    assert_eq!(end.wall_ns, 10_000_000_000);
    assert_eq!(mock.now(), 10 * SECOND);
}

#[test]
fn a_hold_is_interrupted_once() {
    let mut mock = MockBackend::new(Topology::uniform(1, 1, 1, 1)).interrupted_at(SECOND / 2);
    let hold = Action::Hold { length: SECOND };
    let Outcome::Failed(fault) = mock.perform(&hold, &mut ()) else { panic!("not interrupted") };
    assert_eq!((fault.kind, mock.now()), (FaultKind::Interrupted, SECOND / 2));
    done(&mut mock, hold);
    assert_eq!(mock.now(), SECOND + SECOND / 2);
}

#[test]
fn no_length_of_time_is_too_long() {
    let mut mock = MockBackend::new(Topology::uniform(1, 1, 1, 1));
    done(&mut mock, Action::Hold { length: Duration::MAX });
    done(&mut mock, Action::Hold { length: Duration::MAX });
    assert_eq!(mock.now(), Duration::from_nanos(u64::MAX));
}

/// Keeps how long each worker measured.
#[derive(Default)]
struct Windows(Vec<u64>);

impl<'a> Observer<'a> for Windows {
    fn worker(&mut self, _: GroupId, _: Placement<'a>, _: u32, report: &WorkerReport) {
        self.0.push(report.wall_ns);
    }
}

#[test]
fn what_a_payload_takes_to_end_is_no_part_of_what_workers_measured() {
    const STUBBORN: Payload<'static> = Payload::binary("stubborn", "stubborn");
    const CELL: CgroupDef<'static> = CgroupDef::named("cell").workload(&STUBBORN).workers(2);
    let half = HoldSpec::fixed(SECOND / 2);
    let plain = [CgroupDef::named("cell")];
    let beside = Step { payload: Some(&STUBBORN), ..Step::with_defs(&plain, half) };
    let (stop, remove) = ([Op::stop_cgroup("cell")], [Op::remove_cgroup("cell")]);
    let cell = [Op::add_cgroup_def(&CELL)];
    let none = HoldSpec::fixed(Duration::ZERO);
    let until_removed = [CELL.until_removed()];
    for (what, defs, steps) in [
        ("with the step", &[][..], &[beside][..]),
        ("with the cgroup of the step", &[], &[Step::new(&cell, half)]),
        ("stopped", &until_removed, &[Step::hold(half), Step::new(&stop, none)]),
        ("removed", &until_removed, &[Step::hold(half), Step::new(&remove, none)]),
        ("with the scenario", &[CELL], &[Step::hold(half)]),
    ] {
        let scenario = Scenario::new("windows").backdrop(Backdrop::new().lend_cgroups(defs)).steps(steps);
        let script = Script::runs().ignores_sigterm();
        let mut mock = MockBackend::new(Topology::uniform(1, 1, 2, 1)).program("stubborn", script);
        let mut windows = Windows::default();
        let report = execute_scenario(&scenario, &mut mock, 1, &mut windows).expect("valid");
        assert_eq!(
            (report.error, report.elapsed >= SECOND * 3 / 2),
            (None, true),
            "{what}: the grace passes"
        );
        let workers = defs.iter().chain(steps.iter().flat_map(|step| step.setup)).count();
        assert!(windows.0.len() >= workers.max(1), "{what}");
        assert!(windows.0.iter().all(|wall| *wall == 500_000_000), "{what}: {:?}", windows.0);
    }
}

#[test]
fn who_may_not_fork_does_no_work_that_needs_it() {
    let forks = SPIN.work_type(WorkType::ForkExit);
    for (at_most, works) in [(2, false), (3, true)] {
        let mut mock = MockBackend::new(Topology::uniform(1, 1, 2, 1));
        let group = GroupId(0);
        done(&mut mock, Action::Prepare { controllers: Controllers::NONE.with(Controller::Pids) });
        done(&mut mock, Action::CreateCgroup { path: "a" });
        done(&mut mock, Action::Write { path: "a", knob: Knob::PidsMax, value: KnobValue::Number(at_most) });
        let affinity = AffinityPlan::Inherit;
        done(
            &mut mock,
            Action::Spawn { group, placement: Cgroup("a"), work: forks, workers: 2, affinity, seed: 1 },
        );
        done(&mut mock, Action::Start);
        done(&mut mock, Action::Hold { length: SECOND });
        done(&mut mock, Action::Stop { group });
        let Outcome::Report(report) = mock.perform(&Action::Collect { group, worker: 0 }, &mut ()) else {
            panic!("no report")
        };
        assert_eq!(report.work_units > 0, works, "pids.max {at_most}: {report:?}");
        assert_eq!(report.max_gap_ns >= 1_000_000_000, !works, "pids.max {at_most}: {report:?}");
    }
}

#[test]
fn each_payload_has_an_ending_of_its_own() {
    const ONE: Payload<'static> = Payload::binary("one", "sh");
    const OTHER: Payload<'static> = Payload::binary("other", "sh");
    let mut mock = MockBackend::new(Topology::uniform(1, 1, 1, 1))
        .program("sh", Script::exits_after(SECOND, 3))
        .payload("one", Script::exits_after(SECOND, 7));
    done(&mut mock, Action::Prepare { controllers: Controllers::NONE });
    for (number, payload, code) in [(0, &ONE, 7), (1, &OTHER, 3)] {
        let id = PayloadId(number);
        done(&mut mock, Action::StartPayload { id, payload, args: &[], placement: RunnerCgroup });
        let Outcome::Ended(end) = mock.perform(&Action::WaitPayload { id, timeout: 9 * SECOND }, &mut ())
        else {
            panic!("it should have ended")
        };
        assert_eq!(end.status, ktstr_core::ExitStatus::Exited(code), "{}", payload.name);
    }
}
