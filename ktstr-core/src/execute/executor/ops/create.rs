//! `AddCgroup`, `AddCgroupDef` and the definitions of Backdrop and steps: enables the controllers that the
//! limits need above, makes the cgroup, writes its control files, creates its workers and starts its payload.

use super::run_payload::StartPayload;
use super::spawn::{Spawn, Work};
use crate::execute::action::Action;
use crate::execute::executor::frame::{Frame, Part, Turn};
use crate::execute::executor::run::Run;
use crate::execute::fault::{Fault, FaultKind};
use crate::execute::observer::Observer;
use crate::execute::outcome::Outcome;
use crate::model::cgroup_def::CgroupDef;
use crate::model::controllers::Controllers;
use crate::model::knob::{Knob, KnobSet, KnobValue};
use crate::model::placement::Placement;
use crate::validate::items::Item;

/// A cgroup that is being made.
#[derive(Debug, Clone, Copy)]
pub(in crate::execute::executor) struct Create<'a> {
    item: Item,
    path: &'a str,
    def: Option<&'a CgroupDef<'a>>,
    /// Whether it outlives its step.
    kept: bool,
    stage: Stage,
}

/// What comes next for it.
#[derive(Debug, Clone, Copy)]
enum Stage {
    Enable,
    Make,
    /// These control files are still to be written.
    Write(KnobSet),
    /// The group of workers with this number.
    Work(usize),
    Payload,
    Made,
}

impl<'a> Create<'a> {
    pub(in crate::execute::executor) const fn new(
        item: Item,
        path: &'a str,
        def: Option<&'a CgroupDef<'a>>,
    ) -> Self {
        let kept = match def {
            Some(def) => def.kept,
            None => false,
        };
        Self { item, path, def, kept, stage: Stage::Enable }
    }

    /// The same, outliving its step if so declared.
    pub(in crate::execute::executor) const fn kept(self, kept: bool) -> Self {
        Self { kept, ..self }
    }

    fn controllers(&self) -> Controllers {
        self.def.map_or(Controllers::NONE, CgroupDef::controllers)
    }

    fn value(&self, run: &Run<'_, 'a>, def: &CgroupDef<'_>, knob: Knob) -> Result<Option<KnobValue>, Fault> {
        match (knob, &def.limits.cpuset) {
            (Knob::CpusetCpus, Some(spec)) => {
                run.resolve_cpuset(spec).map(|cpus| Some(KnobValue::Cpus(cpus)))
            }
            _ => Ok(def.value(knob)),
        }
    }
}

impl<'a> Part<'a> for Create<'a> {
    fn ask(&mut self, run: &mut Run<'_, 'a>, to: &mut Action<'a>, _: &mut dyn Observer<'a>) -> Turn<'a> {
        let path = self.path;
        match (self.stage, self.def) {
            (Stage::Enable, _) => {
                if !run.books.has_room(self.item.cgroup) {
                    return Turn::Fail(Fault::new(FaultKind::NoRoom, path));
                }
                let needed = self.controllers();
                if needed.is_empty() || !run.ask_to_enable(self.item.other, needed, to) {
                    self.stage = Stage::Make;
                    *to = Action::CreateCgroup { path };
                }
                Turn::Act
            }
            (Stage::Write(rest), Some(def)) => {
                let Some((knob, _)) = rest.split_first() else {
                    self.stage = Stage::Work(0);
                    return Turn::Next;
                };
                match self.value(run, def, knob) {
                    Ok(Some(value)) => {
                        *to = Action::Write { path, knob, value };
                        Turn::Act
                    }
                    Ok(None) => {
                        self.stage = Stage::Write(rest.minus(KnobSet::NONE.with(knob)));
                        Turn::Next
                    }
                    Err(fault) => Turn::Fail(fault),
                }
            }
            (Stage::Work(next), Some(def)) if next < def.work_count() => {
                self.stage = Stage::Work(next + 1);
                let (at, placement) = (self.item.cgroup, Placement::Cgroup(path));
                Turn::Call(Frame::Spawn(Spawn { at, placement, work: Work::Def(def, next) }))
            }
            (Stage::Work(_), Some(_)) => {
                self.stage = Stage::Payload;
                Turn::Next
            }
            (Stage::Payload, Some(CgroupDef { payload: Some(payload), .. })) => {
                self.stage = Stage::Made;
                let (item, placement) = (self.item, Placement::Cgroup(path));
                Turn::Call(Frame::StartPayload(StartPayload {
                    item,
                    payload,
                    args: &[],
                    placement,
                    kept: self.kept,
                }))
            }
            (Stage::Make | Stage::Made | Stage::Payload, _) | (Stage::Write(_) | Stage::Work(_), None) => {
                Turn::Done
            }
        }
    }

    fn answered(
        &mut self,
        run: &mut Run<'_, 'a>,
        action: &Action<'a>,
        _: &Outcome,
        _: &mut dyn Observer<'a>,
    ) -> Turn<'a> {
        match self.stage {
            Stage::Enable => run.enabled(self.item.other, self.controllers()),
            Stage::Make => {
                let owner = run.owner(self.kept);
                self.item.cgroup = run.books.add_cgroup(self.item.cgroup, self.path, self.item.other, owner);
                let Some(def) = self.def else { return Turn::Done };
                self.stage = Stage::Write(def.limits.written());
            }
            Stage::Write(rest) => {
                if let Action::Write { value: KnobValue::Cpus(cpus), .. } = *action
                    && let Some(cgroup) = run.books.cgroup_mut(self.item.cgroup)
                {
                    cgroup.cpuset = Some(cpus);
                }
                self.stage = rest.split_first().map_or(Stage::Work(0), |(_, rest)| Stage::Write(rest));
            }
            Stage::Work(_) | Stage::Payload | Stage::Made => {}
        }
        Turn::Next
    }
}
