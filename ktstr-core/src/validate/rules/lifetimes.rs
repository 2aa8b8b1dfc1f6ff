//! What exists when, and who may end it.

use super::Class::{Kernel, Promise};
use super::ErrorKind as Kind;
use super::{Family::Lifetimes, Rule, rule};

pub(super) const RULES: [Rule; 17] = [
    rule(
        "E0201",
        Kind::CgroupUnknown,
        Kernel,
        Lifetimes,
        [
            "no cgroup `{name}` has been made",
            "declare it before this place, in the Backdrop or in the same step, or correct the name",
            "The control files of a cgroup that was never made do not exist.",
            "kernel: ENOENT",
        ],
    ),
    rule(
        "E0202",
        Kind::CgroupDuplicate,
        Kernel,
        Lifetimes,
        [
            "`{name}` exists already",
            "choose another name, or remove the first one before",
            "A cgroup that exists is never adopted: its limits, tasks and counters would mix with the new one's.",
            "kernel: EEXIST; our promise: names collide loudly",
        ],
    ),
    rule(
        "E0203",
        Kind::CgroupShadows,
        Kernel,
        Lifetimes,
        [
            "`{name}` is a cgroup that outlives the steps, and is still there",
            "choose another name for the step's cgroup, or use the one that is there without declaring it again",
            "There is one directory of that name. Sharing it silently would double counters, and the end of the step would remove \
         what is to stay.",
            "kernel: EEXIST; our promise: names collide loudly",
        ],
    ),
    rule(
        "E0204",
        Kind::CgroupRemoved,
        Kernel,
        Lifetimes,
        [
            "`{name}` has been removed",
            "use it before it is removed, or add it again",
            "After `RemoveCgroup` there is no directory until something makes it again.",
            "kernel: ENOENT",
        ],
    ),
    rule(
        "E0205",
        Kind::CgroupEnded,
        Kernel,
        Lifetimes,
        [
            "`{name}` went with the end of steps[{value}], which made it",
            "declare it in the Backdrop, or again in this step",
            "What a step creates goes when the step ends.",
            "our promise: lifetimes are declared; kernel: ENOENT",
        ],
    ),
    rule(
        "E0206",
        Kind::ParentMissing,
        Kernel,
        Lifetimes,
        [
            "the parent `{other}` of `{name}` does not exist",
            "declare `{other}` before it",
            "Parents are never made implicitly: nobody would own them, and nobody would remove them.",
            "kernel: ENOENT",
        ],
    ),
    rule(
        "E0207",
        Kind::HasChildren,
        Kernel,
        Lifetimes,
        [
            "`{name}` still has {value} cgroups below it, `{other}` among them",
            "remove the cgroups below it first",
            "A cgroup with child cgroups cannot be removed.",
            "kernel: EBUSY from rmdir",
        ],
    ),
    rule(
        "E0208",
        Kind::NotYours,
        Promise,
        Lifetimes,
        [
            "`{name}` belongs to the Backdrop to the end, and a step removes or stops it",
            "declare it `until_removed()` in the Backdrop, or do this in the Backdrop's own operations",
            "What the Backdrop declares without `until_removed()` is promised to stay for the whole run; \
         later steps and checks rely on it.",
            "our promise: lifetimes are declared",
        ],
    ),
    rule(
        "E0209",
        Kind::HoldsGuests,
        Promise,
        Lifetimes,
        [
            "`{name}` holds workers that belong to the Backdrop to the end",
            "move them to a cgroup of the Backdrop before",
            "Workers that the Backdrop has started elsewhere were moved here; ending this cgroup would end them before their time.",
            "our promise: lifetimes are declared",
        ],
    ),
    rule(
        "E0210",
        Kind::Stranded,
        Promise,
        Lifetimes,
        [
            "`{other}` goes with this step, but the workers of `{name}` live longer",
            "declare `{other}` in the Backdrop",
            "The end of the step removes its cgroups with all that is in them: workers of the Backdrop would be lost with it.",
            "our promise: lifetimes are declared",
        ],
    ),
    rule(
        "E0211",
        Kind::UntilRemovedInStep,
        Promise,
        Lifetimes,
        [
            "`{name}` is declared `until_removed()` in a step",
            "leave `until_removed()` out, or declare the cgroup in the Backdrop",
            "A step may remove what it has made anyway, and what it has made goes with it: the declaration would not mean what it says.",
            "our promise: lifetimes are declared",
        ],
    ),
    rule(
        "E0212",
        Kind::StopsFrozen,
        Promise,
        Lifetimes,
        [
            "the workers of `{name}` are frozen and cannot report",
            "unfreeze it, or the cgroup above that is frozen, before",
            "A frozen worker cannot answer the request to stop. It would be killed in the end, and its report would be lost.",
            "our promise: every report is collected",
        ],
    ),
    rule(
        "E0213",
        Kind::SpawnFrozen,
        Kernel,
        Lifetimes,
        [
            "something is started in `{name}` while it is frozen",
            "unfreeze it, or the cgroup above that is frozen, before",
            "A child that is created in a frozen cgroup stops before its exec, and whoever waits for that exec hangs.",
            "kernel: cgroup freezer; measured with clone3(CLONE_INTO_CGROUP | CLONE_VFORK)",
        ],
    ),
    rule(
        "E0214",
        Kind::WaitFrozen,
        Kernel,
        Lifetimes,
        [
            "a wait for `{name}`, which is frozen in `{other}`",
            "unfreeze it before the wait, or kill the payload instead",
            "A frozen program makes no progress, so the wait can only time out.",
            "kernel: cgroup freezer",
        ],
    ),
    rule(
        "E0215",
        Kind::EndsFrozen,
        Promise,
        Lifetimes,
        [
            "the step ends while its own workers in `{name}` are frozen",
            "unfreeze it within the step",
            "At its end a step thaws its own cgroups, not the Backdrop's. Its workers there cannot answer the request to stop; \
         they would be killed and their reports lost.",
            "our promise: every report is collected",
        ],
    ),
    rule(
        "E0216",
        Kind::KeptInBackdrop,
        Promise,
        Lifetimes,
        [
            "`{name}` is declared `kept()` in the Backdrop",
            "leave `kept()` out, or say `until_removed()` if a step is to remove it",
            "What the Backdrop makes stays to the end anyway: the declaration would not mean what it says.",
            "our promise: lifetimes are declared",
        ],
    ),
    rule(
        "E0217",
        Kind::KeptBelowStep,
        Kernel,
        Lifetimes,
        [
            "the step ends and `{name}` with it, but `{other}` below it is kept",
            "declare `{name}` `kept()` as well, or remove `{other}` within the step",
            "A cgroup with child cgroups cannot be removed.",
            "kernel: EBUSY from rmdir",
        ],
    ),
];
