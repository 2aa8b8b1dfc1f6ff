//! The letters that enumerated programs are written in: few names, few specs, every operation.

use ktstr_core::prelude::*;
use ktstr_core::{FieldInfo, OpKind, OpSource, Placement};
use std::sync::LazyLock;
use std::time::Duration;

/// The machine that programs are judged for and run on.
pub const TOPOLOGY: Topology = Topology::uniform(1, 2, 2, 1);

/// A payload that ends by itself after 150 ms: later than all holds of a program, sooner than any wait for
/// it.
pub static SHORT: Payload = Payload::binary("p", "short");

/// Two schedulers, to tell one from the other.
pub static SCHEDULERS: [Scheduler; 2] = [Scheduler::new("s", "scx_s"), Scheduler::new("t", "scx_t")];

const LOW: CpusetSpec = CpusetSpec::exact(CpuSet::range(0, 2));
const FIRST: CpusetSpec = CpusetSpec::exact(CpuSet::range(0, 1));
const HIGH: CpusetSpec = CpusetSpec::exact(CpuSet::range(2, 4));

/// Definitions, for the lists of definitions of the Backdrop and of steps.
pub static DEFS: [CgroupDef; 11] = [
    CgroupDef::named("a"),
    CgroupDef::named("b").workload(&SHORT),
    CgroupDef::named("a/x"),
    CgroupDef::named("a").until_removed(),
    CgroupDef::named("a").cpuset(LOW),
    CgroupDef::named("a/x").cpuset(FIRST),
    CgroupDef::named("a/x").cpuset(HIGH),
    CgroupDef::named("a/x").memory_max(1 << 26),
    CgroupDef::named("a").workload(&SHORT),
    CgroupDef::named("a").workers(0).memory_max(1 << 27),
    CgroupDef::named("a/x").workload(&SHORT).kept(),
];

/// What control files are set to: with a domain controller, and out of range.
static LIMITS: [Limits; 2] = [Limits::NONE.memory_max(1 << 27), Limits::NONE.cpu_weight(0)];

/// What always holds: of a file that every cgroup has, and of a controller's.
static CHECKS: [FileCheck; 2] =
    [FileCheck::file("cgroup.events").key("frozen").min(0.0), FileCheck::file("pids.current").min(0.0)];

/// Operations, for the lists of operations: those picked by hand, and of each other kind all that the pools
/// make.
pub static OPS: LazyLock<Vec<Op<'static>>> = LazyLock::new(|| {
    let is_picked = |kind: OpKind| PICKED.iter().any(|op| op.kind() == kind);
    let others = OpKind::ALL.into_iter().filter(|&kind| !is_picked(kind));
    PICKED.iter().copied().chain(others.flat_map(Pools::all_of)).collect()
});

