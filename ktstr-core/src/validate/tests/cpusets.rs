//! CPUs, memory nodes and affinities.

use super::*;
use crate::validate::rules::ErrorKind::*;

fn set(spec: CpusetSpec) -> Scenario<'static> {
    both(&[add("a")], &[Op::set_cpuset("a", spec)])
}

fn below(parent: CpusetSpec, child: CpusetSpec) -> Scenario<'static> {
    backs(&[add("a"), add("a/b"), Op::set_cpuset("a", parent), Op::set_cpuset("a/b", child)])
}

fn exact(cpus: &[usize]) -> CpusetSpec {
    CpusetSpec::exact(CpuSet::of(cpus))
}

fn mems(nodes: &[usize]) -> Scenario<'static> {
    defs(&[def("a").cpuset_mems(NodeSet::of(nodes))])
}

pub(super) fn rows() -> Vec<Row> {
    [shapes(), machines(), trees(), affinities()].into_iter().flatten().collect()
}

fn shapes() -> Vec<Row> {
    let at = step_op(0, 0);
    std::vec![
        row(CpusetRange, at, set(CpusetSpec::range(0.5, 0.5)), set(CpusetSpec::range(0.5, 0.6))),
        row(CpusetRange, at, set(CpusetSpec::range(-0.1, 0.5)), set(CpusetSpec::range(0.0, 0.5))),
        row(CpusetRange, at, set(CpusetSpec::range(0.0, 1.1)), set(CpusetSpec::range(0.0, 1.0))),
        row(CpusetRange, at, set(CpusetSpec::range(f64::NAN, 1.0)), set(CpusetSpec::range(0.9, 1.0))),
        row(CpusetOfZero, at, set(CpusetSpec::disjoint(0, 0)), set(CpusetSpec::disjoint(0, 1))),
        row(CpusetIndex, at, set(CpusetSpec::disjoint(2, 2)), set(CpusetSpec::disjoint(1, 2))),
        row(CpusetIndex, at, set(CpusetSpec::overlap(2, 2, 0.0)), set(CpusetSpec::overlap(1, 2, 0.0))),
        row(CpusetOverlap, at, set(CpusetSpec::overlap(0, 2, 1.1)), set(CpusetSpec::overlap(0, 2, 1.0))),
        row(CpusetOverlap, at, set(CpusetSpec::overlap(0, 2, f64::NAN)), set(CpusetSpec::overlap(0, 2, 0.0))),
        row(CpusetEmpty, at, set(exact(&[])), set(exact(&[0]))),
        row(MemsEmpty, FIRST_DEF, mems(&[]), mems(&[63])),
        row(
            CpusetRange,
            FIRST_DEF,
            defs(&[def("a").cpuset(CpusetSpec::range(1.0, 0.0))]),
            defs(&[def("a").cpuset(CpusetSpec::range(0.0, 1.0))])
        ),
    ]
}

fn machines() -> Vec<Row> {
    let at = step_op(0, 0);
    std::vec![
        row(CpusetNothing, at, set(CpusetSpec::disjoint(0, 8)), set(CpusetSpec::disjoint(0, 7))).on(&MACHINE),
        row(CpusetNothing, at, set(CpusetSpec::range(0.0, 0.1)), set(CpusetSpec::range(0.0, 0.2)))
            .on(&MACHINE),
        row(CpusetNotThere, at, set(exact(&[0, 8])), set(exact(&[0, 7]))).on(&MACHINE),
        row(LlcMissing, at, set(CpusetSpec::llc(2)), set(CpusetSpec::llc(1))).on(&MACHINE),
        row(NumaMissing, at, set(CpusetSpec::numa(2)), set(CpusetSpec::numa(1))).on(&MACHINE),
        row(MemsNotThere, FIRST_DEF, mems(&[2]), mems(&[1])).on(&MACHINE),
        // Without a machine the same is left open.
        row(CpusetEmpty, at, set(exact(&[])), set(CpusetSpec::llc(2))),
    ]
}

