//! Which item of the scenario comes next: the order of Backdrop, steps and teardown.

use super::frame::{Frame, Part as Playing, Turn};
use super::ops::checked_frame_of;
use super::ops::create::Create;
use super::ops::run_payload::StartPayload;
use super::ops::scheduling::Scheduling;
use super::run::Run;
use super::teardown::{Finish, TearDown};
use crate::execute::action::{Action, ActionKind};
use crate::execute::executor::books::Owner;
use crate::execute::fault::{Fault, FaultKind};
use crate::execute::observer::Observer;
use crate::execute::outcome::Outcome;
use crate::model::op::{Op, OpKind};
use crate::model::placement::Placement;
use crate::model::site::{Part, Site};
use crate::model::step::{HoldSpec, Step};
use crate::validate::items::{items_of, items_of_backdrop};
use core::time::Duration;

/// What is being played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
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
    /// The values that operations from this one on hold a change against.
    Notes(usize),
    Scheduler,
    Cgroups(usize),
    Ops(usize),
    Payloads(usize),
    Hold,
    End,
}

/// Where in the scenario the run is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor {
    slot: Slot,
    stage: Stage,
    /// The step that was last entered.
    step: u32,
    /// The number of the first item of the Backdrop or of the step.
    first_item: usize,
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
        first_item: 0,
        spent: Duration::ZERO,
        left: Duration::ZERO,
        prepared: false,
        played: false,
    };

    /// Whether the run is over and some item of the scenario was carried out.
    pub(super) fn has_played(&self) -> bool {
        self.played && self.slot == Slot::Over
    }

    pub(super) fn is_in_step(&self) -> bool {
        matches!(self.slot, Slot::Step(_))
    }

    /// Leaves what is being played: what comes next is teardown.
    pub(super) fn break_off(&mut self) {
        self.slot = Slot::Broken;
    }
}

/// Playing the scenario. The run knows where it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Play;

impl<'a> Playing<'a> for Play {
    fn ask(
        &mut self,
        run: &mut Run<'_, 'a>,
        to: &mut Action<'a>,
        observer: &mut dyn Observer<'a>,
    ) -> Turn<'a> {
        // The operation that comes before was carried out.
        if let Some(errno) = run.expecting.take() {
            let met = run.plans.then_some(errno.number());
            run.judge_failure(errno, met, observer);
            return if run.plans { Turn::Next } else { Turn::Fail(Fault::not_failed(errno)) };
        }
        match run.cursor.slot {
            Slot::Prepare => {
                *to = Action::Prepare { controllers: run.controllers };
                Turn::Act
            }
            Slot::Backdrop => run.play_stage(None, to),
            Slot::Step(index) => match run.scenario.steps.get(index) {
                Some(step) => run.play_stage(Some(step), to),
                None => run.go_to(Slot::Teardown),
            },
            Slot::Broken => {
                run.cursor.slot = Slot::Teardown;
                run.call_teardown(Owner::Step)
            }
            Slot::Teardown => {
                run.cursor.slot = Slot::Finish;
                run.call_teardown(Owner::Backdrop)
            }
            Slot::Finish => {
                run.cursor.slot = Slot::Over;
                if !run.cursor.prepared {
                    return Turn::Done;
                }
                run.site = Site::Teardown;
                run.tearing_down = true;
                Turn::Call(Frame::Finish(Finish))
            }
            Slot::Over => Turn::Done,
        }
    }

    /// Takes in that the run's cgroup was made, that workers were started, or that time has passed.
    fn answered(
        &mut self,
        run: &mut Run<'_, 'a>,
        action: &Action<'a>,
        _: &Outcome,
        _: &mut dyn Observer<'a>,
    ) -> Turn<'a> {
        if run.cursor.slot == Slot::Prepare {
            run.cursor.prepared = true;
            return run.go_to(Slot::Backdrop);
        }
        if let Action::Hold { length } = *action {
            run.held(length);
        } else if action.kind() == ActionKind::Start {
            run.note_start();
            (run.waiting, run.starts) = (0, run.starts + 1);
        }
        Turn::Next
    }
}

