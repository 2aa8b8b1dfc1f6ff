//! The loops of the work types, one file each, and the one place where they are registered. They run in a
//! fork until it is time to stop: no allocation, no locks. What they work with is their [`Context`].

mod affinity_churn;
mod bursty;
mod cache_pipe;
mod cache_pressure;
mod cache_yield;
mod fan_out_compute;
mod fork_exit;
mod futex_fan_out;
mod futex_ping_pong;
mod idle_churn;
mod ipc_variance;
mod mixed;
mod mutex_contention;
mod nice_sweep;
mod page_fault_churn;
mod pipe_io;
mod policy_churn;
mod spin_wait;
mod thundering_herd;
mod timer_latency;
mod yield_heavy;

use crate::worker::context::Context;
use ktstr_core::WorkType;

/// What the loop of a work type needs that the supervisor has to know of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Needs {
    /// Whether each member of a team has an inbox, a pipe that the others write to.
    pub(crate) inboxes: bool,
    /// Whether it has children, for which it waits.
    pub(crate) children: bool,
}

impl Needs {
    const NOTHING: Self = Self { inboxes: false, children: false };
}

macro_rules! works {
    ($( $name:ident $({ $($argument:ident),+ })? => $file:ident, )+) => {
        /// Works until it is time to stop.
        pub(crate) fn run(work: WorkType, context: &mut Context<'_>) {
            match work {
                $( WorkType::$name $({ $($argument),+ })? => $file::run($($($argument,)+)? context), )+
            }
        }

        /// What its loop needs.
        pub(crate) const fn needs(work: &WorkType) -> Needs {
            match work {
                $( WorkType::$name { .. } => $file::NEEDS, )+
            }
        }
    };
}

works! {
    SpinWait => spin_wait,
    YieldHeavy => yield_heavy,
    Mixed => mixed,
    Bursty { burst, sleep } => bursty,
    IdleChurn { burst, sleep, precise } => idle_churn,
    PipeIo { iters } => pipe_io,
    FutexPingPong { iters } => futex_ping_pong,
    CachePressure { kib, stride } => cache_pressure,
    PageFaultChurn { kib } => page_fault_churn,
    ForkExit => fork_exit,
    CacheYield { kib, stride } => cache_yield,
    CachePipe { kib, burst_iters } => cache_pipe,
    IpcVariance { hot_iters, cold_iters, period_iters } => ipc_variance,
    FutexFanOut { fan_out, spin_iters } => futex_fan_out,
    FanOutCompute { fan_out, cache_footprint_kib, operations, sleep_usec } => fan_out_compute,
    ThunderingHerd { waiters, batches, inter_batch_ms } => thundering_herd,
    MutexContention { contenders, hold_iters, work_iters } => mutex_contention,
    AffinityChurn { spin_iters } => affinity_churn,
    NiceSweep => nice_sweep,
    PolicyChurn { spin_iters } => policy_churn,
    TimerLatency { interval_us } => timer_latency,
}
