//! What a backend has to be, and a short way to write one that wraps another.

use crate::execute::action::{Action, GroupId};
use crate::execute::channel::Channel;
use crate::execute::fault::Fault;
use crate::execute::outcome::Outcome;
use crate::model::controllers::Controllers;
use crate::model::knob::KnobSet;
use crate::model::needs::Offers;
use crate::model::placement::Placement;
use crate::model::topology::Topology;
use crate::report::group_phase::GroupPhase;
use crate::validate::requirements::Requirements;
use core::time::Duration;

/// Something that carries actions out: a mock, a Linux machine, a wrapper around either, for which
/// [`forward_backend!`](crate::forward_backend) writes all but what it is for.
///
/// The contract: `perform` either carries an action out wholly or answers [`Outcome::Failed`] and leaves
/// nothing half-done; it never panics and never prints. Actions that wait end by themselves: a wait for the
/// kernel has a bound of the backend's choice and ends in
/// [`FaultKind::TimedOut`](crate::execute::fault::FaultKind::TimedOut).
pub trait Backend {
    /// What reports call it: `mock`, `linux`.
    fn name(&self) -> &str;

    /// The machine it runs on.
    fn topology(&self) -> &Topology;

    /// The controllers it could enable.
    fn controllers(&self) -> Controllers;

    /// What it has beside its CPUs, that a scenario can [need](crate::Needs). A backend that does not say
    /// has nothing.
    fn offers(&self) -> Offers {
        Offers::default()
    }

    /// Checks, before anything is made, that a scenario with these needs can run here.
    ///
    /// # Errors
    /// The first thing that is missing.
    fn preflight(&mut self, needs: &Requirements) -> Result<(), Fault>;

    /// The control files that can be set here and have no effect. Where a scenario sets one, the report says
    /// so, and checks of workers whom it would have an effect on are skipped. On a real kernel all have
    /// theirs.
    fn unmodelled(&self) -> KnobSet {
        KnobSet::NONE
    }

    /// Whether it carries nothing out and says yes to everything: operations that have to fail are then not
    /// asked for, and taken to fail so.
    fn plans(&self) -> bool {
        false
    }

    /// Time since the backend was made, by its own clock.
    fn now(&mut self) -> Duration;

    /// Begins a phase: from now until [`end_phase`](Self::end_phase) is counted apart what workers do. It is
    /// asked for between two actions, and only where somebody wants to know of phases. One that is on ends.
    /// A backend that does not say measures no phases.
    fn begin_phase(&mut self) {}

    /// Ends the phase that was begun, and hands over what each group did in it, and where it was, in the
    /// order of their numbers; groups that were not started are left out. Without a phase nothing happens.
    fn end_phase(&mut self, _each: &mut dyn FnMut(GroupId, Placement<'_>, &GroupPhase)) {}

    /// Carries one action out. What is too long for the outcome goes through the channel before it, and so
    /// does what happened unasked, at least of actions that [wait](Action::waits).
    fn perform(&mut self, action: &Action<'_>, channel: &mut dyn Channel) -> Outcome;
}

/// Writes the methods of [`Backend`] but for `perform`, for a wrapper that answers them as the backend inside
/// does.
///
/// ```
/// use ktstr_core::Action;
/// use ktstr_core::Backend;
/// use ktstr_core::Channel;
/// use ktstr_core::Outcome;
///
/// struct Counted<B> {
///     inner: B,
///     failed: u32,
/// }
///
/// impl<B: Backend> Backend for Counted<B> {
///     ktstr_core::forward_backend!(|this| this.inner);
///
///     fn perform(&mut self, action: &Action<'_>, channel: &mut dyn Channel) -> Outcome {
///         let outcome = self.inner.perform(action, channel);
///         self.failed += u32::from(matches!(outcome, Outcome::Failed(_)));
///         outcome
///     }
/// }
/// ```
#[macro_export]
macro_rules! forward_backend {
    (|$this:ident| $inner:expr) => {
        fn name(&self) -> &str {
            let $this = self;
            $crate::Backend::name(&$inner)
        }

        fn topology(&self) -> &$crate::Topology {
            let $this = self;
            $crate::Backend::topology(&$inner)
        }

        fn controllers(&self) -> $crate::Controllers {
            let $this = self;
            $crate::Backend::controllers(&$inner)
        }

        fn offers(&self) -> $crate::Offers {
            let $this = self;
            $crate::Backend::offers(&$inner)
        }

        fn preflight(&mut self, needs: &$crate::Requirements) -> ::core::result::Result<(), $crate::Fault> {
            let $this = self;
            $crate::Backend::preflight(&mut $inner, needs)
        }

        fn unmodelled(&self) -> $crate::KnobSet {
            let $this = self;
            $crate::Backend::unmodelled(&$inner)
        }

        fn plans(&self) -> bool {
            let $this = self;
            $crate::Backend::plans(&$inner)
        }

        fn now(&mut self) -> ::core::time::Duration {
            let $this = self;
            $crate::Backend::now(&mut $inner)
        }

        fn begin_phase(&mut self) {
            let $this = self;
            $crate::Backend::begin_phase(&mut $inner);
        }

        fn end_phase(
            &mut self,
            each: &mut dyn FnMut($crate::GroupId, $crate::Placement<'_>, &$crate::GroupPhase),
        ) {
            let $this = self;
            $crate::Backend::end_phase(&mut $inner, each);
        }
    };
}

/// What leads to a backend is one: `&mut B`, `Box<dyn Backend>`, a guard of a lock. So a program can choose
/// its backend while it runs:
///
/// ```
/// use ktstr_core::{Action, Backend, Channel, Controllers, Fault, Outcome, Requirements, Topology};
/// use ktstr_core::{Scenario, execute_scenario};
/// use std::time::Duration;
///
/// /// Says yes to everything.
/// struct Yes(Topology);
///
/// impl Backend for Yes {
///     fn name(&self) -> &str {
///         "yes"
///     }
///
///     fn topology(&self) -> &Topology {
///         &self.0
///     }
///
///     fn controllers(&self) -> Controllers {
///         Controllers::NONE
///     }
///
///     fn preflight(&mut self, _: &Requirements) -> Result<(), Fault> {
///         Ok(())
///     }
///
///     fn now(&mut self) -> Duration {
///         Duration::ZERO
///     }
///
///     fn perform(&mut self, _: &Action<'_>, _: &mut dyn Channel) -> Outcome {
///         Outcome::Done
///     }
/// }
///
/// let mut backend: Box<dyn Backend> = Box::new(Yes(Topology::uniform(1, 1, 2, 1)));
/// let report = execute_scenario(&Scenario::new("empty"), &mut backend, 1, &mut ()).expect("valid");
/// assert_eq!((backend.name(), report.error), ("yes", None));
/// ```
impl<P> Backend for P
where
    P: core::ops::DerefMut,
    P::Target: Backend,
{
    forward_backend!(|this| **this);

    fn perform(&mut self, action: &Action<'_>, channel: &mut dyn Channel) -> Outcome {
        (**self).perform(action, channel)
    }
}
