//! A whole scenario, with a fault or a crash at every one of its actions: what the report leaves out is not
//! there, and recovery removes the rest.

use core::time::Duration;
use ktstr_core::prelude::*;
use ktstr_core::{Report, execute_scenario};
use ktstr_mock::fault::{FaultInjector, What, When};
use ktstr_mock::{MockBackend, Script};

const EIO: i32 = 5;
static FORKER: Payload<'static> = Payload::binary("forker", "forker");
static LATE: CgroupDef<'static> = CgroupDef::named("late").cpuset(CpusetSpec::disjoint(1, 2));

const CELLS: Backdrop<'static> = Backdrop::new()
    .push_cgroup(CgroupDef::named("cell").cpuset(CpusetSpec::disjoint(0, 2)).cpu_weight(200).workers(2))
    .push_cgroup(CgroupDef::named("guest").workload(&FORKER).until_removed())
    .push_op(Op::add_cgroup("empty"))
    .push_op(Op::steer_irq(3, 1));
const BUSY: &[Op<'static>] = &[
    Op::add_cgroup("step"),
    Op::spawn_workers("step", WorkSpec::new(WorkType::SpinWait).workers(2)),
    Op::move_all_tasks("step", "empty"),
    Op::add_cgroup_def(&LATE),
    Op::freeze_cgroup("late"),
    Op::capture_cgroup_procs("frozen", "late"),
    Op::unfreeze_cgroup("late"),
    Op::set_cpuset("late", CpusetSpec::disjoint(0, 2)),
    Op::run_payload_in_cgroup(&FORKER, &[], "step"),
];
const LEAVE: &[Op<'static>] = &[Op::remove_cgroup("guest")];
const STEPS: &[Step<'static>] =
    &[Step::new(BUSY, HoldSpec::frac(0.5)), Step::new(LEAVE, HoldSpec::frac(0.5))];
static SCENARIO: Scenario<'static> = Scenario::new("recovery").backdrop(CELLS).steps(STEPS);
const _: () = SCENARIO.assert_valid();

fn mock() -> MockBackend {
    let script = Script::runs().ignores_sigterm().forks(2);
    MockBackend::new(Topology::uniform(1, 2, 2, 1)).program("forker", script)
}

fn run(broken: &mut FaultInjector<MockBackend>) -> Report {
    execute_scenario(&SCENARIO, broken, 1, &mut ()).expect("valid, and nothing is missing")
}

/// How many cgroups and how many processes there are.
fn census(broken: &FaultInjector<MockBackend>) -> (usize, usize) {
    let kernel = broken.inner().kernel();
    assert_eq!(kernel.check_invariants(), Ok(()));
    (kernel.dump_tree().lines().count(), kernel.dump_procs().lines().count())
}

#[test]
fn without_a_fault_it_passes_and_nothing_is_left() {
    let mut whole = FaultInjector::on_mock(mock());
    let fresh = census(&whole);
    let report = run(&mut whole);
    assert_eq!((report.verdict, report.leftovers, report.error), (Verdict::Pass, 0, None));
    assert_eq!(census(&whole), fresh);
    assert!(whole.actions() > 50, "{} actions", whole.actions());
}

#[test]
fn one_fault_anywhere_leaves_nothing_that_the_report_does_not_count() {
    let mut tried = 0;
    for n in 0.. {
        let mut broken = FaultInjector::on_mock(mock()).fail_once(n, EIO);
        let fresh = census(&broken);
        let report = run(&mut broken);
        if broken.injected() == 0 {
            break;
        }
        tried += 1;
        let left = census(&broken).0 - fresh.0;
        assert!(left == 0 || report.leftovers > 0, "action {n}: {left} cgroups left, {report:?}");
        assert_ne!((report.verdict, report.error.is_none()), (Verdict::Pass, false), "action {n}");
        broken.recover();
        assert_eq!(census(&broken).0, fresh.0, "action {n}");
    }
    assert!(tried > 50, "{tried} faults");
}

#[test]
fn faults_from_anywhere_on_are_survived_and_recovered_from() {
    for n in 0.. {
        let mut broken = FaultInjector::on_mock(mock()).fail_from(n, EIO);
        let fresh = census(&broken);
        let report = run(&mut broken);
        if broken.injected() == 0 {
            break;
        }
        assert!(report.error.is_some(), "action {n}: {report:?}");
        assert!(census(&broken).0 == fresh.0 || report.leftovers > 0, "action {n}: {report:?}");
        broken.recover();
        assert_eq!(census(&broken).0, fresh.0, "action {n}");
    }
}

#[test]
fn a_crash_anywhere_is_recovered_from_wholly() {
    let mut whole = FaultInjector::on_mock(mock());
    let fresh = census(&whole);
    run(&mut whole);
    for n in 0..whole.actions() {
        let mut broken = FaultInjector::on_mock(mock()).crash_at(n);
        run(&mut broken);
        assert!(broken.has_crashed());
        broken.recover();
        assert_eq!((census(&broken), broken.inner().steered_to(3)), (fresh, None), "crash at {n}");
        broken.rearm();
        assert_eq!(run(&mut broken).verdict, Verdict::Pass, "the run after a crash at {n}");
    }
}

#[test]
fn slow_kernels_dying_children_and_reused_ids_do_not_hang_a_run_or_leave_anything() {
    for n in 0..60 {
        for what in [What::Delay(Duration::from_secs(1)), What::ChildDies, What::PidReused] {
            let mut broken = FaultInjector::on_mock(mock()).inject(When::Nth(n), what.clone());
            let fresh = census(&broken);
            let report = run(&mut broken);
            assert_eq!(report.leftovers, 0, "{what:?} at {n}: {report:?}");
            assert_eq!(census(&broken).0, fresh.0, "{what:?} at {n}");
        }
    }
}
