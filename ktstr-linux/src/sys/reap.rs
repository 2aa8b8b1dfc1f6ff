//! Reaping by pidfd, with the CPU time that only the raw call hands out.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
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

/// Whether a child has ended, leaving it to be reaped. One that is no child any more has.
pub(crate) fn has_ended(pidfd: BorrowedFd<'_>) -> bool {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    match waitid(WaitId::PidFd(pidfd), options) {
        Ok(status) => status.is_some(),
        Err(errno) => errno == Errno::CHILD,
    }
}

/// Which of these processes have ended, looked at in one call.
pub(crate) fn which_have_ended<'f>(pidfds: impl Iterator<Item = BorrowedFd<'f>>) -> Vec<bool> {
    let mut fds: Vec<PollFd<'_>> = pidfds.map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN)).collect();
    // One that is interrupted finds none; the next will.
    let _ = poll(&mut fds, Some(&Timespec::default()));
    fds.iter().map(|fd| !fd.revents().is_empty()).collect()
}

/// How a child has ended, leaving it to be reaped; `None` while it runs, and for one that is no child any
/// more.
pub(crate) fn peek(pidfd: BorrowedFd<'_>) -> Option<End> {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    waitid(WaitId::PidFd(pidfd), options).ok().flatten().map(|status| end_of(&status))
}

/// Any child that has ended, and how, leaving it to be reaped; `None` while none has.
///
/// # Errors
/// `ECHILD` when there is no child.
pub(crate) fn peek_any() -> Result<Option<(i32, End)>, Errno> {
    let info = wait(libc::P_ALL, 0, libc::WEXITED | libc::WNOHANG | libc::WNOWAIT)?;
    // SAFETY: a successful call has filled the SIGCHLD part of the union, or left it zero.
    let (pid, status) = unsafe { (info.si_pid(), info.si_status()) };
    let end = if info.si_code == libc::CLD_EXITED { End::Exited(status) } else { End::Signalled(status) };
    Ok((pid != 0).then_some((pid, end)))
}

/// Reaps a child that has ended.
pub(crate) fn take(pid: i32) {
    // It was seen to have ended, and nobody else reaps here.
    let _ = wait(libc::P_PID, pid, libc::WEXITED | libc::WNOHANG);
}

/// Whether this is a child that was not reaped.
pub(crate) fn is_child(pid: i32) -> bool {
    wait(libc::P_PID, pid, libc::WEXITED | libc::WNOHANG | libc::WNOWAIT).is_ok()
}

/// The process group of a process that was not reaped; negative for one that was.
pub(crate) fn group_of(pid: i32) -> i32 {
    // SAFETY: no memory is passed.
    unsafe { libc::getpgid(pid) }
}

fn wait(kind: libc::idtype_t, id: i32, options: i32) -> Result<libc::siginfo_t, Errno> {
    // SAFETY: all zeroes is a value of this plain C struct.
    let mut info: libc::siginfo_t = unsafe { std::mem::zeroed() };
    // SAFETY: the pointer is to a live struct of the size that the call expects.
    let result = unsafe { libc::waitid(kind, id as libc::id_t, &raw mut info, options) };
    if result == 0 {
        return Ok(info);
    }
    Err(Errno::from_io_error(&std::io::Error::last_os_error()).unwrap_or(Errno::CHILD))
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
