//! What one iteration of a work type costs, for backends that simulate it. The numbers are those of an
//! ordinary machine, rounded; nothing that is measured depends on them.

use super::WorkPhase;
use core::time::Duration;

/// Nanoseconds of CPU time that a burst of 1,024 units takes.
pub(super) const BURST_NS: f64 = 1_100.0;

/// What a loop asks for: how much of a CPU, and what one iteration costs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Profile {
    /// The largest share of a CPU it can use, 0 to 1.
    pub cap: f64,
    /// CPU time of an iteration, in nanoseconds.
    pub cost_ns: f64,
    /// Units of work of an iteration.
    pub units: f64,
    /// Wake-ups of an iteration.
    pub wakeups: f64,
    /// Whether an iteration forks a child, and so needs room below `pids.max`.
    pub forks: bool,
    /// Memory that it has touched and keeps, in bytes.
    pub memory: u64,
    /// Whether it waits for a device, so that how much of a CPU it uses goes by that.
    pub by_device: bool,
    /// Whether it asks for a scheduling policy to which few have the right.
    pub privileged: bool,
}

impl Profile {
    /// A loop that does no work, or never comes to an end of one iteration.
    pub const IDLE: Self = Self {
        cap: 0.0,
        cost_ns: 1.0,
        units: 0.0,
        wakeups: 0.0,
        forks: false,
        memory: 0,
        by_device: false,
        privileged: false,
    };
}

impl Profile {
    /// The same without wake-ups.
    pub(super) const fn without_wakeups(self) -> Self {
        Self { wakeups: 0.0, ..self }
    }
}

/// A loop that never waits. Each cost is 1 at least.
pub(super) const fn steady(cost_ns: f64, units: f64) -> Profile {
    Profile { cap: 1.0, cost_ns: cost_ns.max(1.0), units: units.max(1.0), ..Profile::IDLE }
}

/// A loop that waits once in each iteration, and so uses at most a share of a CPU.
pub(super) const fn waking(cap: f64, cost_ns: f64, units: f64) -> Profile {
    Profile { cap, wakeups: 1.0, ..steady(cost_ns, units) }
}

/// The same loop, with a child forked in each iteration.
pub(super) const fn forking(profile: Profile) -> Profile {
    Profile { forks: true, ..profile }
}

/// The same loop, which touches every `stride`th byte of so many KiB.
pub(super) const fn touching(kib: u32, stride: u32, profile: Profile) -> Profile {
    const PAGE: u64 = 4096;
    let bytes = kib as u64 * 1024;
    let apart = if stride as u64 > PAGE { stride as u64 } else { PAGE };
    Profile { memory: bytes.div_ceil(apart) * PAGE, ..profile }
}

/// A loop that waits for a device most of the time.
pub(super) const fn by_device(cost_ns: f64, units: f64) -> Profile {
    Profile { by_device: true, ..Profile { cap: 0.3, ..steady(cost_ns, units) } }
}

/// A loop of phases, each for so many microseconds.
pub(super) const fn sequence(phases: &[(WorkPhase, u32)]) -> Profile {
    let (mut all, mut busy, mut units, mut by_device) = (0.0, 0.0, 0.0, false);
    let mut at = 0;
    while at < phases.len() {
        let (phase, us) = phases[at];
        let ns = us as f64 * 1e3;
        let (share, unit_ns) = match phase {
            WorkPhase::Nothing => (0.0, 0.0),
            WorkPhase::Sleep => (0.0, 1.0),
            WorkPhase::Spin => (1.0, BURST_NS / 1024.0),
            WorkPhase::Yield => (1.0, 400.0),
            WorkPhase::Io => (0.3, 100_000.0),
            WorkPhase::AluHot => (1.0, 3.0),
        };
        if unit_ns > 0.0 {
            all += ns;
            busy += ns * share;
            units += ns * share / unit_ns;
            by_device = by_device || matches!(phase, WorkPhase::Io);
        }
        at += 1;
    }
    // One that sleeps all the time still wakes now and then.
    let cost = busy + 5_000.0;
    let cap = cost / (all + 5_000.0);
    Profile { by_device, cap, ..steady(cost, units) }
}

/// The same loop, which needs the right to a scheduling policy.
pub(super) const fn privileged(profile: Profile) -> Profile {
    Profile { privileged: true, ..profile }
}

/// A loop of so many that want one lock, with this cost of a turn in which they do not spin.
pub(super) const fn locking(contenders: u32, hold_iters: u32, work_iters: u32, turn_ns: f64) -> Profile {
    let (hold, work) = (hold_iters as f64, work_iters as f64);
    let spun = hold + work + 1.0;
    let cap = (spun + 1_000.0) / ((hold + 1_000.0) * contenders as f64);
    waking(if cap < 1.0 { cap } else { 1.0 }, turn_ns + BURST_NS / 1024.0 * spun, spun)
}

/// A loop that spins for one time and sleeps for the other.
pub(super) const fn bursts(burst: Duration, sleep: Duration) -> Profile {
    let (burst, sleep) = (burst.as_nanos() as f64, sleep.as_nanos() as f64);
    waking(burst / (burst + sleep), burst, burst / BURST_NS * 1024.0)
}

/// The root of a number of 1 or more, to within a few per cent.
pub(super) const fn approximate_root(number: f64) -> f64 {
    let mut root = number;
    let mut step = 0;
    while step < 40 {
        root = f64::midpoint(root, number / root);
        step += 1;
    }
    root
}
