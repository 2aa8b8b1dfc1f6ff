//! What each operation asks for, as a table: the operation, and the actions at its place, when all goes well.

use super::*;
use crate::model::affinity::AffinityIntent;
use crate::model::file_check::{Change, FileCheck};
use crate::model::knob::Limits;
use crate::model::op::OpKind;
use crate::model::sched_policy::SchedPolicy;

const STAYS: CgroupDef = CgroupDef::named("a").cpuset(CpusetSpec::exact(CpuSet::of(&[0]))).until_removed();
const OTHER: CgroupDef = CgroupDef::named("b").cpuset(CpusetSpec::exact(CpuSet::of(&[1]))).workload(&LOAD);
const FULL: CgroupDef = CgroupDef::named("top/full").pids_max(9).workload(&LOAD);

const UPTIME: FileCheck = FileCheck::file("/proc/uptime").min(0.0);
const KILLED: FileCheck = FileCheck::file("memory.events").key("oom_kill").change(Change::at_least(1.0));
const LOWER: Limits = Limits::NONE.cpu_weight(300).pids_max(9);
const NARROWER: Limits = Limits::NONE.cpuset(CpusetSpec::exact(CpuSet::of(&[2]))).cpu_weight(7);
const ONE: Scheduler = Scheduler::new("one", "scx_one");
const TWO: Scheduler = Scheduler::new("two", "scx_two");

