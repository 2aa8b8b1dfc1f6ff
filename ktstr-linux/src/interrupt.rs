//! A request from outside to end the run early: holds and waits answer `Interrupted`, and the teardown goes
//! on. A second request makes the teardown skip the grace that payloads have.

use rustix::event::{EventfdFlags, eventfd};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Counts requests; clones share the count. Raising it is safe in a signal handler.
#[derive(Debug, Clone)]
pub struct Flag {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    count: AtomicU32,
    wakeup: OwnedFd,
}

impl Flag {
    /// A flag that nobody has raised; `None` when the process has no descriptor left.
    pub fn new() -> Option<Self> {
        let wakeup = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK).ok()?;
        Some(Self { inner: Arc::new(Inner { count: AtomicU32::new(0), wakeup }) })
    }

    /// A flag that SIGINT, SIGTERM and SIGHUP raise from now on; an inherited SIGCHLD that is ignored is
    /// ignored no longer. For programs, once in their life: `None` when another flag has them already or the
    /// system refuses.
    pub fn on_signals() -> Option<Self> {
        let flag = Self::new()?;
        crate::sys::signals::heed_children();
        crate::sys::signals::raise_on_signals(&flag).then_some(flag)
    }

    /// Asks for an end of the run.
    pub fn raise(&self) {
        self.inner.count.fetch_add(1, Ordering::AcqRel);
        // Fails only when a wake-up is pending already.
        let _ = rustix::io::write(&self.inner.wakeup, &1u64.to_ne_bytes());
    }

    /// How often it was raised.
    pub fn count(&self) -> u32 {
        self.inner.count.load(Ordering::Acquire)
    }

    /// Readable once it was raised.
    pub(crate) fn wakeup(&self) -> BorrowedFd<'_> {
        self.inner.wakeup.as_fd()
    }
}
