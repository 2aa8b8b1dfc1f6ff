//! Schedulers: a program that is started as a payload is, and with it what the kernel shows of the scheduler
//! that it loads. One is attached when the kernel has enabled it, and has left when the kernel has disabled
//! it or its program has ended; whoever waits looks for that again and again.

mod dump;
mod kernel;

use crate::backend::LinuxBackend;
use crate::clock::{TURN_TIME, after, now};
use crate::fault::{errno_fault, fault};
use crate::payload::{Kept, Payloads, Wake};
use dump::Dump;
use kernel::Log;
use ktstr_core::{
    Channel, Evidence, Fault, FaultKind, Notice, OnDeath, Payload, Placement, Scheduler, SchedulerEnd,
    SchedulerExit, SchedulerSource, next_placeholder,
};
use rustix::io::Errno;
use std::time::Duration;

/// The number under which its program is kept beside payloads.
pub(crate) const PROGRAM: u32 = u32::MAX;
/// How often whoever waits looks whether it is still attached.
const LOOK: Duration = Duration::from_millis(20);
/// How long the kernel has to say why it has let one go, once it has.
const FAREWELL: Duration = Duration::from_secs(2);
/// How long a message has to come behind the reason.
const MESSAGE: Duration = Duration::from_millis(20);
/// How much of each end of its log is shown.
const SHOWN: usize = 1024;

/// The scheduler that is attached, or has left and is not yet detached.
pub(crate) struct Attached {
    name: String,
    /// What the kernel calls it.
    ops: String,
    on_death: OnDeath,
    ready_at: u64,
    log: Log,
    dump: Option<Dump>,
    left: Option<Left>,
    noticed: bool,
}

/// How it has left by itself.
struct Left {
    at: u64,
    exit: Option<SchedulerExit>,
    message: String,
}

/// Why a wait is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Waited {
    Time,
    Reached,
    Interrupted,
    /// The scheduler has left, and the run is to stop for it.
    Died,
}

/// Checks that a scheduler could be attached on this machine.
///
/// # Errors
/// `NoSchedExt`, or `Permission` for others than root.
pub(crate) fn preflight() -> Result<(), Fault> {
    if !kernel::is_there() {
        return Err(fault(FaultKind::NoSchedExt, ""));
    }
    if !rustix::process::geteuid().is_root() {
        return Err(Fault::from_errno(libc::EPERM, "attaching a scheduler"));
    }
    Ok(())
}

impl Attached {
    /// Looks whether it has left, and if so how.
    fn look(&mut self, payloads: &Payloads) {
        if self.left.is_some() || (kernel::is_enabled() && !payloads.has_ended(PROGRAM)) {
            return;
        }
        let at = now();
        let (deadline, after_reason) = (after(FAREWELL), after(MESSAGE));
        let said = loop {
            self.log.read();
            match self.log.farewell(&self.ops) {
                None if now() < deadline => std::thread::sleep(Duration::from_millis(5)),
                // The message is a record of its own, behind the one with the reason.
                Some((_, message)) if message.is_empty() && now() < after_reason => {
                    std::thread::sleep(Duration::from_millis(5));
                }
                said => break said,
            }
        };
        let (exit, message) = said.unwrap_or_default();
        self.left = Some(Left { at, exit, message });
    }
}

