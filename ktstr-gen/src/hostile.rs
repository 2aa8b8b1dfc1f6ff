//! Scenarios out of bytes: any bytes make a scenario, most of them of names and values that can meet one
//! another, a few of odd ones. Small changes of the bytes are small changes of the scenario, which is what a
//! fuzzer needs.

use crate::alphabet::{SCHEDULERS, SHORT};
use ktstr_core::prelude::*;
use ktstr_core::{
    BoundKind, CheckBound, CheckKind, CpuMax, FieldInfo, Knob, KnobKind, NumberRange, OpKind, OpSource,
    Placement, Relation, Setting,
};
use std::time::Duration;

/// Most operations, definitions and steps that bytes can make.
const MAX_OPS: usize = 40;
const MAX_DEFS: usize = 12;
const MAX_STEPS: usize = 5;

/// Another payload that ends by itself.
static OTHER: Payload = Payload::binary("q", "short");
/// A payload that runs until it is killed.
static ENDLESS: Payload = Payload::binary("e", "endless");
/// A payload that has to be killed the hard way, and has children.
static STUBBORN: Payload = Payload::binary("s", "stubborn");
/// Payloads that are ill-formed.
static NAMELESS: Payload = Payload::binary("", "short");
static NOWHERE: Payload = Payload::binary("n", "");

const NAMES: [&str; 16] = [
    "a",
    "b",
    "c",
    "a/x",
    "a/y",
    "b/x",
    "a/x/p",
    "c/x",
    "a",
    "b",
    "a/x",
    "d",
    "",
    "a//x",
    "b/..",
    "cgroup.procs",
];

const fn cpus(start: usize, end: usize) -> CpuSet {
    CpuSet::range(start, end)
}

const SPECS: [CpusetSpec; 16] = [
    CpusetSpec::Exact(cpus(0, 4)),
    CpusetSpec::Exact(cpus(0, 2)),
    CpusetSpec::Exact(cpus(0, 1)),
    CpusetSpec::Exact(cpus(2, 4)),
    CpusetSpec::Exact(cpus(1, 3)),
    CpusetSpec::disjoint(0, 2),
    CpusetSpec::disjoint(1, 2),
    CpusetSpec::overlap(0, 2, 0.5),
    CpusetSpec::range(0.0, 0.5),
    CpusetSpec::llc(0),
    CpusetSpec::llc(1),
    CpusetSpec::numa(0),
    CpusetSpec::disjoint(3, 8),
    CpusetSpec::range(0.9, 0.1),
    CpusetSpec::Exact(cpus(3, 6)),
    CpusetSpec::Exact(CpuSet::EMPTY),
];

const AFFINITIES: [AffinityIntent; 8] = [
    AffinityIntent::Inherit,
    AffinityIntent::SingleCpu,
    AffinityIntent::CrossCgroup,
    AffinityIntent::LlcAligned,
    AffinityIntent::RandomSubset { from: CpuSet::EMPTY, count: 2 },
    AffinityIntent::Exact(cpus(0, 2)),
    AffinityIntent::Exact(cpus(3, 4)),
    AffinityIntent::SmtSiblingPair,
];

static POOL: [CgroupDef; 8] = [
    CgroupDef::named("a"),
    CgroupDef::named("b").cpuset(SPECS[1]),
    CgroupDef::named("c").memory_max(1 << 26).until_removed(),
    CgroupDef::named("a/x").cpu_weight(200),
    CgroupDef::named("a/y").workers(2).work_type(WorkType::DEFAULTS[5]),
    CgroupDef::named("b/x").cpuset(SPECS[2]).workload(&SHORT),
    CgroupDef::named("a/x/p").pids_max(8).io_weight(50),
    CgroupDef::named("d").workload(&STUBBORN).cpu_quota_pct(50),
];

/// What is expected of files: what holds, what is not there, what never holds.
static CHECKS: [FileCheck; 8] = [
    FileCheck::file("cgroup.events").key("frozen").min(0.0),
    FileCheck::file("pids.current").min(0.0),
    FileCheck::file("cgroup.stat").key("nr_descendants").change(Change::at_least(-9.0)),
    FileCheck::file("/proc/uptime").min(0.0),
    FileCheck::file("../cgroup.procs").min(0.0),
    FileCheck::file("cpuset.cpus").contains("").within(Duration::from_millis(2)),
    FileCheck::file("cgroup.events"),
    FileCheck::file("cgroup.events").min(f64::NAN),
];

