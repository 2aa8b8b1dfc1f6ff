//! A backend that carries actions out on the modelled kernel, with a clock of its own.
//! Each family of actions has its file; here is what they share, and the way in.

mod asks;
mod cgroups;
mod disaster;
mod expect;
mod groups;
mod notices;
mod payloads;
mod phase;
mod schedulers;
mod setup;
mod time;

use crate::costs::Costs;
use crate::dump::Entry;
use crate::errno::Errno;
use crate::kernel::{CgroupId, MockKernel, Pid, is_modelled};
use crate::sched::shares::Shares;
use crate::sched::worker::Worker;
use crate::script::Script;
pub use asks::Given;
use core::time::Duration;
use groups::Group;
use ktstr_core::{
    Action, Backend, Channel, Controllers, Fault, FaultKind, GroupId, GroupPhase, Knob, KnobSet, Offers,
    Outcome, Placement, Requirements, Topology,
};
use payloads::{Program, Running};
pub use schedulers::Leaving;

/// A machine in memory: deterministic, quick, and strict as the kernel is.
///
/// ```
/// use ktstr_core::Action;
/// use ktstr_core::Backend;
/// use ktstr_core::Controllers;
/// use ktstr_core::Outcome;
/// use ktstr_core::Topology;
/// use ktstr_mock::MockBackend;
///
/// let mut mock = MockBackend::new(Topology::uniform(1, 1, 4, 1));
/// assert_eq!(mock.perform(&Action::Prepare { controllers: Controllers::NONE }, &mut ()), Outcome::Done);
/// assert_eq!(mock.perform(&Action::CreateCgroup { path: "a" }, &mut ()), Outcome::Done);
/// let Outcome::Failed(fault) = mock.perform(&Action::CreateCgroup { path: "a" }, &mut ()) else { panic!("made twice") };
/// assert_eq!(fault.kind.code(), "F001");
/// ```
#[derive(Debug)]
pub struct MockBackend {
    topology: Topology,
    kernel: MockKernel,
    seed: u64,
    privileged: bool,
    irqs: u32,
    interrupt_at: Option<Duration>,
    /// Those for single payloads come first.
    scripts: Vec<(Program, Script)>,
    missing: Vec<String>,
    barred: Vec<String>,
    supervisor: Pid,
    runner: CgroupId,
    parent: CgroupId,
    run: Option<CgroupId>,
    groups: Vec<Group>,
    payloads: Vec<Running>,
    /// What programs have made, in that order.
    strays: Vec<payloads::Stray>,
    attached: Option<schedulers::Attached>,
    /// What makes the behaviour of a scheduler, by its binary.
    policies: Vec<(String, schedulers::Make)>,
    has_sched_ext: bool,
    /// Interrupts and the CPUs they were steered to.
    steered: Vec<(u32, u32)>,
    /// What files said when a step began.
    notes: Vec<expect::Note>,
    phase: Option<phase::PhaseOn>,
    /// Lists that are used again, so that steps do not allocate.
    pids: Vec<Pid>,
    spare: Vec<Vec<Worker>>,
    shares: Shares,
    shares_for: Option<u64>,
    /// Up to which change of the kernel notices were given.
    noticed: Option<u64>,
    costs: Costs,
    timeline: Option<Vec<Entry>>,
}

/// What an action comes to.
type Answer = Result<Outcome, Fault>;

/// A fault with an errno's kind and a detail.
fn errno(errno: Errno, detail: &str) -> Fault {
    Fault::from_errno(errno.0, detail)
}

/// The fault for a call by which a worker asks for something.
fn denied(kind: FaultKind, errno: Errno) -> Fault {
    let mut fault = Fault::new(kind, "a worker");
    fault.errno = errno.0;
    fault
}

/// The fault for an errno about a file or cgroup, to `map_err` with.
fn about(detail: &str) -> impl Fn(Errno) -> Fault + '_ {
    move |error| errno(error, detail)
}

impl MockBackend {
    /// The kernel below, to look at, or to do something behind the run's back.
    pub fn kernel(&self) -> &MockKernel {
        &self.kernel
    }

    /// The same, to change.
    pub fn kernel_mut(&mut self) -> &mut MockKernel {
        &mut self.kernel
    }

    /// What has been asked of it so far.
    pub fn costs(&self) -> &Costs {
        &self.costs
    }

    /// The run's own cgroup, while there is one.
    pub fn run_cgroup(&self) -> Option<CgroupId> {
        self.run
    }

    /// What happened, if it was [recorded](Self::recorded).
    pub fn timeline(&self) -> &[Entry] {
        self.timeline.as_deref().unwrap_or(&[])
    }

    /// The cgroup that a path of an action names.
    fn resolve(&self, path: &str) -> Result<CgroupId, Errno> {
        let run = self.run.ok_or(Errno::ENOENT)?;
        well_formed(path)?;
        self.kernel.find_from(run, path)
    }

    /// The cgroup in which an action places tasks.
    fn place(&self, placement: Placement<'_>) -> Result<CgroupId, Fault> {
        match placement {
            Placement::RunnerCgroup => Ok(self.runner),
            Placement::Cgroup(path) => self.resolve(path).map_err(about(path)),
        }
    }

