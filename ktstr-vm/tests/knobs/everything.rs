//! One scenario with every operation and every field of a cgroup definition, once at least, and whether it is
//! that.

use ktstr_core::prelude::*;
use ktstr_core::{FieldKind, FieldValue, Limits, OpKind, execute_scenario};
use ktstr_vm::Job;
use std::time::Duration;

use super::readback::{ReadBack, WORKS};

const IDLE: Payload<'static> = Payload::binary("idle", "sleep").default_args(&["100"]);
const LOAD: Payload<'static> = Payload::binary("load", "sleep").default_args(&["101"]);
const QUICK: Payload<'static> = Payload::binary("quick", "sleep").default_args(&["0.01"]);
const OUTSIDE: Payload<'static> = Payload::binary("outside", "sleep").default_args(&["102"]);

/// Each control file is set to its example; sizes that are no whole pages show how they are rounded.
const ALL: CgroupDef<'static> = CgroupDef::named("all")
    .limits(Limits::EXAMPLE)
    .cpuset(CpusetSpec::exact(CpuSet::of(&[0, 1])))
    .memory_max((64 << 20) + 1234)
    .memory_high((48 << 20) + 1)
    .memory_swap_max((16 << 20) + 4095)
    .workers(2)
    .sched_policy(SchedPolicy::Batch)
    .affinity(AffinityIntent::SingleCpu)
    .mem_policy(MemPolicy::Bind(NodeSet::of(&[0])))
    .mpol_flags(MpolFlags::STATIC_NODES)
    .work(WorkSpec::new(WorkType::YieldHeavy).workers(1).nice(-3).comm("other").uid(7).gid(8))
    .nice(5)
    .comm("knob")
    .uid(1000)
    .gid(1001)
    .workload(&IDLE);
/// Each is set to what takes its limit away.
const OPEN: CgroupDef<'static> = CgroupDef::named("open")
    .limits(Limits::CLEAR)
    .cpuset(CpusetSpec::disjoint(1, 2))
    .workers(1)
    .work_type(WorkType::Mixed)
    .until_removed();
const LATE: CgroupDef<'static> = CgroupDef::named("late").workers(1);
const INNER: CgroupDef<'static> =
    CgroupDef::named("spare/inner").cpuset(CpusetSpec::exact(CpuSet::of(&[3]))).cpu_weight(1);

const EVENTS: FileCheck<'static> = FileCheck::file("cgroup.events").key("frozen");
const FROZEN: FileCheck<'static> = EVENTS.equals("1");
const THAWED: FileCheck<'static> = EVENTS.equals("0").within(Duration::from_secs(5));
const UNTHROTTLED: FileCheck<'static> =
    FileCheck::file("cpu.stat").key("nr_throttled").change(Change { min: Some(0.0), max: Some(0.0) });
const LINUX: FileCheck<'static> = FileCheck::file("/proc/sys/kernel/ostype").equals("Linux");

/// Each is set to its example, after the cgroup was made.
const CHANGED: Limits = Limits { cpuset: None, ..Limits::EXAMPLE };

fn ops(irq: u32) -> Vec<Op<'static>> {
    [
        Op::add_cgroup("box"),
        Op::add_cgroup("box").fails(Errno::EEXIST),
        Op::add_cgroup_def(&LATE),
        Op::add_cgroup("void"),
        Op::set_cpuset("spare", CpusetSpec::exact(CpuSet::of(&[2, 3]))),
        Op::swap_cpusets("spare", "all"),
        Op::swap_cpusets("spare", "all"),
        Op::add_cgroup_def(&INNER),
        Op::clear_cpuset("spare/inner"),
        Op::set_limits("spare/inner", &CHANGED),
        Op::spawn_workers("box", WorkSpec::new(WorkType::SpinWait).workers(2)),
        Op::spawn_host(WorkSpec::new(WorkType::SpinWait).workers(1)),
        Op::set_affinity("box", AffinityIntent::exact(CpuSet::of(&[1]))),
        Op::move_all_tasks("box", "open"),
        Op::set_affinity("open", AffinityIntent::random_subset(CpuSet::EMPTY, 1)),
        Op::set_affinity("open", AffinityIntent::Inherit),
        Op::run_payload_in_cgroup(&LOAD, &[], "box"),
        Op::freeze_cgroup("box"),
        Op::capture_cgroup_procs("frozen", "box"),
        Op::expect_in_cgroup(&FROZEN, "box"),
        Op::unfreeze_cgroup("box"),
        Op::expect_in_cgroup(&THAWED, "box"),
        Op::expect_in_cgroup(&UNTHROTTLED, "box"),
        Op::expect(&LINUX),
        Op::write_file("box", "memory.high", "67108864"),
        Op::reclaim("box", 4096),
        Op::reclaim("void", 1 << 30).fails(Errno::EAGAIN),
        Op::set_nice("open", -4),
        Op::set_sched_policy("open", SchedPolicy::Idle),
        Op::kill_payload("load"),
        Op::run_payload(&QUICK, &[]),
        Op::wait_payload("quick"),
        Op::steer_irq(irq, 2),
        Op::add_cgroup("pod"),
        Op::add_cgroup("pod/inner"),
        Op::spawn_workers("pod/inner", WorkSpec::new(WorkType::SpinWait).workers(2)),
        Op::run_payload_in_cgroup(&LOAD, &[], "pod"),
        Op::freeze_cgroup("pod/inner"),
        Op::kill_cgroup("pod"),
        Op::stop_cgroup("late"),
        Op::remove_cgroup("late"),
        Op::remove_cgroup("open"),
    ]
    .to_vec()
}

