//! The backend: what it knows of the machine, and which part of this crate carries out which action.

use crate::clock::now;
use crate::expect::Note;
use crate::fault::fault;
use crate::interrupt::Flag;
use crate::irq::Irqs;
use crate::mount;
use crate::options::Options;
use crate::parent::Parent;
use crate::payload::Payloads;
use crate::phase::PhaseOn;
use crate::run::Run;
use crate::scheduler::Attached;
use crate::topology;
use crate::worker::{Births, Group};
use ktstr_core::{
    Action, Backend, Channel, Controllers, Fault, FaultKind, GroupId, GroupPhase, Offers, Outcome, PayloadId,
    Placement, Requirements, Topology, WorkerReport,
};
use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::path::PathBuf;
use std::time::Duration;

/// Runs scenarios on this machine. It stays on the thread that made it: workers and payloads die with that
/// thread, because that is what the kernel ties them to. Dropping it ends and removes whatever is left of a
/// run.
pub struct LinuxBackend {
    pub(crate) options: Options,
    pub(crate) parent: Parent,
    topology: Topology,
    available: Controllers,
    pub(crate) began_at: u64,
    pub(crate) run: Option<Run>,
    pub(crate) groups: BTreeMap<u32, Workers>,
    pub(crate) births: Births,
    pub(crate) payloads: Payloads,
    pub(crate) irqs: Irqs,
    pub(crate) notes: Vec<Note>,
    pub(crate) scheduler: Option<Attached>,
    pub(crate) phase: Option<PhaseOn>,
    stays_here: PhantomData<*const ()>,
}

/// A group of workers, or what is left of it.
pub(crate) enum Workers {
    Live(Group),
    Stopped(Vec<WorkerReport>),
}

impl LinuxBackend {
    /// Looks at the machine; makes nothing.
    ///
    /// # Errors
    /// `NoController` where cgroup v2 is not mounted, `Permission` where none is delegated to this user,
    /// `Invalid` for a parent outside of it, `NoDevice` where no CPU can be found, `NotSupported` in a
    /// process that ignores SIGCHLD (see [`Flag::on_signals`](crate::interrupt::Flag::on_signals)).
    pub fn new(options: Options) -> Result<Self, Fault> {
        if crate::sys::signals::is_child_ignored() {
            return Err(fault(
                FaultKind::NotSupported,
                "SIGCHLD is ignored, so nobody learns how children end",
            ));
        }
        let parent = Parent::find(options.parent.as_deref())?;
        let available = parent.available()?;
        Ok(Self {
            options,
            parent,
            topology: topology::read()?,
            available,
            began_at: now(),
            run: None,
            groups: BTreeMap::new(),
            births: Births::default(),
            payloads: Payloads::default(),
            irqs: Irqs::default(),
            notes: Vec::new(),
            scheduler: None,
            phase: None,
            stays_here: PhantomData,
        })
    }

    /// From now on this flag asks for an early end of runs, in place of the one in the options.
    pub fn interrupt_on(&mut self, flag: Option<Flag>) {
        self.options.interrupt = flag;
    }

    /// What a payload that has ended wrote to its standard output and its standard error, as far as it was
    /// kept.
    pub fn payload_output(&self, id: PayloadId) -> Option<(&[u8], &[u8])> {
        self.payloads.output(id.0).map(|output| (&output.stdout.bytes[..], &output.stderr.bytes[..]))
    }

    /// The directory of the run's own cgroup, from `Prepare` to `Finish`.
    pub fn run_directory(&self) -> Option<PathBuf> {
        self.run.as_ref().map(|run| self.parent.full_path().join(run.name()))
    }

    /// The cgroup below which runs make their own.
    pub fn parent_directory(&self) -> PathBuf {
        self.parent.full_path()
    }

    /// The cgroup this process sits in, which scenarios call the runner's; `None` outside of what is mounted.
    pub fn runner_directory(&self) -> Option<PathBuf> {
        mount::own_cgroup(&self.parent.mount).map(|path| self.parent.mount.point.join(path))
    }

    /// Ends and removes whatever is left of a run, without reports.
    ///
    /// # Errors
    /// What could not be removed.
    pub fn abandon(&mut self) -> Result<(), Fault> {
        self.irqs.restore_all();
        let mut first = Ok(());
        for id in self.payloads.ids() {
            let ended = self.end_payload(id, Duration::ZERO).map(|_| ());
            first = first.and(ended);
        }
        self.scheduler = None;
        // Dropping a group kills it.
        self.groups.clear();
        match self.run.take() {
            Some(mut run) => first.and(run.abandon(&self.parent)),
            None => first,
        }
    }
}

impl Drop for LinuxBackend {
    fn drop(&mut self) {
        // Nobody is left to tell; `clean` finds what could not be removed.
        let _ = self.abandon();
    }
}

impl Backend for LinuxBackend {
    fn name(&self) -> &str {
        "linux"
    }

    fn topology(&self) -> &Topology {
        &self.topology
    }

    fn controllers(&self) -> Controllers {
        self.available
    }

    fn offers(&self) -> Offers {
        Offers { kernel: crate::probe::kernel(), sched_ext: crate::probe::has_sched_ext() }
    }

    fn preflight(&mut self, needs: &Requirements) -> Result<(), Fault> {
        let missing = needs.controllers.minus(self.available);
        if !missing.is_empty() {
            return Err(fault(FaultKind::NoController, &missing.to_string()));
        }
        self.parent.check_writable()?;
        if needs.privileged && !crate::probe::is_privileged() {
            return Err(Fault::from_errno(
                libc::EPERM,
                "real-time policy, negative nice value or another user",
            ));
        }
        if needs.scheduler {
            crate::scheduler::preflight()?;
        }
        if needs.irqs > 0 && !rustix::process::geteuid().is_root() {
            return Err(Fault::from_errno(libc::EPERM, "steering interrupts"));
        }
        enough_descriptors(needs)
    }

    fn now(&mut self) -> Duration {
        Duration::from_nanos(now().saturating_sub(self.began_at))
    }

    fn begin_phase(&mut self) {
        self.read_phase();
    }

    fn end_phase(&mut self, each: &mut dyn FnMut(GroupId, Placement<'_>, &GroupPhase)) {
        self.hand_phase_over(each);
    }

    fn perform(&mut self, action: &Action<'_>, channel: &mut dyn Channel) -> Outcome {
        let outcome = self.carry_out(action, channel).unwrap_or_else(Outcome::Failed);
        if action.waits() {
            self.give_notices(channel);
        }
        outcome
    }
}

/// A cgroup is held by one descriptor, a worker by one and a payload by four.
fn enough_descriptors(needs: &Requirements) -> Result<(), Fault> {
    const OTHERS: u64 = 64;
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    let needed = u64::from(needs.cgroups) + u64::from(needs.groups) + 4 * u64::from(needs.payloads) + OTHERS;
    match limit {
        Some(limit) if needed > limit => {
            let detail = format!("{needed} open files are needed, {limit} allowed (ulimit -n)");
            Err(fault(FaultKind::NoRoom, &detail))
        }
        _ => Ok(()),
    }
}
