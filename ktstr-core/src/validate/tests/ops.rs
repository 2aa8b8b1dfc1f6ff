//! Operations that would do nothing.

use super::*;
use crate::model::field::FieldKind;
use crate::model::op::OpKind;
use crate::model::op::tests::Source;
use crate::validate::rules::ErrorKind::*;

static EVENTS: FileCheck = FileCheck::file("cgroup.events").key("populated").equals("0");
static OTHER_CGROUP: FileCheck = FileCheck::file("x/cgroup.events").key("populated").equals("0");
static UPTIME: FileCheck = FileCheck::file("/proc/uptime").min(0.0);
static SHADOW: FileCheck = FileCheck::file("/etc/shadow").contains("root");
static UP: FileCheck = FileCheck::file("/proc/../etc/shadow").contains("root");
static NOTHING: FileCheck = FileCheck::file("/proc/uptime");
static EMPTY: FileCheck = FileCheck::file("/proc/uptime").min(2.0).max(1.0);
static NONE: Limits = Limits::NONE.cpu_weight(0);
static TWO: Limits = NONE.pids_max(9);
static WEIGHT: Limits = Limits::NONE.cpu_weight(1);
static LOAD: Payload = Payload::binary("load", "true");

pub(super) fn rows() -> Vec<Row> {
    let set = |name| Op::set_cpuset(name, CpusetSpec::exact(CpuSet::of(&[0])));
    let swap = Op::swap_cpusets;
    let (go, clear) = (Op::move_all_tasks, Op::clear_cpuset);
    let pinned = Op::set_affinity("a", AffinityIntent::SingleCpu);
    let run = Op::run_payload_in_cgroup(&LOAD, &[], "a");
    let write = |file, text| Op::write_file("a", file, text);
    let length = Duration::from_millis(10);
    let deadline =
        SchedPolicy::Deadline { runtime: Duration::from_millis(1), deadline: length, period: length };
    let (freeze, thaw) = (Op::freeze_cgroup, Op::unfreeze_cgroup);
    let host = Op::spawn_host(WorkSpec::new(WorkType::SpinWait));
    std::vec![
        row(
            ClearNothing,
            step_op(0, 1),
            steps(&[add("a"), clear("a")]),
            steps(&[add("a"), set("a"), clear("a")])
        ),
        row(
            ClearNothing,
            step_op(0, 3),
            steps(&[add("a"), set("a"), clear("a"), clear("a")]),
            steps(&[add("a"), set("a"), set("a"), clear("a")])
        ),
        row(
            SwapSelf,
            step_op(0, 2),
            steps(&[add("a"), set("a"), swap("a", "a")]),
            steps(&[add("a"), set("a"), add("b"), set("b"), swap("a", "b")])
        ),
        row(
            SwapNothing,
            step_op(0, 3),
            steps(&[add("a"), add("b"), set("a"), swap("a", "b")]),
            steps(&[add("a"), add("b"), set("a"), set("b"), swap("a", "b")]),
        ),
        row(
            KillNothing,
            step_op(0, 1),
            steps(&[add("a"), Op::kill_cgroup("a")]),
            steps(&[add("a"), run, Op::kill_cgroup("a")])
        ),
        row(
            KillNothing,
            step_op(0, 4),
            steps(&[add("a"), add("a/b"), run, Op::stop_cgroup("a"), Op::kill_cgroup("a")]),
            steps(&[add("a"), add("a/b"), spin("a/b"), Op::kill_cgroup("a")])
        ),
        row(
            FileOwned,
            step_op(0, 1),
            steps(&[add("a"), write("cgroup.freeze", "1")]),
            steps(&[add("a"), write("cgroup.freeze", "2").fails(Errno::ERANGE)])
        ),
        row(
            FileOwned,
            step_op(0, 1),
            steps(&[add("a"), write("cgroup.procs", "0").fails(Errno::EBUSY)]),
            steps(&[add("a"), write("cgroup.max.depth", "3")])
        ),
        row(
            ExpectFile,
            step_op(0, 1),
            steps(&[add("a"), write("../cgroup.freeze", "1")]),
            steps(&[add("a"), write("memory.high", "64M")])
        ),
        row(
            FileText,
            step_op(0, 1),
            steps(&[add("a"), write("memory.high", "")]),
            steps(&[add("a"), write("memory.high", "\n")])
        ),
        row(
            FileText,
            step_op(0, 1),
            steps(&[add("a"), write("memory.high", "1\0")]),
            steps(&[add("a"), write("memory.high", "1\n")])
        ),
        row(
            ReclaimNothing,
            step_op(0, 1),
            steps(&[add("a"), Op::reclaim("a", 0)]),
            steps(&[add("a"), Op::reclaim("a", 1)])
        ),
        row(
            NoWorkers,
            step_op(0, 2),
            steps(&[add("a"), run, Op::set_nice("a", 1)]),
            steps(&[add("a"), run, spin("a"), Op::set_nice("a", 1)])
        ),
        row(
            NoWorkers,
            step_op(0, 1),
            steps(&[add("a"), Op::set_sched_policy("a", SchedPolicy::Batch)]),
            steps(&[add("a"), spin("a"), Op::set_sched_policy("a", SchedPolicy::Batch)])
        ),
        row(
            Nice,
            step_op(0, 2),
            steps(&[add("a"), spin("a"), Op::set_nice("a", 20)]),
            steps(&[add("a"), spin("a"), Op::set_nice("a", 19)])
        ),
        row(
            Priority,
            step_op(0, 2),
            steps(&[add("a"), spin("a"), Op::set_sched_policy("a", SchedPolicy::Fifo(0))]),
            steps(&[add("a"), spin("a"), Op::set_sched_policy("a", SchedPolicy::Fifo(1))])
        ),
        row(
            PolicyDeadline,
            step_op(0, 2),
            steps(&[add("a"), spin("a"), Op::set_sched_policy("a", deadline)]),
            steps(&[add("a"), spin("a"), Op::set_sched_policy("a", SchedPolicy::Idle)])
        ),
        row(
            StopNothing,
            step_op(0, 1),
            steps(&[add("a"), Op::stop_cgroup("a")]),
            steps(&[add("a"), run, Op::stop_cgroup("a")])
        ),
        row(
            StopNothing,
            step_op(0, 1),
            both(&[add("a").until_removed(), spin("a")], &[Op::stop_cgroup("a"), Op::stop_cgroup("a")]),
            both(&[add("a").until_removed(), spin("a")], &[Op::stop_cgroup("a"), Op::remove_cgroup("a")]),
        ),
        row(
            AffinityNothing,
            step_op(0, 1),
            steps(&[add("a"), pinned]),
            steps(&[add("a"), spin("a"), pinned])
        ),
        row(
            AffinityNothing,
            step_op(0, 2),
            steps(&[add("a"), run, pinned]),
            steps(&[add("a"), run, spin("a"), pinned])
        ),
        row(
            MoveSelf,
            step_op(0, 2),
            steps(&[add("a"), spin("a"), go("a", "a")]),
            steps(&[add("a"), spin("a"), add("b"), go("a", "b")])
        ),
        row(MoveSelf, step_op(0, 0), steps(&[go("", "")]), steps(&[host, add("a"), go("", "a")])),
        row(
            MoveNothing,
            step_op(0, 3),
            steps(&[add("a"), add("b"), run, go("a", "b")]),
            steps(&[add("a"), add("b"), spin("a"), go("a", "b")]),
        ),
        row(
            MoveNothing,
            step_op(0, 1),
            steps(&[add("a"), go("", "a")]),
            steps(&[add("a"), host, go("", "a")])
        ),
        row(
            MoveToRunner,
            step_op(0, 2),
            steps(&[add("a"), spin("a"), go("a", "")]),
            steps(&[add("a"), host, go("", "a")])
        ),
        row(
            FreezeTwice,
            step_op(0, 2),
            steps(&[add("a"), freeze("a"), freeze("a")]),
            steps(&[add("a"), freeze("a"), thaw("a"), freeze("a")])
        ),
        row(
            UnfreezeNothing,
            step_op(0, 3),
            steps(&[add("a"), add("a/b"), freeze("a"), thaw("a/b")]),
            steps(&[add("a"), add("a/b"), freeze("a"), freeze("a/b"), thaw("a/b"), thaw("a")]),
        ),
        row(
            CaptureTag,
            step_op(0, 1),
            steps(&[add("a"), Op::capture_cgroup_procs("", "a")]),
            steps(&[add("a"), Op::capture_cgroup_procs("t", "a")])
        ),
        row(
            LimitsNothing,
            step_op(0, 1),
            steps(&[add("a"), Op::set_limits("a", &Limits::NONE)]),
            steps(&[add("a"), Op::set_limits("a", &WEIGHT)]),
        ),
        row(
            ExpectFile,
            step_op(0, 1),
            steps(&[add("a"), Op::expect_in_cgroup(&OTHER_CGROUP, "a")]),
            steps(&[add("a"), Op::expect_in_cgroup(&EVENTS, "a")]),
        ),
        row(ExpectFile, step_op(0, 0), steps(&[Op::expect(&EVENTS)]), steps(&[Op::expect(&UPTIME)])),
        row(ExpectFile, step_op(0, 0), steps(&[Op::expect(&SHADOW)]), steps(&[Op::expect(&UPTIME)])),
        row(ExpectFile, step_op(0, 0), steps(&[Op::expect(&UP)]), steps(&[Op::expect(&UPTIME)])),
        row(
            ExpectFile,
            step_op(0, 1),
            steps(&[add("a"), Op::expect_in_cgroup(&UPTIME, "a")]),
            steps(&[add("a"), Op::expect_in_cgroup(&EVENTS, "a")]),
        ),
        row(ExpectNothing, step_op(0, 0), steps(&[Op::expect(&NOTHING)]), steps(&[Op::expect(&UPTIME)])),
        row(ExpectNothing, step_op(0, 0), steps(&[Op::expect(&EMPTY)]), steps(&[Op::expect(&UPTIME)])),
        row(
            FailsInParts,
            step_op(0, 1),
            steps(&[add("a"), Op::set_limits("a", &TWO).fails(Errno::ERANGE)]),
            steps(&[add("a"), Op::set_limits("a", &NONE).fails(Errno::ERANGE)]),
        ),
        row(
            FailsOtherwise,
            step_op(0, 1),
            steps(&[add("a"), add("a").fails(Errno::EBUSY)]),
            steps(&[add("a"), add("a").fails(Errno::EEXIST)]),
        ),
        row(IrqCpu, step_op(0, 0), steps(&[Op::steer_irq(9, 8)]), steps(&[Op::steer_irq(9, 7)])).on(&MACHINE),
    ]
}

