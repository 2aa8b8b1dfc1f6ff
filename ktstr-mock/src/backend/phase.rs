//! The phase of a run that is on: the workers as they were when it began, and what the groups did in it that
//! were stopped meanwhile.

use super::MockBackend;
use super::groups::{Group, State};
use crate::kernel::CgroupId;
use crate::sched::worker::Worker;
use ktstr_core::{GroupId, GroupPhase, Placement};

/// A phase that is on.
#[derive(Debug, Default)]
pub(super) struct PhaseOn {
    at: u64,
    began: Vec<(GroupId, Vec<Worker>)>,
    ended: Vec<(GroupId, Option<String>, GroupPhase)>,
}

impl MockBackend {
    pub(super) fn read_phase(&mut self) {
        let mut phase = PhaseOn { at: self.kernel.now, ..PhaseOn::default() };
        for group in self.groups.iter_mut().filter(|group| group.state == State::Running) {
            group.workers.iter_mut().for_each(Worker::begin_phase);
            phase.began.push((group.id, group.workers.clone()));
        }
        self.phase = Some(phase);
    }

    /// Takes down what a group did in the phase, before it is stopped.
    pub(super) fn end_in_phase(&mut self, place: usize) {
        let (Some(phase), Some(group)) = (&self.phase, self.groups.get(place)) else { return };
        if group.state != State::Running || phase.ended.iter().any(|(id, ..)| *id == group.id) {
            return;
        }
        let figures = figures(group, phase, self.kernel.now);
        let at = group.workers.iter().find_map(|worker| self.kernel.held_cgroup(worker.pid));
        let ended = (group.id, at.and_then(|at| self.path_below_run(at)), figures);
        if let Some(phase) = &mut self.phase {
            phase.ended.push(ended);
        }
    }

    /// The path of a cgroup of the run; `None` of one outside.
    fn path_below_run(&self, id: CgroupId) -> Option<String> {
        let (path, run) = (self.kernel.path_of(id), self.kernel.path_of(self.run?));
        path.strip_prefix(&run).and_then(|below| below.strip_prefix('/')).map(str::to_owned)
    }

    pub(super) fn hand_phase_over(&mut self, each: &mut dyn FnMut(GroupId, Placement<'_>, &GroupPhase)) {
        (0..self.groups.len()).for_each(|place| self.end_in_phase(place));
        let Some(mut phase) = self.phase.take() else { return };
        phase.ended.sort_by_key(|(id, ..)| *id);
        for (id, at, figures) in &phase.ended {
            each(*id, Placement::from(at.as_deref()), figures);
        }
    }
}

fn figures(group: &Group, phase: &PhaseOn, now: u64) -> GroupPhase {
    let before = phase.began.iter().find(|(id, _)| *id == group.id).map(|(_, workers)| workers);
    let mut figures = GroupPhase::default();
    for (number, worker) in group.workers.iter().enumerate() {
        let before = before.and_then(|workers| workers.get(number));
        let from = before.map_or(worker.started_at(), |_| phase.at);
        let window_ns = now.saturating_sub(from);
        let one = worker.since(before, &group.demand);
        figures.add(&GroupPhase { window_ns, max_gap_ns: one.max_gap_ns.min(window_ns), ..one });
    }
    figures
}
