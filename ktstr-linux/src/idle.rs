//! Processes that only wait, for code that tests where processes are put and how they end. They are placed by
//! the kernel as workers are, but have no part in scenarios.

use crate::sys::clone::{self, Child, Place};
use crate::sys::{exec, reap, sched};
use rustix::io::Errno;
use rustix::process::{Signal, WaitId, WaitIdOptions, WaitIdStatus};
use std::os::fd::{AsFd, BorrowedFd};

/// A child that waits until a signal ends it; signals do to it what they do to its maker. It also ends with
/// the thread that made it. Dropping this neither ends nor reaps it.
#[derive(Debug)]
pub struct Idle {
    child: Child,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// With this exit code.
    Exited(i32),
    /// By this signal.
    Signalled(i32),
}

impl Idle {
    /// Forks into the cgroup of this directory by `clone3(CLONE_INTO_CGROUP)`, or into the caller's.
    ///
    /// # Errors
    /// What clone3 says, as a number of errno: among others `EAGAIN` at a limit of tasks, `EBUSY` and
    /// `EOPNOTSUPP` for a cgroup that holds no tasks.
    pub fn spawn(cgroup: Option<BorrowedFd<'_>>) -> std::io::Result<Self> {
        let parent = rustix::process::getpid();
        let place = cgroup.map_or(Place::Here, Place::Into);
        let mut body = || {
            if sched::die_with(parent) {
                loop {
                    rustix::event::pause();
                }
            }
            exec::NOT_PLACED
        };
        // SAFETY: the body makes system calls only; the handlers of this crate are fit for a fork.
        let child = unsafe { clone::fork_as_is(place, &mut body) }?;
        Ok(Self { child })
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.pid.as_raw_nonzero().get().unsigned_abs()
    }

    /// Asks it to end (SIGTERM), or ends it (SIGKILL). Neither has an effect on one that has ended.
    ///
    /// # Errors
    /// `ESRCH` once it is reaped.
    pub fn signal(&self, kill: bool) -> std::io::Result<()> {
        let signal = if kill { Signal::KILL } else { Signal::TERM };
        Ok(rustix::process::pidfd_send_signal(&self.child.pidfd, signal)?)
    }

    /// How it ended, if it has; it stays to be reaped.
    ///
    /// # Errors
    /// `ECHILD` once it is reaped.
    pub fn ended(&self) -> std::io::Result<Option<Ended>> {
        let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        let status = rustix::process::waitid(WaitId::PidFd(self.child.pidfd.as_fd()), look)?;
        Ok(status.and_then(|status| how(&status)))
    }

    /// Takes its status, if it has ended.
    ///
    /// # Errors
    /// `EAGAIN` while it lives, `ECHILD` once it is reaped.
    pub fn reap(&self) -> std::io::Result<()> {
        match reap::try_reap(self.child.pidfd.as_fd())? {
            Some(_) => Ok(()),
            None => Err(Errno::AGAIN.into()),
        }
    }
}

fn how(status: &WaitIdStatus) -> Option<Ended> {
    status.exit_status().map(Ended::Exited).or_else(|| status.terminating_signal().map(Ended::Signalled))
}
