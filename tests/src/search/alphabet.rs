//! The letters that enumerated programs are written in: few names, few specs, every operation.

use ktstr_core::prelude::*;
use std::time::Duration;

/// The machine that programs are judged for and run on.
pub const TOPOLOGY: Topology = Topology::uniform(1, 2, 2, 1);

/// A payload that ends by itself after 150 ms: later than all holds of a program, sooner than any wait for it.
pub static SHORT: Payload = Payload::binary("p", "short");

const LOW: CpusetSpec = CpusetSpec::exact(CpuSet::range(0, 2));
const FIRST: CpusetSpec = CpusetSpec::exact(CpuSet::range(0, 1));
const HIGH: CpusetSpec = CpusetSpec::exact(CpuSet::range(2, 4));

/// Definitions, for the lists of definitions of the Backdrop and of steps.
pub static DEFS: [CgroupDef; 9] = [
    CgroupDef::named("a"),
    CgroupDef::named("b").workload(&SHORT),
    CgroupDef::named("a/x"),
    CgroupDef::named("a").until_removed(),
    CgroupDef::named("a").cpuset(LOW),
    CgroupDef::named("a/x").cpuset(FIRST),
    CgroupDef::named("a/x").cpuset(HIGH),
    CgroupDef::named("a/x").memory_max(1 << 26),
    CgroupDef::named("a").workload(&SHORT),
];

/// Operations, for the lists of operations.
pub static OPS: [Op; 47] = [
    Op::add_cgroup("a"),
    Op::add_cgroup("b"),
    Op::add_cgroup("a/x"),
    Op::add_cgroup("a").until_removed(),
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
