use ktstr_core::prelude::*;
use std::time::Duration;

pub static SCENARIO: Scenario<'static> = Scenario::new("work types")
    .duration(Duration::from_secs(1))
    .workers_per_cgroup(1)
    .steps(&[
        Step::new(&[
            Op::spawn_host(WorkSpec::new(WorkType::SpinWait).workers(1)),
            Op::spawn_host(WorkSpec::new(WorkType::YieldHeavy).workers(1)),
            Op::spawn_host(WorkSpec::new(WorkType::Mixed).workers(1)),
            Op::spawn_host(WorkSpec::new(WorkType::bursty(Duration::from_millis(50), Duration::from_millis(100))).workers(1)),
            Op::spawn_host(WorkSpec::new(WorkType::idle_churn(Duration::from_micros(200), Duration::from_millis(2))).workers(1)),
            Op::spawn_host(WorkSpec::new(WorkType::pipe_io(1024)).workers(2)),
            Op::spawn_host(WorkSpec::new(WorkType::futex_ping_pong(1024)).workers(2)),
            Op::spawn_host(WorkSpec::new(WorkType::cache_pressure(256, 64)).workers(1)),
            Op::spawn_host(WorkSpec::new(WorkType::page_fault_churn(4096)).workers(1)),
            Op::spawn_host(WorkSpec::new(WorkType::ForkExit).workers(1)),
            Op::spawn_host(WorkSpec::new(WorkType::SpinWait).workers(1)),
            Op::spawn_host(WorkSpec::new(WorkType::YieldHeavy).workers(1)),
            Op::spawn_host(WorkSpec::new(WorkType::Mixed).workers(1)),
            Op::spawn_host(WorkSpec::new(WorkType::bursty(Duration::from_nanos(22039), Duration::from_nanos(708153))).workers(1)),
            Op::spawn_host(WorkSpec::new(WorkType::IdleChurn { burst: Duration::from_nanos(103398), sleep: Duration::from_nanos(384365333303), precise: true }).workers(1)),
            Op::spawn_host(WorkSpec::new(WorkType::pipe_io(1)).workers(2)),
            Op::spawn_host(WorkSpec::new(WorkType::futex_ping_pong(245)).workers(2)),
            Op::spawn_host(WorkSpec::new(WorkType::cache_pressure(1, 1)).workers(1)),
            Op::spawn_host(WorkSpec::new(WorkType::page_fault_churn(1)).workers(1)),
            Op::spawn_host(WorkSpec::new(WorkType::ForkExit).workers(1)),
        ], HoldSpec::FULL),
    ]);
