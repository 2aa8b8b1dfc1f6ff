//! An event of a run in the form that is carried: without what is borrowed from the scenario, but for the
//! path.

use crate::execute::action::ActionKind;
use crate::execute::observer::Event;
use crate::execute::outcome::Outcome;
use crate::model::placement::Placement;
use crate::model::site::Site;
use core::time::Duration;
use serde::{Deserialize, Serialize};

/// One action and what came of it. `P` is what holds the path: `&str` when it is written and when it is read
/// in place, any owned string when it has to outlive the bytes; the encoding is the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventRecord<P> {
    /// Its number, from 0.
    pub seq: u32,
    /// When the outcome was known, from the start of the run, by the backend's clock.
    pub at: Duration,
    /// What asked for it.
    pub site: Site,
    /// What was asked.
    pub action: ActionKind,
    /// The cgroup it was about, empty where there is none and for the runner's.
    pub path: P,
    /// What came of it.
    pub outcome: Outcome,
}

impl<'a> EventRecord<&'a str> {
    /// The record of an event.
    pub fn of(event: &Event<'_, 'a>) -> Self {
        Self {
            seq: event.seq,
            at: event.at,
            site: event.site,
            action: event.action.kind(),
            path: event.action.cgroup().map_or("", Placement::path),
            outcome: event.outcome.clone(),
        }
    }
}

impl<P> EventRecord<P> {
    /// The same record with its path held otherwise, as in `record.map_path(String::from)`.
    pub fn map_path<Q>(self, hold: impl FnOnce(P) -> Q) -> EventRecord<Q> {
        let Self { seq, at, site, action, path, outcome } = self;
        EventRecord { seq, at, site, action, path: hold(path), outcome }
    }
}
