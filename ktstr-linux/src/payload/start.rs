//! Starts a program in a cgroup, below a guard, in a session of its own, with its output going into pipes.

use crate::clock::{after, left, now};
use crate::fault::{errno_fault, fault};
use crate::payload::family::Family;
use crate::payload::program;
use crate::sys::clone::{self, Place};
use crate::sys::guard::{self, News};
use crate::sys::{exec, reap};
use ktstr_core::{Fault, FaultKind, Payload};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::{CWD, Mode, OFlags, fcntl_setfl, openat};
use rustix::io::Errno;
use rustix::pipe::{PipeFlags, fcntl_setpipe_size, pipe_with};
use rustix::process::pidfd_send_signal;
use std::ffi::{CString, OsString, c_char};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::time::Duration;

/// How long a program has from its start to its `exec`.
const EXEC_TIME: Duration = Duration::from_secs(5);
/// Room in the pipes, so that a payload is not held up while the supervisor is busy. The kernel may give
/// less.
const PIPE_BYTES: usize = 1024 * 1024;

/// The environment variable by which descendants of a payload are known.
pub(crate) const MARK: &str = "KTSTR_PAYLOAD";

/// A program that runs.
pub(crate) struct Started {
    pub(crate) family: Family,
    pub(crate) stdout: OwnedFd,
    pub(crate) stderr: OwnedFd,
    /// When, on the monotonic clock.
    pub(crate) at: u64,
}

/// Where and how to start.
pub(crate) struct Start<'a> {
    pub(crate) payload: &'a Payload<'a>,
    pub(crate) args: &'a [&'a str],
    /// Variables beside those of the supervisor, `NAME=value` each.
    pub(crate) env: &'a [&'a str],
    pub(crate) place: Place<'a>,
    /// The value of [`MARK`].
    pub(crate) mark: &'a str,
}

/// Starts the program and waits until its `exec` has succeeded.
///
/// # Errors
/// `NoProgram`, `NotExecutable`, or the errno of clone3. No process is left then.
pub(crate) fn start(order: &Start<'_>) -> Result<Started, Fault> {
    let at = now();
    let binary = order.payload.binary;
    let system = |errno: Errno| errno_fault(errno, binary);
    let program = program::find(binary, &std::env::var_os("PATH").unwrap_or_default())?;
    let argv = strings(binary, order)?;
    let environment = environment(order)?;
    let null = openat(CWD, "/dev/null", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()).map_err(system)?;
    let (stdout, stdout_end) = output_pipe().map_err(system)?;
    let (stderr, stderr_end) = output_pipe().map_err(system)?;
    let (report, report_end) = pipe_with(PipeFlags::CLOEXEC).map_err(system)?;
    let (news, news_end) = pipe_with(PipeFlags::CLOEXEC).map_err(system)?;
    let supervisor = rustix::process::getpid();
    let plan = guard::Plan {
        exec: exec::Plan {
            program: &program,
            argv: &pointers(&argv),
            envp: &pointers(&environment),
            stdio: [null.as_fd(), stdout_end.as_fd(), stderr_end.as_fd()],
            report: report_end.as_fd(),
            join: if let Place::Join(procs) = order.place { Some(procs) } else { None },
            parent: supervisor,
        },
        place: order.place,
        news: news_end.as_fd(),
        supervisor,
    };
    let guard = guard::start(&plan, &mut vec![0; clone::STACK]).map_err(system)?;
    drop((report_end, news_end, stdout_end, stderr_end));
    let begun = await_start(&news).map_err(system).and_then(|main| {
        fcntl_setfl(&news, OFlags::NONBLOCK).map_err(system)?;
        await_exec(&report)?;
        Ok(main)
    });
    match begun {
        Ok(main) => Ok(Started { family: Family::new(guard, main, news), stdout, stderr, at }),
        Err(found) => {
            // It has no child, or one that never becomes a program, and ends with that.
            let _ = pidfd_send_signal(&guard.pidfd, guard::Ask::KillAll.signal());
            reap::wait_for(&guard);
            Err(if found.detail.is_empty() { fault_at(found, binary) } else { found })
        }
    }
}

