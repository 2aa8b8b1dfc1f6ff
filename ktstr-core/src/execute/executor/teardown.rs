//! Taking things down. It always runs to its end: what cannot be removed is told and left behind.

use super::Executor;
use super::frame::{Ending, Frame, MoveStage, StopStage, Turn};
use super::payloads::told_after;
use super::tables::{Owner, Tables};
use crate::execute::action::Action;
use crate::execute::fault::{Fault, FaultKind};
use crate::execute::observer::Observer;
use crate::model::op::DEFAULT_GRACE;
use crate::model::placement::Placement;

impl<'a, const N: usize> Tables<'a, N> {
    pub(super) fn owned_by(&self, owner: Owner) -> bool {
        self.cgroups.iter().any(|cgroup| cgroup.owner == owner)
            || self.groups.iter().any(|group| group.owner == owner)
            || self.payloads.iter().any(|running| running.owner == owner)
    }
}

impl<'a, const N: usize> Executor<'a, N> {
    /// Thaws, asks all groups to stop and then waits for them, first started first, ends payloads last started first,
    /// removes cgroups last made first, which is children first. Workers come before payloads, so that what they measure
    /// does not grow by the time that a payload takes to end.
    pub(super) fn tear_down(&mut self, owner: Owner, killed: bool) -> Turn<'a> {
        let frame = Frame::TearDown { owner, killed };
        let tables = &self.tables;
        if let Some(cgroup) = tables.cgroups.iter().find(|cgroup| cgroup.owner == owner && cgroup.frozen) {
            return Turn::Act(frame, Action::Thaw { path: cgroup.path });
        }
        if let Some((group, stage)) = tables.next_to_stop(|group| group.owner == owner) {
            return Turn::Call(frame, Frame::Stop { group, stage });
        }
        if let Some(running) = tables.payloads.iter().rev().find(|running| running.owner == owner) {
            let ending = Ending::Kill { grace: DEFAULT_GRACE, late: None };
            return Turn::Call(frame, Frame::End { id: running.id, ending });
        }
        match tables.cgroups.iter().rev().find(|cgroup| cgroup.owner == owner) {
            Some(cgroup) if killed => Turn::Act(frame, Action::RemoveCgroup { path: cgroup.path }),
            Some(cgroup) => Turn::Act(frame, Action::KillRemaining { path: cgroup.path }),
            None => Turn::Done,
        }
    }

    pub(super) fn torn_down(&mut self, owner: Owner, action: &Action<'a>) -> Turn<'a> {
        let killed = match *action {
            Action::Thaw { path } => {
                self.frozen(path, false);
                false
            }
            Action::RemoveCgroup { path } => {
                self.tables.forget_cgroup(path);
                false
            }
            _ => true,
        };
        Turn::Next(Frame::TearDown { owner, killed })
    }

    pub(super) fn finish(&mut self) -> Turn<'a> {
        let action = match self.tables.irqs.last() {
            Some(&irq) => Action::RestoreIrq { irq },
            None => Action::Finish,
        };
        Turn::Act(Frame::Finish, action)
    }

    pub(super) fn finished(&mut self, action: &Action<'a>) -> Turn<'a> {
        match action {
            Action::RestoreIrq { .. } => {
                self.tables.irqs.pop();
                Turn::Next(Frame::Finish)
            }
            _ => Turn::Done,
        }
    }

    /// What a failure does not stop, during a run or its teardown: a measurement or an output that is lost, and telling
    /// workers to stop, which stopping them does again.
    pub(super) fn excuse(&mut self, frame: Frame<'a>, action: &Action<'a>) -> Option<Turn<'a>> {
        match (frame, *action) {
            (_, Action::EndCpuWatch { group } | Action::BeginCpuWatch { group }) => {
                if let Some(entry) = self.tables.group_mut(group) {
                    entry.watched = false;
                    entry.strayed = None;
                }
                Some(Turn::Next(without_watch(frame)))
            }
            (_, Action::AskToStop { group }) => Some(self.told_to_stop(group)),
            (Frame::Stop { group, stage: StopStage::Collect { worker, stats } }, _) => {
                Some(Turn::Next(Frame::Stop { group, stage: Self::report_lost(worker, stats) }))
            }
            (Frame::End { id, ending: Ending::Tell { end, stream, .. } }, _) => {
                Some(told_after(id, end, stream))
            }
            _ => None,
        }
    }

    /// Goes on with a teardown after a failure: the error is kept, what is left behind is told, and never tried again.
    pub(super) fn give_up<O: Observer<'a>>(
        &mut self,
        frame: Frame<'a>,
        action: &Action<'a>,
        fault: &Fault,
        observer: &mut O,
    ) {
        let mut left = None;
        match *action {
            Action::Thaw { path } => {
                self.frozen(path, false);
            }
            Action::KillPayload { id, .. } => {
                let found = self.tables.payloads.iter().find(|running| running.id == id);
                left = found.map(|running| running.payload.name);
                self.tables.forget_payload(id);
            }
            Action::Stop { group } => {
                // In a cgroup of the run, the removal of that shows whether workers are left.
                let place = self.tables.group_mut(group).map(|group| group.placement);
                left = place.filter(|place| *place == Placement::RunnerCgroup).map(Placement::path);
                self.tables.forget_group(group);
            }
            Action::RemoveCgroup { path } => {
                // What somebody else has removed is an error, but not left.
                left = (fault.kind != FaultKind::Missing).then_some(path);
                self.tables.forget_cgroup(path);
            }
            Action::RestoreIrq { .. } => {
                left = Some("irq");
                self.tables.irqs.pop();
            }
            Action::Finish => left = Some(""),
            _ => {}
        }
        if fault.kind != FaultKind::Interrupted || left.is_some() {
            self.note_error(self.site, fault.clone());
        }
        if let Some(path) = left {
            self.report.leftovers += 1;
            observer.leftover(path);
        }
        match (frame, action) {
            (Frame::TearDown { owner, .. }, Action::KillRemaining { .. }) => {
                self.push(Frame::TearDown { owner, killed: true });
            }
            (Frame::TearDown { owner, .. }, _) => self.push(Frame::TearDown { owner, killed: false }),
            (Frame::Finish, Action::RestoreIrq { .. }) => self.push(Frame::Finish),
            _ => {}
        }
    }
}

/// The frame after a watch that could not be ended or begun.
fn without_watch(frame: Frame<'_>) -> Frame<'_> {
    match frame {
        Frame::Stop { group, .. } => Frame::Stop { group, stage: StopStage::Ask },
        Frame::Move { from, to, moving: Some((group, MoveStage::EndWatch)) } => {
            Frame::Move { from, to, moving: Some((group, MoveStage::Move)) }
        }
        Frame::Move { from, to, .. } => Frame::Move { from, to, moving: None },
        other => other,
    }
}
