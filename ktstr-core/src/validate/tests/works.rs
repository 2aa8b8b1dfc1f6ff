//! Groups of workers.

use super::*;
use crate::validate::rules::ErrorKind::*;

fn one(work: WorkSpec<'static>) -> Scenario<'static> {
    defs(&[def("a").work(work)])
}

pub(super) fn rows() -> Vec<Row> {
    [counts(), asks(), deadlines(), memory()].into_iter().flatten().collect()
}

fn counts() -> Vec<Row> {
    let at = FIRST_DEF;
    let w = WorkSpec::new(WorkType::SpinWait);
    let pairs = WorkSpec::new(WorkType::pipe_io(1));
    let cpus = CpusetSpec::exact(CpuSet::of(&[0, 1, 2]));
    let shared = |share| defs(&[def("a").cpuset(cpus).workers_pct(share)]);
    let paired = |share| defs(&[def("a").cpuset(CpusetSpec::llc(0)).work(pairs.workers_pct(share))]);
    std::vec![
        row(WorkersZero, at, one(w.workers(0).nice(1)), one(w.workers(0))),
        row(WorkersZero, at, defs(&[def("a").work(w).work(w.workers(0))]), defs(&[def("a").work(w).work(w)])),
        row(
            WorkersZero,
            backdrop_op(1),
            backs(&[add("a"), Op::spawn_workers("a", w.workers(0))]),
            backs(&[add("a"), Op::spawn_workers("a", w.workers(1))]),
        ),
        row(WorkersTooMany, at, one(w.workers(1025)), one(w.workers(1024))),
        row(WorkersTooMany, at, shared(400.0), shared(300.0)),
        row(
            WorkersTwice,
            at,
            defs(&[def("a").cpuset(cpus).work(w.workers(1).workers_pct(1.0))]),
            shared(1.0)
        ),
        row(WorkersShare, at, shared(0.0), shared(0.1)),
        row(WorkersShare, at, shared(f64::INFINITY), shared(1.0)),
        row(ShareWithoutCpuset, at, one(w.workers_pct(1.0)), one(w.workers(1))),
        row(
            ShareWithoutCpuset,
            backdrop_op(2),
            backs(&[add("a"), add("a/b"), Op::spawn_workers("a/b", w.workers_pct(1.0))]),
            backs(&[
                add("a"),
                add("a/b"),
                Op::set_cpuset("a", cpus),
                Op::spawn_workers("a/b", w.workers_pct(1.0))
            ]),
        ),
        row(
            ShareInRunner,
            backdrop_op(0),
            backs(&[Op::spawn_host(w.workers_pct(1.0))]),
            backs(&[Op::spawn_host(w)])
        ),
        row(GroupSize, at, one(pairs.workers(3)), one(pairs.workers(4))),
        row(GroupSize, at, one(pairs), one(pairs).workers_per_cgroup(2)),
        row(GroupSize, at, paired(0.7), paired(0.5)).on(&MACHINE),
        row(
            WorkArguments,
            at,
            one(WorkSpec::new(WorkType::cache_pressure(1, 1025))),
            one(WorkSpec::new(WorkType::cache_pressure(1, 1024))),
        ),
        row(
            WorkArguments,
            at,
            one(WorkSpec::new(WorkType::page_fault_churn(0))),
            one(WorkSpec::new(WorkType::page_fault_churn(1)))
        ),
        row(
            WorkArguments,
            backdrop_op(1),
            backs(&[add("a"), Op::spawn_in_cgroup("a", WorkType::bursty(Duration::ZERO, Duration::MAX))]),
            backs(&[add("a"), Op::spawn_in_cgroup("a", WorkType::bursty(Duration::MAX, Duration::MAX))]),
        ),
    ]
}

#[test]
fn an_argument_out_of_range_is_named_with_its_range() {
    for (work, text) in [
        (
            WorkType::cache_pressure(1, 1025),
            "`stride` of the work type `CachePressure` in `a` is 1025; make it from 1 to 1024",
        ),
        (
            WorkType::page_fault_churn(0),
            "`kib` of the work type `PageFaultChurn` in `a` is 0; make it at least 1",
        ),
        (
            WorkType::bursty(Duration::MAX, Duration::ZERO),
            "`sleep` of the work type `Bursty` in `a` is 0ns; make it at least 1ns",
        ),
    ] {
        let found = findings(&one(WorkSpec::new(work)), None);
        let message = found[0].to_text();
        assert!(message.as_str().contains(text), "{message}");
    }
}

fn asks() -> Vec<Row> {
    let at = FIRST_DEF;
    let w = WorkSpec::new(WorkType::SpinWait);
    let policy = |policy| one(WorkSpec::new(WorkType::SpinWait).sched_policy(policy));
    let deadline = |runtime, deadline, period| {
        let nanos = Duration::from_nanos;
        policy(SchedPolicy::Deadline {
            runtime: nanos(runtime),
            deadline: nanos(deadline),
            period: nanos(period),
        })
    };
    std::vec![
        row(Priority, at, policy(SchedPolicy::Fifo(0)), policy(SchedPolicy::Fifo(1))),
        row(Priority, at, policy(SchedPolicy::RoundRobin(100)), policy(SchedPolicy::RoundRobin(99))),
        row(Deadline, at, deadline(1023, 2000, 100_000), deadline(1024, 2000, 100_000)),
        row(Deadline, at, deadline(2001, 2000, 100_000), deadline(2000, 2000, 100_000)),
        row(Deadline, at, deadline(2000, 100_001, 100_000), deadline(2000, 100_000, 100_000)),
        row(Deadline, at, deadline(2000, 3000, 99_999), deadline(2000, 3000, 100_000)),
        row(Deadline, at, deadline(2000, 3000, 4_194_304_001), deadline(2000, 3000, 4_194_304_000)),
        row(Nice, at, one(w.nice(20)), one(w.nice(19))),
        row(Nice, at, one(w.nice(-21)), one(w.nice(-20))),
        row(Nice, at, defs(&[def("a").nice(i32::MIN)]), defs(&[def("a").nice(0)])),
        row(Comm, at, one(w.comm("")), one(w.comm("w"))),
        row(Comm, at, one(w.comm("0123456789abcdef")), one(w.comm("0123456789abcde"))),
        row(Comm, at, one(w.comm("a\0")), one(w.comm("a"))),
        row(UserInvalid, at, one(w.uid(u32::MAX)), one(w.uid(u32::MAX - 1))),
        row(UserInvalid, at, one(w.gid(u32::MAX)), one(w.gid(0))),
    ]
}

/// On eight CPUs, of which deadlines may have 7.2.
fn deadlines() -> Vec<Row> {
    const MILLI: Duration = Duration::from_millis(1);
    let asks = |runtime| SchedPolicy::Deadline {
        runtime: MILLI * runtime,
        deadline: MILLI * 10,
        period: MILLI * 10,
    };
    let w = |runtime| WorkSpec::new(WorkType::SpinWait).sched_policy(asks(runtime));
    let (narrow, wide) = (CpuSet::range(0, 7), CpuSet::range(0, 8));
    let affine = |cpus| one(w(1).affinity(AffinityIntent::Exact(cpus)));
    let below = |cpus| defs(&[def("a").cpuset(CpusetSpec::exact(cpus)).workers(1), def("a/x").work(w(1))]);
    let change = |cpus| {
        backs(&[add("a"), Op::spawn_workers("a", w(1)), Op::set_affinity("a", AffinityIntent::Exact(cpus))])
    };
    let pair =
        |first, second| defs(&[def("a").work(w(9).workers(first)), def("b").work(w(9).workers(second))]);
    let moved = |end: Option<Op<'static>>| {
        let mut ops = std::vec![
            add("a"),
            add("b"),
            Op::spawn_workers("a", w(9).workers(5)),
            Op::move_all_tasks("a", "b")
        ];
        ops.push(end.unwrap_or(add("c")));
        ops.push(Op::spawn_workers("a", w(9).workers(5)));
        backs(&ops)
    };
    let many = |count: usize| {
        let names: &'static [&'static str] =
            &["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q"];
        let ops: Vec<_> = names[..count]
            .iter()
            .flat_map(|name| [add(name), Op::spawn_workers(name, w(1).workers(1))])
            .collect();
        backs(&ops)
    };
    std::vec![
        row(DeadlineNarrow, FIRST_DEF, affine(narrow), affine(wide)).on(&MACHINE),
        row(DeadlineNarrow, Site::Backdrop(Part::Cgroup(1)), below(narrow), below(wide)).on(&MACHINE),
        row(DeadlineNarrow, backdrop_op(2), change(narrow), change(wide)).on(&MACHINE),
        row(DeadlineAdmission, FIRST_DEF, one(w(9).workers(9)), one(w(9).workers(8))).on(&MACHINE),
        row(DeadlineAdmission, Site::Backdrop(Part::Cgroup(1)), pair(6, 3), pair(6, 2)).on(&MACHINE),
        row(DeadlineAdmission, backdrop_op(5), moved(None), moved(Some(Op::stop_cgroup("b")))).on(&MACHINE),
        row(DeadlineCgroups, backdrop_op(33), many(17), many(16)).on(&MACHINE),
    ]
}

