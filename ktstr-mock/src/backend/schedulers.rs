//! Schedulers: one is attached at a time, hears of cgroups as they come and go, and leaves when it is
//! detached, or before when a fault says so. That one without a fault lived is assumed, and its end says so.

use super::payloads::named;
use super::{Answer, MockBackend, about, errno};
use crate::costs::Syscall;
use crate::errno::Errno;
use crate::kernel::CgroupId;
use crate::policy::{Fair, Policy};
use core::time::Duration;
use ktstr_core::{
    Channel, Controller, Evidence, ExitStatus, Fault, FaultKind, Notice, OnDeath, Outcome, Scheduler,
    SchedulerEnd, SchedulerExit, SchedulerSource,
};

/// How long the kernel takes to enable a scheduler, where it is given that long.
const LOAD_TIME: Duration = Duration::from_millis(1);

/// Makes the behaviour of a scheduler.
pub(super) type Make = fn() -> Box<dyn Policy>;

/// A scheduler that leaves by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaving {
    /// Why the kernel lets it go.
    pub exit: SchedulerExit,
    /// The exit code.
    pub code: i64,
    /// What the kernel says of it.
    pub message: String,
}

impl Leaving {
    /// By this kind of exit, code 0, without a message.
    pub const fn by(exit: SchedulerExit) -> Self {
        Self { exit, code: 0, message: String::new() }
    }
}

/// The scheduler that is attached.
#[derive(Debug)]
pub(super) struct Attached {
    name: String,
    on_death: OnDeath,
    policy: Box<dyn Policy>,
    /// The cgroups that it has heard of.
    known: Vec<String>,
    log: String,
    since: u64,
    left: Option<(Leaving, u64)>,
    noticed: bool,
}

impl Attached {
    fn hear(&mut self, line: Option<String>) {
        if let Some(line) = line {
            self.log.push_str(&line);
            self.log.push('\n');
        }
    }

    fn is_live(&self) -> bool {
        self.left.is_none()
    }
}

impl MockBackend {
    /// Gives a scheduler its behaviour: what `policy` makes is what a scheduler with this binary does as
    /// cgroups come and go. All others are [`Fair`].
    #[must_use]
    pub fn scheduler(mut self, binary: &str, policy: fn() -> Box<dyn Policy>) -> Self {
        self.policies.push((binary.to_owned(), policy));
        self
    }

    /// Has no sched_ext.
    #[must_use]
    pub fn without_sched_ext(mut self) -> Self {
        self.has_sched_ext = false;
        self
    }

    pub(super) fn attach(&mut self, scheduler: &Scheduler<'_>) -> Answer {
        if !self.has_sched_ext {
            return Err(Fault::new(FaultKind::NoSchedExt, scheduler.name));
        }
        if self.attached.is_some() {
            return Err(Fault { errno: Errno::EBUSY.0, ..Fault::new(FaultKind::Attached, scheduler.name) });
        }
        let run = self.run.ok_or(Errno::ENOENT).map_err(about(scheduler.name))?;
        self.check_scheduler(scheduler)?;
        self.costs.call(Syscall::Clone, 1);
        self.costs.call(Syscall::Exec, 1);
        self.advance(LOAD_TIME.min(scheduler.ready));
        if scheduler.ready.is_zero() {
            return Err(Fault::new(FaultKind::NotReady, scheduler.name));
        }
        let made =
            self.policies.iter().find(|(binary, _)| super::payloads::is_named(binary, scheduler.binary));
        let policy = made.map_or_else(|| Box::new(Fair) as Box<dyn Policy>, |(_, make)| make());
        self.attached = Some(Attached {
            name: scheduler.name.to_owned(),
            on_death: scheduler.on_death,
            policy,
            known: Vec::new(),
            log: String::new(),
            since: self.kernel.now,
            left: None,
            noticed: false,
        });
        let mut at = self.kernel.next_below(run, run);
        while let Some(id) = at {
            self.enters(id);
            at = self.kernel.next_below(run, id);
        }
        Ok(Outcome::Done)
    }

