//! Reaping by pidfd, with the CPU time that only the raw call hands out.

use rustix::io::Errno;
use rustix::process::{WaitId, WaitIdOptions, WaitIdStatus, waitid};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// It exited with this code.
    Exited(i32),
    /// This signal killed it.
    Signalled(i32),
}

/// A process that was reaped.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reaped {
    pub(crate) end: End,
    /// CPU time of it and of the children it had waited for.
    pub(crate) cpu_ns: u64,
}

/// Reaps a child if it has ended; `None` if it still runs.
///
/// # Errors
/// `ECHILD` when it is not (or no longer) a child of this process.
pub(crate) fn try_reap(pidfd: BorrowedFd<'_>) -> Result<Option<Reaped>, Errno> {
    // SAFETY: both are plain C structs for which all zeroes is a value.
    let (mut info, mut usage): (libc::siginfo_t, libc::rusage) = unsafe { std::mem::zeroed() };
    // SAFETY: both pointers are to live structs of the size that the call expects.
    let result = unsafe {
        libc::syscall(
            libc::SYS_waitid,
            libc::P_PIDFD,
            pidfd.as_raw_fd(),
            &raw mut info,
            libc::WEXITED | libc::WNOHANG,
            &raw mut usage,
        )
    };
    if result != 0 {
        return Err(Errno::from_io_error(&std::io::Error::last_os_error()).unwrap_or(Errno::CHILD));
    }
    // SAFETY: a successful call has filled the SIGCHLD part of the union, or left it zero.
    let (pid, status) = unsafe { (info.si_pid(), info.si_status()) };
    if pid == 0 {
        return Ok(None);
    }
    let end = if info.si_code == libc::CLD_EXITED { End::Exited(status) } else { End::Signalled(status) };
    Ok(Some(Reaped { end, cpu_ns: nanos(usage.ru_utime) + nanos(usage.ru_stime) }))
}

fn nanos(time: libc::timeval) -> u64 {
    time.tv_sec as u64 * 1_000_000_000 + time.tv_usec as u64 * 1_000
}

/// How a child has ended, if it has, leaving it to be reaped. One that is no child any more counts as exited.
pub(crate) fn peek(pidfd: BorrowedFd<'_>) -> Option<End> {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    match waitid(WaitId::PidFd(pidfd), options) {
        Ok(status) => status.as_ref().map(end_of),
        Err(Errno::CHILD) => Some(End::Exited(0)),
        Err(_) => None,
    }
}

/// Waits for a child of this process and reaps it; `None` when it is no child any more.
pub(crate) fn wait_for(child: &super::clone::Child) -> Option<End> {
    loop {
        match waitid(WaitId::PidFd(child.pidfd.as_fd()), WaitIdOptions::EXITED) {
            Ok(Some(status)) => return Some(end_of(&status)),
            Ok(None) | Err(Errno::INTR) => {}
            Err(_) => return None,
        }
    }
}

fn end_of(status: &WaitIdStatus) -> End {
    match (status.exit_status(), status.terminating_signal()) {
        (None, Some(signal)) => End::Signalled(signal),
        (code, _) => End::Exited(code.unwrap_or(0)),
    }
}
