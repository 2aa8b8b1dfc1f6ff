//! The operations of a scenario: one thing to do to a cgroup, its tasks or a payload.
//! What is legal when is judged in `validate`; how each is carried out is the executor's.

use crate::model::affinity::AffinityIntent;
use crate::model::cgroup_def::CgroupDef;
use crate::model::cpuset_spec::CpusetSpec;
use crate::model::payload::Payload;
use crate::model::placement::Placement;
use crate::model::work::WorkSpec;
use crate::model::work_type::WorkType;
use core::time::Duration;
use serde::Serialize;

/// How long a payload has to end after SIGTERM, where the op does not say.
pub const DEFAULT_GRACE: Duration = Duration::from_secs(1);
/// How long a wait for a payload lasts at most, where neither the op nor the payload says.
pub const DEFAULT_WAIT: Duration = Duration::from_secs(10);

/// One operation. Cgroups are named by their path below the run's own cgroup.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub enum Op<'a> {
    /// Makes an empty cgroup.
    AddCgroup {
        /// Its path; the parent has to exist.
        name: &'a str,
        /// Whether a step may remove it; only in the Backdrop.
        until_removed: bool,
    },
    /// Makes a cgroup with limits and workers.
    AddCgroupDef {
        /// Its path; stands for the name in the definition.
        name: &'a str,
        /// What to make.
        def: &'a CgroupDef<'a>,
    },
    /// Stops the workers in a cgroup and collects their reports, kills its payloads, and removes it.
    RemoveCgroup {
        /// Which.
        cgroup: &'a str,
    },
    /// Gives a cgroup other CPUs.
    SetCpuset {
        /// Which.
        cgroup: &'a str,
        /// The CPUs.
        cpus: CpusetSpec,
    },
    /// Takes a cgroup's own cpuset away, so that it has its parent's CPUs. Before Linux 7.0 the kernel refuses that for a
    /// cgroup with tasks (`ENOSPC`); a backend then writes the parent's CPUs, which has the same effect.
    ClearCpuset {
        /// Which.
        cgroup: &'a str,
    },
    /// Exchanges the cpusets of two cgroups; both have to have one.
    SwapCpusets {
        /// One.
        a: &'a str,
        /// The other.
        b: &'a str,
    },
    /// Starts more workers.
    Spawn {
        /// Where.
        placement: Placement<'a>,
        /// What they do.
        work: WorkSpec<'a>,
    },
    /// Stops the workers in a cgroup and collects their reports, and kills its payloads; the cgroup stays.
    StopCgroup {
        /// Which.
        cgroup: &'a str,
    },
    /// Changes the CPU affinity of the workers in a cgroup.
    SetAffinity {
        /// Which.
        cgroup: &'a str,
        /// What for.
        affinity: AffinityIntent,
    },
    /// Moves all workers from one cgroup to another; payloads stay where they are.
    MoveAllTasks {
        /// Where they are.
        from: Placement<'a>,
        /// Where they go; only to a cgroup of the scenario.
        to: Placement<'a>,
    },
    /// Starts a payload.
    RunPayload {
        /// Which.
        payload: &'a Payload<'a>,
        /// Arguments after the payload's own.
        args: &'a [&'a str],
        /// Where; `None` for the runner's cgroup.
        cgroup: Option<&'a str>,
    },
    /// Waits until a payload has ended, and judges it. If it does not end in time it is killed, and its check fails.
    WaitPayload {
        /// Its name.
        name: &'a str,
        /// Where it runs; may be left out when only one of that name runs.
        cgroup: Option<Placement<'a>>,
        /// How long; `None` takes the payload's own timeout, or [`DEFAULT_WAIT`].
        timeout: Option<Duration>,
    },
    /// Ends a payload by SIGTERM, after `grace` by SIGKILL, and judges it.
    KillPayload {
        /// Its name.
        name: &'a str,
        /// Where it runs; may be left out when only one of that name runs.
        cgroup: Option<Placement<'a>>,
        /// How long it has between the two.
        grace: Duration,
    },
    /// Freezes a cgroup and all below it, and waits until the kernel says that it is frozen.
    FreezeCgroup {
        /// Which.
        cgroup: &'a str,
    },
    /// Thaws a cgroup.
    UnfreezeCgroup {
        /// Which.
        cgroup: &'a str,
    },
    /// Records the processes of a cgroup in the report.
    CaptureCgroupProcs {
        /// What the report calls the record.
        tag: &'a str,
        /// Which.
        cgroup: &'a str,
    },
    /// Directs an interrupt to one CPU; it is directed back at the end of the run.
    SteerIrq {
        /// The interrupt's number, as in `/proc/interrupts`.
        irq: u32,
        /// The CPU.
        cpu: u32,
    },
}