/// The number of the payload's process.
fn await_start(news: &OwnedFd) -> Result<i32, Errno> {
    let mut bytes = [0; News::BYTES];
    let count = rustix::io::retry_on_intr(|| rustix::io::read(news, &mut bytes))?;
    match News::decode(bytes).filter(|_| count == bytes.len()) {
        Some(News::Started(main)) => Ok(main),
        Some(News::Refused(errno)) => Err(errno),
        // It was killed before it could say anything.
        _ => Err(Errno::SRCH),
    }
}

fn fault_at(found: Fault, binary: &str) -> Fault {
    let mut at = fault(found.kind, binary);
    at.errno = found.errno;
    at
}

/// An empty report pipe means success, once the child has got so far. Where it is known that it has, nobody
/// waits for the pipe's end: a fork of another thread may hold that for a while.
fn await_exec(report: &OwnedFd) -> Result<(), Fault> {
    let deadline = if clone::VFORK_WAITS { 0 } else { after(EXEC_TIME) };
    loop {
        let mut fds = [PollFd::new(report, PollFlags::IN)];
        match poll(&mut fds, Some(&left(deadline))) {
            Ok(0) if clone::VFORK_WAITS => return Ok(()),
            Ok(0) => return Err(fault(FaultKind::TimedOut, "")),
            Ok(_) => break,
            Err(Errno::INTR) => {}
            Err(errno) => return Err(errno_fault(errno, "")),
        }
    }
    let mut errno = [0u8; 4];
    match rustix::io::read(report, &mut errno) {
        Ok(4) => {
            let errno = i32::from_ne_bytes(errno);
            let mut failed = match errno {
                libc::EPERM | libc::E2BIG | libc::EMFILE => Fault::from_errno(errno, ""),
                // The file was found before, so what is missing is its interpreter or loader.
                libc::ENOENT => fault(FaultKind::NotExecutable, ""),
                libc::ENOMEM | libc::EAGAIN => fault(FaultKind::NoRoom, ""),
                _ => fault(FaultKind::NotExecutable, ""),
            };
            failed.errno = errno;
            Err(failed)
        }
        _ => Ok(()),
    }
}

fn output_pipe() -> Result<(OwnedFd, OwnedFd), Errno> {
    let (from, to) = pipe_with(PipeFlags::CLOEXEC)?;
    fcntl_setfl(&from, OFlags::NONBLOCK)?;
    // A larger pipe is a comfort only: unprivileged users have a limit.
    let _ = fcntl_setpipe_size(&from, PIPE_BYTES);
    Ok((from, to))
}

fn strings(binary: &str, order: &Start<'_>) -> Result<Vec<CString>, Fault> {
    let arguments = order.payload.default_args.iter().chain(order.args);
    std::iter::once(&binary)
        .chain(arguments)
        .map(|text| CString::new(*text).map_err(|_| fault(FaultKind::Invalid, "an argument holds a NUL")))
        .collect()
}

fn environment(order: &Start<'_>) -> Result<Vec<CString>, Fault> {
    let is_given = |key: &OsString| {
        let named = |one: &str| one.split('=').next().is_some_and(|name| key.as_os_str() == name);
        order.env.iter().any(|one| named(one))
    };
    let mut strings: Vec<CString> = std::env::vars_os()
        .filter(|(key, _)| key != MARK && !is_given(key))
        .filter_map(|(mut pair, value): (OsString, OsString)| {
            pair.push("=");
            pair.push(value);
            CString::new(pair.into_vec()).ok()
        })
        .collect();
    for variable in order.env {
        let whole = CString::new(*variable).ok().filter(|_| variable.find('=').is_some_and(|at| at > 0));
        strings.push(whole.ok_or_else(|| fault(FaultKind::Invalid, "a variable is not NAME=value"))?);
    }
    strings.extend(CString::new(format!("{MARK}={}", order.mark)));
    Ok(strings)
}

fn pointers(strings: &[CString]) -> Vec<*const c_char> {
    strings.iter().map(|text| text.as_ptr()).chain([std::ptr::null()]).collect()
}
