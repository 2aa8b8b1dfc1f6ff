//! Watches a run and notes each promise that breaks, with the place. What it goes by is the scenario's text
//! and what the backend answered; it shares no code with validation, nor with the executor's tables.

pub use super::breach::Breach;
use super::meant::{Meant, meant};
use super::plan::{Plan, is_planned};
use super::shadow::{Life, Shadow};
use ktstr_core::{
    Action, ActionKind, Event, GroupId, HoldSpec, Observer, Op, Outcome, Part, Placement, Report, Scenario,
    SchedPolicy, Site, Step, Topology, WorkerEnd,
};
use std::time::Duration;

/// Most breaches that are noted of a run; the first are what matters.
const MOST: usize = 16;

/// Files by which a scenario would go past what an account is kept of.
const OWNED: [&str; 8] = [
    "cgroup.procs",
    "cgroup.threads",
    "cgroup.freeze",
    "cgroup.kill",
    "cgroup.subtree_control",
    "cgroup.type",
    "cpuset.cpus",
    "pids.max",
];

/// Watches one run.
#[derive(Debug)]
pub struct Oracle<'a> {
    scenario: &'a Scenario<'a>,
    topology: &'a Topology,
    shadow: Shadow<'a>,
    breaches: heapless::Vec<(Site, Breach), MOST>,
    plan: Plan<'a>,
    site: Option<Site>,
    /// Whether anything happened at the site so far.
    effect: bool,
    /// Cpusets written at the site.
    rewritten: heapless::Vec<&'a str, 2>,
    competing: usize,
    narrowed: usize,
    held: Duration,
    last_hold: Option<Site>,
    /// The last place of the scenario that had an action.
    last_planned: Option<Site>,
    /// The first step that has not begun.
    begun: u32,
}

impl<'a> Oracle<'a> {
    /// An oracle for one run of `scenario`.
    pub fn new(scenario: &'a Scenario<'a>, topology: &'a Topology) -> Self {
        Self {
            scenario,
            topology,
            shadow: Shadow::default(),
            breaches: heapless::Vec::new(),
            plan: Plan::new(scenario),
            site: None,
            effect: false,
            rewritten: heapless::Vec::new(),
            competing: 0,
            narrowed: 0,
            held: Duration::ZERO,
            last_hold: None,
            last_planned: None,
            begun: 0,
        }
    }

    /// What broke, in the order in which it did. To be called when the run is over, with what it came to.
    pub fn finish(&mut self, report: &Report) -> &[(Site, Breach)] {
        self.leave();
        let error = report.error.as_ref().map(|(site, _)| *site);
        if error
            .is_none_or(|site| !self.breaches.iter().any(|&(at, what)| (at, what) == (site, Breach::Failed)))
        {
            self.pass_rest(error);
        }
        &self.breaches
    }

    /// Goes through the places that had no action: to the end, or to the one where the executor itself gave
    /// up. What is found there came before whatever the teardown then met.
    fn pass_rest(&mut self, error: Option<Site>) {
        let planned = error.is_none_or(|site| is_planned(site) && self.last_planned != Some(site));
        let from = if planned { self.plan.clone().next() } else { error };
        let is_teardown = |site| match (from, site) {
            (None, _) => false,
            (Some(_), Site::Teardown) => true,
            (Some(Site::Step { step, .. }), Site::Step { step: at, part: Part::End }) => at >= step,
            (Some(_), Site::Step { part: Part::End, .. }) => true,
            _ => false,
        };
        let cut =
            self.breaches.iter().position(|&(site, _)| is_teardown(site)).unwrap_or(self.breaches.len());
        let teardown: heapless::Vec<_, MOST> = self.breaches.iter().skip(cut).copied().collect();
        self.breaches.truncate(cut);
        while let Some(site) = self.plan.next().filter(|&site| planned && error != Some(site)) {
            self.skipped(site);
        }
        match error {
            Some(site) => {
                self.begin_step(site);
                self.note(site, Breach::Failed);
            }
            None if self.scenario.steps.is_empty() => {}
            None => {
                self.begin_step(Site::Step { step: self.scenario.steps.len() as u32 - 1, part: Part::Whole })
            }
        }
        for (site, breach) in teardown {
            self.note(site, breach);
        }
    }

