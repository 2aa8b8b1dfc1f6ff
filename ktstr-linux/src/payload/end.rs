//! Ends a payload: SIGTERM to all of it, a grace, SIGKILL; then whatever it has left behind, wherever that has gone.
//! The main process is reaped last, so that its number stands for its process group and session all the while.

use crate::cgroupfs::Dir;
use crate::clock::{TURN_TIME, after, duration_ns, left};
use crate::fault::{errno_fault, fault};
use crate::interrupt::Flag;
use crate::leaf::{LEAF, Leaf};
use crate::payload::strays::{Family, Look, all_processes};
use crate::payload::{Output, Payloads, Running, Wake};
use crate::sys::reap::{self, End};
use ktstr_core::{ExitStatus, Fault, FaultKind, PayloadEnd};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Signal, getpgid, kill_process_group, pidfd_send_signal};
use std::collections::BTreeSet;
use std::os::fd::AsFd;
use std::time::Duration;

/// How often nothing has to be found, and nothing has to go while it is looked at, in a row: a process may start another
/// and end between two looks.
const QUIET_LOOKS: u32 = 2;
/// How many looks there are at most while none finds anything: on a busy machine something always goes.
const MOST_LOOKS: u32 = 50;

/// What is around a payload that is to end.
pub(crate) struct Scope<'a> {
    /// Its cgroup; `None` for the runner's.
    pub(crate) dir: Option<&'a Dir>,
    /// Processes there that are not its own: workers, other payloads.
    pub(crate) known: BTreeSet<i32>,
    /// Whether the cgroup is frozen: then a grace would be no use.
    pub(crate) frozen: bool,
}

impl Payloads {
    /// Ends payload `id`; one that has ended by itself only loses what it has left behind.
    ///
    /// # Errors
    /// `Unknown`; `TimedOut` when the kernel does not end what was killed; what it says to the removal of the payload's
    /// own cgroup. The payload can be ended again.
    pub(crate) fn end(
        &mut self,
        id: u32,
        grace: Duration,
        scope: &Scope<'_>,
        interrupt: Option<&Flag>,
    ) -> Result<PayloadEnd, Fault> {
        if !self.is_running(id) {
            return Err(fault(FaultKind::Unknown, &format!("payload {id}")));
        }
        self.serve(None, 0);
        if !self.has_ended(id) {
            self.terminate(id, grace, scope, interrupt)?;
        }
        let orphans = self.kill_strays(id, scope)?;
        let stuck = || fault(FaultKind::TimedOut, &format!("payload {id} does not end"));
        let leaf = self.running.get(&id).and_then(|payload| payload.leaf.as_ref());
        let deeper = leaf.map_or(Ok(0), Leaf::remove);
        let deeper = deeper.map_err(|errno| errno_fault(errno, LEAF))?;
        let mut payload = self.running.remove(&id).ok_or_else(stuck)?;
        let (end, ended_at) = match payload.end.take() {
            Some(end) => end,
            None => return Err(stuck()),
        };
        // It is a zombie of ours, so this neither waits nor fails.
        let _ = reap::try_reap(payload.child.pidfd.as_fd());
        let (stdout, stderr) = (payload.stdout.finish(), payload.stderr.finish());
        let end = PayloadEnd {
            status: match end {
                End::Exited(code) => ExitStatus::Exited(code),
                End::Signalled(signal) => ExitStatus::Signalled(signal),
            },
            wall_ns: ended_at.saturating_sub(payload.started_at),
            stdout_bytes: stdout.written(),
            stderr_bytes: stderr.written(),
            cut_bytes: stdout.cut + stderr.cut,
            orphans: orphans + deeper,
        };
        self.keep(id, Output { stdout, stderr });
        Ok(end)
    }

    fn terminate(
        &mut self,
        id: u32,
        grace: Duration,
        scope: &Scope<'_>,
        interrupt: Option<&Flag>,
    ) -> Result<(), Fault> {
        self.signal_all(id, Signal::TERM, scope);
        let hurried = |flag: Option<&Flag>| flag.is_some_and(|flag| flag.count() > 1);
        let deadline = if scope.frozen { 0 } else { crate::clock::now().saturating_add(duration_ns(grace)) };
        let ended = self.wait(deadline, None, |all| all.has_ended(id) || hurried(interrupt));
        if ended == Wake::Reached && self.has_ended(id) {
            return Ok(());
        }
        self.signal_all(id, Signal::KILL, scope);
        match self.wait(after(TURN_TIME), None, |all| all.has_ended(id)) {
            Wake::Reached => Ok(()),
            _ => Err(fault(FaultKind::TimedOut, &format!("payload {id} does not end"))),
        }
    }

    /// Sends a signal to the main process and its group, and SIGTERM also to what has left the group.
    fn signal_all(&self, id: u32, signal: Signal, scope: &Scope<'_>) {
        let Some(payload) = self.running.get(&id) else { return };
        let strays = if signal == Signal::TERM { self.look(payload, scope).strays } else { Vec::new() };
        // Whatever is gone already needs no signal.
        let _ = kill_process_group(payload.child.pid, signal);
        let _ = pidfd_send_signal(&payload.child.pidfd, signal);
        for stray in strays {
            let group = getpgid(rustix::process::Pid::from_raw(stray.pid));
            if group != Ok(payload.child.pid) {
                let _ = pidfd_send_signal(&stray.pidfd, signal);
            }
        }
    }

    /// Kills what has outlived the main process, and counts it.
    fn kill_strays(&self, id: u32, scope: &Scope<'_>) -> Result<u32, Fault> {
        let Some(payload) = self.running.get(&id) else { return Ok(0) };
        let deadline = after(TURN_TIME);
        let mut killed = BTreeSet::new();
        let mut quiet = 0;
        for looks in 1.. {
            let look = self.look(payload, scope);
            let strays = look.strays;
            quiet = if strays.is_empty() && !look.unsettled { quiet + 1 } else { 0 };
            if quiet == QUIET_LOOKS || strays.is_empty() && looks >= MOST_LOOKS {
                break;
            }
            if left(deadline).tv_sec == 0 && left(deadline).tv_nsec == 0 {
                return Err(fault(
                    FaultKind::TimedOut,
                    &format!("what payload {id} has started does not end"),
                ));
            }
            for stray in &strays {
                killed.insert(stray.pid);
                // One that is gone already needs no signal.
                let _ = pidfd_send_signal(&stray.pidfd, Signal::KILL);
            }
            for stray in &strays {
                // Readable when it has ended; after an interruption the next round looks again.
                let _ = poll(&mut [PollFd::new(&stray.pidfd, PollFlags::IN)], Some(&left(deadline)));
            }
        }
        Ok(killed.len() as u32)
    }

    fn look(&self, payload: &Running, scope: &Scope<'_>) -> Look {
        let there = self.running.values().filter(|other| other.cgroup == payload.cgroup).count();
        let family = |alone| Family { main: payload.pid(), mark: &payload.mark, alone, known: &scope.known };
        // A cgroup that is gone holds nothing.
        let procs = |dir: &Dir| dir.procs().unwrap_or_default();
        match (scope.dir, &payload.leaf) {
            (Some(dir), _) => family(there == 1).look(procs(dir)),
            (None, Some(leaf)) => {
                let mut look = family(true).look(procs(&leaf.dir));
                if look.strays.is_empty() {
                    // What has left the leaf may still be known otherwise.
                    look.add(family(false).look(all_processes()));
                }
                look
            }
            (None, None) => family(false).look(all_processes()),
        }
    }
}
