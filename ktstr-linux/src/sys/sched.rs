//! What a worker asks of the scheduler and of memory placement, for itself, where rustix has no call for it.

use ktstr_core::{MemPolicy, MpolFlags, SchedPolicy};
use rustix::io::Errno;
use std::time::Duration;

/// `struct sched_attr` as of its first version, which every kernel takes.
#[repr(C)]
#[derive(Default)]
struct SchedAttr {
    size: u32,
    policy: u32,
    flags: u64,
    nice: i32,
    priority: u32,
    runtime: u64,
    deadline: u64,
    period: u64,
}

const SCHED_EXT: u32 = 7;

/// Sets the policy of this process, which is the normal one until then.
///
/// # Errors
/// `EPERM` without the right to it, `EBUSY` where no bandwidth is left for a deadline, `EINVAL` where the
/// kernel does not know the policy.
pub(crate) fn set_policy(policy: SchedPolicy) -> Result<(), Errno> {
    if policy == SchedPolicy::Normal { Ok(()) } else { change_policy(policy) }
}

/// Sets the policy of this process, whatever it is until then. A normal one has a nice value of 0 then.
///
/// # Errors
/// As for [`set_policy`].
pub(crate) fn change_policy(policy: SchedPolicy) -> Result<(), Errno> {
    put_policy(0, policy, 0)
}

/// Sets the policy of a process, which keeps its nice value.
///
/// # Errors
/// As for [`set_policy`]; `ESRCH` when the process is gone.
pub(crate) fn set_policy_of(pid: i32, policy: SchedPolicy) -> Result<(), Errno> {
    let process = rustix::process::Pid::from_raw(pid).ok_or(Errno::SRCH)?;
    put_policy(pid, policy, rustix::process::getpriority_process(Some(process))?)
}

fn put_policy(pid: i32, policy: SchedPolicy, nice: i32) -> Result<(), Errno> {
    let mut attr = SchedAttr { size: size_of::<SchedAttr>() as u32, nice, ..SchedAttr::default() };
    let nanos = |length: Duration| u64::try_from(length.as_nanos()).unwrap_or(u64::MAX);
    match policy {
        SchedPolicy::Normal => attr.policy = libc::SCHED_OTHER as u32,
        SchedPolicy::Batch => attr.policy = libc::SCHED_BATCH as u32,
        SchedPolicy::Idle => attr.policy = libc::SCHED_IDLE as u32,
        SchedPolicy::Fifo(priority) => {
            attr.policy = libc::SCHED_FIFO as u32;
            attr.priority = u32::from(priority);
        }
        SchedPolicy::RoundRobin(priority) => {
            attr.policy = libc::SCHED_RR as u32;
            attr.priority = u32::from(priority);
        }
        SchedPolicy::Deadline { runtime, deadline, period } => {
            attr.policy = libc::SCHED_DEADLINE as u32;
            attr.runtime = nanos(runtime);
            attr.deadline = nanos(deadline);
            attr.period = nanos(period);
        }
        SchedPolicy::Ext => attr.policy = SCHED_EXT,
    }
    // SAFETY: `attr` is a whole sched_attr that says its own size.
    check(unsafe { libc::syscall(libc::SYS_sched_setattr, pid, &raw const attr, 0u32) })
}

/// Sets the memory policy of this process.
///
/// # Errors
/// `EINVAL` for nodes that are not there or a policy the kernel does not know.
pub(crate) fn set_mem_policy(policy: MemPolicy, flags: MpolFlags) -> Result<(), Errno> {
    let mode = match policy {
        MemPolicy::Default if flags.is_empty() => return Ok(()),
        MemPolicy::Default => 0,
        // The mask cannot say it, and the kernel would take an empty one for `Local`.
        MemPolicy::Preferred(64..) => return Err(Errno::INVAL),
        MemPolicy::Preferred(_) => 1,
        MemPolicy::Bind(_) => 2,
        MemPolicy::Interleave(_) => 3,
        MemPolicy::Local => 4,
        MemPolicy::PreferredMany(_) => 5,
        MemPolicy::WeightedInterleave(_) => 6,
    };
    let mut bits: libc::c_int = mode;
    for (flag, bit) in [
        (MpolFlags::STATIC_NODES, 1 << 15),
        (MpolFlags::RELATIVE_NODES, 1 << 14),
        (MpolFlags::NUMA_BALANCING, 1 << 13),
    ] {
        if flags.has(flag) {
            bits |= bit;
        }
    }
    let nodes = policy.nodes().map(|nodes| *nodes.words());
    let (mask, max) = match &nodes {
        // The kernel takes one off the number of bits it is given.
        Some(words) => (words.as_ptr(), 64 + 1),
        None => (std::ptr::null(), 0usize),
    };
    // SAFETY: the mask is null, or 64 bits that outlive the call.
    check(unsafe { libc::syscall(libc::SYS_set_mempolicy, bits, mask, max) })
}

