//! Random scenarios from a seed: every field of the model, sense or nonsense.

use bumpalo::Bump;
use ktstr_core::prelude::*;
use ktstr_core::rules::ErrorKind;
use ktstr_core::{
    BoundKind, CheckBound, CheckKind, CpuMax, ExpectedExit, FieldInfo, FieldKind, FieldValue, KernelVersion,
    Knob, KnobKind, Limits, OnDeath, OpKind, OpSource, Placement, Rng, SchedulerExit, Setting,
};
use std::time::Duration;

pub(crate) struct Maker<'a> {
    arena: &'a Bump,
    rng: Rng,
    payloads: Vec<&'a Payload<'a>>,
    schedulers: Vec<&'a Scheduler<'a>>,
}

const TEXTS: [&str; 9] = [
    "",
    "a",
    "cell/leaf",
    "with \"quotes\" and \\",
    "line\nbreak\ttab",
    "nul\0",
    "ünïcode ☃",
    "\u{7f}\u{85}",
    "-",
];
const NUMBERS: [f64; 8] = [0.0, 0.5, 1.0, -1.0, 1e300, 1e-300, f64::INFINITY, 0.1];

impl<'a> Maker<'a> {
    pub(crate) fn new(arena: &'a Bump, seed: u64) -> Self {
        let (payloads, schedulers) = (Vec::new(), Vec::new());
        let mut maker = Self { arena, rng: Rng::new(seed), payloads, schedulers };
        for _ in 0..3 {
            let payload = maker.payload();
            maker.payloads.push(arena.alloc(payload));
            let scheduler = maker.a_new_scheduler();
            maker.schedulers.push(arena.alloc(scheduler));
        }
        maker
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.rng.below(bound)
    }

    fn coin(&mut self) -> bool {
        self.below(2) == 0
    }

