use ktstr_core::ExpectedExit;
use ktstr_core::OnDeath;
use ktstr_core::SchedulerExit;
use ktstr_core::rules::ErrorKind;
use ktstr_core::prelude::*;
use std::time::Duration;

static PAYLOAD_0: Payload<'static> = Payload::binary("bench", "/usr/bin/fio")
    .default_args(&["--output-format=json"])
    .output(OutputKind::Json)
    .metrics(&[
        MetricHint { name: "jobs.0.read.iops", polarity: Polarity::HigherIsBetter, unit: "ops/s" },
        MetricHint { name: "jobs.0.read.lat", polarity: Polarity::LowerIsBetter, unit: "" },
        MetricHint { name: "other", polarity: Polarity::Unknown, unit: "" },
    ])
    .checks(&[
        PayloadCheck::exit_code(0),
        PayloadCheck::signal(Signal::TERM),
        PayloadCheck::min("jobs.0.read.iops", 100.0),
        PayloadCheck::max("jobs.0.read.lat", 5.0),
        PayloadCheck::range("other", 1.0, 2.5),
        PayloadCheck::exists("version"),
    ])
    .timeout(Duration::from_secs(5))
    .include_files(&["/etc/fio.conf"]);

static PAYLOAD_1: Payload<'static> = Payload::binary("load", "stress-ng")
    .default_args(&["--cpu", "2"]);

static SCHEDULER_0: Scheduler<'static> = Scheduler::new("cells", "scx_mitosis")
    .args(&["--cell-parent-cgroup", "{cgroup:/}"])
    .env(&["RUST_LOG=debug"])
    .include_files(&["/etc/os-release"])
    .controllers(Controllers::NONE.with(Controller::Cpuset).with(Controller::Cpu))
    .ready(Duration::from_secs(30))
    .grace(Duration::from_secs(5))
    .on_death(OnDeath::GoOn)
    .expect_exit(ExpectedExit::new(SchedulerExit::UnregisteredByItself).code(42).message_contains("done"));

static SCHEDULER_1: Scheduler<'static> = Scheduler::new("other", "scx_other");

