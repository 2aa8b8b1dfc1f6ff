//! `SetAffinity`: changes the affinity of each group of workers in a cgroup.

use crate::execute::action::Action;
use crate::execute::executor::books::Whose;
use crate::execute::executor::frame::{Part, Turn};
use crate::execute::executor::run::Run;
use crate::execute::observer::Observer;
use crate::execute::outcome::Outcome;
use crate::model::affinity::AffinityIntent;

/// A cgroup whose workers are given another affinity.
#[derive(Debug, Clone, Copy)]
pub(in crate::execute::executor) struct Affinity<'a> {
    at: u32,
    intent: &'a AffinityIntent,
    /// The group that comes next.
    next: u32,
}

impl<'a> Affinity<'a> {
    pub(in crate::execute::executor) fn new(run: &Run<'_, 'a>, at: u32, intent: &'a AffinityIntent) -> Self {
        Self { at, intent, next: run.books.groups(Whose::In(at)).first }
    }
}

impl<'a> Part<'a> for Affinity<'a> {
    fn ask(&mut self, run: &mut Run<'_, 'a>, to: &mut Action<'a>, _: &mut dyn Observer<'a>) -> Turn<'a> {
        let Some(group) = run.books.group(self.next) else { return Turn::Done };
        match run.plan(self.at, self.intent, group.id) {
            Ok(affinity) => {
                *to = Action::SetAffinity { group: group.id, affinity };
                Turn::Act
            }
            Err(fault) => Turn::Fail(fault),
        }
    }

    fn answered(
        &mut self,
        run: &mut Run<'_, 'a>,
        _: &Action<'a>,
        _: &Outcome,
        _: &mut dyn Observer<'a>,
    ) -> Turn<'a> {
        self.next = run.books.group_after(self.next, Whose::In(self.at));
        Turn::Next
    }
}
