//! The mock keeps the contract of a backend, also behind a wrapper; a backend that breaks it is found out.

use ktstr_core::{ActionKind, FaultKind};
use ktstr_mock::fault::{FaultInjector, What, When};
use ktstr_mock::{KernelVersion, MockBackend};
use ktstr_testkit::conformance::{Program, TABLES, check, mock};
use std::collections::HashSet;

fn programs() -> Vec<Program> {
    TABLES.concat()
}

#[test]
fn the_mock_keeps_the_contract_in_every_release() {
    for version in [KernelVersion::V6_1, KernelVersion::V6_12, KernelVersion::V6_18, KernelVersion::NEWEST] {
        let summary =
            check(|| mock().version(version)).unwrap_or_else(|found| panic!("{version}: {found:#?}"));
        assert_eq!((summary.played, summary.skipped.len()), (programs().len(), 0));
    }
}

#[test]
fn a_wrapper_without_faults_changes_nothing() {
    assert!(check(|| FaultInjector::on_mock(mock())).is_ok());
}

#[test]
fn programs_leave_nothing_behind() {
    let fresh = mock().kernel().dump_procs();
    for program in &programs() {
        let mut mock = mock();
        ktstr_testkit::conformance::play(program, &mut mock).unwrap_or_else(|found| panic!("{found}"));
        assert_eq!(mock.kernel().dump_procs(), fresh, "{}", program.name);
        assert_eq!(mock.run_cgroup(), None, "{}", program.name);
    }
}

#[test]
fn what_is_missing_is_skipped_by_name() {
    let summary = check(|| mock().with_controllers(ktstr_core::Controllers::NONE)).expect("the rest holds");
    assert_eq!(summary.played + summary.skipped.len(), programs().len());
    assert!(summary.skipped.iter().any(|name| name.contains("CPUs")));
}

#[test]
fn a_backend_that_breaks_the_contract_is_found_out() {
    let kinds = [ActionKind::CreateCgroup, ActionKind::Stop, ActionKind::Freeze, ActionKind::Finish];
    for kind in kinds {
        let broken = || {
            FaultInjector::<MockBackend>::on_mock(mock())
                .inject(When::Each(kind), What::Kind(FaultKind::System))
        };
        assert!(check(broken).is_err(), "{kind:?}");
    }
    let names: HashSet<&str> = programs().iter().map(|program| program.name).collect();
    assert_eq!(names.len(), programs().len());
}

/// Actions that the programs cannot ask for: metrics are of programs that print JSON, interrupts of machines,
/// files of kernels, and schedulers of those that have sched_ext.
const ELSEWHERE: [ActionKind; 7] = [
    ActionKind::ReadMetric,
    ActionKind::SteerIrq,
    ActionKind::RestoreIrq,
    ActionKind::AttachScheduler,
    ActionKind::CheckFile,
    ActionKind::DetachScheduler,
    ActionKind::NoteFile,
];

/// The same programs are played on Linux and in guests, so that no action is left out there either.
#[test]
fn the_programs_ask_for_every_action() {
    let asked: HashSet<ActionKind> =
        programs().iter().flat_map(|program| program.steps).map(|(action, _)| action.kind()).collect();
    let missed: Vec<ActionKind> =
        ActionKind::ALL.into_iter().filter(|kind| asked.contains(kind) == ELSEWHERE.contains(kind)).collect();
    assert!(missed.is_empty(), "{missed:?}");
}
