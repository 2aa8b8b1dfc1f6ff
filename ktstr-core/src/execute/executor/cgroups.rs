//! Making, changing and clearing cgroups.

use super::Executor;
use super::frame::{CreateStage, Ending, Frame, Turn, Work};
use super::tables::{CPUSET, Cgroup, Tables};
use crate::execute::action::{Action, GroupId};
use crate::execute::fault::{Fault, FaultKind};
use crate::execute::outcome::Outcome;
use crate::model::cgroup_def::CgroupDef;
use crate::model::controllers::Controllers;
use crate::model::cpuset::CpuSet;
use crate::model::cpuset_spec::CpusetSpec;
use crate::model::knob::{Knob, KnobValue};
use crate::model::op::DEFAULT_GRACE;
use crate::model::placement::Placement;

impl<'a, const N: usize> Executor<'a, N> {
    pub(super) fn resolve_cpuset(&self, spec: &CpusetSpec) -> Result<CpuSet, Fault> {
        let cpus = spec.resolve(&self.topology);
        if cpus.is_empty() {
            Err(Fault::new(FaultKind::Invalid, "the cpuset has no CPU here"))
        } else {
            Ok(cpus)
        }
    }

    pub(super) fn own_cpuset(&self, path: &str) -> Result<CpuSet, Fault> {
        let own = self.tables.cgroup(path).and_then(|cgroup| cgroup.cpuset);
        own.ok_or_else(|| Fault::new(FaultKind::Unknown, path))
    }

