//! What a forked worker runs through: setup, the barrier, its loop, its end. System calls and shared memory only.

use crate::clock::{after, now};
use crate::sys::futex;
use crate::sys::shm::Region;
use crate::worker::Order;
use crate::worker::loops::{self, Pair};
use crate::worker::progress::Progress;
use crate::worker::setup::{self, Plan};
use crate::worker::shared::{Head, Slot, go, state};
use ktstr_core::{Rng, WorkType, mix};
use rustix::io::Errno;
use rustix::pipe::{PipeFlags, pipe_with};
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::atomic::Ordering;
use std::time::Duration;

/// What one worker starts from.
pub(crate) struct Start<'a> {
    pub(crate) region: &'a Region<Head, Slot>,
    pub(crate) index: u32,
    pub(crate) plan: Plan<'a>,
    /// How long it spins before it begins, in nanoseconds.
    pub(crate) offset: u64,
    /// Where it reads and where it writes.
    pub(crate) pipes: Option<(&'a OwnedFd, &'a OwnedFd)>,
    pub(crate) page: usize,
}

/// The pipes between the pairs of a group.
#[derive(Default)]
pub(crate) struct Pipes {
    /// For each pair: there, and back; each as its reading and its writing end.
    pairs: Vec<[(OwnedFd, OwnedFd); 2]>,
}

impl Pipes {
    /// The pipes that a group needs, if it needs any.
    ///
    /// # Errors
    /// `EMFILE`, `ENFILE`.
    pub(crate) fn for_group(order: &Order<'_>) -> Result<Self, Errno> {
        let WorkType::PipeIo { .. } = order.work.work_type else { return Ok(Self::default()) };
        let pipe = || pipe_with(PipeFlags::CLOEXEC);
        let pairs = (0..order.workers.div_ceil(2)).map(|_| Ok([pipe()?, pipe()?]));
        Ok(Self { pairs: pairs.collect::<Result<_, Errno>>()? })
    }

    /// Where worker `index` reads and where it writes.
    pub(crate) fn of(&self, index: u32) -> Option<(&OwnedFd, &OwnedFd)> {
        let [there, back] = self.pairs.get(index as usize / 2)?;
        Some(if index.is_multiple_of(2) { (&back.0, &there.1) } else { (&there.0, &back.1) })
    }
}

/// How long worker `index` spins before it begins.
pub(crate) fn offset(order: &Order<'_>, index: u32) -> u64 {
    Rng::new(mix(order.seed ^ u64::from(index))).below(order.jitter_ns)
}

/// The life of a worker; answers its exit code.
pub(crate) fn run(start: &Start<'_>) -> i32 {
    let head = start.region.head();
    let Some(slot) = start.region.slots().get(start.index as usize) else { return 1 };
    let mut keep = match start.pipes {
        Some((from, to)) => [from.as_raw_fd(), to.as_raw_fd()],
        None => [-1, -1],
    };
    keep.sort_unstable();
    // SAFETY: from here on this fork uses these two descriptors only, and it ends without destructors.
    let set_up = unsafe { setup::run(&start.plan, &keep) };
    if let Err((stage, errno)) = set_up {
        slot.stage.store(stage as u32, Ordering::Relaxed);
        slot.error.store(errno.raw_os_error(), Ordering::Relaxed);
        slot.state.store(state::FAILED, Ordering::Release);
        head.settled.fetch_add(1, Ordering::AcqRel);
        futex::wake_all(&head.settled);
        return 1;
    }
    slot.state.store(state::READY, Ordering::Release);
    let settled = head.settled.fetch_add(1, Ordering::AcqRel).wrapping_add(1);
    if settled as usize == start.region.slots().len() {
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
    let mut progress = Progress::begin(head, slot, start.offset);
    let first = (start.index & !1) as usize;
    if let Some(shared) = start.region.slots().get(first) {
        let pair = Pair { shared, first: start.index.is_multiple_of(2), pipe: start.pipes };
        loops::run(start.plan.work.work_type, &mut progress, &pair, start.page);
    }
    progress.end();
}