/// The actions that the last of these operations asks for, after a Backdrop with `a`, `b` and `top`.
fn asks(ops: &[Op<'_>]) -> Vec<String> {
    let backdrop = Backdrop::new()
        .push_cgroup(STAYS)
        .push_cgroup(OTHER.until_removed())
        .push_op(Op::add_cgroup("top"))
        .push_op(Op::add_cgroup("top/c"));
    let steps = [Step::new(ops, HoldSpec::FULL)];
    let scenario = Scenario::new("ops").backdrop(backdrop).steps(&steps).checks(Checks::NONE.isolation());
    let (report, heard) = play(&scenario, Answers::new());
    assert_eq!(report.error, None, "{ops:?}");
    let place = format!("steps[0].ops[{}]: ", ops.len() - 1);
    heard.lines.iter().filter_map(|line| line.strip_prefix(&place)).map(str::to_string).collect()
}

#[test]
fn each_asks_for_its_actions_in_order() {
    let spin = WorkType::SpinWait;
    let table: &[(&[Op<'_>], &str)] = &[
        (&[Op::add_cgroup("c")], "mkdir c"),
        (
            &[Op::add_cgroup_def(&FULL)],
            "enable [pids] below top; mkdir top/full; write top/full/pids.max = 9; \
            spawn group 2 in top/full: 1 x SpinWait; run load in top/full as payload 1",
        ),
        (
            &[Op::remove_cgroup("b")],
            "read CPUs of group 1; ask group 1 to stop; stop group 1; \
            collect group 1 worker 0; kill payload 0, grace 1s; kill what remains in b; rmdir b",
        ),
        (
            &[Op::stop_cgroup("a")],
            "read CPUs of group 0; ask group 0 to stop; stop group 0; \
            collect group 0 worker 0; kill what remains in a",
        ),
        (
            &[Op::set_cpuset("a", CpusetSpec::exact(CpuSet::of(&[2])))],
            "read CPUs of group 0; write a/cpuset.cpus = 2; watch CPUs of group 0",
        ),
        (&[Op::clear_cpuset("a")], "read CPUs of group 0; write a/cpuset.cpus = ; watch CPUs of group 0"),
        (
            &[Op::swap_cpusets("a", "b")],
            "read CPUs of group 0; read CPUs of group 1; write a/cpuset.cpus = 1; \
            write b/cpuset.cpus = 0; watch CPUs of group 0; watch CPUs of group 1",
        ),
        (
            &[Op::set_limits("top/c", &LOWER)],
            "enable [cpu pids] below top; write top/c/cpu.weight = 300; write top/c/pids.max = 9",
        ),
        (
            &[Op::set_limits("a", &NARROWER)],
            "read CPUs of group 0; write a/cpuset.cpus = 2; watch CPUs of group 0; write a/cpu.weight = 7",
        ),
        (&[Op::spawn_in_cgroup("a", spin)], "spawn group 2 in a: 1 x SpinWait"),
        (
            &[Op::spawn_in_cgroup("a", spin), Op::set_affinity("a", AffinityIntent::SingleCpu)],
            "set affinity of group 0; set affinity of group 2",
        ),
        (&[Op::move_all_tasks("a", "b")], "read CPUs of group 0; move group 0 to b; watch CPUs of group 0"),
        (&[Op::run_payload(&LOAD, &[])], "run load in the runner's cgroup as payload 1"),
        (&[Op::wait_payload("load")], "wait for payload 0, at most 10s"),
        (&[Op::kill_payload("load")], "kill payload 0, grace 1s"),
        (&[Op::freeze_cgroup("a")], "freeze a"),
        (&[Op::freeze_cgroup("a"), Op::unfreeze_cgroup("a")], "thaw a"),
        (
            &[Op::kill_cgroup("b")],
            "kill all in b; read CPUs of group 1; ask group 1 to stop; stop group 1; \
            collect group 1 worker 0; kill payload 0, grace 1s",
        ),
        (
            &[Op::write_file("top/c", "memory.high", "64M")],
            "enable [memory] below top; write top/c/memory.high = 64M",
        ),
        (&[Op::write_file("a", "cgroup.max.depth", "9")], "write a/cgroup.max.depth = 9"),
        (&[Op::reclaim("top/c", 4096)], "enable [memory] below top; reclaim 4096 bytes of top/c"),
        (
            &[Op::spawn_in_cgroup("a", spin), Op::set_nice("a", 5)],
            "set nice value of group 0 to 5; set nice value of group 2 to 5",
        ),
        (&[Op::set_sched_policy("a", SchedPolicy::Fifo(3))], "set policy of group 0 to Fifo(3)"),
        (&[Op::capture_cgroup_procs("tag", "a")], "read processes of a as tag"),
        (&[Op::expect(&UPTIME)], "check /proc/uptime"),
        (
            &[Op::expect_in_cgroup(&KILLED, "top/c")],
            "enable [memory] below top; check top/c/memory.events oom_kill",
        ),
        (&[Op::steer_irq(7, 1)], "steer irq 7 to CPU 1"),
        (&[Op::attach_scheduler(&ONE)], "attach scheduler one"),
        (&[Op::attach_scheduler(&ONE), Op::detach_scheduler()], "detach scheduler one"),
        (
            &[Op::attach_scheduler(&ONE), Op::replace_scheduler(&TWO)],
            "detach scheduler one; attach scheduler two",
        ),
        (
            &[Op::attach_scheduler(&ONE), Op::restart_scheduler()],
            "detach scheduler one; attach scheduler one",
        ),
    ];
    for (ops, expected) in table {
        assert_eq!(asks(ops).join("; "), *expected, "{ops:?}");
    }
    let tried = |kind: &OpKind| table.iter().any(|(ops, _)| ops.last().is_some_and(|op| op.kind() == *kind));
    assert_eq!(OpKind::ALL.into_iter().filter(|kind| !tried(kind)).collect::<Vec<_>>(), []);
}

/// A value that a change is held against is read when its step begins, before anything else, and in no other
/// step.
#[test]
fn a_step_begins_with_noting_what_changes_are_held_against() {
    let first = [Op::expect_in_cgroup(&KILLED, "a"), Op::freeze_cgroup("a"), Op::unfreeze_cgroup("a")];
    let then = [Op::expect(&UPTIME)];
    let steps = [Step::new(&first, HoldSpec::frac(0.5)), Step::new(&then, HoldSpec::frac(0.5))];
    let backdrop = Backdrop::new().push_cgroup(STAYS);
    let (report, heard) = play(&Scenario::new("notes").backdrop(backdrop).steps(&steps), Answers::new());
    assert_eq!(report.error, None);
    let notes: Vec<_> = heard.lines.iter().filter(|line| line.contains("note ")).collect();
    assert_eq!(notes, ["steps[0]: note a/memory.events oom_kill"]);
    let of_step: Vec<_> = heard.lines.iter().filter(|line| line.starts_with("steps[0]")).collect();
    assert_eq!(
        of_step[..2],
        ["steps[0]: note a/memory.events oom_kill", "steps[0].ops[0]: check a/memory.events oom_kill"]
    );
}

#[test]
fn a_cpuset_concerns_the_groups_in_all_cgroups_below_and_no_other() {
    let setup: Vec<_> = ["a", "a/x", "a/x/y", "a/z", "ab"].into_iter().map(Op::add_cgroup).collect();
    let spawn = |name| Op::spawn_in_cgroup(name, WorkType::SpinWait);
    let workers = [spawn("a"), spawn("a/x/y"), spawn("a/z"), spawn("ab"), spawn("a")];
    let change = [Op::set_cpuset("a", CpusetSpec::exact(CpuSet::of(&[0, 1])))];
    let ops: Vec<_> = setup.into_iter().chain(workers).chain(change).collect();
    let steps = [Step::new(&ops, HoldSpec::FULL)];
    let scenario = Scenario::new("below").steps(&steps).checks(Checks::NONE.isolation());
    let (_, heard) = play(&scenario, Answers::new());
    let at = |verb: &str| {
        let of_op = heard.lines.iter().filter_map(|line| line.strip_prefix("steps[0].ops[10]: "));
        let mut groups: Vec<_> = of_op.filter_map(|line| line.strip_prefix(verb)).collect();
        groups.sort_unstable();
        groups.join(" ")
    };
    assert_eq!((at("read CPUs of group "), at("watch CPUs of group ")), ("0 1 2 4".into(), "0 1 2 4".into()));
}

#[test]
fn what_ends_together_is_asked_together_and_payloads_end_after_workers() {
    let defs = [CgroupDef::named("c").workload(&LOAD), CgroupDef::named("d")];
    let steps = [Step { payload: Some(&LOAD), ..Step::with_defs(&defs, HoldSpec::FULL) }];
    let (_, heard) = play(&Scenario::new("end").steps(&steps), Answers::new());
    let end: Vec<_> = heard.lines.iter().filter_map(|line| line.strip_prefix("steps[0].end: ")).collect();
    let expected = "ask group 0 to stop; ask group 1 to stop; stop group 0; collect group 0 worker 0; stop group 1; \
        collect group 1 worker 0; kill payload 1, grace 1s; kill payload 0, grace 1s; kill what remains in d; rmdir d; \
        kill what remains in c; rmdir c";
    assert_eq!(end.join("; "), expected);
}

/// What a step keeps goes with the Backdrop, with all that its definition has started; what else was started
/// in it goes with the step.
#[test]
fn what_is_kept_outlives_its_step() {
    let kept = [CgroupDef::named("k").workload(&LOAD).kept()];
    let more = [Op::add_cgroup("k/leaf").kept(), Op::spawn_in_cgroup("k", WorkType::YieldHeavy)];
    let fixed = HoldSpec::fixed(Duration::from_millis(1));
    let steps = [Step::with_defs(&kept, fixed), Step::new(&more, fixed), Step::hold(fixed)];
    let (report, heard) = play(&Scenario::new("kept").steps(&steps), Answers::new());
    assert_eq!((report.error, report.leftovers), (None, 0));
    let at = |place: &str| -> Vec<_> {
        heard.lines.iter().filter_map(|line| line.strip_prefix(place)).map(str::to_string).collect()
    };
    assert!(at("steps[0].end: ").is_empty(), "{:?}", at("steps[0].end: "));
    assert_eq!(
        at("steps[1].end: ").join("; "),
        "ask group 1 to stop; stop group 1; collect group 1 worker 0"
    );
    assert_eq!(
        at("teardown: ").join("; "),
        "ask group 0 to stop; stop group 0; collect group 0 worker 0; kill payload 0, grace 1s; \
        kill what remains in k/leaf; rmdir k/leaf; kill what remains in k; rmdir k; finish"
    );
}
