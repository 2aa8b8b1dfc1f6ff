//! Finds the processes that a payload has started, also those that have left its process group.
//!
//! The cgroup says who is there; who of them belongs to which payload is told by session, by the mark in the
//! environment, or by there being one payload only. Workers are known by the supervisor's session, which may have begun
//! outside of its PID namespace. Of a payload in the runner's cgroup that can have no leaf (see `leaf`) the session and
//! the mark alone tell; what drops both escapes, and what replaces itself faster than it can be looked at ends in a
//! fault instead of a freeze.

use crate::payload::start::MARK;
use crate::procfs::{Stat, stat};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use std::collections::BTreeSet;
use std::os::fd::OwnedFd;
use std::time::Duration;

/// A process that a payload has left behind, held by a pidfd so that its number cannot come to mean another.
pub(crate) struct Stray {
    pub(crate) pid: i32,
    pub(crate) pidfd: OwnedFd,
}

/// How to tell whose a process is.
pub(crate) struct Family<'a> {
    /// The payload's main process, which leads its session.
    pub(crate) main: i32,
    /// The value of its mark.
    pub(crate) mark: &'a str,
    /// Whether every process that is not the supervisor's is the payload's.
    pub(crate) alone: bool,
    /// Processes that are known to be others': workers, other payloads.
    pub(crate) known: &'a BTreeSet<i32>,
}

impl Family<'_> {
    /// Those of `candidates` that belong to the payload and are alive. The newest are looked at first: what starts
    /// another and ends at once is gone when its turn comes late.
    pub(crate) fn look(&self, mut candidates: Vec<i32>) -> Look {
        let mut look = Look::default();
        candidates.sort_unstable_by(|a, b| b.cmp(a));
        candidates.retain(|pid| *pid != self.main && !self.known.contains(pid));
        for pid in candidates {
            // The descriptor first: if what is looked at afterwards belongs to the payload, so does it.
            let pidfd = Pid::from_raw(pid).and_then(|pid| pidfd_open(pid, PidfdFlags::empty()).ok());
            match (pidfd, self.whose(pid)) {
                (Some(pidfd), Whose::Its) => look.strays.push(Stray { pid, pidfd }),
                (None, _) | (_, Whose::Gone) => look.unsettled = true,
                (_, Whose::Others) => {}
            }
        }
        look
    }

    fn whose(&self, pid: i32) -> Whose {
        match session_of(pid) {
            Session::Gone => Whose::Gone,
            Session::None => Whose::Others,
            Session::Is(session) if session == self.main => Whose::Its,
            Session::Is(session) => match mark_of(pid) {
                Mark::Is(mark) if mark == self.mark.as_bytes() => Whose::Its,
                Mark::Is(_) => Whose::Others,
                Mark::Gone => Whose::Gone,
                Mark::None if self.alone && !is_own(session) => Whose::Its,
                Mark::None => Whose::Others,
            },
        }
    }
}

/// What one look at the processes has found.
#[derive(Default)]
pub(crate) struct Look {
    pub(crate) strays: Vec<Stray>,
    /// Whether some process went while it was looked at, or did not show whose it is: it may have been a stray, and have
    /// started another.
    pub(crate) unsettled: bool,
}

impl Look {
    /// Joins another look at the same moment.
    pub(crate) fn add(&mut self, other: Self) {
        self.strays.extend(other.strays);
        self.unsettled |= other.unsettled;
    }
}

enum Whose {
    Its,
    Others,
    Gone,
}

/// All processes of the machine, as far as they are shown.
pub(crate) fn all_processes() -> Vec<i32> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

/// The session of a process. Not by getsid, for which rustix has no 0.
enum Session {
    Is(i32),
    /// It is a zombie, the kernel's own, or of a session outside of this PID namespace. No payload is the last: each is
    /// in a session that it, or the supervisor, began in here.
    None,
    Gone,
}

