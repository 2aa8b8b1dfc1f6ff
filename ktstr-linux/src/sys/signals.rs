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

/// Whether this process ignores SIGCHLD, as it may have inherited it: the kernel then forgets how its
/// children end.
pub(crate) fn is_child_ignored() -> bool {
    // SAFETY: all zeroes is a value of this plain C struct, and a null pointer asks without changing
    // anything.
    unsafe {
        let mut now: libc::sigaction = std::mem::zeroed();
        libc::sigaction(libc::SIGCHLD, std::ptr::null(), &raw mut now) == 0
            && (now.sa_sigaction == libc::SIG_IGN || now.sa_flags & libc::SA_NOCLDWAIT != 0)
    }
}

/// Has SIGCHLD treated as by default, if it was ignored.
pub(crate) fn heed_children() {
    if is_child_ignored() {
        let action = SigAction::new(SigHandler::SigDfl, SaFlags::empty(), SigSet::empty());
        // SAFETY: the default action runs no code of this process. It cannot fail for SIGCHLD.
        let _ = unsafe { sigaction(Signal::SIGCHLD, &action) };
    }
}

/// Has SIGINT, SIGTERM and SIGHUP raise `flag`, once in the life of the process; false when another flag is
/// there already or the system refused.
pub(crate) fn raise_on_signals(flag: &crate::interrupt::Flag) -> bool {
    if NOTE.set(flag.clone()).is_err() {
        return false;
    }
    let action = SigAction::new(SigHandler::Handler(note), SaFlags::SA_RESTART, SigSet::empty());
    [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP].into_iter().all(|signal| {
        // SAFETY: `note` only reads a cell that was set before, adds to an atomic number and writes to an
        // eventfd.
        unsafe { sigaction(signal, &action) }.is_ok()
    })
}

/// Has SIGUSR1 come through to this process, a worker of one thread, and do nothing but interrupt it.
pub(crate) fn take_user_signals() {
    let action = SigAction::new(SigHandler::Handler(nothing), SaFlags::SA_RESTART, SigSet::empty());
    // SAFETY: the handler does nothing. It cannot fail for SIGUSR1.
    let _ = unsafe { sigaction(Signal::SIGUSR1, &action) };
    let mut only = SigSet::empty();
    only.add(Signal::SIGUSR1);
    // Cannot fail with a mask that is valid.
    let _ = pthread_sigmask(SigmaskHow::SIG_UNBLOCK, Some(&only), None);
}

extern "C" fn nothing(_: libc::c_int) {}