    fn note(&mut self, site: Site, breach: Breach) {
        if !self.breaches.contains(&(site, breach)) {
            let _ = self.breaches.push((site, breach));
        }
    }

    fn op_at(&self, site: Site) -> Option<&'a Op<'a>> {
        match site {
            Site::Backdrop(Part::Op(op)) => self.scenario.backdrop.ops.as_slice().get(op as usize),
            Site::Step { step, part: Part::Op(op) } => self.step(step)?.ops.get(op as usize),
            _ => None,
        }
    }

    fn meant_at(&self, site: Site) -> Meant<'a> {
        self.op_at(site).map_or(Meant::Else, meant)
    }

    /// Whether the operation at a place is expected to fail so.
    fn has_to_fail(&self, site: Site, errno: i32) -> bool {
        let expected = self.op_at(site).and_then(Op::expected_failure);
        expected.is_some_and(|expected| expected.number() == errno)
    }

    fn step(&self, step: u32) -> Option<&'a Step<'a>> {
        self.scenario.steps.get(step as usize)
    }

    /// The life of what is made at `site`.
    fn life_at(&self, site: Site, action: &Action<'_>) -> Life {
        let (until_removed, kept) = self.declared_at(site);
        match site {
            // What it starts lives as long as it does itself.
            Site::Step { .. } if kept => Life::UntilRemoved,
            Site::Step { step, .. } => Life::Step(step),
            _ if until_removed && action.kind() == ActionKind::CreateCgroup => Life::UntilRemoved,
            _ => Life::Scenario,
        }
    }

    /// Whether what is made at `site` is declared to live until it is removed, and to be kept.
    fn declared_at(&self, site: Site) -> (bool, bool) {
        if let Meant::Makes { until_removed, kept } = self.meant_at(site) {
            return (until_removed, kept);
        }
        let def = match site {
            Site::Backdrop(Part::Cgroup(index)) => self.scenario.backdrop.cgroups.get(index as usize),
            Site::Step { step, part: Part::Cgroup(index) } => {
                self.step(step).and_then(|step| step.setup.get(index as usize))
            }
            _ => None,
        };
        def.map_or((false, false), |def| (def.until_removed, def.kept))
    }

    /// The end of what was done at the last site.
    fn leave(&mut self) {
        let Some(site) = self.site.take() else { return };
        let meant = self.meant_at(site);
        let swapped_itself = matches!(meant, Meant::Swaps) && self.rewritten.len() == 1;
        if self.op_at(site).is_some() && (!self.effect || swapped_itself) {
            self.note(site, Breach::NoEffect);
        } else if let (Meant::Stops(cgroup), Site::Step { .. }) = (&meant, site)
            && self.shadow.cgroup(cgroup).is_some_and(|cgroup| cgroup.life == Life::Scenario)
        {
            self.note(site, Breach::EndedEarly);
        } else if let (Meant::Kills { cgroup, fails: false }, Site::Step { .. }) = (meant, site)
            && self.shadow.has_of_scenario(cgroup)
        {
            self.note(site, Breach::EndedEarly);
        }
    }

    fn arrive(&mut self, site: Site) {
        let holds = matches!(site, Site::Step { part: Part::Hold, .. });
        if self.site == Some(site) && !holds {
            return;
        }
        self.leave();
        self.begin_step(site);
        self.site = Some(site);
        self.effect = false;
        self.rewritten.clear();
        if !is_planned(site) {
            return;
        }
        self.last_planned = Some(site);
        while let Some(next) = self.plan.next() {
            if next == site {
                return;
            }
            self.skipped(next);
        }
    }

    /// Goes on to the step of `site`; notes each step on the way that should not be there.
    fn begin_step(&mut self, site: Site) {
        let Site::Step { step, .. } = site else { return };
        while self.begun <= step {
            let before =
                self.begun.checked_sub(1).and_then(|before| self.step(before)).map(|before| before.hold);
            let to_the_end = matches!(before, Some(HoldSpec::FULL | HoldSpec::Loop { .. }));
            if to_the_end && self.held >= self.scenario.duration {
                self.note(Site::Step { step: self.begun, part: Part::Whole }, Breach::PastEnd);
            }
            self.begun += 1;
        }
    }

    /// A place of the scenario was passed without an action.
    fn skipped(&mut self, site: Site) {
        self.begin_step(site);
        let breach = match site {
            Site::Step { part: Part::Hold, .. } => Breach::CutShort,
            _ => Breach::NoEffect,
        };
        // The end of the step may have been heard of already.
        let end = match site {
            Site::Step { step, .. } => Site::Step { step, part: Part::End },
            _ => Site::Teardown,
        };
        let is_end = |breach: &(Site, Breach)| breach.0 == end;
        let place = self.breaches.iter().position(is_end).unwrap_or(self.breaches.len());
        if !self.breaches.contains(&(site, breach)) {
            let _ = self.breaches.insert(place, (site, breach));
        }
    }

    fn ended(&mut self, site: Site, life: Life) {
        let meant = self.meant_at(site);
        let by_op =
            matches!(meant, Meant::Removes | Meant::Stops(_) | Meant::Kills { .. } | Meant::Ends { .. });
        let early = match (site, life) {
            (Site::Step { .. }, Life::Scenario) => true,
            (Site::Step { .. }, Life::UntilRemoved) => !by_op,
            (Site::Step { step, .. }, Life::Step(owner)) => step != owner,
            _ => false,
        };
        if early {
            self.note(site, Breach::EndedEarly);
        }
    }

    /// What a success means for the promises, before it is entered.
    fn judge_success(&mut self, site: Site, action: &Action<'a>, outcome: &Outcome) {
        match (*action, outcome) {
            (Action::RemoveCgroup { path }, _) => {
                if let Some(life) = self.shadow.cgroup(path).map(|cgroup| cgroup.life) {
                    self.ended(site, life);
                }
            }
            (Action::Stop { group }, _) => {
                if let Some(life) = self.group_life(group) {
                    self.ended(site, life);
                }
            }
            (Action::KillPayload { id, .. }, _) => {
                let asked = matches!(self.meant_at(site), Meant::Ends { .. });
                let life = self.shadow.payloads.iter().find(|tasks| tasks.id == id).map(|tasks| tasks.life);
                if let (Some(life), false) = (life, asked) {
                    self.ended(site, life);
                }
            }
            (Action::AttachScheduler { scheduler }, _) => {
                let replaces = matches!(self.meant_at(site), Meant::Replaces);
                if replaces && self.shadow.detached == Some(scheduler.name) {
                    self.note(site, Breach::NoEffect);
                }
            }
            (Action::WaitPayload { .. }, Outcome::TimedOut) => self.note(site, Breach::Hung),
            (Action::WriteFile { file, .. }, _) if OWNED.contains(&file) => self.note(site, Breach::Meddled),
            (Action::SetSchedPolicy { policy: SchedPolicy::Deadline { .. }, .. }, _) => {
                self.note(site, Breach::Meddled);
            }
            (Action::Collect { .. }, Outcome::Report(report))
                if report.end == WorkerEnd::Signalled(9)
                    && matches!(self.meant_at(site), Meant::Kills { .. }) => {}
            (Action::Collect { .. }, Outcome::Report(report)) if report.end != WorkerEnd::Stopped => {
                self.note(site, Breach::ReportLost);
            }
            (Action::CreateCgroup { .. }, _) => {
                let (until_removed, kept) = self.declared_at(site);
                let in_step = matches!(site, Site::Step { .. });
                if until_removed && in_step || kept && !in_step {
                    self.note(site, Breach::LifeMisdeclared);
                }
            }
            _ => {}
        }
    }

    fn group_life(&self, group: GroupId) -> Option<Life> {
        self.shadow.groups.iter().find(|tasks| tasks.id == group).map(|tasks| tasks.life)
    }

    /// What is true of the books after a success.
    fn judge_books(&mut self, site: Site, action: &Action<'a>) {
        if let Action::Move { group, to } = *action {
            match (to, self.shadow.life_of(to), self.group_life(group)) {
                (_, Some(there @ Life::Step(_)), Some(life)) if life > there => {
                    self.note(site, Breach::Stranded)
                }
                (Placement::RunnerCgroup, _, Some(_)) => self.note(site, Breach::Escaped),
                _ => {}
            }
        }
        if let Meant::Ends { name, cgroup: None } = self.meant_at(site)
            && self.shadow.payloads.iter().any(|tasks| tasks.name == name)
            && matches!(action.kind(), ActionKind::WaitPayload | ActionKind::KillPayload)
        {
            self.note(site, Breach::OneOfSeveral);
        }
        let (competing, narrowed) = (self.shadow.competing(), self.shadow.narrowed(self.topology));
        if competing > std::mem::replace(&mut self.competing, competing) {
            self.note(site, Breach::Competes);
        }
        if narrowed > std::mem::replace(&mut self.narrowed, narrowed) {
            self.note(site, Breach::Narrowed);
        }
    }

    fn judge_hold(&mut self, site: Site, length: Duration) {
        let Site::Step { step, .. } = site else { return };
        self.held += length;
        if self.held > self.scenario.duration {
            self.note(site, Breach::Overrun);
        }
        let first = self.last_hold.replace(site) != Some(site);
        let hold = self.step(step).map(|step| step.hold);
        if matches!(hold, Some(HoldSpec::Frac(fraction)) if fraction.is_infinite()) {
            self.note(site, Breach::CutShort);
        }
        let asked = match hold {
            Some(HoldSpec::Loop { interval }) if first => interval,
            Some(HoldSpec::Loop { .. }) | None => Duration::ZERO,
            Some(hold) => hold.length(self.scenario.duration, Duration::ZERO),
        };
        if length < asked {
            self.note(site, Breach::CutShort);
        }
    }
}

