//! Listens to a run and keeps what the report needs. What it writes depends on what it hears and on nothing
//! else.

use super::compared::{expected_ratio, figures};
use super::events::nanos;
use super::file_words::{expected_of, which_value};
use super::last_words::Words;
use super::permitted::permitted;
use super::scheduler::Said;
use super::{
    ActionEntry, CaptureEntry, CgroupEntry, CheckEntry, ErrorEntry, EventEntry, GroupEntry, LastWordsEntry,
    MetricEntry, NoticeEntry, NoticeKind, OutcomeEntry, OverrunEntry, PayloadEntry, PhaseEntry, RunReport,
    SchedulerEntry, TopologyEntry, UnmodelledEntry, VERSION, WindowEntry, WorkerEntry,
};
use crate::notes::{NoteEntry, notes};
use crate::render::toml::render_toml;
use ktstr_core::{
    Action, Asked, CheckResult, CpuSet, Event, Evidence, ExitStatus, GroupId, GroupPhase, Knob, Notice,
    Observer, Outcome, Payload, PayloadEnd, PayloadId, Phase, Placement, Polarity, Report, Scenario,
    Scheduler, SchedulerEnd, Site, Stream, Topology, Witness, WorkerReport,
};
use std::collections::BTreeMap;
use std::time::Duration;

/// A hold is too long when it takes longer than was asked for by more than one part in so many.
const OVERRUN_PART: u32 = 100;

/// What is known of a run before it begins.
#[derive(Debug, Clone, Copy)]
pub struct RunHead<'a> {
    /// The scenario.
    pub scenario: &'a Scenario<'a>,
    /// The backend's name.
    pub backend: &'a str,
    /// Why it runs there; empty when it was asked for.
    pub backend_reason: &'a str,
    /// What all draws start from.
    pub seed: u64,
    /// The machine.
    pub topology: &'a Topology,
}

/// What is known of a group before it is stopped.
#[derive(Debug, Default)]
struct Alive {
    work_type: &'static str,
    start_ns: Option<u64>,
    end_ns: Option<u64>,
    /// Its place in the groups of the report, once a worker of it has reported.
    entry: Option<usize>,
}

impl Alive {
    fn window(&self) -> Option<WindowEntry> {
        Some(WindowEntry { start_ns: self.start_ns?, end_ns: self.end_ns? })
    }
}

/// Keeps what a run says.
#[derive(Debug, Default)]
pub struct Recorder {
    checks: Vec<CheckEntry>,
    cgroups: Vec<(CgroupEntry, CpuSet)>,
    cgroup_index: BTreeMap<String, usize>,
    groups: Vec<GroupEntry>,
    alive: BTreeMap<GroupId, Alive>,
    phases: Vec<PhaseEntry>,
    payloads: Vec<PayloadEntry>,
    payload_index: BTreeMap<PayloadId, usize>,
    schedulers: Vec<SchedulerEntry>,
    captures: Vec<CaptureEntry>,
    events: Vec<EventEntry>,
    notices: Vec<NoticeEntry>,
    /// The evidence of the action under way: processes, the end of each stream, what is said of a scheduler.
    pids: Vec<u32>,
    stdout: Words,
    stderr: Words,
    said: Said,
    overruns: Vec<OverrunEntry>,
    /// When the last action had ended.
    before: Duration,
    unmodelled: Vec<UnmodelledEntry>,
    leftovers: Vec<String>,
}

impl Recorder {
    /// Has heard nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The events so far.
    pub fn events(&self) -> &[EventEntry] {
        &self.events
    }

    /// The groups of workers that have been stopped so far, the last of them perhaps not by all its workers.
    pub fn groups(&self) -> &[GroupEntry] {
        &self.groups
    }

    /// What is known of a cgroup so far.
    pub fn cgroup_so_far(&self, path: &str) -> Option<CgroupEntry> {
        let (entry, used) = &self.cgroups[*self.cgroup_index.get(path)?];
        Some(CgroupEntry { cpus_used: used.to_string(), ..entry.clone() })
    }

