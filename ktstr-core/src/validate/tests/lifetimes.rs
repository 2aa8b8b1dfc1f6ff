//! What exists when, and who may end it.

use super::*;
use crate::validate::rules::ErrorKind::*;

static LOAD: Payload = Payload::binary("load", "true");

fn lasting(name: &'static str) -> Op<'static> {
    add(name).until_removed()
}

fn two_steps(one: &[Op<'static>], two: &[Op<'static>]) -> Scenario<'static> {
    Scenario::new("test").steps(leak(&[step(one), step(two)]))
}

pub(super) fn rows() -> Vec<Row> {
    [uses(), authority(), kept(), frozen()].into_iter().flatten().collect()
}

fn uses() -> Vec<Row> {
    let remove = Op::remove_cgroup;
    let freeze = Op::freeze_cgroup;
    std::vec![
        row(
            CgroupUnknown,
            step_op(0, 1),
            both(&[add("a")], &[freeze("a"), freeze("b")]),
            both(&[add("a")], &[freeze("a")])
        ),
        row(CgroupUnknown, step_op(0, 0), steps(&[freeze("a"), add("a")]), steps(&[add("a"), freeze("a")])),
        row(
            CgroupDuplicate,
            backdrop_op(1),
            backs(&[add("a"), add("a")]),
            backs(&[add("a"), remove("a"), add("a")])
        ),
        row(
            CgroupDuplicate,
            Site::Backdrop(Part::Cgroup(1)),
            defs(&[def("a"), def("a")]),
            defs(&[def("a"), def("aa")])
        ),
        row(CgroupShadows, step_op(0, 0), both(&[add("a")], &[add("a")]), both(&[add("a")], &[add("b")])),
        row(
            CgroupShadows,
            step_part(0, Part::Cgroup(0)),
            Scenario::new("t")
                .backdrop(back(&[lasting("a")]))
                .steps(leak(&[Step::with_defs(leak(&[def("a")]), HoldSpec::FULL)])),
            Scenario::new("t").backdrop(back(&[lasting("a")])).steps(leak(&[Step::with_defs(
                leak(&[def("a")]),
                HoldSpec::FULL
            )
            .set_ops(leak(&[remove("a")]))])),
        ),
        row(
            CgroupRemoved,
            step_op(0, 2),
            steps(&[add("a"), remove("a"), freeze("a")]),
            steps(&[add("a"), freeze("a"), remove("a")])
        ),
        row(
            CgroupRemoved,
            step_op(0, 2),
            steps(&[add("a"), remove("a"), remove("a")]),
            steps(&[add("a"), remove("a")])
        ),
        row(
            CgroupEnded,
            step_op(1, 0),
            two_steps(&[add("a")], &[freeze("a")]),
            two_steps(&[add("a")], &[add("a"), freeze("a")]),
        ),
        row(
            CgroupEnded,
            step_op(1, 0),
            two_steps(&[remove("a"), add("a")], &[spin("a")]).backdrop(back(&[lasting("a")])),
            two_steps(&[remove("a"), add("a")], &[add("a"), spin("a")]).backdrop(back(&[lasting("a")])),
        ),
        row(ParentMissing, backdrop_op(0), backs(&[add("a/b")]), backs(&[add("a"), add("a/b")])),
        row(ParentMissing, FIRST_DEF, defs(&[def("a/b")]), backs(&[add("a"), limited("a/b")])),
        row(
            HasChildren,
            step_op(0, 2),
            steps(&[add("a"), add("a/b"), remove("a")]),
            steps(&[add("a"), add("a/b"), remove("a/b"), remove("a")])
        ),
        row(
            HasChildren,
            step_op(0, 3),
            steps(&[add("a"), add("a/b"), add("a/c"), remove("a"), remove("a/b")]),
            steps(&[add("a"), add("a/b"), add("a/c"), remove("a/b"), remove("a/c"), remove("a")]),
        ),
    ]
}

