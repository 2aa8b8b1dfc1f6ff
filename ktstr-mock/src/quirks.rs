//! What kernels do differently from each other or from what one would think, with a name each: found by
//! running the same programs on the model and on kernels. Those with a switch in [`Quirks`](crate::Quirks)
//! are modelled; the others are races and faults of a kernel that the model leaves out, and that comparisons
//! wait for or keep away from.

/// A named behaviour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quirk {
    /// Its name; for a modelled one the field of [`Quirks`](crate::Quirks).
    pub name: &'static str,
    /// The releases it was seen in or is known of.
    pub releases: &'static str,
    /// What happens.
    pub what: &'static str,
    /// Whether the model does the same.
    pub modelled: bool,
}

const fn modelled(name: &'static str, releases: &'static str, what: &'static str) -> Quirk {
    Quirk { name, releases, what, modelled: true }
}

const fn left_out(name: &'static str, releases: &'static str, what: &'static str) -> Quirk {
    Quirk { name, releases, what, modelled: false }
}

/// All of them.
pub const QUIRKS: &[Quirk] = &[
    modelled(
        "spawn_after_kill_dies",
        "6.14 to 6.18; not 7.2",
        "a child cloned into a cgroup that was once killed through cgroup.kill is killed at once",
    ),
    modelled(
        "numbers_saturate",
        "7.2; not 6.12",
        "sizes and quotas past 64 bits are max instead of wrapping around",
    ),
    modelled("idle_weight_is_one", "since 6.12", "cpu.weight of an idle group reads 1 instead of 0"),
    modelled(
        "clearing_needs_no_tasks",
        "before 7.0",
        "clearing cpuset.cpus or cpuset.mems of a populated cgroup gives ENOSPC",
    ),
    modelled(
        "rivals_share",
        "since 7.0",
        "sibling partitions that ask for the same CPUs share them out instead of becoming invalid",
    ),
    modelled("exclusive_cpus", "since 6.7", "cpuset.cpus.exclusive and remote partitions are there"),
    modelled(
        "tasks_below_count",
        "6.12 to 7.2",
        "a partition that takes all CPUs of its parent is refused for tasks in its own children, as if they were the parent's",
    ),
    modelled(
        "pids_events_climb",
        "since 6.11",
        "pids.events counts a refused fork in the cgroup whose limit it hit and in all above it",
    ),
    modelled(
        "partitions_keep_cpus",
        "7.2; not 6.12",
        "a valid partition that is not isolated cannot be left without CPUs that it asks for: EBUSY",
    ),
    modelled(
        "deadline_holds_cpus",
        "6.12; not 7.2",
        "clearing cpuset.cpus of a valid partition that is not isolated, or taking the last CPU of a local one offline, \
         gives EBUSY",
    ),
    modelled(
        "remote_change_loses_cpus",
        "6.12 to 7.2",
        "a remote partition whose cpuset.cpus changed does not give all its CPUs back to the root when it goes",
    ),
    left_out(
        "deadline_forgets",
        "6.12; not 7.2",
        "once another partition has come, gone or changed, clearing cpuset.cpus of a valid partition goes through after \
         all: the deadline server's share of its CPUs was forgotten",
    ),
    left_out(
        "remote_partition_panics",
        "6.12.117",
        "a remote partition that lost CPUs so, or whose CPUs a sibling then asks for, stays on a list after it is \
         freed; the next remote partition panics the kernel",
    ),
    modelled(
        "ungranted_turns_valid",
        "6.12 to 7.2",
        "an invalid partition that asks for CPUs beyond those of its parent shows as valid, and takes none, once its \
         parent is a partition",
    ),
    left_out(
        "zombies_stay_charged",
        "6.12 to 7.2",
        "a cgroup that gets the pids controller does not count in pids.current the zombies that it had before",
    ),
    left_out(
        "frozen_shows_early",
        "6.18",
        "cgroup.events of a cgroup with empty children shows frozen 1 before its own tasks are",
    ),
    left_out(
        "weights_across_cpus",
        "6.12 to 7.2",
        "the weights of cgroups whose tasks spread over several CPUs come to their shares over seconds only: in 400 ms \
         1 : 50 was measured as 1 : 4",
    ),
    left_out(
        "balancing_takes_time",
        "6.12 to 7.2",
        "fair tasks on a CPU that real-time or deadline tasks take are moved to a free one after tens of milliseconds",
    ),
    left_out(
        "deadline_overruns",
        "6.12 to 7.2",
        "a SCHED_DEADLINE task is throttled at a tick, up to 4 ms past its runtime, and misses a period for that",
    ),
    left_out(
        "touching_takes_time",
        "6.12 to 7.2",
        "memory is charged page by page as it is touched, up to 40 ms a MiB in an emulated machine; the model charges all \
         of it at once",
    ),
    left_out(
        "memory_beside_use",
        "6.12 to 7.2",
        "a process is charged for its stacks, page tables and copied pages beside what it uses, and where transparent huge \
         pages are on for 2 MiB at the first touch; the model charges what is used",
    ),
    left_out(
        "signal_meets_freeze",
        "6.18",
        "a fatal signal kills a frozen process, but one that reaches it on its way into the freeze waits for the thaw",
    ),
];

/// The table, for documentation.
#[must_use]
pub fn markdown() -> String {
    let row = |quirk: &Quirk| {
        let modelled = if quirk.modelled { "yes" } else { "no" };
        format!("| `{}` | {} | {} | {modelled} |\n", quirk.name, quirk.releases, quirk.what)
    };
    let rows: String = QUIRKS.iter().map(row).collect();
    format!("| name | kernels | what happens | modelled |\n| --- | --- | --- | --- |\n{rows}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_switch_has_its_row() {
        let switches = format!("{:?}", crate::Quirks::default());
        let fields =
            switches.split(['{', ',']).filter_map(|part| part.split_once(": ").map(|(name, _)| name.trim()));
        for field in fields {
            assert!(QUIRKS.iter().any(|quirk| quirk.modelled && quirk.name == field), "{field}");
        }
        assert!(markdown().lines().count() == QUIRKS.len() + 2);
    }
}