impl LinuxBackend {
    /// Starts the program and waits until the kernel has enabled what it loads.
    ///
    /// # Errors
    /// Of the start; `Attached` where another is, `NotReady` where it does not come to that, after what was
    /// said of it. Its program is ended then.
    pub(crate) fn attach(
        &mut self,
        scheduler: &Scheduler<'_>,
        channel: &mut dyn Channel,
    ) -> Result<(), Fault> {
        if !kernel::is_there() {
            return Err(fault(FaultKind::NoSchedExt, scheduler.name));
        }
        if self.scheduler.is_some() || kernel::is_in_use() {
            return Err(errno_of(FaultKind::Attached, Errno::BUSY, scheduler.name));
        }
        let (before, mut log) = (kernel::enabled_so_far(), Log::from_now_on());
        let dump = Dump::begin();
        self.start(scheduler)?;
        let is_ready = || kernel::is_enabled() && kernel::enabled_so_far() > before;
        let deadline = after(scheduler.ready);
        let ready = loop {
            if self.payloads.has_ended(PROGRAM) {
                break Err("its program ended");
            }
            if let Some(ops) = is_ready().then(kernel::name).flatten() {
                break Ok(ops);
            }
            if now() >= deadline {
                break Err("it took too long");
            }
            let until = deadline.min(after(LOOK));
            let ended = |all: &mut Payloads| all.has_ended(PROGRAM);
            if self.payloads.wait(until, self.options.interrupt.as_ref(), ended) == Wake::Interrupted {
                break Err("");
            }
        };
        match ready {
            Ok(ops) => {
                log.read();
                self.scheduler = Some(Attached {
                    name: scheduler.name.to_owned(),
                    ops,
                    on_death: scheduler.on_death,
                    ready_at: now(),
                    log,
                    dump,
                    left: None,
                    noticed: false,
                });
                Ok(())
            }
            Err(why) => {
                self.end_payload(PROGRAM, scheduler.grace)?;
                log.read();
                self.say_log(channel);
                say(channel, SchedulerSource::Kernel, log.lines.as_bytes());
                Err(match why {
                    "" => fault(FaultKind::Interrupted, ""),
                    why => fault(FaultKind::NotReady, &format!("{}: {why}", scheduler.name)),
                })
            }
        }
    }

    fn start(&mut self, scheduler: &Scheduler<'_>) -> Result<(), Fault> {
        let args: Vec<String> =
            scheduler.args.iter().map(|arg| self.filled(arg)).collect::<Result<_, Fault>>()?;
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let payload = Payload::binary(scheduler.name, scheduler.binary);
        self.start_payload(PROGRAM, &payload, &args, scheduler.env, Placement::RunnerCgroup)?;
        self.payloads.notice(PROGRAM);
        Ok(())
    }

    /// An argument with the paths of cgroups for its placeholders, as `/proc/PID/cgroup` has them.
    fn filled(&self, arg: &str) -> Result<String, Fault> {
        let own = self.run_directory().ok_or_else(|| fault(FaultKind::Unknown, "no run was prepared"))?;
        let own = own.strip_prefix(&self.parent.mount.point).unwrap_or(&own).to_string_lossy().into_owned();
        let (mut text, mut rest) = (String::new(), arg);
        while let Some((before, placeholder)) = next_placeholder(rest) {
            text.push_str(before);
            text.push('/');
            text.push_str(&own);
            if placeholder.name != "/" {
                text.push('/');
                text.push_str(placeholder.name);
            }
            rest = placeholder.after;
        }
        text.push_str(rest);
        Ok(text)
    }

