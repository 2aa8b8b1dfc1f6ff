//! One cgroup: its place in the tree, its counters, and the settings of its control files.
//! The rules that tie cgroups to each other stand in the files of their concepts.

use super::cpuset::Cpuset;
use super::limits::Limits;
use ktstr_core::{Controller, Controllers};

/// The place of a cgroup in the kernel's table. Reused after a removal; paths are what names a cgroup for
/// good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CgroupId(pub(crate) u32);

impl CgroupId {
    /// The root of the hierarchy.
    pub const ROOT: Self = Self(0);

    pub(crate) const fn index(self) -> usize {
        self.0 as usize
    }
}

/// The controllers that a threaded cgroup can have.
pub(crate) const THREADED: Controllers =
    Controllers::NONE.with(Controller::Cpuset).with(Controller::Cpu).with(Controller::Pids);

/// The controllers in both sets.
pub(crate) const fn both(a: Controllers, b: Controllers) -> Controllers {
    a.minus(a.minus(b))
}

/// A cgroup that exists, or a free place in the table.
#[derive(Debug, Clone)]
pub(crate) struct Cgroup {
    pub(crate) name: String,
    pub(crate) parent: Option<CgroupId>,
    /// Sorted by name.
    pub(crate) children: Vec<CgroupId>,
    pub(crate) live: bool,
    /// Controllers enabled for the children.
    pub(crate) subtree_control: Controllers,
    /// The cgroup whose domain its tasks belong to; itself unless it is threaded.
    pub(crate) domain: CgroupId,
    pub(crate) threaded_children: u32,
    pub(crate) populated_domain_children: u32,
    pub(crate) populated_threaded_children: u32,
    /// Places in the task table of its live tasks, in no order.
    pub(crate) tasks: Vec<u32>,
    /// Live tasks here and below.
    pub(crate) live_below: u32,
    /// Tasks here and below that `pids` counts: the live ones and those not reaped yet.
    pub(crate) charged: u32,
    pub(crate) descendants: u32,
    pub(crate) max_depth: u32,
    pub(crate) max_descendants: u32,
    /// What was written into `cgroup.freeze`.
    pub(crate) freeze: bool,
    /// How many of itself and its ancestors have `freeze` set.
    pub(crate) frozen_by: u32,
    /// How often it was killed through `cgroup.kill`.
    pub(crate) kills: u32,
    /// The user whose files are in it.
    pub(crate) owner: u32,
    /// The user whom the directory and the files of delegation belong to.
    pub(crate) delegate: u32,
    pub(crate) limits: Limits,
    pub(crate) cpuset: Cpuset,
}

/// What `max` in `cgroup.max.depth` and `cgroup.max.descendants` stands for.
pub(crate) const NO_BOUND: u32 = i32::MAX as u32;

impl Cgroup {
    pub(crate) fn new(name: &str, parent: Option<CgroupId>, id: CgroupId) -> Self {
        Self {
            name: name.to_owned(),
            parent,
            children: Vec::new(),
            live: true,
            subtree_control: Controllers::NONE,
            domain: id,
            threaded_children: 0,
            populated_domain_children: 0,
            populated_threaded_children: 0,
            tasks: Vec::new(),
            live_below: 0,
            charged: 0,
            descendants: 0,
            max_depth: NO_BOUND,
            max_descendants: NO_BOUND,
            freeze: false,
            frozen_by: 0,
            kills: 0,
            owner: 0,
            delegate: 0,
            limits: Limits::DEFAULT,
            cpuset: Cpuset::UNSET,
        }
    }

    /// Makes a free place a new cgroup; what it had allocated is used again. Its cpuset is set by
    /// `cpuset_online`.
    pub(crate) fn renew(&mut self, name: &str, parent: CgroupId, id: CgroupId) {
        self.name.clear();
        self.name.push_str(name);
        self.parent = Some(parent);
        self.children.clear();
        self.tasks.clear();
        self.live = true;
        self.subtree_control = Controllers::NONE;
        self.domain = id;
        self.threaded_children = 0;
        self.populated_domain_children = 0;
        self.populated_threaded_children = 0;
        self.live_below = 0;
        self.charged = 0;
        self.descendants = 0;
        self.max_depth = NO_BOUND;
        self.max_descendants = NO_BOUND;
        self.freeze = false;
        self.frozen_by = 0;
        self.kills = 0;
        self.owner = 0;
        self.delegate = 0;
        self.limits = Limits::DEFAULT;
    }

    pub(crate) fn is_populated(&self) -> bool {
        self.live_below > 0
    }

    pub(crate) fn has_tasks(&self) -> bool {
        !self.tasks.is_empty()
    }
}
