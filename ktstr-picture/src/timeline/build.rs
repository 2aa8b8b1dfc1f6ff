//! A timeline out of the events of a report, gone through once in their order.

use super::books::{Books, turn};
use super::inherited::{self, Find, is_within};
use super::{Mark, Span, Timeline, gaps};
use ktstr_core::CpuSet;
use ktstr_file::ScenarioFile;
use ktstr_file::report::{ActionEntry, EventEntry, NoticeKind, OutcomeEntry, RunReport};
use std::collections::BTreeMap;

pub(super) fn timeline(report: &RunReport) -> Timeline {
    let last = report.events.last().map_or(0, |event| event.at_ns);
    let end_ns = report.elapsed_ns.max(last);
    let mut builder =
        Builder { machine: report.topology.cpus.parse().unwrap_or_default(), ..Builder::default() };
    for notice in &report.notices {
        if let NoticeKind::PayloadEnded { payload, .. } = notice.notice {
            builder.ended_early.entry(payload).or_insert(notice.at_ns);
        }
    }
    for event in &report.events {
        builder.event(event);
    }
    builder.payloads_until(end_ns);
    let mut timeline = builder.finish(end_ns);
    timeline.phases = phases(report);
    timeline.schedulers = report
        .schedulers
        .iter()
        .filter_map(|scheduler| {
            let window = scheduler.window?;
            let end = scheduler.exit.as_deref().unwrap_or("end not known");
            let label = format!("{}: {end}", scheduler.name);
            Some(Span { from_ns: window.start_ns, to_ns: window.end_ns.max(window.start_ns), label })
        })
        .collect();
    timeline.notices = report
        .notices
        .iter()
        .map(|entry| Mark {
            at_ns: entry.at_ns,
            site: String::new(),
            label: entry.notice.to_string(),
            failed: false,
        })
        .collect();
    timeline.gaps = gaps::gaps(report);
    timeline
}

/// The parts of a run, from where its events say they come: what follows each other and has one name.
fn phases(report: &RunReport) -> Vec<Span> {
    let file = report.scenario_toml.parse::<ScenarioFile>().ok();
    let name = |step: usize| file.as_ref()?.scenario().steps.get(step)?.name.map(str::to_owned);
    let mut phases: Vec<Span> = Vec::new();
    let mut before = 0;
    for event in &report.events {
        let label = phase_name(&event.site, name);
        match phases.last_mut() {
            Some(last) if last.label == label => last.to_ns = event.at_ns.max(last.to_ns),
            _ => phases.push(Span { from_ns: before, to_ns: event.at_ns.max(before), label }),
        }
        before = event.at_ns.max(before);
    }
    phases
}

/// What the part of a run is called that a site belongs to; steps count from 0, as in sites, and have the
/// names of the scenario.
fn phase_name(site: &str, name: impl Fn(usize) -> Option<String>) -> String {
    let first = site.split('.').next().unwrap_or_default();
    match first.strip_prefix("steps[").and_then(|rest| rest.strip_suffix(']')) {
        Some(number) => match number.parse().ok().and_then(name) {
            Some(name) => format!("step {number}: {name}"),
            None => format!("step {number}"),
        },
        None if first == "teardown" => "teardown".to_owned(),
        None => "backdrop".to_owned(),
    }
}

/// Where a group of workers is, how many they are, and whether they run.
struct Group {
    cgroup: String,
    workers: u32,
    runs: bool,
}

#[derive(Default)]
struct Builder {
    machine: CpuSet,
    cgroups: Vec<Books>,
    index: BTreeMap<String, usize>,
    groups: BTreeMap<u32, Group>,
    /// The payloads that run, with their cgroup, their name and when they were started.
    payloads: BTreeMap<u32, (String, String, u64)>,
    ended_early: BTreeMap<u32, u64>,
    ops: Vec<Mark>,
}

impl Find for Builder {
    fn find(&self, path: &str) -> Option<&Books> {
        self.index.get(path).map(|at| &self.cgroups[*at])
    }
}

impl Builder {
    fn books(&mut self, path: &str) -> &mut Books {
        let next = self.cgroups.len();
        let at = *self.index.entry(path.to_owned()).or_insert(next);
        if at == next {
            let mut books = Books::default();
            books.lanes.path = path.to_owned();
            self.cgroups.push(books);
        }
        &mut self.cgroups[at]
    }

