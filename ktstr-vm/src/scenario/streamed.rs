//! Listens to a run in a guest: keeps all of it for the report, and sends each event, and what the workers of
//! each group have measured, to the host before the next action that is no hold: for the report of a kernel
//! that ends before there is one.

use crate::guest::progress::Progress;
use crate::guest::trace::now_ns;
use ktstr_core::{
    Action, Asked, CheckResult, Event, Evidence, GroupId, GroupPhase, Notice, Observer, Payload, PayloadEnd,
    PayloadId, Phase, Placement, Scheduler, SchedulerEnd, Site, WorkerReport,
};
use ktstr_file::report::{CgroupEntry, EventEntry, GroupEntry, Recorder};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What a group has measured, with its cgroup as it is known then, and of its workers those of the group.
#[derive(Debug, Serialize, Deserialize)]
struct Measured {
    group: GroupEntry,
    cgroup: CgroupEntry,
}

/// A piece of what a guest sends.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Piece {
    Event(Box<EventEntry>),
    Measured(Box<Measured>),
}

/// A recorder whose events reach the host as they come.
pub(super) struct Streamed {
    recorder: Recorder,
    progress: Option<Progress>,
    sent: usize,
    sent_groups: usize,
    /// When the run began, by the kernel's monotonic clock; 0 before.
    pub(super) began_ns: u64,
}

impl Streamed {
    /// Nothing was heard yet; what will be is sent, in a guest's child.
    pub(super) fn sending() -> Self {
        Self { progress: Progress::of_child(), ..Self::silent() }
    }

    /// Nothing was heard yet, and nothing is sent.
    pub(super) fn silent() -> Self {
        Self { recorder: Recorder::new(), progress: None, sent: 0, sent_groups: 0, began_ns: 0 }
    }

    /// What was heard.
    pub(super) fn into_recorder(self) -> Recorder {
        self.recorder
    }

    /// Sends what is new; of groups only those that are collected in full.
    fn send(&mut self, collects: bool) {
        let Some(progress) = &mut self.progress else { return };
        let fresh = self.recorder.events().get(self.sent..).unwrap_or_default();
        self.sent += fresh.len();
        fresh.iter().filter_map(|event| serde_json::to_vec(event).ok()).for_each(|it| progress.send(it));
        if collects {
            return;
        }
        let groups = self.recorder.groups().get(self.sent_groups..).unwrap_or_default();
        self.sent_groups += groups.len();
        for group in groups {
            let Some(mut cgroup) = self.recorder.cgroup_so_far(&group.cgroup) else { continue };
            cgroup.workers.retain(|worker| worker.group == group.group);
            let measured = serde_json::to_vec(&Measured { group: group.clone(), cgroup });
            measured.into_iter().for_each(|piece| progress.send(piece));
        }
    }
}

/// What was heard of a run that came to no report.
#[derive(Debug, Default)]
pub(super) struct Heard {
    pub(super) events: Vec<EventEntry>,
    pub(super) groups: Vec<GroupEntry>,
    pub(super) cgroups: Vec<CgroupEntry>,
}

impl Heard {
    /// Takes in what is known of a cgroup by now: the sums are of all its workers so far.
    fn add(&mut self, cgroup: CgroupEntry) {
        match self.cgroups.iter_mut().find(|known| known.path == cgroup.path) {
            None => self.cgroups.push(cgroup),
            Some(known) => {
                let workers = known.workers.drain(..).chain(cgroup.workers).collect();
                *known = CgroupEntry { workers, ..cgroup };
            }
        }
    }
}

/// What a guest has sent, up to the first piece that is nothing of this or an event out of turn.
pub(super) fn heard(progress: &[Vec<u8>]) -> Heard {
    let mut heard = Heard::default();
    for piece in progress {
        match serde_json::from_slice(piece) {
            Ok(Piece::Event(event)) if event.seq as usize == heard.events.len() => heard.events.push(*event),
            Ok(Piece::Measured(measured)) => {
                heard.groups.push(measured.group);
                heard.add(measured.cgroup);
            }
            Ok(Piece::Event(_)) | Err(_) => break,
        }
    }
    heard
}