/// Files that are written: what takes a text, what has an operation of its own, what is none.
const FILES: [&str; 8] = [
    "cgroup.max.depth",
    "cgroup.max.descendants",
    "memory.high",
    "cgroup.max.depth",
    "cgroup.freeze",
    "pids.max",
    "../cgroup.procs",
    "",
];
/// What is written to them.
const TEXTS: [&str; 8] = ["max", "max\n", "100000", "max", "1000000", "max", "", "max\0"];

const POLICIES: [SchedPolicy; 4] =
    [SchedPolicy::Normal, SchedPolicy::Batch, SchedPolicy::Idle, SchedPolicy::Fifo(0)];

/// What a definition expects for itself, of what nothing but a mistake of ours fails.
static OWN: Checks = Checks::NONE.isolation().max_cpu_share(1.0);

/// Reads bytes from the front; past the end they are 0.
struct Bytes<'b>(&'b [u8]);

impl Bytes<'_> {
    fn byte(&mut self) -> u8 {
        self.0.split_off_first().copied().unwrap_or(0)
    }

    fn below(&mut self, bound: usize) -> usize {
        self.byte() as usize % bound
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    fn name(&mut self) -> &'static str {
        self.pick(&NAMES)
    }

    /// True once in 16.
    fn rarely(&mut self) -> bool {
        self.byte() % 16 == 15
    }

    fn millis(&mut self) -> Duration {
        Duration::from_millis(self.byte() as u64 % 128)
    }

    fn work(&mut self) -> WorkSpec<'static> {
        let mut work = WorkSpec::new(self.pick(&WorkType::DEFAULTS));
        let flags = self.byte();
        if flags & 0x0c == 0x08 {
            work.work_type = work.work_type.drawn(|| self.byte().into());
        }
        if flags & 1 != 0 {
            let (number, team) = (self.byte(), work.work_type.team_size());
            // Whole teams, as a rule.
            work.workers = Some(u32::from(number % 5) * if number < 224 { team } else { 1 });
        }
        if flags & 2 != 0 {
            work.affinity = self.pick(&AFFINITIES);
        }
        if flags & 0x0c == 0x0c {
            work.workers_pct = Some(f64::from(self.byte()) / 100.0);
        }
        if flags & 0x30 == 0x30 {
            work.nice = Some(i32::from(self.byte() as i8) / 4);
            work.comm = Some(self.pick(&["w", "worker", "", "a name far too long", "nul\0"]));
        }
        if flags & 0xc0 == 0xc0 {
            work.sched_policy = self.pick(&[
                SchedPolicy::Batch,
                SchedPolicy::Idle,
                SchedPolicy::Fifo(1),
                SchedPolicy::Fifo(0),
            ]);
            work.mem_policy =
                self.pick(&[MemPolicy::Local, MemPolicy::Bind(NodeSet::EMPTY), MemPolicy::Preferred(0)]);
        }
        work
    }

    /// Draws the rest of a definition that has its name. A definition is large, so that none is handed on.
    fn fill(&mut self, def: &mut CgroupDef<'static>) {
        let flags = self.byte();
        if flags & 1 != 0 {
            def.limits.cpuset = Some(self.pick(&SPECS));
        }
        if flags & 2 != 0 {
            self.one_work(def);
        }
        def.until_removed = flags & 4 != 0;
        // Two ways to outlive a step, of which at most one is legal where the definition is.
        def.kept = flags & 12 == 12;
        if flags & 8 != 0 {
            def.payload = Some(self.payload());
        }
        match flags >> 4 {
            1..7 => self.limit(def),
            7 => {
                self.limit(def);
                self.limit(def);
            }
            8 => {
                self.one_work(def);
                self.one_work(def);
            }
            9 => *def = def.workers(0),
            10 => {
                *def = def.workers(0);
                self.limit(def);
            }
            11 => *def = def.checks(&OWN),
            _ => {}
        }
    }

    fn one_work(&mut self, def: &mut CgroupDef<'static>) {
        // There is room for more than are ever drawn.
        let _ = def.works.push(self.work());
    }

    /// Sets one control file more, any of them.
    fn limit(&mut self, def: &mut CgroupDef<'static>) {
        let knob = self.pick(&Knob::ALL);
        // What its field cannot hold cannot be said.
        let _ = def.limits.set(knob, self.setting(knob));
    }

    /// A value for a control file: about the ends of its range, or small enough to be met.
    fn setting(&mut self, knob: Knob) -> Setting {
        let byte = self.byte();
        let edge = |byte: u8| {
            let edges = knob.edges();
            knob.edges().nth(byte as usize % edges.count()).unwrap_or(knob.info().example)
        };
        match (knob.info().kind, byte) {
            (KnobKind::Cpus, _) => Setting::Cpus(SPECS[byte as usize % SPECS.len()]),
            (KnobKind::Nodes, 0..64) => Setting::Nodes(NodeSet::range(3, 4)),
            (KnobKind::Number | KnobKind::Bandwidth | KnobKind::Bytes | KnobKind::BytesOrMax, 0..192) => {
                edge(byte)
            }
            (KnobKind::CountOrMax, 0..64) | (KnobKind::Flag | KnobKind::Nodes, _) => edge(byte),
            (KnobKind::CountOrMax, _) => Setting::Number(u64::from(byte % 8)),
            (KnobKind::Number, _) => Setting::Number(u64::from(byte) * 20),
            (KnobKind::Bytes | KnobKind::BytesOrMax, _) => Setting::Number(u64::from(byte % 8) << 12),
            (KnobKind::Bandwidth, _) => Setting::Bandwidth(CpuMax {
                quota_us: Some(u64::from(byte % 8) * 10_000),
                ..CpuMax::UNLIMITED
            }),
        }
    }

    fn payload(&mut self) -> &'static Payload<'static> {
        match self.byte() % 16 {
            0..8 => &SHORT,
            8..11 => &OTHER,
            11 | 12 => &ENDLESS,
            13 => &STUBBORN,
            14 => &NAMELESS,
            _ => &NOWHERE,
        }
    }

    fn place(&mut self) -> Option<&'static str> {
        let named = self.below(4) != 0;
        named.then(|| self.name())
    }

    fn args(&mut self) -> &'static [&'static str] {
        if self.rarely() { &["nul\0"] } else { &["--quick"] }
    }

    #[inline(always)] // an operation is large, and made where it is put
    fn op(&mut self, opcode: u8) -> Option<Op<'static>> {
        let kind = OpKind::ALL[opcode as usize % OpKind::ALL.len()];
        let op = kind.make(&mut Drawn { bytes: self, kind });
        debug_assert!(op.is_some(), "{kind:?} lacks a field that it needs");
        op
    }

    fn hold(&mut self) -> HoldSpec {
        match self.byte() {
            0..160 => HoldSpec::Fixed(Duration::from_millis(self.byte() as u64 % 32)),
            160..200 => HoldSpec::frac(f64::from(self.byte()) / 256.0),
            200..225 => HoldSpec::loop_at(self.millis()),
            225..240 => HoldSpec::FULL,
            240..250 => HoldSpec::Fixed(Duration::ZERO),
            _ => HoldSpec::frac(self.pick(&[f64::NAN, -1.0, 0.0, 1.5, f64::INFINITY])),
        }
    }
}