    fn event(&mut self, event: &EventEntry) {
        let failed = matches!(event.outcome, OutcomeEntry::Failed { .. });
        if failed || is_op(&event.action) {
            let label = match failed {
                true => format!("{} -> {}", event.action, event.outcome),
                false => event.action.to_string(),
            };
            self.ops.push(Mark { at_ns: event.at_ns, site: event.site.clone(), label, failed });
        }
        if !failed {
            self.took_effect(&event.action, &event.outcome, event.at_ns);
        }
    }

    fn took_effect(&mut self, action: &ActionEntry, outcome: &OutcomeEntry, at_ns: u64) {
        match action {
            ActionEntry::CreateCgroup { cgroup } => {
                let books = self.books(cgroup);
                turn(&mut books.lanes.lives, &mut books.life, at_ns, Some("there".to_owned()));
                self.inherit(cgroup, at_ns);
            }
            ActionEntry::RemoveCgroup { cgroup } => self.books(cgroup).close(at_ns),
            ActionEntry::Write { cgroup, file, value } if file == "cpuset.cpus" => {
                self.books(cgroup).own_cpus = (!value.is_empty()).then(|| value.clone());
                self.inherit(cgroup, at_ns);
            }
            ActionEntry::Write { cgroup, file, value } => self.books(cgroup).write(file, value, at_ns),
            ActionEntry::Freeze { cgroup } => self.freeze(cgroup, true, at_ns),
            ActionEntry::Thaw { cgroup } => self.freeze(cgroup, false, at_ns),
            ActionEntry::Spawn { group, cgroup, workers, .. } => {
                let new = Group { cgroup: cgroup.clone(), workers: *workers, runs: false };
                self.groups.insert(*group, new);
            }
            ActionEntry::Start {} => self.start(at_ns),
            ActionEntry::Move { group, cgroup } => self.move_group(*group, cgroup, at_ns),
            ActionEntry::AskToStop { group } | ActionEntry::Stop { group } => self.stop(*group, at_ns),
            ActionEntry::StartPayload { payload, name, cgroup } => {
                self.payloads.insert(*payload, (cgroup.clone(), name.clone(), at_ns));
            }
            ActionEntry::WaitPayload { payload, .. } | ActionEntry::KillPayload { payload, .. } => {
                if let OutcomeEntry::Ended { exit_code, signal } = outcome {
                    let how = match (exit_code, signal) {
                        (Some(code), _) => format!("exit {code}"),
                        (None, Some(signal)) => format!("signal {signal}"),
                        (None, None) => "ended".to_owned(),
                    };
                    self.payload_ended(*payload, at_ns, &how);
                }
            }
            ActionEntry::KillCgroup { cgroup } => self.kill(cgroup, at_ns),
            ActionEntry::Hold { .. }
            | ActionEntry::Collect { .. }
            | ActionEntry::EndCpuWatch { .. }
            | ActionEntry::BeginCpuWatch { .. }
            | ActionEntry::ReadMetric { .. }
            | ActionEntry::ReadOutput { .. }
            | ActionEntry::KillRemaining { .. }
            | ActionEntry::Prepare { .. }
            | ActionEntry::Finish {}
            | ActionEntry::EnableControllers { .. }
            | ActionEntry::SetAffinity { .. }
            | ActionEntry::WriteFile { .. }
            | ActionEntry::Reclaim { .. }
            | ActionEntry::SetNice { .. }
            | ActionEntry::SetSchedPolicy { .. }
            | ActionEntry::ReadProcs { .. }
            | ActionEntry::NoteFile { .. }
            | ActionEntry::CheckFile { .. }
            | ActionEntry::SteerIrq { .. }
            | ActionEntry::RestoreIrq { .. }
            | ActionEntry::AttachScheduler { .. }
            | ActionEntry::DetachScheduler { .. } => {}
        }
    }

    /// Ends the groups of a cgroup and of all below it.
    fn kill(&mut self, top: &str, at_ns: u64) {
        let killed = self.groups.iter().filter(|(_, group)| is_within(&group.cgroup, top));
        let killed: Vec<u32> = killed.map(|(&group, _)| group).collect();
        for group in killed {
            self.stop(group, at_ns);
        }
    }

    /// Notes what a cgroup, and all below it, have from above.
    fn inherit(&mut self, top: &str, at_ns: u64) {
        let concerned: Vec<_> = self
            .index
            .range(top.to_owned()..)
            .take_while(|(path, _)| path.starts_with(top))
            .filter(|(path, _)| is_within(path, top))
            .collect();
        let now: Vec<_> = concerned
            .into_iter()
            .map(|(path, at)| {
                let cpus = inherited::cpus_in_force(self, path, &self.machine);
                let cpus = (cpus != self.machine || self.cgroups[*at].own_cpus.is_some()).then_some(cpus);
                (*at, cpus, inherited::frozen_by(self, path))
            })
            .collect();
        for (at, cpus, frozen) in now {
            inherited::note(&mut self.cgroups[at], at_ns, cpus, frozen);
        }
    }