impl<'a> Observer<'a> for Streamed {
    fn before(&mut self, site: Site, action: &Action<'a>) {
        // What the sending takes counts to the action that follows, and a hold is to be as long as was asked.
        if !matches!(action, Action::Hold { .. }) {
            self.send(matches!(action, Action::Collect { .. }));
        }
        self.recorder.before(site, action);
    }

    fn wants_phases(&self) -> bool {
        self.recorder.wants_phases()
    }

    fn phase(&mut self, phase: &Phase<'a>) {
        self.recorder.phase(phase);
    }

    fn phase_group(&mut self, phase: &Phase<'a>, group: GroupId, at: Placement<'_>, figures: &GroupPhase) {
        self.recorder.phase_group(phase, group, at, figures);
    }

    fn evidence(&mut self, asked: &Asked<'_, 'a>, piece: &Evidence<'_>) {
        self.recorder.evidence(asked, piece);
    }

    fn notice(&mut self, asked: &Asked<'_, 'a>, at: Duration, notice: &Notice<'_>) {
        self.recorder.notice(asked, at, notice);
    }

    fn event(&mut self, event: &Event<'_, 'a>) {
        // The times of a run are counted from its first event.
        if self.began_ns == 0 {
            self.began_ns = now_ns();
        }
        self.recorder.event(event);
    }

    fn worker(&mut self, group: GroupId, at: Placement<'a>, worker: u32, report: &WorkerReport) {
        self.recorder.worker(group, at, worker, report);
    }

    fn payload(&mut self, id: PayloadId, payload: &'a Payload<'a>, at: Placement<'a>, end: &PayloadEnd) {
        self.recorder.payload(id, payload, at, end);
    }

    fn scheduler(&mut self, scheduler: &'a Scheduler<'a>, end: &SchedulerEnd) {
        self.recorder.scheduler(scheduler, end);
    }

    fn check(&mut self, result: &CheckResult<'a>) {
        self.recorder.check(result);
    }

    fn leftover(&mut self, path: &'a str) {
        self.recorder.leftover(path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ktstr_file::report::{ActionEntry, OutcomeEntry, WorkerEntry};

    fn piece(seq: u32) -> Vec<u8> {
        let (site, action, outcome) = ("backdrop".to_owned(), ActionEntry::Start {}, OutcomeEntry::Done {});
        serde_json::to_vec(&EventEntry { seq, at_ns: 7, site, action, outcome }).unwrap()
    }

    #[test]
    fn measurements_are_taken_between_events_and_those_of_a_cgroup_come_together() {
        let measured = |group, workers| {
            let group = GroupEntry { group, cgroup: "a".to_owned(), workers, ..GroupEntry::default() };
            let worker = WorkerEntry { pid: workers, ..WorkerEntry::default() };
            let (path, created) = ("a".to_owned(), workers);
            let cgroup = CgroupEntry { path, created, workers: vec![worker], ..CgroupEntry::default() };
            serde_json::to_vec(&Measured { group, cgroup }).unwrap()
        };
        let found = heard(&[piece(0), measured(0, 1), piece(1), measured(1, 2), b"{}".to_vec(), piece(2)]);
        assert_eq!((found.events.len(), found.groups.len(), found.cgroups.len()), (2, 2, 1));
        let pids: Vec<_> = found.cgroups[0].workers.iter().map(|worker| worker.pid).collect();
        assert_eq!((found.groups[1].workers, found.cgroups[0].created, pids), (2, 2, vec![1, 2]));
    }

    #[test]
    fn events_are_taken_in_their_order_and_up_to_what_is_none() {
        for (pieces, taken) in [
            (vec![], 0),
            (vec![piece(0), piece(1)], 2),
            (vec![piece(0), b"no event".to_vec(), piece(1)], 1),
            (vec![piece(0), piece(0)], 1),
            (vec![piece(1)], 0),
            (vec![Vec::new()], 0),
        ] {
            assert_eq!(heard(&pieces).events.len(), taken, "{pieces:?}");
        }
    }
}
