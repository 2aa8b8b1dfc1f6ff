//! A payload with all that it has started, wherever that is now: the descendants of its guard (see
//! `sys::guard`). What leaves session, environment and cgroup is still found by who its parent is. Not found
//! is what another process starts for the payload: a service manager, a container daemon, `at`.

use crate::clock::now;
use crate::procfs;
use crate::sys::clone::Child;
use crate::sys::guard::{Ask, News};
use crate::sys::reap::{self, End};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use std::collections::BTreeSet;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// A payload and its descendants.
pub(crate) struct Family {
    guard: Child,
    /// The number of the payload's process; it may mean another once that has ended.
    pub(crate) main: i32,
    news: OwnedFd,
    /// How and when the payload ended.
    pub(crate) end: Option<(End, u64)>,
    /// How many were killed, once all have ended; `None` at first, and where the guard was killed and nobody
    /// counts.
    pub(crate) killed: Option<u32>,
    /// Whether the guard has ended.
    over: bool,
}

/// Those that may not be signalled: they have another user's rights.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Denied {
    pub(crate) pids: BTreeSet<i32>,
    /// Whether the payload's own process is one of them.
    pub(crate) main: bool,
}

impl Family {
    /// The family of what was just started.
    pub(crate) fn new(guard: Child, main: i32, news: OwnedFd) -> Self {
        Self { guard, main, news, end: None, killed: None, over: false }
    }

    /// What to poll: readable when the payload has ended, and when all have.
    pub(crate) fn news(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        let fds = (!self.over).then(|| [self.news.as_fd(), self.guard.pidfd.as_fd()]);
        fds.into_iter().flatten()
    }

    /// Takes in what the guard has to say, without waiting.
    pub(crate) fn serve(&mut self) {
        if self.over {
            return;
        }
        // Looked at first: nothing comes after what is read then. The end of the pipe does not tell, as a
        // fork of another thread may have a copy of its other end.
        let over = reap::has_ended(self.guard.pidfd.as_fd());
        let mut bytes = [0; News::BYTES];
        while rustix::io::retry_on_intr(|| rustix::io::read(&self.news, &mut bytes)) == Ok(News::BYTES) {
            match News::decode(bytes) {
                Some(News::Ended(end, at)) => self.end = Some((end, at)),
                Some(News::Swept(killed)) => self.killed = Some(killed),
                Some(News::Started(_) | News::Refused(_)) | None => {}
            }
        }
        if over {
            self.over = true;
            // A guard that was killed takes the payload along.
            self.end = self.end.or(Some((End::Signalled(Signal::KILL.as_raw()), now())));
            // It has ended, so this does not wait; somebody else may have reaped it.
            let _ = reap::try_reap(self.guard.pidfd.as_fd());
        }
    }

    /// Whether all have ended.
    pub(crate) fn is_over(&self) -> bool {
        self.over
    }

    /// Has all killed.
    pub(crate) fn ask(&self, what: Ask) {
        // Fails only when all have ended already.
        let _ = pidfd_send_signal(&self.guard.pidfd, what.signal());
    }

    /// The payload and all it has started that live, as far as the kernel says.
    pub(crate) fn pids(&self) -> BTreeSet<i32> {
        if self.over { BTreeSet::new() } else { procfs::descendants(self.guard.pid.as_raw_nonzero().get()) }
    }

    /// Sends a signal to all of them, and answers who may not be sent it.
    pub(crate) fn signal(&self, signal: Signal) -> Denied {
        let held: Vec<(i32, OwnedFd)> = self
            .pids()
            .into_iter()
            .filter_map(|pid| Some((pid, pidfd_open(Pid::from_raw(pid)?, PidfdFlags::empty()).ok()?)))
            .collect();
        // Looked at again: who is still there is who the descriptor holds, or one that has ended.
        let there = self.pids();
        let mut denied = Denied::default();
        for (pid, pidfd) in held.iter().filter(|(pid, _)| there.contains(pid)) {
            if pidfd_send_signal(pidfd, signal) == Err(Errno::PERM) {
                denied.main |= *pid == self.main && self.end.is_none();
                denied.pids.insert(*pid);
            }
        }
        denied
    }
}
