//! The signals that ask the program to end. One flag serves all runs of the program; it is taken when the
//! first backend that has to clean up is made, so that until then a signal ends the program at once.

use ktstr_linux::interrupt::Flag;
use std::sync::OnceLock;

static FLAG: OnceLock<Option<Flag>> = OnceLock::new();

/// The flag that SIGINT, SIGTERM and SIGHUP raise from now on; nothing where the system refuses.
pub(crate) fn flag() -> Option<Flag> {
    FLAG.get_or_init(Flag::on_signals).clone()
}

/// Whether a signal has asked for an end.
pub(crate) fn is_interrupted() -> bool {
    FLAG.get().and_then(Option::as_ref).is_some_and(|flag| flag.count() > 0)
}
