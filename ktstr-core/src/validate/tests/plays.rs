//! Whole scenarios: what they need, and how one error leaves the rest alone.

use super::*;
use crate::model::controllers::Controller;
use crate::validate::rules::ErrorKind::*;

static NOISE: Payload = Payload::binary("noise", "stress-ng").default_args(&["--cpu", "2"]);

const PAGE_EXAMPLE: Backdrop = Backdrop::new()
    .push_cgroup(CgroupDef::named("bg_cell").cpuset(CpusetSpec::disjoint(0, 2)))
    .push_op(Op::add_cgroup("bg_overflow"))
    .push_payload(&NOISE);

#[test]
fn the_backdrop_example_is_valid_and_says_what_it_needs() {
    const SCENARIO: Scenario = Scenario::new("example").backdrop(PAGE_EXAMPLE);
    const _: () = SCENARIO.assert_valid();
    const _: () = SCENARIO.assert_valid_on(&MACHINE);
    let needs = SCENARIO.check(None).expect("valid");
    assert_eq!((needs.cgroups, needs.groups, needs.payloads, needs.irqs), (2, 1, 1, 0));
    assert!(needs.controllers.has(Controller::Cpuset) && !needs.controllers.has(Controller::Cpu));
    assert!(!needs.privileged);
}

#[test]
fn a_hole_can_be_left_on_purpose() {
    let cells = ["cg_a", "cg_b", "cg_c"].map(|name| def(name).until_removed());
    let scenario =
        steps(&[Op::remove_cgroup("cg_b"), add("cg_d")]).backdrop(Backdrop::new().extend_cgroups(cells));
    assert_eq!(findings(&scenario, None), []);
    assert_eq!(scenario.check(None).expect("valid").cgroups, 3);
}

#[test]
fn peaks_are_of_one_moment() {
    let one = step(&[add("a"), spin("a"), spin("a"), Op::remove_cgroup("a"), add("b"), add("c")]);
    let two = step(&[add("d"), Op::steer_irq(4, 0), Op::steer_irq(4, 1), Op::steer_irq(5, 0)]);
    let scenario = Scenario::new("test").steps(leak(&[one, two]));
    let needs = scenario.check(None).expect("valid");
    assert_eq!((needs.cgroups, needs.groups, needs.irqs), (2, 2, 2));
}

#[test]
fn what_needs_root_is_said() {
    let w = WorkSpec::new(WorkType::SpinWait);
    for (work, privileged) in [
        (w, false),
        (w.nice(5), false),
        (w.nice(-1), true),
        (w.uid(1000), true),
        (w.sched_policy(SchedPolicy::Fifo(1)), true),
        (w.sched_policy(SchedPolicy::Batch), false),
    ] {
        assert_eq!(
            defs(&[def("a").work(work)]).check(None).expect("valid").privileged,
            privileged,
            "{work:?}"
        );
    }
}

#[test]
fn all_errors_are_found_in_the_order_of_the_run() {
    let scenario = both(
        &[add("a"), add("a"), spin("x")],
        &[Op::remove_cgroup("a"), add(".h"), spin(".h"), Op::clear_cpuset(".h")],
    )
    .workers_per_cgroup(0);
    let reported: Vec<_> = findings(&scenario, None).iter().map(|one| (one.kind, one.site)).collect();
    let all = [
        (ScenarioWorkers, Site::Scenario),
        (CgroupDuplicate, backdrop_op(1)),
        (CgroupUnknown, backdrop_op(2)),
        (NotYours, step_op(0, 0)),
        (NameHidden, step_op(0, 1)),
        (ClearNothing, step_op(0, 3)),
    ];
    assert_eq!(reported, all);
}

#[test]
fn moved_workers_belong_to_the_longer_life() {
    let go = Op::move_all_tasks;
    let first = step(&[spin("a"), go("a", "b")]);
    let second = step(&[add("s"), go("b", "s")]);
    let scenario = Scenario::new("test").backdrop(back(&[add("a"), add("b")])).steps(leak(&[first, second]));
    let reported: Vec<_> = findings(&scenario, None).iter().map(|one| (one.kind, one.site)).collect();
    assert_eq!(reported, [(Stranded, step_op(1, 1))], "they had become the Backdrop's");
}

#[test]
fn a_step_leaves_the_backdrop_as_it_was() {
    let busy = [spin("a"), Op::run_payload_in_cgroup(&NOISE, &[], "a"), add("a/b"), spin("a/b")];
    let scenario = Scenario::new("test").backdrop(back(&[add("a")])).steps(leak(&[
        step(&busy),
        step(&busy),
        step(&[limited("a/b")]),
    ]));
    assert_eq!(findings(&scenario, None), []);
    let needs = scenario.check(None).expect("valid");
    assert_eq!((needs.cgroups, needs.groups, needs.payloads), (2, 2, 1));
}
