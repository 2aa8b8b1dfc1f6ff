//! Every control file of the core's table on the mock, as an action and as text: kept, read back, refused out
//! of range with the error that the table names, and forgotten with its controller.

use ktstr_core::{
    Action, Backend, Controller, Controllers, CpuSet, FaultKind, Knob, KnobKind, KnobValue, OutOfRange,
    Outcome, Setting, Topology,
};
use ktstr_mock::MockBackend;

const FOUR: Topology = Topology::uniform(1, 1, 4, 1);
const GROUP: &str = "ktstr/run/a";

fn prepared(controllers: Controllers) -> MockBackend {
    let mut mock = MockBackend::new(FOUR);
    for action in [Action::Prepare { controllers }, Action::CreateCgroup { path: "a" }] {
        assert_eq!(mock.perform(&action, &mut ()), Outcome::Done, "{action}");
    }
    mock
}

fn all() -> Controllers {
    Controller::ALL.into_iter().collect()
}

/// What is written for a setting, on that machine.
fn value(setting: Setting) -> KnobValue {
    match setting {
        Setting::Cpus(spec) => KnobValue::Cpus(spec.resolve(&FOUR)),
        Setting::Nodes(_) | Setting::Number(_) | Setting::Max | Setting::Bandwidth(_) => {
            setting.value().expect("no description of CPUs")
        }
    }
}

/// The value as its file shows it.
fn shown(knob: Knob, value: KnobValue) -> String {
    match (knob.info().kind, value) {
        (KnobKind::Bytes | KnobKind::BytesOrMax, KnobValue::Number(bytes))
            if bytes >= i64::MAX as u64 / 4096 * 4096 =>
        {
            "max\n".to_owned()
        }
        (KnobKind::Bytes | KnobKind::BytesOrMax, KnobValue::Number(bytes)) => {
            format!("{}\n", bytes / 4096 * 4096)
        }
        (KnobKind::Number, value) if knob.controller() == Some(Controller::Io) => {
            format!("default {value}\n")
        }
        (_, value) => format!("{value}\n"),
    }
}

fn is_legal(knob: Knob, setting: Setting) -> bool {
    let bounds = knob.info().bounds.iter().zip(setting.numbers());
    bounds.into_iter().all(|(bound, number)| number.is_none_or(|number| bound.broken_by(number).is_none()))
}

#[test]
fn each_reads_back_what_was_written_and_what_a_new_cgroup_has() {
    for knob in Knob::ALL {
        let mut mock = prepared(all());
        let info = knob.info();
        let fresh = mock.kernel().read(GROUP, knob.file());
        let clear = match info.clear {
            Setting::Cpus(_) => KnobValue::Cpus(CpuSet::EMPTY),
            clear => value(clear),
        };
        assert_eq!(fresh, Ok(shown(knob, clear)), "{}", knob.file());
        for written in [value(info.example), clear] {
            let action = Action::Write { path: "a", knob, value: written };
            assert_eq!(mock.perform(&action, &mut ()), Outcome::Done, "{action}");
            assert_eq!(mock.kernel().read(GROUP, knob.file()), Ok(shown(knob, written)), "{action}");
            // The same as text.
            assert_eq!(mock.kernel_mut().write(GROUP, knob.file(), &written.to_string()), Ok(()), "{action}");
            assert_eq!(mock.kernel().read(GROUP, knob.file()), Ok(shown(knob, written)), "{action}");
        }
        assert_eq!(mock.kernel().check_invariants(), Ok(()));
    }
}

#[test]
fn what_is_out_of_range_is_refused_as_the_table_says_and_changes_nothing() {
    for knob in Knob::ALL {
        for setting in
            knob.edges().filter(|&setting| !matches!(setting, Setting::Cpus(_) | Setting::Nodes(_)))
        {
            let mut mock = prepared(all());
            let before = mock.kernel().read(GROUP, knob.file());
            let refusals = knob.info().bounds.iter().zip(setting.numbers()).filter_map(|(bound, number)| {
                bound.broken_by(number?)?;
                match bound.kernel {
                    OutOfRange::Refused(errno) => Some(errno),
                    OutOfRange::Unlimited => None,
                }
            });
            let refusal = refusals.into_iter().next();
            let written = value(setting);
            let action = Action::Write { path: "a", knob, value: written };
            match (mock.perform(&action, &mut ()), refusal) {
                (Outcome::Done, None) => {
                    assert_eq!(mock.kernel().read(GROUP, knob.file()), Ok(shown(knob, written)), "{action}");
                }
                (Outcome::Failed(fault), Some(errno)) => {
                    assert!(!is_legal(knob, setting), "{action}: {fault}");
                    assert_eq!(fault.kind, FaultKind::Invalid, "{action}: {fault}");
                    assert_eq!(mock.kernel().read(GROUP, knob.file()), before, "{action}");
                    let text = mock.kernel_mut().write(GROUP, knob.file(), &written.to_string());
                    assert_eq!(text.map_err(|found| found.name()), Err(errno), "{action}");
                }
                (outcome, refusal) => panic!("{action}: {outcome:?}, {refusal:?}"),
            }
        }
    }
}

#[test]
fn each_is_there_with_its_controller_and_not_without() {
    for knob in Knob::ALL {
        let Some(controller) = knob.controller() else { continue };
        let own = Controllers::NONE.with(controller);
        for (controllers, is_there) in [(own, true), (all().minus(own), false)] {
            let mut mock = prepared(controllers);
            let action = Action::Write { path: "a", knob, value: value(knob.info().example) };
            let missing = matches!(mock.perform(&action, &mut ()), Outcome::Failed(fault) if fault.kind == FaultKind::Missing);
            assert_eq!(missing, !is_there, "{action} with {controllers}");
            let files = mock.kernel().files(GROUP).expect("it is there");
            assert_eq!(
                files.iter().filter(|file| **file == knob.file()).count(),
                usize::from(is_there),
                "{action}"
            );
        }
    }
}

#[test]
fn each_is_forgotten_when_its_controller_goes() {
    for knob in Knob::ALL {
        let Some(controller) = knob.controller() else { continue };
        let mut mock = prepared(all());
        let fresh = mock.kernel().read(GROUP, knob.file());
        let action = Action::Write { path: "a", knob, value: value(knob.info().example) };
        assert_eq!(mock.perform(&action, &mut ()), Outcome::Done, "{action}");
        for sign in ["-", "+"] {
            let change = format!("{sign}{}", controller.name());
            assert_eq!(mock.kernel_mut().write("ktstr/run", "cgroup.subtree_control", &change), Ok(()));
        }
        assert_eq!(mock.kernel().read(GROUP, knob.file()), fresh, "{}", knob.file());
    }
}

#[test]
fn every_controller_has_a_control_file_and_a_value_of_another_kind_is_refused() {
    for controller in Controller::ALL {
        assert!(Knob::ALL.iter().any(|knob| knob.controller() == Some(controller)), "{}", controller.name());
    }
    for knob in Knob::ALL {
        let other = match knob.info().kind {
            KnobKind::Cpus | KnobKind::Nodes | KnobKind::Bandwidth => KnobValue::Number(1),
            KnobKind::Number
            | KnobKind::Flag
            | KnobKind::Bytes
            | KnobKind::BytesOrMax
            | KnobKind::CountOrMax => KnobValue::Cpus(CpuSet::range(0, 1)),
        };
        let action = Action::Write { path: "a", knob, value: other };
        let outcome = prepared(all()).perform(&action, &mut ());
        assert!(matches!(outcome, Outcome::Failed(fault) if fault.kind == FaultKind::Invalid), "{action}");
    }
}
