//! A scheduler under test: a program that gives the kernel a sched_ext scheduler for as long as it runs, what
//! it needs, and how it is expected to end. Loading it and noticing its end is the backend's work; what is
//! legal when is judged in `validate`.

use crate::base::name;
use crate::model::backdrop::Backdrop;
use crate::model::controllers::Controllers;
use core::time::Duration;
use serde::{Deserialize, Serialize};

/// What ends a placeholder's opening and its closing in an argument.
const OPENING: &str = "{cgroup:";

macro_rules! exits {
    ($($(#[doc = $doc:literal])+ $kind:ident = $number:literal, $word:literal, $reason:literal;)+) => {
        /// Why the kernel let a scheduler go: the kinds of exits of `enum scx_exit_kind` in the kernel's
        /// `kernel/sched/ext_internal.h`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum SchedulerExit {
            $($(#[doc = $doc])+ $kind = $number,)+
        }

        impl SchedulerExit {
            /// All of them, in the order of their numbers.
            pub const ALL: [Self; [$($number),+].len()] = [$(Self::$kind),+];
            /// What scenario files call them, in the same order.
            pub const WORDS: [&'static str; Self::ALL.len()] = [$($word),+];

            /// What scenario files and reports call it.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$kind => $word,)+ }
            }

            /// What the kernel's log calls it: `BPF scheduler "N" disabled (REASON)`.
            pub const fn reason(self) -> &'static str {
                match self { $(Self::$kind => $reason,)+ }
            }
        }
    };
}

exits! {
    /// Its program ended or closed the link.
    Unregistered = 64, "unregistered", "unregistered from user space";
    /// Its own code called `scx_bpf_exit`.
    UnregisteredByItself = 65, "unregistered_by_itself", "unregistered from BPF";
    /// The kernel did, as when a CPU goes that it has no handler for.
    UnregisteredByKernel = 66, "unregistered_by_kernel", "unregistered from the main kernel";
    /// Somebody pressed sysrq-S.
    Sysrq = 67, "sysrq", "disabled by sysrq-S";
    /// The kernel found a fault in what it did.
    Error = 1024, "error", "runtime error";
    /// Its own code called `scx_bpf_error`.
    BpfError = 1025, "bpf_error", "scx_bpf_error";
    /// A task that could run did not for too long.
    Stall = 1026, "stall", "runnable task stall";
}

impl SchedulerExit {
    /// The number of the kind.
    pub const fn number(self) -> u32 {
        self as u32
    }

    /// The exit of this number.
    pub fn from_number(number: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|exit| exit.number() == number)
    }

    /// The exit that scenario files call so.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|exit| exit.word() == word)
    }

    /// The exit that the kernel's log gives this reason for.
    pub fn from_reason(reason: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|exit| exit.reason() == reason)
    }
}

/// What the end of a scheduler before it is detached comes to for the run; that its check fails is another
/// matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OnDeath {
    /// The hold or the wait under way ends, and the run goes over to its teardown.
    #[default]
    Stop,
    /// The run goes on under the kernel's own scheduler.
    GoOn,
}

/// An end before it is detached that is no failure but what is expected of a scheduler.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct ExpectedExit<'a> {
    /// The kind of the exit.
    pub kind: SchedulerExit,
    /// The exit code, if that matters.
    pub code: Option<i64>,
    /// What the kernel's message has to contain; empty where it does not matter.
    pub message_contains: &'a str,
}

impl<'a> ExpectedExit<'a> {
    /// An exit of this kind, whatever its code and message.
    pub const fn new(kind: SchedulerExit) -> Self {
        Self { kind, code: None, message_contains: "" }
    }

    /// The same with this exit code.
    #[must_use]
    pub const fn code(mut self, code: i64) -> Self {
        self.code = Some(code);
        self
    }

    /// The same with a message that contains this.
    #[must_use]
    pub const fn message_contains(mut self, text: &'a str) -> Self {
        self.message_contains = text;
        self
    }

    /// Whether an exit is the expected one.
    pub fn is_met_by(&self, kind: SchedulerExit, code: i64, message: &str) -> bool {
        self.kind == kind
            && self.code.is_none_or(|expected| expected == code)
            && message.contains(self.message_contains)
    }
}

