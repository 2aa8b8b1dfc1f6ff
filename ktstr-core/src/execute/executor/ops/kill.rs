//! `KillCgroup`: kills all that is in a cgroup and below it, then collects what the workers had measured, and
//! judges the payloads, cgroup by cgroup.

use crate::execute::action::Action;
use crate::execute::executor::books::Whose;
use crate::execute::executor::chain::NONE;
use crate::execute::executor::frame::{Part, Turn};
use crate::execute::executor::run::Run;
use crate::execute::executor::teardown::Emptying;
use crate::execute::observer::Observer;
use crate::execute::outcome::Outcome;

/// A cgroup in which all is killed.
#[derive(Debug, Clone, Copy)]
pub(in crate::execute::executor) struct Kill<'a> {
    at: u32,
    path: &'a str,
    /// The cgroup that is looked at, once all was killed.
    here: Option<(u32, Emptying)>,
}

impl<'a> Kill<'a> {
    pub(in crate::execute::executor) const fn new(at: u32, path: &'a str) -> Self {
        Self { at, path, here: None }
    }
}

impl<'a> Part<'a> for Kill<'a> {
    fn ask(&mut self, run: &mut Run<'_, 'a>, to: &mut Action<'a>, _: &mut dyn Observer<'a>) -> Turn<'a> {
        let Some((here, emptying)) = &mut self.here else {
            *to = Action::KillCgroup { path: self.path };
            return Turn::Act;
        };
        if let Some(frame) = emptying.next(&run.books) {
            return Turn::Call(frame);
        }
        match run.books.next_below(self.at, *here) {
            NONE => Turn::Done,
            next => {
                self.here = Some((next, Emptying::new(Whose::In(next))));
                Turn::Next
            }
        }
    }

    fn answered(
        &mut self,
        run: &mut Run<'_, 'a>,
        _: &Action<'a>,
        _: &Outcome,
        _: &mut dyn Observer<'a>,
    ) -> Turn<'a> {
        let mut here = self.at;
        while here != NONE {
            run.books.note_killed(here);
            here = run.books.next_below(self.at, here);
        }
        self.here = Some((self.at, Emptying::new(Whose::In(self.at))));
        Turn::Next
    }
}
