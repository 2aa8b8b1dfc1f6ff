//! What a backend has to be, and the loop that joins it to the executor.

use crate::action::Action;
use crate::controllers::Controllers;
use crate::fault::Fault;
use crate::outcome::Outcome;
use crate::requirements::Requirements;
use crate::topology::Topology;
use core::time::Duration;

/// Something that carries actions out: a mock, a Linux machine, a wrapper around either.
///
/// The contract: `perform` either carries an action out wholly or answers [`Outcome::Failed`] and leaves nothing
/// half-done; it never panics and never prints. Actions that wait end by themselves: a wait for the kernel has a bound
/// of the backend's choice and ends in [`FaultKind::TimedOut`](crate::fault::FaultKind::TimedOut).
pub trait Backend {
    /// What reports call it: `mock`, `linux`.
    fn name(&self) -> &str;

    /// The machine it runs on.
    fn topology(&self) -> &Topology;

    /// The controllers it could enable.
    fn controllers(&self) -> Controllers;

    /// Checks, before anything is made, that a scenario with these needs can run here.
    ///
    /// # Errors
    /// The first thing that is missing.
    fn preflight(&mut self, needs: &Requirements) -> Result<(), Fault>;

    /// Time since the backend was made, by its own clock.
    fn now(&mut self) -> Duration;

    /// Carries one action out.
    fn perform(&mut self, action: &Action<'_>) -> Outcome;
}

impl<B: Backend + ?Sized> Backend for &mut B {
    fn name(&self) -> &str {
        (**self).name()
    }

    fn topology(&self) -> &Topology {
        (**self).topology()
    }

    fn controllers(&self) -> Controllers {
        (**self).controllers()
    }

    fn preflight(&mut self, needs: &Requirements) -> Result<(), Fault> {
        (**self).preflight(needs)
    }

    fn now(&mut self) -> Duration {
        (**self).now()
    }

    fn perform(&mut self, action: &Action<'_>) -> Outcome {
        (**self).perform(action)
    }
}
