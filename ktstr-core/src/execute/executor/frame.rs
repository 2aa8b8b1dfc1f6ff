//! The executor's stack: each frame is one thing under way. It is asked for its next action, takes the
//! answer, and says what a failure comes to; what each kind of frame does is a file of its own.

use super::ops::affinity::Affinity;
use super::ops::clear::Clear;
use super::ops::cpuset::Cpuset;
use super::ops::create::Create;
use super::ops::end_payload::End;
use super::ops::expect::Expect;
use super::ops::kill::Kill;
use super::ops::moves::Move;
use super::ops::once::Once;
use super::ops::retune::Retune;
use super::ops::run_payload::StartPayload;
use super::ops::scheduling::Scheduling;
use super::ops::set_limits::SetLimits;
use super::ops::spawn::Spawn;
use super::ops::stop_group::Stop;
use super::ops::swap::Swap;
use super::play::Play;
use super::run::Run;
use super::teardown::{Finish, TearDown};
use crate::execute::action::Action;
use crate::execute::fault::Fault;
use crate::execute::observer::Observer;
use crate::execute::outcome::Outcome;

/// What something under way does. The action is written where the executor keeps it, so that nothing large is
/// handed on.
pub(super) trait Part<'a> {
    /// What comes next: an action, which is written to `to`, or something else first.
    fn ask(
        &mut self,
        run: &mut Run<'_, 'a>,
        to: &mut Action<'a>,
        observer: &mut dyn Observer<'a>,
    ) -> Turn<'a>;

    /// Takes a success in. The outcome is of a kind that answers the action.
    fn answered(
        &mut self,
        run: &mut Run<'_, 'a>,
        action: &Action<'a>,
        outcome: &Outcome,
        observer: &mut dyn Observer<'a>,
    ) -> Turn<'a>;

    /// Takes a failure in. [`Turn::Fail`] ends the playing; in a teardown, only this frame.
    fn failed(&mut self, _: &mut Run<'_, 'a>, fault: &Fault, _: &mut dyn Observer<'a>) -> Turn<'a> {
        Turn::Fail(fault.clone())
    }
}

/// What became of a frame.
#[allow(clippy::large_enum_variant)] // no heap to box it on
pub(super) enum Turn<'a> {
    /// An action was written down: carry it out.
    Act,
    /// Do this first, then go on.
    Call(Frame<'a>),
    /// Go on.
    Next,
    /// It is done.
    Done,
    /// It cannot be done.
    Fail(Fault),
}

/// Makes the enum of frames, and finds the part that a frame is.
macro_rules! frames {
    ($($(#[$doc:meta])* $name:ident($part:ty),)+) => {
        /// Something under way.
        #[derive(Debug, Clone, Copy)]
        #[allow(clippy::large_enum_variant)] // no heap to box it on
        pub(super) enum Frame<'a> { $($(#[$doc])* $name($part),)+ }

        impl<'a> Frame<'a> {
            pub(super) fn part(&mut self) -> &mut dyn Part<'a> {
                match self { $(Self::$name(part) => part,)+ }
            }
        }
    };
}

frames! {
    /// Playing the scenario: the bottom of the stack.
    Play(Play),
    Create(Create<'a>),
    Spawn(Spawn<'a>),
    StartPayload(StartPayload<'a>),
    Cpuset(Cpuset<'a>),
    Swap(Swap<'a>),
    SetLimits(SetLimits<'a>),
    Affinity(Affinity<'a>),
    Retune(Retune),
    Move(Move<'a>),
    /// An operation of one action.
    Once(Once<'a>),
    Expect(Expect<'a>),
    Stop(Stop),
    End(End<'a>),
    Scheduling(Scheduling<'a>),
    Clear(Clear<'a>),
    Kill(Kill<'a>),
    TearDown(TearDown),
    Finish(Finish),
}
