//! What a run says of its workers, in one form for both sides.

use ktstr_core::{ActionKind, Asked, Event, GroupId, Notice, Observer, Outcome, Placement, WorkerReport};
use std::collections::BTreeMap;
use std::time::Duration;

/// What was heard of a run.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// Each action and what came of it, without numbers that depend on time.
    pub(super) actions: Vec<String>,
    /// What each worker measured.
    pub(super) workers: BTreeMap<(u32, u32), (String, WorkerReport)>,
    /// Processes that were killed for want of memory, by cgroup.
    pub(super) oom_kills: BTreeMap<String, u64>,
}

impl<'a> Observer<'a> for Heard {
    fn event(&mut self, event: &Event<'_, 'a>) {
        let came = match event.outcome {
            Outcome::Failed(fault) => format!("failed {} errno {}", fault.kind.code(), fault.errno),
            // How each ended is compared with what it measured.
            Outcome::Report(_) => "report".to_owned(),
            Outcome::Done
            | Outcome::Cpus(_)
            | Outcome::Ended(_)
            | Outcome::TimedOut
            | Outcome::Metric(_)
            | Outcome::Seen(_)
            | Outcome::Detached(_)
            | Outcome::SchedulerDied
            | Outcome::Killed { .. } => "done".to_owned(),
        };
        let kind: ActionKind = event.action.kind();
        self.actions.push(format!("{}: {kind:?}: {came}", event.site));
    }

    fn worker(&mut self, group: GroupId, at: Placement<'a>, worker: u32, report: &WorkerReport) {
        self.workers.insert((group.0, worker), (at.path().to_owned(), *report));
    }

    fn notice(&mut self, _: &Asked<'_, 'a>, _: Duration, notice: &Notice<'_>) {
        if let Notice::OomKilled { cgroup, count } = *notice {
            *self.oom_kills.entry(cgroup.to_owned()).or_default() += count;
        }
    }
}
