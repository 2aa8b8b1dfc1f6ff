//! The mock, and which processes its captures find: outcomes carry their number only.

use ktstr_core::{Action, Backend, Outcome};
use ktstr_mock::MockBackend;

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
    ktstr_core::forward_backend!(|this| this.mock);

    fn perform(&mut self, action: &Action<'_>) -> Outcome {
        let outcome = self.mock.perform(action);
        if let (Action::ReadProcs { path, .. }, Outcome::Procs { .. }) = (action, &outcome) {
            self.pids.push(self.look(path));
        }
        outcome
    }
}
