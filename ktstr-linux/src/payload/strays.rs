//! Finds the processes that a payload has started and that are not in its process group any more.
//!
//! The cgroup says who is there; who of them belongs to which payload is told by session, by the mark in the
//! environment, or by there being one payload only. Workers are known by the supervisor's session. A payload in the
//! runner's cgroup has no cgroup of its own: making one there would change how the runner's own controllers share, and
//! show to whoever watches cgroups appear. There the session and the mark alone tell.

use crate::payload::start::MARK;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
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
    /// Those of `candidates` that belong to the payload and are alive.
    pub(crate) fn strays(&self, candidates: impl Iterator<Item = i32>) -> Vec<Stray> {
        candidates
            .filter(|pid| *pid != self.main && !self.known.contains(pid))
            .filter_map(|pid| {
                // The descriptor first: if what is looked at afterwards belongs to the payload, so does it.
                let pidfd = pidfd_open(Pid::from_raw(pid)?, PidfdFlags::empty()).ok()?;
                self.has(pid).then_some(Stray { pid, pidfd })
            })
            .collect()
    }

    fn has(&self, pid: i32) -> bool {
        match session_of(pid) {
            // Gone, or the kernel's own.
            None | Some(0) => false,
            Some(session) if session == self.main => true,
            Some(session) => match mark_of(pid) {
                Mark::Is(mark) => mark == self.mark.as_bytes(),
                Mark::None => self.alone && Some(session) != session_of(std::process::id() as i32),
            },
        }
    }
}

/// All processes of the machine, as far as they are shown.
pub(crate) fn all_processes() -> impl Iterator<Item = i32> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

/// The session of a process that is alive, and no zombie. Not by getsid, for which rustix has no 0, the session of the
/// kernel's own threads.
fn session_of(pid: i32) -> Option<i32> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // After the name, which may hold anything: state, parent, group, session.
    let mut fields = stat.rsplit_once(") ")?.1.split(' ');
    let alive = !matches!(fields.next()?, "Z" | "X");
    fields.nth(2)?.parse().ok().filter(|_| alive)
}

/// The mark in the environment that a process was started with.
enum Mark {
    Is(Vec<u8>),
    /// It has none, or may not be read.
    None,
}

fn mark_of(pid: i32) -> Mark {
    let prefix = format!("{MARK}=").into_bytes();
    // In the middle of an exec, and of its end, a process shows neither environment nor arguments for a moment.
    for _ in 0..20 {
        let Ok(environment) = std::fs::read(format!("/proc/{pid}/environ")) else { break };
        let mut entries = environment.split(|byte| *byte == 0);
        if let Some(mark) = entries.find_map(|entry| entry.strip_prefix(&prefix[..])) {
            return Mark::Is(mark.to_vec());
        }
        let arguments = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        if !environment.is_empty() || !arguments.is_empty() || matches!(session_of(pid), None | Some(0)) {
            break;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    Mark::None
}

/// Kills every process whose mark is `dead`; answers how many.
pub(crate) fn kill_marked(dead: impl Fn(&str) -> bool) -> u32 {
    let mut killed = BTreeSet::new();
    // A process may fork while the list is read; the next round finds its child.
    for _ in 0..10 {
        let marked = |pid: i32| match mark_of(pid) {
            Mark::Is(mark) => std::str::from_utf8(&mark).is_ok_and(&dead),
            Mark::None => false,
        };
        let found: Vec<Stray> = all_processes()
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