impl<'a> Observer<'a> for Oracle<'a> {
    fn before(&mut self, site: Site, _: &Action<'a>) {
        self.arrive(site);
    }

    fn event(&mut self, event: &Event<'_, 'a>) {
        let Event { site, action, outcome, .. } = *event;
        if let Outcome::Failed(fault) = outcome
            && self.has_to_fail(site, fault.errno)
        {
            self.effect = true;
            return;
        }
        if matches!(outcome, Outcome::Failed(_)) {
            self.effect = true;
            self.note(
                site,
                if action.kind() == ActionKind::Collect { Breach::ReportLost } else { Breach::Failed },
            );
            return;
        }
        self.judge_success(site, &action, outcome);
        if let Action::Write { path, .. } = action
            && !self.rewritten.contains(&path)
        {
            let _ = self.rewritten.push(path);
        }
        let timed_out = matches!(outcome, Outcome::TimedOut);
        let nothing_killed = matches!(outcome, Outcome::Killed { count: 0 });
        let life = self.life_at(site, &action);
        self.effect |= !timed_out && !nothing_killed && self.shadow.enter(&action, life);
        self.judge_books(site, &action);
        if let Action::Hold { length } = action {
            self.judge_hold(site, length);
        }
    }

    fn leftover(&mut self, _: &'a str) {
        let site = self.site.unwrap_or(Site::Teardown);
        self.note(site, Breach::Leftover);
    }
}