fn authority() -> Vec<Row> {
    let remove = Op::remove_cgroup;
    let stop = Op::stop_cgroup;
    let go = Op::move_all_tasks;
    let host = Op::spawn_host(WorkSpec::new(WorkType::SpinWait));
    std::vec![
        row(
            NotYours,
            step_op(0, 0),
            both(&[add("a")], &[remove("a")]),
            both(&[lasting("a")], &[remove("a")])
        ),
        row(
            NotYours,
            step_op(0, 0),
            both(&[add("a"), spin("a")], &[stop("a")]),
            both(&[lasting("a"), spin("a")], &[stop("a"), remove("a")]),
        ),
        row(
            HoldsGuests,
            step_op(0, 0),
            both(&[add("a"), spin("a"), lasting("b"), go("a", "b")], &[stop("b")]),
            both(&[add("a"), spin("a"), lasting("b"), go("a", "b")], &[go("b", "a"), remove("b")]),
        ),
        row(
            HoldsGuests,
            step_op(0, 1),
            both(&[add("a"), spin("a"), lasting("b")], &[go("a", "b"), remove("b")]),
            both(&[lasting("a"), spin("a"), lasting("b")], &[go("a", "b"), remove("b")]),
        ),
        row(
            Stranded,
            step_op(0, 1),
            both(&[add("a"), spin("a")], &[add("b"), go("a", "b")]),
            both(&[add("a"), spin("a"), add("b")], &[go("a", "b")]),
        ),
        row(
            Stranded,
            step_op(0, 1),
            both(&[lasting("a"), spin("a")], &[add("b"), go("a", "b")]),
            both(&[lasting("a")], &[add("b"), spin("a"), go("a", "b")])
        ),
        row(
            Stranded,
            step_op(0, 1),
            both(&[host], &[add("b"), go("", "b")]),
            steps(&[host, add("b"), go("", "b")])
        ),
        row(UntilRemovedInStep, step_op(0, 0), steps(&[lasting("a")]), steps(&[add("a")])),
        row(
            UntilRemovedInStep,
            step_part(0, Part::Cgroup(0)),
            Scenario::new("t")
                .steps(leak(&[Step::with_defs(leak(&[def("a").until_removed()]), HoldSpec::FULL)])),
            defs(&[def("a").until_removed()]),
        ),
    ]
}

/// What outlives its step.
fn kept() -> Vec<Row> {
    let keep = |name| add(name).kept();
    let remove = Op::remove_cgroup;
    let defs_of = |def| Step::with_defs(leak(&[def]), HoldSpec::fixed(Duration::from_millis(1)));
    std::vec![
        row(KeptInBackdrop, backdrop_op(0), backs(&[keep("a")]), backs(&[add("a")])),
        row(KeptInBackdrop, FIRST_DEF, defs(&[def("a").kept()]), defs(&[def("a")])),
        row(
            KeptBelowStep,
            step_part(0, Part::End),
            steps(&[add("a"), keep("a/b")]),
            steps(&[add("a"), keep("a/b"), remove("a/b")]),
        ),
        row(
            KeptBelowStep,
            step_part(0, Part::End),
            steps(&[add("a"), add("a/b"), keep("a/b/c")]),
            steps(&[keep("a"), keep("a/b"), keep("a/b/c")]),
        ),
        row(
            CgroupRemoved,
            step_op(1, 1),
            two_steps(&[keep("a")], &[remove("a"), spin("a")]),
            two_steps(&[keep("a")], &[spin("a"), remove("a")]),
        ),
        row(
            CgroupShadows,
            step_op(1, 0),
            two_steps(&[keep("a")], &[add("a")]),
            two_steps(&[keep("a")], &[remove("a"), add("a")]),
        ),
        // Its workers outlive the step with it; others that a step starts there do not.
        row(
            Stranded,
            step_op(1, 1),
            Scenario::new("t")
                .steps(leak(&[defs_of(def("a").kept()), step(&[add("b"), Op::move_all_tasks("a", "b")])])),
            Scenario::new("t").steps(leak(&[
                defs_of(def("a").kept()),
                step(&[add("b").kept(), Op::move_all_tasks("a", "b")])
            ])),
        ),
        row(
            StopNothing,
            step_op(1, 0),
            two_steps(&[keep("a"), spin("a")], &[Op::stop_cgroup("a")]),
            Scenario::new("t").steps(leak(&[
                defs_of(def("a").kept()),
                step(&[Op::stop_cgroup("a"), spin("a"), remove("a")])
            ])),
        ),
    ]
}

