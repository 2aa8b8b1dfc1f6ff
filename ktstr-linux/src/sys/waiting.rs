//! A process that only waits, for code that tests where processes are put and how they end. It is placed by
//! the kernel as workers are, but has no part in scenarios. What is done with it is in `ktstr-testkit`.

use super::clone::{self, Child, Place};
use super::{exec, sched};
use std::os::fd::{BorrowedFd, OwnedFd};

/// Forks a child that waits until a signal ends it, into the cgroup of this directory by
/// `clone3(CLONE_INTO_CGROUP)`, or into the caller's; gives its process id and its pidfd. Signals do to it
/// what they do to its maker. It also ends with the thread that made it. Nobody else ends or reaps it.
///
/// # Errors
/// What clone3 says, as a number of errno: among others `EAGAIN` at a limit of tasks, `EBUSY` and
/// `EOPNOTSUPP` for a cgroup that holds no tasks.
pub fn fork_waiting(cgroup: Option<BorrowedFd<'_>>) -> std::io::Result<(u32, OwnedFd)> {
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
    let Child { pid, pidfd } = unsafe { clone::fork_as_is(place, &mut body) }?;
    Ok((pid.as_raw_nonzero().get().unsigned_abs(), pidfd))
}
