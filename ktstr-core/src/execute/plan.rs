//! A backend that carries nothing out: it says yes to everything, so that the order of actions shows, and
//! what a run has to be judged by.

use crate::execute::action::Action;
use crate::execute::backend::Backend;
use crate::execute::channel::Channel;
use crate::execute::fault::Fault;
use crate::execute::outcome::{ExitStatus, FileSeen, Outcome, PayloadEnd, SchedulerEnd};
use crate::model::controllers::{Controller, Controllers};
use crate::model::cpuset::CpuSet;
use crate::model::needs::Offers;
use crate::model::topology::Topology;
use crate::report::worker_report::WorkerReport;
use crate::validate::requirements::Requirements;
use core::time::Duration;

/// Time passes in holds and nowhere else.
#[derive(Debug)]
pub struct PlanBackend {
    topology: Topology,
    now: Duration,
}

impl PlanBackend {
    /// Plans for a machine.
    pub const fn new(topology: Topology) -> Self {
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

    fn offers(&self) -> Offers {
        Offers::ALL
    }

    fn preflight(&mut self, _needs: &Requirements) -> Result<(), Fault> {
        Ok(())
    }

    fn plans(&self) -> bool {
        true
    }

    fn now(&mut self) -> Duration {
        self.now
    }

    fn perform(&mut self, action: &Action<'_>, _: &mut dyn Channel) -> Outcome {
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
                assumed: false,
            }),
            Action::DetachScheduler { .. } => Outcome::Detached(SchedulerEnd {
                exit: None,
                code: 0,
                status: None,
                early: false,
                expected: false,
                lost: false,
                wall_ns: 0,
                assumed: false,
            }),
            Action::ReadMetric { .. } => Outcome::Metric(None),
            Action::CheckFile { .. } => {
                Outcome::Seen(FileSeen { modelled: true, held: true, ..FileSeen::UNKNOWN })
            }
            Action::KillRemaining { .. } => Outcome::Killed { count: 0 },
            Action::Prepare { .. }
            | Action::CreateCgroup { .. }
            | Action::EnableControllers { .. }
            | Action::Write { .. }
            | Action::Spawn { .. }
            | Action::Start
            | Action::SetAffinity { .. }
            | Action::Move { .. }
            | Action::BeginCpuWatch { .. }
            | Action::AskToStop { .. }
            | Action::Stop { .. }
            | Action::StartPayload { .. }
            | Action::ReadOutput { .. }
            | Action::ReadProcs { .. }
            | Action::Freeze { .. }
            | Action::Thaw { .. }
            | Action::KillCgroup { .. }
            | Action::WriteFile { .. }
            | Action::Reclaim { .. }
            | Action::SetNice { .. }
            | Action::SetSchedPolicy { .. }
            | Action::NoteFile { .. }
            | Action::SteerIrq { .. }
            | Action::RestoreIrq { .. }
            | Action::AttachScheduler { .. }
            | Action::RemoveCgroup { .. }
            | Action::Finish => Outcome::Done,
        }
    }
}
