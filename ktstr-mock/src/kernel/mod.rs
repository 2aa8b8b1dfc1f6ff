//! A model of the kernel's cgroup v2: the tree, its control files, and the tasks in it.
//!
//! The interface is that of cgroupfs and of a few system calls, with paths, texts and error numbers. Nothing
//! here knows of scenarios; time only stamps the ends of processes.

mod cgroup;
mod control;
mod cpuset;
mod files;
mod handles;
mod invariants;
mod limits;
mod memory;
mod parse;
mod partition;
mod permission;
mod placement;
mod signals;
mod tasks;
mod threaded;
mod tree;

pub use cgroup::CgroupId;
pub use invariants::Broken;
pub(crate) use limits::is_modelled;
pub use signals::{SIGKILL, SIGTERM};
pub use tasks::{INIT, Pid};

use crate::version::{KernelVersion, Quirks};
use cgroup::Cgroup;
use cpuset::Cpuset;
use ktstr_core::{Controller, Controllers, CpuSet, NodeSet, Topology};
use std::collections::HashMap;
use tasks::{PidHash, Task};

/// The most tasks of a machine, unless it is set otherwise.
const TASK_LIMIT: usize = 32_768;

/// A kernel with one cgroup v2 hierarchy.
#[derive(Debug, Clone)]
pub struct MockKernel {
    pub(crate) cgroups: Vec<Cgroup>,
    free_cgroups: Vec<CgroupId>,
    pub(crate) tasks: Vec<Task>,
    free_tasks: Vec<u32>,
    slots: HashMap<Pid, u32, PidHash>,
    last_pid: Pid,
    task_limit: usize,
    available: Controllers,
    possible: CpuSet,
    online: CpuSet,
    /// CPUs that partitions have taken from the root.
    handed_out: CpuSet,
    /// CPUs of isolated partitions.
    isolated: CpuSet,
    nodes: NodeSet,
    quirks: Quirks,
    /// The process that writes; what `0` in `cgroup.procs` stands for.
    current: Pid,
    version: KernelVersion,
    /// The user as whom everything is done.
    user: u32,
    /// Nanoseconds since the start.
    pub(crate) now: u64,
    /// Whether any task was ever charged for memory.
    charges: bool,
    /// Counts every change that could matter to the scheduler.
    changes: u64,
}

impl MockKernel {
    /// The newest kernel on a machine, with all controllers, the root cgroup, and the first process in it.
    pub fn new(topology: &Topology) -> Self {
        let mut kernel = Self {
            cgroups: vec![Cgroup::new("", None, CgroupId::ROOT)],
            free_cgroups: Vec::new(),
            tasks: Vec::new(),
            free_tasks: Vec::new(),
            slots: HashMap::default(),
            last_pid: 0,
            task_limit: TASK_LIMIT,
            available: Controller::ALL.into_iter().collect(),
            possible: *topology.cpus(),
            online: *topology.cpus(),
            handed_out: CpuSet::EMPTY,
            isolated: CpuSet::EMPTY,
            nodes: topology.node_ids(),
            version: KernelVersion::NEWEST,
            quirks: Quirks::default(),
            current: INIT,
            user: 0,
            now: 0,
            charges: false,
            changes: 0,
        };
        kernel.cgroups[0].cpuset = Cpuset::root(&kernel.possible, kernel.nodes);
        kernel.add_task(CgroupId::ROOT, 0, None, None);
        kernel
    }

    /// The same with only these controllers. To be called before anything is made.
    #[must_use]
    pub fn with_controllers(mut self, controllers: Controllers) -> Self {
        self.available = controllers;
        self
    }

    /// The same with the behaviour of another kernel release.
    #[must_use]
    pub fn with_version(mut self, version: KernelVersion) -> Self {
        self.set_version(version);
        self
    }

    /// Behaves as another kernel release from now on.
    pub(crate) fn set_version(&mut self, version: KernelVersion) {
        self.version = version;
        self.quirks = Quirks::of(version);
    }

    /// The release that it behaves as, but for quirks that were chosen.
    pub fn version(&self) -> KernelVersion {
        self.version
    }

    /// The same with chosen quirks.
    #[must_use]
    pub fn with_quirks(mut self, quirks: Quirks) -> Self {
        self.quirks = quirks;
        self
    }

    /// The same with room for this many tasks on the whole machine; more give `EAGAIN`.
    #[must_use]
    pub fn with_task_limit(mut self, tasks: usize) -> Self {
        self.set_task_limit(tasks);
        self
    }

    /// The quirks in force.
    pub fn quirks(&self) -> Quirks {
        self.quirks
    }

    /// The controllers that the root has.
    pub fn controllers(&self) -> Controllers {
        self.available
    }

    /// The CPUs that are online.
    pub fn online(&self) -> &CpuSet {
        &self.online
    }

    /// Says which process writes from now on, for `0` in `cgroup.procs`.
    pub fn set_current(&mut self, pid: Pid) {
        self.current = pid;
    }

    /// Changes the quirks in force.
    pub fn set_quirks(&mut self, quirks: Quirks) {
        self.quirks = quirks;
    }

    /// Changes how many tasks the whole machine has room for, at most 4,000,000: there are not many more
    /// process ids.
    pub fn set_task_limit(&mut self, tasks: usize) {
        self.task_limit = tasks.min(4_000_000);
    }

    /// Back to the state after building, with the memory it has already allocated.
    pub fn reset(&mut self) {
        self.free_cgroups.clear();
        self.free_cgroups.extend((1..self.cgroups.len() as u32).rev().map(CgroupId));
        for cgroup in &mut self.cgroups {
            cgroup.live = false;
        }
        let root = &mut self.cgroups[0];
        root.renew("", CgroupId::ROOT, CgroupId::ROOT);
        root.parent = None;
        root.cpuset = Cpuset::root(&self.possible, self.nodes);
        self.handed_out = CpuSet::EMPTY;
        self.isolated = CpuSet::EMPTY;
        self.tasks.clear();
        self.free_tasks.clear();
        self.slots.clear();
        self.last_pid = 0;
        self.online = self.possible;
        self.current = INIT;
        self.user = 0;
        self.now = 0;
        self.charges = false;
        self.touch();
        self.add_task(CgroupId::ROOT, 0, None, None);
    }

    /// The process that writes.
    pub fn current(&self) -> Pid {
        self.current
    }

    pub(crate) fn touch(&mut self) {
        self.changes += 1;
    }

    /// A number that changes whenever something did that could matter to the scheduler.
    pub(crate) fn changes(&self) -> u64 {
        self.changes
    }
}
