//! Finds what payloads of dead runs have left outside of their cgroups, by the mark in its environment. What
//! a live payload has started is known by its guard (see `family`); a mark is what stays where that was
//! killed as well.

use crate::payload::start::MARK;
use crate::procfs::{Stat, all_processes, stat};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use std::collections::BTreeSet;
use std::os::fd::OwnedFd;
use std::time::Duration;

/// A process that was found, held by a pidfd so that its number cannot come to mean another.
struct Stray {
    pid: i32,
    pidfd: OwnedFd,
}

/// Whether a process never shows an environment any more: it has ended, reaped or not, or is the kernel's
/// own.
fn has_none(pid: i32) -> bool {
    stat(pid).is_none_or(|Stat { state, kernel, .. }| kernel || matches!(state, 'Z' | 'X'))
}

/// The mark in the environment that a process was started with.
enum Mark {
    Is(Vec<u8>),
    /// It has none, or may not be read.
    None,
    /// It has ended meanwhile, or is still busy with an exec or its end: a later look shows.
    Gone,
}

fn mark_of(pid: i32) -> Mark {
    let prefix = format!("{MARK}=").into_bytes();
    // In the middle of an exec, and of its end, a process shows neither environment nor arguments for a
    // moment; once it has no memory any more, newer kernels say ESRCH for the environment, though the process
    // is still there.
    for _ in 0..100 {
        let environment = match std::fs::read(format!("/proc/{pid}/environ")) {
            Ok(environment) => environment,
            Err(error) if error.raw_os_error() == Some(Errno::SRCH.raw_os_error()) => Vec::new(),
            Err(_) if has_none(pid) => return Mark::Gone,
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
        if has_none(pid) {
            return Mark::Gone;
        }
        std::thread::sleep(Duration::from_micros(100));
    }
    Mark::Gone
}

/// The runs that `run` reads from the marks of all processes.
pub(crate) fn runs_of_marks(run: impl Fn(&str) -> Option<u64>) -> BTreeSet<u64> {
    let marks = all_processes().into_iter().filter_map(|pid| match mark_of(pid) {
        Mark::Is(mark) => Some(mark),
        Mark::None | Mark::Gone => None,
    });
    marks.filter_map(|mark| run(std::str::from_utf8(&mark).ok()?)).collect()
}

/// Kills every process whose mark is `dead`; answers which.
pub(crate) fn kill_marked(dead: impl Fn(&str) -> bool) -> BTreeSet<i32> {
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
    killed
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
