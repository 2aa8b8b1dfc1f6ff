//! The signals by name, with Linux's numbers on x86 and Arm (signal(7)). Sending them is the backends' work.

use serde::Serialize;

/// A signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Signal(u8);

macro_rules! signals {
    ($($number:literal $name:ident $doc:literal;)+) => {
        impl Signal {
            /// The names, without `SIG`, of the signals from number 1 on.
            pub const NAMES: &[&str] = &[$(stringify!($name)),+];
            $( #[doc = $doc] pub const $name: Self = Self($number); )+
        }
    };
}

signals! {
    1 HUP "The terminal was closed.";
    2 INT "Interrupted from the keyboard.";
    3 QUIT "Quit from the keyboard.";
    4 ILL "An instruction that the CPU does not know.";
    5 TRAP "A breakpoint.";
    6 ABRT "The program asked for its own abnormal end.";
    7 BUS "An access to memory that cannot be made.";
    8 FPE "An impossible calculation.";
    9 KILL "It cannot be caught; the out-of-memory killer sends it, and so does the end of a run.";
    10 USR1 "Free for programs to use.";
    11 SEGV "An access to memory that is not there.";
    12 USR2 "Free for programs to use.";
    13 PIPE "Wrote to a pipe that nobody reads.";
    14 ALRM "A timer ran out.";
    15 TERM "The polite request to end.";
    16 STKFLT "Not used by the kernel.";
    17 CHLD "A child has ended or stopped.";
    18 CONT "Go on, if stopped.";
    19 STOP "Stop; it cannot be caught.";
    20 TSTP "Stop, from the keyboard.";
    21 TTIN "Read from the terminal in the background.";
    22 TTOU "Wrote to the terminal in the background.";
    23 URG "Urgent data on a socket.";
    24 XCPU "The limit of CPU time was exceeded.";
    25 XFSZ "The limit of a file's size was exceeded.";
    26 VTALRM "A timer of CPU time ran out.";
    27 PROF "A timer for profiling ran out.";
    28 WINCH "The window has another size.";
    29 IO "A file is ready.";
    30 PWR "The power is failing.";
    31 SYS "A system call that is not allowed.";
}

impl Signal {
    /// The highest number, of the last real-time signal.
    pub const LAST: u8 = 64;

    /// The signal with this number, 1 to 64.
    pub const fn new(number: u8) -> Option<Self> {
        if number >= 1 && number <= Self::LAST { Some(Self(number)) } else { None }
    }

    /// The signal with this name, as in `KILL`.
    pub fn from_name(name: &str) -> Option<Self> {
        let at = Self::NAMES.iter().position(|known| *known == name)?;
        Self::new(at as u8 + 1)
    }

    /// Its number.
    pub const fn number(self) -> u8 {
        self.0
    }

    /// Its name without `SIG`; real-time signals have none.
    pub const fn name(self) -> Option<&'static str> {
        let at = self.0 as usize - 1;
        if at < Self::NAMES.len() { Some(Self::NAMES[at]) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_go_both_ways() {
        for (number, name) in [(1, "HUP"), (9, "KILL"), (11, "SEGV"), (15, "TERM"), (31, "SYS")] {
            let signal = Signal::new(number).expect("a signal");
            assert_eq!((signal.name(), Signal::from_name(name)), (Some(name), Some(signal)));
        }
        for (number, name) in (1..).zip(Signal::NAMES) {
            assert_eq!(Signal::from_name(name).map(Signal::number), Some(number), "{name}");
        }
        assert_eq!((Signal::new(0), Signal::new(65), Signal::from_name("SIGKILL")), (None, None, None));
        assert_eq!(Signal::new(64).map(Signal::name), Some(None));
    }
}
