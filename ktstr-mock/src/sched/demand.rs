//! What each type of work asks for: how much of a CPU, and what one iteration costs.
//! The numbers are those of an ordinary machine, rounded.

use ktstr_core::{SchedPolicy, WorkType};

/// Nanoseconds of CPU time that a burst of 1,024 units takes.
const BURST_NS: f64 = 1_100.0;

/// What a type of work asks for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Demand {
    /// The largest share of a CPU it can use.
    pub(crate) cap: f64,
    /// CPU time of an iteration, in nanoseconds.
    pub(crate) cost_ns: f64,
    /// Units of work of an iteration.
    pub(crate) units: f64,
    /// Wake-ups of an iteration.
    pub(crate) wakeups: f64,
}

impl Demand {
    /// What this type of work asks for.
    pub(crate) fn of(work: &WorkType) -> Self {
        if !work.is_valid() {
            return Self::NOTHING;
        }
        let steady = |cost_ns: f64, units: f64| Self { cap: 1.0, cost_ns, units, wakeups: 0.0 };
        let waking = |cap: f64, cost_ns: f64, units: f64| Self { cap, cost_ns, units, wakeups: 1.0 };
        match *work {
            WorkType::SpinWait => steady(BURST_NS, 1024.0),
            WorkType::YieldHeavy => steady(400.0, 1.0),
            WorkType::Mixed => steady(BURST_NS + 400.0, 1024.0),
            WorkType::Bursty { burst, sleep } | WorkType::IdleChurn { burst, sleep, .. } => {
                let burst_ns = (burst.as_nanos() as f64).max(1.0);
                let cap = burst_ns / (burst_ns + sleep.as_nanos() as f64);
                waking(cap, burst_ns, (burst_ns / BURST_NS * 1024.0).max(1.0))
            }
            WorkType::PipeIo { iters } => waking(
                0.5,
                2_500.0 + BURST_NS / f64::from(iters.max(1)),
                1.0 + 1024.0 / f64::from(iters.max(1)),
            ),
            WorkType::FutexPingPong { iters } => {
                waking(0.5, 2_000.0 + BURST_NS / 1024.0 * f64::from(iters), f64::from(iters.max(1)))
            }
            WorkType::CachePressure { kib, stride } => {
                let touched = f64::from(kib) * 1024.0 / f64::from(stride.max(1));
                steady((touched * 4.0).max(1.0), touched.max(1.0))
            }
            WorkType::PageFaultChurn { kib } => {
                let pages = (f64::from(kib) / 4.0).max(1.0);
                steady(3_000.0 + pages * 250.0, pages)
            }
            WorkType::ForkExit => waking(0.9, 60_000.0, 1.0),
        }
    }

    /// What a loop comes to whose arguments make no work, or an iteration without end.
    const NOTHING: Self = Self { cap: 0.0, cost_ns: 1.0, units: 0.0, wakeups: 0.0 };

    /// What a program asks for that keeps a CPU busy.
    pub(crate) const BUSY: Self = Self { cap: 1.0, cost_ns: BURST_NS, units: 1024.0, wakeups: 0.0 };
}

/// The weight of a task against others of its cgroup; real-time ones outweigh everything else.
pub(crate) fn weight(policy: &SchedPolicy, nice: i32) -> (f64, bool) {
    match policy {
        SchedPolicy::Fifo(_) | SchedPolicy::RoundRobin(_) | SchedPolicy::Deadline { .. } => (1.0, true),
        SchedPolicy::Idle => (3.0, false),
        SchedPolicy::Normal | SchedPolicy::Batch | SchedPolicy::Ext => {
            let mut weight = 1024.0;
            for _ in 0..nice.clamp(-20, 19).unsigned_abs() {
                weight = if nice > 0 { weight / 1.25 } else { weight * 1.25 };
            }
            (weight, false)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_asks_for_something_finite() {
        for work in WorkType::DEFAULTS {
            let demand = Demand::of(&work);
            assert!(demand.cap > 0.0 && demand.cap <= 1.0, "{work:?}");
            assert!(demand.cost_ns >= 1.0 && demand.cost_ns.is_finite() && demand.units >= 1.0, "{work:?}");
        }
    }

    #[test]
    fn nice_steps_are_a_quarter_each() {
        assert_eq!(weight(&SchedPolicy::Normal, 0), (1024.0, false));
        assert_eq!(weight(&SchedPolicy::Normal, 1), (819.2, false));
        assert_eq!(weight(&SchedPolicy::Batch, -1), (1280.0, false));
        assert!(weight(&SchedPolicy::Fifo(1), 19).1);
    }
}