fn session_of(pid: i32) -> Session {
    match stat(pid) {
        None => Session::Gone,
        Some(Stat { state: 'Z' | 'X', .. } | Stat { session: 0, .. }) => Session::None,
        Some(Stat { session, .. }) => Session::Is(session),
    }
}

fn is_own(session: i32) -> bool {
    matches!(session_of(std::process::id() as i32), Session::Is(own) if own == session)
}

/// The mark in the environment that a process was started with.
enum Mark {
    Is(Vec<u8>),
    /// It has none, or may not be read.
    None,
    /// It has ended meanwhile, or is still busy with an exec or its end: a later look tells.
    Gone,
}

fn mark_of(pid: i32) -> Mark {
    let prefix = format!("{MARK}=").into_bytes();
    // In the middle of an exec, and of its end, a process shows neither environment nor arguments for a moment; once it
    // has no memory any more, newer kernels say ESRCH for the environment, though the process is still there.
    for _ in 0..100 {
        let environment = match std::fs::read(format!("/proc/{pid}/environ")) {
            Ok(environment) => environment,
            Err(error) if error.raw_os_error() == Some(Errno::SRCH.raw_os_error()) => Vec::new(),
            Err(_) if matches!(session_of(pid), Session::Gone) => return Mark::Gone,
            Err(_) => return Mark::None,
        };
        let mut entries = environment.split(|byte| *byte == 0);
        if let Some(mark) = entries.find_map(|entry| entry.strip_prefix(&prefix[..])) {
            return Mark::Is(mark.to_vec());
        }
        let arguments = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        if !environment.is_empty() || !arguments.is_empty() {
            return Mark::None;
        }
        if !matches!(session_of(pid), Session::Is(_)) {
            return Mark::Gone;
        }
        std::thread::sleep(Duration::from_micros(100));
    }
    Mark::Gone
}

/// Kills every process whose mark is `dead`; answers how many.
pub(crate) fn kill_marked(dead: impl Fn(&str) -> bool) -> u32 {
    let mut killed = BTreeSet::new();
    // A process may fork while the list is read; the next round finds its child.
    for _ in 0..10 {
        let marked = |pid: i32| match mark_of(pid) {
            Mark::Is(mark) => std::str::from_utf8(&mark).is_ok_and(&dead),
            Mark::None | Mark::Gone => false,
        };
        let found: Vec<Stray> = all_processes()
            .into_iter()
            .rev()
            .filter(|pid| marked(*pid))
            .filter_map(|pid| {
                let pidfd = pidfd_open(Pid::from_raw(pid)?, PidfdFlags::empty()).ok()?;
                marked(pid).then_some(Stray { pid, pidfd })
            })
            .collect();
        if found.is_empty() {
            break;
        }
        for stray in &found {
            if pidfd_send_signal(&stray.pidfd, Signal::KILL).is_ok() {
                killed.insert(stray.pid);
            }
        }
        for stray in &found {
            // Readable when it has ended; one that does not is looked at again in the next round.
            let second = Timespec { tv_sec: 1, tv_nsec: 0 };
            let _ = poll(&mut [PollFd::new(&stray.pidfd, PollFlags::IN)], Some(&second));
        }
    }
    killed.len() as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    /// Nobody's, so that no later look need tell, is only what shows that it has no mark.
    #[test]
    fn who_has_lost_its_memory_is_not_taken_for_somebody_elses() {
        let mut child = Command::new("true").env(MARK, "mine").spawn().expect("a child");
        let pid = child.id() as i32;
        let pidfd = pidfd_open(Pid::from_raw(pid).expect("a number"), PidfdFlags::empty()).expect("a pidfd");
        poll(&mut [PollFd::new(&pidfd, PollFlags::IN)], None).expect("it ends");
        assert!(matches!(mark_of(pid), Mark::Gone));
        child.wait().expect("reaped");
        assert!(matches!(mark_of(pid), Mark::Gone));
    }
}
