//! Ends a payload: SIGTERM to all of it, a grace, SIGKILL; then whatever it has left behind, wherever that
//! has gone.

use crate::cgroupfs::Dir;
use crate::clock::{TURN_TIME, after, duration_ns, now};
use crate::fault::{errno_fault, fault};
use crate::interrupt::Flag;
use crate::kill;
use crate::leaf::LEAF;
use crate::payload::family::Denied;
use crate::payload::{Output, Payloads, Wake, marks};
use crate::sys::guard::Ask;
use crate::sys::reap::End;
use ktstr_core::{ExitStatus, Fault, FaultKind, PayloadEnd};
use rustix::process::Signal;
use std::time::Duration;

/// How long the guard has for what it has to kill, before the supervisor looks what holds it up.
const PATIENCE: Duration = Duration::from_millis(100);

/// What is around a payload that is to end.
pub(crate) struct Scope<'a> {
    /// The run's own cgroup.
    pub(crate) run: Option<&'a Dir>,
    /// Whether the payload's cgroup is frozen: then a grace would be no use.
    pub(crate) frozen: bool,
}

impl Payloads {
    /// Ends payload `id`; one that has ended by itself only loses what it has left behind.
    ///
    /// # Errors
    /// `Unknown`; `TimedOut` when the kernel does not end what was killed; `Permission` when it has another
    /// user's rights and its cgroup may not be killed either; what the kernel says to the removal of the
    /// payload's own cgroup. The payload can be ended again.
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
            self.terminate(id, grace, scope, interrupt);
        }
        let ask = if self.has_ended(id) { Ask::KillAll } else { Ask::KillWithGroup };
        self.kill_family(id, ask, scope)?;
        let deeper = match self.running.get(&id).and_then(|payload| payload.leaf.as_ref()) {
            Some(leaf) => leaf.remove().map_err(|errno| errno_fault(errno, LEAF))?,
            None => 0,
        };
        let stuck = || unended(id);
        let payload = self.running.remove(&id).ok_or_else(stuck)?;
        let (end, ended_at) = payload.end().ok_or_else(stuck)?;
        let killed = payload.family.killed.unwrap_or_else(|| {
            // Somebody has killed the guard: what its payload hides is known by its mark only.
            let mut found = marks::kill_marked(|mark| mark == payload.mark);
            found.remove(&payload.family.main);
            found.len() as u32
        });
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
            orphans: killed + deeper,
            assumed: false,
        };
        self.keep(id, Output { stdout, stderr });
        Ok(end)
    }

    /// Asks it to end, and gives it time to.
    fn terminate(&mut self, id: u32, grace: Duration, scope: &Scope<'_>, interrupt: Option<&Flag>) {
        let Some(payload) = self.running.get(&id) else { return };
        let denied = payload.family.signal(Signal::TERM);
        if scope.frozen || denied.main {
            return;
        }
        let hurried = |flag: Option<&Flag>| flag.is_some_and(|flag| flag.count() > 1);
        let deadline = now().saturating_add(duration_ns(grace));
        self.wait(deadline, None, |all| all.has_ended(id) || hurried(interrupt));
    }

    /// Kills what is left of it, and waits until nothing is.
    fn kill_family(&mut self, id: u32, ask: Ask, scope: &Scope<'_>) -> Result<(), Fault> {
        let over = |all: &Self| all.running.get(&id).is_none_or(|payload| payload.family.is_over());
        let deadline = after(TURN_TIME);
        while let Some(payload) = self.running.get(&id) {
            payload.family.ask(ask);
            if self.wait(after(PATIENCE), None, |all| over(all)) == Wake::Reached {
                break;
            }
            let Some(payload) = self.running.get(&id) else { break };
            let denied = payload.family.signal(Signal::KILL);
            self.kill_denied(id, &denied, scope)?;
            if now() >= deadline {
                return Err(unended(id));
            }
        }
        Ok(())
    }

    /// Kills through a cgroup what signals may not reach.
    fn kill_denied(&self, id: u32, denied: &Denied, scope: &Scope<'_>) -> Result<(), Fault> {
        if denied.pids.is_empty() {
            return Ok(());
        }
        let leaf = self.running.get(&id).and_then(|payload| payload.leaf.as_ref());
        // It is removed next, so that nobody starts anything in it any more.
        if leaf.is_some_and(|leaf| leaf.dir.write("cgroup.kill", "1").is_ok()) && denied.main {
            return Ok(());
        }
        let about = |errno| errno_fault(errno, &format!("payload {id} has the rights of another user"));
        let run = scope.run.ok_or_else(|| about(rustix::io::Errno::PERM))?;
        kill::apart(run, &denied.pids).map_err(about)
    }
}

fn unended(id: u32) -> Fault {
    fault(FaultKind::TimedOut, &format!("payload {id} does not end"))
}
