//! What a child does between its start and `exec`, in system calls only: it may share its parent's memory.

use rustix::process::Pid;
use std::ffi::{CStr, c_char};
use std::os::fd::{AsRawFd, BorrowedFd};

/// Exit code of a child that could not enter its cgroup.
pub(crate) const NOT_PLACED: i32 = 126;
/// Exit code of a child whose `exec` failed; the errno went through the pipe.
const NOT_STARTED: i32 = 127;

/// Everything `exec` needs, made before the child is.
pub(crate) struct Plan<'a> {
    /// The program's file.
    pub(crate) program: &'a CStr,
    /// Arguments, the program's name first, ended by a null pointer.
    pub(crate) argv: &'a [*const c_char],
    /// Environment, ended by a null pointer.
    pub(crate) envp: &'a [*const c_char],
    /// Standard input, output and error.
    pub(crate) stdio: [BorrowedFd<'a>; 3],
    /// Where the errno goes when `exec` fails; closed by a successful one.
    pub(crate) report: BorrowedFd<'a>,
    /// `cgroup.procs` to enter first, for a child that shares memory and was not placed by the kernel.
    pub(crate) join: Option<BorrowedFd<'a>>,
    /// Who started it.
    pub(crate) parent: Pid,
}

/// Ends this process at once, running nothing.
pub(crate) fn exit_now(code: i32) -> ! {
    // SAFETY: _exit never returns and touches no memory.
    unsafe { libc::_exit(code) }
}

/// Makes this process a session of its own that dies with its parent, and turns it into the program.
pub(crate) fn run(plan: &Plan<'_>) -> ! {
    if let Some(procs) = plan.join
        && rustix::io::write(procs, b"0").is_err()
    {
        fail(plan, libc::EPERM);
    }
    // SAFETY: plain system calls on descriptors that `plan` borrows. The handler table and the descriptor
    // table are this child's own (no CLONE_SIGHAND, no CLONE_FILES), so the parent sees none of it.
    unsafe {
        libc::setsid();
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
        if libc::getppid() != plan.parent.as_raw_nonzero().get() {
            exit_now(NOT_STARTED);
        }
        for (target, source) in plan.stdio.iter().enumerate() {
            if libc::dup2(source.as_raw_fd(), target as i32) < 0 {
                fail(plan, *libc::__errno_location());
            }
        }
        for signal in 1..=64 {
            libc::signal(signal, libc::SIG_DFL);
        }
        libc::syscall(libc::SYS_close_range, 3u32, u32::MAX, libc::CLOSE_RANGE_CLOEXEC);
        let mut none: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut none);
        libc::sigprocmask(libc::SIG_SETMASK, &raw const none, std::ptr::null_mut());
        libc::execve(plan.program.as_ptr(), plan.argv.as_ptr(), plan.envp.as_ptr());
        fail(plan, *libc::__errno_location())
    }
}

fn fail(plan: &Plan<'_>, errno: i32) -> ! {
    // Nobody is left to tell when this write fails; the parent then sees the exit code.
    let _ = rustix::io::write(plan.report, &errno.to_ne_bytes());
    exit_now(NOT_STARTED)
}
