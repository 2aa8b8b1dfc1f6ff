//! Processes that only wait, for code that tests where processes are put and how they end. They are placed by
//! the kernel as workers are, but have no part in scenarios.

use ktstr_linux::fork_waiting;
use rustix::io::Errno;
use rustix::process::{Signal, WaitId, WaitIdOptions, WaitIdStatus, pidfd_send_signal, waitid};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// A child that waits until a signal ends it; signals do to it what they do to its maker. It also ends with
/// the thread that made it. Dropping this neither ends nor reaps it.
#[derive(Debug)]
pub struct Idle {
    pid: u32,
    pidfd: OwnedFd,
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
        fork_waiting(cgroup).map(|(pid, pidfd)| Self { pid, pidfd })
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Asks it to end (SIGTERM), or ends it (SIGKILL). Neither has an effect on one that has ended.
    ///
    /// # Errors
    /// `ESRCH` once it is reaped.
    pub fn signal(&self, kill: bool) -> std::io::Result<()> {
        let signal = if kill { Signal::KILL } else { Signal::TERM };
        Ok(pidfd_send_signal(&self.pidfd, signal)?)
    }

    /// How it ended, if it has; it stays to be reaped.
    ///
    /// # Errors
    /// `ECHILD` once it is reaped.
    pub fn ended(&self) -> std::io::Result<Option<Ended>> {
        let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        Ok(self.wait(look)?.and_then(|status| how(&status)))
    }

    /// Takes its status, if it has ended.
    ///
    /// # Errors
    /// `EAGAIN` while it lives, `ECHILD` once it is reaped.
    pub fn reap(&self) -> std::io::Result<()> {
        match self.wait(WaitIdOptions::EXITED | WaitIdOptions::NOHANG)? {
            Some(_) => Ok(()),
            None => Err(Errno::AGAIN.into()),
        }
    }

    fn wait(&self, options: WaitIdOptions) -> std::io::Result<Option<WaitIdStatus>> {
        Ok(waitid(WaitId::PidFd(self.pidfd.as_fd()), options)?)
    }
}

fn how(status: &WaitIdStatus) -> Option<Ended> {
    status.exit_status().map(Ended::Exited).or_else(|| status.terminating_signal().map(Ended::Signalled))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_waits_until_it_is_killed_and_is_reaped_once() {
        let idle = Idle::spawn(None).expect("a fork");
        assert_eq!(idle.ended().expect("a child"), None);
        assert_eq!(idle.reap().expect_err("it lives").raw_os_error(), Some(Errno::AGAIN.raw_os_error()));
        idle.signal(true).expect("it lives");
        let ended = loop {
            match idle.ended().expect("a child") {
                Some(ended) => break ended,
                None => std::thread::yield_now(),
            }
        };
        assert_eq!(ended, Ended::Signalled(Signal::KILL.as_raw()));
        idle.reap().expect("it has ended");
        assert_eq!(idle.reap().expect_err("once").raw_os_error(), Some(Errno::CHILD.raw_os_error()));
    }
}