    fn act(&mut self, action: &Action<'_>, channel: &mut dyn Channel) -> Answer {
        match *action {
            Action::Prepare { controllers } => self.prepare(controllers),
            Action::CreateCgroup { path } => self.create(path),
            Action::EnableControllers { path, controllers } => self.enable(path, controllers),
            Action::Write { path, knob, ref value } => self.write(path, knob, value),
            Action::Spawn { group, placement, ref work, workers, ref affinity, seed } => {
                self.spawn(group, placement, work, workers, affinity, seed)
            }
            Action::Start => self.start(),
            Action::SetAffinity { group, ref affinity } => self.set_affinity(group, affinity),
            Action::Move { group, to } => self.move_group(group, to),
            Action::EndCpuWatch { group } => self.end_watch(group),
            Action::BeginCpuWatch { group } => self.begin_watch(group),
            Action::AskToStop { group } => self.ask_to_stop(group),
            Action::Stop { group } => self.stop(group),
            Action::Collect { group, worker } => self.collect(group, worker),
            Action::StartPayload { id, payload, args, placement } => {
                self.start_payload(id, payload, args, placement)
            }
            Action::WaitPayload { id, timeout } => self.wait_payload(id, timeout),
            Action::KillPayload { id, grace } => self.kill_payload(id, grace),
            Action::ReadMetric { id, metric } => self.read_metric(id, metric),
            Action::ReadOutput { id } => self.read_output(id, channel),
            Action::Freeze { path } => self.freeze(path, true),
            Action::Thaw { path } => self.freeze(path, false),
            Action::KillCgroup { path } => self.kill_cgroup(path),
            Action::WriteFile { path, file, text } => self.write_file(path, file, text),
            Action::Reclaim { path, bytes, whole } => self.reclaim(path, bytes, whole),
            Action::SetNice { group, nice } => self.set_nice(group, nice),
            Action::SetSchedPolicy { group, ref policy } => self.set_policy(group, policy),
            Action::ReadProcs { path, .. } => self.read_procs(path, channel),
            Action::NoteFile { path, check } => self.note_file(path, check),
            Action::CheckFile { path, check } => self.check_file(path, check),
            Action::SteerIrq { irq, cpu } => self.steer(irq, cpu),
            Action::RestoreIrq { irq } => self.restore(irq),
            Action::AttachScheduler { scheduler } => self.attach(scheduler),
            Action::DetachScheduler { scheduler } => self.detach(scheduler, channel),
            Action::Hold { length } => self.hold(length),
            Action::KillRemaining { path } => self.kill_remaining(path),
            Action::RemoveCgroup { path } => self.remove(path),
            Action::Finish => self.finish(),
        }
    }
}

/// Refuses what would lead out of the run's cgroup.
fn well_formed(path: &str) -> Result<(), Errno> {
    let mut start = 0;
    let bytes = path.as_bytes();
    for end in 0..=bytes.len() {
        if end == bytes.len() || bytes[end] == b'/' {
            if matches!(&bytes[start..end], b"" | b"." | b"..") {
                return Err(Errno::EINVAL);
            }
            start = end + 1;
        }
    }
    Ok(())
}

impl Backend for MockBackend {
    fn name(&self) -> &str {
        "mock"
    }

    fn topology(&self) -> &Topology {
        &self.topology
    }

    fn controllers(&self) -> Controllers {
        self.kernel.controllers()
    }

    fn offers(&self) -> Offers {
        Offers { kernel: Some(self.kernel.version()), sched_ext: false }
    }

    fn preflight(&mut self, needs: &Requirements) -> Result<(), Fault> {
        let lacks = needs.controllers.minus(self.kernel.controllers());
        if let Some(controller) = lacks.iter().next() {
            return Err(Fault::new(FaultKind::NoController, controller.name()));
        }
        if needs.privileged && !self.privileged {
            return Err(Fault::from_errno(Errno::EPERM.0, "a worker asks for what needs root"));
        }
        if needs.scheduler && !self.has_sched_ext {
            return Err(Fault::new(FaultKind::NoSchedExt, ""));
        }
        if needs.irqs > self.irqs {
            return Err(Fault::new(FaultKind::NoDevice, "the machine has fewer interrupts"));
        }
        Ok(())
    }

    fn unmodelled(&self) -> KnobSet {
        Knob::ALL.into_iter().filter(|&knob| !is_modelled(knob)).fold(KnobSet::NONE, KnobSet::with)
    }

    fn now(&mut self) -> Duration {
        Duration::from_nanos(self.kernel.now)
    }

    fn begin_phase(&mut self) {
        self.read_phase();
    }

    fn end_phase(&mut self, each: &mut dyn FnMut(GroupId, Placement<'_>, &GroupPhase)) {
        self.hand_phase_over(each);
    }

    fn perform(&mut self, action: &Action<'_>, channel: &mut dyn Channel) -> Outcome {
        self.costs.action(action.kind());
        let outcome = self.act(action, channel).unwrap_or_else(Outcome::Failed);
        if action.waits() {
            self.give_notices(channel);
        }
        if let Some(timeline) = &mut self.timeline {
            timeline.push(Entry::new(self.kernel.now, action, &outcome));
        }
        outcome
    }
}
