//! Signals: blocking them around a fork, and the handler that notes an interrupt. Both through nix.

use nix::sys::signal::{
    SaFlags, SigAction, SigHandler, SigSet, SigmaskHow, Signal, pthread_sigmask, sigaction,
};
use std::sync::OnceLock;

/// All signals are blocked in this thread until this is dropped.
pub(crate) struct Blocked {
    before: Option<SigSet>,
}

/// Blocks all signals in this thread.
pub(crate) fn block_all() -> Blocked {
    let mut before = SigSet::empty();
    let set = pthread_sigmask(SigmaskHow::SIG_SETMASK, Some(&SigSet::all()), Some(&mut before));
    Blocked { before: set.ok().map(|()| before) }
}

impl Drop for Blocked {
    fn drop(&mut self) {
        if let Some(before) = &self.before {
            // Fails for an unknown `how` only.
            let _ = pthread_sigmask(SigmaskHow::SIG_SETMASK, Some(before), None);
        }
    }
}

static NOTE: OnceLock<crate::interrupt::Flag> = OnceLock::new();

extern "C" fn note(_signal: i32) {
    if let Some(flag) = NOTE.get() {
        flag.raise();
    }
}

/// Has SIGINT, SIGTERM and SIGHUP raise `flag`, once in the life of the process; false when another flag is there
/// already or the system refused.
pub(crate) fn raise_on_signals(flag: &crate::interrupt::Flag) -> bool {
    if NOTE.set(flag.clone()).is_err() {
        return false;
    }
    let action = SigAction::new(SigHandler::Handler(note), SaFlags::SA_RESTART, SigSet::empty());
    [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP].into_iter().all(|signal| {
        // SAFETY: `note` only reads a cell that was set before, adds to an atomic number and writes to an eventfd.
        unsafe { sigaction(signal, &action) }.is_ok()
    })
}