/// Which operation, without its arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // each stands at the variant of `Op` with the same name
pub enum OpKind {
    AddCgroup,
    AddCgroupDef,
    RemoveCgroup,
    SetCpuset,
    ClearCpuset,
    SwapCpusets,
    Spawn,
    StopCgroup,
    SetAffinity,
    MoveAllTasks,
    RunPayload,
    WaitPayload,
    KillPayload,
    FreezeCgroup,
    UnfreezeCgroup,
    CaptureCgroupProcs,
    SteerIrq,
}

impl<'a> Op<'a> {
    /// `AddCgroup`.
    pub const fn add_cgroup(name: &'a str) -> Self {
        Self::AddCgroup { name, until_removed: false }
    }

    /// `AddCgroupDef`.
    pub const fn add_cgroup_def(def: &'a CgroupDef<'a>) -> Self {
        Self::AddCgroupDef { name: def.name, def }
    }

    /// `RemoveCgroup`.
    pub const fn remove_cgroup(cgroup: &'a str) -> Self {
        Self::RemoveCgroup { cgroup }
    }

    /// `SetCpuset`.
    pub const fn set_cpuset(cgroup: &'a str, cpus: CpusetSpec) -> Self {
        Self::SetCpuset { cgroup, cpus }
    }

    /// `ClearCpuset`.
    pub const fn clear_cpuset(cgroup: &'a str) -> Self {
        Self::ClearCpuset { cgroup }
    }

    /// `SwapCpusets`.
    pub const fn swap_cpusets(a: &'a str, b: &'a str) -> Self {
        Self::SwapCpusets { a, b }
    }

    /// `Spawn`.
    pub const fn spawn(placement: Placement<'a>, work: WorkSpec<'a>) -> Self {
        Self::Spawn { placement, work }
    }

    /// `Spawn` of this group of workers in a cgroup.
    pub const fn spawn_workers(cgroup: &'a str, work: WorkSpec<'a>) -> Self {
        Self::Spawn { placement: Placement::Cgroup(cgroup), work }
    }

    /// `Spawn` of the default number of workers of this type in a cgroup.
    pub const fn spawn_in_cgroup(cgroup: &'a str, work_type: WorkType) -> Self {
        Self::spawn_workers(cgroup, WorkSpec::new(work_type))
    }

    /// `Spawn` in the runner's own cgroup.
    pub const fn spawn_host(work: WorkSpec<'a>) -> Self {
        Self::Spawn { placement: Placement::RunnerCgroup, work }
    }

    /// `StopCgroup`.
    pub const fn stop_cgroup(cgroup: &'a str) -> Self {
        Self::StopCgroup { cgroup }
    }

    /// `SetAffinity`.
    pub const fn set_affinity(cgroup: &'a str, affinity: AffinityIntent) -> Self {
        Self::SetAffinity { cgroup, affinity }
    }

    /// `MoveAllTasks`; an empty path stands for the runner's cgroup.
    pub const fn move_all_tasks(from: &'a str, to: &'a str) -> Self {
        Self::MoveAllTasks { from: Placement::of_path(from), to: Placement::of_path(to) }
    }

