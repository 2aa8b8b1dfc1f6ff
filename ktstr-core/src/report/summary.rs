//! What a run comes to, in short. The long form is what an [`Observer`](crate::execute::observer::Observer)
//! heard.

use crate::execute::fault::Fault;
use crate::judge::verdict::Verdict;
use crate::model::needs::Lack;
use crate::model::site::Site;
use core::time::Duration;
use serde::Serialize;

/// The end of a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The worst of all judgements; `Fail` when something went wrong on the way, at least `Inconclusive` when
    /// that was an interruption or a lack of the environment
    /// ([`FaultKind::is_environment`](crate::execute::fault::FaultKind::is_environment)).
    pub verdict: Verdict,
    /// Why the scenario was skipped: what it needs and the machine lacks. Nothing was made then.
    pub lack: Option<Lack>,
    /// The first thing that went wrong, and where.
    pub error: Option<(Site, Fault)>,
    /// Actions carried out or tried.
    pub actions: u32,
    /// Judgements made.
    pub checks: u32,
    /// Judgements that failed.
    pub failed: u32,
    /// Things that teardown could not remove; the observer heard which.
    pub leftovers: u32,
    /// From the first action to the last, by the backend's clock.
    pub elapsed: Duration,
}

impl Report {
    /// Of a run in which nothing has happened yet.
    pub const NOTHING: Self = Self {
        verdict: Verdict::Skip,
        lack: None,
        error: None,
        actions: 0,
        checks: 0,
        failed: 0,
        leftovers: 0,
        elapsed: Duration::ZERO,
    };

    /// Of a scenario that needs what the machine lacks.
    pub(crate) const fn skipped(lack: Lack) -> Self {
        Self { lack: Some(lack), ..Self::NOTHING }
    }
}
