//! What scenarios are made of, drawn: each kind of field that a row can have from a pool of its own, numbers
//! by the ranges that rows say. Most of it is legal somewhere; whether it is where it is put is not judged
//! here.

use super::Known;
use crate::source::Source;
use ktstr_core::prelude::*;
use ktstr_core::{
    Bound, Controller, CpuMax, FieldInfo, FieldKind, FieldValue, Knob, KnobKind, Limits, OpKind, OpSource,
    Placement, Setting,
};
use std::time::Duration;

/// Paths of cgroups, so few that operations meet.
const NAMES: [&str; 8] = ["a", "b", "c", "a/x", "a/y", "b/x", "a/x/p", "d"];

pub(super) struct Draw<'s, 'b> {
    pub(super) source: &'s mut Source<'b>,
    pub(super) topology: &'s Topology,
    pub(super) known: &'s Known,
    pub(super) ending: &'static [&'static Payload<'static>],
    pub(super) endless: &'static [&'static Payload<'static>],
    pub(super) schedulers: &'static [&'static Scheduler<'static>],
}

impl Draw<'_, '_> {
    /// An operation of one of these kinds.
    pub(super) fn op(&mut self, kinds: &[OpKind]) -> Option<Op<'static>> {
        if kinds.is_empty() {
            return None;
        }
        let kind = self.source.pick(kinds);
        kind.make(&mut Fields { draw: self, kind })
    }

    /// A cgroup that was made; for what works on cpusets as a rule one that has its own.
    fn name(&mut self, of_cpus: bool) -> &'static str {
        let of_cpus = of_cpus && self.source.chance(12);
        match if of_cpus { self.known.with_cpus.as_slice() } else { self.known.cgroups.as_slice() } {
            [] => self.source.pick(&NAMES),
            known => self.source.pick(&known[known.len().saturating_sub(256)..]),
        }
    }

    fn new_name(&mut self) -> &'static str {
        let (first, known) = (self.source.below(NAMES.len()), &self.known.cgroups);
        let fresh = (0..NAMES.len()).map(|next| NAMES[(first + next) % NAMES.len()]);
        fresh.into_iter().find(|name| !known.contains(name)).unwrap_or(NAMES[first])
    }

    /// A CPU of the machine.
    fn cpu(&mut self) -> usize {
        let cpus = self.topology.cpus();
        let at = usize::from(self.source.byte()) % cpus.len().max(1);
        cpus.iter().nth(at).unwrap_or(0)
    }

    fn cpus(&mut self) -> CpuSet {
        let (one, other) = (self.cpu(), self.cpu());
        let wanted = CpuSet::range(one.min(other), one.max(other) + 1);
        wanted.and(self.topology.cpus())
    }

    fn cpuset(&mut self) -> CpusetSpec {
        let of = 1 + self.source.below(3);
        match self.source.below(8) {
            0 | 1 => CpusetSpec::Exact(self.cpus()),
            2 => CpusetSpec::llc(self.source.below(self.topology.llc_count().min(256))),
            3 => CpusetSpec::numa(self.source.below(self.topology.node_count().min(256))),
            4 => CpusetSpec::range(0.0, of as f64 / 4.0),
            5 => CpusetSpec::overlap(self.source.below(of), of, 0.5),
            _ => CpusetSpec::disjoint(self.source.below(of), of),
        }
    }

    fn affinity(&mut self) -> AffinityIntent {
        match self.source.below(9) {
            0 | 1 => AffinityIntent::Inherit,
            2 => AffinityIntent::SingleCpu,
            3 => AffinityIntent::CrossCgroup,
            4 => AffinityIntent::LlcAligned,
            5 => AffinityIntent::SmtSiblingPair,
            6 => AffinityIntent::RandomSubset { from: CpuSet::EMPTY, count: 1 + self.source.below(4) as u32 },
            _ => AffinityIntent::Exact(self.cpus()),
        }
    }

    fn nodes(&mut self) -> NodeSet {
        self.topology.node_ids()
    }

    /// A group of workers: most are plain, each attribute is there now and then.
    fn work(&mut self) -> WorkSpec<'static> {
        let mut work = WorkSpec::new(self.source.pick(&WorkType::DEFAULTS));
        if self.source.chance(4) {
            work.work_type = work.work_type.drawn(|| self.source.number());
        }
        let team = work.work_type.team_size().max(1);
        if team > 1 || self.source.chance(6) {
            work.workers = Some(team * (1 + self.source.below(3) as u32));
        } else if self.source.chance(2) {
            work.workers_pct = Some(f64::from(1 + self.source.below(4) as u8) / 2.0);
        }
        if self.source.chance(4) {
            work.affinity = self.affinity();
        }
        if self.source.chance(2) {
            work.nice = Some(i32::from(self.source.byte() % 40) - 20);
            work.comm = Some("drawn");
        }
        if self.source.chance(2) {
            let ms = Duration::from_millis;
            work.sched_policy = match self.source.below(6) {
                0 => SchedPolicy::Idle,
                1 => SchedPolicy::Fifo(1),
                2 => SchedPolicy::RoundRobin(2),
                3 => SchedPolicy::Deadline { runtime: ms(1), deadline: ms(20), period: ms(20) },
                4 => SchedPolicy::Ext,
                _ => SchedPolicy::Batch,
            };
        }
        if self.source.chance(2) {
            work.mem_policy = match self.source.below(3) {
                0 => MemPolicy::Bind(self.nodes()),
                1 => MemPolicy::Interleave(self.nodes()),
                _ => MemPolicy::Local,
            };
        }
        work
    }

    /// A cgroup with limits, workers and a payload, or without.
    pub(super) fn def(&mut self) -> CgroupDef<'static> {
        let mut def = CgroupDef::named(self.new_name());
        for _ in 0..self.source.below(4) {
            let knob = self.source.pick(&Knob::ALL);
            if let Some(setting) = self.setting(knob).filter(|setting| !kills(knob, setting)) {
                def.limits.set(knob, setting);
            }
        }
        for _ in 0..self.source.below(3) {
            def = def.work(self.work());
        }
        if self.source.chance(2) {
            def.payload = self.payload();
        }
        def.until_removed = self.source.chance(4);
        def.kept = self.source.chance(4);
        def
    }

    /// A value for a control file, in its range: an end of it, its example, a small one, or none.
    fn setting(&mut self, knob: Knob) -> Option<Setting> {
        let info = knob.info();
        let in_range = |setting: &Setting| {
            let broken = |(bound, number): (&Bound, Option<u64>)| {
                number.is_some_and(|number| bound.broken_by(number).is_some())
            };
            !info.bounds.iter().zip(setting.numbers()).any(broken)
        };
        let drawn = match info.kind {
            KnobKind::Cpus => Setting::Cpus(self.cpuset()),
            KnobKind::Nodes => Setting::Nodes(self.nodes()),
            KnobKind::Bandwidth if self.source.chance(8) => {
                let quota_us = Some(10_000 * (1 + self.source.below(16) as u64));
                Setting::Bandwidth(CpuMax { quota_us, ..CpuMax::UNLIMITED })
            }
            KnobKind::Bytes | KnobKind::BytesOrMax if self.source.chance(8) => {
                Setting::Number((1 + self.source.below(64) as u64) << 20)
            }
            KnobKind::Number
            | KnobKind::Flag
            | KnobKind::CountOrMax
            | KnobKind::Bandwidth
            | KnobKind::Bytes
            | KnobKind::BytesOrMax => {
                let legal: Vec<Setting> = knob.edges().filter(in_range).collect();
                self.source.pick(&legal)
            }
        };
        Some(drawn).filter(in_range)
    }

    pub(super) fn payload(&mut self) -> Option<&'static Payload<'static>> {
        let endless = !self.endless.is_empty() && self.source.chance(4);
        let from = if endless || self.ending.is_empty() { self.endless } else { self.ending };
        if from.is_empty() { None } else { Some(self.source.pick(&from[..from.len().min(256)])) }
    }

    pub(super) fn hold(&mut self, duration: Duration) -> HoldSpec {
        let part = duration / 32;
        match self.source.below(16) {
            0..9 => HoldSpec::Fixed(part * self.source.below(5) as u32),
            9..13 => HoldSpec::frac(f64::from(1 + self.source.below(4) as u8) / 16.0),
            13 | 14 => HoldSpec::loop_at(part * (1 + self.source.below(8) as u32)),
            _ => HoldSpec::FULL,
        }
    }
}

