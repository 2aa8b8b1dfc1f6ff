//! A backend that carries nothing out: it says yes to everything, so that the order of actions shows.

use ktstr_core::{
    Action, Backend, Controller, Controllers, CpuSet, ExitStatus, Fault, Outcome, OutputPart, PayloadEnd,
    Requirements, Topology, WorkerReport,
};
use std::time::Duration;

/// Time passes in holds and nowhere else.
pub(crate) struct PlanBackend {
    topology: Topology,
    now: Duration,
}

impl PlanBackend {
    /// Plans for a machine.
    pub(crate) fn new(topology: Topology) -> Self {
        Self { topology, now: Duration::ZERO }
    }
}

impl Backend for PlanBackend {
    fn name(&self) -> &str {
        "plan"
    }

    fn topology(&self) -> &Topology {
        &self.topology
    }

    fn controllers(&self) -> Controllers {
        Controller::ALL.into_iter().collect()
    }

    fn preflight(&mut self, _needs: &Requirements) -> Result<(), Fault> {
        Ok(())
    }

    fn now(&mut self) -> Duration {
        self.now
    }

    fn perform(&mut self, action: &Action<'_>) -> Outcome {
        match action {
            Action::Hold { length } => {
                self.now = self.now.saturating_add(*length);
                Outcome::Done
            }
            Action::EndCpuWatch { .. } => Outcome::Cpus(CpuSet::EMPTY),
            Action::Collect { .. } => Outcome::Report(WorkerReport::default()),
            Action::WaitPayload { .. } | Action::KillPayload { .. } => Outcome::Ended(PayloadEnd {
                status: ExitStatus::Exited(0),
                wall_ns: 0,
                stdout_bytes: 0,
                stderr_bytes: 0,
                cut_bytes: 0,
                orphans: 0,
            }),
            Action::ReadMetric { .. } => Outcome::Metric(None),
            Action::ReadOutput { .. } => Outcome::Output(OutputPart::EMPTY),
            Action::ReadProcs { .. } => Outcome::Procs { count: 0 },
            Action::KillRemaining { .. } => Outcome::Killed { count: 0 },
            _ => Outcome::Done,
        }
    }
}
