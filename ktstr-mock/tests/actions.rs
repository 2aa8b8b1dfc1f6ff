//! The mock as a backend: what each action answers, as a table.

use core::time::Duration;
use ktstr_core::Placement::Cgroup;
use ktstr_core::{
    Action, AffinityPlan, Backend, Controller, Controllers, CpuSet, Evidence, ExitStatus, FaultKind, GroupId,
    Knob, KnobValue, Outcome, Payload, PayloadId, Topology, WorkSpec, WorkType, WorkerEnd, WorkerReport,
};
use ktstr_mock::{MockBackend, Script};

const FOUR: Topology = Topology::uniform(1, 1, 4, 1);
const SECOND: Duration = Duration::from_secs(1);
const BOTH: Controllers = Controllers::NONE.with(Controller::Cpuset).with(Controller::Cpu);

fn prepared() -> MockBackend {
    let mut mock = MockBackend::new(FOUR);
    for action in [
        Action::Prepare { controllers: BOTH },
        Action::CreateCgroup { path: "a" },
        Action::CreateCgroup { path: "b" },
    ] {
        assert_eq!(mock.perform(&action, &mut ()), Outcome::Done, "{action}");
    }
    mock
}

fn spawn(group: u32, path: &str, workers: u32) -> Action<'_> {
    let work = WorkSpec::new(WorkType::SpinWait);
    Action::Spawn {
        group: GroupId(group),
        placement: Cgroup(path),
        work,
        workers,
        affinity: AffinityPlan::Inherit,
        seed: group.into(),
    }
}

fn cpus(path: &str, cpus: CpuSet) -> Action<'_> {
    Action::Write { path, knob: Knob::CpusetCpus, value: KnobValue::Cpus(cpus) }
}

