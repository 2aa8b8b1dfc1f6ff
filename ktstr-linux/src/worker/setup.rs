//! What a worker does before it works: tie its life to the supervisor's, then the scheduling policy,
//! affinity, memory policy, nice value, name, groups and user, in this order. It runs in a fork: system calls
//! only.

use crate::fault::errno_fault;
use crate::sys::{fds, sched};
use crate::worker::{Order, works};
use ktstr_core::{AffinityPlan, CpuSet, Fault, FaultKind, MemPolicy, SchedPolicy, WorkSpec};
use rustix::io::Errno;
use rustix::process::Pid;
use std::os::fd::RawFd;

/// The stages of a setup, by the call that each makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Stage {
    ProcessGroup,
    Policy,
    Affinity,
    MemPolicy,
    Nice,
    Name,
    Groups,
    Group,
    User,
}

impl Stage {
    pub(crate) const ALL: [Self; 9] = [
        Self::ProcessGroup,
        Self::Policy,
        Self::Affinity,
        Self::MemPolicy,
        Self::Nice,
        Self::Name,
        Self::Groups,
        Self::Group,
        Self::User,
    ];

    /// The call, as faults name it, and the kind of its faults; `None` for that of the errno.
    const fn texts(self) -> (&'static str, Option<FaultKind>) {
        match self {
            Self::ProcessGroup => ("setpgid", None),
            Self::Policy => ("sched_setattr", Some(FaultKind::SetPolicy)),
            Self::Affinity => ("sched_setaffinity", Some(FaultKind::SetAffinity)),
            Self::MemPolicy => ("set_mempolicy", Some(FaultKind::SetMemPolicy)),
            Self::Nice => ("setpriority", Some(FaultKind::SetNice)),
            Self::Name => ("prctl(PR_SET_NAME)", None),
            Self::Groups => ("setgroups", Some(FaultKind::SetIds)),
            Self::Group => ("setresgid", Some(FaultKind::SetIds)),
            Self::User => ("setresuid", Some(FaultKind::SetIds)),
        }
    }

    /// The fault of this stage.
    pub(crate) fn fault(self, errno: Errno, who: &str) -> Fault {
        let (call, kind) = self.texts();
        let mut fault = errno_fault(errno, &format!("{call} of {who}"));
        fault.kind = kind.unwrap_or(fault.kind);
        fault
    }
}

/// Everything a worker needs to know, copied into it by the fork.
#[derive(Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) supervisor: Pid,
    /// Without its name, which is in `comm`.
    pub(crate) work: WorkSpec<'static>,
    /// The policy that the work asks for itself.
    pub(crate) policy: Option<SchedPolicy>,
    pub(crate) comm: Option<Comm>,
    pub(crate) affinity: Option<CpuSet>,
}

/// A task's name, ended by a zero.
pub(crate) type Comm = [u8; 16];

/// The name as the kernel takes it, cut to 15 bytes.
pub(crate) fn comm(name: &str) -> Comm {
    let mut comm = [0; 16];
    for (to, from) in comm.iter_mut().zip(name.bytes().take(15)) {
        *to = from;
    }
    comm
}

/// The same work without a name, so that it refers to nothing.
pub(crate) fn unnamed(work: &WorkSpec<'_>) -> WorkSpec<'static> {
    let WorkSpec {
        work_type,
        workers,
        workers_pct,
        sched_policy,
        affinity,
        mem_policy,
        mpol_flags,
        nice,
        comm: _,
        uid,
        gid,
    } = *work;
    WorkSpec {
        work_type,
        workers,
        workers_pct,
        sched_policy,
        affinity,
        mem_policy,
        mpol_flags,
        nice,
        comm: None,
        uid,
        gid,
    }
}

/// Whether the kernel may refuse anything in the setup of these workers.
pub(crate) fn may_fail(order: &Order<'_>) -> bool {
    // All fields are named, so that one that is added is thought of here.
    let WorkSpec {
        work_type,
        workers: _,
        workers_pct: _,
        sched_policy,
        affinity: _,
        mem_policy,
        mpol_flags,
        nice,
        comm: _,
        uid,
        gid,
    } = *order.work;
    (0..work_type.team_size() as usize).any(|member| works::policy(&work_type, member).is_some())
        || sched_policy != SchedPolicy::Normal
        || order.affinity != AffinityPlan::Inherit
        || mem_policy != MemPolicy::Default
        || !mpol_flags.is_empty()
        || nice.is_some()
        || uid.is_some()
        || gid.is_some()
}

/// Sets this process up.
///
/// # Errors
/// The stage that failed, and why.
///
/// # Safety
/// Only in a forked worker, which works with no descriptor outside `keep` (sorted) from now on.
pub(crate) unsafe fn run(plan: &Plan, keep: &[RawFd]) -> Result<(), (Stage, Errno)> {
    // First, as the table may be the supervisor's own until then.
    // SAFETY: the caller's promise.
    unsafe { fds::close_all_but(keep) };
    // A group of its own, so that Ctrl-C at a terminal reaches the supervisor only.
    rustix::process::setpgid(None, None).map_err(|errno| (Stage::ProcessGroup, errno))?;
    if !sched::die_with(plan.supervisor) {
        crate::sys::exec::exit_now(0);
    }
    sched::set_policy(plan.policy.unwrap_or(plan.work.sched_policy))
        .map_err(|errno| (Stage::Policy, errno))?;
    if let Some(cpus) = &plan.affinity {
        sched::set_affinity(0, cpus).map_err(|errno| (Stage::Affinity, errno))?;
    }
    sched::set_mem_policy(plan.work.mem_policy, plan.work.mpol_flags)
        .map_err(|errno| (Stage::MemPolicy, errno))?;
    if let Some(nice) = plan.work.nice {
        sched::set_nice(nice).map_err(|errno| (Stage::Nice, errno))?;
    }
    if let Some(comm) = &plan.comm {
        let name = std::ffi::CStr::from_bytes_until_nul(comm).map_err(|_| (Stage::Name, Errno::INVAL))?;
        rustix::thread::set_name(name).map_err(|errno| (Stage::Name, errno))?;
    }
    if plan.work.gid.is_some() || plan.work.uid.is_some() {
        set_ids(plan.work.gid, plan.work.uid)?;
        // A change of user disarms it, and the supervisor may have died in between.
        if !sched::die_with(plan.supervisor) {
            crate::sys::exec::exit_now(0);
        }
    }
    Ok(())
}

/// Becomes another user or group. The groups that the supervisor is in go first, while there is the right to
/// leave them: whoever has none of its ids is to have none of its rights.
fn set_ids(gid: Option<u32>, uid: Option<u32>) -> Result<(), (Stage, Errno)> {
    // By the highest number the kernel means "leave it".
    let known = |id: u32, stage| if id == u32::MAX { Err((stage, Errno::INVAL)) } else { Ok(id) };
    let gid = gid.map(|gid| known(gid, Stage::Group)).transpose()?;
    let uid = uid.map(|uid| known(uid, Stage::User)).transpose()?;
    sched::leave_groups().map_err(|errno| (Stage::Groups, errno))?;
    if let Some(gid) = gid {
        sched::set_gid(gid).map_err(|errno| (Stage::Group, errno))?;
    }
    if let Some(uid) = uid {
        sched::set_uid(uid).map_err(|errno| (Stage::User, errno))?;
    }
    Ok(())
}
