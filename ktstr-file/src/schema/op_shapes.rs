//! The operations of a scenario file.

use crate::schema::shape::{Key, Kind, Shape};
use crate::schema::shapes::{
    AFFINITIES, AFFINITY, CGROUP_NAME, CGROUP_REST, COUNT, CPUSET_VALUE, DURATION, IDENTITY, LIMITS, WORK,
    table,
};
use Kind::{Bool, Either, List, Table, Tag, Text, Word};

const CGROUP_KEY: Key = Key::need("cgroup", Text, "Which cgroup.");
const CGROUP_IF_ANY: Key = Key::may("cgroup", Text, "In which cgroup.");

const fn op(word: &'static str) -> Key {
    Key::need("op", Tag(word), "Which operation.")
}

/// An item of `ops`, before it is known which; the schema takes [`OPS`] instead.
pub(crate) const OP: Shape = table("op", "An operation.", &[&[Key::need("op", Text, "Which operation.")]]);

/// The operations.
pub(crate) static OPS: [Shape; 18] = [
    table(
        "add_cgroup",
        "Makes an empty cgroup.",
        &[&[
            op("add_cgroup"),
            CGROUP_KEY,
            Key::may("until_removed", Bool, "Whether a step may remove it; only in the backdrop."),
        ]],
    ),
    table(
        "add_cgroup_def",
        "Makes a cgroup with limits and workers.",
        &[
            &[op("add_cgroup_def"), Key::may("cgroup", Text, "Its path, where that is not its name.")],
            CGROUP_NAME,
            LIMITS,
            WORK,
            IDENTITY,
            CGROUP_REST,
        ],
    ),
    table(
        "remove_cgroup",
        "Kills payloads in a cgroup, stops its workers, and removes it.",
        &[&[op("remove_cgroup"), CGROUP_KEY]],
    ),
    table(
        "set_cpuset",
        "Gives a cgroup other CPUs.",
        &[&[op("set_cpuset"), CGROUP_KEY, Key::need("cpuset", CPUSET_VALUE, "The CPUs.")]],
    ),
    table("clear_cpuset", "Takes a cgroup's own cpuset away.", &[&[op("clear_cpuset"), CGROUP_KEY]]),
    table(
        "swap_cpusets",
        "Exchanges the cpusets of two cgroups.",
        &[&[op("swap_cpusets"), Key::need("a", Text, "One cgroup."), Key::need("b", Text, "The other.")]],
    ),
    table("spawn", "Starts more workers in a cgroup.", &[&[op("spawn"), CGROUP_KEY], WORK, IDENTITY]),
    table(
        "spawn_host",
        "Starts more workers in the runner's own cgroup.",
        &[&[op("spawn_host")], WORK, IDENTITY],
    ),
    table(
        "stop_cgroup",
        "Kills payloads in a cgroup and stops its workers; the cgroup stays.",
        &[&[op("stop_cgroup"), CGROUP_KEY]],
    ),
    table(
        "set_affinity",
        "Changes the CPU affinity of the workers in a cgroup.",
        &[&[
            op("set_affinity"),
            CGROUP_KEY,
            Key::need("affinity", Either(&[Word(AFFINITIES), Table(&AFFINITY)]), "Which CPUs they ask for."),
        ]],
    ),
    table(
        "move_all_tasks",
        "Moves all workers from one cgroup to another.",
        &[&[
            op("move_all_tasks"),
            Key::need("from", Text, "Where they are; \"\" for the runner's cgroup."),
            Key::need("to", Text, "Where they go."),
        ]],
    ),
    table(
        "run_payload",
        "Starts a payload.",
        &[&[
            op("run_payload"),
            Key::need("payload", Text, "Which, as defined by [[payload]]."),
            Key::may("args", List(&Text), "Arguments after the payload's own."),
            CGROUP_IF_ANY,
        ]],
    ),
    table(
        "wait_payload",
        "Waits until a payload has ended, and judges it.",
        &[&[
            op("wait_payload"),
            Key::need("payload", Text, "Its name."),
            CGROUP_IF_ANY,
            Key::may("timeout", DURATION, "How long; the payload's own timeout where not said."),
        ]],
    ),
    table(
        "kill_payload",
        "Ends a payload by SIGTERM, after a grace period by SIGKILL, and judges it.",
        &[&[
            op("kill_payload"),
            Key::need("payload", Text, "Its name."),
            CGROUP_IF_ANY,
            Key::may("grace", DURATION, "How long it has between the two; 1s where not said."),
        ]],
    ),
    table("freeze_cgroup", "Freezes a cgroup and all below it.", &[&[op("freeze_cgroup"), CGROUP_KEY]]),
    table("unfreeze_cgroup", "Thaws a cgroup.", &[&[op("unfreeze_cgroup"), CGROUP_KEY]]),
    table(
        "capture_cgroup_procs",
        "Records the processes of a cgroup in the report.",
        &[&[
            op("capture_cgroup_procs"),
            Key::need("tag", Text, "What the report calls the record."),
            CGROUP_KEY,
        ]],
    ),
    table(
        "steer_irq",
        "Directs an interrupt to one CPU for the rest of the run.",
        &[&[
            op("steer_irq"),
            Key::need("irq", COUNT, "The interrupt's number, as in /proc/interrupts."),
            Key::need("cpu", COUNT, "The CPU."),
        ]],
    ),
];