/// Bytes above all that work touches which is drawn here.
const ROOM_FOR_ALL: u64 = 1 << 50;

/// Whether work that is drawn here may not fit: whoever touches more memory than it may is killed, and a run
/// with a killed worker fails.
fn kills(knob: Knob, setting: &Setting) -> bool {
    knob == Knob::MemoryMax && setting.numbers().into_iter().flatten().any(|bytes| bytes < ROOM_FOR_ALL)
}

/// The fields of an operation.
struct Fields<'d, 's, 'b> {
    draw: &'d mut Draw<'s, 'b>,
    kind: OpKind,
}

impl Fields<'_, '_, '_> {
    /// Whether a field is given: always where it has to be.
    fn given(&mut self, field: &FieldInfo) -> bool {
        field.required || self.draw.source.chance(8)
    }
}

impl OpSource<'static> for Fields<'_, '_, '_> {
    fn cgroup(&mut self, field: &'static FieldInfo) -> Option<&'static str> {
        let of_cpus = self.kind.info().controllers.has(Controller::Cpuset);
        self.given(field).then(|| self.draw.name(of_cpus))
    }

    fn new_cgroup(&mut self, field: &'static FieldInfo) -> Option<&'static str> {
        self.given(field).then(|| self.draw.new_name())
    }

    fn placement(&mut self, field: &'static FieldInfo) -> Option<Placement<'static>> {
        self.cgroup(field).map(Placement::of_path)
    }

    /// In the runner's cgroup now and then.
    fn home(&mut self, _: &'static FieldInfo) -> Option<Placement<'static>> {
        let beside = self.draw.source.chance(3);
        Some(if beside { Placement::RunnerCgroup } else { Placement::of_path(self.draw.name(false)) })
    }

    fn cpuset(&mut self, _: &'static FieldInfo) -> Option<CpusetSpec> {
        Some(self.draw.cpuset())
    }

    fn affinity(&mut self, _: &'static FieldInfo) -> Option<AffinityIntent> {
        Some(self.draw.affinity())
    }

    fn work(&mut self, _: &'static FieldInfo) -> Option<WorkSpec<'static>> {
        Some(self.draw.work())
    }

    fn def(&mut self, _: &'static FieldInfo) -> Option<&'static CgroupDef<'static>> {
        Some(self.draw.source.pick(&DEFS.each_ref()))
    }

    /// What always holds, where the file is.
    fn file_check(&mut self, _: &'static FieldInfo) -> Option<&'static FileCheck<'static>> {
        Some(self.draw.source.pick(&CHECKS.each_ref()))
    }

    fn limits(&mut self, _: &'static FieldInfo) -> Option<&'static Limits> {
        Some(self.draw.source.pick(&LIMITS.each_ref()))
    }

    fn payload(&mut self, _: &'static FieldInfo) -> Option<&'static Payload<'static>> {
        self.draw.payload()
    }

    /// A wait for one that never ends by itself is legal, and in vain.
    fn payload_name(&mut self, _: &'static FieldInfo) -> Option<&'static str> {
        let Draw { ending, endless, .. } = *self.draw;
        let from =
            if self.kind == OpKind::KillPayload && self.draw.source.chance(8) { endless } else { ending };
        if from.is_empty() { None } else { Some(self.draw.source.pick(from).name) }
    }

    fn scheduler(&mut self, _: &'static FieldInfo) -> Option<&'static Scheduler<'static>> {
        let schedulers = self.draw.schedulers;
        if schedulers.is_empty() { None } else { Some(self.draw.source.pick(schedulers)) }
    }

    fn texts(&mut self, _: &'static FieldInfo) -> Option<&'static [&'static str]> {
        Some(&[])
    }

    /// By its range, and mostly what it is where it is not given.
    fn time(&mut self, field: &'static FieldInfo) -> Option<Duration> {
        let FieldKind::Time { least, most } = field.kind else { return None };
        let drawn = Duration::from_millis(200 + u64::from(self.draw.source.byte()));
        self.given(field).then(|| drawn.clamp(least, most))
    }

    fn tag(&mut self, _: &'static FieldInfo) -> Option<&'static str> {
        Some("drawn")
    }

    /// What the range says; where it says nothing a small one, as what has a number on a machine has.
    fn count(&mut self, field: &'static FieldInfo) -> Option<u32> {
        let number = match field.kind.draw(self.draw.source.number(), FieldValue::Count(1)) {
            Some(FieldValue::Count(count)) if field.kind != FieldKind::COUNT => count,
            Some(_) => self.draw.cpu() as u64,
            None => return None,
        };
        self.given(field).then(|| u32::try_from(number).unwrap_or(u32::MAX))
    }

    /// A limit that nothing here meets.
    fn text(&mut self, field: &'static FieldInfo) -> Option<&'static str> {
        let texts: &[&str] = if field.key == "file" { &FILES } else { &TEXTS };
        Some(self.draw.source.pick(texts))
    }

    fn bytes(&mut self, _: &'static FieldInfo) -> Option<u64> {
        Some((1 + self.draw.source.below(64) as u64) << 20)
    }

    fn nice(&mut self, _: &'static FieldInfo) -> Option<i32> {
        Some(self.draw.source.below(40) as i32 - 20)
    }

    /// None of real time, under which others get no turn.
    fn policy(&mut self, _: &'static FieldInfo) -> Option<SchedPolicy> {
        Some(self.draw.source.pick(&[SchedPolicy::Normal, SchedPolicy::Batch, SchedPolicy::Idle]))
    }

    fn flag(&mut self, _: &'static FieldInfo) -> Option<bool> {
        Some(self.draw.source.chance(5))
    }
}

/// Files that are written, each of which takes each of the texts.
const FILES: [&str; 3] = ["cgroup.max.depth", "cgroup.max.descendants", "memory.high"];
const TEXTS: [&str; 2] = ["max", "1000000000"];

/// What is expected of files, for operations that expect something.
static CHECKS: [FileCheck; 4] = [
    FileCheck::file("cgroup.events").key("populated").min(0.0),
    FileCheck::file("cgroup.procs").contains(""),
    FileCheck::file("pids.current")
        .change(Change { min: Some(-1e9), max: None })
        .within(Duration::from_millis(1)),
    FileCheck::file("/proc/uptime").min(0.0),
];

/// Limits for operations that take some.
static LIMITS: [Limits; 5] = [
    Limits::NONE.cpu_weight(300),
    Limits::NONE.cpuset(CpusetSpec::disjoint(1, 2)).cpu_weight(50),
    Limits::NONE.memory_max(ROOM_FOR_ALL).memory_high_unlimited(),
    Limits::NONE.pids_max(80),
    Limits::NONE.pids_unlimited(),
];

/// Definitions for operations that take one.
static DEFS: [CgroupDef; 6] = [
    CgroupDef::named("a"),
    CgroupDef::named("b").cpuset(CpusetSpec::disjoint(0, 2)),
    CgroupDef::named("c").memory_max(ROOM_FOR_ALL).until_removed(),
    CgroupDef::named("a/x").cpu_weight(200),
    CgroupDef::named("d").workers(2).cpu_quota_pct(50),
    CgroupDef::named("b/x").pids_max(64),
];
