//! `SetNice` and `SetSchedPolicy`: changes how each group of workers in a cgroup is scheduled.

use crate::execute::action::Action;
use crate::execute::executor::books::Whose;
use crate::execute::executor::frame::{Part, Turn};
use crate::execute::executor::run::Run;
use crate::execute::observer::Observer;
use crate::execute::outcome::Outcome;
use crate::model::sched_policy::SchedPolicy;

/// A cgroup whose workers are scheduled otherwise.
#[derive(Debug, Clone, Copy)]
pub(in crate::execute::executor) struct Retune {
    at: u32,
    what: Tuning,
    /// The group that comes next.
    next: u32,
}

/// What is changed, and to what.
#[derive(Debug, Clone, Copy)]
pub(in crate::execute::executor) enum Tuning {
    Nice(i32),
    Policy(SchedPolicy),
}

impl Retune {
    pub(in crate::execute::executor) fn new(run: &Run<'_, '_>, at: u32, what: Tuning) -> Self {
        Self { at, what, next: run.books.groups(Whose::In(at)).first }
    }
}

impl<'a> Part<'a> for Retune {
    fn ask(&mut self, run: &mut Run<'_, 'a>, to: &mut Action<'a>, _: &mut dyn Observer<'a>) -> Turn<'a> {
        let Some(group) = run.books.group(self.next).map(|group| group.id) else { return Turn::Done };
        *to = match self.what {
            Tuning::Nice(nice) => Action::SetNice { group, nice },
            Tuning::Policy(policy) => Action::SetSchedPolicy { group, policy },
        };
        Turn::Act
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