/// Draws the fields of an operation, each kind of field from a pool of its own.
struct Drawn<'s, 'b> {
    bytes: &'s mut Bytes<'b>,
    kind: OpKind,
}

impl OpSource<'static> for Drawn<'_, '_> {
    fn cgroup(&mut self, field: &'static FieldInfo) -> Option<&'static str> {
        if field.required { Some(self.bytes.name()) } else { self.bytes.place() }
    }

    fn new_cgroup(&mut self, field: &'static FieldInfo) -> Option<&'static str> {
        (field.required || self.bytes.rarely()).then(|| self.bytes.name())
    }

    fn placement(&mut self, field: &'static FieldInfo) -> Option<Placement<'static>> {
        self.cgroup(field).map(Placement::of_path)
    }

    fn home(&mut self, _: &'static FieldInfo) -> Option<Placement<'static>> {
        Some(self.bytes.place().into())
    }

    fn cpuset(&mut self, _: &'static FieldInfo) -> Option<CpusetSpec> {
        Some(self.bytes.pick(&SPECS))
    }

    fn affinity(&mut self, _: &'static FieldInfo) -> Option<AffinityIntent> {
        Some(self.bytes.pick(&AFFINITIES))
    }

    fn work(&mut self, _: &'static FieldInfo) -> Option<WorkSpec<'static>> {
        Some(self.bytes.work())
    }

    fn def(&mut self, _: &'static FieldInfo) -> Option<&'static CgroupDef<'static>> {
        Some(&POOL[self.bytes.below(POOL.len())])
    }

    fn file_check(&mut self, _: &'static FieldInfo) -> Option<&'static FileCheck<'static>> {
        Some(&CHECKS[self.bytes.below(CHECKS.len())])
    }

    fn limits(&mut self, _: &'static FieldInfo) -> Option<&'static Limits> {
        Some(&POOL[self.bytes.below(POOL.len())].limits)
    }

    fn payload(&mut self, _: &'static FieldInfo) -> Option<&'static Payload<'static>> {
        Some(self.bytes.payload())
    }

    /// Only what kills takes those that never end by themselves: waiting for them is legal, and in vain.
    fn payload_name(&mut self, _: &'static FieldInfo) -> Option<&'static str> {
        let names =
            if self.kind == OpKind::KillPayload { ["p", "q", "e", "s"] } else { ["p", "q", "p", "none"] };
        Some(self.bytes.pick(&names))
    }

    fn scheduler(&mut self, _: &'static FieldInfo) -> Option<&'static Scheduler<'static>> {
        Some(self.bytes.pick(&SCHEDULERS.each_ref()))
    }

    fn texts(&mut self, _: &'static FieldInfo) -> Option<&'static [&'static str]> {
        Some(self.bytes.args())
    }

    /// Without a usual value it is how long a wait lasts, and that has to be longer than a payload takes.
    fn time(&mut self, field: &'static FieldInfo) -> Option<Duration> {
        let byte = self.bytes.byte();
        match field.usual {
            Some(_) => (byte < 128).then(|| Duration::from_millis(u64::from(byte))),
            None => (byte % 4 == 3).then(|| Duration::from_millis(200 + u64::from(byte))),
        }
    }

    fn tag(&mut self, _: &'static FieldInfo) -> Option<&'static str> {
        Some(if self.bytes.rarely() { "" } else { "t" })
    }

    /// Texts that change nothing of what may happen later, or that never get there.
    fn text(&mut self, field: &'static FieldInfo) -> Option<&'static str> {
        let texts = if field.key == "file" { &FILES } else { &TEXTS };
        Some(self.bytes.pick(texts))
    }

    fn bytes(&mut self, _: &'static FieldInfo) -> Option<u64> {
        Some(u64::from(self.bytes.byte()) << 12)
    }

    fn nice(&mut self, _: &'static FieldInfo) -> Option<i32> {
        Some(i32::from(self.bytes.byte() as i8) / 5)
    }

    fn policy(&mut self, _: &'static FieldInfo) -> Option<SchedPolicy> {
        Some(self.bytes.pick(&POLICIES))
    }

    /// Half of the CPUs that it can be are there.
    fn count(&mut self, field: &'static FieldInfo) -> Option<u32> {
        let number = u32::from(self.bytes.byte());
        Some(if field.key == "cpu" { number % 8 } else { number })
    }

    fn flag(&mut self, _: &'static FieldInfo) -> Option<bool> {
        Some(self.bytes.byte() % 4 == 3)
    }
}

/// Where a slot's lists end, and what else a step has.
#[derive(Clone, Copy)]
struct Cut {
    ops: usize,
    defs: usize,
    payloads: usize,
    payload: Option<&'static Payload<'static>>,
    hold: HoldSpec,
}

/// Every check that no run of a valid scenario can fail, and from the end of the range one with a bound that
/// it cannot have. Isolation is among the first, as nothing but a mistake of ours fails it.
fn drawn_checks(byte: u8) -> Checks {
    let mut checks = Checks { isolation: byte & 1 != 0, ..Checks::NONE };
    let mut number = u8::MAX;
    for kind in CheckKind::ALL {
        let info = kind.info();
        let harmless = match (info.bound, info.relation) {
            (BoundKind::Time, _) => Some(CheckBound::Time(Duration::MAX)),
            (BoundKind::Number(NumberRange::Share), Relation::AtMost) => Some(CheckBound::Number(1.0)),
            (BoundKind::Number(_), Relation::AtMost) => Some(CheckBound::Number(f64::MAX)),
            (BoundKind::Number(NumberRange::FromZero), _) => Some(CheckBound::Number(0.0)),
            (BoundKind::Number(NumberRange::Share) | BoundKind::Flag(_), _) => None,
            (BoundKind::Always(_) | BoundKind::OfPayload | BoundKind::OfScheduler, _) => None,
        };
        if let Some(harmless) = harmless.filter(|_| byte & 2 != 0) {
            checks.set(kind, harmless);
        }
        if let BoundKind::Number(_) = info.bound {
            if byte == number {
                checks.set(kind, CheckBound::Number(f64::NAN));
            }
            number -= 1;
        }
    }
    checks
}

/// Shows the scenario that the bytes make; what there is no room for ends it.
pub fn with_scenario<R>(bytes: &[u8], show: impl for<'a> FnOnce(&'a Scenario<'a>) -> R) -> R {
    let mut bytes = Bytes(bytes);
    let mut ops = heapless::Vec::<Op<'static>, MAX_OPS>::new();
    let mut defs = heapless::Vec::<CgroupDef<'static>, MAX_DEFS>::new();
    let mut payloads = heapless::Vec::<&'static Payload<'static>, 4>::new();
    let mut cuts = heapless::Vec::<Cut, { MAX_STEPS + 1 }>::new();
    let odd = bytes.rarely();
    let workers = if odd { u32::from(bytes.byte()) } else { 1 };
    let duration = if odd { bytes.millis() } else { Duration::from_millis(200) };
    let checks = bytes.byte();
    while !bytes.0.is_empty() {
        let cut =
            |payload, hold| Cut { ops: ops.len(), defs: defs.len(), payloads: payloads.len(), payload, hold };
        match bytes.byte() {
            0..204 if ops.is_full() => break,
            204..230 if defs.is_full() => break,
            code @ 0..204 => ops.extend(bytes.op(code)),
            204..230 => {
                let _ = defs.push(CgroupDef::named(bytes.name()));
                let Some(def) = defs.last_mut() else { break };
                bytes.fill(def);
            }
            230..234 if cuts.is_empty() => drop(payloads.push(bytes.payload())),
            code => {
                let payload = (code >= 252).then(|| bytes.payload());
                let hold = bytes.hold();
                if cuts.push(cut(payload, hold)).is_err() {
                    break;
                }
            }
        }
    }
    let rest = Cut {
        ops: ops.len(),
        defs: defs.len(),
        payloads: payloads.len(),
        payload: None,
        hold: HoldSpec::Fixed(Duration::from_millis(10)),
    };
    let _ = cuts.push(rest);
    let step = |pair: &[Cut]| Step {
        name: None,
        setup: &defs[pair[0].defs..pair[1].defs],
        ops: &ops[pair[0].ops..pair[1].ops],
        payload: pair[1].payload,
        hold: pair[1].hold,
    };
    let steps: heapless::Vec<Step<'_>, MAX_STEPS> = cuts.windows(2).map(step).collect();
    let first = cuts[0];
    let scenario = Scenario {
        name: "generated",
        duration,
        workers_per_cgroup: workers,
        topology: None,
        needs: Needs::NONE,
        backdrop: Backdrop::new()
            .lend_cgroups(&defs[..first.defs])
            .lend_ops(&ops[..first.ops])
            .lend_payloads(&payloads[..first.payloads]),
        steps: &steps,
        checks: drawn_checks(checks),
        compare: &[],
        permit: &[],
    };
    show(&scenario)
}

#[cfg(test)]
mod tests;