/// A scheduler: the program that loads it, and what is expected of it. One is known by its name; at most one
/// is attached at a time, which is the kernel's own rule.
///
/// ```
/// use ktstr_core::prelude::*;
///
/// static CELLS: Scheduler = Scheduler::new("mitosis", "scx_mitosis")
///     .args(&["--cell-parent-cgroup", "{cgroup:/}"])
///     .controllers(Controllers::NONE.with(Controller::Cpu));
/// static UNDER_IT: Scenario = Scenario::new("cells").backdrop(Backdrop::new().scheduler(&CELLS));
/// const _: () = UNDER_IT.assert_valid();
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Scheduler<'a> {
    /// What operations and reports call it.
    pub name: &'a str,
    /// The program: a path, or a name looked up in `PATH`. It is attached for as long as the program runs.
    pub binary: &'a str,
    /// Its arguments. `{cgroup:/}` stands for the path of the run's own cgroup, `{cgroup:cells}` for that of
    /// the cgroup `cells` of the scenario.
    pub args: &'a [&'a str],
    /// Variables of its environment, beside those of the runner: `NAME=value` each.
    pub env: &'a [&'a str],
    /// Controllers that have to be enabled for it: without `cpu` the kernel calls none of its cgroup
    /// operations.
    pub controllers: Controllers,
    /// How long it has to get ready, above zero; 60 s where not said.
    pub ready: Duration,
    /// How long it has to leave after SIGTERM, before SIGKILL; 10 s where not said.
    pub grace: Duration,
    /// Files it needs beside it where it runs on another machine (host paths).
    pub include_files: &'a [&'a str],
    /// What its end comes to for the run.
    pub on_death: OnDeath,
    /// The end that is expected of it; none where it has to live until it is detached.
    pub expect_exit: Option<ExpectedExit<'a>>,
}

impl<'a> Scheduler<'a> {
    /// A program without arguments that has to live until it is detached.
    pub const fn new(name: &'a str, binary: &'a str) -> Self {
        Self {
            name,
            binary,
            args: &[],
            env: &[],
            controllers: Controllers::NONE,
            ready: Duration::from_secs(60),
            grace: Duration::from_secs(10),
            include_files: &[],
            on_death: OnDeath::Stop,
            expect_exit: None,
        }
    }

    /// Its arguments.
    #[must_use]
    pub const fn args(mut self, args: &'a [&'a str]) -> Self {
        self.args = args;
        self
    }

    /// Variables of its environment, `NAME=value` each.
    #[must_use]
    pub const fn env(mut self, env: &'a [&'a str]) -> Self {
        self.env = env;
        self
    }

    /// Controllers that have to be enabled for it.
    #[must_use]
    pub const fn controllers(mut self, controllers: Controllers) -> Self {
        self.controllers = controllers;
        self
    }

    /// How long it has to get ready.
    #[must_use]
    pub const fn ready(mut self, ready: Duration) -> Self {
        self.ready = ready;
        self
    }

    /// How long it has to leave after SIGTERM.
    #[must_use]
    pub const fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// Files it needs beside it where it runs on another machine.
    #[must_use]
    pub const fn include_files(mut self, files: &'a [&'a str]) -> Self {
        self.include_files = files;
        self
    }

    /// What its end comes to for the run.
    #[must_use]
    pub const fn on_death(mut self, on_death: OnDeath) -> Self {
        self.on_death = on_death;
        self
    }

    /// The end that is expected of it.
    #[must_use]
    pub const fn expect_exit(mut self, exit: ExpectedExit<'a>) -> Self {
        self.expect_exit = Some(exit);
        self
    }

    /// Its first placeholder that stands for nothing, with the number of the argument: one that is not
    /// closed, or names a cgroup that the Backdrop does not make.
    pub const fn unknown_placeholder(&self, backdrop: &Backdrop<'_>) -> Option<(usize, &'a str)> {
        let mut i = 0;
        while i < self.args.len() {
            let mut rest = self.args[i];
            while let Some((_, Placeholder { name, after })) = next_placeholder(rest) {
                if !name::equal(name, "/") && !makes(backdrop, name) {
                    return Some((i, name));
                }
                rest = after;
            }
            i += 1;
        }
        None
    }
}

