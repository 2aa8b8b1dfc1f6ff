//! Which item of the scenario comes next: the order of Backdrop, steps and teardown.

use super::Executor;
use super::frame::{CreateStage, Ending, Frame, Turn, Work};
use super::tables::Owner;
use crate::execute::action::Action;
use crate::execute::fault::{Fault, FaultKind};
use crate::model::op::{DEFAULT_WAIT, Op, OpKind};
use crate::model::placement::Placement;
use crate::model::site::{Part, Site};
use crate::model::step::{HoldSpec, Step};
use core::time::Duration;

/// What is being played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    Prepare,
    Backdrop,
    Step(usize),
    /// Something went wrong; the step's things go, then the Backdrop's.
    Broken,
    Teardown,
    Finish,
    Over,
}

/// What part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Cgroups(usize),
    Ops(usize),
    Payloads(usize),
    Hold,
    End,
}

/// Where the run stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor {
    pub(super) slot: Slot,
    stage: Stage,
    /// The step that was last entered.
    step: u32,
    /// What earlier holds have taken of the duration.
    spent: Duration,
    /// What is left to a looping step.
    left: Duration,
    prepared: bool,
    played: bool,
}

impl Cursor {
    pub(super) const START: Self = Self {
        slot: Slot::Prepare,
        stage: Stage::Cgroups(0),
        step: 0,
        spent: Duration::ZERO,
        left: Duration::ZERO,
        prepared: false,
        played: false,
    };

    /// Whether the run is over and some item of the scenario was carried out.
    pub(super) fn has_played(&self) -> bool {
        self.played && self.slot == Slot::Over
    }
}

impl<'a, const N: usize> Executor<'a, N> {
    pub(super) fn owner(&self) -> Owner {
        if matches!(self.cursor.slot, Slot::Step(_)) { Owner::Step } else { Owner::Backdrop }
    }