    /// The report of the run that was heard.
    pub fn finish(self, head: &RunHead<'_>, end: &Report) -> RunReport {
        let cgroups = self
            .cgroups
            .into_iter()
            .map(|(entry, used)| CgroupEntry { cpus_used: used.to_string(), ..entry });
        RunReport {
            version: VERSION,
            scenario: head.scenario.name.to_owned(),
            backend: head.backend.to_owned(),
            backend_reason: head.backend_reason.to_owned(),
            seed: head.seed,
            verdict: end.verdict,
            elapsed_ns: nanos(end.elapsed),
            skipped: end.lack.map(|lack| lack.to_string()),
            error: end.error.as_ref().map(|(site, fault)| ErrorEntry::within(head.scenario, *site, fault)),
            checks: self.checks,
            cgroups: cgroups.collect(),
            groups: self.groups,
            phases: self.phases.into_iter().map(PhaseEntry::finish).collect(),
            payloads: self.payloads,
            schedulers: self.schedulers,
            captures: self.captures,
            events: self.events,
            notices: self.notices,
            overruns: self.overruns,
            unmodelled: self.unmodelled,
            permitted: permitted(head.scenario, head.topology),
            notes: notes(head.scenario, Some(head.topology)).iter().map(NoteEntry::from).collect(),
            leftovers: self.leftovers,
            topology: TopologyEntry::of(head.topology),
            scenario_toml: render_toml(head.scenario),
            finding: None,
            vm: None,
            trace: None,
        }
    }

    fn cgroup(&mut self, path: &str) -> &mut (CgroupEntry, CpuSet) {
        let index = match self.cgroup_index.get(path) {
            Some(index) => *index,
            None => {
                let entry = CgroupEntry { path: path.to_owned(), ..CgroupEntry::default() };
                self.cgroups.push((entry, CpuSet::EMPTY));
                self.cgroup_index.insert(path.to_owned(), self.cgroups.len() - 1);
                self.cgroups.len() - 1
            }
        };
        &mut self.cgroups[index]
    }

    /// When groups were started and asked to stop.
    fn note_window(&mut self, action: &Action<'_>, at_ns: u64) {
        match *action {
            Action::Spawn { group, work, .. } => {
                let known = Alive { work_type: work.work_type.name(), ..Alive::default() };
                self.alive.insert(group, known);
            }
            Action::Start => {
                for known in self.alive.values_mut() {
                    known.start_ns.get_or_insert(at_ns);
                }
            }
            Action::AskToStop { group } | Action::Stop { group } => {
                if let Some(known) = self.alive.get_mut(&group) {
                    known.end_ns.get_or_insert(at_ns);
                }
            }
            Action::Prepare { .. }
            | Action::CreateCgroup { .. }
            | Action::EnableControllers { .. }
            | Action::Write { .. }
            | Action::SetAffinity { .. }
            | Action::Move { .. }
            | Action::EndCpuWatch { .. }
            | Action::BeginCpuWatch { .. }
            | Action::Collect { .. }
            | Action::StartPayload { .. }
            | Action::WaitPayload { .. }
            | Action::KillPayload { .. }
            | Action::ReadMetric { .. }
            | Action::ReadOutput { .. }
            | Action::Freeze { .. }
            | Action::Thaw { .. }
            | Action::KillCgroup { .. }
            | Action::WriteFile { .. }
            | Action::Reclaim { .. }
            | Action::SetNice { .. }
            | Action::SetSchedPolicy { .. }
            | Action::ReadProcs { .. }
            | Action::NoteFile { .. }
            | Action::CheckFile { .. }
            | Action::SteerIrq { .. }
            | Action::RestoreIrq { .. }
            | Action::AttachScheduler { .. }
            | Action::DetachScheduler { .. }
            | Action::Hold { .. }
            | Action::KillRemaining { .. }
            | Action::RemoveCgroup { .. }
            | Action::Finish => {}
        }
    }

    /// The entry of a group that is being stopped at `at`.
    fn group_entry(&mut self, group: GroupId, at: &str) -> &mut GroupEntry {
        let known = self.alive.entry(group).or_default();
        let index = *known.entry.get_or_insert(self.groups.len());
        if index == self.groups.len() {
            self.groups.push(GroupEntry {
                group: group.0,
                cgroup: at.to_owned(),
                work_type: known.work_type.to_owned(),
                window: known.window(),
                ..GroupEntry::default()
            });
        }
        &mut self.groups[index]
    }

