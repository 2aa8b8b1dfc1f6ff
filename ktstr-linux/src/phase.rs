//! The phase of a run that is on: what its workers had done when it began, and what the groups did in it that
//! were asked to stop meanwhile.

use crate::backend::{LinuxBackend, Workers};
use crate::worker::Reading;
use ktstr_core::{GroupId, GroupPhase, Placement};
use std::collections::BTreeMap;

/// A phase that is on.
#[derive(Default)]
pub(crate) struct PhaseOn {
    began: BTreeMap<u32, Reading>,
    ended: BTreeMap<u32, (Option<String>, GroupPhase)>,
}

impl LinuxBackend {
    pub(crate) fn read_phase(&mut self) {
        let live = self.groups.iter().filter_map(|(id, workers)| match workers {
            Workers::Live(group) if group.is_started() => Some((*id, group.read_counters())),
            Workers::Live(_) | Workers::Stopped(_) => None,
        });
        self.phase = Some(PhaseOn { began: live.collect(), ended: BTreeMap::new() });
    }

    /// Takes down what a group did in the phase, before it is asked to stop.
    pub(crate) fn end_in_phase(&mut self, id: GroupId) {
        let (Some(phase), Some(Workers::Live(group))) = (&mut self.phase, self.groups.get(&id.0)) else {
            return;
        };
        if group.is_started() && !phase.ended.contains_key(&id.0) {
            let at = group.placement().cgroup().map(str::to_owned);
            phase.ended.insert(id.0, (at, group.since(phase.began.get(&id.0))));
        }
    }

    pub(crate) fn hand_phase_over(&mut self, each: &mut dyn FnMut(GroupId, Placement<'_>, &GroupPhase)) {
        let ids: Vec<u32> = self.groups.keys().copied().collect();
        ids.into_iter().for_each(|id| self.end_in_phase(GroupId(id)));
        let Some(phase) = self.phase.take() else { return };
        for (id, (at, figures)) in &phase.ended {
            each(GroupId(*id), Placement::from(at.as_deref()), figures);
        }
    }
}