fn memory() -> Vec<Row> {
    let at = FIRST_DEF;
    let w = WorkSpec::new(WorkType::SpinWait);
    let nodes = NodeSet::of(&[0]);
    let bind = w.mem_policy(MemPolicy::Bind(nodes));
    let spread = w.mem_policy(MemPolicy::Interleave(nodes));
    let (fixed, relative) = (MpolFlags::STATIC_NODES, MpolFlags::RELATIVE_NODES);
    std::vec![
        row(MemPolicyEmpty, at, one(w.mem_policy(MemPolicy::Interleave(NodeSet::EMPTY))), one(spread)),
        row(
            MemPolicyEmpty,
            at,
            one(w.mem_policy(MemPolicy::Preferred(64))),
            one(w.mem_policy(MemPolicy::Preferred(63)))
        ),
        row(MemPolicyFlags, at, one(bind.mpol_flags(fixed.and(relative))), one(bind.mpol_flags(fixed))),
        row(
            MemPolicyBalancing,
            at,
            one(spread.mpol_flags(MpolFlags::NUMA_BALANCING)),
            one(bind.mpol_flags(MpolFlags::NUMA_BALANCING)),
        ),
        row(MemPolicyFlagsUnused, at, one(w.mpol_flags(fixed)), one(w)),
        row(
            MemPolicyFlagsUnused,
            at,
            one(w.mem_policy(MemPolicy::Local).mpol_flags(relative)),
            one(w.mem_policy(MemPolicy::Local)),
        ),
    ]
}

#[test]
fn deadlines_that_a_loop_adds_up_are_foreseen() {
    let period = Duration::from_millis(20);
    let policy = SchedPolicy::Deadline { runtime: Duration::from_millis(4), deadline: period, period };
    let work = WorkSpec::new(WorkType::SpinWait).workers(1).sched_policy(policy);
    let ops = leak(&[Op::spawn_workers("a", work)]);
    // Eight CPUs take 7.2 of such shares of 0.2: 36 rounds.
    for (rounds, refused) in [(36, false), (37, true), (90, true)] {
        let steps = leak(&[Step::new(ops, HoldSpec::loop_at(Duration::from_millis(1)))]);
        let scenario = backs(&[add("a")]).duration(Duration::from_millis(rounds)).steps(steps);
        let found: Vec<_> =
            findings(&scenario, Some(&MACHINE)).iter().map(|found| (found.cause, found.site)).collect();
        let expected = [(Some(DeadlineAdmission), Site::Step { step: 0, part: Part::Op(0) })];
        assert_eq!(found, if refused { &expected[..] } else { &[] }, "{rounds} rounds");
    }
}
