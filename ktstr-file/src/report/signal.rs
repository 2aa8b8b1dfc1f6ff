//! What the kernel calls a signal, for people; the numbers are those of Linux on x86-64 and ARM.

/// The name and the number, as in `SIGKILL (9)`; the number alone for one without a name.
pub(crate) fn signal_text(signal: i32) -> String {
    let name = usize::try_from(signal).ok().and_then(|number| NAMES.get(number.checked_sub(1)?));
    match name {
        Some(name) => format!("SIG{name} ({signal})"),
        None => format!("signal {signal}"),
    }
}

/// Those from 1 on, by signal(7).
const NAMES: [&str; 31] = [
    "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE",
    "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ",
    "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
];

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
