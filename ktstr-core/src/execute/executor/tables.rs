//! What the executor knows to exist: cgroups, groups of workers, payloads, steered interrupts.
//! Only what a backend has confirmed stands here, so that teardown asks for nothing that was never made. Entries stand in the
//! order in which they were made and are looked for from the end: what a scenario has made last it mostly uses next.

use crate::base::name;
use crate::execute::action::{GroupId, PayloadId};
use crate::execute::executor::frame::StopStage;
use crate::execute::executor::table::Table;
use crate::model::controllers::{Controller, Controllers};
use crate::model::cpuset::CpuSet;
use crate::model::payload::Payload;
use crate::model::placement::Placement;
use crate::model::topology::Topology;
use crate::model::work_type::WorkType;
use heapless::Vec;

/// How many interrupts a scenario can steer.
pub const MAX_IRQS: usize = 16;

/// Whose life something shares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owner {
    Step,
    Backdrop,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Cgroup<'a> {
    pub(crate) path: &'a str,
    pub(crate) owner: Owner,
    pub(crate) cpuset: Option<CpuSet>,
    pub(crate) frozen: bool,
    /// Controllers enabled for its children.
    pub(crate) enabled: Controllers,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Group<'a> {
    pub(crate) id: GroupId,
    pub(crate) placement: Placement<'a>,
    pub(crate) owner: Owner,
    pub(crate) work_type: WorkType,
    pub(crate) workers: u32,
    pub(crate) started: bool,
    /// CPUs it was seen on outside its cpuset so far; `None` once that could not be read.
    pub(crate) strayed: Option<CpuSet>,
    /// Whether its CPUs are being noted.
    pub(crate) watched: bool,
    /// Whether it was told to stop.
    pub(crate) asked: bool,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Running<'a> {
    pub(crate) id: PayloadId,
    pub(crate) payload: &'a Payload<'a>,
    pub(crate) placement: Placement<'a>,
    pub(crate) owner: Owner,
}

/// The tables, each of at most `N` entries.
#[derive(Debug)]
pub(crate) struct Tables<'a, const N: usize> {
    pub(crate) cgroups: Table<Cgroup<'a>, N>,
    /// By ascending number.
    pub(crate) groups: Table<Group<'a>, N>,
    pub(crate) payloads: Table<Running<'a>, N>,
    pub(crate) irqs: Vec<u32, MAX_IRQS>,
}

impl<'a, const N: usize> Tables<'a, N> {
    pub(crate) const fn new() -> Self {
        Self { cgroups: Table::new(), groups: Table::new(), payloads: Table::new(), irqs: Vec::new() }
    }

    fn place_of_cgroup(&self, path: &str) -> Option<usize> {
        self.cgroups.iter().rposition(|cgroup| name::equal(cgroup.path, path))
    }

    pub(crate) fn cgroup(&self, path: &str) -> Option<&Cgroup<'a>> {
        self.cgroups.get(self.place_of_cgroup(path)?)
    }

    pub(crate) fn cgroup_mut(&mut self, path: &str) -> Option<&mut Cgroup<'a>> {
        let place = self.place_of_cgroup(path)?;
        self.cgroups.get_mut(place)
    }

    fn place_of_group(&self, id: GroupId) -> Option<usize> {
        self.groups.binary_search_by_key(&id, |group| group.id).ok()
    }

    pub(crate) fn group_mut(&mut self, id: GroupId) -> Option<&mut Group<'a>> {
        let place = self.place_of_group(id)?;
        self.groups.get_mut(place)
    }

    /// The first group that meets `due` and was not told to stop yet, or the first that meets it; and what comes next for it.
    pub(crate) fn next_to_stop(&self, due: impl Fn(&Group<'a>) -> bool) -> Option<(GroupId, StopStage)> {
        let untold = self.groups.iter().find(|group| !group.asked && due(group));
        let told = || self.groups.iter().find(|group| due(group));
        untold
            .map(|group| (group.id, StopStage::EndWatch))
            .or_else(|| told().map(|group| (group.id, StopStage::Stop)))
    }

    pub(crate) fn forget_cgroup(&mut self, path: &str) {
        if let Some(place) = self.place_of_cgroup(path) {
            self.cgroups.remove(place);
        }
    }

    pub(crate) fn forget_group(&mut self, id: GroupId) {
        if let Some(place) = self.place_of_group(id) {
            self.groups.remove(place);
        }
    }

    pub(crate) fn forget_payload(&mut self, id: PayloadId) {
        if let Some(place) = self.payloads.iter().rposition(|running| running.id == id) {
            self.payloads.remove(place);
        }
    }

    /// The payload of this name, last started first, at `place` if that is said.
    pub(crate) fn payload_named(&self, name: &str, place: Option<Placement<'_>>) -> Option<Running<'a>> {
        let fits = |running: &&Running<'_>| {
            running.payload.name == name && place.is_none_or(|place| place.is(running.placement))
        };
        self.payloads.iter().rev().find(fits).copied()
    }

    /// The cpuset in force at a place: of its cgroup, or of the nearest cgroup above that has one, or `None`.
    pub(crate) fn cpuset_in_force(&self, place: Placement<'_>) -> Option<CpuSet> {
        above(place.cgroup()?).find_map(|path| self.cgroup(path)?.cpuset)
    }

    /// The CPUs that tasks at a place may use.
    pub(crate) fn allowed(&self, place: Placement<'_>, topology: &Topology) -> CpuSet {
        self.cpuset_in_force(place).unwrap_or(*topology.cpus())
    }

    /// The topmost cgroup above `path` that does not yet give its children all of `needed`, and what it lacks.
    pub(crate) fn lacking(&self, path: &'a str, needed: Controllers) -> Option<(&'a str, Controllers)> {
        path.match_indices('/').find_map(|(end, _)| {
            let parent = &path[..end];
            let lacking = needed.minus(self.cgroup(parent)?.enabled);
            (!lacking.is_empty()).then_some((parent, lacking))
        })
    }

    /// Whether there are cgroups below `path`.
    pub(crate) fn has_below(&self, path: &str) -> bool {
        self.cgroups.iter().any(|cgroup| cgroup.path != path && Self::is_within(cgroup.path, path))
    }

    /// Whether `path` is `top` or below it.
    pub(crate) fn is_within(path: &str, top: &str) -> bool {
        let Some((start, rest)) = path.as_bytes().split_at_checked(top.len()) else { return false };
        rest.first().is_none_or(|next| *next == b'/') && name::equal_bytes(start, top.as_bytes())
    }
}

/// `a/b/c`, `a/b`, `a`.
fn above(path: &str) -> impl Iterator<Item = &str> {
    core::iter::successors(Some(path), |path| path.rfind('/').map(|end| &path[..end]))
}

/// The controllers that changing a cpuset needs.
pub(crate) const CPUSET: Controllers = Controllers::NONE.with(Controller::Cpuset);