/// Of each kind those that can meet one another, a few for each.
static PICKED: [Op; 71] = [
    Op::add_cgroup("a"),
    Op::add_cgroup("b"),
    Op::add_cgroup("a/x"),
    Op::add_cgroup("a").until_removed(),
    Op::add_cgroup("a").kept(),
    Op::add_cgroup_def(&DEFS[0]),
    Op::add_cgroup_def(&DEFS[5]),
    Op::add_cgroup_def(&DEFS[7]),
    Op::remove_cgroup("a"),
    Op::remove_cgroup("b"),
    Op::remove_cgroup("a/x"),
    Op::stop_cgroup("a"),
    Op::stop_cgroup("b"),
    Op::stop_cgroup("a/x"),
    Op::set_cpuset("a", LOW),
    Op::set_cpuset("a", HIGH),
    Op::set_cpuset("a/x", FIRST),
    Op::set_cpuset("b", LOW),
    Op::clear_cpuset("a"),
    Op::clear_cpuset("a/x"),
    Op::swap_cpusets("a", "b"),
    Op::swap_cpusets("a", "a"),
    Op::spawn_in_cgroup("a", WorkType::SpinWait),
    Op::spawn_in_cgroup("b", WorkType::YieldHeavy),
    Op::spawn_in_cgroup("a/x", WorkType::SpinWait),
    Op::spawn_host(WorkSpec::new(WorkType::SpinWait)),
    Op::set_affinity("a", AffinityIntent::SingleCpu),
    Op::set_affinity("b", AffinityIntent::Exact(CpuSet::range(0, 1))),
    Op::move_all_tasks("a", "b"),
    Op::move_all_tasks("b", "a"),
    Op::move_all_tasks("a", "a/x"),
    Op::move_all_tasks("a/x", "a"),
    Op::move_all_tasks("", "a"),
    Op::move_all_tasks("a", ""),
    Op::move_all_tasks("a", "a"),
    Op::run_payload(&SHORT, &[]),
    Op::run_payload_in_cgroup(&SHORT, &[], "a"),
    Op::run_payload_in_cgroup(&SHORT, &[], "b"),
    Op::wait_payload("p").timeout(Duration::from_millis(200)),
    Op::wait_payload_in_cgroup("p", "a").timeout(Duration::from_millis(200)),
    Op::kill_payload("p"),
    Op::kill_payload_in_cgroup("p", "b"),
    Op::freeze_cgroup("a"),
    Op::freeze_cgroup("a/x"),
    Op::unfreeze_cgroup("a"),
    Op::unfreeze_cgroup("b"),
    Op::capture_cgroup_procs("t", "a"),
    Op::steer_irq(9, 1),
    Op::set_limits("a", &LIMITS[0]),
    Op::expect_in_cgroup(&CHECKS[0], "a"),
    Op::expect_in_cgroup(&CHECKS[1], "a/x"),
    Op::expect(&CHECKS[1]),
    Op::add_cgroup("a").fails(Errno::EEXIST),
    Op::add_cgroup("a/x").fails(Errno::ENOENT),
    Op::remove_cgroup("a").fails(Errno::EBUSY),
    Op::spawn_in_cgroup("a", WorkType::SpinWait).fails(Errno::EBUSY),
    Op::move_all_tasks("a/x", "a").fails(Errno::EBUSY),
    Op::set_limits("b", &LIMITS[1]).fails(Errno::ERANGE),
    Op::stop_cgroup("a").fails(Errno::EBUSY),
    Op::set_limits("a/x", &LIMITS[0]),
    Op::set_limits("b", &LIMITS[1]),
    Op::attach_scheduler(&SCHEDULERS[0]),
    Op::kill_cgroup("a"),
    Op::kill_cgroup("a/x"),
    Op::write_file("a/x", "memory.high", "max"),
    Op::write_file("a", "cgroup.freeze", "1"),
    Op::reclaim("a/x", 4096),
    Op::set_nice("a", 5),
    Op::set_sched_policy("a", SchedPolicy::Batch),
    Op::replace_scheduler(&SCHEDULERS[0]),
    Op::replace_scheduler(&SCHEDULERS[1]),
];

/// The holds that shares of the duration are enumerated with.
pub const HOLDS: [HoldSpec; 9] = [
    HoldSpec::Fixed(Duration::ZERO),
    HoldSpec::Fixed(Duration::from_millis(40)),
    HoldSpec::Fixed(Duration::from_millis(150)),
    HoldSpec::Frac(0.5),
    HoldSpec::Frac(f64::NAN),
    HoldSpec::FULL,
    HoldSpec::loop_at(Duration::from_millis(30)),
    HoldSpec::loop_at(Duration::from_millis(90)),
    HoldSpec::loop_at(Duration::ZERO),
];

/// A few values for each kind of field; numbered, so that all of their combinations can be made one after the
/// other.
struct Pools {
    number: usize,
}

impl Pools {
    /// All operations of one kind, with fields from the pools.
    fn all_of(kind: OpKind) -> impl Iterator<Item = Op<'static>> {
        let make = move |number| {
            let mut pools = Self { number };
            let op = kind.make(&mut pools);
            op.filter(|_| pools.number == 0)
        };
        (0..).map_while(make)
    }

    fn pick<T: Copy>(&mut self, pool: &[T]) -> Option<T> {
        let index = self.number % pool.len();
        self.number /= pool.len();
        Some(pool[index])
    }

    /// As [`pick`](Self::pick), or nothing where the field may be left out.
    fn maybe<T: Copy>(&mut self, field: &FieldInfo, pool: &[T]) -> Option<T> {
        if field.required {
            return self.pick(pool);
        }
        let index = self.number % (pool.len() + 1);
        self.number /= pool.len() + 1;
        pool.get(index).copied()
    }
}

const NAMES: [&str; 3] = ["a", "b", "a/x"];

