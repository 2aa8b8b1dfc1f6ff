//! `StopCgroup` and `RemoveCgroup`: stops the workers in a cgroup, ends its payloads, kills what remains, and
//! removes the cgroup if asked.

use crate::execute::action::Action;
use crate::execute::executor::books::Whose;
use crate::execute::executor::chain::NONE;
use crate::execute::executor::frame::{Part, Turn};
use crate::execute::executor::run::Run;
use crate::execute::executor::teardown::Emptying;
use crate::execute::observer::Observer;
use crate::execute::outcome::Outcome;

/// A cgroup that is being emptied.
#[derive(Debug, Clone, Copy)]
pub(in crate::execute::executor) struct Clear<'a> {
    at: u32,
    path: &'a str,
    remove: bool,
    emptying: Emptying,
    /// Whether what remained was killed.
    killed: bool,
}

impl<'a> Clear<'a> {
    pub(in crate::execute::executor) const fn new(at: u32, path: &'a str, remove: bool) -> Self {
        Self { at, path, remove, emptying: Emptying::new(Whose::In(at)), killed: false }
    }
}

impl<'a> Part<'a> for Clear<'a> {
    fn ask(&mut self, run: &mut Run<'_, 'a>, to: &mut Action<'a>, _: &mut dyn Observer<'a>) -> Turn<'a> {
        if let Some(frame) = self.emptying.next(&run.books) {
            return Turn::Call(frame);
        }
        let has_below = run.books.cgroup(self.at).is_some_and(|cgroup| cgroup.first_child != NONE);
        // What remains is killed in the cgroups below too, so that a cgroup that stays above others is not
        // swept.
        let swept = self.killed || !self.remove && has_below;
        let path = self.path;
        match (swept, self.remove) {
            (false, _) => *to = Action::KillRemaining { path },
            (true, true) => *to = Action::RemoveCgroup { path },
            (true, false) => return Turn::Done,
        }
        Turn::Act
    }

    fn answered(
        &mut self,
        run: &mut Run<'_, 'a>,
        _: &Action<'a>,
        _: &Outcome,
        _: &mut dyn Observer<'a>,
    ) -> Turn<'a> {
        if core::mem::replace(&mut self.killed, true) {
            run.books.remove_cgroup(self.at);
            return Turn::Done;
        }
        if self.remove { Turn::Next } else { Turn::Done }
    }
}
