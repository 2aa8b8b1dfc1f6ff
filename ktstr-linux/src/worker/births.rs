//! How workers are forked: by the supervisor itself, or, where that has much memory, by a small process that
//! does it for the supervisor, so that a worker costs the same whatever the program around it holds.

use crate::sys::clone::{self, Child, Place};
use crate::sys::nursery::Nursery;
use crate::sys::shm::{Arena, Region};
use crate::worker::child::{self, Start};
use crate::worker::shared::{Head, Slot};
use rustix::io::Errno;

/// From how much memory of its own on, in bytes, a supervisor does not fork itself.
const LARGE: u64 = 32 << 20;

/// Room for what workers share and start from; memory is taken for what is used of it.
const ROOM: usize = 256 << 20;

/// The memory that workers share with the supervisor, and who forks them.
#[derive(Default)]
pub(crate) struct Births {
    arena: Arena,
    nursery: Option<Nursery>,
    /// Whether this run has asked how large the supervisor is.
    is_known: bool,
}

impl Births {
    /// Ends what a run has begun.
    pub(crate) fn end_run(&mut self) {
        (self.nursery, self.is_known) = (None, false);
    }

    /// Memory for a group.
    ///
    /// # Errors
    /// `ENOMEM`.
    pub(crate) fn region(&mut self, workers: usize) -> Result<Region<Head, Slot>, Errno> {
        if !std::mem::replace(&mut self.is_known, true) && own_memory() >= LARGE {
            // Without the process the supervisor forks as any other does.
            self.nursery = self
                .arena
                .renew(ROOM)
                .and_then(|()| {
                    // SAFETY: a start that was copied refers to static variables and to the arena only, and
                    // `child::run` works on nothing else.
                    unsafe { Nursery::new(&mut self.arena, run_copied) }
                })
                .ok();
        }
        self.arena.region(workers)
    }

    /// Forks a worker of a group whose memory is this region.
    ///
    /// # Errors
    /// What clone3 says.
    pub(crate) fn fork(
        &mut self,
        place: Place<'_>,
        region: &Region<Head, Slot>,
        start: &Start<'_>,
    ) -> Result<Child, Errno> {
        let shares = start.keep.is_empty();
        if let (Some(nursery), true) = (&self.nursery, self.arena.has(region))
            && let Some(letter) = copied(&mut self.arena, start)
        {
            match nursery.fork(place, shares, letter) {
                // Somebody has killed it, or the worker starts where the supervisor is.
                Err(Errno::CHILD | Errno::INVAL) => {}
                made => return made,
            }
        }
        let body = &mut || child::run(start);
        // SAFETY: `child::run` makes system calls and works on the shared region only, and its setup leaves
        // the table of descriptors, of which it then has no use, before it does anything else.
        unsafe {
            if shares { clone::fork_sharing_descriptors(place, body) } else { clone::fork_as_is(place, body) }
        }
    }
}

/// What a worker starts from, in shared memory; its address, if there is room.
fn copied(arena: &mut Arena, start: &Start<'_>) -> Option<usize> {
    // SAFETY: what is copied are numbers, and references to the region of the group and to these copies; the
    // supervisor keeps the descriptors open until the worker has been forked.
    unsafe {
        let keep = arena.copy(start.keep)?;
        let start = Start { team: start.team.in_shared(arena)?, keep: keep.as_ref(), ..*start };
        Some(arena.copy(&[start])?.cast::<Start<'_>>().as_ptr() as usize)
    }
}

/// Runs a worker from what [`copied`] has put there.
///
/// # Safety
/// `letter` is such an address.
unsafe fn run_copied(letter: usize) -> i32 {
    // SAFETY: the caller's promise; nobody changes what lies there.
    child::run(unsafe { &*(letter as *const Start<'static>) })
}

/// The memory that is this process's own, in bytes: what a fork copies the tables of. 0 where the kernel does
/// not say.
fn own_memory() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm").ok().and_then(|text| {
        let mut words = text.split(' ').skip(1);
        let resident: u64 = words.next()?.parse().ok()?;
        let shared: u64 = words.next()?.parse().ok()?;
        Some(resident.saturating_sub(shared))
    });
    pages.unwrap_or(0).saturating_mul(rustix::param::page_size() as u64)
}
