//! Which kernel is modelled, and in what kernels differ from each other.
//! A difference that scenarios can see is a quirk here, with the version it came or went with.

pub use ktstr_core::KernelVersion;

/// In what a kernel differs from others. Each is a switch of its own, so that a test can ask for one alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Quirks {
    /// A child made by `clone3(CLONE_INTO_CGROUP)` is killed at once when its cgroup and its parent's cgroup
    /// were not killed equally often through `cgroup.kill` (since 6.14; seen in 6.18, no longer in 7.2).
    pub spawn_after_kill_dies: bool,
    /// A number past 64 bits is the largest there is, in sizes and `cpu.max`, and the largest is `max`; a
    /// size needs a digit before its suffix (seen in 7.2). Before, numbers wrapped around, and `K` was 0.
    pub numbers_saturate: bool,
    /// `cpu.weight` of a group with `cpu.idle` reads 1 (since 6.12); before, 0.
    pub idle_weight_is_one: bool,
    /// An empty write to `cpuset.cpus` or `cpuset.mems` of a populated cgroup that has the setting gives
    /// `ENOSPC` (before 7.0; later kernels ask this of cgroup v1 only).
    pub clearing_needs_no_tasks: bool,
    /// Sibling partitions that ask for the same CPUs in `cpuset.cpus` both stay valid, the later one with
    /// what is left (since 7.0); before, the change made both invalid.
    pub rivals_share: bool,
    /// A valid partition that is not isolated cannot be left without CPUs that it asks for (`EBUSY`, for the
    /// deadline server needs some), and has those of `cpuset.cpus` when its exclusive ones are cleared (seen
    /// in 7.2, not in 6.12).
    pub partitions_keep_cpus: bool,
    /// The deadline server keeps a valid local partition from losing its last CPU: clearing its `cpuset.cpus`
    /// and taking that CPU offline give `EBUSY` (seen in 6.12).
    pub deadline_holds_cpus: bool,
    /// `pids.events` counts a fork that is refused in the cgroup whose limit it hit and in all above it
    /// (since 6.11); before, in the one that the process was to be in.
    pub pids_events_climb: bool,
    /// `cpuset.cpus.exclusive` and remote partitions are there (since 6.7).
    pub exclusive_cpus: bool,
}

impl Quirks {
    /// What a release does differently from others.
    pub const fn of(version: KernelVersion) -> Self {
        Self {
            spawn_after_kill_dies: version.at_least(6, 14) && !version.at_least(7, 0),
            numbers_saturate: version.at_least(7, 0),
            idle_weight_is_one: version.at_least(6, 12),
            clearing_needs_no_tasks: !version.at_least(7, 0),
            rivals_share: version.at_least(7, 0),
            exclusive_cpus: version.at_least(6, 7),
            partitions_keep_cpus: version.at_least(7, 0),
            pids_events_climb: version.at_least(6, 11),
            deadline_holds_cpus: version.at_least(6, 12) && !version.at_least(6, 17),
        }
    }
}

impl Default for Quirks {
    fn default() -> Self {
        Self::of(KernelVersion::NEWEST)
    }
}
