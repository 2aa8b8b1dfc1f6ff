//! The tree, populated counts, controllers, and the rules on internal processes.

use super::super::Row;
use super::{any, needs};
use ktstr_core::{Controller, Controllers};

const MEMORY: Controllers = Controllers::NONE.with(Controller::Memory);
const BOTH: Controllers = MEMORY.with(Controller::Cpu);
const CPU: Controllers = Controllers::NONE.with(Controller::Cpu);

/// The rows.
pub const ROWS: &[Row] = &[
    any("a cgroup is made once", "mkdir a; mkdir a ! EEXIST"),
    any("a parent is needed", "mkdir a/b ! ENOENT"),
    any("a removed name is free", "mkdir a; rmdir a; mkdir a"),
    any("what is not there is not removed", "rmdir a ! ENOENT"),
    any("children go first", "mkdir a; mkdir a/b; rmdir a ! EBUSY; rmdir a/b; rmdir a"),
    any("a file is no cgroup", "mkdir a; mkdir a/cgroup.procs ! EEXIST; rmdir a/cgroup.procs ! ENOTDIR"),
    any("nothing is made below a file", "mkdir a; mkdir a/cgroup.procs/b ! ENOTDIR"),
    any("tasks keep it", "mkdir a; fork x a; rmdir a ! EBUSY; kill x 9; reap x; rmdir a"),
    any("tasks below keep it", "mkdir a; mkdir a/b; fork x a/b; rmdir a ! EBUSY; rmdir a/b ! EBUSY"),
    any("a zombie does not keep it", "mkdir a; fork x a; kill x 9; rmdir a; reap x"),
    any(
        "populated reaches up and no further",
        "mkdir a; mkdir a/b; mkdir a/c; fork x a/b; a/cgroup.events = populated 1|frozen 0; \
         a/b/cgroup.events = populated 1|frozen 0; a/c/cgroup.events = populated 0|frozen 0",
    ),
    any(
        "populated falls with the last task",
        "mkdir a; mkdir a/b; fork x a/b; fork y a; kill x 9; a/b/cgroup.events = populated 0|frozen 0; \
         a/cgroup.events = populated 1|frozen 0; kill y 9; a/cgroup.events = populated 0|frozen 0",
    ),
    any("a process is moved", "mkdir a; mkdir b; fork x a; move x b; procs a =; procs b = x"),
    any("a process is moved to where it is", "mkdir a; fork x a; move x a; procs a = x"),
    any("a child starts where its parent is", "mkdir a; fork x a; child y x; procs a = x y"),
    any("a child can start elsewhere", "mkdir a; mkdir b; fork x a; child y x b; procs a = x; procs b = y"),
    any("a move takes no children along", "mkdir a; mkdir b; fork x a; child y x; move x b; procs a = y"),
    any("no such process", "mkdir a; a/cgroup.procs < 4194303 ! ESRCH"),
    any("no process id", "mkdir a; a/cgroup.procs < x ! EINVAL; a/cgroup.procs < -1 ! EINVAL"),
    any("a process that was reaped", "mkdir a; fork x; kill x 9; reap x; move x a ! ESRCH"),
    any("a zombie moves without effect", "mkdir a; fork x; kill x 9; move x a; procs a ="),
    any("an orphan lives on in its cgroup", "mkdir a; fork x a; child y x; kill x 9; alive y; procs a = y"),
    any("depth is bounded", "mkdir a; a/cgroup.max.depth < 1; mkdir a/b; mkdir a/b/c ! EAGAIN"),
    any("depth 0 takes no child", "mkdir a; a/cgroup.max.depth < 0; mkdir a/b ! EAGAIN"),
    any("descendants are bounded", "mkdir a; a/cgroup.max.descendants < 1; mkdir a/b; mkdir a/c ! EAGAIN"),
    any("grandchildren count too", "mkdir a; mkdir a/b; a/cgroup.max.descendants < 1; mkdir a/b/c ! EAGAIN"),
    any(
        "a bound reads back, max is none",
        "mkdir a; a/cgroup.max.depth = max; a/cgroup.max.depth < 7; a/cgroup.max.depth = 7; \
         a/cgroup.max.depth < max; a/cgroup.max.depth = max",
    ),
    any(
        "a bound is a number that is not negative",
        "mkdir a; a/cgroup.max.depth < -1 ! ERANGE; a/cgroup.max.descendants < x ! EINVAL; \
         a/cgroup.max.descendants < 2147483648 ! ERANGE",
    ),
    any("a controller that is unknown", "mkdir a; a/cgroup.subtree_control < +nothing ! EINVAL"),
    any("a controller without a sign", "mkdir a; a/cgroup.subtree_control < cpu ! EINVAL"),
    any("what was never enabled is disabled in vain", "mkdir a; a/cgroup.subtree_control < -cpu"),
    any("a controller that the parent does not give", "mkdir a; a/cgroup.subtree_control < +cpu ! ENOENT"),
    needs(
        "controllers are enabled from the top down",
        BOTH,
        "mkdir a; mkdir a/b; a/b/cgroup.subtree_control < +memory ! ENOENT; \
         a/cgroup.subtree_control < +memory; a/b/cgroup.subtree_control < +memory; \
         a/b/cgroup.controllers = memory",
    ),
    needs(
        "controllers are disabled from the bottom up",
        BOTH,
        "mkdir a; mkdir a/b; a/cgroup.subtree_control < +memory; a/b/cgroup.subtree_control < +memory; \
         a/cgroup.subtree_control < -memory ! EBUSY; a/b/cgroup.subtree_control < -memory; \
         a/cgroup.subtree_control < -memory",
    ),
    needs(
        "one write enables and disables",
        BOTH,
        "mkdir a; a/cgroup.subtree_control < +cpu +memory; a/cgroup.subtree_control = cpu memory; \
         a/cgroup.subtree_control < -cpu; a/cgroup.subtree_control = memory",
    ),
    needs(
        "the last word on a controller counts",
        BOTH,
        "mkdir a; a/cgroup.subtree_control < +cpu -cpu; a/cgroup.subtree_control =",
    ),
    needs(
        "one word that fails undoes the write",
        CPU,
        "mkdir a; a/cgroup.subtree_control < +cpu +memory ! ENOENT; a/cgroup.subtree_control =",
    ),
    needs(
        "no controllers of domains beside tasks",
        BOTH,
        "mkdir a; fork x a; a/cgroup.subtree_control < +memory ! EBUSY",
    ),
    needs(
        "no tasks beside controllers of domains",
        BOTH,
        "mkdir a; a/cgroup.subtree_control < +memory; fork x; move x a ! EBUSY; fork y a ! EBUSY",
    ),
    needs(
        "threaded controllers go beside tasks",
        CPU,
        "mkdir a; fork x a; a/cgroup.subtree_control < +cpu; a/cgroup.type = domain threaded",
    ),
    needs(
        "but not beside tasks and a populated child",
        CPU,
        "mkdir a; mkdir a/b; fork y a/b; fork x a; a/cgroup.subtree_control < +cpu ! EBUSY",
    ),
    needs(
        "tasks go beside threaded controllers",
        CPU,
        "mkdir a; a/cgroup.subtree_control < +cpu; fork x; move x a; procs a = x",
    ),
    needs(
        "but not when a child has tasks",
        CPU,
        "mkdir a; mkdir a/b; a/cgroup.subtree_control < +cpu; fork y a/b; fork x; move x a ! EBUSY",
    ),
    needs(
        "and then children are no domains",
        CPU,
        "mkdir a; mkdir a/b; a/cgroup.subtree_control < +cpu; fork x a; a/b/cgroup.type = domain invalid; \
         fork y a/b ! EOPNOTSUPP",
    ),
    needs(
        "a file comes and goes with its controller",
        CPU,
        "mkdir a; mkdir a/b; a/b/cpu.weight = ! ENOENT; a/cgroup.subtree_control < +cpu; \
         a/b/cpu.weight = 100; a/cgroup.subtree_control < -cpu; a/b/cpu.weight < 7 ! ENOENT",
    ),
    needs(
        "a setting goes with its controller",
        CPU,
        "mkdir a; mkdir a/b; a/cgroup.subtree_control < +cpu; a/b/cpu.weight < 7; \
         a/cgroup.subtree_control < -cpu; a/cgroup.subtree_control < +cpu; a/b/cpu.weight = 100",
    ),
];