    /// The CPUs on which a worker of a group was seen.
    fn cpus_of(&self, path: &str, group: GroupId, worker: u32) -> Option<String> {
        let (entry, _) = &self.cgroups[*self.cgroup_index.get(path)?];
        let is_it = |known: &&WorkerEntry| (known.group, known.worker) == (group.0, worker);
        entry.workers.iter().rev().find(is_it).map(|worker| worker.cpus_used.clone())
    }

    fn payload_entry(&mut self, id: PayloadId) -> Option<&mut PayloadEntry> {
        self.payload_index.get(&id).and_then(|index| self.payloads.get_mut(*index))
    }

    fn add_payload(&mut self, id: PayloadId, payload: &Payload<'_>, args: &[&str], at: Placement<'_>) {
        let all = payload.default_args.iter().chain(args).map(|arg| (*arg).to_owned());
        self.payload_index.insert(id, self.payloads.len());
        self.payloads.push(PayloadEntry {
            name: payload.name.to_owned(),
            binary: payload.binary.to_owned(),
            args: all.collect(),
            cgroup: at.path().to_owned(),
            metrics: payload.metrics.iter().map(|hint| metric(hint.name, hint.unit, hint.polarity)).collect(),
            ..PayloadEntry::default()
        });
    }

    /// Notes a hold that took too long: the time from the end of the action before it to its own.
    fn time_hold(&mut self, event: &Event<'_, '_>) {
        if let (Action::Hold { length }, Outcome::Done) = (event.action, event.outcome) {
            let took = event.at.saturating_sub(self.before);
            if took > length.saturating_add(length / OVERRUN_PART) {
                self.overruns.push(OverrunEntry {
                    site: event.site.to_string(),
                    asked_ns: nanos(length),
                    took_ns: nanos(took),
                });
            }
        }
        self.before = event.at;
    }

    fn noticed(&self, notice: &Notice<'_>) -> NoticeKind {
        match *notice {
            Notice::PayloadEnded { id, status } => {
                let known = self.payload_index.get(&id).and_then(|index| self.payloads.get(*index));
                let (exit_code, signal) = ending(status);
                NoticeKind::PayloadEnded {
                    payload: id.0,
                    name: known.map_or_else(String::new, |entry| entry.name.clone()),
                    cgroup: known.map_or_else(String::new, |entry| entry.cgroup.clone()),
                    exit_code,
                    signal,
                }
            }
            Notice::WorkerKilled { group, worker, pid, signal } => {
                NoticeKind::WorkerKilled { group: group.0, worker, pid, signal }
            }
            Notice::SchedulerLeft { name, exit, code, message, status } => {
                let (exit_code, signal) = status.map_or((None, None), ending);
                NoticeKind::SchedulerLeft {
                    name: name.to_owned(),
                    exit: exit.map(|exit| exit.word().to_owned()),
                    code: code.to_string(),
                    message: message.to_owned(),
                    exit_code,
                    signal,
                }
            }
            Notice::OomKilled { cgroup, count } => NoticeKind::OomKilled { cgroup: cgroup.to_owned(), count },
        }
    }

    fn add_last_words(&mut self, id: PayloadId) {
        let words = LastWordsEntry { stdout: self.stdout.take(), stderr: self.stderr.take() };
        if let Some(entry) = self.payload_entry(id) {
            entry.last_words = Some(words);
        }
    }

    /// Adds a scheduler that was to be attached, whether it got ready or not.
    fn attached(&mut self, scheduler: &Scheduler<'_>, is_ready: bool, at_ns: u64) {
        let mut entry = SchedulerEntry::of(scheduler);
        entry.hear(&mut self.said);
        entry.window = is_ready.then_some(WindowEntry { start_ns: at_ns, end_ns: at_ns });
        self.schedulers.push(entry);
    }

    /// Notes when the last scheduler was detached, and what was said of it.
    fn detached(&mut self, at_ns: u64) {
        let Some(entry) = self.schedulers.last_mut() else { return };
        entry.hear(&mut self.said);
        if let Some(window) = &mut entry.window {
            window.end_ns = at_ns;
        }
    }

