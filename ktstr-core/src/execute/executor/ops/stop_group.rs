//! Stopping a group of workers, in two frames: one asks it to stop, the other waits for it, collects its
//! reports and judges them. So all groups that stop together are asked before the first is waited for.

use crate::execute::action::{Action, GroupId};
use crate::execute::executor::books::{Group, Sharing, Strayed, Whose};
use crate::execute::executor::chain::NONE;
use crate::execute::executor::frame::{Part, Turn};
use crate::execute::executor::run::Run;
use crate::execute::fault::Fault;
use crate::execute::observer::Observer;
use crate::execute::outcome::Outcome;
use crate::judge::group::GroupStats;
use crate::model::checks::CheckKind;
use crate::model::cpuset::CpuSet;
use crate::model::placement::Placement;
use crate::report::worker_report::{WorkerEnd, WorkerReport};

/// The number of the signal that nothing survives.
const SIGKILL: i32 = 9;

/// A group that is being stopped.
#[derive(Debug, Clone, Copy)]
pub(in crate::execute::executor) struct Stop {
    at: u32,
    id: GroupId,
    /// What is stopped together with it.
    whose: Whose,
    stage: Stage,
}

#[derive(Debug, Clone, Copy)]
#[allow(clippy::large_enum_variant)] // no heap to box it on
enum Stage {
    EndWatch,
    Ask,
    Stop,
    /// The worker with this number comes next.
    Collect {
        worker: u32,
        stats: GroupStats,
    },
}

impl Stop {
    /// Asks the group to stop.
    pub(in crate::execute::executor) const fn asking(at: u32, id: GroupId, whose: Whose) -> Self {
        Self { at, id, whose, stage: Stage::EndWatch }
    }

    /// Waits for the group and collects its reports.
    pub(in crate::execute::executor) const fn collecting(at: u32, id: GroupId, whose: Whose) -> Self {
        Self { at, id, whose, stage: Stage::Stop }
    }

    /// Judges a group that has been collected; its share is left until all that stops with it has been.
    fn judge<'a>(
        &self,
        run: &mut Run<'_, 'a>,
        entry: &Group<'a>,
        stats: &GroupStats,
        observer: &mut dyn Observer<'a>,
    ) {
        let (subject, strayed, checks) = (entry.placement.path(), cpus(&entry.strayed), run.scenario.checks);
        let doubt = run.doubt_of(entry.uses_memory);
        stats.judge(&checks, entry.checks, strayed, |judged| {
            // Where workers were seen hangs on cpusets alone.
            let doubt = doubt.filter(|_| judged.kind != CheckKind::Isolation);
            let judged = doubt.map_or(judged, |why| judged.skipped(why));
            run.judged(observer, subject, None, Some(self.id), judged);
        });
        if entry.sharing == Sharing::Unasked {
            return run.books.remove_group(self.at);
        }
        run.books.settle_group(self.at);
        if let Some(group) = run.books.group_mut(self.at) {
            group.ended = true;
        }
    }

    /// The group was asked, or could not be: stopping it asks again.
    fn asked<'a>(&self, run: &mut Run<'_, 'a>) -> Turn<'a> {
        if let Some(group) = run.books.group_mut(self.at) {
            group.asked = true;
        }
        Turn::Done
    }
}

impl<'a> Part<'a> for Stop {
    fn ask(
        &mut self,
        run: &mut Run<'_, 'a>,
        to: &mut Action<'a>,
        observer: &mut dyn Observer<'a>,
    ) -> Turn<'a> {
        let Some(entry) = run.books.group(self.at) else { return Turn::Done };
        let group = self.id;
        *to = match self.stage {
            Stage::EndWatch if entry.watched && run.has_started(entry.start) => Action::EndCpuWatch { group },
            Stage::EndWatch | Stage::Ask => {
                self.stage = Stage::Ask;
                Action::AskToStop { group }
            }
            Stage::Stop => Action::Stop { group },
            Stage::Collect { worker, .. } if worker < entry.workers => Action::Collect { group, worker },
            Stage::Collect { ref stats, .. } => {
                let entry = *entry;
                if run.has_started(entry.start) {
                    run.count_cpu_time(self.at, stats.cpu_ns());
                    self.judge(run, &entry, stats, observer);
                } else {
                    run.waiting = run.waiting.saturating_sub(1);
                    run.books.remove_group(self.at);
                }
                if run.books.groups(self.whose).first == NONE {
                    run.judge_shares(observer);
                }
                return Turn::Done;
            }
        };
        Turn::Act
    }

    fn answered(
        &mut self,
        run: &mut Run<'_, 'a>,
        _: &Action<'a>,
        outcome: &Outcome,
        observer: &mut dyn Observer<'a>,
    ) -> Turn<'a> {
        match &mut self.stage {
            Stage::EndWatch => {
                run.watch_ended(self.at, outcome);
                self.stage = Stage::Ask;
            }
            Stage::Ask => return self.asked(run),
            Stage::Stop => {
                let Some(group) = run.books.group(self.at) else { return Turn::Done };
                self.stage = Stage::Collect { worker: 0, stats: GroupStats::of(group.wakes) };
            }
            Stage::Collect { worker, stats } => {
                if let (Outcome::Report(report), Some(group)) = (outcome, run.books.group(self.at)) {
                    // An end that was asked for is no early one.
                    let on_purpose = group.killed && report.end == WorkerEnd::Signalled(SIGKILL);
                    let end = if on_purpose { WorkerEnd::Stopped } else { report.end };
                    stats.add(&WorkerReport { end, ..*report });
                    observer.worker(self.id, group.placement, *worker, report);
                }
                *worker += 1;
            }
        }
        Turn::Next
    }

    /// What is lost of a watch, of asking, or of a report stops nothing.
    fn failed(&mut self, run: &mut Run<'_, 'a>, fault: &Fault, observer: &mut dyn Observer<'a>) -> Turn<'a> {
        match &mut self.stage {
            Stage::EndWatch => {
                run.watch_lost(self.at);
                self.stage = Stage::Ask;
                Turn::Next
            }
            Stage::Ask => self.asked(run),
            Stage::Stop if run.tearing_down => {
                // In a cgroup of the run, the removal of that shows whether workers are left.
                let place = run.books.group(self.at).map(|group| group.placement);
                let left = place.filter(|place| *place == Placement::RunnerCgroup).map(Placement::path);
                run.books.remove_group(self.at);
                run.give_up(fault, left, observer);
                Turn::Done
            }
            Stage::Stop => Turn::Fail(fault.clone()),
            Stage::Collect { worker, stats } => {
                stats.add_lost();
                *worker += 1;
                Turn::Next
            }
        }
    }
}

/// The CPUs outside its cpuset that a group was seen on, as far as that is known.
fn cpus(strayed: &Strayed) -> Option<CpuSet> {
    match *strayed {
        Strayed::Nowhere => Some(CpuSet::EMPTY),
        Strayed::Unknown => None,
        Strayed::On(cpus) => Some(cpus),
    }
}