fn trees() -> Vec<Row> {
    let swap = |a: &[usize], b: &[usize], c: &[usize]| {
        backs(&[
            add("a"),
            add("a/b"),
            add("c"),
            Op::set_cpuset("a", exact(a)),
            Op::set_cpuset("a/b", exact(b)),
            Op::set_cpuset("c", exact(c)),
            Op::swap_cpusets("a/b", "c"),
        ])
    };
    let narrowed = |own: bool, cpus: &[usize]| {
        let mut ops = std::vec![add("a"), add("a/b"), add("a/b/c"), Op::set_cpuset("a", exact(&[0, 1, 2]))];
        if own {
            ops.push(Op::set_cpuset("a/b/c", exact(&[1, 2])));
        }
        ops.push(Op::set_cpuset("a", exact(cpus)));
        backs(&ops)
    };
    std::vec![
        row(
            CpusetOutsideParent,
            backdrop_op(3),
            below(exact(&[0, 1]), exact(&[1, 2])),
            below(exact(&[0, 1]), exact(&[1]))
        ),
        row(
            CpusetOutsideParent,
            backdrop_op(3),
            below(CpusetSpec::llc(0), exact(&[4])),
            below(CpusetSpec::llc(0), exact(&[3])),
        )
        .on(&MACHINE),
        row(CpusetOutsideParent, backdrop_op(6), swap(&[0, 1], &[0], &[2]), swap(&[0, 1], &[0], &[1])),
        row(ChildLeftOutside, backdrop_op(5), narrowed(true, &[0, 1]), narrowed(true, &[1, 2])),
        row(ChildLeftOutside, backdrop_op(5), narrowed(true, &[0]), narrowed(false, &[0])),
    ]
}

fn affinities() -> Vec<Row> {
    let asks = |intent, cpus: &[usize]| defs(&[def("a").cpuset(exact(cpus)).affinity(intent)]);
    let sets = |intent, cpus: &[usize]| {
        backs(&[add("a"), Op::set_cpuset("a", exact(cpus)), spin("a"), Op::set_affinity("a", intent)])
    };
    let only = |cpu| AffinityIntent::exact(CpuSet::of(&[cpu]));
    let bind = |nodes: &[usize], flags| {
        defs(&[def("a")
            .cpuset_mems(NodeSet::of(&[0]))
            .mem_policy(MemPolicy::Bind(NodeSet::of(nodes)))
            .mpol_flags(flags)])
    };
    let anywhere = |nodes: &[usize]| defs(&[def("a").mem_policy(MemPolicy::Interleave(NodeSet::of(nodes)))]);
    let pair = AffinityIntent::SmtSiblingPair;
    let none = MpolFlags::NONE;
    std::vec![
        row(AffinityEmpty, FIRST_DEF, asks(AffinityIntent::exact(CpuSet::EMPTY), &[0]), asks(only(0), &[0])),
        row(
            AffinityEmpty,
            FIRST_DEF,
            asks(AffinityIntent::random_subset(CpuSet::EMPTY, 0), &[0]),
            asks(AffinityIntent::random_subset(CpuSet::EMPTY, 9), &[0]),
        ),
        row(AffinityUnmet, FIRST_DEF, asks(only(1), &[0]), asks(only(1), &[0, 1])),
        row(AffinityUnmet, backdrop_op(3), sets(only(1), &[0]), sets(AffinityIntent::CrossCgroup, &[0])),
        row(
            AffinityUnmet,
            FIRST_DEF,
            asks(AffinityIntent::random_subset(CpuSet::of(&[3]), 1), &[0]),
            asks(AffinityIntent::random_subset(CpuSet::of(&[3]), 1), &[3]),
        ),
        row(AffinityUnmet, FIRST_DEF, asks(pair, &[1, 2]), asks(pair, &[2, 3])).on(&MACHINE),
        row(
            AffinityUnmet,
            FIRST_DEF,
            defs(&[def("a").affinity(only(8))]),
            defs(&[def("a").affinity(only(7))])
        )
        .on(&MACHINE),
        row(MemPolicyOutside, FIRST_DEF, bind(&[0, 1], none), bind(&[0], none)),
        row(
            MemPolicyOutside,
            FIRST_DEF,
            bind(&[1], MpolFlags::STATIC_NODES),
            bind(&[0, 1], MpolFlags::STATIC_NODES)
        ),
        row(MemPolicyOutside, FIRST_DEF, bind(&[1], none), bind(&[1], MpolFlags::RELATIVE_NODES)),
        row(MemPolicyOutside, FIRST_DEF, anywhere(&[1, 2]), anywhere(&[0, 1])).on(&MACHINE),
    ]
}