/// Sets the nice value of this process.
///
/// # Errors
/// `EACCES` or `EPERM` for a lower one without the right to it.
pub(crate) fn set_nice(nice: i32) -> Result<(), Errno> {
    rustix::process::setpriority_process(None, nice)
}

/// Sets the nice value of a process.
///
/// # Errors
/// `EACCES` or `EPERM` for a lower one without the right to it, `ESRCH` when the process is gone.
pub(crate) fn set_nice_of(pid: i32, nice: i32) -> Result<(), Errno> {
    let process = rustix::process::Pid::from_raw(pid).ok_or(Errno::SRCH)?;
    rustix::process::setpriority_process(Some(process), nice)
}

/// Takes this process out of all supplementary groups. This and the two below are raw calls: a C library
/// would ask threads that this fork does not have.
///
/// # Errors
/// `EPERM` without the right to it, also where a user namespace denies it to all; not where there are none to
/// leave.
pub(crate) fn leave_groups() -> Result<(), Errno> {
    // SAFETY: with a length of 0 only their number is asked for.
    if unsafe { libc::syscall(libc::SYS_getgroups, 0usize, std::ptr::null::<libc::gid_t>()) } == 0 {
        return Ok(());
    }
    // SAFETY: no memory is passed.
    check(unsafe { libc::syscall(libc::SYS_setgroups, 0usize, std::ptr::null::<libc::gid_t>()) })
}

/// Sets real, effective and saved group id of this process.
///
/// # Errors
/// `EPERM` without the right to it, `EINVAL` for one that the user namespace does not have.
pub(crate) fn set_gid(gid: u32) -> Result<(), Errno> {
    // SAFETY: no memory is passed.
    check(unsafe { libc::syscall(libc::SYS_setresgid, gid, gid, gid) })
}

/// Sets real, effective and saved user id of this process.
///
/// # Errors
/// As for [`set_gid`]; `EAGAIN` at that user's limit of processes.
pub(crate) fn set_uid(uid: u32) -> Result<(), Errno> {
    // SAFETY: no memory is passed.
    check(unsafe { libc::syscall(libc::SYS_setresuid, uid, uid, uid) })
}

/// Sets the CPU affinity of a process (0: this one) to up to 1,024 CPUs.
///
/// # Errors
/// `EINVAL` when none of them is there and allowed, `ESRCH` when the process has ended, `EBUSY` under a
/// deadline.
pub(crate) fn set_affinity(pid: i32, cpus: &ktstr_core::CpuSet) -> Result<(), Errno> {
    let words = cpus.words();
    // SAFETY: the mask and its size in bytes belong together and outlive the call.
    check(unsafe { libc::syscall(libc::SYS_sched_setaffinity, pid, size_of_val(words), words.as_ptr()) })
}

/// The CPU affinity of a process (0: this one).
///
/// # Errors
/// `EINVAL` on a machine with more than 1,024 possible CPUs, `ESRCH` when the process has ended.
pub(crate) fn affinity(pid: i32) -> Result<ktstr_core::CpuSet, Errno> {
    let mut words = [0u64; ktstr_core::MAX_CPUS / 64];
    // SAFETY: the mask and its size in bytes belong together and outlive the call.
    let copied =
        unsafe { libc::syscall(libc::SYS_sched_getaffinity, pid, size_of_val(&words), words.as_mut_ptr()) };
    check(copied)?;
    let cpus = (0..ktstr_core::MAX_CPUS).filter(|cpu| words[cpu / 64] & (1 << (cpu % 64)) != 0);
    Ok(cpus.collect())
}

/// Asks for the sleeps of this process to end as exactly as timers can.
pub(crate) fn set_timer_slack_to_least() {
    // SAFETY: no memory is passed. Fails on no kernel that has prctl.
    unsafe { libc::prctl(libc::PR_SET_TIMERSLACK, 1) };
}

/// Has this process killed when the thread that made it ends. False when that has happened already.
pub(crate) fn die_with(parent: rustix::process::Pid) -> bool {
    // SAFETY: no memory is passed.
    unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
    rustix::process::getppid() == Some(parent)
}

/// Makes this process, of one thread, the one that the orphans of its descendants come to, and has it learn
/// by SIGTERM when the thread that made it ends. False when that has happened already.
pub(crate) fn guard_for(parent: rustix::process::Pid) -> bool {
    // SAFETY: no memory is passed but a name that ends with a zero. Neither call fails on a kernel since 3.4.
    unsafe {
        libc::prctl(libc::PR_SET_NAME, c"ktstr-guard".as_ptr());
        libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1);
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGTERM);
    }
    rustix::process::getppid() == Some(parent)
}

fn check(result: libc::c_long) -> Result<(), Errno> {
    if result >= 0 {
        return Ok(());
    }
    Err(Errno::from_io_error(&std::io::Error::last_os_error()).unwrap_or(Errno::INVAL))
}