    fn freeze(&mut self, cgroup: &str, is_frozen: bool, at_ns: u64) {
        self.books(cgroup).is_frozen = is_frozen;
        self.inherit(cgroup, at_ns);
    }

    fn start(&mut self, at_ns: u64) {
        let waiting: Vec<_> = self
            .groups
            .values_mut()
            .filter(|group| !group.runs)
            .map(|group| {
                group.runs = true;
                (group.cgroup.clone(), i64::from(group.workers))
            })
            .collect();
        for (cgroup, workers) in waiting {
            self.books(&cgroup).count(workers, at_ns);
        }
    }

    fn move_group(&mut self, group: u32, to: &str, at_ns: u64) {
        let Some(known) = self.groups.get_mut(&group) else { return };
        let from = std::mem::replace(&mut known.cgroup, to.to_owned());
        if known.runs {
            let workers = i64::from(known.workers);
            self.books(&from).count(-workers, at_ns);
            self.books(to).count(workers, at_ns);
        }
    }

    fn stop(&mut self, group: u32, at_ns: u64) {
        if let Some(known) = self.groups.remove(&group).filter(|known| known.runs) {
            self.books(&known.cgroup).count(-i64::from(known.workers), at_ns);
        }
    }

    fn payload_ended(&mut self, payload: u32, at_ns: u64, how: &str) {
        let Some((cgroup, name, from_ns)) = self.payloads.remove(&payload) else { return };
        let to_ns = self.ended_early.get(&payload).copied().unwrap_or(at_ns).max(from_ns);
        let span = Span { from_ns, to_ns, label: format!("{name}: {how}") };
        self.books(&cgroup).lanes.payloads.push(span);
    }

    /// Ends the payloads of a run that ended before they did.
    fn payloads_until(&mut self, end_ns: u64) {
        let left: Vec<_> = self.payloads.keys().copied().collect();
        for payload in left {
            self.payload_ended(payload, end_ns, "not ended");
        }
    }

    fn finish(mut self, end_ns: u64) -> Timeline {
        for books in &mut self.cgroups {
            books.close(end_ns);
        }
        let cgroups = self.cgroups.into_iter().map(|books| books.lanes).collect();
        Timeline { end_ns, ops: self.ops, cgroups, ..Timeline::default() }
    }
}

/// Whether an action is worth a mark: not what lets time pass or only looks.
fn is_op(action: &ActionEntry) -> bool {
    match action {
        ActionEntry::Hold { .. }
        | ActionEntry::Collect { .. }
        | ActionEntry::Stop { .. }
        | ActionEntry::EndCpuWatch { .. }
        | ActionEntry::BeginCpuWatch { .. }
        | ActionEntry::ReadMetric { .. }
        | ActionEntry::ReadOutput { .. }
        | ActionEntry::KillRemaining { .. }
        | ActionEntry::Prepare { .. }
        | ActionEntry::Finish {} => false,
        ActionEntry::CreateCgroup { .. }
        | ActionEntry::EnableControllers { .. }
        | ActionEntry::Write { .. }
        | ActionEntry::Spawn { .. }
        | ActionEntry::Start {}
        | ActionEntry::SetAffinity { .. }
        | ActionEntry::Move { .. }
        | ActionEntry::AskToStop { .. }
        | ActionEntry::StartPayload { .. }
        | ActionEntry::WaitPayload { .. }
        | ActionEntry::KillPayload { .. }
        | ActionEntry::Freeze { .. }
        | ActionEntry::Thaw { .. }
        | ActionEntry::KillCgroup { .. }
        | ActionEntry::WriteFile { .. }
        | ActionEntry::Reclaim { .. }
        | ActionEntry::SetNice { .. }
        | ActionEntry::SetSchedPolicy { .. }
        | ActionEntry::ReadProcs { .. }
        | ActionEntry::NoteFile { .. }
        | ActionEntry::CheckFile { .. }
        | ActionEntry::SteerIrq { .. }
        | ActionEntry::RestoreIrq { .. }
        | ActionEntry::AttachScheduler { .. }
        | ActionEntry::DetachScheduler { .. }
        | ActionEntry::RemoveCgroup { .. } => true,
    }
}