    pub(super) fn play(&mut self) -> Turn<'a> {
        match self.cursor.slot {
            Slot::Prepare => Turn::Act(Frame::Play, Action::Prepare { controllers: self.controllers }),
            Slot::Backdrop => self.play_stage(None),
            Slot::Step(index) => match self.scenario.steps.get(index) {
                Some(step) => self.play_stage(Some(step)),
                None => self.go_to(Slot::Teardown),
            },
            Slot::Broken => {
                self.cursor.slot = Slot::Teardown;
                self.call_teardown(Owner::Step)
            }
            Slot::Teardown => {
                self.cursor.slot = Slot::Finish;
                self.call_teardown(Owner::Backdrop)
            }
            Slot::Finish => {
                self.cursor.slot = Slot::Over;
                if !self.cursor.prepared {
                    return Turn::Done;
                }
                self.site = Site::Teardown;
                self.tearing_down = true;
                Turn::Call(Frame::Play, Frame::Finish)
            }
            Slot::Over => Turn::Done,
        }
    }

    /// Takes in that the run's cgroup was made, that workers were started, or that time has passed.
    pub(super) fn played(&mut self, action: &Action<'a>) -> Turn<'a> {
        match *action {
            Action::Prepare { .. } => {
                self.cursor.prepared = true;
                self.go_to(Slot::Backdrop)
            }
            Action::Start => {
                self.workers_started();
                Turn::Next(Frame::Play)
            }
            Action::Hold { length } => {
                self.held(length);
                Turn::Next(Frame::Play)
            }
            _ => Turn::Next(Frame::Play),
        }
    }

    fn go_to(&mut self, slot: Slot) -> Turn<'a> {
        self.cursor.slot = slot;
        self.cursor.stage = match slot {
            Slot::Step(index) => {
                self.cursor.step = index as u32;
                self.cursor.left = self.scenario.duration.saturating_sub(self.cursor.spent);
                match self.scenario.steps.get(index) {
                    Some(step) if !step.is_loop() => Stage::Ops(0),
                    _ => Stage::Cgroups(0),
                }
            }
            _ => Stage::Cgroups(0),
        };
        Turn::Next(Frame::Play)
    }

    fn call_teardown(&mut self, owner: Owner) -> Turn<'a> {
        self.tearing_down = true;
        self.site = match owner {
            Owner::Step => self.in_slot(Slot::Step(self.cursor.step as usize), Part::End),
            Owner::Backdrop => Site::Teardown,
        };
        Turn::Call(Frame::Play, Frame::TearDown { owner, killed: false })
    }

    fn in_slot(&self, slot: Slot, part: Part) -> Site {
        match slot {
            Slot::Step(step) => Site::Step { step: step as u32, part },
            _ => Site::Backdrop(part),
        }
    }

    fn at(&mut self, part: Part) {
        self.site = self.in_slot(self.cursor.slot, part);
    }

    fn play_stage(&mut self, step: Option<&'a Step<'a>>) -> Turn<'a> {
        self.tearing_down = false;
        let scenario = self.scenario;
        let (cgroups, ops, backdrop) = match step {
            Some(step) => (step.setup, step.ops, None),
            None => {
                let backdrop = &scenario.backdrop;
                (backdrop.cgroups.as_slice(), backdrop.ops.as_slice(), Some(backdrop))
            }
        };
        let item = match self.cursor.stage {
            Stage::Cgroups(index) => cgroups.get(index).map(|def| {
                self.at(Part::Cgroup(index as u32));
                self.cursor.stage = Stage::Cgroups(index + 1);
                Ok(Frame::Create { path: def.name, def: Some(def), stage: CreateStage::Make })
            }),
            Stage::Ops(index) => match ops.get(index) {
                Some(op) if self.waiting > 0 && !may_precede_start(op.kind()) => return self.start_workers(),
                Some(op) => {
                    self.at(Part::Op(index as u32));
                    self.cursor.stage = Stage::Ops(index + 1);
                    Some(self.op_frame(op))
                }
                None => None,
            },
            Stage::Payloads(index) => {
                let payload = match (step, backdrop) {
                    (Some(step), _) => step.payload.filter(|_| index == 0),
                    (None, Some(backdrop)) => backdrop.payloads.as_slice().get(index).copied(),
                    (None, None) => None,
                };
                payload.map(|payload| {
                    self.at(Part::Payload(index as u32));
                    self.cursor.stage = Stage::Payloads(index + 1);
                    Ok(Frame::StartPayload { payload, args: &[], placement: Placement::RunnerCgroup })
                })
            }
            Stage::Hold => return self.hold(step),
            Stage::End => return self.end_step(),
        };
        match item {
            Some(Ok(frame)) => {
                self.cursor.played = true;
                Turn::Call(Frame::Play, frame)
            }
            Some(Err(fault)) => Turn::Fail(fault),
            None => self.next_stage(step),
        }
    }

    fn start_workers(&mut self) -> Turn<'a> {
        self.at(Part::Whole);
        Turn::Act(Frame::Play, Action::Start)
    }

    /// The stage after the current one. Workers wait for one another within a setup, so that a start comes between
    /// any two stages but the operations and the definitions of one step.
    fn next_stage(&mut self, step: Option<&Step<'_>>) -> Turn<'a> {
        let looping = step.is_some_and(Step::is_loop);
        let next = match (step, self.cursor.stage) {
            (None, Stage::Cgroups(_)) => Some(Stage::Ops(0)),
            (None, Stage::Ops(_)) => Some(Stage::Payloads(0)),
            (None, _) => None,
            (Some(_), Stage::Ops(_)) if looping => Some(Stage::Hold),
            (Some(_), Stage::Ops(_)) => Some(Stage::Cgroups(0)),
            (Some(_), Stage::Cgroups(_)) => Some(Stage::Payloads(0)),
            (Some(_), Stage::Payloads(_)) if looping => Some(Stage::Ops(0)),
            (Some(_), _) => Some(Stage::Hold),
        };
        let one_setup = matches!((self.cursor.stage, next), (Stage::Ops(_), Some(Stage::Cgroups(_))));
        if self.waiting > 0 && !one_setup {
            return self.start_workers();
        }
        match next {
            Some(stage) => {
                self.cursor.stage = stage;
                Turn::Next(Frame::Play)
            }
            None => self.go_to(Slot::Step(0)),
        }
    }

    fn hold(&mut self, step: Option<&Step<'_>>) -> Turn<'a> {
        let hold = step.map_or(HoldSpec::Fixed(Duration::ZERO), |step| step.hold);
        self.at(Part::Hold);
        let length = match hold {
            HoldSpec::Loop { interval } if interval.is_zero() => {
                return Turn::Fail(Fault::new(FaultKind::Invalid, "a loop without an interval never ends"));
            }
            HoldSpec::Loop { interval } => interval.min(self.cursor.left),
            _ => hold.length(self.scenario.duration, self.cursor.spent),
        };
        if length.is_zero() {
            self.cursor.stage = Stage::End;
            return Turn::Next(Frame::Play);
        }
        self.cursor.played = true;
        Turn::Act(Frame::Play, Action::Hold { length })
    }

    /// After a hold: a loop goes on while time is left, any other step ends.
    fn held(&mut self, length: Duration) {
        self.cursor.spent = self.cursor.spent.saturating_add(length);
        self.cursor.left = self.cursor.left.saturating_sub(length);
        let looping = match self.cursor.slot {
            Slot::Step(index) => self.scenario.steps.get(index).is_some_and(Step::is_loop),
            _ => false,
        };
        self.cursor.stage = if looping && !self.cursor.left.is_zero() { Stage::Ops(0) } else { Stage::End };
    }

    /// What the step made goes; then comes the next step, or teardown if something could not be removed.
    fn end_step(&mut self) -> Turn<'a> {
        let Slot::Step(index) = self.cursor.slot else { return self.go_to(Slot::Teardown) };
        let owned = self.tables.owned_by(Owner::Step);
        if owned {
            return self.call_teardown(Owner::Step);
        }
        let broken = self.report.error.is_some();
        self.go_to(if broken { Slot::Teardown } else { Slot::Step(index + 1) })
    }

    /// Whether a cgroup that an operation names was ever made.
    fn made(&self, path: &str) -> Result<(), Fault> {
        let found = self.tables.cgroup(path);
        found.map(|_| ()).ok_or_else(|| Fault::new(FaultKind::Unknown, path))
    }

    fn op_frame(&mut self, op: &'a Op<'a>) -> Result<Frame<'a>, Fault> {
        let frame = match *op {
            Op::AddCgroup { name, .. } => Frame::Create { path: name, def: None, stage: CreateStage::Make },
            Op::AddCgroupDef { name, def } => {
                Frame::Create { path: name, def: Some(def), stage: CreateStage::Make }
            }
            Op::RemoveCgroup { cgroup } => Frame::Clear { path: cgroup, remove: true, killed: false },
            Op::StopCgroup { cgroup } => Frame::Clear { path: cgroup, remove: false, killed: false },
            Op::SetCpuset { cgroup, ref cpus } => {
                self.made(cgroup)?;
                Frame::Cpuset { path: cgroup, cpus: Some(cpus), written: false }
            }
            Op::ClearCpuset { cgroup } => {
                self.made(cgroup)?;
                Frame::Cpuset { path: cgroup, cpus: None, written: false }
            }
            Op::SwapCpusets { a, b } => {
                let cpus = self.own_cpuset(a)?;
                self.own_cpuset(b)?;
                Frame::Swap { a, b, cpus, done: 0 }
            }
            Op::Spawn { placement, ref work } => Frame::Spawn { placement, work: Work::Op(work) },
            Op::SetAffinity { cgroup, ref affinity } => {
                self.made(cgroup)?;
                Frame::Affinity { path: cgroup, intent: affinity, next: 0 }
            }
            Op::MoveAllTasks { from, to } if from == to => {
                return Err(Fault::new(FaultKind::Invalid, "tasks cannot be moved to where they are"));
            }
            Op::MoveAllTasks { from, to } => {
                for path in [from, to].into_iter().filter_map(Placement::cgroup) {
                    self.made(path)?;
                }
                Frame::Move { from, to, moving: None }
            }
            Op::RunPayload { payload, args, cgroup } => {
                Frame::StartPayload { payload, args, placement: cgroup.into() }
            }
            Op::WaitPayload { name, cgroup, timeout } => {
                let running = self.find_payload(name, cgroup)?;
                let timeout = timeout.or(running.payload.timeout).unwrap_or(DEFAULT_WAIT);
                Frame::End { id: running.id, ending: Ending::Wait { timeout } }
            }
            Op::KillPayload { name, cgroup, grace } => {
                let running = self.find_payload(name, cgroup)?;
                Frame::End { id: running.id, ending: Ending::Kill { grace, late: None } }
            }
            Op::FreezeCgroup { cgroup } => Frame::Freeze { path: cgroup, frozen: true },
            Op::UnfreezeCgroup { cgroup } => Frame::Freeze { path: cgroup, frozen: false },
            Op::CaptureCgroupProcs { tag, cgroup } => Frame::ReadProcs { path: cgroup, tag },
            Op::SteerIrq { irq, cpu } => Frame::SteerIrq { irq, cpu },
        };
        Ok(frame)
    }
}

/// Operations that only add to a setup: workers keep waiting for one another across them.
fn may_precede_start(kind: OpKind) -> bool {
    matches!(kind, OpKind::AddCgroup | OpKind::AddCgroupDef | OpKind::Spawn | OpKind::RunPayload)
}
