//! What a program does when it runs on the mock: how long it lives, what it prints, whom it forks, how it
//! takes signals.

use core::time::Duration;
use ktstr_core::Signal;

/// The behaviour of one program.
///
/// ```
/// use core::time::Duration;
/// use ktstr_mock::Script;
///
/// let fio = Script::exits_after(Duration::from_secs(2), 0).prints("{\"iops\": 1200}").forks(1);
/// let broken = Script::exits_after(Duration::ZERO, 1).prints_error("no such device\n");
/// assert_eq!((fio.exit_code(), broken.exit_code()), (0, 1));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Script {
    pub(crate) lives: Option<Duration>,
    pub(crate) code: i32,
    /// The signal that kills it in place of an exit.
    pub(crate) signal: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) flood: u64,
    pub(crate) stderr: String,
    pub(crate) stderr_flood: u64,
    pub(crate) ignores_term: bool,
    pub(crate) children: u32,
    pub(crate) cpus: u32,
    /// From when on it uses how many bytes, in order.
    pub(crate) memory: Vec<(Duration, u64)>,
    /// The cgroups that it makes at its start, by their paths below its own.
    pub(crate) cgroups: Vec<String>,
}

impl Script {
    /// Runs until a signal ends it, on one CPU, and prints nothing.
    pub const fn runs() -> Self {
        Self {
            lives: None,
            code: 0,
            signal: None,
            stdout: String::new(),
            flood: 0,
            stderr: String::new(),
            stderr_flood: 0,
            ignores_term: false,
            children: 0,
            cpus: 1,
            memory: Vec::new(),
            cgroups: Vec::new(),
        }
    }

    /// Exits with this code after this much time, frozen time apart.
    pub const fn exits_after(time: Duration, code: i32) -> Self {
        let mut script = Self::runs();
        script.lives = Some(time);
        script.code = code;
        script
    }

    /// Is killed by this signal after this much time, frozen time apart, as by the out-of-memory killer.
    pub const fn killed_after(time: Duration, signal: Signal) -> Self {
        let mut script = Self::exits_after(time, 0);
        script.signal = Some(signal.number() as i32);
        script
    }

    /// Prints this to its standard output before it ends; metrics are read from it.
    #[must_use]
    pub fn prints(mut self, text: &str) -> Self {
        self.stdout.push_str(text);
        self
    }

    /// Prints this to its standard error before it ends.
    #[must_use]
    pub fn prints_error(mut self, text: &str) -> Self {
        self.stderr.push_str(text);
        self
    }

    /// Prints this many bytes more to its standard output, all of them dots and before any text.
    #[must_use]
    pub const fn floods(mut self, bytes: u64) -> Self {
        self.flood = bytes;
        self
    }

    /// Prints this many bytes more to its standard error, all of them dots and before any text.
    #[must_use]
    pub const fn complains(mut self, bytes: u64) -> Self {
        self.stderr_flood = bytes;
        self
    }

    /// Ignores SIGTERM, and so do its children.
    #[must_use]
    pub const fn ignores_sigterm(mut self) -> Self {
        self.ignores_term = true;
        self
    }

    /// Forks this many children at its start, which outlive it unless they are killed.
    #[must_use]
    pub const fn forks(mut self, children: u32) -> Self {
        self.children = children;
        self
    }

    /// Keeps this many CPUs busy instead of one; 0 for a program that only sleeps.
    #[must_use]
    pub const fn uses_cpus(mut self, cpus: u32) -> Self {
        self.cpus = cpus;
        self
    }

    /// Uses this much memory from this time on, frozen time apart; before the first such time none. Past a
    /// `memory.max` it is killed, or the largest beside it.
    #[must_use]
    pub fn uses_memory(mut self, from: Duration, bytes: u64) -> Self {
        let place = self.memory.partition_point(|(at, _)| *at <= from);
        self.memory.insert(place, (from, bytes));
        self
    }

    /// Makes this cgroup at its start, a path below its own cgroup; those above have to be made before. It is
    /// removed with the cgroup that the program runs in, by whoever removes that. One that cannot be made is
    /// not made, as by a program that goes on then.
    #[must_use]
    pub fn makes_cgroup(mut self, path: &str) -> Self {
        self.cgroups.push(path.to_owned());
        self
    }

    /// The code it exits with when it is let.
    pub const fn exit_code(&self) -> i32 {
        self.code
    }
}