    /// `RunPayload` in the runner's cgroup.
    pub const fn run_payload(payload: &'a Payload<'a>, args: &'a [&'a str]) -> Self {
        Self::RunPayload { payload, args, cgroup: None }
    }

    /// `RunPayload` in a cgroup.
    pub const fn run_payload_in_cgroup(
        payload: &'a Payload<'a>,
        args: &'a [&'a str],
        cgroup: &'a str,
    ) -> Self {
        Self::RunPayload { payload, args, cgroup: Some(cgroup) }
    }

    /// `WaitPayload`, wherever it runs.
    pub const fn wait_payload(name: &'a str) -> Self {
        Self::WaitPayload { name, cgroup: None, timeout: None }
    }

    /// `WaitPayload` in a cgroup; an empty path stands for the runner's.
    pub const fn wait_payload_in_cgroup(name: &'a str, cgroup: &'a str) -> Self {
        Self::WaitPayload { name, cgroup: Some(Placement::of_path(cgroup)), timeout: None }
    }

    /// `KillPayload`, wherever it runs.
    pub const fn kill_payload(name: &'a str) -> Self {
        Self::KillPayload { name, cgroup: None, grace: DEFAULT_GRACE }
    }

    /// `KillPayload` in a cgroup; an empty path stands for the runner's.
    pub const fn kill_payload_in_cgroup(name: &'a str, cgroup: &'a str) -> Self {
        Self::KillPayload { name, cgroup: Some(Placement::of_path(cgroup)), grace: DEFAULT_GRACE }
    }

    /// `FreezeCgroup`.
    pub const fn freeze_cgroup(cgroup: &'a str) -> Self {
        Self::FreezeCgroup { cgroup }
    }

    /// `UnfreezeCgroup`.
    pub const fn unfreeze_cgroup(cgroup: &'a str) -> Self {
        Self::UnfreezeCgroup { cgroup }
    }

    /// `CaptureCgroupProcs`.
    pub const fn capture_cgroup_procs(tag: &'a str, cgroup: &'a str) -> Self {
        Self::CaptureCgroupProcs { tag, cgroup }
    }

    /// `SteerIrq`.
    pub const fn steer_irq(irq: u32, cpu: u32) -> Self {
        Self::SteerIrq { irq, cpu }
    }

    /// The same `AddCgroup`, open to removal by a step; other operations are returned as they are.
    #[must_use]
    pub const fn until_removed(self) -> Self {
        match self {
            Self::AddCgroup { name, .. } => Self::AddCgroup { name, until_removed: true },
            other => other,
        }
    }

    /// The same `WaitPayload` with this timeout; other operations are returned as they are.
    #[must_use]
    pub const fn timeout(self, timeout: Duration) -> Self {
        match self {
            Self::WaitPayload { name, cgroup, .. } => {
                Self::WaitPayload { name, cgroup, timeout: Some(timeout) }
            }
            other => other,
        }
    }

    /// The same `KillPayload` with this grace period; other operations are returned as they are.
    #[must_use]
    pub const fn grace(self, grace: Duration) -> Self {
        match self {
            Self::KillPayload { name, cgroup, .. } => Self::KillPayload { name, cgroup, grace },
            other => other,
        }
    }

    /// Which operation it is.
    pub const fn kind(&self) -> OpKind {
        match self {
            Self::AddCgroup { .. } => OpKind::AddCgroup,
            Self::AddCgroupDef { .. } => OpKind::AddCgroupDef,
            Self::RemoveCgroup { .. } => OpKind::RemoveCgroup,
            Self::SetCpuset { .. } => OpKind::SetCpuset,
            Self::ClearCpuset { .. } => OpKind::ClearCpuset,
            Self::SwapCpusets { .. } => OpKind::SwapCpusets,
            Self::Spawn { .. } => OpKind::Spawn,
            Self::StopCgroup { .. } => OpKind::StopCgroup,
            Self::SetAffinity { .. } => OpKind::SetAffinity,
            Self::MoveAllTasks { .. } => OpKind::MoveAllTasks,
            Self::RunPayload { .. } => OpKind::RunPayload,
            Self::WaitPayload { .. } => OpKind::WaitPayload,
            Self::KillPayload { .. } => OpKind::KillPayload,
            Self::FreezeCgroup { .. } => OpKind::FreezeCgroup,
            Self::UnfreezeCgroup { .. } => OpKind::UnfreezeCgroup,
            Self::CaptureCgroupProcs { .. } => OpKind::CaptureCgroupProcs,
            Self::SteerIrq { .. } => OpKind::SteerIrq,
        }
    }

    /// The same operation with every cgroup name passed through `rename`.
    ///
    /// # Errors
    /// What `rename` fails with.
    pub fn try_rename_cgroups<E>(
        self,
        mut rename: impl FnMut(&'a str) -> Result<&'a str, E>,
    ) -> Result<Self, E> {
        let mut op = self;
        match &mut op {
            Self::AddCgroup { name: cgroup, .. }
            | Self::AddCgroupDef { name: cgroup, .. }
            | Self::RemoveCgroup { cgroup }
            | Self::SetCpuset { cgroup, .. }
            | Self::ClearCpuset { cgroup }
            | Self::Spawn { placement: Placement::Cgroup(cgroup), .. }
            | Self::StopCgroup { cgroup }
            | Self::SetAffinity { cgroup, .. }
            | Self::RunPayload { cgroup: Some(cgroup), .. }
            | Self::WaitPayload { cgroup: Some(Placement::Cgroup(cgroup)), .. }
            | Self::KillPayload { cgroup: Some(Placement::Cgroup(cgroup)), .. }
            | Self::FreezeCgroup { cgroup }
            | Self::UnfreezeCgroup { cgroup }
            | Self::CaptureCgroupProcs { cgroup, .. } => *cgroup = rename(cgroup)?,
            Self::SwapCpusets { a, b } => {
                *a = rename(a)?;
                *b = rename(b)?;
            }
            Self::MoveAllTasks { from, to } => {
                for place in [from, to] {
                    if let Placement::Cgroup(path) = place {
                        *path = rename(path)?;
                    }
                }
            }
            Self::Spawn { placement: Placement::RunnerCgroup, .. }
            | Self::RunPayload { cgroup: None, .. }
            | Self::WaitPayload { cgroup: None | Some(Placement::RunnerCgroup), .. }
            | Self::KillPayload { cgroup: None | Some(Placement::RunnerCgroup), .. }
            | Self::SteerIrq { .. } => {}
        }
        Ok(op)
    }
}
