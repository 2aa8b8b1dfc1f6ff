//! What a worker does with its time: one row for each work type, from which everything that speaks of work
//! types derives. The loops live in the backends, one file for each type; the mock simulates their effect
//! from the row's profile.

mod argument;
mod draw;
mod info;
mod profile;
mod rows;
mod table;
mod words;

pub use info::{Misfit, WorkTypeInfo};
pub use profile::Profile;
pub use words::{AluWidth, FutexLockMode, SchedClass, WakeMechanism, WorkPhase};

use crate::model::field::{FieldInfo, FieldKind, FieldValue};
use argument::{argument_of, kind_of, value_of};
use core::time::Duration;
use profile::{
    BURST_NS, approximate_root, bursts, by_device, forking, locking, privileged, sequence, steady, touching,
    waking,
};
use rows::{cpu_rows, io_rows, scheduling_rows, team_rows};
use serde::{Deserialize, Serialize};
use table::work_types;

// Work types are copied with each operation that starts workers: none is larger than two lengths of time and
// a flag.
const _: () = assert!(size_of::<WorkType>() <= 40);

const NANOSECOND: Duration = Duration::from_nanos(1);

cpu_rows! {
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
}
