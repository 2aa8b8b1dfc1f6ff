//! Carries actions out, one function for each that is more than a call.

use crate::backend::{LinuxBackend, Workers};
use crate::cgroupfs::Dir;
use crate::clock::after;
use crate::fault::{errno_fault, fault};
use crate::kill;
use crate::leaf::LEAF;
use crate::payload::{self, Kept, Scope, Start};
use crate::run::Run;
use crate::scheduler::Waited;
use crate::worker::{Group, Order, Stage};
use ktstr_core::Backend as _;
use ktstr_core::{
    Action, Channel, CpuSet, Fault, FaultKind, GroupId, Knob, KnobValue, Outcome, Payload, PayloadEnd,
    Placement, Stream,
};
use rustix::io::Errno;
use std::collections::BTreeSet;
use std::time::Duration;

impl LinuxBackend {
    pub(crate) fn carry_out(
        &mut self,
        action: &Action<'_>,
        channel: &mut dyn Channel,
    ) -> Result<Outcome, Fault> {
        match *action {
            Action::Prepare { controllers } => {
                if self.run.is_some() {
                    return Err(errno_fault(Errno::EXIST, "the run's own cgroup"));
                }
                self.run = Some(Run::begin(&self.parent, controllers)?);
                self.groups.clear();
                self.payloads.forget();
                self.notes.clear();
                self.phase = None;
            }
            Action::CreateCgroup { path } => self.run_mut()?.create(path)?,
            Action::EnableControllers { path, controllers } => self.run()?.enable(path, controllers)?,
            Action::Write { path, knob, value } => self.write(path, knob, value)?,
            Action::Spawn { group, placement, ref work, workers, affinity, seed } => {
                let jitter_ns = crate::clock::duration_ns(self.options.start_jitter);
                self.spawn(group, placement, &Order { work, workers, affinity, seed, jitter_ns })?;
            }
            Action::Start => {
                self.await_setups()?;
                self.live().filter(|group| !group.is_started()).for_each(|group| group.start());
            }
            Action::SetAffinity { group, affinity } => {
                let who = format!("group {}", group.0);
                let about = |errno| Stage::Affinity.fault(errno, &who);
                self.group(group)?.set_affinity(&affinity).map_err(about)?;
            }
            Action::Move { group, to } => self.move_group(group, to)?,
            Action::EndCpuWatch { group } => return Ok(Outcome::Cpus(self.group(group)?.end_watch())),
            Action::BeginCpuWatch { group } => self.group(group)?.begin_watch(),
            Action::AskToStop { group } => self.ask_to_stop(group)?,
            Action::Stop { group } => self.stop(group)?,
            Action::Collect { group, worker } => return self.collect(group, worker),
            Action::StartPayload { id, payload, args, placement } => {
                self.start_payload(id.0, payload, args, &[], placement)?
            }
            Action::WaitPayload { id, timeout } => return self.wait_payload(id.0, timeout),
            Action::KillPayload { id, grace } => return self.end_payload(id.0, grace).map(Outcome::Ended),
            Action::ReadMetric { id, metric } => return self.read_metric(id.0, metric),
            Action::ReadOutput { id } => self.read_output(id.0, channel)?,
            Action::Freeze { path } => {
                self.await_setups()?;
                self.run_mut()?.freeze(path)?;
                self.tell_frozen();
            }
            Action::Thaw { path } => {
                // Workers have to know how long they were frozen before they look at their clocks again.
                self.run_mut()?.mark(path, false);
                self.tell_frozen();
                self.run()?.thaw(path)?;
            }
            Action::KillCgroup { path } => self.kill_cgroup(path)?,
            Action::WriteFile { path, file, text } => self.write_file(path, file, text)?,
            Action::Reclaim { path, bytes, whole } => self.reclaim(path, bytes, whole)?,
            Action::SetNice { group, nice } => self.set_nice(group, nice)?,
            Action::SetSchedPolicy { group, policy } => self.set_policy(group, policy)?,
            Action::ReadProcs { path, .. } => self.read_procs(path, channel)?,
            Action::NoteFile { path, check } => self.note_file(path, check),
            Action::CheckFile { path, check } => return self.check_file(path, check),
            Action::SteerIrq { irq, cpu } => {
                if !self.topology().cpus().contains(cpu as usize) {
                    return Err(fault(FaultKind::NoDevice, &format!("CPU {cpu}")));
                }
                self.irqs.steer(irq, cpu)?;
            }
            Action::RestoreIrq { irq } => self.irqs.restore(irq)?,
            Action::AttachScheduler { scheduler } => self.attach(scheduler, channel)?,
            Action::DetachScheduler { scheduler } => {
                return self.detach(scheduler, channel).map(Outcome::Detached);
            }
            Action::Hold { length } => match self.wait(after(length), |_| false) {
                Waited::Time | Waited::Reached => {}
                Waited::Died => return Ok(Outcome::SchedulerDied),
                Waited::Interrupted => return Err(fault(FaultKind::Interrupted, "")),
            },
            Action::KillRemaining { path } => return self.kill_remaining(path),
            Action::RemoveCgroup { path } => self.run_mut()?.remove(path)?,
            Action::Finish => {
                let mut run = self.run.take().ok_or_else(unprepared)?;
                if let Err(fault) = run.finish(&self.parent) {
                    self.run = Some(run);
                    return Err(fault);
                }
                self.births.end_run();
            }
        }
        Ok(Outcome::Done)
    }

