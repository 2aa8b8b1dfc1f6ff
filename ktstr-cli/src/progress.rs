//! One line that says what is being done, on a terminal only.

use crate::output::status;
use ktstr_core::{
    Action, Asked, CheckResult, Event, Evidence, GroupId, GroupPhase, Notice, Observer, Payload, PayloadEnd,
    PayloadId, Phase, Placement, Scheduler, SchedulerEnd, Site, WorkerReport,
};
use ktstr_file::report::terminal::harmless_line;
use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// How often the line changes at most, so that fast actions do not wait for the terminal.
const PAUSE: Duration = Duration::from_millis(50);

/// Shows the action under way and passes everything on.
pub(crate) struct Progress<O> {
    inner: O,
    shows: bool,
    shown_at: Option<Instant>,
}

impl<O> Progress<O> {
    /// Shows progress on standard error if that is a terminal.
    pub(crate) fn new(inner: O) -> Self {
        Self { inner, shows: std::io::stderr().is_terminal(), shown_at: None }
    }

    /// Takes the line away.
    pub(crate) fn into_inner(self) -> O {
        if self.shown_at.is_some() {
            status("");
        }
        self.inner
    }

    fn show(&mut self, site: Site, action: &Action<'_>) {
        let waits = matches!(action, Action::Hold { .. } | Action::WaitPayload { .. });
        let recent = self.shown_at.is_some_and(|at| at.elapsed() < PAUSE);
        if !self.shows || (recent && !waits) {
            return;
        }
        let line: String = harmless_line(&format!("{site}  {action}")).chars().take(78).collect();
        status(&line);
        self.shown_at = Some(Instant::now());
    }
}

impl<'a, O: Observer<'a>> Observer<'a> for Progress<O> {
    fn before(&mut self, site: Site, action: &Action<'a>) {
        self.show(site, action);
        self.inner.before(site, action);
    }

    fn wants_phases(&self) -> bool {
        self.inner.wants_phases()
    }

    fn phase(&mut self, phase: &Phase<'a>) {
        self.inner.phase(phase);
    }

    fn phase_group(&mut self, phase: &Phase<'a>, group: GroupId, at: Placement<'_>, figures: &GroupPhase) {
        self.inner.phase_group(phase, group, at, figures);
    }

    fn evidence(&mut self, asked: &Asked<'_, 'a>, piece: &Evidence<'_>) {
        self.inner.evidence(asked, piece);
    }

    fn notice(&mut self, asked: &Asked<'_, 'a>, at: Duration, notice: &Notice<'_>) {
        self.inner.notice(asked, at, notice);
    }

    fn event(&mut self, event: &Event<'_, 'a>) {
        self.inner.event(event);
    }

    fn worker(&mut self, group: GroupId, at: Placement<'a>, worker: u32, report: &WorkerReport) {
        self.inner.worker(group, at, worker, report);
    }

    fn payload(&mut self, id: PayloadId, payload: &'a Payload<'a>, at: Placement<'a>, end: &PayloadEnd) {
        self.inner.payload(id, payload, at, end);
    }

    fn scheduler(&mut self, scheduler: &'a Scheduler<'a>, end: &SchedulerEnd) {
        self.inner.scheduler(scheduler, end);
    }

    fn check(&mut self, result: &CheckResult<'a>) {
        self.inner.check(result);
    }

    fn leftover(&mut self, path: &'a str) {
        self.inner.leftover(path);
    }
}
