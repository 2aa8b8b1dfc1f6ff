//! What a guest's end says of the kernel under test: a panic, an oops, a lock-up, a hang. Such a [`Finding`]
//! is the result of a run, and fails it. What keeps us from running a guest at all is another type,
//! [`VmError`](crate::VmError).
//!
//! The kernel's phrases are those of its own source: `panic` (kernel/panic.c), `show_fault_oops` and `die`
//! (arch/x86), `report_bug` (lib/bug.c), `watchdog_timer_fn` (kernel/watchdog.c), `print_cpu_stall`
//! (kernel/rcu/tree_stall.h), `check_hung_task` (kernel/hung_task.c).

use ktstr_file::report::{FindingClass, FindingEntry};
use std::fmt;
use std::time::Duration;

/// How the kernel begins to say why it cannot go on.
pub(crate) const PANIC: &str = "Kernel panic - not syncing";

/// What a line of the kernel says about its state, by a phrase in it. The first line that has one is what
/// went wrong; what comes after it, such as the panic by which it ends, is a consequence.
const PHRASES: [(&str, FindingClass); 16] = [
    ("soft lockup", FindingClass::Lockup),
    ("hard LOCKUP", FindingClass::Lockup),
    ("BUG: workqueue lockup", FindingClass::Lockup),
    ("detected stall", FindingClass::Stall),
    ("detected expedited stalls", FindingClass::Stall),
    ("kthread starved for", FindingClass::Stall),
    ("blocked for more than", FindingClass::Hang),
    ("BUG: kernel NULL pointer dereference", FindingClass::Oops),
    ("BUG: unable to handle", FindingClass::Oops),
    ("kernel BUG at", FindingClass::Bug),
    ("general protection fault", FindingClass::Oops),
    ("Oops: ", FindingClass::Oops),
    ("BUG: ", FindingClass::Bug),
    ("WARNING: ", FindingClass::Warning),
    ("list_add corruption", FindingClass::Bug),
    (PANIC, FindingClass::Panic),
];

/// How a program's own end is logged, which says nothing of the kernel.
const OF_PROGRAMS: [&str; 2] = ["traps: ", "segfault at"];

/// What was found about the kernel under test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What kind of end it was.
    pub class: FindingClass,
    /// The first line that says so, without addresses and numbers that differ from run to run.
    pub signature: String,
    /// Whether the guest program had begun.
    pub started: bool,
    /// The bound that was hit, where the kernel itself said nothing.
    pub bound: Option<Bound>,
    /// The console's last lines, before them the one that says why.
    pub console: String,
}

/// A bound that a guest ran into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// Time of the guest's own clock.
    Guest(Duration),
    /// Time of the host, from the start of the run.
    Host(Duration),
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Guest(time) => write!(f, "{time:?} of the guest's time"),
            Self::Host(time) => write!(f, "{time:?} of the host's time"),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.class.name(), self.signature)
    }
}

impl std::error::Error for Finding {}

impl Finding {
    /// What the console shows of a kernel that ended by itself; nothing where it shows no panic.
    pub(crate) fn of_console(text: &str, tail: impl FnOnce() -> String, started: bool) -> Option<Self> {
        if !text.contains(PANIC) {
            return None;
        }
        let mut lines = text.lines().map(without_stamp);
        let (line, class) = lines.find_map(|line| class(line).map(|class| (line, class)))?;
        let place = text.lines().map(without_stamp).find_map(place).filter(|_| class.has_place());
        let signature = place.map_or_else(|| steady(line), |place| format!("{} in {place}", steady(line)));
        Some(Self { class, signature, started, bound: None, console: tail() })
    }

    /// A guest that gave no answer within a bound.
    pub(crate) fn hang(bound: Bound, console: String) -> Self {
        let signature = "no answer within its time, and no word of the kernel".to_owned();
        Self { class: FindingClass::Hang, signature, started: true, bound: Some(bound), console }
    }

    /// As it is in a report.
    pub(crate) fn entry(&self) -> FindingEntry {
        FindingEntry {
            class: self.class,
            signature: self.signature.clone(),
            during_boot: !self.started,
            bound: self.bound.map(|bound| bound.to_string()),
            console: self.console.lines().map(str::to_owned).collect(),
        }
    }
}

/// What a line of the console says of the kernel's state, if it does.
pub(crate) fn class(line: &str) -> Option<FindingClass> {
    let of_program = OF_PROGRAMS.iter().any(|phrase| line.contains(phrase));
    let known = PHRASES.iter().find(|(phrase, _)| line.contains(phrase)).filter(|_| !of_program);
    known.map(|(_, class)| *class)
}

/// The function in which the kernel died, from a line such as `RIP: 0010:sysrq_handle_crash+0x16/0x20`.
fn place(line: &str) -> Option<&str> {
    let (_, at) = line.split_once("RIP: 0010:")?;
    let name = at.split('+').next().unwrap_or_default();
    Some(name).filter(|name| !name.is_empty() && !name.starts_with("0x"))
}

