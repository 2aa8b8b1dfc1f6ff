//! Bugs that enumeration and fuzzing have found, each as the shortest scenario that showed it. The theorem
//! holds for all of them now; what each showed then is beside it.

use ktstr_core::Invalid;
use ktstr_core::prelude::*;
use ktstr_core::rules::ErrorKind;
use ktstr_tests::search::theorem::{Court, Finding, judged};
use std::time::Duration;

const BRIEF: HoldSpec = HoldSpec::Fixed(Duration::from_millis(20));
const SPIN: WorkSpec = WorkSpec::new(WorkType::SpinWait);

/// The finding for a Backdrop of these definitions and operations, and one step of these.
fn found(defs: &[CgroupDef<'_>], ops: &[Op<'_>], step: &[Op<'_>], hold: HoldSpec) -> Finding {
    let steps = [Step::new(step, hold)];
    let scenario = Scenario {
        backdrop: Backdrop::new().lend_cgroups(defs).lend_ops(ops),
        ..Scenario::new("found").duration(Duration::from_millis(100)).steps(&steps)
    };
    Court::new().try_scenario(&scenario).unwrap_or_else(|why| panic!("{why}"))
}

fn refused_by(finding: Finding) -> ErrorKind {
    match finding {
        Finding::Refused { kind, .. } => kind,
        other => panic!("{other:?}"),
    }
}

#[test]
fn stopping_a_cgroup_leaves_those_below_alone() {
    // Accepted, but what remained was killed below it too, and the wait for that never ended.
    let defs = [CgroupDef::named("a"), CgroupDef::named("a/x")];
    assert_eq!(found(&defs, &[Op::stop_cgroup("a")], &[], BRIEF), Finding::Clean);
}

#[test]
fn a_cpuset_at_the_top_finds_its_controller() {
    // Accepted, but the run's own cgroup gave no controllers to its children.
    let defs = [CgroupDef::named("a").cpuset(CpusetSpec::exact(CpuSet::range(0, 2)))];
    assert_eq!(found(&defs, &[], &[], BRIEF), Finding::Clean);
}

#[test]
fn work_on_a_cgroup_that_was_never_made_fails() {
    // Refused, but forced to run the operation was passed over in silence.
    for op in [Op::set_affinity("a", AffinityIntent::SingleCpu), Op::move_all_tasks("a", "b")] {
        assert_eq!(refused_by(found(&[], &[], &[op], BRIEF)), ErrorKind::CgroupUnknown);
    }
}

#[test]
fn a_cpuset_for_a_cgroup_that_was_never_made_touches_nothing() {
    // Refused, but forced to run the parent got controllers before the write failed.
    let set = Op::set_cpuset("a/x", CpusetSpec::exact(CpuSet::range(0, 1)));
    assert_eq!(refused_by(found(&[CgroupDef::named("a")], &[], &[set], BRIEF)), ErrorKind::CgroupUnknown);
}

#[test]
fn an_empty_name_is_not_the_runners_cgroup() {
    // Refused, but forced to run the workers were started beside the runner.
    for op in [Op::spawn_workers("", SPIN), Op::capture_cgroup_procs("t", ""), Op::freeze_cgroup("")] {
        assert_eq!(refused_by(found(&[], &[], &[op], BRIEF)), ErrorKind::NameEmpty);
    }
}

#[test]
fn one_of_several_payloads_is_not_guessed() {
    // Refused as an action that fails, but it goes through: the last one of the name is taken.
    let payload = Payload::binary("p", "short");
    let run = [Op::run_payload(&payload, &[]), Op::run_payload_in_cgroup(&payload, &[], "a")];
    let finding = found(&[CgroupDef::named("a")], &run, &[Op::kill_payload("p")], BRIEF);
    assert_eq!(refused_by(finding), ErrorKind::PayloadAmbiguous);
}

#[test]
fn a_payload_without_a_program_does_not_start() {
    // Refused, but the mock ran it.
    let payload = Payload::binary("p", "");
    assert_eq!(
        refused_by(found(&[], &[], &[Op::run_payload(&payload, &[])], BRIEF)),
        ErrorKind::PayloadBinary
    );
}

#[test]
fn a_loop_without_an_interval_is_refused_for_that() {
    // Refused for its second round, which never comes.
    let never = HoldSpec::loop_at(Duration::ZERO);
    assert_eq!(refused_by(found(&[], &[], &[Op::add_cgroup("a")], never)), ErrorKind::LoopZero);
    let steps = [Step::new(&[], HoldSpec::loop_at(Duration::from_secs(9)))];
    let error = judged(&Scenario::new("long").steps(&steps)).map_err(|invalid: Invalid<'_>| invalid.kind);
    assert_eq!(error, Err(ErrorKind::LoopTooLong));
}

#[test]
fn what_a_program_forks_beside_a_limit_is_foreseen_by_nobody() {
    // Accepted, but with the program's children the limit is reached one worker early.
    static FORKS: Payload = Payload::binary("s", "stubborn");
    let defs = [CgroupDef::named("b").pids_max(3).workload(&FORKS), CgroupDef::named("b/x")];
    assert_eq!(found(&defs, &[], &[], BRIEF), Finding::Unforeseen);
    let ample = [CgroupDef::named("b").pids_max(9).workload(&FORKS), CgroupDef::named("b/x")];
    assert_eq!(found(&ample, &[], &[], BRIEF), Finding::Clean);
}
