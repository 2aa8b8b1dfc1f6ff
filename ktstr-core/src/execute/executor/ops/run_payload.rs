//! `RunPayload`, and the payloads of definitions, steps and the Backdrop: starts a program.

use crate::execute::action::{Action, PayloadId};
use crate::execute::executor::books::Running;
use crate::execute::executor::frame::{Part, Turn};
use crate::execute::executor::run::Run;
use crate::execute::fault::{Fault, FaultKind};
use crate::execute::observer::Observer;
use crate::execute::outcome::Outcome;
use crate::model::payload::Payload;
use crate::model::placement::Placement;
use crate::validate::items::Item;

/// A payload that is being started.
#[derive(Debug, Clone, Copy)]
pub(in crate::execute::executor) struct StartPayload<'a> {
    pub(in crate::execute::executor) item: Item,
    pub(in crate::execute::executor) payload: &'a Payload<'a>,
    pub(in crate::execute::executor) args: &'a [&'a str],
    pub(in crate::execute::executor) placement: Placement<'a>,
    /// Whether it outlives its step.
    pub(in crate::execute::executor) kept: bool,
}

impl<'a> Part<'a> for StartPayload<'a> {
    fn ask(&mut self, run: &mut Run<'_, 'a>, to: &mut Action<'a>, _: &mut dyn Observer<'a>) -> Turn<'a> {
        let Self { item, payload, args, placement, .. } = *self;
        if run.books.running(item.payload).is_some() {
            return Turn::Fail(Fault::new(FaultKind::Running, payload.name));
        }
        if !run.books.has_room(item.payload) {
            return Turn::Fail(Fault::new(FaultKind::NoRoom, payload.name));
        }
        *to = Action::StartPayload { id: PayloadId(run.next_payload), payload, args, placement };
        Turn::Act
    }

    fn answered(
        &mut self,
        run: &mut Run<'_, 'a>,
        _: &Action<'a>,
        _: &Outcome,
        _: &mut dyn Observer<'a>,
    ) -> Turn<'a> {
        let Self { item, payload, placement, .. } = *self;
        let (id, owner) = (PayloadId(run.next_payload), run.owner(self.kept));
        run.next_payload += 1;
        let (cgroup, program) = (item.cgroup, item.program);
        run.books.add_payload(item.payload, Running { id, payload, placement, cgroup, program, owner });
        Turn::Done
    }
}
