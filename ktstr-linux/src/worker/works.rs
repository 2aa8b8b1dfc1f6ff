//! The loops of the work types, one file each, and the one place where they are registered. They run in a
//! fork until it is time to stop: no allocation, no locks. What they work with is their [`Context`].

mod affinity_churn;
mod alu_hot;
mod asymmetric_waker;
mod buffered_io;
mod bursty;
mod cache_pipe;
mod cache_pressure;
mod cache_yield;
mod cross_affinity_churn;
mod direct_io;
mod epoll_server;
mod epoll_storm;
mod fan_out_compute;
mod fork_exit;
mod futex_fan_out;
mod futex_ping_pong;
mod idle_churn;
mod io_convoy;
mod io_rand_read;
mod io_sync_write;
mod ipc_variance;
mod memory_hold;
mod mixed;
mod mutex_contention;
mod nice_sweep;
mod numa_migration_churn;
mod numa_working_set_sweep;
mod page_fault_churn;
mod pi_mutex;
mod pipe_io;
mod policy_churn;
mod preempt_storm;
mod priority_inversion;
mod producer_consumer_imbalance;
mod rt_starvation;
mod sequence;
mod signal_storm;
mod smt_sibling_spin;
mod spin_wait;
mod thread_churn;
mod thundering_herd;
mod timer_latency;
mod uninterruptible_sleep;
mod wake_chain;
mod yield_heavy;

use crate::worker::context::Context;
use ktstr_core::{SchedPolicy, WorkType};

/// What the loop of a work type needs that the supervisor has to know of.
#[derive(Clone, Copy)]
pub(crate) struct Needs {
    /// Whether each member of a team has an inbox, a pipe that the others write to.
    pub(crate) inboxes: bool,
    /// Whether it has children, for which it waits.
    pub(crate) children: bool,
    /// Whether all members of a team have an eventfd in common.
    pub(crate) event: bool,
    /// Whether each worker has a file to read and write.
    pub(crate) file: bool,
    /// Whether that file has to be read and written past the page cache.
    pub(crate) direct: bool,
    /// Whether it has to know the tasks of the cgroup in which it was started.
    pub(crate) neighbours: bool,
    /// The scheduling policy that a member of a team asks for, whatever the attributes of the group say.
    pub(crate) policy: fn(&WorkType, usize) -> Option<SchedPolicy>,
}

impl Needs {
    const NOTHING: Self = Self {
        inboxes: false,
        children: false,
        event: false,
        file: false,
        direct: false,
        neighbours: false,
        policy: |_, _| None,
    };
}

/// The scheduling policy that a member of a team asks for by its work.
pub(crate) fn policy(work: &WorkType, member: usize) -> Option<SchedPolicy> {
    (needs(work).policy)(work, member)
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
    NumaMigrationChurn { period_ms } => numa_migration_churn,
    PolicyChurn { spin_iters } => policy_churn,
    TimerLatency { interval_us } => timer_latency,
    AluHot { width } => alu_hot,
    SmtSiblingSpin => smt_sibling_spin,
    CrossAffinityChurn { spin_iters } => cross_affinity_churn,
    RtStarvation { rt_workers, cfs_workers, rt_priority, burst_iters } => rt_starvation,
    PreemptStorm { cfs_workers, rt_burst_iters, rt_sleep_us } => preempt_storm,
    PriorityInversion { high_count, medium_count, low_count, hold_iters, work_iters, pi_mode }
        => priority_inversion,
    AsymmetricWaker { waker_class, wakee_class, burst_iters } => asymmetric_waker,
    PiMutex { contenders, hold_iters, work_iters } => pi_mutex,
    ProducerConsumerImbalance { producers, consumers, produce_rate_hz, consume_iters, queue_depth_target }
        => producer_consumer_imbalance,
    WakeChain { depth, wake, work_per_hop } => wake_chain,
    SignalStorm { signals_per_iter, work_iters } => signal_storm,
    EpollStorm { producers, consumers, events_per_burst } => epoll_storm,
    IoSyncWrite => io_sync_write,
    IoRandRead => io_rand_read,
    IoConvoy => io_convoy,
    BufferedIo { block_kib } => buffered_io,
    DirectIo { block_kib } => direct_io,
    MemoryHold { mib, touch_ms } => memory_hold,
    NumaWorkingSetSweep { region_kib, sweep_period_ms } => numa_working_set_sweep,
    UninterruptibleSleep { sleep_ms } => uninterruptible_sleep,
    ThreadChurn { spin_iters } => thread_churn,
    EpollServer { clients, think_us, serve_iters } => epoll_server,
    Sequence { first, first_us, second, second_us, third, third_us, fourth, fourth_us } => sequence,
}
