//! What exists in a run, read off nothing but the actions that succeeded: the oracle's own books.

use ktstr_core::{Action, Controllers, CpuSet, GroupId, Knob, KnobValue, PayloadId, Placement, Topology};

/// Most things of one kind that a watched run has at the same time.
pub(super) const ROOM: usize = 64;

type List<T> = heapless::Vec<T, ROOM>;

/// Whose end is also the thing's end; a later one lives longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Life {
    /// This step.
    Step(u32),
    /// A step that says so, or the end of the scenario.
    UntilRemoved,
    /// The end of the scenario.
    Scenario,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Cgroup<'a> {
    pub(super) path: &'a str,
    pub(super) life: Life,
    cpuset: Option<CpuSet>,
    enabled: Controllers,
    frozen: bool,
}

/// A group of workers, or a payload.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tasks<'a, Id> {
    pub(super) id: Id,
    pub(super) name: &'a str,
    pub(super) at: Placement<'a>,
    pub(super) life: Life,
}

/// The books.
#[derive(Debug, Default)]
pub(super) struct Shadow<'a> {
    pub(super) cgroups: List<Cgroup<'a>>,
    pub(super) groups: List<Tasks<'a, GroupId>>,
    pub(super) payloads: List<Tasks<'a, PayloadId>>,
    /// The scheduler that was detached last.
    pub(super) detached: Option<&'a str>,
}

