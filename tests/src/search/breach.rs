//! The ways in which a run can break what is promised.

/// A promise that was broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Breach {
    /// An action failed.
    Failed,
    /// An operation changed nothing, or there was nothing for it to work on.
    NoEffect,
    /// A step ended something that lives longer.
    EndedEarly,
    /// Workers are where they will be lost before their time.
    Stranded,
    /// A worker was killed, or its report is missing.
    ReportLost,
    /// A payload did not end while it was waited for.
    Hung,
    /// Tasks sit in a cgroup that gives controllers to its children.
    Competes,
    /// A cgroup does not have the CPUs of its own cpuset.
    Narrowed,
    /// A cgroup is declared to live until it is removed, but goes with its step.
    LifeMisdeclared,
    /// Workers have left the cgroups of the run.
    Escaped,
    /// A payload was named that is not the only one of its name.
    OneOfSeveral,
    /// A hold was shorter than it says, or there was none.
    CutShort,
    /// Holds took more than the duration.
    Overrun,
    /// A step comes after one that lasts to the end.
    PastEnd,
    /// Something was done past what an account is kept of.
    Meddled,
    /// Something was left behind.
    Leftover,
}
