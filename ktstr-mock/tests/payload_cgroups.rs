//! Cgroups that a payload makes in its own: they go with that, and are left behind by nobody.

use core::time::Duration;
use ktstr_core::prelude::*;
use ktstr_core::{Report, Verdict, execute_scenario};
use ktstr_mock::fault::FaultInjector;
use ktstr_mock::{MockBackend, Script};

static RUNTIME: Payload<'static> = Payload::binary("runtime", "runc");
const INSIDE: &[Op<'static>] = &[
    Op::add_cgroup("box"),
    Op::run_payload_in_cgroup(&RUNTIME, &[], "box"),
    Op::wait_payload("runtime"),
    Op::remove_cgroup("box"),
];
const BESIDE: &[Op<'static>] = &[Op::run_payload(&RUNTIME, &[]), Op::wait_payload("runtime")];
const LIVES: &[Op<'static>] = &[Op::add_cgroup("box"), Op::run_payload_in_cgroup(&RUNTIME, &[], "box")];

fn scenario(ops: &'static [Op<'static>]) -> Scenario<'static> {
    Scenario::new("cgroups")
        .steps(Vec::leak(vec![Step::new(ops, HoldSpec::fixed(Duration::from_millis(10)))]))
}

fn mock() -> MockBackend {
    let script = Script::exits_after(Duration::from_millis(1), 0);
    let script = script.makes_cgroup("a").makes_cgroup("a/b").makes_cgroup("c").makes_cgroup("no/parent");
    MockBackend::new(Topology::uniform(1, 1, 2, 1)).payload("runtime", script)
}

fn tree(broken: &FaultInjector<MockBackend>) -> String {
    let kernel = broken.inner().kernel();
    assert_eq!(kernel.check_invariants(), Ok(()));
    kernel.dump_tree()
}

fn run(ops: &'static [Op<'static>], broken: &mut FaultInjector<MockBackend>) -> Report {
    execute_scenario(&scenario(ops), broken, 1, &mut ()).expect("valid, and nothing is missing")
}

#[test]
fn they_are_removed_with_the_cgroup_of_the_payload_and_nothing_is_left() {
    for ops in [INSIDE, BESIDE, LIVES] {
        let mut whole = FaultInjector::on_mock(mock());
        let fresh = tree(&whole);
        let report = run(ops, &mut whole);
        assert_eq!((report.verdict, report.leftovers, &report.error), (Verdict::Pass, 0, &None));
        assert_eq!(tree(&whole), fresh);
    }
}

#[test]
fn a_cgroup_of_the_scenario_below_is_no_stray() {
    const NESTED: &[Op<'static>] = &[
        Op::add_cgroup("box"),
        Op::run_payload_in_cgroup(&RUNTIME, &[], "box"),
        Op::wait_payload("runtime"),
        Op::add_cgroup("box/mine"),
        Op::remove_cgroup("box").fails(Errno::EBUSY),
    ];
    let report = run(NESTED, &mut FaultInjector::on_mock(mock()));
    assert_eq!((report.leftovers, report.error), (0, None));
}

#[test]
fn after_a_crash_at_any_action_recovery_removes_them() {
    for ops in [INSIDE, BESIDE, LIVES] {
        let fresh = tree(&FaultInjector::on_mock(mock()));
        for n in 0.. {
            let mut broken = FaultInjector::on_mock(mock()).crash_at(n);
            run(ops, &mut broken);
            if !broken.has_crashed() {
                break;
            }
            broken.recover();
            assert_eq!(tree(&broken), fresh, "action {n}");
        }
    }
}
