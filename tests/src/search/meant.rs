//! What each operation has to do with the promises that the oracle keeps.

use ktstr_core::{Op, Payload, Placement};

/// What an operation is to promises, beside what its actions do.
pub(super) enum Meant<'a> {
    /// Nothing.
    Else,
    /// Makes a cgroup that is declared to live so.
    Makes { until_removed: bool, kept: bool },
    /// Exchanges two cpusets.
    Swaps,
    /// Removes a cgroup.
    Removes,
    /// Ends what is in this cgroup.
    Stops(&'a str),
    /// Kills all in this cgroup and below it, unless that has to fail.
    Kills { cgroup: &'a str, fails: bool },
    /// Starts a payload, in the runner's own cgroup or in another.
    Starts { payload: &'a Payload<'a>, beside_the_run: bool },
    /// Ends a payload of this name, where its cgroup is said there.
    Ends { name: &'a str, cgroup: Option<Placement<'a>> },
    /// Puts a scheduler in the place of another.
    Replaces,
}

pub(super) fn meant<'a>(op: &Op<'a>) -> Meant<'a> {
    match *op {
        Op::AddCgroup { until_removed, kept, .. } => Meant::Makes { until_removed, kept },
        Op::AddCgroupDef { def, .. } => Meant::Makes { until_removed: def.until_removed, kept: def.kept },
        Op::SwapCpusets { .. } => Meant::Swaps,
        Op::RemoveCgroup { .. } => Meant::Removes,
        Op::StopCgroup { cgroup, .. } => Meant::Stops(cgroup),
        Op::KillCgroup { cgroup, fails } => Meant::Kills { cgroup, fails: fails.is_some() },
        Op::RunPayload { payload, cgroup, .. } => Meant::Starts { payload, beside_the_run: cgroup.is_none() },
        Op::WaitPayload { name, cgroup, .. } | Op::KillPayload { name, cgroup, .. } => {
            Meant::Ends { name, cgroup }
        }
        Op::ReplaceScheduler { .. } => Meant::Replaces,
        Op::SetCpuset { .. }
        | Op::ClearCpuset { .. }
        | Op::SetLimits { .. }
        | Op::Spawn { .. }
        | Op::SetAffinity { .. }
        | Op::MoveAllTasks { .. }
        | Op::FreezeCgroup { .. }
        | Op::UnfreezeCgroup { .. }
        | Op::WriteFile { .. }
        | Op::Reclaim { .. }
        | Op::SetNice { .. }
        | Op::SetSchedPolicy { .. }
        | Op::CaptureCgroupProcs { .. }
        | Op::Expect { .. }
        | Op::SteerIrq { .. }
        | Op::AttachScheduler { .. }
        | Op::DetachScheduler { .. }
        | Op::RestartScheduler { .. } => Meant::Else,
    }
}