    fn enable(&self, frame: Frame<'a>, path: &'a str, needed: Controllers) -> Option<Turn<'a>> {
        let (path, controllers) = self.tables.lacking(path, needed)?;
        Some(Turn::Act(frame, Action::EnableControllers { path, controllers }))
    }

    pub(super) fn create(
        &mut self,
        path: &'a str,
        def: Option<&'a CgroupDef<'a>>,
        stage: CreateStage,
    ) -> Turn<'a> {
        let at = |stage| Frame::Create { path, def, stage };
        match (stage, def) {
            (CreateStage::Make, _) => {
                if self.tables.cgroups.is_full() {
                    return Turn::Fail(Fault::new(FaultKind::NoRoom, path));
                }
                let needed = def.map_or(Controllers::NONE, CgroupDef::controllers);
                let make = Turn::Act(at(stage), Action::CreateCgroup { path });
                self.enable(at(stage), path, needed).unwrap_or(make)
            }
            (CreateStage::Knob(next), Some(def)) => match self.next_knob(def, next) {
                Ok(Some((place, value))) => {
                    let knob = Knob::ALL[place];
                    Turn::Act(at(CreateStage::Knob(place)), Action::Write { path, knob, value })
                }
                Ok(None) => Turn::Next(at(CreateStage::Work(0))),
                Err(fault) => Turn::Fail(fault),
            },
            (CreateStage::Work(next), Some(def)) if next < def.work_count() => {
                let spawn = Frame::Spawn { placement: Placement::Cgroup(path), work: Work::Def(def, next) };
                Turn::Call(at(CreateStage::Work(next + 1)), spawn)
            }
            (CreateStage::Work(_), _) => Turn::Next(at(CreateStage::Payload)),
            (CreateStage::Payload, Some(CgroupDef { payload: Some(payload), .. })) => {
                let placement = Placement::Cgroup(path);
                Turn::Call(at(CreateStage::Made), Frame::StartPayload { payload, args: &[], placement })
            }
            _ => Turn::Done,
        }
    }

    fn next_knob(&self, def: &CgroupDef<'_>, from: usize) -> Result<Option<(usize, KnobValue)>, Fault> {
        for (place, knob) in Knob::ALL.into_iter().enumerate().skip(from) {
            let value = match (knob, &def.limits.cpuset) {
                (Knob::CpusetCpus, Some(spec)) => Some(KnobValue::Cpus(self.resolve_cpuset(spec)?)),
                _ => def.value(knob),
            };
            if let Some(value) = value {
                return Ok(Some((place, value)));
            }
        }
        Ok(None)
    }

    pub(super) fn created(
        &mut self,
        path: &'a str,
        def: Option<&'a CgroupDef<'a>>,
        stage: CreateStage,
        action: &Action<'a>,
    ) -> Turn<'a> {
        let stage = match (stage, *action) {
            (CreateStage::Make, _) => {
                let owner = self.owner();
                let cgroup = Cgroup { path, owner, cpuset: None, frozen: false, enabled: Controllers::NONE };
                let noted = self.tables.cgroups.push(cgroup);
                debug_assert!(noted.is_ok(), "room was checked before");
                CreateStage::Knob(0)
            }
            (CreateStage::Knob(place), Action::Write { value, .. }) => {
                if let (KnobValue::Cpus(cpus), Some(cgroup)) = (value, self.tables.cgroup_mut(path)) {
                    cgroup.cpuset = Some(cpus);
                }
                CreateStage::Knob(place + 1)
            }
            (stage, _) => stage,
        };
        if def.is_none() { Turn::Done } else { Turn::Next(Frame::Create { path, def, stage }) }
    }

    pub(super) fn change_cpuset(
        &mut self,
        path: &'a str,
        cpus: Option<&'a CpusetSpec>,
        written: bool,
    ) -> Turn<'a> {
        let frame = Frame::Cpuset { path, cpus, written };
        if !written && let Some(enable) = self.enable(frame, path, CPUSET) {
            return enable;
        }
        if let Some(watch) = self.watch(frame, written, |group| Tables::<N>::is_within(group, path)) {
            return watch;
        }
        if written {
            return Turn::Done;
        }
        match cpus.map_or(Ok(CpuSet::EMPTY), |spec| self.resolve_cpuset(spec)) {
            Ok(cpus) => write_cpus(frame, path, cpus),
            Err(fault) => Turn::Fail(fault),
        }
    }

    /// Gives `a` what `b` has, then `b` what `a` had, `cpus`.
    pub(super) fn swap_cpusets(&mut self, a: &'a str, b: &'a str, cpus: CpuSet, done: u8) -> Turn<'a> {
        let frame = Frame::Swap { a, b, cpus, done };
        let inside = |group: &str| Tables::<N>::is_within(group, a) || Tables::<N>::is_within(group, b);
        if let Some(watch) = self.watch(frame, done == 2, inside) {
            return watch;
        }
        match (done, self.own_cpuset(b)) {
            (0, Ok(cpus)) => write_cpus(frame, a, cpus),
            (0, Err(fault)) => Turn::Fail(fault),
            (1, _) => write_cpus(frame, b, cpus),
            _ => Turn::Done,
        }
    }

    /// Before a change, ends the watch of the groups concerned one by one; after it, begins it again.
    fn watch(&self, frame: Frame<'a>, begin: bool, concerned: impl Fn(&str) -> bool) -> Option<Turn<'a>> {
        let wanted = self.scenario.checks.isolation;
        let due = |group: &&super::tables::Group<'_>| {
            wanted
                && group.started
                && group.strayed.is_some()
                && group.watched != begin
                && group.placement.cgroup().is_some_and(&concerned)
        };
        let group = self.tables.groups.iter().find(due)?.id;
        let action = if begin { Action::BeginCpuWatch { group } } else { Action::EndCpuWatch { group } };
        Some(Turn::Act(frame, action))
    }

    pub(super) fn cpuset_changed(
        &mut self,
        frame: Frame<'a>,
        action: &Action<'a>,
        outcome: &Outcome,
    ) -> Turn<'a> {
        match (*action, frame) {
            (Action::EndCpuWatch { group }, _) => self.watch_ended(group, outcome),
            (Action::BeginCpuWatch { group }, _) => self.watch_begun(group),
            (Action::Write { path, value: KnobValue::Cpus(cpus), .. }, _) => {
                if let Some(cgroup) = self.tables.cgroup_mut(path) {
                    cgroup.cpuset = (!cpus.is_empty()).then_some(cpus);
                }
                return match frame {
                    Frame::Cpuset { path, cpus, .. } => {
                        Turn::Next(Frame::Cpuset { path, cpus, written: true })
                    }
                    Frame::Swap { a, b, cpus, done } => {
                        Turn::Next(Frame::Swap { a, b, cpus, done: done + 1 })
                    }
                    _ => Turn::Done,
                };
            }
            _ => {}
        }
        Turn::Next(frame)
    }

    /// Notes which CPUs a group was seen on outside the cpuset that was in force until now.
    pub(super) fn watch_ended(&mut self, id: GroupId, outcome: &Outcome) {
        let topology = self.topology;
        let Some(place) = self.tables.group_mut(id).map(|group| group.placement) else { return };
        let allowed = self.tables.allowed(place, &topology);
        let Some(group) = self.tables.group_mut(id) else { return };
        group.watched = false;
        group.strayed = match (group.strayed, outcome) {
            (Some(strayed), Outcome::Cpus(seen)) => Some(strayed.or(&seen.minus(&allowed))),
            _ => None,
        };
    }

    pub(super) fn watch_begun(&mut self, id: GroupId) {
        if let Some(group) = self.tables.group_mut(id) {
            group.watched = true;
        }
    }

    pub(super) fn freeze(&mut self, path: &'a str, frozen: bool) -> Turn<'a> {
        let frame = Frame::Freeze { path, frozen };
        if !frozen {
            return Turn::Act(frame, Action::Thaw { path });
        }
        // Noted before it is done: a freeze that is not confirmed in time has been written all the same.
        if let Some(cgroup) = self.tables.cgroup_mut(path) {
            cgroup.frozen = true;
        }
        Turn::Act(frame, Action::Freeze { path })
    }

    pub(super) fn frozen(&mut self, path: &'a str, frozen: bool) -> Turn<'a> {
        if let Some(cgroup) = self.tables.cgroup_mut(path) {
            cgroup.frozen = frozen;
        }
        Turn::Done
    }

    pub(super) fn clear(&mut self, path: &'a str, remove: bool, killed: bool) -> Turn<'a> {
        let frame = Frame::Clear { path, remove, killed };
        let here = Placement::Cgroup(path);
        if let Some((group, stage)) = self.tables.next_to_stop(|group| group.placement.is(here)) {
            return Turn::Call(frame, Frame::Stop { group, stage });
        }
        if let Some(running) = self.tables.payloads.iter().rev().find(|running| running.placement.is(here)) {
            let ending = Ending::Kill { grace: DEFAULT_GRACE, late: None };
            return Turn::Call(frame, Frame::End { id: running.id, ending });
        }
        // What remains is killed in the cgroups below too, so that a cgroup that stays above others is not swept.
        let swept = killed || !remove && self.tables.has_below(path);
        match (swept, remove) {
            (false, _) => Turn::Act(frame, Action::KillRemaining { path }),
            (true, true) => Turn::Act(frame, Action::RemoveCgroup { path }),
            (true, false) => Turn::Done,
        }
    }

    pub(super) fn cleared(&mut self, path: &'a str, remove: bool, action: &Action<'a>) -> Turn<'a> {
        if let Action::RemoveCgroup { .. } = action {
            self.tables.forget_cgroup(path);
            return Turn::Done;
        }
        Turn::Next(Frame::Clear { path, remove, killed: true })
    }
}

fn write_cpus<'a>(frame: Frame<'a>, path: &'a str, cpus: CpuSet) -> Turn<'a> {
    Turn::Act(frame, Action::Write { path, knob: Knob::CpusetCpus, value: KnobValue::Cpus(cpus) })
}
