//! The guard of a payload: a process between it and the supervisor that is there only to be the parent of
//! whatever the payload leaves behind, in whatever session, environment and cgroup that is. The kernel gives
//! orphans to the nearest subreaper above them (`PR_SET_CHILD_SUBREAPER`); were that the supervisor itself,
//! orphans of other children of a program that links this crate would come to it as well. Everything the
//! guard kills is its own unreaped child, so that no number can have come to mean another process. It makes
//! system calls only: it is a fork of a process that may have threads.

use crate::clock::now;
use crate::sys::clone::{self, Child, Place};
use crate::sys::reap::{self, End};
use crate::sys::{exec, fds, sched};
use rustix::io::Errno;
use rustix::process::Pid;
use std::os::fd::{AsRawFd, BorrowedFd};

/// What is asked of a guard, by a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ask {
    /// Kill all that lives and count it.
    KillAll,
    /// The same, but what is in the process group of the payload goes with it and is not counted.
    KillWithGroup,
}

impl Ask {
    pub(crate) fn signal(self) -> rustix::process::Signal {
        match self {
            Self::KillAll => rustix::process::Signal::USR1,
            Self::KillWithGroup => rustix::process::Signal::USR2,
        }
    }
}

/// What a guard reports to the supervisor, through a pipe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum News {
    /// The payload is this process; whether its `exec` has succeeded is reported by the other pipe.
    Started(i32),
    /// The kernel has refused to make a process.
    Refused(Errno),
    /// The payload has ended, at this time.
    Ended(End, u64),
    /// All it has started has ended too; so many were killed.
    Swept(u32),
}

impl News {
    pub(crate) const BYTES: usize = 16;

    pub(crate) fn encode(self) -> [u8; Self::BYTES] {
        let (kind, value, time): (u32, i32, u64) = match self {
            Self::Started(pid) => (1, pid, 0),
            Self::Refused(errno) => (2, errno.raw_os_error(), 0),
            Self::Ended(End::Exited(code), at) => (3, code, at),
            Self::Ended(End::Signalled(signal), at) => (4, signal, at),
            Self::Swept(killed) => (5, i32::from_ne_bytes(killed.to_ne_bytes()), 0),
        };
        let mut bytes = [0; Self::BYTES];
        let fields = kind.to_ne_bytes().into_iter().chain(value.to_ne_bytes()).chain(time.to_ne_bytes());
        bytes.iter_mut().zip(fields).for_each(|(to, from)| *to = from);
        bytes
    }

    pub(crate) fn decode(bytes: [u8; Self::BYTES]) -> Option<Self> {
        let [a, b, c, d, e, f, g, h, time @ ..] = bytes;
        let (value, time) = (i32::from_ne_bytes([e, f, g, h]), u64::from_ne_bytes(time));
        Some(match u32::from_ne_bytes([a, b, c, d]) {
            1 => Self::Started(value),
            2 => Self::Refused(Errno::from_raw_os_error(value)),
            3 => Self::Ended(End::Exited(value), time),
            4 => Self::Ended(End::Signalled(value), time),
            5 => Self::Swept(u32::from_ne_bytes(value.to_ne_bytes())),
            _ => return None,
        })
    }
}

/// Everything a guard needs, made before it is.
pub(crate) struct Plan<'a> {
    /// What it starts; `parent` is set by the guard.
    pub(crate) exec: exec::Plan<'a>,
    pub(crate) place: Place<'a>,
    /// Where [`News`] go.
    pub(crate) news: BorrowedFd<'a>,
    pub(crate) supervisor: Pid,
}

/// Starts a guard and, through it, the program. `stack` is for the time between the program's start and its
/// `exec`.
///
/// # Errors
/// What clone3 says to the guard.
pub(crate) fn start(plan: &Plan<'_>, stack: &mut [u128]) -> Result<Child, Errno> {
    // SAFETY: `run` makes system calls only and does not return to code that does more.
    unsafe { clone::fork(Place::Here, &mut || run(plan, stack)) }
}