    fn add_metric(&mut self, id: PayloadId, name: &str, value: Option<f64>) {
        let Some(entry) = self.payload_entry(id) else { return };
        let position = entry.metrics.iter().position(|metric| metric.name == name).unwrap_or_else(|| {
            entry.metrics.push(metric(name, "", Polarity::Unknown));
            entry.metrics.len() - 1
        });
        entry.metrics[position].value = value.filter(|value| value.is_finite());
    }
}

impl<'a> Observer<'a> for Recorder {
    fn wants_phases(&self) -> bool {
        true
    }

    fn phase(&mut self, phase: &Phase<'a>) {
        self.phases.push(PhaseEntry::of(phase));
    }

    fn phase_group(&mut self, _: &Phase<'a>, group: GroupId, at: Placement<'_>, figures: &GroupPhase) {
        if let Some(phase) = self.phases.last_mut() {
            phase.add(group, at, figures);
        }
    }

    fn before(&mut self, _: Site, _: &Action<'a>) {
        // What an action that failed had found before belongs to no other.
        self.pids.clear();
        (self.stdout, self.stderr) = (Words::default(), Words::default());
        self.said = Said::default();
    }

    fn evidence(&mut self, _: &Asked<'_, 'a>, piece: &Evidence<'_>) {
        match *piece {
            Evidence::Procs { pids } => self.pids.extend_from_slice(pids),
            Evidence::Output { stream: Stream::Stdout, cut, bytes } => self.stdout.add(cut, bytes),
            Evidence::Output { stream: Stream::Stderr, cut, bytes } => self.stderr.add(cut, bytes),
            Evidence::Scheduler { source, cut, bytes } => self.said.add(source, cut, bytes),
        }
    }

    fn notice(&mut self, asked: &Asked<'_, 'a>, at: Duration, notice: &Notice<'_>) {
        let notice = self.noticed(notice);
        self.notices.push(NoticeEntry { seq: asked.seq, at_ns: nanos(at), notice });
    }

    fn event(&mut self, event: &Event<'_, 'a>) {
        self.time_hold(event);
        let at_ns = nanos(event.at);
        self.events.push(EventEntry {
            seq: event.seq,
            at_ns,
            site: event.site.to_string(),
            action: ActionEntry::from(&event.action),
            outcome: OutcomeEntry::from(event.outcome),
        });
        if *event.outcome == Outcome::Done {
            self.note_window(&event.action, at_ns);
        }
        match (event.action, event.outcome) {
            (Action::CreateCgroup { path }, Outcome::Done) => self.cgroup(path).0.created += 1,
            (Action::Write { path, knob: Knob::CpusetCpus, value }, Outcome::Done) => {
                let cpus = value.to_string();
                self.cgroup(path).0.cpuset = (!cpus.is_empty()).then_some(cpus);
            }
            (Action::StartPayload { id, payload, args, placement }, Outcome::Done) => {
                self.add_payload(id, payload, args, placement);
            }
            (Action::ReadMetric { id, metric }, Outcome::Metric(value)) => {
                self.add_metric(id, metric, *value)
            }
            (Action::ReadProcs { path, tag }, Outcome::Done) => {
                let pids = std::mem::take(&mut self.pids);
                self.captures.push(CaptureEntry {
                    tag: tag.to_owned(),
                    cgroup: path.to_owned(),
                    at_ns,
                    procs: u32::try_from(pids.len()).unwrap_or(u32::MAX),
                    pids: Some(pids),
                });
            }
            (Action::AttachScheduler { scheduler }, outcome) => {
                self.attached(scheduler, *outcome == Outcome::Done, at_ns);
            }
            (Action::DetachScheduler { .. }, _) => self.detached(at_ns),
            // Output that could not be read is a record of having none.
            (Action::ReadOutput { id }, _) => self.add_last_words(id),
            _ => {}
        }
    }

    fn worker(&mut self, group: GroupId, at: Placement<'a>, worker: u32, report: &WorkerReport) {
        let (entry, used) = self.cgroup(at.path());
        *used = used.or(&report.cpus_used);
        entry.totals.add(report);
        entry.workers.push(WorkerEntry::of(group.0, worker, report));
        let entry = self.group_entry(group, at.path());
        entry.workers += 1;
        entry.totals.add(report);
        entry.finish();
    }

