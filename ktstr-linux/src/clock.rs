//! The monotonic clock in nanoseconds, as supervisor and workers share it.

use rustix::event::Timespec;
use rustix::time::{ClockId, clock_gettime};
use std::time::Duration;

/// How long anything may take that needs a turn on a CPU, on a machine where every CPU has far more to do
/// than it can.
pub(crate) const TURN_TIME: Duration = Duration::from_secs(60);

/// Now.
pub(crate) fn now() -> u64 {
    nanos(ClockId::Monotonic)
}

/// CPU time of this process so far.
pub(crate) fn cpu_time() -> u64 {
    nanos(ClockId::ProcessCPUTime)
}

/// CPU time of another process so far; `None` when there is no such process.
pub(crate) fn cpu_time_of(pid: i32) -> Option<u64> {
    let clock = nix::time::clock_getcpuclockid(nix::unistd::Pid::from_raw(pid)).ok()?;
    let time = nix::time::clock_gettime(clock).ok()?;
    Some((time.tv_sec() as u64).wrapping_mul(1_000_000_000).wrapping_add(time.tv_nsec() as u64))
}

/// The time `length` from now.
pub(crate) fn after(length: Duration) -> u64 {
    now().saturating_add(duration_ns(length))
}

/// A length of time in nanoseconds; 584 years at most.
pub(crate) fn duration_ns(length: Duration) -> u64 {
    u64::try_from(length.as_nanos()).unwrap_or(u64::MAX)
}

/// What is left until `deadline`, as poll takes it.
pub(crate) fn left(deadline: u64) -> Timespec {
    let ns = deadline.saturating_sub(now());
    // A poll of more than a year is begun anew anyway.
    let secs = (ns / 1_000_000_000).min(365 * 24 * 3600);
    Timespec { tv_sec: secs as i64, tv_nsec: (ns % 1_000_000_000) as _ }
}

fn nanos(clock: ClockId) -> u64 {
    let time = clock_gettime(clock);
    (time.tv_sec as u64).wrapping_mul(1_000_000_000).wrapping_add(time.tv_nsec as u64)
}