fn frozen() -> Vec<Row> {
    let (remove, stop) = (Op::remove_cgroup, Op::stop_cgroup);
    let (freeze, thaw) = (Op::freeze_cgroup, Op::unfreeze_cgroup);
    let run = Op::run_payload_in_cgroup(&LOAD, &[], "a");
    let (wait, kill) = (Op::wait_payload("load"), Op::kill_payload("load"));
    std::vec![
        row(
            StopsFrozen,
            step_op(0, 3),
            steps(&[add("a"), spin("a"), freeze("a"), remove("a")]),
            steps(&[add("a"), spin("a"), freeze("a"), thaw("a"), remove("a")]),
        ),
        row(
            StopsFrozen,
            step_op(0, 4),
            steps(&[add("a"), add("a/b"), spin("a/b"), freeze("a"), stop("a/b")]),
            steps(&[add("a"), add("a/b"), freeze("a"), remove("a/b"), remove("a")]),
        ),
        row(
            SpawnFrozen,
            step_op(0, 2),
            steps(&[add("a"), freeze("a"), spin("a")]),
            steps(&[add("a"), spin("a"), freeze("a")])
        ),
        row(
            SpawnFrozen,
            step_op(0, 2),
            steps(&[add("a"), freeze("a"), run]),
            steps(&[add("a"), run, freeze("a")])
        ),
        row(
            SpawnFrozen,
            step_op(0, 2),
            steps(&[add("a"), freeze("a"), limited("a/b")]),
            steps(&[add("a"), freeze("a"), add("a/b")]),
        ),
        row(
            NotYours,
            step_op(0, 1),
            both(&[add("a"), spin("a")], &[freeze("a"), Op::kill_cgroup("a")]),
            both(&[add("a").until_removed(), spin("a")], &[freeze("a"), Op::kill_cgroup("a")]),
        ),
        row(
            WaitFrozen,
            step_op(0, 3),
            steps(&[add("a"), run, freeze("a"), wait]),
            steps(&[add("a"), run, freeze("a"), kill]),
        ),
        row(
            EndsFrozen,
            step_part(0, Part::End),
            both(&[add("a")], &[spin("a"), freeze("a")]),
            both(&[add("a"), spin("a")], &[freeze("a")]),
        ),
        row(
            EndsFrozen,
            step_part(0, Part::End),
            both(&[add("a")], &[add("a/b"), spin("a/b"), freeze("a")]),
            both(&[add("a")], &[add("a/b"), spin("a/b"), freeze("a/b")]),
        ),
    ]
}

/// What is kept below a cgroup that goes with its step is an error; what a later step does with the two is
/// judged as if both had been kept.
#[test]
fn the_walk_goes_on_behind_what_is_kept_below_a_step() {
    let first = [add("a"), add("a/b"), add("a/b/c").kept()];
    for second in
        [&[add("a")][..], &[Op::remove_cgroup("a/b/c"), Op::remove_cgroup("a/b"), Op::remove_cgroup("a")]]
    {
        let found = findings(&two_steps(&first, second), None);
        assert_eq!((found[0].kind, found[0].site), (KeptBelowStep, step_part(0, Part::End)));
    }
}
