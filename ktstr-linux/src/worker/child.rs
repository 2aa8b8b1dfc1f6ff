//! What a forked worker runs through: setup, the barrier, its loop, its end. System calls and shared memory
//! only.

use crate::clock::{after, now};
use crate::sys::futex;
use crate::worker::Order;
use crate::worker::context::{Context, Team};
use crate::worker::progress::Progress;
use crate::worker::setup::{self, Plan};
use crate::worker::shared::{Head, Slot, go, state};
use crate::worker::works;
use ktstr_core::{Rng, mix};
use std::os::fd::RawFd;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// What one worker starts from.
#[derive(Clone, Copy)]
pub(crate) struct Start<'a> {
    pub(crate) head: &'a Head,
    /// Those of all workers of its group.
    pub(crate) slots: &'a [Slot],
    pub(crate) index: u32,
    pub(crate) plan: Plan,
    /// How long it spins before it begins, in nanoseconds.
    pub(crate) offset: u64,
    pub(crate) seed: u64,
    pub(crate) team: Team<'a>,
    /// The descriptors that it uses, sorted.
    pub(crate) keep: &'a [RawFd],
    pub(crate) page: usize,
}

/// How long worker `index` spins before it begins.
pub(crate) fn offset(order: &Order<'_>, index: u32) -> u64 {
    Rng::new(seed(order, index)).below(order.jitter_ns)
}

/// The seed of worker `index`.
pub(crate) fn seed(order: &Order<'_>, index: u32) -> u64 {
    mix(order.seed ^ u64::from(index))
}

/// The life of a worker; answers its exit code.
pub(crate) fn run(start: &Start<'_>) -> i32 {
    let head = start.head;
    let Some(slot) = start.slots.get(start.index as usize) else { return 1 };
    // SAFETY: from here on this fork uses these descriptors only, and it ends without destructors.
    let set_up = unsafe { setup::run(&start.plan, start.keep) };
    if let Err((stage, errno)) = set_up {
        slot.stage.store(stage as u32, Ordering::Relaxed);
        slot.error.store(errno.raw_os_error(), Ordering::Relaxed);
        slot.state.store(state::FAILED, Ordering::Release);
        head.settled.fetch_add(1, Ordering::SeqCst);
        futex::wake_all(&head.settled);
        return 1;
    }
    slot.pid.store(rustix::process::getpid().as_raw_nonzero().get().unsigned_abs(), Ordering::Relaxed);
    slot.state.store(state::READY, Ordering::Release);
    let settled = head.settled.fetch_add(1, Ordering::SeqCst).wrapping_add(1);
    if settled as usize == start.slots.len() && head.awaited.load(Ordering::SeqCst) != 0 {
        futex::wake_all(&head.settled);
    }
    if await_start(head) {
        work(start, head, slot);
    }
    slot.state.store(state::STOPPED, Ordering::Release);
    0
}

/// Waits at the barrier; false when the group is stopped without having been started.
fn await_start(head: &Head) -> bool {
    while head.go.load(Ordering::Acquire) == go::WAIT {
        futex::wait(&head.go, go::WAIT, None);
    }
    head.started_at.load(Ordering::Acquire) != 0
}

fn work(start: &Start<'_>, head: &Head, slot: &Slot) {
    let until = after(Duration::from_nanos(start.offset));
    while start.offset > 0 && now() < until && head.go.load(Ordering::Relaxed) == go::RUN {
        std::hint::spin_loop();
    }
    let progress = Progress::begin(head, slot, start.offset);
    let mut context = Context { progress, team: start.team, seed: start.seed, page: start.page };
    works::run(start.plan.work.work_type, &mut context);
    context.team.leave();
    context.progress.end();
}