    fn write(&self, path: &str, knob: Knob, value: KnobValue) -> Result<(), Fault> {
        let file = knob.file();
        let dir = self.run()?.dir(path)?;
        let written = match dir.write(file, &format!("{value}\n")) {
            Err(Errno::NOSPC) if value == KnobValue::Cpus(CpuSet::EMPTY) => self.clear_cpuset(dir, path),
            written => written,
        };
        written.map_err(|errno| errno_fault(errno, &format!("{path}/{file}")))
    }

    /// Before Linux 7.0 the cpuset of a cgroup with tasks cannot be emptied. The parent's CPUs then have the
    /// same effect.
    fn clear_cpuset(&self, dir: &Dir, path: &str) -> Result<(), Errno> {
        let (parent, _) = self.run().and_then(|run| run.above(path)).map_err(|_| Errno::NOSPC)?;
        dir.write(Knob::CpusetCpus.file(), &parent.read("cpuset.cpus.effective")?)
    }

    pub(crate) fn run(&self) -> Result<&Run, Fault> {
        self.run.as_ref().ok_or_else(unprepared)
    }

    pub(crate) fn run_mut(&mut self) -> Result<&mut Run, Fault> {
        self.run.as_mut().ok_or_else(unprepared)
    }

    fn live(&self) -> impl Iterator<Item = &Group> {
        self.groups.values().filter_map(|workers| match workers {
            Workers::Live(group) => Some(group),
            Workers::Stopped(_) => None,
        })
    }

    pub(crate) fn group(&self, id: GroupId) -> Result<&Group, Fault> {
        match self.groups.get(&id.0) {
            Some(Workers::Live(group)) => Ok(group),
            _ => Err(unknown_group(id)),
        }
    }

    fn spawn(&mut self, id: GroupId, placement: Placement<'_>, order: &Order<'_>) -> Result<(), Fault> {
        let run = self.run.as_ref().ok_or_else(unprepared)?;
        let entrance = run.door(placement)?;
        let is_stuck = |at: Placement<'_>| run.is_stuck(at);
        let group = Group::spawn(entrance.place(), placement, order, &mut self.births, &is_stuck)?;
        self.groups.insert(id.0, Workers::Live(group));
        Ok(())
    }

    /// Waits for the workers whose setup goes on by itself.
    fn await_setups(&mut self) -> Result<(), Fault> {
        let run = self.run.as_ref().ok_or_else(unprepared)?;
        for workers in self.groups.values_mut() {
            if let Workers::Live(group) = workers {
                group.await_setup(&|at| run.is_stuck(at))?;
            }
        }
        Ok(())
    }

    fn ask_to_stop(&mut self, id: GroupId) -> Result<(), Fault> {
        self.end_in_phase(id);
        let Some(Workers::Live(group)) = self.groups.get_mut(&id.0) else { return Err(unknown_group(id)) };
        group.ask_to_stop();
        Ok(())
    }

    fn stop(&mut self, id: GroupId) -> Result<(), Fault> {
        self.end_in_phase(id);
        let Some(Workers::Live(group)) = self.groups.get_mut(&id.0) else { return Err(unknown_group(id)) };
        let reports = group.stop(&mut self.payloads, self.options.interrupt.as_ref())?;
        self.groups.insert(id.0, Workers::Stopped(reports));
        Ok(())
    }

    fn collect(&self, id: GroupId, worker: u32) -> Result<Outcome, Fault> {
        match self.groups.get(&id.0) {
            Some(Workers::Stopped(reports)) => reports
                .get(worker as usize)
                .map(|report| Outcome::Report(*report))
                .ok_or_else(|| fault(FaultKind::Unknown, &format!("worker {worker} of group {}", id.0))),
            _ => Err(unknown_group(id)),
        }
    }

