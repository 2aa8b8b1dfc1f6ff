//! What a scenario has in all: its groups of workers with the longest that they run, and which cgroups ever
//! have a cpuset, a weight, a quota or a task. Where something is open, such as which cgroup workers are in
//! after a move, it says so, and no note rests on it.

use ktstr_core::{
    AffinityIntent, CgroupDef, Checks, Controller, CpusetSpec, FieldKind, HoldSpec, Knob, Limits, Op,
    OpValue, Part, Payload, Placement, Scenario, Setting, Site, Step, Topology, WorkSpec,
};
use std::collections::HashSet;
use std::time::Duration;

/// A group of workers that the scenario starts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Group<'s, 'a> {
    pub(super) site: Site,
    /// Its cgroup; empty for the runner's.
    pub(super) cgroup: &'a str,
    /// How many workers, where that does not depend on a machine that is not known.
    pub(super) workers: Option<u32>,
    /// The checks of its own definition.
    pub(super) own: Option<&'s Checks>,
    /// The longest that it can run, less the time that operations take; `None` where payloads decide.
    pub(super) window: Option<Duration>,
}

/// A limit that a definition sets.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limited<'a> {
    pub(super) site: Site,
    pub(super) cgroup: &'a str,
    pub(super) limit: Setting,
}

/// What a scenario has.
pub(super) struct Facts<'s, 'a> {
    pub(super) scenario: &'s Scenario<'a>,
    topology: Option<&'s Topology>,
    /// How long each step is held.
    holds: Vec<Duration>,
    pub(super) groups: Vec<Group<'s, 'a>>,
    /// Checks of definitions without workers.
    pub(super) idle: Vec<(Site, &'a str, &'s Checks)>,
    /// Where programs run; nobody knows what they start.
    pub(super) programs: HashSet<&'a str>,
    /// Cgroups that have a cpuset at some time.
    pub(super) cpusets: HashSet<&'a str>,
    pub(super) weights: Vec<Limited<'a>>,
    pub(super) quotas: Vec<Limited<'a>>,
    /// Payloads that are waited for, and those that are started.
    pub(super) waits: Vec<(Site, &'a str)>,
    pub(super) started: Vec<&'a Payload<'a>>,
    /// Whether workers change their cgroup, or groups are started again and again.
    pub(super) is_open: bool,
    /// The fewest CPUs that workers are ever held on; `None` where that is not known.
    pub(super) cpus: Option<usize>,
    /// The most workers there can be at a time, where that is known.
    pub(super) most_workers: Option<u64>,
}

impl<'s, 'a> Facts<'s, 'a> {
    pub(super) fn of(scenario: &'s Scenario<'a>, topology: Option<&'s Topology>) -> Self {
        let mut facts = Self {
            scenario,
            topology,
            holds: holds(scenario),
            groups: Vec::new(),
            idle: Vec::new(),
            programs: HashSet::new(),
            cpusets: HashSet::new(),
            weights: Vec::new(),
            quotas: Vec::new(),
            waits: Vec::new(),
            started: Vec::new(),
            is_open: false,
            cpus: topology.map(|topology| topology.cpus().len()),
            most_workers: Some(0),
        };
        facts.backdrop();
        let lasting = facts.workers_since(0);
        let mut most = Some(0);
        for (index, step) in scenario.steps.iter().enumerate() {
            let before = facts.groups.len();
            facts.step(index as u32);
            let here = facts.workers_since(before);
            most = most.zip(here).map(|(most, here): (u64, u64)| most.max(here));
            facts.is_open |= matches!(step.hold, HoldSpec::Loop { .. }) && facts.groups.len() > before;
        }
        facts.most_workers = lasting.zip(most).map(|(lasting, most)| lasting + most);
        if !facts.started.is_empty() {
            // Ending one takes as long as it takes, and other groups work on.
            facts.groups.iter_mut().for_each(|group| group.window = None);
        }
        facts
    }

    fn backdrop(&mut self) {
        let backdrop = &self.scenario.backdrop;
        let whole = self.length_of_all();
        for (index, def) in backdrop.cgroups.iter().enumerate() {
            self.def(Site::Backdrop(Part::Cgroup(index as u32)), def.name, def, whole);
        }
        for (index, op) in backdrop.ops.iter().enumerate() {
            self.op(Site::Backdrop(Part::Op(index as u32)), op, whole);
        }
        backdrop.payloads.iter().for_each(|payload| self.program("", payload));
    }

    fn step(&mut self, index: u32) {
        let scenario = self.scenario;
        let Some(step) = scenario.steps.get(index as usize) else { return };
        let length = (!step.ops.iter().any(waits)).then(|| self.holds[index as usize]);
        let site = |part| Site::Step { step: index, part };
        for (index, op) in step.ops.iter().enumerate() {
            self.op(site(Part::Op(index as u32)), op, length);
        }
        for (index, def) in step.setup.iter().enumerate() {
            self.def(site(Part::Cgroup(index as u32)), def.name, def, length);
        }
        if let Some(payload) = step.payload {
            self.program("", payload);
        }
    }

