//! Tasks against controllers: the kernel's no-internal-process rule.

use super::Class::{Kernel, Promise};
use super::ErrorKind as Kind;
use super::{Family::Hierarchy, Rule, rule};

const SOURCE: &str = "kernel: Documentation/admin-guide/cgroup-v2.rst, No Internal Process Constraint; \
     cgroup_vet_subtree_control_enable and cgroup_migrate_vet_dst in kernel/cgroup/cgroup.c";

pub(super) const RULES: [Rule; 4] = [
    rule(
        "E0301",
        Kind::TasksAboveLimits,
        Kernel,
        Hierarchy,
        [
            "`{name}` has controllers enabled for the cgroups below it and can hold no tasks",
            "place the tasks in a cgroup below `{name}`",
            "With a domain controller (memory, io) enabled for its children, a cgroup takes no task: EBUSY.",
            SOURCE,
        ],
    ),
    rule(
        "E0302",
        Kind::TasksBesideLimits,
        Promise,
        Hierarchy,
        [
            "`{name}` has controllers enabled for the cgroups below it and should hold no tasks",
            "place the tasks in a cgroup below `{name}`",
            "With only threaded controllers (cpu, cpuset, pids) enabled the kernel lets a task in as long as no child is populated, \
         and refuses it later. Where it goes through, tasks compete with the child cgroups and the shares mean nothing.",
            SOURCE,
        ],
    ),
    rule(
        "E0303",
        Kind::LimitsBelowTasks,
        Kernel,
        Hierarchy,
        [
            "`{other}` needs controllers, but `{name}` above it holds tasks",
            "move the tasks of `{name}` to a cgroup below it, or stop them, before",
            "A domain controller (memory, io) cannot be enabled for the children of a cgroup that holds tasks: EBUSY.",
            SOURCE,
        ],
    ),
    rule(
        "E0304",
        Kind::LimitsBesideTasks,
        Promise,
        Hierarchy,
        [
            "`{other}` needs controllers, but `{name}` above it holds tasks",
            "move the tasks of `{name}` to a cgroup below it, or stop them, before",
            "The kernel enables threaded controllers (cpu, cpuset, pids) beside tasks in some orders and refuses it in others. \
         Where it goes through, tasks compete with the child cgroups and the shares mean nothing.",
            SOURCE,
        ],
    ),
];