fn done(mock: &mut MockBackend, actions: &[Action<'_>]) {
    for action in actions {
        assert_eq!(mock.perform(action, &mut ()), Outcome::Done, "{action}");
        assert_eq!(mock.kernel().check_invariants(), Ok(()), "{action}");
    }
}

fn report(mock: &mut MockBackend, group: u32, worker: u32) -> WorkerReport {
    match mock.perform(&Action::Collect { group: GroupId(group), worker }, &mut ()) {
        Outcome::Report(report) => report,
        other => panic!("{other:?}"),
    }
}

fn kind(outcome: &Outcome) -> Option<FaultKind> {
    match outcome {
        Outcome::Failed(fault) => Some(fault.kind),
        _ => None,
    }
}

#[test]
fn refusals_have_the_kernels_kind_and_change_nothing() {
    let group = GroupId(9);
    let id = PayloadId(9);
    for (action, expected) in [
        (Action::CreateCgroup { path: "a" }, FaultKind::Exists),
        (Action::CreateCgroup { path: "x/y" }, FaultKind::Missing),
        (Action::CreateCgroup { path: "../escape" }, FaultKind::Invalid),
        (Action::CreateCgroup { path: "/a" }, FaultKind::Invalid),
        (Action::RemoveCgroup { path: "x" }, FaultKind::Missing),
        (Action::Finish, FaultKind::Busy),
        (Action::Prepare { controllers: BOTH }, FaultKind::Exists),
        (
            Action::EnableControllers { path: "a", controllers: Controllers::NONE.with(Controller::Io) },
            FaultKind::NoController,
        ),
        (Action::Write { path: "a", knob: Knob::PidsMax, value: KnobValue::Max }, FaultKind::Missing),
        (Action::Write { path: "a", knob: Knob::CpuWeight, value: KnobValue::Number(0) }, FaultKind::Invalid),
        (cpus("a", CpuSet::of(&[9])), FaultKind::Invalid),
        (Action::Stop { group }, FaultKind::Unknown),
        (Action::Collect { group, worker: 0 }, FaultKind::Unknown),
        (Action::Move { group, to: Cgroup("a") }, FaultKind::Unknown),
        (Action::WaitPayload { id, timeout: SECOND }, FaultKind::Unknown),
        (Action::RestoreIrq { irq: 1 }, FaultKind::Unknown),
        (Action::SteerIrq { irq: 1, cpu: 9 }, FaultKind::NoDevice),
        (spawn(0, "x", 1), FaultKind::Missing),
        (spawn(0, "a", 1 << 20), FaultKind::NoRoom),
    ] {
        let mut mock = prepared();
        let before = (mock.kernel().dump_tree(), mock.kernel().dump_procs());
        assert_eq!(kind(&mock.perform(&action, &mut ())), Some(expected), "{action}");
        assert_eq!((mock.kernel().dump_tree(), mock.kernel().dump_procs()), before, "{action}");
        assert_eq!(mock.kernel().check_invariants(), Ok(()), "{action}");
    }
}

#[test]
fn two_workers_on_one_cpu_share_it_and_are_seen_there_only() {
    let mut mock = prepared();
    let only = CpuSet::of(&[2]);
    done(&mut mock, &[cpus("a", only), spawn(0, "a", 2), Action::Start, Action::Hold { length: SECOND }]);
    assert_eq!(mock.perform(&Action::EndCpuWatch { group: GroupId(0) }, &mut ()), Outcome::Cpus(only));
    done(&mut mock, &[Action::Stop { group: GroupId(0) }]);
    for worker in 0..2 {
        let report = report(&mut mock, 0, worker);
        assert_eq!(report.cpus_used, only);
        assert_eq!((report.cpu_ns, report.wall_ns), (500_000_000, 1_000_000_000));
        assert!(report.iterations > 400_000 && report.max_gap_ns > 1_000_000, "{report:?}");
    }
    done(
        &mut mock,
        &[Action::RemoveCgroup { path: "a" }, Action::RemoveCgroup { path: "b" }, Action::Finish],
    );
}

#[test]
fn weights_and_quotas_divide_the_time() {
    let mut mock = prepared();
    let one = CpuSet::of(&[0]);
    let weight =
        |path, weight| Action::Write { path, knob: Knob::CpuWeight, value: KnobValue::Number(weight) };
    let start =
        [cpus("a", one), cpus("b", one), weight("a", 300), spawn(0, "a", 1), spawn(1, "b", 1), Action::Start];
    done(&mut mock, &start);
    done(&mut mock, &[Action::Hold { length: SECOND }]);
    done(&mut mock, &[Action::Stop { group: GroupId(0) }, Action::Stop { group: GroupId(1) }]);
    let (a, b) = (report(&mut mock, 0, 0).cpu_ns, report(&mut mock, 1, 0).cpu_ns);
    assert_eq!((a, b), (750_000_000, 250_000_000));
}

#[test]
fn a_frozen_cgroup_makes_no_progress_and_takes_no_spawn() {
    let mut mock = prepared();
    done(
        &mut mock,
        &[spawn(0, "a", 1), Action::Start, Action::Freeze { path: "a" }, Action::Hold { length: SECOND }],
    );
    assert_eq!(kind(&mock.perform(&spawn(1, "a", 1), &mut ())), Some(FaultKind::TimedOut));
    done(&mut mock, &[Action::Thaw { path: "a" }, Action::Stop { group: GroupId(0) }]);
    let report = report(&mut mock, 0, 0);
    // as on Linux, frozen time is no gap
    assert_eq!((report.cpu_ns, report.max_gap_ns, report.end), (0, 0, WorkerEnd::Stopped));
}

#[test]
fn a_stop_in_a_frozen_cgroup_has_to_kill() {
    let mut mock = prepared();
    done(
        &mut mock,
        &[spawn(0, "a", 1), Action::Start, Action::Freeze { path: "a" }, Action::Stop { group: GroupId(0) }],
    );
    assert_eq!(report(&mut mock, 0, 0).end, WorkerEnd::Killed);
    assert!(mock.now() >= SECOND);
}

#[test]
fn payloads_follow_their_scripts() {
    const FIO: Payload<'static> = Payload::binary("fio", "/usr/bin/fio");
    const STUBBORN: Payload<'static> = Payload::binary("stubborn", "stubborn");
    const GONE: Payload<'static> = Payload::binary("gone", "gone");
    let mut mock = MockBackend::new(FOUR)
        .program("fio", Script::exits_after(SECOND, 3).prints("{}").forks(2))
        .program("stubborn", Script::runs().ignores_sigterm())
        .without_program("gone");
    done(
        &mut mock,
        &[Action::Prepare { controllers: Controllers::NONE }, Action::CreateCgroup { path: "a" }],
    );
    let start =
        |id, payload| Action::StartPayload { id: PayloadId(id), payload, args: &[], placement: Cgroup("a") };
    done(&mut mock, &[start(0, &FIO), start(1, &STUBBORN)]);
    assert_eq!(kind(&mock.perform(&start(2, &GONE), &mut ())), Some(FaultKind::NoProgram));
    let mut pids = Vec::new();
    let mut listen = |piece: &Evidence<'_>| match piece {
        Evidence::Procs { pids: more } => pids.extend_from_slice(more),
        Evidence::Output { .. } | Evidence::Scheduler { .. } => panic!("{piece:?}"),
    };
    assert_eq!(mock.perform(&Action::ReadProcs { path: "a", tag: "t" }, &mut listen), Outcome::Done);
    assert_eq!(pids.len(), 4, "{pids:?}");
    assert!([0, 1].iter().all(|id| pids.contains(&mock.payload_pid(PayloadId(*id)).expect("it runs"))));
    let early = Action::WaitPayload { id: PayloadId(0), timeout: SECOND / 2 };
    assert_eq!(mock.perform(&early, &mut ()), Outcome::TimedOut);
    let Outcome::Ended(end) =
        mock.perform(&Action::WaitPayload { id: PayloadId(0), timeout: SECOND }, &mut ())
    else {
        panic!("it should have ended")
    };
    assert_eq!((end.status, end.wall_ns, end.orphans), (ExitStatus::Exited(3), 1_000_000_000, 2));
    let Outcome::Ended(end) = mock.perform(&Action::KillPayload { id: PayloadId(1), grace: SECOND }, &mut ())
    else {
        panic!("it should have ended")
    };
    assert_eq!((end.status, end.wall_ns), (ExitStatus::Signalled(9), 2_000_000_000));
    done(&mut mock, &[Action::RemoveCgroup { path: "a" }, Action::Finish]);
}