impl OpSource<'static> for Pools {
    fn cgroup(&mut self, field: &'static FieldInfo) -> Option<&'static str> {
        self.maybe(field, &NAMES)
    }

    fn new_cgroup(&mut self, field: &'static FieldInfo) -> Option<&'static str> {
        self.maybe(field, &NAMES)
    }

    fn placement(&mut self, field: &'static FieldInfo) -> Option<Placement<'static>> {
        self.maybe(field, &["a", "a/x", ""]).map(Placement::of_path)
    }

    fn home(&mut self, field: &'static FieldInfo) -> Option<Placement<'static>> {
        self.placement(field)
    }

    fn cpuset(&mut self, _: &'static FieldInfo) -> Option<CpusetSpec> {
        self.pick(&[LOW, HIGH])
    }

    fn affinity(&mut self, _: &'static FieldInfo) -> Option<AffinityIntent> {
        self.pick(&[AffinityIntent::SingleCpu])
    }

    fn work(&mut self, _: &'static FieldInfo) -> Option<WorkSpec<'static>> {
        self.pick(&[WorkSpec::new(WorkType::SpinWait)])
    }

    fn def(&mut self, _: &'static FieldInfo) -> Option<&'static CgroupDef<'static>> {
        self.pick(&[&DEFS[0], &DEFS[5]])
    }

    fn file_check(&mut self, _: &'static FieldInfo) -> Option<&'static FileCheck<'static>> {
        self.pick(&[&CHECKS[0], &CHECKS[1]])
    }

    fn limits(&mut self, _: &'static FieldInfo) -> Option<&'static Limits> {
        self.pick(&[&LIMITS[0], &LIMITS[1]])
    }

    fn payload(&mut self, _: &'static FieldInfo) -> Option<&'static Payload<'static>> {
        self.pick(&[&SHORT])
    }

    fn payload_name(&mut self, _: &'static FieldInfo) -> Option<&'static str> {
        self.pick(&["p"])
    }

    fn scheduler(&mut self, _: &'static FieldInfo) -> Option<&'static Scheduler<'static>> {
        self.pick(&SCHEDULERS.each_ref())
    }

    fn texts(&mut self, _: &'static FieldInfo) -> Option<&'static [&'static str]> {
        Some(&[])
    }

    /// Longer than the payload takes.
    fn time(&mut self, field: &'static FieldInfo) -> Option<Duration> {
        self.maybe(field, &[Duration::from_millis(200)])
    }

    fn tag(&mut self, _: &'static FieldInfo) -> Option<&'static str> {
        self.pick(&["t"])
    }

    fn text(&mut self, field: &'static FieldInfo) -> Option<&'static str> {
        self.pick(if field.key == "file" { &["memory.high", "cgroup.freeze"] } else { &["max"] })
    }

    fn bytes(&mut self, _: &'static FieldInfo) -> Option<u64> {
        self.pick(&[4096])
    }

    fn nice(&mut self, _: &'static FieldInfo) -> Option<i32> {
        self.pick(&[5])
    }

    fn policy(&mut self, _: &'static FieldInfo) -> Option<SchedPolicy> {
        self.pick(&[SchedPolicy::Batch])
    }

    fn count(&mut self, _: &'static FieldInfo) -> Option<u32> {
        self.pick(&[1])
    }

    fn flag(&mut self, field: &'static FieldInfo) -> Option<bool> {
        self.maybe(field, &[true])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_alphabet_has_a_letter_for_every_operation() {
        for kind in OpKind::ALL {
            assert!(OPS.iter().any(|op| op.kind() == kind), "{kind:?}");
        }
        assert!(OPS.len() <= usize::from(u8::MAX), "a letter is a byte");
    }

    #[test]
    fn the_pools_make_each_combination_once() {
        let frozen: Vec<_> = Pools::all_of(OpKind::FreezeCgroup).collect();
        assert_eq!(frozen, NAMES.map(Op::freeze_cgroup));
        assert_eq!(Pools::all_of(OpKind::SwapCpusets).count(), 9);
        assert_eq!(Pools::all_of(OpKind::KillPayload).count(), 4 * 2);
        for kind in OpKind::ALL {
            assert!(Pools::all_of(kind).next().is_some(), "{kind:?}");
        }
    }
}
