//! Building a mock: its machine, its programs, its faults of nature; and starting afresh without allocating.

use super::MockBackend;
use super::payloads::Program;
use crate::costs::Costs;
use crate::kernel::{CgroupId, INIT, MockKernel};
use crate::sched::shares::Shares;
use crate::script::Script;
use crate::version::{KernelVersion, Quirks};
use core::time::Duration;
use ktstr_core::{Controller, Controllers, Topology};

/// Interrupts that a machine has unless it is said otherwise.
const IRQS: u32 = 256;

impl MockBackend {
    /// A machine with the newest kernel, all controllers, root's rights, and any program one asks for.
    pub fn new(topology: Topology) -> Self {
        let mut mock = Self {
            kernel: MockKernel::new(&topology),
            topology,
            seed: 0,
            privileged: true,
            irqs: IRQS,
            interrupt_at: None,
            scripts: Vec::new(),
            missing: Vec::new(),
            barred: Vec::new(),
            supervisor: INIT,
            runner: CgroupId::ROOT,
            parent: CgroupId::ROOT,
            run: None,
            groups: Vec::new(),
            payloads: Vec::new(),
            strays: Vec::new(),
            attached: None,
            policies: Vec::new(),
            has_sched_ext: true,
            steered: Vec::new(),
            notes: Vec::new(),
            phase: None,
            pids: Vec::new(),
            spare: Vec::new(),
            shares: Shares::default(),
            shares_for: None,
            noticed: None,
            costs: Costs::NONE,
            timeline: None,
        };
        mock.settle_in();
        mock
    }

    /// Makes the supervisor's cgroup and the one below which runs are made.
    fn settle_in(&mut self) {
        let made = (self.kernel.mkdir("runner"), self.kernel.mkdir("ktstr"));
        if let (Ok(runner), Ok(parent)) = made {
            (self.runner, self.parent) = (runner, parent);
        }
        if let Ok(pid) = self.kernel.fork_id(INIT, Some(self.runner)) {
            self.supervisor = pid;
            self.kernel.set_current(pid);
        }
    }

    fn rebuild(mut self, change: impl FnOnce(MockKernel) -> MockKernel) -> Self {
        self.kernel = change(
            MockKernel::new(&self.topology)
                .with_version(self.kernel.version())
                .with_quirks(self.kernel.quirks()),
        );
        self.settle_in();
        self
    }

    /// Has only these controllers.
    #[must_use]
    pub fn with_controllers(self, controllers: Controllers) -> Self {
        self.rebuild(|kernel| kernel.with_controllers(controllers))
    }

    /// Draws everything from this seed.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Behaves as this kernel release does.
    #[must_use]
    pub fn version(mut self, version: KernelVersion) -> Self {
        self.kernel.set_version(version);
        self
    }

    /// Behaves with these quirks.
    #[must_use]
    pub fn quirks(mut self, quirks: Quirks) -> Self {
        self.kernel.set_quirks(quirks);
        self
    }

    /// Has room for this many tasks on the whole machine.
    #[must_use]
    pub fn task_limit(mut self, tasks: usize) -> Self {
        self.kernel.set_task_limit(tasks);
        self
    }

    /// Runs as an ordinary user: no real-time policies, negative nice values or other users.
    #[must_use]
    pub fn unprivileged(mut self) -> Self {
        self.privileged = false;
        self
    }

    /// Gives a program its behaviour; `name` is a payload's binary, or the last part of its path.
    #[must_use]
    pub fn program(mut self, name: &str, script: Script) -> Self {
        self.scripts.push((Program::Binary(name.to_owned()), script));
        self
    }

    /// Gives the program of one payload its behaviour, whatever others with the same binary do; `name` is the
    /// payload's.
    #[must_use]
    pub fn payload(mut self, name: &str, script: Script) -> Self {
        self.scripts.insert(0, (Program::Payload(name.to_owned()), script));
        self
    }

    /// Has no program of this name.
    #[must_use]
    pub fn without_program(mut self, name: &str) -> Self {
        self.missing.push(name.to_owned());
        self
    }

    /// Has a program of this name that cannot be executed.
    #[must_use]
    pub fn with_barred_program(mut self, name: &str) -> Self {
        self.barred.push(name.to_owned());
        self
    }

    /// Has this many interrupts, numbered from 0.
    #[must_use]
    pub fn irqs(mut self, count: u32) -> Self {
        self.irqs = count;
        self
    }

    /// Is interrupted once, in the hold during which its clock passes this time.
    #[must_use]
    pub fn interrupted_at(mut self, time: Duration) -> Self {
        self.interrupt_at = Some(time);
        self
    }

    /// Keeps a timeline of actions and answers, which costs time and memory.
    #[must_use]
    pub fn recorded(mut self) -> Self {
        self.timeline = Some(Vec::new());
        self
    }

    /// Back to the state after building, with the memory it has already allocated. Programs, seed, quirks and
    /// controllers stay, the interruption does not.
    pub fn reset(&mut self) {
        self.kernel.reset();
        self.run = None;
        self.forget();
        self.steered.clear();
        self.notes.clear();
        self.phase = None;
        (self.shares_for, self.noticed) = (None, None);
        self.costs = Costs::NONE;
        self.interrupt_at = None;
        if let Some(timeline) = &mut self.timeline {
            timeline.clear();
        }
        self.settle_in();
    }

    /// Forgets the groups and payloads of the last run, whose numbers the next one gives out again.
    pub(super) fn forget(&mut self) {
        self.spare.extend(self.groups.drain(..).map(|group| {
            let mut workers = group.workers;
            workers.clear();
            workers
        }));
        self.payloads.clear();
        self.strays.clear();
        self.attached = None;
    }

    /// All controllers, for [`with_controllers`](Self::with_controllers) less some.
    pub fn all_controllers() -> Controllers {
        Controller::ALL.into_iter().collect()
    }
}