    /// Whether `exec` would find its program and take what it is given.
    fn check_scheduler(&self, scheduler: &Scheduler<'_>) -> Result<(), Fault> {
        let Scheduler { binary, args, env, .. } = *scheduler;
        if binary.is_empty() || binary.contains('\0') || named(&self.missing, binary) {
            return Err(Fault { errno: Errno::ENOENT.0, ..Fault::new(FaultKind::NoProgram, binary) });
        }
        let is_variable = |text: &str| text.find('=').is_some_and(|at| at > 0);
        if args.iter().chain(env).any(|text| text.contains('\0')) || !env.iter().all(|text| is_variable(text))
        {
            return Err(errno(Errno::EINVAL, "an argument or a variable"));
        }
        Ok(())
    }

    pub(super) fn detach(&mut self, scheduler: &Scheduler<'_>, channel: &mut dyn Channel) -> Answer {
        let Some(attached) = self.attached.take() else {
            return Err(Fault::new(FaultKind::Unknown, "no scheduler is attached"));
        };
        self.costs.call(Syscall::Kill, 1);
        self.costs.call(Syscall::Wait, 1);
        if !attached.log.is_empty() {
            let (source, bytes) = (SchedulerSource::Log, attached.log.as_bytes());
            channel.evidence(&Evidence::Scheduler { source, cut: 0, bytes });
        }
        let (leaving, left_at) = match &attached.left {
            Some((leaving, at)) => (leaving.clone(), *at),
            None => (Leaving::by(SchedulerExit::Unregistered), self.kernel.now),
        };
        let Leaving { exit, code, message } = leaving;
        let early = !attached.is_live();
        let expected = scheduler.expect_exit.is_some_and(|expected| expected.is_met_by(exit, code, &message));
        Ok(Outcome::Detached(SchedulerEnd {
            exit: Some(exit),
            code,
            status: Some(ExitStatus::Exited(0)),
            early,
            expected: early && expected,
            lost: false,
            wall_ns: left_at.saturating_sub(attached.since),
            assumed: !early,
        }))
    }

    /// The name of the scheduler that is attached, whether it has left by itself or not.
    pub fn attached_scheduler(&self) -> Option<&str> {
        self.attached.as_ref().map(|attached| attached.name.as_str())
    }

    /// Lets the scheduler that is attached leave by itself. False when there is none, or it has left.
    pub fn lose_scheduler(&mut self, leaving: Leaving) -> bool {
        let now = self.kernel.now;
        match self.attached.as_mut().filter(|attached| attached.is_live()) {
            Some(attached) => {
                attached.left = Some((leaving, now));
                true
            }
            None => false,
        }
    }

    /// Whether the scheduler has left and a wait is over for it.
    pub(super) fn is_stopped(&self) -> bool {
        self.attached.as_ref().is_some_and(|one| !one.is_live() && one.on_death == OnDeath::Stop)
    }

    /// A cgroup was made.
    pub(super) fn enters(&mut self, id: CgroupId) {
        let (Some(run), Some(attached)) = (self.run, &mut self.attached) else { return };
        let kernel = &self.kernel;
        let hears = kernel.controllers_of(id).has(Controller::Cpu);
        if !hears || !attached.is_live() {
            return;
        }
        let (path, above) = (kernel.path_of(id), kernel.path_of(run));
        let Some(path) = path.strip_prefix(&above).map(|path| path.trim_start_matches('/')) else { return };
        let line = attached.policy.enters(path);
        attached.known.push(path.to_owned());
        attached.hear(line);
    }

    /// A cgroup was removed.
    pub(super) fn leaves(&mut self, path: &str) {
        let Some(attached) = self.attached.as_mut().filter(|attached| attached.is_live()) else { return };
        if let Some(place) = attached.known.iter().position(|known| known == path) {
            attached.known.remove(place);
            let line = attached.policy.leaves(path);
            attached.hear(line);
        }
    }

    /// Sends, once, that the scheduler has left.
    pub(super) fn notice_scheduler(&mut self, channel: &mut dyn Channel) {
        let Some(attached) = &mut self.attached else { return };
        if let Some((Leaving { exit, code, message }, at)) = &attached.left
            && !std::mem::replace(&mut attached.noticed, true)
        {
            let (name, exit) = (attached.name.as_str(), Some(*exit));
            let notice = Notice::SchedulerLeft { name, exit, code: *code, message, status: None };
            channel.notice(Duration::from_nanos(*at), &notice);
        }
    }
}
