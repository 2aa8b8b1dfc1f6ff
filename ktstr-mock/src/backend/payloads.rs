//! Payloads: starting programs by their scripts, waiting for them, ending them with all they have forked.
//! How a program ends for which there is no script is assumed, and every end says whether it is.

use super::{Answer, MockBackend, errno};
use crate::costs::Syscall;
use crate::errno::Errno;
use crate::kernel::{CgroupId, Pid, SIGKILL, SIGTERM};
use crate::script::Script;
use core::time::Duration;
use ktstr_core::{
    Channel, ExitStatus, Fault, FaultKind, LAST_WORDS, Outcome, Payload, PayloadEnd, PayloadId, Placement,
    Stream,
};

/// Bytes of a program's output that are kept.
const KEPT: u64 = 16 << 20;

/// Whose behaviour a script is.
#[derive(Debug)]
pub(super) enum Program {
    /// Of all payloads with this binary.
    Binary(String),
    /// Of the payload of this name.
    Payload(String),
}

impl Program {
    fn is_of(&self, payload: &Payload<'_>) -> bool {
        match self {
            Self::Binary(name) => is_named(name, payload.binary),
            Self::Payload(name) => name == payload.name,
        }
    }
}

/// A payload that was started, running or ended.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) id: PayloadId,
    pub(super) pid: Pid,
    children: Vec<Pid>,
    /// Its script; `None` where its behaviour is assumed.
    pub(super) script: Option<usize>,
    started: u64,
    /// Nanoseconds until it exits by itself.
    pub(super) left: Option<u64>,
    /// Nanoseconds since its start, frozen time apart.
    pub(super) lived: u64,
    /// How many of the script's points of memory are behind it.
    memory: usize,
    pub(super) end: Option<PayloadEnd>,
    /// Whether a notice was given of its end.
    pub(super) noticed: bool,
}

/// A cgroup that a program has made.
#[derive(Debug)]
pub(super) struct Stray {
    of: PayloadId,
    pub(super) cgroup: CgroupId,
}

/// What is assumed of a program without a script: it runs, and prints nothing.
const USUAL: &Script = &Script::runs();

/// How long a program without a script runs at the longest once it is waited for: it is taken to come to an
/// end, by then or by half the time that it is given, and to exit with 0.
const ASSUMED_END: Duration = Duration::from_secs(1);

impl MockBackend {
    pub(super) fn script(&self, running: &Running) -> &Script {
        running.script.map_or(USUAL, |place| &self.scripts[place].1)
    }

    fn payload_place(&self, id: PayloadId) -> Result<usize, Fault> {
        let found = self.payloads.binary_search_by_key(&id, |running| running.id);
        found.map_err(|_| Fault::new(FaultKind::Unknown, "no such payload"))
    }

    pub(super) fn start_payload(
        &mut self,
        id: PayloadId,
        payload: &Payload<'_>,
        args: &[&str],
        placement: Placement<'_>,
    ) -> Answer {
        let Err(place) = self.payloads.binary_search_by_key(&id, |running| running.id) else {
            return Err(errno(Errno::EEXIST, "this payload exists"));
        };
        let cgroup = self.place(placement)?;
        self.check_program(payload, args)?;
        let pid = self.start_process(cgroup)?;
        let script = self.scripts.iter().position(|(program, _)| program.is_of(payload));
        let running = Running {
            id,
            pid,
            children: Vec::new(),
            script,
            started: self.kernel.now,
            left: None,
            lived: 0,
            memory: 0,
            end: None,
            noticed: false,
        };
        let running = self.behave(running);
        self.make_scripted_cgroups(&running, cgroup);
        let over = running.left == Some(0);
        self.payloads.insert(place, running);
        self.use_scripted_memory(place);
        if over {
            self.exit_payload(place);
        }
        Ok(Outcome::Done)
    }

    /// Whether `exec` would find the program and take its arguments.
    fn check_program(&self, payload: &Payload<'_>, args: &[&str]) -> Result<(), Fault> {
        if payload.binary.is_empty() || payload.binary.contains('\0') || named(&self.missing, payload.binary)
        {
            let fault = Fault { errno: Errno::ENOENT.0, ..Fault::new(FaultKind::NoProgram, payload.binary) };
            return Err(fault);
        }
        if named(&self.barred, payload.binary) {
            let fault =
                Fault { errno: Errno::EACCES.0, ..Fault::new(FaultKind::NotExecutable, payload.binary) };
            return Err(fault);
        }
        if payload.default_args.iter().chain(args).any(|argument| argument.contains('\0')) {
            return Err(Fault::new(FaultKind::Invalid, "an argument holds a NUL"));
        }
        Ok(())
    }