#[test]
fn a_reset_mock_plays_the_same_again() {
    let program = |mock: &mut MockBackend| {
        done(
            mock,
            &[Action::Prepare { controllers: BOTH }, Action::CreateCgroup { path: "a" }, spawn(0, "a", 3)],
        );
        done(mock, &[Action::Start, Action::Hold { length: SECOND }, Action::Stop { group: GroupId(0) }]);
        [0, 1, 2].map(|worker| report(mock, 0, worker))
    };
    let mut mock = MockBackend::new(FOUR).seed(7);
    let first = program(&mut mock);
    mock.reset();
    assert_eq!(program(&mut mock), first);
    assert_ne!(first[0].iterations, first[1].iterations, "workers are not alike");
    assert_ne!(program(&mut MockBackend::new(FOUR).seed(8)), first);
}

#[test]
fn a_cpuset_is_cleared_under_tasks_on_kernels_that_refuse_an_empty_one() {
    use ktstr_core::execute_scenario;
    use ktstr_core::prelude::*;
    use ktstr_mock::{KernelVersion, MockBackend};

    let ops = [Op::clear_cpuset("cell")];
    let steps = [Step::new(&ops, HoldSpec::FULL)];
    let cell = CgroupDef::named("cell").cpuset(CpusetSpec::exact(CpuSet::of(&[1])));
    let scenario = Scenario::new("clear").backdrop(Backdrop::new().push_cgroup(cell)).steps(&steps);
    for version in [KernelVersion::new(6, 12), KernelVersion::NEWEST] {
        let mut mock = MockBackend::new(Topology::uniform(1, 1, 4, 1)).version(version);
        let report = execute_scenario(&scenario, &mut mock, 1, &mut ()).expect("it runs");
        assert_eq!((report.error, report.verdict), (None, Verdict::Pass), "{version}");
    }
}

#[test]
fn one_mock_plays_one_scenario_after_the_other() {
    use ktstr_core::execute_scenario;
    use ktstr_core::prelude::*;

    static NOISE: Payload = Payload::binary("NOISE", "stress-ng");
    let steps = [Step::hold(HoldSpec::FULL)];
    let backdrop = Backdrop::new().push_cgroup(CgroupDef::named("cell")).push_payload(&NOISE);
    let scenario = Scenario::new("twice").backdrop(backdrop).steps(&steps).checks(Checks::NONE.not_starved());
    let mut mock = MockBackend::new(FOUR);
    for run in 1..=3 {
        let report = execute_scenario(&scenario, &mut mock, 1, &mut ()).expect("it runs");
        assert_eq!((report.error, report.verdict), (None, Verdict::Pass), "run {run}");
        assert_eq!(mock.kernel().check_invariants(), Ok(()), "run {run}");
    }
}