/// The most workers that are at it together, so that all get a turn on the few CPUs of a slow guest.
const AT_ONCE: u32 = 8;

/// A team of each type of work, a few at a time; those of real time, which keep others from a CPU, by
/// themselves.
fn works() -> Vec<Vec<Op<'static>>> {
    let mut steps: Vec<Vec<Op<'static>>> = Vec::new();
    let mut room = 0;
    for work_type in WorkType::DEFAULTS {
        let (size, alone) = (work_type.team_size(), work_type.profile().privileged);
        if size > room || alone {
            steps.push(vec![Op::add_cgroup(WORKS)]);
            room = AT_ONCE;
        }
        steps.last_mut().expect("a step").push(a_team(work_type));
        room = if alone { 0 } else { room.saturating_sub(size) };
    }
    steps
}

/// A team of workers of this type, in the cgroup for such, with little to do in an iteration.
fn a_team(usual: WorkType) -> Op<'static> {
    let mut work_type = usual;
    for (index, (field, value)) in usual.arguments().enumerate() {
        if let (FieldKind::Count { least, .. }, FieldValue::Count(count)) = (field.kind, value)
            && ["kib", "region_kib", "cache_footprint_kib", "mib", "operations"].contains(&field.key)
        {
            work_type.set_argument(index, FieldValue::Count((count / 64).max(least)));
        }
    }
    Op::spawn_workers(WORKS, WorkSpec::new(work_type).workers(work_type.team_size()))
}

/// An interrupt of a device on the PCI bus, which any CPU can take.
fn steerable() -> Option<u32> {
    let table = std::fs::read_to_string("/proc/interrupts").ok()?;
    let line = table.lines().find(|line| line.contains("virtio"))?;
    line.trim().split(':').next()?.parse().ok()
}

/// What takes a scheduler's program, and a kernel that has sched_ext.
const OF_SCHEDULERS: [OpKind; 4] =
    [OpKind::AttachScheduler, OpKind::DetachScheduler, OpKind::ReplaceScheduler, OpKind::RestartScheduler];

/// Plays it in the guest: what was read, then what was wrong, and how it ended.
fn everything() -> String {
    let Some(irq) = steerable() else { return "FAULT no interrupt can be steered".to_owned() };
    let ops = ops(irq);
    let is_played = |kind: OpKind| OF_SCHEDULERS.contains(&kind) || ops.iter().any(|op| op.kind() == kind);
    let missed: Vec<OpKind> = OpKind::ALL.into_iter().filter(|&kind| !is_played(kind)).collect();
    let works = works();
    let hold = Duration::from_millis(800);
    let all = [&ops].into_iter().chain(&works);
    let steps: Vec<Step<'_>> = all.map(|ops| Step::new(ops, HoldSpec::Fixed(hold))).collect();
    let duration = hold * (steps.len() as u32 + 1);
    let backdrop = Backdrop::new()
        .push_cgroup(ALL)
        .push_cgroup(OPEN)
        .push_op(Op::add_cgroup("spare"))
        .push_payload(&OUTSIDE);
    let scenario = Scenario::new("everything").duration(duration).backdrop(backdrop).steps(&steps);
    let mut text = play(&scenario);
    if !missed.is_empty() {
        text += &format!("FAULT the operations {missed:?} are not played\n");
    }
    text
}

fn play(scenario: &Scenario<'_>) -> String {
    let mut backend = match ReadBack::new() {
        Ok(backend) => backend,
        Err(fault) => return format!("FAULT {fault}"),
    };
    let result = match execute_scenario(scenario, &mut backend, 1, &mut ()) {
        Ok(report) => format!("END {} {:?} {} left", report.verdict.name(), report.error, report.leftovers),
        Err(error) => format!("FAULT {error}"),
    };
    let faults = backend.faults.iter().map(|fault| format!("FAULT {fault}"));
    let lines: Vec<String> = backend.lines.iter().cloned().chain(faults).collect();
    format!("{}\n{result}\n", lines.join("\n"))
}

fn from_text(text: &str) -> String {
    match text.parse::<ktstr_file::ScenarioFile>() {
        Ok(file) => play(file.scenario()),
        Err(errors) => format!("FAULT {errors:?}"),
    }
}

/// The guest's part: the job's scenario, or everything where it has none.
pub(crate) fn in_guest(job: &Job) -> Vec<u8> {
    let played = std::thread::scope(|scope| {
        let work = || if job.scenario.is_empty() { everything() } else { from_text(&job.scenario) };
        let thread = std::thread::Builder::new().spawn_scoped(scope, work);
        thread.map(|thread| thread.join().unwrap_or_else(|_| "FAULT a panic".to_owned()))
    });
    played.unwrap_or_else(|error| format!("FAULT no thread: {error}")).into_bytes()
}