impl<'a> Run<'_, 'a> {
    fn go_to(&mut self, slot: Slot) -> Turn<'a> {
        let steps = self.scenario.steps;
        self.cursor.first_item = match slot {
            Slot::Step(0) => items_of_backdrop(self.scenario),
            Slot::Step(next) => self.cursor.first_item + steps.get(next - 1).map_or(0, items_of),
            Slot::Prepare | Slot::Backdrop | Slot::Broken | Slot::Teardown | Slot::Finish | Slot::Over => 0,
        };
        self.cursor.slot = slot;
        self.cursor.stage = if slot == Slot::Backdrop { Stage::Scheduler } else { Stage::Cgroups(0) };
        if let Slot::Step(index) = slot {
            self.cursor.step = index as u32;
            self.cursor.left = self.scenario.duration.saturating_sub(self.cursor.spent);
            self.cursor.stage = self.first_stage();
            if self.notes {
                self.cursor.stage = Stage::Notes(0);
            }
        }
        Turn::Next
    }

    fn call_teardown(&mut self, owner: Owner) -> Turn<'a> {
        self.tearing_down = true;
        self.site = match owner {
            Owner::Step => Site::Step { step: self.cursor.step, part: Part::End },
            Owner::Backdrop => Site::Teardown,
        };
        Turn::Call(Frame::TearDown(TearDown::new(owner)))
    }

    fn at(&mut self, part: Part) {
        self.site = match self.cursor.slot {
            Slot::Step(step) => Site::Step { step: step as u32, part },
            Slot::Prepare | Slot::Backdrop | Slot::Broken | Slot::Teardown | Slot::Finish | Slot::Over => {
                Site::Backdrop(part)
            }
        };
    }

    fn play_stage(&mut self, step: Option<&'a Step<'a>>, to: &mut Action<'a>) -> Turn<'a> {
        self.tearing_down = false;
        let backdrop = &self.scenario.backdrop;
        let (cgroups, ops) = match step {
            Some(step) => (step.setup, step.ops),
            None => (backdrop.cgroups.as_slice(), backdrop.ops.as_slice()),
        };
        let first = self.cursor.first_item;
        let frame = match self.cursor.stage {
            Stage::Notes(index) => return self.note_from(ops, index, to),
            Stage::Scheduler => {
                self.at(Part::Scheduler);
                self.cursor.stage = Stage::Cgroups(0);
                let Some(scheduler) = backdrop.scheduler else { return Turn::Next };
                Some(Ok(Frame::Scheduling(Scheduling::attach(scheduler))))
            }
            Stage::Cgroups(index) => cgroups.get(index).map(|def| {
                self.at(Part::Cgroup(index as u32));
                self.cursor.stage = Stage::Cgroups(index + 1);
                Ok(Frame::Create(Create::new(self.items.get(first + index), def.name, Some(def))))
            }),
            Stage::Ops(index) => match ops.get(index) {
                Some(op) if self.waiting > 0 && !may_precede_start(op.kind()) => {
                    return self.start_workers(to);
                }
                Some(op) => {
                    self.at(Part::Op(index as u32));
                    self.cursor.stage = Stage::Ops(index + 1);
                    if op.expected_failure().is_some() {
                        (self.expecting, self.subject) = (op.expected_failure(), op.cgroup_named());
                        if self.plans {
                            return Turn::Next;
                        }
                    }
                    Some(checked_frame_of(self, op, self.items.get(first + cgroups.len() + index)))
                }
                None => None,
            },
            Stage::Payloads(index) => {
                let payload = match step {
                    Some(step) => step.payload.filter(|_| index == 0),
                    None => backdrop.payloads.as_slice().get(index).copied(),
                };
                payload.map(|payload| {
                    self.at(Part::Payload(index as u32));
                    self.cursor.stage = Stage::Payloads(index + 1);
                    let item = self.items.get(first + cgroups.len() + ops.len() + index);
                    let placement = Placement::RunnerCgroup;
                    Ok(Frame::StartPayload(StartPayload { item, payload, args: &[], placement, kept: false }))
                })
            }
            Stage::Hold => return self.hold(step, to),
            Stage::End => return self.end_step(),
        };
        match frame {
            Some(Ok(frame)) => {
                self.cursor.played = true;
                Turn::Call(frame)
            }
            Some(Err(fault)) => Turn::Fail(fault),
            None => self.next_stage(step, to),
        }
    }

    /// What a step begins with: a loop with its definitions, any other with its operations.
    fn first_stage(&self) -> Stage {
        match self.cursor.slot {
            Slot::Step(index) if self.scenario.steps.get(index).is_some_and(|step| !step.is_loop()) => {
                Stage::Ops(0)
            }
            Slot::Step(_)
            | Slot::Prepare
            | Slot::Backdrop
            | Slot::Broken
            | Slot::Teardown
            | Slot::Finish
            | Slot::Over => Stage::Cgroups(0),
        }
    }

    /// Notes the next value that an operation of the step holds a change against.
    fn note_from(&mut self, ops: &'a [Op<'a>], index: usize, to: &mut Action<'a>) -> Turn<'a> {
        let mut rest = ops.iter().enumerate().skip(index);
        let changes = |op: &Op<'a>| {
            let Op::Expect { check, cgroup, .. } = *op else { return None };
            check.change.is_some().then_some((check, cgroup.unwrap_or("")))
        };
        let Some((next, (check, path))) = rest.find_map(|(at, op)| Some((at + 1, changes(op)?))) else {
            self.cursor.stage = self.first_stage();
            return Turn::Next;
        };
        self.cursor.stage = Stage::Notes(next);
        self.at(Part::Whole);
        *to = Action::NoteFile { path, check };
        Turn::Act
    }

    fn start_workers(&mut self, to: &mut Action<'a>) -> Turn<'a> {
        self.at(Part::Whole);
        *to = Action::Start;
        Turn::Act
    }

    /// The stage after the current one. Workers wait for one another within a setup, so that a start comes
    /// between any two stages but the operations and the definitions of one step.
    fn next_stage(&mut self, step: Option<&Step<'_>>, to: &mut Action<'a>) -> Turn<'a> {
        let looping = step.is_some_and(Step::is_loop);
        let next = match (step, self.cursor.stage) {
            (_, Stage::Scheduler) => Some(Stage::Cgroups(0)),
            (None, Stage::Cgroups(_)) => Some(Stage::Ops(0)),
            (None, Stage::Ops(_)) => Some(Stage::Payloads(0)),
            (None, Stage::Payloads(_) | Stage::Hold | Stage::End | Stage::Notes(_)) => None,
            (Some(_), Stage::Notes(_)) => Some(self.first_stage()),
            (Some(_), Stage::Ops(_)) if looping => Some(Stage::Hold),
            (Some(_), Stage::Ops(_)) => Some(Stage::Cgroups(0)),
            (Some(_), Stage::Cgroups(_)) => Some(Stage::Payloads(0)),
            (Some(_), Stage::Payloads(_)) if looping => Some(Stage::Ops(0)),
            (Some(_), Stage::Payloads(_) | Stage::Hold | Stage::End) => Some(Stage::Hold),
        };
        let one_setup = matches!((self.cursor.stage, next), (Stage::Ops(_), Some(Stage::Cgroups(_))));
        if self.waiting > 0 && !one_setup {
            return self.start_workers(to);
        }
        match next {
            Some(stage) => {
                self.cursor.stage = stage;
                Turn::Next
            }
            None => self.go_to(Slot::Step(0)),
        }
    }

    fn hold(&mut self, step: Option<&Step<'_>>, to: &mut Action<'a>) -> Turn<'a> {
        let hold = step.map_or(HoldSpec::Fixed(Duration::ZERO), |step| step.hold);
        self.at(Part::Hold);
        let length = match hold {
            HoldSpec::Loop { interval } if interval.is_zero() => {
                return Turn::Fail(Fault::new(FaultKind::Invalid, "a loop without an interval never ends"));
            }
            HoldSpec::Loop { interval } => interval.min(self.cursor.left),
            HoldSpec::Frac(_) | HoldSpec::Fixed(_) => hold.length(self.scenario.duration, self.cursor.spent),
        };
        if length.is_zero() {
            self.cursor.stage = Stage::End;
            return Turn::Next;
        }
        self.cursor.played = true;
        *to = Action::Hold { length };
        Turn::Act
    }

    /// After a hold: a loop goes on while time is left, any other step ends.
    fn held(&mut self, length: Duration) {
        self.cursor.spent = self.cursor.spent.saturating_add(length);
        self.cursor.left = self.cursor.left.saturating_sub(length);
        let looping = match self.cursor.slot {
            Slot::Step(index) => self.scenario.steps.get(index).is_some_and(Step::is_loop),
            Slot::Prepare | Slot::Backdrop | Slot::Broken | Slot::Teardown | Slot::Finish | Slot::Over => {
                false
            }
        };
        self.cursor.stage = if looping && !self.cursor.left.is_zero() { Stage::Ops(0) } else { Stage::End };
    }

    /// What the step made goes; then comes the next step, or teardown if something could not be removed.
    fn end_step(&mut self) -> Turn<'a> {
        let Slot::Step(index) = self.cursor.slot else { return self.go_to(Slot::Teardown) };
        if self.books.owns(Owner::Step) {
            return self.call_teardown(Owner::Step);
        }
        let broken = self.report.error.is_some();
        self.go_to(if broken { Slot::Teardown } else { Slot::Step(index + 1) })
    }
}

/// Operations that only add to a setup: workers keep waiting for one another across them.
fn may_precede_start(kind: OpKind) -> bool {
    match kind {
        OpKind::AddCgroup | OpKind::AddCgroupDef | OpKind::Spawn | OpKind::RunPayload => true,
        OpKind::RemoveCgroup
        | OpKind::SetCpuset
        | OpKind::ClearCpuset
        | OpKind::SwapCpusets
        | OpKind::SetLimits
        | OpKind::StopCgroup
        | OpKind::SetAffinity
        | OpKind::MoveAllTasks
        | OpKind::WaitPayload
        | OpKind::KillPayload
        | OpKind::FreezeCgroup
        | OpKind::UnfreezeCgroup
        | OpKind::KillCgroup
        | OpKind::WriteFile
        | OpKind::Reclaim
        | OpKind::SetNice
        | OpKind::SetSchedPolicy
        | OpKind::CaptureCgroupProcs
        | OpKind::Expect
        | OpKind::SteerIrq
        | OpKind::AttachScheduler
        | OpKind::DetachScheduler
        | OpKind::ReplaceScheduler
        | OpKind::RestartScheduler => false,
    }
}