    /// Makes the process of a program in a cgroup, up to its `exec`.
    fn start_process(&mut self, cgroup: CgroupId) -> Result<Pid, Fault> {
        self.costs.call(Syscall::Clone, 1);
        let pid = self.fork_into(cgroup)?;
        self.kernel.handle(pid);
        if !self.kernel.is_alive(pid) {
            self.discard(pid);
            return Err(errno(Errno::ESRCH, "the program was killed at once"));
        }
        if self.kernel.is_out_of_memory(cgroup) {
            self.discard(pid);
            return Err(errno(Errno::ESRCH, "the program was killed for want of memory"));
        }
        if self.kernel.is_frozen(cgroup) {
            self.discard(pid);
            return Err(Fault::new(
                FaultKind::TimedOut,
                "a program in a frozen cgroup does not get to its exec",
            ));
        }
        self.costs.call(Syscall::Exec, 1);
        Ok(pid)
    }

    /// Starts what the script of a program says: how long it lives, whom it forks, how it takes signals.
    fn behave(&mut self, mut running: Running) -> Running {
        let pid = running.pid;
        let behaviour = self.script(&running);
        let (ignores, children) = (behaviour.ignores_term, behaviour.children);
        running.left = behaviour.lives.map(|time| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX));
        for _ in 0..children {
            let Ok(child) = self.kernel.fork_id(pid, None) else { break };
            self.kernel.handle(child);
            running.children.push(child);
        }
        if ignores {
            for pid in running.children.iter().chain([&pid]) {
                _ = self.kernel.ignore_signals(*pid);
            }
        }
        running
    }

    /// Makes the cgroups that a script says below the one that its program was started in.
    fn make_scripted_cgroups(&mut self, running: &Running, below: CgroupId) {
        let Some(script) = running.script else { return };
        for path in &self.scripts[script].1.cgroups {
            if let Ok(made) = self.kernel.mkdir_from(below, path) {
                self.strays.push(Stray { of: running.id, cgroup: made });
            }
        }
    }

    /// How long it is until a program uses other memory.
    pub(super) fn until_memory(&self, running: &Running) -> Option<u64> {
        let (at, _) = self.script(running).memory.get(running.memory)?;
        Some(nanos(*at).saturating_sub(running.lived).max(1))
    }

    /// Lets a program use the memory that its script says for this time. That may kill it.
    pub(super) fn use_scripted_memory(&mut self, place: usize) {
        loop {
            let running = &self.payloads[place];
            let next = self.script(running).memory.get(running.memory).copied();
            let Some((_, bytes)) = next.filter(|(at, _)| nanos(*at) <= running.lived) else { return };
            self.payloads[place].memory += 1;
            _ = self.kernel.use_memory(self.payloads[place].pid, bytes);
        }
    }

    /// Lets a payload end as its script says.
    pub(super) fn exit_payload(&mut self, place: usize) {
        let (pid, script) = (self.payloads[place].pid, self.script(&self.payloads[place]));
        _ = match (script.signal, script.code) {
            (None, code) => self.kernel.exit(pid, code),
            (Some(signal), _) => self.kernel.kill(pid, signal),
        };
        self.payloads[place].left = None;
    }

    /// Takes the status of a payload that has ended, and ends what outlived it.
    fn close(&mut self, place: usize) -> Option<PayloadEnd> {
        if let Some(end) = self.payloads[place].end {
            return Some(end);
        }
        let pid = self.payloads[place].pid;
        let status = match self.kernel.held_status(pid) {
            Some(status) => status,
            None if self.kernel.holds(pid) => return None,
            None => ExitStatus::Signalled(SIGKILL),
        };
        let ended = self.kernel.ended_at(pid);
        self.costs.call(Syscall::Wait, 1);
        self.discard(pid);
        let mut orphans = 0;
        for child in core::mem::take(&mut self.payloads[place].children) {
            if self.kernel.holds(child) {
                self.costs.call(Syscall::Kill, 1);
                _ = self.kernel.kill(child, SIGKILL);
                orphans += 1;
            }
        }
        self.end_strays_beside_the_run(self.payloads[place].id);
        let running = &self.payloads[place];
        let script = self.script(running);
        let stdout_bytes = script.stdout.len() as u64 + script.flood;
        let stderr_bytes = script.stderr.len() as u64 + script.stderr_flood;
        let end = PayloadEnd {
            status,
            wall_ns: ended.saturating_sub(running.started),
            stdout_bytes,
            stderr_bytes,
            cut_bytes: stdout_bytes.saturating_sub(KEPT) + stderr_bytes.saturating_sub(KEPT),
            orphans,
            assumed: running.script.is_none(),
        };
        self.payloads[place].end = Some(end);
        Some(end)
    }

    /// Removes what a program has made in the runner's own cgroup, which stays.
    fn end_strays_beside_the_run(&mut self, id: PayloadId) {
        self.remove_strays(|backend, stray| stray.of == id && backend.is_beside_the_run(stray.cgroup));
    }

    pub(super) fn is_beside_the_run(&self, cgroup: CgroupId) -> bool {
        !self.run.is_some_and(|run| self.kernel.is_below(cgroup, run))
    }

    /// Removes some of what programs have made; gives how many that were.
    pub(super) fn remove_strays(&mut self, which: impl Fn(&Self, &Stray) -> bool) -> u32 {
        let mut removed = 0;
        // The last made first: children before parents.
        for place in (0..self.strays.len()).rev() {
            if which(self, &self.strays[place]) {
                let stray = self.strays.remove(place);
                self.costs.call(Syscall::Rmdir, 1);
                removed += u32::from(self.kernel.rmdir_id(stray.cgroup).is_ok());
            }
        }
        removed
    }

    pub(super) fn wait_payload(&mut self, id: PayloadId, timeout: Duration) -> Answer {
        self.costs.call(Syscall::Poll, 1);
        let place = self.payload_place(id)?;
        if self.is_stopped() {
            return Ok(Outcome::SchedulerDied);
        }
        let running = &mut self.payloads[place];
        if running.script.is_none() && running.end.is_none() {
            let within = (timeout / 2).min(ASSUMED_END);
            running.left.get_or_insert(u64::try_from(within.as_nanos()).unwrap_or(u64::MAX));
        }
        self.advance_until(timeout, Some(self.payloads[place].pid));
        match self.close(place) {
            Some(end) => Ok(Outcome::Ended(end)),
            None => Ok(Outcome::TimedOut),
        }
    }

    pub(super) fn kill_payload(&mut self, id: PayloadId, grace: Duration) -> Answer {
        let place = self.payload_place(id)?;
        if let Some(end) = self.close(place) {
            return Ok(Outcome::Ended(end));
        }
        let pid = self.payloads[place].pid;
        self.costs.call(Syscall::Kill, 1);
        for number in 0..self.payloads[place].children.len() {
            let child = self.payloads[place].children[number];
            if self.kernel.holds(child) {
                _ = self.kernel.kill(child, SIGTERM);
            }
        }
        _ = self.kernel.kill(pid, SIGTERM);
        self.advance_until(grace, Some(pid));
        if self.kernel.holds(pid) {
            self.costs.call(Syscall::Kill, 1);
            _ = self.kernel.kill(pid, SIGKILL);
        }
        match self.close(place) {
            Some(end) => Ok(Outcome::Ended(end)),
            None => Err(Fault::new(FaultKind::TimedOut, "the program does not end")),
        }
    }

    pub(super) fn read_metric(&self, id: PayloadId, metric: &str) -> Answer {
        Ok(Outcome::Metric(ktstr_core::metrics::find(&self.script_of_ended(id)?.stdout, metric)))
    }

    pub(super) fn read_output(&self, id: PayloadId, channel: &mut dyn Channel) -> Answer {
        let script = self.script_of_ended(id)?;
        for stream in Stream::ALL {
            let (text, flood) = match stream {
                Stream::Stdout => (script.stdout.as_bytes(), script.flood),
                Stream::Stderr => (script.stderr.as_bytes(), script.stderr_flood),
            };
            let mut end = [b'.'; LAST_WORDS];
            let room = LAST_WORDS.saturating_sub(text.len());
            let dots = usize::try_from(flood).map_or(room, |flood| flood.min(room));
            if dots == 0 {
                channel.last_words(stream, flood, text);
                continue;
            }
            end[dots..dots + text.len()].copy_from_slice(text);
            channel.last_words(stream, flood - dots as u64, &end[..dots + text.len()]);
        }
        Ok(Outcome::Done)
    }

    fn script_of_ended(&self, id: PayloadId) -> Result<&Script, Fault> {
        let running = &self.payloads[self.payload_place(id)?];
        if running.end.is_none() {
            return Err(Fault::new(FaultKind::Unknown, "the payload still runs"));
        }
        Ok(self.script(running))
    }

    /// The process of a payload, while it has not been waited for.
    pub fn payload_pid(&self, id: PayloadId) -> Option<Pid> {
        let place = self.payload_place(id).ok()?;
        let running = &self.payloads[place];
        running.end.is_none().then_some(running.pid)
    }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// Whether a program is meant by its whole path or by the last part of it.
pub(super) fn is_named(name: &str, binary: &str) -> bool {
    name == binary || binary.rsplit('/').next() == Some(name)
}

pub(super) fn named(names: &[String], binary: &str) -> bool {
    names.iter().any(|name| is_named(name, binary))
}
