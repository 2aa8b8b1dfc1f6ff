//! What actions cost: how many were asked for, and the system calls that a frugal Linux backend makes for
//! them, so that tests can hold an executor to a budget.

use ktstr_core::ActionKind;

/// A system call, or a family of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Syscall {
    /// `mkdirat`
    Mkdir,
    /// `unlinkat` of a directory
    Rmdir,
    /// `openat`
    Open,
    /// `write`
    Write,
    /// `read`, `pread`
    Read,
    /// `close`
    Close,
    /// `clone3`
    Clone,
    /// `execve`
    Exec,
    /// `waitid`
    Wait,
    /// `pidfd_send_signal`
    Kill,
    /// `ppoll`, `clock_nanosleep`
    Poll,
    /// `sched_setaffinity`, `sched_setattr`
    Sched,
}

/// How many system calls there are to count.
const SYSCALLS: usize = Syscall::Sched as usize + 1;
/// How many kinds of actions.
const ACTIONS: usize = ActionKind::Finish as usize + 1;

/// Counters of actions and system calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Costs {
    actions: [u64; ACTIONS],
    syscalls: [u64; SYSCALLS],
}

impl Costs {
    /// Nothing yet.
    pub const NONE: Self = Self { actions: [0; ACTIONS], syscalls: [0; SYSCALLS] };

    pub(crate) fn action(&mut self, kind: ActionKind) {
        self.actions[kind as usize] += 1;
    }

    pub(crate) fn call(&mut self, syscall: Syscall, times: u64) {
        self.syscalls[syscall as usize] += times;
    }

    /// A control file written through a descriptor of its directory.
    pub(crate) fn file_write(&mut self) {
        self.call(Syscall::Open, 1);
        self.call(Syscall::Write, 1);
        self.call(Syscall::Close, 1);
    }

    /// A control file read in the same way.
    pub(crate) fn file_read(&mut self) {
        self.call(Syscall::Open, 1);
        self.call(Syscall::Read, 1);
        self.call(Syscall::Close, 1);
    }

    /// How often this action was asked for.
    pub fn of(&self, kind: ActionKind) -> u64 {
        self.actions[kind as usize]
    }

    /// How often this system call would have been made.
    pub fn of_syscall(&self, syscall: Syscall) -> u64 {
        self.syscalls[syscall as usize]
    }

    /// All actions.
    pub fn actions(&self) -> u64 {
        self.actions.iter().sum()
    }

    /// All system calls.
    pub fn syscalls(&self) -> u64 {
        self.syscalls.iter().sum()
    }
}

impl Default for Costs {
    fn default() -> Self {
        Self::NONE
    }
}
