//! How long steps are held, and what loops may do.

use super::*;
use crate::validate::rules::ErrorKind::*;

static LOAD: Payload = Payload::binary("load", "true");

fn held(holds: &[HoldSpec]) -> Scenario<'static> {
    let steps: Vec<_> = holds.iter().copied().map(Step::hold).collect();
    Scenario::new("test").duration(Duration::from_secs(10)).steps(leak(&steps))
}

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

pub(super) fn rows() -> Vec<Row> {
    let hold = |step| step_part(step, Part::Hold);
    let (frac, fixed, every) = (HoldSpec::frac, HoldSpec::fixed, HoldSpec::loop_at);
    std::vec![
        row(HoldFraction, hold(0), held(&[frac(0.0)]), held(&[fixed(seconds(0))])),
        row(HoldFraction, hold(0), held(&[frac(f64::NAN)]), held(&[frac(f64::MIN_POSITIVE)])),
        row(HoldFraction, hold(1), held(&[frac(0.1), frac(1.5)]), held(&[frac(0.1), frac(0.9)])),
        row(HoldOverBudget, hold(0), held(&[fixed(seconds(11))]), held(&[fixed(seconds(10))])),
        row(
            HoldOverBudget,
            hold(2),
            held(&[frac(0.5), frac(0.4), frac(0.2)]),
            held(&[frac(0.5), frac(0.3), frac(0.2)])
        ),
        row(
            HoldOverBudget,
            hold(1),
            held(&[fixed(seconds(1)), HoldSpec::FULL]),
            held(&[fixed(seconds(0)), HoldSpec::FULL])
        ),
        row(LoopZero, hold(0), held(&[every(seconds(0))]), held(&[every(Duration::from_nanos(1))])),
        row(LoopTooLong, hold(0), held(&[every(seconds(11))]), held(&[every(seconds(10))])),
        row(
            LoopTooLong,
            hold(1),
            held(&[fixed(seconds(10)), every(seconds(1))]),
            held(&[fixed(seconds(9)), every(seconds(1))])
        ),
        row(
            StepAfterEnd,
            step_part(1, Part::Whole),
            held(&[HoldSpec::FULL, fixed(seconds(0))]),
            held(&[fixed(seconds(0)), HoldSpec::FULL]),
        ),
        row(
            StepAfterEnd,
            step_part(1, Part::Whole),
            held(&[every(seconds(1)), fixed(seconds(1))]),
            held(&[fixed(seconds(1)), every(seconds(1))]),
        ),
    ]
}

fn looped(ops: &[Op<'static>], interval: Duration) -> Scenario<'static> {
    let backdrop = back(&[add("b"), spin("b"), add("c").until_removed(), add("d").until_removed()]);
    let step = Step::new(leak(ops), HoldSpec::loop_at(interval));
    Scenario::new("test").duration(Duration::from_secs(10)).backdrop(backdrop).steps(leak(&[step]))
}

#[test]
fn what_cannot_repeat_is_named_with_its_cause() {
    let go = Op::move_all_tasks;
    let run = Op::run_payload(&LOAD, &[]);
    for (ops, at, cause) in [
        (&[add("a")][..], 0, CgroupDuplicate),
        (&[add("x"), Op::remove_cgroup("x"), Op::remove_cgroup("c")], 2, CgroupRemoved),
        (&[Op::freeze_cgroup("b")], 0, FreezeTwice),
        (&[go("b", "c")], 0, MoveNothing),
        (&[go("c", "b"), go("b", "c")][1..], 0, MoveNothing),
        (&[run], 0, PayloadDuplicate),
        (
            &[Op::set_cpuset("c", CpusetSpec::llc(0)), Op::clear_cpuset("c"), Op::freeze_cgroup("d")],
            2,
            FreezeTwice,
        ),
    ] {
        let found = findings(&looped(ops, seconds(1)), None);
        let reported: Vec<_> = found.iter().map(|one| (one.kind, one.site, one.cause)).collect();
        assert_eq!(reported, [(CannotRepeat, step_op(0, at), Some(cause))], "{ops:?}");
        assert_eq!(found[0].class(), cause.rule().class);
        assert_eq!(findings(&looped(ops, seconds(10)), None), [], "one round has nothing to repeat: {ops:?}");
    }
}

#[test]
fn what_undoes_itself_repeats() {
    for ops in [
        &[add("a"), spin("a"), Op::remove_cgroup("a")][..],
        &[Op::freeze_cgroup("b"), Op::unfreeze_cgroup("b")],
        &[Op::move_all_tasks("b", "c"), Op::move_all_tasks("c", "b")],
        &[Op::run_payload(&LOAD, &[]), Op::wait_payload("load")],
        &[Op::set_cpuset("b", CpusetSpec::llc(0))],
        &[spin("b")],
    ] {
        assert_eq!(findings(&looped(ops, seconds(1)), None), [], "{ops:?}");
    }
}

#[test]
fn an_error_of_the_first_round_is_told_once() {
    let ops = [Op::clear_cpuset("b"), add("a"), Op::freeze_cgroup("nowhere")];
    let reported: Vec<_> =
        findings(&looped(&ops, seconds(1)), None).iter().map(|one| (one.kind, one.site)).collect();
    let once = [(ClearNothing, step_op(0, 0)), (CgroupUnknown, step_op(0, 2)), (CannotRepeat, step_op(0, 1))];
    assert_eq!(reported, once);
}

#[test]
fn tasks_that_grow_are_reckoned_against_their_limit() {
    let looped = |pids, ops: &[Op<'static>]| {
        let backdrop = Backdrop::new().push_cgroup(def("l").pids_max(pids).until_removed()).push_op(add("x"));
        let step = Step::new(leak(ops), HoldSpec::loop_at(seconds(1)));
        Scenario::new("t").duration(seconds(10)).backdrop(backdrop).steps(leak(&[step]))
    };
    let four = Op::spawn_workers("l", WorkSpec::new(WorkType::SpinWait).workers(4));
    let grow = [spin("l")];
    let both = [spin("l"), four];
    let back = [spin("l"), Op::move_all_tasks("l", "x")];
    for (pids, ops, at) in [
        (11, &grow[..], None),
        (10, &grow, Some(0)),
        (3, &grow, Some(0)),
        (2, &grow, Some(0)),
        (51, &both, None),
        (50, &both, Some(1)),
        (46, &both, Some(0)), // 1 + 9 * 5 = 46 after nine rounds, so the tenth fails at its first spawn
        (47, &both, Some(1)),
        (2, &back, None),
        (12, &[spin("l"), Op::stop_cgroup("l")], None),
    ] {
        let reported: Vec<_> =
            findings(&looped(pids, ops), None).iter().map(|one| (one.site, one.cause)).collect();
        let expected: Vec<_> = at.map(|op| (step_op(0, op), Some(PidsTooFew))).into_iter().collect();
        assert_eq!(reported, expected, "pids.max {pids}, {ops:?}");
    }
}

#[test]
fn groups_grow_with_every_round() {
    let needs = looped(&[spin("b"), spin("b")], seconds(1)).check(None).expect("valid");
    assert_eq!(needs.groups, 1 + 2 * 10);
    let needs =
        looped(&[add("a"), spin("a"), Op::remove_cgroup("a")], seconds(1)).check(None).expect("valid");
    assert_eq!(needs.groups, 2);
    let needs = looped(&[spin("b")], seconds(10)).check(None).expect("valid");
    assert_eq!(needs.groups, 2);
}