/// A console line without the time in brackets before it.
pub(crate) fn without_stamp(line: &str) -> &str {
    let line = line.trim();
    match line.strip_prefix('[').and_then(|rest| rest.split_once("] ")) {
        Some((stamp, rest)) if stamp.trim().starts_with(|c: char| c.is_ascii_digit()) => rest.trim(),
        _ => line,
    }
}

/// A line with `N` for each number in it, whether address, process or time, so that two runs into one fault
/// read alike.
fn steady(line: &str) -> String {
    let mut out = String::new();
    for (word, is_word) in words(line) {
        match word.strip_prefix("0x").unwrap_or(word) {
            digits if is_word && is_number(digits) => out.push('N'),
            _ => out.push_str(word),
        }
    }
    out
}

/// A decimal number, with a unit of time perhaps, or a hexadecimal one as long as an address.
fn is_number(word: &str) -> bool {
    let plain = word.strip_suffix("ms").or_else(|| word.strip_suffix('s')).unwrap_or(word);
    let all = |test: fn(&char) -> bool| !plain.is_empty() && plain.chars().all(|c| test(&c));
    all(char::is_ascii_digit) || (plain.len() >= 8 && all(char::is_ascii_hexdigit))
}

/// A line cut where letters and digits begin and end, each part with whether it is of these.
fn words(line: &str) -> impl Iterator<Item = (&str, bool)> {
    let mut rest = line;
    std::iter::from_fn(move || {
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let first = is_word(rest.chars().next()?);
        let end = rest.find(|c| is_word(c) != first).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        rest = after;
        Some((word, first))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<(FindingClass, String)> {
        let finding = Finding::of_console(text, String::new, true)?;
        Some((finding.class, finding.signature))
    }

    #[test]
    fn ends_of_kernels_have_a_class_and_a_signature() {
        use FindingClass::{Bug, Hang, Lockup, Oops, Panic, Stall};
        let panic = "[    2.0] Kernel panic - not syncing: ";
        for (lines, class, signature) in [
            ("", Panic, "Kernel panic - not syncing: sysrq triggered crash"),
            (
                "[    1.5] BUG: kernel NULL pointer dereference, address: 0000000000000018\n\
                 [    1.5] Oops: 0002 [#1] PREEMPT SMP NOPTI\n\
                 [    1.5] RIP: 0010:cpuset_write_resmask+0x16/0x20\n",
                Oops,
                "BUG: kernel NULL pointer dereference, address: N in cpuset_write_resmask",
            ),
            (
                "[    1.5] Oops: general protection fault, probably for non-canonical address 0xdead000000000122: 0000 [#1]\n",
                Oops,
                "Oops: general protection fault, probably for non-canonical address N: N [#N]",
            ),
            (
                "[    1.5] kernel BUG at kernel/sched/core.c:1234!\n",
                Bug,
                "kernel BUG at kernel/sched/core.c:N!",
            ),
            (
                "[   30.0] watchdog: BUG: soft lockup - CPU#3 stuck for 26s! [stress-ng:117]\n",
                Lockup,
                "watchdog: BUG: soft lockup - CPU#N stuck for N! [stress-ng:N]",
            ),
            (
                "[   30.0] rcu: INFO: rcu_preempt self-detected stall on CPU\n",
                Stall,
                "rcu: INFO: rcu_preempt self-detected stall on CPU",
            ),
            (
                "[  242.0] INFO: task init:1 blocked for more than 120 seconds.\n",
                Hang,
                "INFO: task init:N blocked for more than N seconds.",
            ),
            // A program's fault before it is not the kernel's.
            (
                "[    1.0] traps: load[9] general protection fault ip:401000 sp:7ffe\n",
                Panic,
                "Kernel panic - not syncing: sysrq triggered crash",
            ),
        ] {
            let text = format!("{lines}{panic}sysrq triggered crash\n");
            assert_eq!(found(&text), Some((class, signature.to_owned())), "{text}");
        }
    }

    #[test]
    fn a_kernel_that_goes_on_or_restarts_is_no_finding() {
        for text in ["", "[ 1.0] reboot: Restarting system", "[ 1.0] WARNING: CPU: 0 PID: 1 at kernel/x.c:1"]
        {
            assert_eq!(found(text), None, "{text}");
        }
    }

    #[test]
    fn one_fault_at_two_addresses_has_one_signature() {
        for (one, other) in [
            ("address: 0000000000000018", "address: 00000000deadbeef"),
            ("stuck for 22s! [a:1]", "stuck for 26s! [a:99]"),
            ("at 0xffffffff81000000", "at 0xffffffff82000000"),
        ] {
            assert_eq!(steady(one), steady(other));
        }
        assert_eq!(steady("rcu_preempt x86 cafe 3 v6_12"), "rcu_preempt x86 cafe N v6_12");
    }
}
