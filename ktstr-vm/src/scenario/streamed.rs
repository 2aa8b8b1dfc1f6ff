//! Listens to a run in a guest: keeps all of it for the report, and sends each event to the host before the
//! next action that is no hold, for the report of a kernel that ends before there is one.

use crate::guest::progress::Progress;
use ktstr_core::{
    Action, Asked, CheckResult, Event, Evidence, GroupId, Notice, Observer, Payload, PayloadEnd, PayloadId,
    Placement, Scheduler, SchedulerEnd, Site, WorkerReport,
};
use ktstr_file::report::{EventEntry, Recorder};
use std::time::Duration;

/// A recorder whose events reach the host as they come.
pub(super) struct Streamed {
    recorder: Recorder,
    progress: Option<Progress>,
    sent: usize,
}

impl Streamed {
    /// Nothing was heard yet.
    pub(super) fn new() -> Self {
        Self { recorder: Recorder::new(), progress: Progress::of_child(), sent: 0 }
    }

    /// What was heard.
    pub(super) fn into_recorder(self) -> Recorder {
        self.recorder
    }

    fn send(&mut self) {
        let fresh = self.recorder.events().get(self.sent..).unwrap_or_default();
        self.sent += fresh.len();
        if let Some(progress) = &mut self.progress {
            fresh.iter().filter_map(|event| serde_json::to_vec(event).ok()).for_each(|it| progress.send(it));
        }
    }
}

/// The events in what a guest has sent, up to the first piece that is none or is out of turn.
pub(super) fn events(progress: &[Vec<u8>]) -> Vec<EventEntry> {
    let events = progress.iter().map_while(|piece| serde_json::from_slice::<EventEntry>(piece).ok());
    events.zip(0..).map_while(|(event, seq)| (event.seq == seq).then_some(event)).collect()
}

impl<'a> Observer<'a> for Streamed {
    fn before(&mut self, site: Site, action: &Action<'a>) {
        // What the sending takes counts to the action that follows, and a hold is to be as long as was asked.
        if !matches!(action, Action::Hold { .. }) {
            self.send();
        }
        self.recorder.before(site, action);
    }

    fn evidence(&mut self, asked: &Asked<'_, 'a>, piece: &Evidence<'_>) {
        self.recorder.evidence(asked, piece);
    }

    fn notice(&mut self, asked: &Asked<'_, 'a>, at: Duration, notice: &Notice<'_>) {
        self.recorder.notice(asked, at, notice);
    }

    fn event(&mut self, event: &Event<'_, 'a>) {
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
    use ktstr_file::report::{ActionEntry, OutcomeEntry};

    fn piece(seq: u32) -> Vec<u8> {
        let (site, action, outcome) = ("backdrop".to_owned(), ActionEntry::Start {}, OutcomeEntry::Done {});
        serde_json::to_vec(&EventEntry { seq, at_ns: 7, site, action, outcome }).unwrap()
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
            assert_eq!(events(&pieces).len(), taken, "{pieces:?}");
        }
    }
}
