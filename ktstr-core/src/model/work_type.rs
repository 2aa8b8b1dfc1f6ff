//! What a worker does with its time: one row for each work type, from which everything that speaks of work
//! types derives. The loops live in the backends, one file for each type; the mock simulates their effect
//! from the row's profile.

mod argument;
mod draw;
mod info;
mod profile;
mod table;

pub use info::{Misfit, WorkTypeInfo};
pub use profile::Profile;

use crate::model::field::{FieldInfo, FieldKind, FieldValue};
use argument::{argument_of, kind_of, value_of};
use core::time::Duration;
use profile::{BURST_NS, approximate_root, bursts, forking, steady, touching, waking};
use serde::{Deserialize, Serialize};
use table::work_types;

// Work types are copied with each operation that starts workers: none is larger than two lengths of time and
// a flag.
const _: () = assert!(size_of::<WorkType>() <= 40);

const NANOSECOND: Duration = Duration::from_nanos(1);

work_types! {
    /// A worker's loop. One iteration is what each variant says; a burst of spinning is 1,024 units of work.
    pub enum WorkType in WORK_TYPES;

    /// Spins, one burst an iteration.
    SpinWait = spin_wait(),
    team: 1, wakes: false, profile: steady(BURST_NS, 1024.0);

    /// Calls `sched_yield` each iteration.
    YieldHeavy = yield_heavy(),
    team: 1, wakes: false, profile: steady(400.0, 1.0);

    /// A burst of spinning, then `sched_yield`.
    Mixed = mixed(),
    team: 1, wakes: false, profile: steady(BURST_NS + 400.0, 1024.0);

    /// Spins for `burst`, sleeps for `sleep`.
    Bursty = bursty(burst: Duration, sleep: Duration) {
        /// How long it spins.
        burst: Duration = Duration::from_millis(50), from NANOSECOND..=Duration::MAX;
        /// How long it sleeps.
        sleep: Duration = Duration::from_millis(100), from NANOSECOND..=Duration::MAX;
    },
    team: 1, wakes: true, profile: bursts(burst, sleep);

    /// Wakes, spins for `burst`, sleeps again: mostly idle, many wake-ups.
    IdleChurn = idle_churn(burst: Duration, sleep: Duration) {
        /// How long it spins.
        burst: Duration = Duration::from_micros(200), from NANOSECOND..=Duration::MAX;
        /// How long it sleeps.
        sleep: Duration = Duration::from_millis(2), from NANOSECOND..=Duration::MAX;
        /// Whether it asks for exact timers (1 ns timer slack) instead of the default 50 us slack.
        precise: bool = false;
    },
    team: 1, wakes: true, profile: bursts(burst, sleep);

    /// Pairs pass a byte back and forth through two pipes, with a burst of spinning every `iters` rounds.
    PipeIo = pipe_io(iters: u32) {
        /// Rounds between bursts.
        iters: u32 = 1024, from 1..=u32::MAX;
    },
    team: 2, wakes: true,
    profile: waking(0.5, 2_500.0 + BURST_NS / iters as f64, 1.0 + 1024.0 / iters as f64);

    /// Pairs wake each other through a futex, with `iters` units of spinning between.
    FutexPingPong = futex_ping_pong(iters: u32) {
        /// Units of spinning before each wake-up.
        iters: u32 = 1024, from 0..=u32::MAX;
    },
    team: 2, wakes: true,
    profile: waking(0.5, 2_000.0 + BURST_NS / 1024.0 * iters as f64, (iters as f64).max(1.0));

    /// Reads and writes a buffer with a stride; one pass over it is an iteration.
    CachePressure = cache_pressure(kib: u32, stride: u32) {
        /// Size of the buffer in KiB.
        kib: u32 = 256, from 1..=u32::MAX;
        /// Distance between touched bytes; at most the size of the buffer.
        stride: u32 = 64, from 1..=u32::MAX, at most kib as u64 * 1024;
    },
    team: 1, wakes: false,
    profile: {
        let touched = kib as f64 * 1024.0 / stride as f64;
        touching(kib, stride, steady(touched * 4.0, touched))
    };

    /// Maps `kib` of memory, touches each page, unmaps it.
    PageFaultChurn = page_fault_churn(kib: u32) {
        /// Size of the mapping in KiB.
        kib: u32 = 4096, from 1..=u32::MAX;
    },
    team: 1, wakes: false,
    profile: {
        let pages = (kib as f64 / 4.0).max(1.0);
        touching(kib, 1, steady(3_000.0 + pages * 250.0, pages))
    };

    /// Forks a child that exits at once, and waits for it.
    ForkExit = fork_exit(),
    team: 1, wakes: false, profile: forking(waking(0.9, 60_000.0, 1.0));

    /// Reads and writes a buffer with a stride, then calls `sched_yield`: a cache that is filled anew after
    /// each yield. One pass over the buffer is an iteration, a touched byte a unit.
    CacheYield = cache_yield(kib: u32, stride: u32) {
        /// Size of the buffer in KiB.
        kib: u32 = 32, from 1..=u32::MAX;
        /// Distance between touched bytes; at most the size of the buffer.
        stride: u32 = 64, from 1..=u32::MAX, at most kib as u64 * 1024;
    },
    team: 1, wakes: false,
    profile: {
        let touched = kib as f64 * 1024.0 / stride as f64;
        touching(kib, stride, steady(400.0 + touched * 4.0, touched))
    };

    /// Pairs pass a byte back and forth through two pipes, and each touches `burst_iters` lines of a buffer
    /// of its own before it sends: whether a waker and whom it wakes share a cache. A touched line is a
    /// unit, and so is a byte.
    CachePipe = cache_pipe(kib: u32, burst_iters: u32) {
        /// Size of the buffer in KiB.
        kib: u32 = 32, from 1..=u32::MAX;
        /// Lines of 64 bytes that are touched before a byte is sent.
        burst_iters: u32 = 1024, from 0..=u32::MAX;
    },
    team: 2, wakes: true,
    profile: touching(kib, 64, waking(0.5, 3_000.0 + 2.0 * burst_iters as f64, 1.0 + burst_iters as f64));

    /// Phases of dependent multiplications, which keep a CPU busy, and of touches of memory at random, which
    /// have it wait: how many instructions a cycle does changes all the time. `period_iters` of both are an
    /// iteration, a multiplication or a touch is a unit.
    IpcVariance = ipc_variance(hot_iters: u32, cold_iters: u32, period_iters: u32) {
        /// Multiplications in a hot phase.
        hot_iters: u32 = 100_000, from 1..=u32::MAX;
        /// Touches in a cold phase.
        cold_iters: u32 = 1024, from 1..=u32::MAX;
        /// Pairs of phases in an iteration.
        period_iters: u32 = 64, from 1..=u32::MAX;
    },
    team: 1, wakes: false,
    profile: {
        let (hot, cold, pairs) = (hot_iters as f64, cold_iters as f64, period_iters as f64);
        touching(512, 1, steady((hot * BURST_NS / 1024.0 + cold * 10.0) * pairs, (hot + cold) * pairs))
    };

    /// One spins and wakes all others through one futex, again and again: wake-ups that fan out. A unit of
    /// the first is one of spinning or a round, one of the others a wake-up; so are the iterations.
    FutexFanOut = futex_fan_out(fan_out: u32, spin_iters: u32) {
        /// How many are woken at once.
        fan_out: u32 = 4, from 1..=1023;
        /// Units of spinning before each wake-up.
        spin_iters: u32 = 1024, from 0..=u32::MAX;
    },
    team: fan_out + 1, wakes: true,
    profile: {
        let members = fan_out as f64 + 1.0;
        let spun = spin_iters as f64 / members;
        waking(0.5, 1_000.0 + BURST_NS / 1024.0 * spun, 1.0 + spun)
    };

    /// One wakes all others, as a dispatcher its workers; each of them rests for a moment, multiplies
    /// matrices, and says that it has done. When all have, the first wakes them again. A unit is a
    /// multiplication of two numbers, for the first a round.
    FanOutCompute = fan_out_compute(fan_out: u32, cache_footprint_kib: u32, operations: u32, sleep_usec: u32) {
        /// How many are woken at once.
        fan_out: u32 = 4, from 1..=1023;
        /// KiB that two matrices and their product fill.
        cache_footprint_kib: u32 = 256, from 1..=u32::MAX;
        /// Multiplications of matrices in each round.
        operations: u32 = 5, from 1..=u32::MAX;
        /// Microseconds for which each rests before it computes.
        sleep_usec: u32 = 100, from 0..=u32::MAX;
    },
    team: fan_out + 1, wakes: true,
    profile: {
        let workers = fan_out as f64 / (fan_out as f64 + 1.0);
        let numbers = cache_footprint_kib as f64 * 128.0 / 3.0;
        let products = numbers * approximate_root(numbers) * operations as f64;
        let (busy, idle) = (10_000.0 + products, 10_000.0 + sleep_usec as f64 * 1e3);
        let all = touching(cache_footprint_kib, 64, waking(workers * busy / (busy + idle), busy * workers, products * workers));
        Profile { wakeups: 2.0, ..all }
    };

    /// One wakes a whole herd of others at once by one futex, then rests while they lie down again. A
    /// wake-up is a unit and an iteration. After `batches` all rest until the end.
    ThunderingHerd = thundering_herd(waiters: u32, batches: u32, inter_batch_ms: u32) {
        /// How many there are in the herd.
        waiters: u32 = 7, from 1..=1023;
        /// How often they are woken.
        batches: u32 = 1000, from 1..=u32::MAX;
        /// Milliseconds between two times.
        inter_batch_ms: u32 = 5, from 0..=u32::MAX;
    },
    team: waiters + 1, wakes: true,
    profile: {
        let (busy, idle) = (10_000.0, inter_batch_ms as f64 * 1e6);
        waking(busy / (busy + idle), busy, 1.0)
    };

    /// All spin by themselves, then with a lock that only one can have: a common mutex, which is contended.
    /// A unit is one of spinning, or a turn with the lock.
    MutexContention = mutex_contention(contenders: u32, hold_iters: u32, work_iters: u32) {
        /// How many want the lock.
        contenders: u32 = 4, from 2..=1024;
        /// Units of spinning with the lock.
        hold_iters: u32 = 256, from 0..=u32::MAX;
        /// Units of spinning without it.
        work_iters: u32 = 1024, from 0..=u32::MAX;
    },
    team: contenders, wakes: true,
    profile: {
        let (hold, work) = (hold_iters as f64, work_iters as f64);
        let spun = hold + work + 1.0;
        let cap = spun / ((hold + 1.0) * contenders as f64);
        waking(if cap < 1.0 { cap } else { 1.0 }, 500.0 + BURST_NS / 1024.0 * spun, spun)
    };

    /// Ties itself to one CPU after the other, drawn from those that it may use, and spins on each: tasks
    /// that migrate all the time. A unit is one of spinning, or a change.
    AffinityChurn = affinity_churn(spin_iters: u32) {
        /// Units of spinning on each CPU.
        spin_iters: u32 = 1024, from 0..=u32::MAX;
    },
    team: 1, wakes: false,
    profile: steady(10_000.0 + BURST_NS / 1024.0 * spin_iters as f64, 1.0 + spin_iters as f64);

    /// Gives itself one nice value after the other, from -20 to 19, with a burst of spinning on each:
    /// weights that change all the time. Without the right to lower it the value goes up to 19 and stays.
    NiceSweep = nice_sweep(),
    team: 1, wakes: false, profile: steady(BURST_NS + 700.0, 1024.0);

    /// Gives itself one scheduling policy after the other (batch, idle, FIFO 1, round robin 1, normal) and
    /// spins with each: tasks that change their class all the time. Policies to which it has no right are
    /// left out. A unit is one of spinning, or a change.
    PolicyChurn = policy_churn(spin_iters: u32) {
        /// Units of spinning with each policy.
        spin_iters: u32 = 1024, from 0..=u32::MAX;
    },
    team: 1, wakes: false,
    profile: steady(2_000.0 + BURST_NS / 1024.0 * spin_iters as f64, 1.0 + spin_iters as f64);

    /// Sleeps until each tick of a clock of its own and measures how late it wakes, as `cyclictest` does. A
    /// tick is a unit and an iteration; ticks that it sleeps through are left out.
    TimerLatency = timer_latency(interval_us: u32) {
        /// Microseconds between two ticks.
        interval_us: u32 = 1000, from 1..=u32::MAX;
    },
    team: 1, wakes: true,
    profile: {
        let (busy, idle) = (7_000.0, interval_us as f64 * 1e3);
        waking(busy / (busy + idle), busy, 1.0)
    };
}
