//! How a cgroup may be called.

use super::Class::{Kernel, Promise};
use super::ErrorKind as Kind;
use super::{Family::Names, Rule, rule};

pub(super) const RULES: [Rule; 11] = [
    rule(
        "E0101",
        Kind::NameEmpty,
        Promise,
        Names,
        [
            "a cgroup without a name",
            "give it a name, as in `cell`; for the runner's own cgroup use `spawn_host` or leave the cgroup out",
            "An empty path stands for a cgroup outside the run, which a run must not shape or fill by mistake.",
            "our promise: a run touches nothing outside its own cgroup",
        ],
    ),
    rule(
        "E0102",
        Kind::NameAbsolute,
        Promise,
        Names,
        [
            "`{name}` starts with a slash",
            "write the path below the run's own cgroup, without the leading slash",
            "An absolute path would leave the run's own cgroup. Backends open paths below a held directory and refuse this one.",
            "our promise: a run touches nothing outside its own cgroup",
        ],
    ),
    rule(
        "E0103",
        Kind::NameSlashes,
        Promise,
        Names,
        [
            "`{name}` has an empty component",
            "write one slash between components and none at the end",
            "The kernel reads `a//b` and `a/b/` as `a/b`, so that one cgroup would go by two names, and each would be \
         tracked as a cgroup of its own.",
            "our promise: names collide loudly",
        ],
    ),
    rule(
        "E0104",
        Kind::NameDots,
        Kernel,
        Names,
        [
            "`{name}` has a component `.` or `..`",
            "write the path from the run's own cgroup down, without `.` and `..`",
            "`.` exists already, and `..` would climb out of the run's own cgroup; backends resolve paths below a held \
         directory and refuse both.",
            "kernel: path_resolution(7), openat2(2) RESOLVE_BENEATH",
        ],
    ),
    rule(
        "E0105",
        Kind::NameHidden,
        Promise,
        Names,
        [
            "`{name}` has a component that starts with a dot",
            "choose a name that does not start with a dot",
            "Tools that list cgroups skip hidden directories, so that a leftover of this name would not be seen.",
            "our promise: nothing is silent; the same rule as in ktstr",
        ],
    ),
    rule(
        "E0106",
        Kind::NameNul,
        Kernel,
        Names,
        [
            "`{name}` holds a NUL byte",
            "choose a name without NUL bytes",
            "A path ends at its first NUL byte, so that the kernel can never be given this name.",
            "kernel: path_resolution(7)",
        ],
    ),
    rule(
        "E0107",
        Kind::NameNewline,
        Kernel,
        Names,
        [
            "`{name}` holds a newline",
            "choose a name without newlines",
            "The kernel refuses such a directory with EINVAL, because it would break `/proc/PID/cgroup`.",
            "kernel: cgroup_mkdir in kernel/cgroup/cgroup.c",
        ],
    ),
    rule(
        "E0108",
        Kind::NameTooLong,
        Promise,
        Names,
        [
            "a component of `{name}` has {value} bytes",
            "choose a name of at most {limit} bytes",
            "cgroupfs itself takes longer names, but says through statfs that 255 bytes is the longest; what relies on \
         that, as readdir buffers of that size do, can neither show nor remove such a cgroup.",
            "our promise: whatever a run makes can be listed and removed by anyone; NAME_MAX",
        ],
    ),
    rule(
        "E0109",
        Kind::PathTooLong,
        Kernel,
        Names,
        [
            "a path of {value} bytes",
            "keep the path at most {limit} bytes long",
            "The kernel takes paths of at most 4,095 bytes, and the mount point, the parent and the run's own cgroup come before this one.",
            "kernel: PATH_MAX; our share of it is 2,048 bytes",
        ],
    ),
    rule(
        "E0110",
        Kind::PathTooDeep,
        Promise,
        Names,
        [
            "`{name}` lies {value} levels deep",
            "nest at most {limit} levels",
            "Much is decided by walking from a cgroup to the top (limits, freezing, cpusets); the bound on the depth keeps \
         validation and run linear in the number of operations.",
            "our promise: validation in linear time",
        ],
    ),
    rule(
        "E0111",
        Kind::NameReserved,
        Promise,
        Names,
        [
            "`{name}` has a component that is a control file or could become one",
            "choose a name that does not start with `cgroup.` or with a controller's name and a dot",
            "Control files and child cgroups share one directory. The kernel refuses a child of the name of a file that \
         exists, and which files exist depends on kernel and controllers.",
            "kernel: Documentation/admin-guide/cgroup-v2.rst, Avoid Name Collisions",
        ],
    ),
];