/// A placeholder of an argument, and what comes after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placeholder<'t> {
    /// The cgroup: `/` for the run's own; the rest of the argument where the placeholder is not closed.
    pub name: &'t str,
    /// The text behind it.
    pub after: &'t str,
}

/// The text before the first placeholder of a text, and that placeholder.
pub const fn next_placeholder(text: &str) -> Option<(&str, Placeholder<'_>)> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at + OPENING.len() <= bytes.len() {
        let (before, from) = bytes.split_at(at);
        if starts_with(from, OPENING.as_bytes()) && text.is_char_boundary(at) {
            let (_, inside) = text.split_at(before.len() + OPENING.len());
            let mut end = 0;
            while end < inside.len() && inside.as_bytes()[end] != b'}' {
                end += 1;
            }
            let (name, after) = inside.split_at(end);
            let after = if after.is_empty() { after } else { after.split_at(1).1 };
            return Some((text.split_at(at).0, Placeholder { name, after }));
        }
        at += 1;
    }
    None
}

const fn starts_with(bytes: &[u8], start: &[u8]) -> bool {
    let mut i = 0;
    while i < start.len() {
        if i >= bytes.len() || bytes[i] != start[i] {
            return false;
        }
        i += 1;
    }
    true
}

/// Whether a Backdrop makes a cgroup of this name.
const fn makes(backdrop: &Backdrop<'_>, name: &str) -> bool {
    let (cgroups, ops) = (backdrop.cgroups.as_slice(), backdrop.ops.as_slice());
    let mut i = 0;
    while i < cgroups.len() {
        if name::equal(cgroups[i].name, name) {
            return true;
        }
        i += 1;
    }
    let mut i = 0;
    while i < ops.len() {
        if let Some(made) = ops[i].makes()
            && name::equal(made, name)
        {
            return true;
        }
        i += 1;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::cgroup_def::CgroupDef;
    use crate::model::op::Op;

    #[test]
    fn the_words_and_reasons_of_exits_lead_back() {
        for exit in SchedulerExit::ALL {
            assert_eq!(SchedulerExit::from_word(exit.word()), Some(exit));
            assert_eq!(SchedulerExit::from_reason(exit.reason()), Some(exit));
            assert_eq!(SchedulerExit::from_number(exit.number()), Some(exit));
        }
        assert_eq!(SchedulerExit::from_word("left"), None);
    }

    #[test]
    fn placeholders_are_found_and_those_of_no_cgroup_named() {
        let backdrop = Backdrop::new().push_cgroup(CgroupDef::named("a")).push_op(Op::add_cgroup("b/c"));
        for (arg, unknown) in [
            ("--parent={cgroup:/}", None),
            ("{cgroup:a}:{cgroup:b/c}", None),
            ("{cgroup:a}{cgroup:d}", Some("d")),
            ("ä{cgroup:}", Some("")),
            ("{cgroup:/", None),
            ("{cgroup:e", Some("e")),
            ("{cgroup", None),
            ("{llc:0} {}", None),
        ] {
            let args = ["plain", arg];
            let scheduler = Scheduler::new("s", "s").args(&args);
            assert_eq!(scheduler.unknown_placeholder(&backdrop), unknown.map(|name| (1, name)), "{arg}");
        }
        let (before, placeholder) = next_placeholder("x={cgroup:a}/y").expect("there is one");
        assert_eq!((before, placeholder.name, placeholder.after), ("x=", "a", "/y"));
    }

    #[test]
    fn an_exit_is_expected_by_kind_code_and_message() {
        let expected =
            ExpectedExit::new(SchedulerExit::UnregisteredByItself).code(42).message_contains("done");
        for (kind, code, message, met) in [
            (SchedulerExit::UnregisteredByItself, 42, "all done", true),
            (SchedulerExit::UnregisteredByItself, 41, "all done", false),
            (SchedulerExit::UnregisteredByItself, 42, "", false),
            (SchedulerExit::Stall, 42, "all done", false),
        ] {
            assert_eq!(expected.is_met_by(kind, code, message), met, "{kind:?} {code} {message}");
        }
    }
}
