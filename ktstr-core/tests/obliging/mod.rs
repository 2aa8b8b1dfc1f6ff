//! A backend that answers every action with the success that it promises, and does nothing: for what is to be
//! seen of the executor alone. The benchmark `execute` uses it too.

use ktstr_core::prelude::*;
use ktstr_core::{Action, Channel, Controllers, Fault, Outcome, Requirements, WorkerReport};
use std::time::Duration;

/// How many processes each cgroup is said to hold.
const PROCESSES: u32 = 1000;

/// Such a backend, on this machine.
pub(crate) struct Obliging(pub(crate) Topology);

impl Backend for Obliging {
    fn name(&self) -> &str {
        "obliging"
    }

    fn topology(&self) -> &Topology {
        &self.0
    }

    fn controllers(&self) -> Controllers {
        Controllers::NONE
    }

    fn preflight(&mut self, _: &Requirements) -> Result<(), Fault> {
        Ok(())
    }

    fn now(&mut self) -> Duration {
        Duration::ZERO
    }

    fn perform(&mut self, action: &Action<'_>, channel: &mut dyn Channel) -> Outcome {
        match action {
            Action::EndCpuWatch { .. } => Outcome::Cpus(CpuSet::of(&[0])),
            Action::Collect { .. } => {
                Outcome::Report(WorkerReport { iterations: 1, ..WorkerReport::default() })
            }
            Action::ReadProcs { .. } => {
                channel.procs(1..=PROCESSES);
                Outcome::Done
            }
            Action::KillRemaining { .. } => Outcome::Killed { count: 0 },
            action if action.is_answered_by(&Outcome::Done) => Outcome::Done,
            action => panic!("nobody has said how to answer {action}"),
        }
    }
}
