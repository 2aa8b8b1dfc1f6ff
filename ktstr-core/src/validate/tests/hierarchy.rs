//! Tasks against controllers.

use super::*;
use crate::validate::rules::ErrorKind::*;

static LOAD: Payload = Payload::binary("load", "true");

fn weighted(name: &'static str) -> Op<'static> {
    Op::add_cgroup_def(&leak(&[def(name).cpu_weight(10)])[0])
}

pub(super) fn rows() -> Vec<Row> {
    let run = Op::run_payload_in_cgroup(&LOAD, &[], "a");
    let set = Op::set_cpuset("a/b", CpusetSpec::exact(CpuSet::of(&[0])));
    let go = Op::move_all_tasks("c", "a");
    std::vec![
        row(
            TasksAboveLimits,
            backdrop_op(2),
            backs(&[add("a"), limited("a/b"), spin("a")]),
            backs(&[add("a"), limited("a/b"), spin("a/b")]),
        ),
        row(
            TasksAboveLimits,
            backdrop_op(2),
            backs(&[add("a"), limited("a/b"), run]),
            backs(&[add("a"), limited("b"), run])
        ),
        row(
            TasksAboveLimits,
            backdrop_op(4),
            backs(&[add("a"), limited("a/b"), add("c"), spin("c"), go]),
            backs(&[add("a"), add("a/b"), add("c"), spin("c"), go]),
        ),
        row(
            TasksAboveLimits,
            backdrop_op(3),
            backs(&[add("a"), limited("a/b"), Op::remove_cgroup("a/b"), spin("a")]),
            backs(&[
                add("a"),
                limited("a/b"),
                Op::remove_cgroup("a/b"),
                Op::remove_cgroup("a"),
                add("a"),
                spin("a")
            ]),
        ),
        row(
            TasksBesideLimits,
            backdrop_op(2),
            backs(&[add("a"), weighted("a/b"), spin("a")]),
            backs(&[add("a"), weighted("a/b"), spin("a/b")]),
        ),
        row(
            LimitsBelowTasks,
            backdrop_op(2),
            backs(&[add("a"), spin("a"), limited("a/b")]),
            backs(&[add("a"), spin("a"), Op::stop_cgroup("a"), limited("a/b")]),
        ),
        row(
            LimitsBelowTasks,
            backdrop_op(3),
            backs(&[add("a"), add("a/b"), run, limited("a/b/c")]),
            backs(&[add("a"), add("a/b"), limited("a/b/c")]),
        ),
        row(
            LimitsBesideTasks,
            backdrop_op(2),
            backs(&[add("a"), spin("a"), weighted("a/b")]),
            backs(&[add("a"), spin("a"), add("a/b"), spin("a/b")]),
        ),
        row(
            LimitsBesideTasks,
            backdrop_op(3),
            backs(&[add("a"), add("a/b"), spin("a"), set]),
            backs(&[add("a"), add("a/b"), spin("a/b"), set]),
        ),
    ]
}
