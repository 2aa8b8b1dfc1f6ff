use ktstr_core::CpuMax;
use ktstr_core::prelude::*;
use std::time::Duration;

static PAYLOAD_0: Payload<'static> = Payload::binary("same", "b")
    .checks(&[
        PayloadCheck::exit_code(-1),
    ]);

static PAYLOAD_1: Payload<'static> = Payload::binary("same", "a");

pub static SCENARIO: Scenario<'static> = Scenario::new("odd \"name\"\n")
    .duration(Duration::new(18446744073709551615, 999999999))
    .workers_per_cgroup(0)
    .topology(Uniform::new(1, 1, 3, 1))
    .backdrop(Backdrop::new()
        .push_op(Op::add_cgroup_def(&CgroupDef::named("a").cpu_max(CpuMax { quota_us: None, period_us: 50000 }).memory_max_unlimited().memory_high_unlimited().workload(&PAYLOAD_0)))
        .push_op(Op::add_cgroup_def(&CgroupDef::named("b").cpu_unlimited().memory_swap_max(5).pids_max(18446744073709551615)))
        .push_op(Op::spawn_workers("", WorkSpec::new(WorkType::SpinWait).workers_pct(1e300).affinity(AffinityIntent::random_subset(CpuSet::EMPTY, 4294967295))))
        .push_op(Op::spawn_host(WorkSpec::new(WorkType::SpinWait).affinity(AffinityIntent::exact(CpuSet::of(&[0, 2, 4, 5, 6]))).comm("nul\0")))
        .lend_payloads(&[
            &PAYLOAD_1,
            &PAYLOAD_0,
            &PAYLOAD_1,
            &PAYLOAD_1,
            &PAYLOAD_1,
            &PAYLOAD_1,
            &PAYLOAD_1,
            &PAYLOAD_1,
            &PAYLOAD_1,
        ]))
    .steps(&[
        Step::with_payload(&PAYLOAD_0, HoldSpec::fixed(Duration::from_nanos(7))),
        Step { setup: &[], ops: &[
            Op::steer_irq(4294967295, 0),
        ], payload: Some(&PAYLOAD_1), ..Step::hold(HoldSpec::fixed(Duration::from_micros(1000001))) },
        Step::with_defs(&[
            CgroupDef::named("c").work(WorkSpec::new(WorkType::SpinWait).affinity(AffinityIntent::exact(CpuSet::EMPTY))).work(WorkSpec::new(WorkType::SpinWait)).work(WorkSpec::new(WorkType::SpinWait)).work(WorkSpec::new(WorkType::SpinWait)),
        ], HoldSpec::fixed(Duration::from_secs(0))).set_ops(&[
            Op::clear_cpuset("a"),
        ]),
        Step::hold(HoldSpec::FULL),
        Step::with_defs(&[
            CgroupDef::named("c"),
        ], HoldSpec::frac(f64::INFINITY)),
    ])
    .checks(Checks::NONE.max_spread_pct(f64::NAN).max_throughput_cv(f64::INFINITY).min_work_rate(f64::NEG_INFINITY));