    fn payload(&mut self, id: PayloadId, payload: &'a Payload<'a>, at: Placement<'a>, end: &PayloadEnd) {
        if self.payload_entry(id).is_none() {
            self.add_payload(id, payload, &[], at);
        }
        let Some(entry) = self.payload_entry(id) else { return };
        (entry.exit_code, entry.signal) = ending(end.status);
        entry.wall_ns = end.wall_ns;
        entry.stdout_bytes = end.stdout_bytes;
        entry.stderr_bytes = end.stderr_bytes;
        entry.cut_bytes = end.cut_bytes;
        entry.orphans = end.orphans;
        entry.assumed = end.assumed;
    }

    fn scheduler(&mut self, _: &'a Scheduler<'a>, end: &SchedulerEnd) {
        if let Some(entry) = self.schedulers.last_mut() {
            entry.end(end);
        }
    }

    fn check(&mut self, result: &CheckResult<'a>) {
        let known = result.group.and_then(|group| self.alive.get(&group));
        let window = known.and_then(Alive::window);
        let mut entry = CheckEntry {
            kind: result.kind,
            subject: result.subject.to_owned(),
            metric: result
                .metric
                .map(str::to_owned)
                .or(result.file.map(|check| which_value(check.file, check.key))),
            value: result.value.filter(|value| value.is_finite()),
            bound: Some(result.bound).filter(|bound| bound.is_finite()),
            verdict: result.verdict,
            group: result.group.map(|group| group.0),
            worker: None,
            pid: None,
            cpus: None,
            at_ns: None,
            window,
            exit_code: None,
            signal: None,
            expected: result.file.map(expected_of).or(result.comparison.map(expected_ratio)),
            seen: None,
            skipped: result.unjudged.map(|why| why.to_string()),
        };
        match result.witness {
            Witness::Group | Witness::Scheduler(_) => {}
            Witness::Worker { worker, pid, moment } => {
                (entry.worker, entry.pid) = (Some(worker), Some(pid).filter(|pid| *pid > 0));
                let started = window.map_or(0, |window| window.start_ns);
                entry.at_ns = moment.map(|moment| started.saturating_add(moment.at_ns));
                entry.cpus = match (moment, result.group) {
                    (Some(moment), _) => Some(moment.cpu.to_string()),
                    (None, Some(group)) => self.cpus_of(result.subject, group, worker),
                    (None, None) => None,
                };
            }
            Witness::Cpus(cpus) => entry.cpus = Some(cpus.to_string()),
            Witness::Compared { of, against } => {
                let seen = result.comparison.map(|one| figures(one, [of, against], &self.phases));
                entry.seen = seen;
            }
            Witness::File(text) => entry.seen = Some(text.to_string()),
            Witness::Payload(ExitStatus::Exited(code)) => entry.exit_code = Some(code),
            Witness::Payload(ExitStatus::Signalled(signal)) => entry.signal = Some(signal),
        }
        self.checks.push(entry);
    }

    fn unmodelled(&mut self, path: &'a str, knob: Knob) {
        let new = UnmodelledEntry { cgroup: path.to_owned(), file: knob.info().file.to_owned() };
        if !self.unmodelled.contains(&new) {
            self.unmodelled.push(new);
        }
    }

    fn leftover(&mut self, path: &'a str) {
        // An empty path is the run's own cgroup.
        let name = if path.is_empty() { "the run's own cgroup" } else { path };
        self.leftovers.push(name.to_owned());
    }
}

/// The code and the signal that a payload ended with.
pub(super) fn ending(status: ExitStatus) -> (Option<i32>, Option<i32>) {
    match status {
        ExitStatus::Exited(code) => (Some(code), None),
        ExitStatus::Signalled(signal) => (None, Some(signal)),
    }
}

fn metric(name: &str, unit: &str, polarity: Polarity) -> MetricEntry {
    let better = polarity.word().to_owned();
    MetricEntry { name: name.to_owned(), value: None, unit: unit.to_owned(), better }
}