    fn maybe<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.below(3) == 0 { Some(make(self)) } else { None }
    }

    fn unless_left_out<T>(&mut self, field: &FieldInfo, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if field.required { Some(make(self)) } else { self.maybe(make) }
    }

    fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len() as u64) as usize]
    }

    fn list<T: Copy>(&mut self, most: u64, mut make: impl FnMut(&mut Self) -> T) -> &'a [T] {
        let items: Vec<T> = (0..self.below(most + 1)).map(|_| make(self)).collect();
        self.arena.alloc_slice_copy(&items)
    }

    fn text(&mut self) -> &'a str {
        self.pick(&TEXTS)
    }

    fn number(&mut self) -> f64 {
        self.pick(&NUMBERS)
    }

    fn big(&mut self) -> u64 {
        let shift = self.below(64);
        self.rng.next_u64() >> shift
    }

    fn duration(&mut self) -> Duration {
        let nanos = self.below(1_000_000_000) as u32;
        let unit = self.pick(&[1u32, 1_000, 1_000_000, 1_000_000_000]);
        Duration::new(self.big(), nanos / unit * unit)
    }

    fn cpus(&mut self) -> CpuSet {
        let (mut set, count) = (CpuSet::EMPTY, self.below(6));
        for _ in 0..count {
            set.insert(self.below(1024) as usize);
        }
        set
    }

    fn nodes(&mut self) -> NodeSet {
        let mut set = NodeSet::EMPTY;
        set.insert(self.below(70) as usize);
        set
    }

    fn cpuset(&mut self) -> CpusetSpec {
        match self.below(6) {
            0 => CpusetSpec::exact(self.cpus()),
            1 => CpusetSpec::range(self.number(), self.number()),
            2 => CpusetSpec::disjoint(self.big() as usize, self.big() as usize),
            3 => CpusetSpec::overlap(self.big() as usize, self.big() as usize, self.number()),
            4 => CpusetSpec::llc(self.big() as usize),
            _ => CpusetSpec::numa(self.big() as usize),
        }
    }

    fn limits(&mut self) -> Limits {
        let mut limits = Limits::NONE;
        for knob in Knob::ALL {
            if let Some(setting) = self.maybe(|m| m.setting(knob.info().kind)) {
                limits = limits.with(knob, setting).expect("a value of its kind");
            }
        }
        limits
    }

    fn setting(&mut self, kind: KnobKind) -> Setting {
        match kind {
            KnobKind::Cpus => Setting::Cpus(self.cpuset()),
            KnobKind::Nodes => Setting::Nodes(self.nodes()),
            KnobKind::Number => Setting::Number(u64::from(self.big() as u32)),
            KnobKind::Flag => Setting::Number(self.below(2)),
            KnobKind::Bytes => Setting::Number(self.big()),
            KnobKind::BytesOrMax | KnobKind::CountOrMax if self.coin() => Setting::Max,
            KnobKind::BytesOrMax | KnobKind::CountOrMax => Setting::Number(self.big()),
            KnobKind::Bandwidth => Setting::Bandwidth(self.cpu_max()),
        }
    }

    fn cpu_max(&mut self) -> CpuMax {
        let period_us = if self.coin() { 100_000 } else { self.big() };
        CpuMax { quota_us: self.maybe(|m| if m.coin() { m.below(1000) * 1000 } else { m.big() }), period_us }
    }

    fn affinity(&mut self) -> AffinityIntent {
        match self.below(7) {
            0 => AffinityIntent::Inherit,
            1 => AffinityIntent::random_subset(self.cpus(), self.big() as u32),
            2 => AffinityIntent::LlcAligned,
            3 => AffinityIntent::CrossCgroup,
            4 => AffinityIntent::SingleCpu,
            5 => AffinityIntent::exact(self.cpus()),
            _ => AffinityIntent::SmtSiblingPair,
        }
    }

    /// A work type of the table, often with arguments of its types, in range or not.
    fn work_type(&mut self) -> WorkType {
        let mut work = self.pick(&WorkType::DEFAULTS);
        for (index, field) in work.info().fields.iter().enumerate() {
            let any = match field.kind {
                _ if self.coin() => continue,
                FieldKind::Time { .. } => FieldValue::Time(self.duration()),
                FieldKind::Count { .. } => FieldValue::Count(self.big() & u64::from(u32::MAX)),
                FieldKind::Flag => FieldValue::Flag(self.coin()),
                FieldKind::Word { words, .. } => FieldValue::Word(self.below(words.len() as u64) as usize),
                other => panic!("no work type has {other:?}"),
            };
            assert!(work.set_argument(index, any), "{work:?} {any:?}");
        }
        work
    }

    fn policy(&mut self) -> SchedPolicy {
        match self.below(7) {
            0 => SchedPolicy::Normal,
            1 => SchedPolicy::Batch,
            2 => SchedPolicy::Idle,
            3 => SchedPolicy::Fifo(self.big() as u8),
            4 => SchedPolicy::RoundRobin(self.big() as u8),
            5 => SchedPolicy::Deadline {
                runtime: self.duration(),
                deadline: self.duration(),
                period: self.duration(),
            },
            _ => SchedPolicy::Ext,
        }
    }

    fn mem_policy(&mut self) -> MemPolicy {
        match self.below(7) {
            0 => MemPolicy::Default,
            1 => MemPolicy::Bind(self.nodes()),
            2 => MemPolicy::Preferred(self.big() as u16),
            3 => MemPolicy::Interleave(self.nodes()),
            4 => MemPolicy::Local,
            5 => MemPolicy::PreferredMany(self.nodes()),
            _ => MemPolicy::WeightedInterleave(self.nodes()),
        }
    }

    fn flags(&mut self) -> MpolFlags {
        let all = [MpolFlags::STATIC_NODES, MpolFlags::RELATIVE_NODES, MpolFlags::NUMA_BALANCING];
        all.into_iter().filter(|_| self.below(4) == 0).fold(MpolFlags::NONE, MpolFlags::and)
    }

    fn work(&mut self) -> WorkSpec<'a> {
        let (workers, workers_pct) = match self.below(3) {
            0 => (None, None),
            1 => (Some(self.big() as u32), None),
            _ => (None, Some(self.number())),
        };
        WorkSpec {
            work_type: self.work_type(),
            workers,
            workers_pct,
            sched_policy: self.policy(),
            affinity: self.affinity(),
            mem_policy: self.mem_policy(),
            mpol_flags: self.flags(),
            nice: self.maybe(|m| m.big() as i32),
            comm: self.maybe(Self::text),
            uid: self.maybe(|m| m.big() as u32),
            gid: self.maybe(|m| m.big() as u32),
        }
    }

    fn payload(&mut self) -> Payload<'a> {
        Payload {
            name: self.text(),
            binary: self.text(),
            default_args: self.list(2, Self::text),
            output: if self.coin() { OutputKind::Json } else { OutputKind::ExitCode },
            metrics: self.list(2, |m| MetricHint {
                name: m.text(),
                polarity: m.pick(&[Polarity::Unknown, Polarity::HigherIsBetter, Polarity::LowerIsBetter]),
                unit: m.text(),
            }),
            checks: self.list(3, |m| match m.below(6) {
                0 => PayloadCheck::exit_code(m.big() as i32),
                4 => PayloadCheck::signal(Signal::new(m.below(64) as u8 + 1).expect("1 to 64")),
                1 => PayloadCheck::min(m.text(), m.number()),
                2 => PayloadCheck::max(m.text(), m.number()),
                3 => PayloadCheck::range(m.text(), m.number(), m.number()),
                _ => PayloadCheck::exists(m.text()),
            }),
            timeout: self.maybe(Self::duration),
            include_files: self.list(2, Self::text),
        }
    }

    fn a_payload(&mut self) -> &'a Payload<'a> {
        let all = self.payloads.clone();
        self.pick(&all)
    }

    fn a_new_scheduler(&mut self) -> Scheduler<'a> {
        let controllers = Controller::ALL.into_iter().filter(|_| self.coin()).collect();
        Scheduler {
            args: self.list(2, Self::text),
            env: self.list(2, Self::text),
            controllers,
            ready: self.duration(),
            grace: self.duration(),
            include_files: self.list(2, Self::text),
            on_death: if self.coin() { OnDeath::Stop } else { OnDeath::GoOn },
            expect_exit: self.maybe(|m| ExpectedExit {
                kind: m.pick(&SchedulerExit::ALL),
                code: m.maybe(|m| m.rng.next_u64() as i64),
                message_contains: m.text(),
            }),
            ..Scheduler::new(self.text(), self.text())
        }
    }

    fn a_scheduler(&mut self) -> &'a Scheduler<'a> {
        let all = self.schedulers.clone();
        self.pick(&all)
    }

    fn def(&mut self) -> CgroupDef<'a> {
        let mut def = CgroupDef {
            limits: self.limits(),
            nice: self.maybe(|m| m.big() as i32),
            comm: self.maybe(Self::text),
            uid: self.maybe(|m| m.big() as u32),
            gid: self.maybe(|m| m.big() as u32),
            checks: self.maybe(|m| &*m.arena.alloc(m.checks())),
            payload: self.maybe(Self::a_payload),
            until_removed: self.coin(),
            ..CgroupDef::named(self.text())
        };
        if self.below(6) == 0 {
            return def.workers(0);
        }
        for _ in 0..self.below(5) {
            def = def.work(if self.below(4) == 0 { WorkSpec::default() } else { self.work() });
        }
        def
    }

    fn op(&mut self) -> Op<'a> {
        loop {
            let kind = self.pick(&OpKind::ALL);
            // A field that has to be given was not: another one then.
            if let Some(op) = kind.make(self) {
                return op;
            }
        }
    }

    fn hold(&mut self) -> HoldSpec {
        match self.below(4) {
            0 => HoldSpec::FULL,
            1 => HoldSpec::frac(self.number()),
            2 => HoldSpec::fixed(self.duration()),
            _ => HoldSpec::loop_at(self.duration()),
        }
    }

    fn comparison(&mut self) -> Comparison<'a> {
        Comparison {
            of: self.text(),
            against: self.text(),
            metric: self.pick(&Compared::ALL),
            step: self.maybe(Self::text),
            against_step: self.maybe(Self::text),
            ratio: self.number(),
            within: self.number(),
        }
    }

    fn step(&mut self) -> Step<'a> {
        Step {
            name: self.maybe(Self::text),
            setup: self.list(2, Self::def),
            ops: self.list(5, Self::op),
            payload: self.maybe(Self::a_payload),
            hold: self.hold(),
        }
    }

    pub(crate) fn scenario(&mut self) -> Scenario<'a> {
        let scheduler = self.maybe(Self::a_scheduler);
        let backdrop = Backdrop { scheduler, ..Backdrop::new() }
            .lend_cgroups(self.list(3, Self::def))
            .lend_ops(self.list(5, Self::op))
            .lend_payloads(self.list(2, Self::a_payload));
        Scenario {
            name: self.text(),
            duration: self.duration(),
            workers_per_cgroup: self.big() as u32,
            topology: self.maybe(|m| Uniform {
                nodes: m.big() as u16,
                llcs: m.big() as u16,
                cores: m.big() as u16,
                threads: m.big() as u16,
                memory_mib: m.big() as u32,
            }),
            needs: Needs {
                cpus: self.big() as u32,
                llcs: self.big() as u32,
                nodes: self.big() as u32,
                kernel: self.maybe(|m| KernelVersion::new(m.big() as u16, m.big() as u16)),
                sched_ext: self.coin(),
            },
            backdrop,
            steps: self.list(3, Self::step),
            checks: self.checks(),
            compare: self.list(2, Self::comparison),
            permit: self.list(2, |m| m.pick(&ErrorKind::ALL)),
        }
    }

    /// Each check in one of two, with any bound of its kind.
    fn checks(&mut self) -> Checks {
        let mut checks = Checks::NONE;
        for kind in CheckKind::ALL.into_iter().filter(|kind| kind.is_settable()) {
            let bound = match kind.info().bound {
                BoundKind::Flag(_) => CheckBound::Flag,
                BoundKind::Time => CheckBound::Time(self.duration()),
                BoundKind::Number(_) => CheckBound::Number(self.number()),
                BoundKind::Always(_) | BoundKind::OfPayload | BoundKind::OfScheduler => continue,
            };
            if self.coin() {
                checks.set(kind, bound);
            }
        }
        checks
    }
}

