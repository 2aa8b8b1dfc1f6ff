//! Threaded cgroups and the threads in them.

use super::super::Row;
use super::{any, needs};
use ktstr_core::{Controller, Controllers};

const BOTH: Controllers = Controllers::NONE.with(Controller::Memory).with(Controller::Cpu);

/// The rows.
pub const ROWS: &[Row] = &[
    any("a cgroup is a domain", "mkdir a; a/cgroup.type = domain"),
    any("threaded is the only type to ask for", "mkdir a; a/cgroup.type < domain ! EINVAL"),
    any(
        "a threaded child makes its parent a threaded domain",
        "mkdir a; mkdir a/b; a/b/cgroup.type < threaded; a/b/cgroup.type = threaded; \
         a/cgroup.type = domain threaded",
    ),
    any(
        "threaded twice is threaded",
        "mkdir a; mkdir a/b; a/b/cgroup.type < threaded; a/b/cgroup.type < threaded",
    ),
    any(
        "a child of a threaded cgroup is invalid until it is threaded",
        "mkdir a; mkdir a/b; a/b/cgroup.type < threaded; mkdir a/b/c; a/b/c/cgroup.type = domain invalid; \
         a/b/c/cgroup.type < threaded; a/b/c/cgroup.type = threaded",
    ),
    any(
        "a sibling of a threaded cgroup is invalid",
        "mkdir a; mkdir a/b; mkdir a/c; a/b/cgroup.type < threaded; a/c/cgroup.type = domain invalid; \
         fork x; move x a/c ! EOPNOTSUPP",
    ),
    any(
        "an invalid cgroup enables nothing and holds no process",
        "mkdir a; mkdir a/b; a/b/cgroup.type < threaded; mkdir a/b/c; fork x a/b/c ! EOPNOTSUPP",
    ),
    any(
        "the last threaded child removed, the parent is a domain",
        "mkdir a; mkdir a/b; a/b/cgroup.type < threaded; rmdir a/b; a/cgroup.type = domain",
    ),
    any(
        "a populated cgroup cannot become threaded",
        "mkdir a; mkdir a/b; fork x a/b; a/b/cgroup.type < threaded ! EOPNOTSUPP",
    ),
    any(
        "nor below a parent with populated children",
        "mkdir a; mkdir a/b; mkdir a/c; fork x a/c; a/b/cgroup.type < threaded ! EOPNOTSUPP",
    ),
    needs(
        "nor below controllers of domains",
        BOTH,
        "mkdir a; mkdir a/b; a/cgroup.subtree_control < +memory; a/b/cgroup.type < threaded ! EOPNOTSUPP",
    ),
    needs(
        "a threaded domain enables no controllers of domains",
        BOTH,
        "mkdir a; mkdir a/b; a/b/cgroup.type < threaded; a/cgroup.subtree_control < +memory ! EOPNOTSUPP",
    ),
    needs(
        "it enables threaded ones",
        BOTH,
        "mkdir a; mkdir a/b; a/b/cgroup.type < threaded; a/cgroup.subtree_control < +cpu; \
         a/b/cgroup.controllers = cpu",
    ),
    any(
        "threads are spread over a threaded subtree",
        "mkdir a; mkdir a/b; a/b/cgroup.type < threaded; fork x a; thread t x; movethread t a/b; \
         procs a = x; a/b/cgroup.events = populated 1|frozen 0",
    ),
    any(
        "threads do not leave their domain",
        "mkdir a; mkdir c; fork x a; thread t x; movethread t c ! EOPNOTSUPP",
    ),
    any(
        "the processes of a threaded cgroup are not shown",
        "mkdir a; mkdir a/b; a/b/cgroup.type < threaded; a/b/cgroup.procs = ! EOPNOTSUPP",
    ),
    any(
        "a whole process goes into a threaded cgroup",
        "mkdir a; mkdir a/b; a/b/cgroup.type < threaded; fork x; move x a/b; procs a = x",
    ),
    any(
        "a process moves with all its threads",
        "mkdir a; mkdir c; fork x a; thread t x; move x c; procs a =; procs c = x",
    ),
    any("a process ends with all its threads", "mkdir a; fork x a; thread t x; kill x 9; dead t; rmdir a"),
    any(
        "a threaded cgroup is not killed",
        "mkdir a; mkdir a/b; a/b/cgroup.type < threaded; a/b/cgroup.kill < 1 ! EOPNOTSUPP; a/cgroup.kill < 1",
    ),
];