impl<'a> Shadow<'a> {
    pub(super) fn cgroup(&self, path: &str) -> Option<&Cgroup<'a>> {
        self.cgroups.iter().find(|cgroup| cgroup.path == path)
    }

    pub(super) fn life_of(&self, at: Placement<'_>) -> Option<Life> {
        at.cgroup().and_then(|path| self.cgroup(path)).map(|cgroup| cgroup.life)
    }

    /// The life of what is started somewhere by something that has `life` itself.
    fn life_in(&self, at: Placement<'_>, life: Life) -> Life {
        if matches!(life, Life::Step(_)) { life } else { self.life_of(at).unwrap_or(life) }
    }

    /// Enters a success; returns whether it did anything that an
    /// operation is there for, as far as the books can tell.
    pub(super) fn enter(&mut self, action: &Action<'a>, life: Life) -> bool {
        match *action {
            Action::CreateCgroup { path } => {
                let cgroup = Cgroup { path, life, cpuset: None, enabled: Controllers::NONE, frozen: false };
                push(&mut self.cgroups, cgroup);
            }
            Action::EnableControllers { path, controllers } => {
                if let Some(cgroup) = self.cgroup_mut(path) {
                    cgroup.enabled = cgroup.enabled.or(controllers);
                }
                return false;
            }
            Action::Write { path, knob: Knob::CpusetCpus, value: KnobValue::Cpus(cpus) } => {
                if let Some(cgroup) = self.cgroup_mut(path) {
                    let had = cgroup.cpuset.is_some();
                    cgroup.cpuset = (!cpus.is_empty()).then_some(cpus);
                    return had || !cpus.is_empty();
                }
            }
            Action::Spawn { group, placement: at, .. } => {
                let life = self.life_in(at, life);
                push(&mut self.groups, Tasks { id: group, name: "", at, life });
            }
            Action::StartPayload { id, payload, placement: at, .. } => {
                let life = self.life_in(at, life);
                push(&mut self.payloads, Tasks { id, name: payload.name, at, life });
            }
            Action::Move { group, to } => {
                let there = self.life_of(to);
                if let Some(tasks) = self.groups.iter_mut().find(|tasks| tasks.id == group) {
                    tasks.at = to;
                    tasks.life = there.map_or(tasks.life, |there| there.max(tasks.life));
                }
            }
            Action::Stop { group } => self.groups.retain(|tasks| tasks.id != group),
            Action::KillPayload { id, .. } | Action::WaitPayload { id, .. } => {
                self.payloads.retain(|tasks| tasks.id != id);
            }
            Action::KillCgroup { path } => return self.runs_below(path),
            // The kernel reads no further than a NUL.
            Action::WriteFile { text, .. } => return !text.is_empty() && !text.contains('\0'),
            Action::Reclaim { bytes, .. } => return bytes > 0,
            Action::DetachScheduler { scheduler } => self.detached = Some(scheduler.name),
            Action::Freeze { path } => return self.set_frozen(path, true),
            Action::Thaw { path } => return self.set_frozen(path, false),
            Action::RemoveCgroup { path } => self.cgroups.retain(|cgroup| cgroup.path != path),
            Action::EndCpuWatch { .. } | Action::BeginCpuWatch { .. } | Action::AskToStop { .. } => {
                return false;
            }
            Action::Prepare { .. }
            | Action::Write { .. }
            | Action::Start
            | Action::SetAffinity { .. }
            | Action::SetNice { .. }
            | Action::SetSchedPolicy { .. }
            | Action::Collect { .. }
            | Action::ReadMetric { .. }
            | Action::ReadOutput { .. }
            | Action::ReadProcs { .. }
            | Action::NoteFile { .. }
            | Action::CheckFile { .. }
            | Action::SteerIrq { .. }
            | Action::RestoreIrq { .. }
            | Action::AttachScheduler { .. }
            | Action::Hold { .. }
            | Action::KillRemaining { .. }
            | Action::Finish => {}
        }
        true
    }

    /// Whether a cgroup or one below it lives to the end of the scenario.
    pub(super) fn has_of_scenario(&self, top: &str) -> bool {
        let mut below = self.cgroups.iter().filter(|cgroup| is_at_or_below(cgroup.path, top));
        below.any(|cgroup| cgroup.life == Life::Scenario)
    }

    /// Whether anything runs in a cgroup or below it.
    fn runs_below(&self, path: &str) -> bool {
        let is_below = |at: Placement<'_>| at.cgroup().is_some_and(|at| is_at_or_below(at, path));
        self.groups.iter().any(|tasks| is_below(tasks.at))
            || self.payloads.iter().any(|tasks| is_below(tasks.at))
    }

    fn cgroup_mut(&mut self, path: &str) -> Option<&mut Cgroup<'a>> {
        self.cgroups.iter_mut().find(|cgroup| cgroup.path == path)
    }

    fn set_frozen(&mut self, path: &str, frozen: bool) -> bool {
        self.cgroup_mut(path).is_some_and(|cgroup| std::mem::replace(&mut cgroup.frozen, frozen) != frozen)
    }

    /// How many cgroups hold tasks and at the same time give controllers to their children.
    pub(super) fn competing(&self) -> usize {
        let occupied = |path| {
            let here = Placement::Cgroup(path);
            self.groups.iter().any(|tasks| tasks.at == here)
                || self.payloads.iter().any(|tasks| tasks.at == here)
        };
        self.cgroups.iter().filter(|cgroup| !cgroup.enabled.is_empty() && occupied(cgroup.path)).count()
    }

    /// How many cgroups do not have all the CPUs of their own cpuset.
    pub(super) fn narrowed(&self, topology: &Topology) -> usize {
        let held = |cgroup: &&Cgroup<'_>| match cgroup.cpuset {
            Some(own) => own.is_subset(&self.cpus_above(cgroup.path, topology)),
            None => true,
        };
        self.cgroups.iter().filter(|cgroup| !held(cgroup)).count()
    }

    /// What the cgroup above `path` may use: the nearest cpuset above it, cut to what that may use itself.
    fn cpus_above(&self, path: &str, topology: &Topology) -> CpuSet {
        let Some(end) = path.rfind('/') else { return *topology.cpus() };
        let above = self.cpus_above(&path[..end], topology);
        match self.cgroup(&path[..end]).and_then(|cgroup| cgroup.cpuset) {
            Some(own) if !own.and(&above).is_empty() => own.and(&above),
            _ => above,
        }
    }
}

/// Whether a path is another one or leads below it.
pub(super) fn is_at_or_below(path: &str, top: &str) -> bool {
    path.strip_prefix(top).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn push<T>(list: &mut List<T>, item: T) {
    let pushed = list.push(item);
    assert!(pushed.is_ok(), "a watched run has at most {ROOM} things of a kind at a time");
}
