//! What a worker does before it works: tie its life to the supervisor's, then the scheduling policy, affinity, memory
//! policy, nice value, name, group and user, in this order. It runs in a fork: system calls only.

use crate::sys::{fds, sched};
use ktstr_core::{CpuSet, WorkSpec};
use rustix::io::Errno;
use rustix::process::Pid;
use std::os::fd::RawFd;

/// The stages of a setup, as faults name them.
pub(crate) const STAGES: [&str; 8] =
    ["process group", "sched_policy", "affinity", "mem_policy", "nice", "comm", "gid/uid", "memory"];

/// Everything a worker needs to know, copied into it by the fork.
#[derive(Clone, Copy)]
pub(crate) struct Plan<'a> {
    pub(crate) supervisor: Pid,
    pub(crate) work: WorkSpec<'a>,
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

/// Sets this process up.
///
/// # Errors
/// The stage that failed, and why.
///
/// # Safety
/// Only in a forked worker, which works with no descriptor outside `keep` (sorted) from now on.
pub(crate) unsafe fn run(plan: &Plan<'_>, keep: &[RawFd]) -> Result<(), (usize, Errno)> {
    // A group of its own, so that Ctrl-C at a terminal reaches the supervisor only.
    rustix::process::setpgid(None, None).map_err(|errno| (0, errno))?;
    if !sched::die_with(plan.supervisor) {
        crate::sys::exec::exit_now(0);
    }
    // SAFETY: the caller's promise.
    unsafe { fds::close_all_but(keep) };
    sched::set_policy(plan.work.sched_policy).map_err(|errno| (1, errno))?;
    if let Some(cpus) = &plan.affinity {
        sched::set_affinity(0, cpus).map_err(|errno| (2, errno))?;
    }
    sched::set_mem_policy(plan.work.mem_policy, plan.work.mpol_flags).map_err(|errno| (3, errno))?;
    if let Some(nice) = plan.work.nice {
        sched::set_nice(nice).map_err(|errno| (4, errno))?;
    }
    if let Some(comm) = &plan.comm {
        let name = std::ffi::CStr::from_bytes_until_nul(comm).map_err(|_| (5, Errno::INVAL))?;
        rustix::thread::set_name(name).map_err(|errno| (5, errno))?;
    }
    if plan.work.gid.is_some() || plan.work.uid.is_some() {
        sched::set_ids(plan.work.gid, plan.work.uid).map_err(|errno| (6, errno))?;
        // A change of user disarms it, and the supervisor may have died in between.
        if !sched::die_with(plan.supervisor) {
            crate::sys::exec::exit_now(0);
        }
    }
    Ok(())
}
