//! The loops of the work types, one file each, and the one place where they are registered. They run in a
//! fork until it is time to stop: no allocation, no locks. What they work with is their [`Context`].

mod bursty;
mod cache_pressure;
mod fork_exit;
mod futex_ping_pong;
mod idle_churn;
mod mixed;
mod page_fault_churn;
mod pipe_io;
mod spin_wait;
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
}