    pub(crate) fn start_payload(
        &mut self,
        id: u32,
        payload: &Payload<'_>,
        args: &[&str],
        env: &[&str],
        placement: Placement<'_>,
    ) -> Result<(), Fault> {
        let run = self.run.as_mut().ok_or_else(unprepared)?;
        let mark = run.payload_mark(id);
        let leaf = match placement {
            Placement::RunnerCgroup => run.leaf(&self.parent, id),
            Placement::Cgroup(_) => None,
        };
        let entrance = match &leaf {
            Some(leaf) => leaf.entrance().map_err(|errno| errno_fault(errno, LEAF))?,
            None => run.entrance(placement)?,
        };
        let order = Start { payload, args, env, place: entrance.place(), mark: &mark };
        let started = payload::start(&order)?;
        drop(entrance);
        self.payloads.add(id, placement, mark, leaf, started, self.options.capture_limit);
        Ok(())
    }

    fn wait_payload(&mut self, id: u32, timeout: Duration) -> Result<Outcome, Fault> {
        if !self.payloads.is_running(id) {
            return Err(unknown_payload(id));
        }
        match self.wait(after(timeout), |all| all.has_ended(id)) {
            Waited::Reached => self.end_payload(id, Duration::ZERO).map(Outcome::Ended),
            Waited::Time => Ok(Outcome::TimedOut),
            Waited::Died => Ok(Outcome::SchedulerDied),
            Waited::Interrupted => Err(fault(FaultKind::Interrupted, "")),
        }
    }

    pub(crate) fn end_payload(&mut self, id: u32, grace: Duration) -> Result<PayloadEnd, Fault> {
        let placement = self.payloads.placement(id).ok_or_else(|| unknown_payload(id))?;
        let scope = Scope {
            run: self.run.as_ref().map(Run::own),
            frozen: self.run.as_ref().is_some_and(|run| run.is_frozen(placement)),
        };
        self.payloads.end(id, grace, &scope, self.options.interrupt.as_ref())
    }

    /// Workers, and the processes of payloads.
    fn known_pids(&self) -> BTreeSet<i32> {
        self.live().flat_map(Group::pids).chain(self.payloads.pids()).collect()
    }

    fn read_metric(&self, id: u32, metric: &str) -> Result<Outcome, Fault> {
        let output = self.payloads.output(id).ok_or_else(|| unknown_payload(id))?;
        let find = |kept: &Kept| ktstr_core::metrics::find(&String::from_utf8_lossy(&kept.bytes), metric);
        Ok(Outcome::Metric(find(&output.stdout).or_else(|| find(&output.stderr))))
    }

    fn read_output(&self, id: u32, channel: &mut dyn Channel) -> Result<(), Fault> {
        let output = self.payloads.output(id).ok_or_else(|| unknown_payload(id))?;
        for (stream, kept) in [(Stream::Stdout, &output.stdout), (Stream::Stderr, &output.stderr)] {
            let end = kept.end();
            channel.last_words(stream, kept.written() - end.len() as u64, end);
        }
        Ok(())
    }

    fn read_procs(&self, path: &str, channel: &mut dyn Channel) -> Result<(), Fault> {
        let pids = self.run()?.dir(path)?.procs().map_err(|errno| errno_fault(errno, path))?;
        channel.procs(pids.into_iter().map(i32::unsigned_abs));
        Ok(())
    }

    fn kill_remaining(&self, path: &str) -> Result<Outcome, Fault> {
        let run = self.run()?;
        let killed = kill::all(run.dir(path)?, run.own()).map_err(|errno| errno_fault(errno, path))?;
        let known = self.known_pids();
        Ok(Outcome::Killed { count: killed.difference(&known).count() as u32 })
    }

    /// Says each group whether it is frozen.
    fn tell_frozen(&mut self) {
        let Some(run) = &self.run else { return };
        for workers in self.groups.values_mut() {
            if let Workers::Live(group) = workers {
                group.set_frozen(run.is_frozen(group.placement()));
            }
        }
    }
}

fn unprepared() -> Fault {
    fault(FaultKind::Unknown, "no run was prepared")
}

fn unknown_group(id: GroupId) -> Fault {
    fault(FaultKind::Unknown, &format!("group {}", id.0))
}

fn unknown_payload(id: u32) -> Fault {
    fault(FaultKind::Unknown, &format!("payload {id}"))
}
