//! What the kernel calls a signal, for people.

use ktstr_core::Signal;

/// The name and the number, as in `SIGKILL (9)`; the number alone for one without a name.
pub(crate) fn signal_text(signal: i32) -> String {
    match u8::try_from(signal).ok().and_then(Signal::new).and_then(Signal::name) {
        Some(name) => format!("SIG{name} ({signal})"),
        None => format!("signal {signal}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_have_names() {
        for (signal, text) in [
            (1, "SIGHUP (1)"),
            (9, "SIGKILL (9)"),
            (11, "SIGSEGV (11)"),
            (15, "SIGTERM (15)"),
            (31, "SIGSYS (31)"),
            (34, "signal 34"),
            (0, "signal 0"),
            (-1, "signal -1"),
        ] {
            assert_eq!(signal_text(signal), text);
        }
    }
}