    fn op(&mut self, site: Site, op: &'s Op<'a>, length: Option<Duration>) {
        if let Some(def) = op.def() {
            let name = op.fields().find_map(|field| match field.value {
                OpValue::NewCgroup(name) => Some(name),
                _ => None,
            });
            self.def(site, name.unwrap_or(def.name), def, length);
            return;
        }
        let info = op.kind().info();
        let (mut home, mut work, mut limits, mut placements) = (Placement::RunnerCgroup, None, None, 0);
        for field in op.fields() {
            match field.value {
                OpValue::Home(placement) => home = placement,
                OpValue::Work(found) => work = Some(found),
                OpValue::Limits(found) => limits = Some(found),
                OpValue::Placement(_) => placements += 1,
                OpValue::Cgroup(name) => {
                    home = Placement::Cgroup(name);
                    if info.controllers.has(Controller::Cpuset) {
                        self.cpusets.insert(name);
                    }
                }
                OpValue::Cpuset(spec) => self.hold_on(Some(spec)),
                OpValue::Affinity(intent) => self.ask_for(intent),
                OpValue::PayloadName(name) => {
                    let is_wait = matches!(op, Op::WaitPayload { .. });
                    self.waits.extend(is_wait.then_some((site, name)));
                }
                _ => {}
            }
        }
        // An operation of two placements moves what is in the one to the other.
        self.is_open |= placements == 2;
        if let Some(limits) = limits {
            self.limits(site, home.path(), limits);
        }
        if let Some(payload) = op.payload() {
            self.program(home.path(), payload);
        }
        if let Some(work) = work {
            self.group(
                Group { site, cgroup: home.path(), workers: None, own: None, window: length },
                work,
                None,
            );
        }
    }

    fn def(&mut self, site: Site, name: &'a str, def: &'s CgroupDef<'a>, length: Option<Duration>) {
        let cpuset = self.limits(site, name, &def.limits);
        for index in 0..def.work_count() {
            let group = Group { site, cgroup: name, workers: None, own: def.checks, window: length };
            self.group(group, &def.work_at(index), cpuset.as_ref());
        }
        if let (0, Some(checks)) = (def.work_count(), def.checks) {
            self.idle.push((site, name, checks));
        }
        if let Some(payload) = def.payload {
            self.program(name, payload);
        }
    }

    /// Limits that a cgroup gets; answers its cpuset, if that is one of them.
    fn limits(&mut self, site: Site, name: &'a str, limits: &Limits) -> Option<CpusetSpec> {
        let limited = |knob| Some(Limited { site, cgroup: name, limit: limits.get(knob)? });
        self.weights.extend(limited(Knob::CpuWeight));
        self.quotas.extend(limited(Knob::CpuMax));
        let Some(Setting::Cpus(spec)) = limits.get(Knob::CpusetCpus) else { return None };
        self.cpusets.insert(name);
        self.hold_on(Some(&spec));
        Some(spec)
    }

    fn group(&mut self, group: Group<'s, 'a>, work: &WorkSpec<'a>, cpuset: Option<&CpusetSpec>) {
        self.ask_for(&work.affinity);
        let cpus = self.topology.zip(cpuset).map(|(topology, spec)| spec.resolve(topology).len());
        let is_known = work.workers_pct.is_none() || cpus.is_some();
        let workers = is_known.then(|| work.count(self.scenario.workers_per_cgroup, cpus));
        self.groups.push(Group { workers, ..group });
    }

    fn program(&mut self, cgroup: &'a str, payload: &'a Payload<'a>) {
        self.programs.insert(cgroup);
        self.started.push(payload);
    }

    /// Some workers are held on these CPUs.
    fn hold_on(&mut self, spec: Option<&CpusetSpec>) {
        let resolved = self.topology.zip(spec).map(|(topology, spec)| spec.resolve(topology).len());
        self.cpus = self.cpus.zip(resolved).map(|(least, these)| least.min(these));
    }

    /// Some workers ask for CPUs.
    fn ask_for(&mut self, intent: &AffinityIntent) {
        if !matches!(intent, AffinityIntent::Inherit) {
            self.cpus = None;
        }
    }

    fn workers_since(&self, first: usize) -> Option<u64> {
        self.groups[first..].iter().map(|group| group.workers.map(u64::from)).sum()
    }

    /// How long all steps are held; `None` where time passes in operations too.
    fn length_of_all(&self) -> Option<Duration> {
        let waited = self.scenario.steps.iter().flat_map(|step| step.ops).any(waits)
            || self.scenario.backdrop.ops.iter().any(waits);
        let whole = self.holds.iter().fold(Duration::ZERO, |all, hold| all.saturating_add(*hold));
        (!waited).then_some(whole)
    }
}

fn holds(scenario: &Scenario<'_>) -> Vec<Duration> {
    let mut spent = Duration::ZERO;
    let length = |step: &Step<'_>| {
        let length = step.hold.length(scenario.duration, spent);
        spent = spent.saturating_add(length);
        length
    };
    scenario.steps.iter().map(length).collect()
}

/// Whether time may pass in an operation: it has a field that says how much at most.
fn waits(op: &Op<'_>) -> bool {
    op.kind().info().fields.iter().any(|field| matches!(field.kind, FieldKind::Time { .. }))
}