/// Whatever names a cgroup that is not there is refused, by whichever field; a new operation too.
#[test]
fn no_operation_goes_to_a_cgroup_that_is_not_there() {
    const NAMES: [&str; 2] = ["one", "two"];
    let there = back(&[add("one"), add("two"), spin("one"), Op::run_payload_in_cgroup(&LOAD, &[], "one")]);
    for kind in OpKind::ALL {
        let named = kind.info().fields.iter().filter(|field| field.kind.names_a_cgroup());
        for (index, field) in named.enumerate() {
            let mut names = NAMES;
            names[index] = if field.kind == FieldKind::NewCgroup { "" } else { "nowhere" };
            let op = kind.make(&mut Source::naming(leak(&names))).expect("all is given");
            let expected = if names[index].is_empty() { NameEmpty } else { CgroupUnknown };
            let found = findings(&steps(&[op]).backdrop(there.clone()), None);
            let refused =
                found.iter().any(|invalid| invalid.kind == expected && invalid.site == step_op(0, 0));
            assert!(refused, "{op:?}: {found:?}");
        }
    }
}

/// A rule that foretells the failure is no error where there has to be one, and nothing comes of the
/// operation.
#[test]
fn what_has_to_fail_is_foretold_and_changes_nothing() {
    const ALONE: Limits = Limits::NONE.pids_max(1);
    const OPEN: Limits = Limits::NONE.memory_high_unlimited();
    let inner = [add("a"), add("a/x"), Op::set_limits("a/x", &OPEN)];
    let busy = |op: Op<'static>| op.fails(Errno::EBUSY);
    let with = |ops: &[Op<'static>], last: &[Op<'static>]| steps(&[ops, last].concat());
    for (scenario, unforetold) in [
        (with(&[add("a")], &[add("a").fails(Errno::EEXIST), add("b")]), 0),
        (with(&[], &[add("a/x").fails(Errno::ENOENT), add("a"), add("a/x")]), 0),
        (with(&inner, &[busy(Op::remove_cgroup("a")), Op::remove_cgroup("a/x"), Op::remove_cgroup("a")]), 0),
        (with(&[add("a"), spin("a")], &[busy(Op::remove_cgroup("a")), Op::stop_cgroup("a")]), 0),
        (with(&inner, &[busy(spin("a"))]), 0),
        (with(&[add("a"), Op::set_limits("a", &ALONE), spin("a")], &[spin("a").fails(Errno::EAGAIN)]), 0),
        (with(&[add("a")], &[Op::set_limits("a", &NONE).fails(Errno::ERANGE)]), 0),
        (
            with(
                &[add("a")],
                &[busy(Op::freeze_cgroup("a")), Op::freeze_cgroup("a"), Op::unfreeze_cgroup("a")],
            ),
            1,
        ),
        (with(&[], &[add("a").fails(Errno::EPERM), add("a")]), 1),
    ] {
        let mut slots = vec![Slot::FREE; slots_needed(&scenario)];
        let needs = validate(&scenario, None, &mut Scratch::new(&mut slots));
        assert_eq!(needs.map(|needs| needs.unforetold), Ok(unforetold), "{scenario:?}");
    }
}
