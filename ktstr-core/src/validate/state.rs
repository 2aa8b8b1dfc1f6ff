//! What validation knows of a cgroup or a payload at a moment of the scenario.

use crate::model::controllers::Controllers;
use crate::model::cpuset::NodeSet;
use crate::model::site::Site;

/// No place in the table.
pub(crate) const NONE: u32 = u32::MAX;
/// No limit of tasks.
pub(super) const UNLIMITED: u32 = u32::MAX;

/// How long something lives; what lives longer is greater.
#[derive(Debug, Clone, Copy)]
#[repr(u8)]
pub(super) enum Life {
    /// To the end of the step.
    Step,
    /// Until a step removes it, or to the end.
    UntilRemoved,
    /// To the end.
    Scenario,
}

impl Life {
    pub(super) const ALL: [Self; 3] = [Self::Step, Self::UntilRemoved, Self::Scenario];

    pub(super) const fn is_step(self) -> bool {
        matches!(self, Self::Step)
    }

    pub(super) const fn longer(self, other: Self) -> Self {
        if self as u8 >= other as u8 { self } else { other }
    }
}

/// Whether a cgroup is there.
#[derive(Debug, Clone, Copy)]
pub(super) enum State {
    Live,
    Removed,
    /// It went with the end of the step that `mark` names.
    Ended,
}

/// A cgroup that was made at least once.
#[derive(Debug, Clone, Copy)]
#[repr(C)] // what every operation reads is together, in front
pub(super) struct Cgroup {
    pub(super) state: State,
    pub(super) life: Life,
    pub(super) frozen: bool,
    /// Controllers enabled for its children.
    pub(super) enabled: Controllers,
    pub(super) parent: u32,
    /// Groups of workers in it, by their life.
    pub(super) groups: [u32; 3],
    /// Workers of these groups; a lower bound where their number needs a topology.
    pub(super) workers: [u32; 3],
    /// Payloads running in it.
    pub(super) payloads: u32,
    /// Tasks in it and below.
    pub(super) tasks: u32,
    /// Its `pids.max`.
    pub(super) pids: u32,
    /// By how many tasks each round of the loop adds, where there is a `pids.max`.
    pub(super) growth: u32,
    /// Where its own cpuset was last said.
    pub(super) cpus: Option<Site>,
    /// The last started of its payloads.
    pub(super) first_payload: u32,
    /// Child cgroups.
    pub(super) children: u32,
    pub(super) first_child: u32,
    pub(super) next_sibling: u32,
    pub(super) previous_sibling: u32,
    /// One more than the step that has something in it to end; 0 for none.
    pub(super) mark: u32,
    /// The next cgroup so marked.
    pub(super) next_marked: u32,
    /// Its own memory nodes; empty for none of its own.
    pub(super) mems: NodeSet,
}

impl Cgroup {
    pub(super) const fn new(parent: u32, life: Life) -> Self {
        Self {
            state: State::Live,
            parent,
            life,
            frozen: false,
            enabled: Controllers::NONE,
            groups: [0; 3],
            workers: [0; 3],
            payloads: 0,
            tasks: 0,
            pids: UNLIMITED,
            growth: 0,
            cpus: None,
            mems: NodeSet::EMPTY,
            first_payload: NONE,
            children: 0,
            first_child: NONE,
            next_sibling: NONE,
            previous_sibling: NONE,
            mark: 0,
            next_marked: NONE,
        }
    }

    pub(super) const fn is_live(&self) -> bool {
        matches!(self.state, State::Live)
    }

    pub(super) const fn has_workers(&self) -> bool {
        self.groups[0] | self.groups[1] | self.groups[2] != 0
    }

    pub(super) const fn has_tasks(&self) -> bool {
        self.has_workers() || self.payloads != 0
    }
}

/// A payload's name that was started at least once.
#[derive(Debug, Clone, Copy)]
pub(super) struct Program {
    /// How many of this name run.
    pub(super) running: u32,
    /// The last started of them.
    pub(super) first: u32,
}

/// A payload in a cgroup.
#[derive(Debug, Clone, Copy)]
pub(super) struct Running {
    pub(super) program: u32,
    pub(super) cgroup: u32,
    pub(super) live: bool,
    /// Whether the step has started it, so that it goes with the step.
    pub(super) of_step: bool,
    /// Neighbours among those of the same name.
    pub(super) next_of_name: u32,
    pub(super) previous_of_name: u32,
    /// Neighbours among those in the same cgroup; those of the step stand in front.
    pub(super) next_in_cgroup: u32,
    pub(super) previous_in_cgroup: u32,
}

impl Running {
    pub(super) const fn new(program: u32, cgroup: u32) -> Self {
        Self {
            program,
            cgroup,
            live: false,
            of_step: false,
            next_of_name: NONE,
            previous_of_name: NONE,
            next_in_cgroup: NONE,
            previous_in_cgroup: NONE,
        }
    }
}