pub static SCENARIO: Scenario<'static> = Scenario::new("everything")
    .duration(Duration::from_secs(30))
    .workers_per_cgroup(2)
    .topology(Uniform::new(2, 1, 4, 2).memory_mib(1024))
    .needs(Needs::NONE.cpus(8).llcs(2).nodes(2).kernel(6, 13).sched_ext())
    .backdrop(Backdrop::new()
        .scheduler(&SCHEDULER_0)
        .push_cgroup(CgroupDef::named("cell").cpuset(CpusetSpec::disjoint(0, 2)).cpuset_mems(NodeSet::range(0, 2)).cpu_weight(300).cpu_quota_pct(150).memory_max(67108864).memory_high(50331648).memory_low(1572864).memory_swap_unlimited().io_weight(50).pids_max(100).work(WorkSpec::new(WorkType::bursty(Duration::from_millis(5), Duration::from_millis(10))).workers(4).sched_policy(SchedPolicy::Batch).affinity(AffinityIntent::random_subset(CpuSet::range(0, 8), 2)).mem_policy(MemPolicy::Bind(NodeSet::of(&[0]))).mpol_flags(MpolFlags::NONE.and(MpolFlags::STATIC_NODES).and(MpolFlags::NUMA_BALANCING))).nice(5).comm("cell").uid(1000).gid(1000).checks(&Checks::NONE.min_cpu_share(0.1).max_gap(Duration::from_secs(1))).workload(&PAYLOAD_0).until_removed())
        .push_cgroup(CgroupDef::named("cell/leaf"))
        .push_cgroup(CgroupDef::named("many").cpuset(CpusetSpec::exact(CpuSet::of(&[0, 1, 2, 3, 8]))).cpu_quota(Duration::from_micros(5000), Duration::from_micros(20000)).memory_max_unlimited().pids_unlimited().work(WorkSpec::new(WorkType::Mixed).workers_pct(0.5).sched_policy(SchedPolicy::Fifo(10)).affinity(AffinityIntent::LlcAligned)).work(WorkSpec::new(WorkType::pipe_io(1024)).sched_policy(SchedPolicy::RoundRobin(10)).affinity(AffinityIntent::exact(CpuSet::range(1, 3))).mem_policy(MemPolicy::Local)).work(WorkSpec::new(WorkType::IdleChurn { burst: Duration::from_micros(200), sleep: Duration::from_millis(2), precise: true }).sched_policy(SchedPolicy::Deadline { runtime: Duration::from_millis(1), deadline: Duration::from_millis(5), period: Duration::from_millis(10) })).work(WorkSpec::new(WorkType::SpinWait).mem_policy(MemPolicy::Preferred(1)).nice(4).comm("w").uid(1).gid(2)).nice(-3))
        .push_op(Op::add_cgroup("overflow").until_removed())
        .push_op(Op::add_cgroup_def(&CgroupDef::named("late").cpu_weight(200)))
        .push_op(Op::add_cgroup_def(&CgroupDef::named("was").work(WorkSpec::new(WorkType::SpinWait).workers(1))).named("renamed"))
        .push_op(Op::steer_irq(9, 1))
        .push_payload(&PAYLOAD_1))
    .steps(&[
        Step { setup: &[
            CgroupDef::named("short_0").work(WorkSpec::new(WorkType::SpinWait)).kept(),
        ], ops: &[
            Op::set_cpuset("cell", CpusetSpec::range(0.0, 0.5)),
            Op::set_cpuset("cell", CpusetSpec::overlap(0, 2, 0.25)),
            Op::set_cpuset("cell", CpusetSpec::llc(0)),
            Op::set_cpuset("many", CpusetSpec::numa(1)),
            Op::swap_cpusets("cell", "many"),
            Op::clear_cpuset("many"),
            Op::spawn_workers("overflow", WorkSpec::new(WorkType::cache_pressure(64, 128)).workers(2)),
            Op::spawn_host(WorkSpec::new(WorkType::page_fault_churn(64)).mem_policy(MemPolicy::Interleave(NodeSet::range(0, 2)))),
            Op::set_affinity("cell", AffinityIntent::SmtSiblingPair),
            Op::move_all_tasks("", "overflow"),
        ], payload: Some(&PAYLOAD_1), ..Step::hold(HoldSpec::fixed(Duration::from_secs(1))) }.named("shuffled"),
        Step::new(&[
            Op::run_payload_in_cgroup(&PAYLOAD_0, &["--quick"], "overflow"),
            Op::run_payload(&PAYLOAD_1, &[]),
            Op::wait_payload_in_cgroup("bench", "overflow").timeout(Duration::from_secs(3)),
            Op::kill_payload("load").grace(Duration::from_millis(100)),
            Op::freeze_cgroup("many"),
            Op::set_limits("cell", &Limits::NONE.cpuset(CpusetSpec::exact(CpuSet::range(0, 2))).cpu_weight(20).memory_max_unlimited()),
            Op::expect_in_cgroup(&FileCheck::file("memory.events").key("oom_kill").equals("0").contains("0").min(0.0).max(1.5).change(Change { min: Some(0.0), max: None }).within(Duration::from_secs(2)), "cell"),
            Op::expect(&FileCheck::file("/proc/sys/kernel/ostype").equals("Linux").change(Change { min: Some(-1.0), max: Some(1.0) })),
            Op::capture_cgroup_procs("frozen", "many"),
            Op::add_cgroup("cell").fails(Errno::EEXIST),
            Op::unfreeze_cgroup("many"),
            Op::write_file("cell", "memory.high", "64M"),
            Op::reclaim("cell", 1048576),
            Op::set_nice("cell", -5),
            Op::set_sched_policy("cell", SchedPolicy::Fifo(3)),
            Op::kill_cgroup("overflow"),
            Op::remove_cgroup("overflow"),
            Op::replace_scheduler(&SCHEDULER_1),
            Op::restart_scheduler(),
            Op::detach_scheduler(),
            Op::attach_scheduler(&SCHEDULER_0),
        ], HoldSpec::frac(0.25)),
        Step::new(&[
            Op::set_affinity("cell", AffinityIntent::CrossCgroup),
            Op::set_affinity("cell", AffinityIntent::SingleCpu),
            Op::set_affinity("cell", AffinityIntent::Inherit),
            Op::spawn_workers("cell", WorkSpec::new(WorkType::SpinWait).sched_policy(SchedPolicy::Idle).mem_policy(MemPolicy::PreferredMany(NodeSet::of(&[0])))),
            Op::spawn_workers("cell", WorkSpec::new(WorkType::SpinWait).sched_policy(SchedPolicy::Ext).mem_policy(MemPolicy::WeightedInterleave(NodeSet::of(&[0])))),
            Op::spawn_workers("cell", WorkSpec::new(WorkType::futex_ping_pong(5))),
        ], HoldSpec::loop_at(Duration::from_millis(100))).named("looping"),
    ])
    .checks(Checks::NONE.not_starved().min_share(0.05).min_cpu_share(0.25).max_cpu_share(0.75).max_cpu_usage(1.5).isolation().max_gap(Duration::from_secs(2)).max_spread_pct(40.0).max_throughput_cv(0.5).min_work_rate(1000.0).max_p99_wake_latency(Duration::from_millis(10)))
    .compare(&[
        Comparison::new("cell", "many", Compared::Cpu, 3.0).within(0.2),
        Comparison::new("cell", "cell", Compared::WakeP99, 0.5).in_steps("shuffled", "looping"),
    ])
    .permit(&[ErrorKind::ChildLeftOutside, ErrorKind::Stranded]);
