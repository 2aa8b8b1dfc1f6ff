//! The mock, and which processes its captures find: outcomes carry their number only.

use ktstr_core::action::Action;
use ktstr_core::backend::Backend;
use ktstr_core::controllers::Controllers;
use ktstr_core::fault::Fault;
use ktstr_core::outcome::Outcome;
use ktstr_core::requirements::Requirements;
use ktstr_core::topology::Topology;
use ktstr_mock::MockBackend;
use std::time::Duration;

/// The mock, with a look at its kernel after each capture.
pub(crate) struct Watched {
    mock: MockBackend,
    pids: Vec<Vec<u32>>,
}

impl Watched {
    /// Nothing was captured yet.
    pub(crate) fn new(mock: MockBackend) -> Self {
        Self { mock, pids: Vec::new() }
    }

    /// What each capture has found, in order.
    pub(crate) fn pids(self) -> Vec<Vec<u32>> {
        self.pids
    }

    fn look(&self, path: &str) -> Vec<u32> {
        let Some(run) = self.mock.run_cgroup() else { return Vec::new() };
        let kernel = self.mock.kernel();
        let procs = kernel.read(&format!("{}/{path}", kernel.path_of(run)), "cgroup.procs");
        procs.unwrap_or_default().lines().filter_map(|line| line.parse().ok()).collect()
    }
}

impl Backend for Watched {
    fn name(&self) -> &str {
        self.mock.name()
    }

    fn topology(&self) -> &Topology {
        self.mock.topology()
    }

    fn controllers(&self) -> Controllers {
        self.mock.controllers()
    }

    fn preflight(&mut self, needs: &Requirements) -> Result<(), Fault> {
        self.mock.preflight(needs)
    }

    fn now(&mut self) -> Duration {
        self.mock.now()
    }

    fn perform(&mut self, action: &Action<'_>) -> Outcome {
        let outcome = self.mock.perform(action);
        if let (Action::ReadProcs { path, .. }, Outcome::Procs { .. }) = (action, &outcome) {
            self.pids.push(self.look(path));
        }
        outcome
    }
}