/// The life of a guard; answers its exit code.
fn run(plan: &Plan<'_>, stack: &mut [u128]) -> i32 {
    let supervised = sched::guard_for(plan.supervisor);
    if !supervised {
        return 1;
    }
    let exec = exec::Plan { parent: rustix::process::getpid(), ..plan.exec };
    let main = match clone::vfork_exec(plan.place, &exec, stack) {
        // The descriptor goes with all others.
        Ok(child) => std::mem::ManuallyDrop::new(child).pid.as_raw_nonzero().get(),
        Err(errno) => {
            tell(plan.news, News::Refused(errno));
            return 1;
        }
    };
    tell(plan.news, News::Started(main));
    // SAFETY: from here on only this descriptor is used, and this process ends without destructors.
    unsafe { fds::close_all_but(&[plan.news.as_raw_fd()]) };
    watch(plan.news, main)
}

fn tell(news: BorrowedFd<'_>, what: News) {
    // Where nobody reads any more the supervisor has died, which comes as a signal.
    let _ = rustix::io::write(news, &what.encode());
}

/// Reaps whatever ends, and kills the rest when that is asked for or the supervisor has died, until nothing
/// is left.
fn watch(news: BorrowedFd<'_>, main: i32) -> i32 {
    let mut asked = None;
    let mut killed = 0;
    loop {
        loop {
            match reap::peek_any() {
                Ok(Some((pid, end))) if pid == main => {
                    tell(news, News::Ended(end, now()));
                    reap::take(pid);
                }
                Ok(Some((pid, end))) => {
                    let by_us = asked.is_some() && end == End::Signalled(libc::SIGKILL);
                    let with_main = asked == Some(Ask::KillWithGroup) && reap::group_of(pid) == main;
                    killed += u32::from(by_us && !with_main);
                    reap::take(pid);
                }
                Ok(None) => break,
                Err(_) => {
                    tell(news, News::Swept(killed));
                    return 0;
                }
            }
        }
        asked = await_signal(asked).or(asked);
        if asked.is_some() {
            kill_children();
        }
    }
}

/// Waits for a signal, all of which are blocked; once something is asked for it looks again after a while by
/// itself.
fn await_signal(asked: Option<Ask>) -> Option<Ask> {
    let while_killing = libc::timespec { tv_sec: 0, tv_nsec: 5_000_000 };
    let limit = if asked.is_some() { &raw const while_killing } else { std::ptr::null() };
    // SAFETY: the set is filled before it is read; both pointers are null or to live structs.
    let signal = unsafe {
        let mut all: libc::sigset_t = std::mem::zeroed();
        libc::sigfillset(&raw mut all);
        libc::sigtimedwait(&raw const all, std::ptr::null_mut(), limit)
    };
    match signal {
        libc::SIGUSR2 => Some(Ask::KillWithGroup),
        // SIGTERM is how the death of the supervisor is reported.
        libc::SIGUSR1 | libc::SIGTERM => Some(Ask::KillAll),
        _ => None,
    }
}

/// Sends SIGKILL to each child. The children of those that die come here next.
fn kill_children() {
    let flags = rustix::fs::OFlags::RDONLY | rustix::fs::OFlags::CLOEXEC;
    let opened =
        rustix::fs::openat(rustix::fs::CWD, c"/proc/thread-self/children", flags, rustix::fs::Mode::empty());
    // Without the file (CONFIG_PROC_CHILDREN) the supervisor looks for them, if it lives.
    let Ok(file) = opened else { return };
    let mut buffer = [0u8; 1024];
    let mut number: i32 = 0;
    while let Ok(count @ 1..) = rustix::io::read(&file, &mut buffer) {
        for byte in buffer.iter().take(count) {
            match byte {
                b'0'..=b'9' => number = number.wrapping_mul(10).wrapping_add(i32::from(byte - b'0')),
                _ => {
                    kill_child(number);
                    number = 0;
                }
            }
        }
    }
    kill_child(number);
}

fn kill_child(pid: i32) {
    // In a process namespace with the list of another one a number means somebody else.
    if pid > 0 && reap::is_child(pid) {
        // SAFETY: no memory is passed. What has the rights of another user is left to the supervisor.
        unsafe { libc::kill(pid, libc::SIGKILL) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn news_arrive_as_they_were_sent() {
        for news in [
            News::Started(77),
            News::Refused(Errno::AGAIN),
            News::Ended(End::Exited(3), 1 << 60),
            News::Ended(End::Signalled(9), 5),
            News::Swept(u32::MAX),
        ] {
            assert_eq!(News::decode(news.encode()), Some(news));
        }
        assert_eq!(News::decode([0; News::BYTES]), None);
    }
}
