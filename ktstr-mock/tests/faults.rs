//! Faults: what fails, what crashes, and that recovery leaves nothing of ours and takes nothing of others.

use core::time::Duration;
use ktstr_core::Placement::Cgroup;
use ktstr_core::{
    Action, ActionKind, AffinityPlan, Backend, Controllers, FaultKind, GroupId, Outcome, Payload, PayloadId,
    Topology, WorkSpec, WorkType, WorkerEnd,
};
use ktstr_mock::fault::{FaultInjector, What, When};
use ktstr_mock::{MockBackend, Script};

const FORKER: Payload<'static> = Payload::binary("forker", "forker");
const GROUP: GroupId = GroupId(0);
const ID: PayloadId = PayloadId(0);

fn program() -> Vec<Action<'static>> {
    let work = WorkSpec::new(WorkType::SpinWait);
    vec![
        Action::Prepare { controllers: Controllers::NONE },
        Action::CreateCgroup { path: "a" },
        Action::CreateCgroup { path: "a/b" },
        Action::Spawn {
            group: GROUP,
            placement: Cgroup("a/b"),
            work,
            workers: 3,
            affinity: AffinityPlan::Inherit,
            seed: 1,
        },
        Action::StartPayload { id: ID, payload: &FORKER, args: &[], placement: Cgroup("a") },
        Action::SteerIrq { irq: 3, cpu: 1 },
        Action::Start,
        Action::Hold { length: Duration::from_millis(10) },
        Action::Stop { group: GROUP },
        Action::KillPayload { id: ID, grace: Duration::from_secs(1) },
        Action::RestoreIrq { irq: 3 },
        Action::RemoveCgroup { path: "a/b" },
        Action::RemoveCgroup { path: "a" },
        Action::Finish,
    ]
}

fn mock() -> MockBackend {
    let topology = Topology::uniform(1, 1, 2, 1);
    MockBackend::new(topology).program("forker", Script::runs().ignores_sigterm().forks(2))
}

fn kind(outcome: &Outcome) -> Option<FaultKind> {
    match outcome {
        Outcome::Failed(fault) => Some(fault.kind),
        _ => None,
    }
}

#[test]
fn after_a_crash_anywhere_recovery_leaves_what_was_there_before() {
    let fresh = mock().kernel().dump_tree();
    for n in 0..program().len() as u64 {
        let mut broken = FaultInjector::on_mock(mock()).crash_at(n);
        for action in program() {
            let outcome = broken.perform(&action, &mut ());
            assert_eq!(kind(&outcome) == Some(FaultKind::Crashed), broken.has_crashed(), "{action}");
        }
        assert!(broken.has_crashed());
        assert_eq!(broken.inner().kernel().check_invariants(), Ok(()));
        broken.recover();
        assert_eq!(broken.inner().kernel().dump_tree(), fresh, "crash at {n}");
        assert_eq!(broken.inner().steered_to(3), None, "crash at {n}");
        for action in program() {
            assert_eq!(kind(&broken.perform(&action, &mut ())), None, "{action} after a crash at {n}");
        }
    }
}

#[test]
fn a_failed_action_does_not_reach_the_backend() {
    for (n, action) in program().iter().enumerate() {
        let mut broken = FaultInjector::on_mock(mock()).fail_once(n as u64, 5);
        for before in &program()[..n] {
            assert_eq!(kind(&broken.perform(before, &mut ())), None, "{before}");
        }
        let state = broken.inner().kernel().dump_procs();
        assert_eq!(kind(&broken.perform(action, &mut ())), Some(FaultKind::System), "{action}");
        assert_eq!(broken.inner().kernel().dump_procs(), state, "{action}");
        assert_eq!(kind(&broken.perform(action, &mut ())), None, "{action} once more");
        assert_eq!(broken.injected(), 1);
    }
}

#[test]
fn faults_can_pick_a_kind_and_stay() {
    let mut broken = FaultInjector::on_mock(mock())
        .inject(When::NthOf(ActionKind::CreateCgroup, 1), What::Errno(28))
        .inject(When::Each(ActionKind::SteerIrq), What::Kind(FaultKind::Permission))
        .inject(When::Nth(6), What::Delay(Duration::from_secs(3)));
    let kinds: Vec<Option<FaultKind>> =
        program()[..7].iter().map(|action| kind(&broken.perform(action, &mut ()))).collect();
    let missing = Some(FaultKind::Missing);
    assert_eq!(
        kinds,
        [None, None, Some(FaultKind::NoRoom), missing, None, Some(FaultKind::Permission), None]
    );
    assert_eq!(broken.now(), Duration::from_secs(3));
}

#[test]
fn a_child_that_dies_early_says_so_in_its_report() {
    let mut broken = FaultInjector::on_mock(mock()).inject(When::Nth(4), What::ChildDies);
    for action in &program()[..9] {
        assert_eq!(kind(&broken.perform(action, &mut ())), None, "{action}");
    }
    let ends =
        [0, 1, 2].map(|worker| match broken.perform(&Action::Collect { group: GROUP, worker }, &mut ()) {
            Outcome::Report(report) => report.end,
            other => panic!("{other:?}"),
        });
    assert_eq!(ends, [WorkerEnd::Stopped, WorkerEnd::Stopped, WorkerEnd::Signalled(9)]);
}

#[test]
fn a_stranger_with_a_childs_process_id_is_spared() {
    let mut broken = FaultInjector::on_mock(mock()).inject(When::Nth(4), What::PidReused);
    for action in &program()[..4] {
        assert_eq!(kind(&broken.perform(action, &mut ())), None, "{action}");
    }
    let pid = broken.inner().worker_pids(GROUP)[2];
    for action in &program()[4..9] {
        assert_eq!(kind(&broken.perform(action, &mut ())), None, "{action}");
    }
    match broken.perform(&Action::Collect { group: GROUP, worker: 2 }, &mut ()) {
        Outcome::Report(report) => assert_eq!(report.end, WorkerEnd::Signalled(9), "the worker is lost"),
        other => panic!("{other:?}"),
    }
    for action in &program()[9..] {
        assert_eq!(kind(&broken.perform(action, &mut ())), None, "{action}");
    }
    assert!(broken.inner().kernel().is_alive(pid), "the stranger was killed");
}