/// Any value for a field of an operation; none now and then where it may be left out.
impl<'a> OpSource<'a> for Maker<'a> {
    fn fails(&mut self) -> Option<Errno> {
        if self.below(8) == 0 { Some(self.pick(&Errno::ALL)) } else { None }
    }

    fn cgroup(&mut self, field: &'static FieldInfo) -> Option<&'a str> {
        self.unless_left_out(field, Self::text)
    }

    fn new_cgroup(&mut self, field: &'static FieldInfo) -> Option<&'a str> {
        self.unless_left_out(field, Self::text)
    }

    fn placement(&mut self, field: &'static FieldInfo) -> Option<Placement<'a>> {
        self.unless_left_out(field, Self::text).map(Placement::of_path)
    }

    fn home(&mut self, _: &'static FieldInfo) -> Option<Placement<'a>> {
        Some(if self.coin() { Placement::RunnerCgroup } else { Placement::Cgroup(self.text()) })
    }

    fn cpuset(&mut self, field: &'static FieldInfo) -> Option<CpusetSpec> {
        self.unless_left_out(field, Self::cpuset)
    }

    fn affinity(&mut self, field: &'static FieldInfo) -> Option<AffinityIntent> {
        self.unless_left_out(field, Self::affinity)
    }

    fn work(&mut self, field: &'static FieldInfo) -> Option<WorkSpec<'a>> {
        self.unless_left_out(field, Self::work)
    }

    fn def(&mut self, field: &'static FieldInfo) -> Option<&'a CgroupDef<'a>> {
        let def = self.unless_left_out(field, Self::def)?;
        Some(self.arena.alloc(def))
    }

    fn file_check(&mut self, field: &'static FieldInfo) -> Option<&'a FileCheck<'a>> {
        let check = self.unless_left_out(field, |m| FileCheck {
            file: m.text(),
            key: m.maybe(Self::text),
            equals: m.maybe(Self::text),
            contains: m.maybe(Self::text),
            min: m.maybe(Self::number),
            max: m.maybe(Self::number),
            change: m.maybe(|m| Change { min: m.maybe(Self::number), max: m.maybe(Self::number) }),
            within: m.maybe(Self::duration),
        })?;
        Some(self.arena.alloc(check))
    }

    fn limits(&mut self, field: &'static FieldInfo) -> Option<&'a Limits> {
        let limits = self.unless_left_out(field, Self::limits)?;
        Some(self.arena.alloc(limits))
    }

    fn payload(&mut self, field: &'static FieldInfo) -> Option<&'a Payload<'a>> {
        self.unless_left_out(field, Self::a_payload)
    }

    fn payload_name(&mut self, field: &'static FieldInfo) -> Option<&'a str> {
        self.unless_left_out(field, Self::text)
    }

    fn scheduler(&mut self, field: &'static FieldInfo) -> Option<&'a Scheduler<'a>> {
        self.unless_left_out(field, Self::a_scheduler)
    }

    fn texts(&mut self, _: &'static FieldInfo) -> Option<&'a [&'a str]> {
        Some(self.list(2, Self::text))
    }

    fn time(&mut self, field: &'static FieldInfo) -> Option<Duration> {
        self.unless_left_out(field, Self::duration)
    }

    fn tag(&mut self, field: &'static FieldInfo) -> Option<&'a str> {
        self.unless_left_out(field, Self::text)
    }

    fn text(&mut self, field: &'static FieldInfo) -> Option<&'a str> {
        self.unless_left_out(field, Self::text)
    }

    fn bytes(&mut self, field: &'static FieldInfo) -> Option<u64> {
        self.unless_left_out(field, Self::big)
    }

    fn nice(&mut self, field: &'static FieldInfo) -> Option<i32> {
        self.unless_left_out(field, |maker| maker.big() as i32)
    }

    fn policy(&mut self, field: &'static FieldInfo) -> Option<SchedPolicy> {
        self.unless_left_out(field, Self::policy)
    }

    fn count(&mut self, field: &'static FieldInfo) -> Option<u32> {
        self.unless_left_out(field, |maker| maker.big() as u32)
    }

    fn flag(&mut self, field: &'static FieldInfo) -> Option<bool> {
        self.unless_left_out(field, Self::coin)
    }
}