    /// Ends the program and waits until the kernel's own scheduler is back; of one that has left only what is
    /// known is handed over.
    ///
    /// # Errors
    /// `Unknown`; of the program's end; `NotDetached`. It can be detached again.
    pub(crate) fn detach(
        &mut self,
        scheduler: &Scheduler<'_>,
        channel: &mut dyn Channel,
    ) -> Result<SchedulerEnd, Fault> {
        let Some(attached) = &mut self.scheduler else {
            return Err(fault(FaultKind::Unknown, scheduler.name));
        };
        attached.look(&self.payloads);
        say(channel, SchedulerSource::Counters, kernel::counters().as_bytes());
        let end = self.end_payload(PROGRAM, scheduler.grace)?;
        let ended_at = now();
        let deadline = after(TURN_TIME);
        while kernel::is_in_use() {
            if now() >= deadline {
                return Err(fault(FaultKind::NotDetached, scheduler.name));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        self.say_log(channel);
        let Some(mut attached) = self.scheduler.take() else { return Err(fault(FaultKind::Unknown, "")) };
        attached.log.read();
        say(channel, SchedulerSource::Kernel, attached.log.lines.as_bytes());
        if let Some(dump) = &attached.dump {
            say(channel, SchedulerSource::Dump, &dump.read());
        }
        let (early, left_at) = match &attached.left {
            Some(left) => (true, left.at),
            None => (false, ended_at),
        };
        let (exit, message) = match attached.left {
            Some(Left { exit, message, .. }) => (exit, message),
            None => attached.log.farewell(&attached.ops).unwrap_or_default(),
        };
        let wanted = scheduler.expect_exit.filter(|_| early);
        let fits = |exit| {
            wanted.is_some_and(|wanted| wanted.kind == exit && message.contains(wanted.message_contains))
        };
        // The kernel gives the exit code to the scheduler's own program, and to nobody else.
        let is_open = wanted.is_some_and(|wanted| wanted.code.is_some());
        let fits = exit.is_some_and(fits);
        Ok(SchedulerEnd {
            exit,
            code: 0,
            status: Some(end.status),
            early,
            expected: fits && !is_open,
            lost: (exit.is_none() && attached.log.lost) || (fits && is_open),
            wall_ns: left_at.saturating_sub(attached.ready_at),
            assumed: false,
        })
    }

    /// Sends the first and the last of what its program wrote.
    fn say_log(&self, channel: &mut dyn Channel) {
        let Some(output) = self.payloads.output(PROGRAM) else { return };
        for kept in [&output.stdout, &output.stderr] {
            let (source, written) = (SchedulerSource::Log, kept.written());
            let (first, last) = ends(kept);
            channel.evidence(&Evidence::Scheduler { source, cut: 0, bytes: first });
            let cut = written.saturating_sub(first.len() as u64 + last.len() as u64);
            channel.evidence(&Evidence::Scheduler { source, cut, bytes: last });
        }
    }

    /// Waits until `reached`, `deadline`, an interrupt, or the scheduler has left where that stops the run.
    pub(crate) fn wait(&mut self, deadline: u64, mut reached: impl FnMut(&Payloads) -> bool) -> Waited {
        let interrupt = self.options.interrupt.clone();
        loop {
            let mut until = deadline;
            if let Some(attached) = &mut self.scheduler {
                attached.look(&self.payloads);
                match (&attached.left, attached.on_death) {
                    (Some(_), OnDeath::Stop) => return Waited::Died,
                    (Some(_), OnDeath::GoOn) => {}
                    (None, _) => until = deadline.min(after(LOOK)),
                }
            }
            let looks = until < deadline;
            let woken = |all: &mut Payloads| reached(all) || (looks && all.has_ended(PROGRAM));
            match self.payloads.wait(until, interrupt.as_ref(), woken) {
                Wake::Interrupted => return Waited::Interrupted,
                Wake::Reached if reached(&self.payloads) => return Waited::Reached,
                Wake::Reached => {}
                Wake::Time if now() >= deadline => return Waited::Time,
                Wake::Time => {}
            }
        }
    }

    /// Sends, once, that it has left by itself.
    pub(crate) fn notice_scheduler(&mut self, channel: &mut dyn Channel) {
        let Some(attached) = &mut self.scheduler else { return };
        attached.look(&self.payloads);
        let Some(Left { at, exit, message }) = &attached.left else { return };
        if !std::mem::replace(&mut attached.noticed, true) {
            let at = Duration::from_nanos(at.saturating_sub(self.began_at));
            let status = self.payloads.status(PROGRAM);
            let notice =
                Notice::SchedulerLeft { name: &attached.name, exit: *exit, code: 0, message, status };
            channel.notice(at, &notice);
        }
    }
}

/// The first and the last of what was written, without what is in both.
fn ends(kept: &Kept) -> (&[u8], &[u8]) {
    let (first, rest) = kept.bytes.split_at(kept.bytes.len().min(SHOWN));
    let (_, last) = rest.split_at(rest.len().saturating_sub(SHOWN));
    (first, last)
}

fn say(channel: &mut dyn Channel, source: SchedulerSource, bytes: &[u8]) {
    if !bytes.is_empty() {
        channel.evidence(&Evidence::Scheduler { source, cut: 0, bytes });
    }
}

fn errno_of(kind: FaultKind, errno: Errno, detail: &str) -> Fault {
    Fault { kind, ..errno_fault(errno, detail) }
}
