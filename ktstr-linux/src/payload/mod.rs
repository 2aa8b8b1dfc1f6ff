//! Payloads: programs that run beside the workers. Their output is read whenever the supervisor waits for
//! anything, so that none is ever stuck on a full pipe. How they end is in `end`, how all they start is
//! found in `family`.

mod capture;
mod end;
mod family;
mod marks;
mod program;
mod start;

use crate::clock::{left, now};
use crate::interrupt::Flag;
use crate::leaf::Leaf;
use crate::sys::reap::End;
use capture::Stream;
use family::Family;
use ktstr_core::{ExitStatus, Placement};
use rustix::event::{PollFd, PollFlags, poll};
use std::collections::BTreeMap;
use std::os::fd::BorrowedFd;

pub(crate) use capture::Kept;
pub(crate) use end::Scope;
pub(crate) use marks::{kill_marked, runs_of_marks};
pub(crate) use start::{Start, Started, start};

/// Of how many ended payloads the output is kept.
const KEPT: usize = 64;

/// What a payload left: its standard output and error, as far as they were kept.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) stdout: Kept,
    pub(crate) stderr: Kept,
}

/// A payload that has not been waited for or killed.
struct Running {
    family: Family,
    /// The path of the cgroup it was started in; `None` for the runner's.
    cgroup: Option<String>,
    /// The cgroup of its own that one in the runner's has, if it can.
    leaf: Option<Leaf>,
    /// What its descendants carry in their environment.
    mark: String,
    stdout: Stream,
    stderr: Stream,
    started_at: u64,
    /// Whether its end was given by [`Payloads::fresh_ends`].
    noticed: bool,
}

/// All payloads of a run, by the number of their `PayloadId`.
#[derive(Default)]
pub(crate) struct Payloads {
    running: BTreeMap<u32, Running>,
    ended: BTreeMap<u32, Output>,
}

/// Why a wait is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wake {
    /// Its time is over.
    Time,
    /// What it waited for has come.
    Reached,
    /// The run was interrupted.
    Interrupted,
}

impl Payloads {
    /// Adds one that was started. `limit` bytes of each of its streams are kept.
    pub(crate) fn add(
        &mut self,
        id: u32,
        placement: Placement<'_>,
        mark: String,
        leaf: Option<Leaf>,
        started: Started,
        limit: usize,
    ) {
        let running = Running {
            family: started.family,
            cgroup: placement.cgroup().map(str::to_owned),
            leaf,
            mark,
            stdout: Stream::new(started.stdout, limit),
            stderr: Stream::new(started.stderr, limit),
            started_at: started.at,
            noticed: false,
        };
        self.running.insert(id, running);
    }

    /// Whether this one was started and not yet waited for or killed.
    pub(crate) fn is_running(&self, id: u32) -> bool {
        self.running.contains_key(&id)
    }

    /// Where it was started.
    pub(crate) fn placement(&self, id: u32) -> Option<Placement<'_>> {
        self.running.get(&id).map(|payload| payload.cgroup.as_deref().into())
    }

    /// Those not yet waited for or killed, the last started first.
    pub(crate) fn ids(&self) -> Vec<u32> {
        self.running.keys().rev().copied().collect()
    }

    /// The processes of all that run.
    pub(crate) fn pids(&self) -> impl Iterator<Item = i32> + '_ {
        self.running.values().flat_map(|payload| payload.family.pids())
    }

    /// What one that has ended had written.
    pub(crate) fn output(&self, id: u32) -> Option<&Output> {
        self.ended.get(&id)
    }

    /// Forgets the output of all that have ended.
    pub(crate) fn forget(&mut self) {
        self.ended.clear();
    }

    /// Waits once, until `deadline`, or `watched` is readable, or a payload has something to say, which is
    /// taken.
    pub(crate) fn serve(&mut self, watched: Option<BorrowedFd<'_>>, deadline: u64) {
        self.serve_beside(watched, None, deadline);
    }

    /// The same, until `changing`, a control file that notifies of changes, has changed.
    pub(crate) fn serve_beside(
        &mut self,
        watched: Option<BorrowedFd<'_>>,
        changing: Option<BorrowedFd<'_>>,
        deadline: u64,
    ) {
        let mut fds: Vec<PollFd<'_>> = Vec::with_capacity(2 + 4 * self.running.len());
        fds.extend(watched.iter().map(|fd| PollFd::new(fd, PollFlags::IN)));
        fds.extend(changing.iter().map(|fd| PollFd::new(fd, PollFlags::PRI)));
        for payload in self.running.values() {
            let pipes = [payload.stdout.pipe(), payload.stderr.pipe()];
            fds.extend(pipes.into_iter().flatten().map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN)));
            fds.extend(payload.family.news().map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN)));
        }
        // An interrupted poll is begun anew by the caller, like one that a payload has ended.
        let _ = poll(&mut fds, Some(&left(deadline)));
        for payload in self.running.values_mut() {
            payload.serve();
        }
    }

    /// Waits until `reached`, `deadline` or an interrupt, and serves all payloads meanwhile.
    pub(crate) fn wait(
        &mut self,
        deadline: u64,
        interrupt: Option<&Flag>,
        mut reached: impl FnMut(&mut Self) -> bool,
    ) -> Wake {
        loop {
            if interrupt.is_some_and(|flag| flag.count() > 0) {
                return Wake::Interrupted;
            }
            if reached(self) {
                return Wake::Reached;
            }
            if now() >= deadline {
                return Wake::Time;
            }
            self.serve(interrupt.map(Flag::wakeup), deadline);
        }
    }

    /// Takes in what there is to learn of those that run, and gives each that has ended since the last time,
    /// with how and when.
    pub(crate) fn fresh_ends(&mut self) -> Vec<(u32, End, u64)> {
        if self.running.is_empty() {
            return Vec::new();
        }
        self.serve(None, 0);
        let fresh = self.running.iter_mut().filter(|(_, payload)| !payload.noticed);
        fresh
            .filter_map(|(&id, payload)| {
                let (end, at) = payload.end()?;
                payload.noticed = true;
                Some((id, end, at))
            })
            .collect()
    }

    /// How this one has ended by itself, if it has.
    pub(crate) fn status(&self, id: u32) -> Option<ExitStatus> {
        let (end, _) = self.running.get(&id)?.end()?;
        Some(match end {
            End::Exited(code) => ExitStatus::Exited(code),
            End::Signalled(signal) => ExitStatus::Signalled(signal),
        })
    }

    /// Keeps the end of this one from being given by [`fresh_ends`](Self::fresh_ends).
    pub(crate) fn notice(&mut self, id: u32) {
        if let Some(payload) = self.running.get_mut(&id) {
            payload.noticed = true;
        }
    }

    /// Whether this one has ended by itself or otherwise.
    pub(crate) fn has_ended(&self, id: u32) -> bool {
        self.running.get(&id).is_some_and(|payload| payload.end().is_some())
    }

    fn keep(&mut self, id: u32, output: Output) {
        self.ended.insert(id, output);
        while self.ended.len() > KEPT {
            self.ended.pop_first();
        }
    }
}

impl Running {
    fn serve(&mut self) {
        self.stdout.drain();
        self.stderr.drain();
        self.family.serve();
    }

    /// How and when it ended, if it has.
    fn end(&self) -> Option<(End, u64)> {
        self.family.end
    }
}
