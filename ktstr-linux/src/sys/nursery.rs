//! A small process that forks for a large one. A fork copies the page tables of all that its process has;
//! this one is forked once, lets go of what it does not need, and makes children of the large process from
//! then on, at a cost that does not depend on the memory of that. It shares the descriptors of the large one.

use crate::clock::after;
use crate::sys::clone::{self, Child, Place};
use crate::sys::shm::{Arena, Region, Shareable};
use crate::sys::{futex, reap, sched, shed, signals};
use rustix::io::Errno;
use rustix::process::{Signal, pidfd_send_signal};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, IntoRawFd, RawFd};
use std::sync::atomic::{AtomicI32, AtomicU32, AtomicUsize, Ordering};
use std::time::Duration;

/// What goes to and fro, one order at a time.
#[derive(Default)]
pub(crate) struct Desk {
    turn: AtomicU32,
    /// The address of what the child starts from, in shared memory.
    letter: AtomicUsize,
    /// [`INTO`] or [`JOIN`], and the descriptor of that.
    how: AtomicU32,
    place: AtomicI32,
    /// Whether the child begins with the descriptors themselves, not a copy.
    shares: AtomicU32,
    pid: AtomicI32,
    /// The descriptor of the child, or the errno where there is none.
    answer: AtomicI32,
}

// SAFETY: atomics only.
unsafe impl Shareable for Desk {}

const INTO: u32 = 0;
const JOIN: u32 = 1;

const IDLE: u32 = 0;
const ASKED: u32 = 1;
const ANSWERED: u32 = 2;

/// What a child runs: it gets the address of its letter, and answers its exit code.
pub(crate) type Body = unsafe fn(usize) -> i32;

/// The process.
pub(crate) struct Nursery {
    desk: Region<Desk, Desk>,
    child: Child,
}

impl Nursery {
    /// Forks the process. Its children run `body`.
    ///
    /// # Errors
    /// What clone3 says; `ENOMEM`.
    ///
    /// # Safety
    /// `body` makes system calls and uses static variables, its stack and memory of `arena` only.
    pub(crate) unsafe fn new(arena: &mut Arena, body: Body) -> Result<Self, Errno> {
        let desk: Region<Desk, Desk> = arena.region(0)?;
        let there = desk.head();
        let supervisor = rustix::process::getpid();
        let _blocked = signals::block_all();
        let mut serve = || {
            // A group of its own, so that Ctrl-C at a terminal reaches the supervisor only.
            if rustix::process::setpgid(None, None).is_err() || !sched::die_with(supervisor) {
                return 1;
            }
            // SAFETY: what follows, and `body`, uses static variables, the stack and shared memory only.
            unsafe {
                shed::private_memory();
                serve(there, body)
            }
        };
        // SAFETY: the child makes system calls and works on shared memory. Descriptors are the supervisor's
        // own, as for a thread of it: it opens and closes its own one only, and leaves the rest as they are.
        let child = unsafe { clone::fork_sharing_descriptors(Place::Here, &mut serve) }?;
        Ok(Self { desk, child })
    }

    /// Has a child of this process forked into a cgroup, with all signals blocked. It runs the body on the
    /// letter, which lies in shared memory and stays as it is.
    ///
    /// # Errors
    /// What clone3 says; `ECHILD` where the process has ended, `EINVAL` for a child that is to start here.
    pub(crate) fn fork(&self, place: Place<'_>, shares: bool, letter: usize) -> Result<Child, Errno> {
        let (how, descriptor) = match place {
            Place::Here => return Err(Errno::INVAL),
            Place::Into(directory) => (INTO, directory.as_raw_fd()),
            Place::Join(procs) => (JOIN, procs.as_raw_fd()),
        };
        let desk = self.desk.head();
        desk.letter.store(letter, Ordering::Relaxed);
        desk.how.store(how, Ordering::Relaxed);
        desk.place.store(descriptor, Ordering::Relaxed);
        desk.shares.store(shares.into(), Ordering::Relaxed);
        desk.turn.store(ASKED, Ordering::Release);
        futex::wake_all(&desk.turn);
        while desk.turn.load(Ordering::Acquire) != ANSWERED {
            futex::wait(&desk.turn, ASKED, Some(after(Duration::from_millis(20))));
            if desk.turn.load(Ordering::Acquire) == ASKED && reap::has_ended(self.child.pidfd.as_fd()) {
                return Err(Errno::CHILD);
            }
        }
        desk.turn.store(IDLE, Ordering::Release);
        let answer = desk.answer.load(Ordering::Relaxed);
        clone::child_of(desk.pid.load(Ordering::Relaxed), answer)
    }
}

impl Drop for Nursery {
    fn drop(&mut self) {
        // Fails only when it has ended already.
        let _ = pidfd_send_signal(&self.child.pidfd, Signal::KILL);
        reap::wait_for(&self.child);
    }
}

/// Forks what it is asked to, to the end of the supervisor.
///
/// # Safety
/// As for [`Nursery::new`]; `desk` is in shared memory.
unsafe fn serve(desk: &Desk, body: Body) -> i32 {
    loop {
        let turn = desk.turn.load(Ordering::Acquire);
        if turn != ASKED {
            futex::wait(&desk.turn, turn, None);
            continue;
        }
        let letter = desk.letter.load(Ordering::Relaxed);
        // SAFETY: the supervisor keeps it open until this is answered.
        let fd = unsafe { BorrowedFd::borrow_raw(desk.place.load(Ordering::Relaxed) as RawFd) };
        let place = if desk.how.load(Ordering::Relaxed) == JOIN { Place::Join(fd) } else { Place::Into(fd) };
        let shares = desk.shares.load(Ordering::Relaxed) != 0;
        // SAFETY: `body` is promised to be fit for a fork, and the letter is what it takes.
        let made = unsafe { clone::fork_for_parent(place, shares, &mut || body(letter)) };
        match made {
            Ok(child) => {
                desk.pid.store(child.pid.as_raw_nonzero().get(), Ordering::Relaxed);
                // In the common table it is the supervisor's from here on.
                desk.answer.store(child.pidfd.into_raw_fd(), Ordering::Relaxed);
            }
            Err(errno) => {
                desk.pid.store(0, Ordering::Relaxed);
                desk.answer.store(errno.raw_os_error(), Ordering::Relaxed);
            }
        }
        desk.turn.store(ANSWERED, Ordering::Release);
        futex::wake_all(&desk.turn);
    }
}
