//! Why a backend could not carry an action out: a stable code, the errno, and the cure.

use crate::base::codes::CodeInfo;
use crate::base::text::Text;
use crate::codes;
use crate::model::errno::Errno;
use core::fmt::Write;
use serde::{Deserialize, Serialize};

/// Longest detail of a fault, in bytes.
pub const DETAIL: usize = 96;

const EPERM: i32 = 1;
const ESRCH: i32 = 3;
const EAGAIN: i32 = 11;
const EACCES: i32 = 13;
const EBUSY: i32 = 16;
const EINVAL: i32 = 22;

codes! {
    /// What went wrong, by kind.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum FaultKind: Fault, "the answer of the system call, errno(3)" {
        /// A cgroup of this name exists already (`EEXIST`).
        Exists = "F001": "the cgroup exists already",
            "remove it or choose another name";
        /// A cgroup or control file does not exist (`ENOENT`).
        Missing = "F002": "the cgroup or control file does not exist",
            "check that the kernel has this control file and that nothing else removes cgroups of the run";
        /// The cgroup is in use (`EBUSY`).
        Busy = "F003": "the cgroup is in use", "stop what runs in it or below it first";
        /// Not permitted (`EACCES`, `EPERM`, `EROFS`).
        Permission = "F004": "not permitted",
            "run as root, or below a cgroup that is delegated to you";
        /// A controller is not there or not delegated.
        NoController = "F005": "a controller is missing",
            "mount it on cgroup v2, or run it on a kernel that has it";
        /// The kernel refused the value (`EINVAL`, `ERANGE`).
        Invalid = "F006": "the kernel refused the value",
            "see the range of this setting in the kernel's cgroup-v2 document";
        /// The cgroup cannot hold processes or controllers in its present type (`EOPNOTSUPP`).
        NotSupported = "F007": "the cgroup's type does not allow this", "use a domain cgroup";
        /// No room: a limit of tasks, memory or cgroups (`EAGAIN`, `ENOMEM`, `ENOSPC`).
        NoRoom = "F008": "there is no room", "raise the limit of tasks, memory or cgroups, or ask for less";
        /// No such process (`ESRCH`).
        NoProcess = "F009": "the process has ended", "see the worker's or payload's end in the report";
        /// A CPU, node or interrupt that is not there (`ENODEV`).
        NoDevice = "F010": "the CPU, node or interrupt is not there",
            "name one that the machine has";
        /// The program of a payload was not found.
        NoProgram = "F011": "the program was not found", "install it, or give its path";
        /// The program of a payload cannot be executed.
        NotExecutable = "F012": "the program cannot be executed",
            "make it executable for the user it runs as, and for this architecture";
        /// The kernel did not confirm in time, for instance that a cgroup is frozen or empty.
        TimedOut = "F013": "the kernel did not confirm in time",
            "look for tasks in uninterruptible sleep below this cgroup";
        /// Something was named that was never made: a scenario that was forced to run unchecked.
        Unknown = "F014": "this was never made", "check the scenario before it runs";
        /// The run was interrupted.
        Interrupted = "F015": "the run was interrupted", "run it again";
        /// A payload of this name runs in this cgroup already.
        Running = "F016": "a payload of this name runs in this cgroup already",
            "wait for it or kill it first";
        /// The supervisor itself has ended.
        Crashed = "F017": "the supervisor has ended", "remove what it left";
        /// Any other error of the system.
        System = "F018": "the system reported an error", "see the errno";
        /// `sched_setattr` refused a worker its scheduling policy.
        SetPolicy = "F019": "the kernel refused a worker its scheduling policy",
            "see sched(7); a priority is 1 to 99, and the kernel has to know the policy";
        /// `sched_setaffinity` refused a worker its CPUs.
        SetAffinity = "F020": "the kernel refused a worker its CPUs",
            "name at least one CPU that is online and in the cpuset of the worker's cgroup";
        /// `set_mempolicy` refused a worker its memory policy.
        SetMemPolicy = "F021": "the kernel refused a worker its memory policy",
            "name nodes that are there and in the cpuset of the worker's cgroup; see set_mempolicy(2)";
        /// `setpriority` refused a worker its nice value.
        SetNice = "F022": "the kernel refused a worker its nice value",
            "run as root, or choose a nice value that is not below that of the runner";
        /// `setgroups`, `setresgid` or `setresuid` refused a worker its group or user.
        SetIds = "F023": "the kernel refused a worker its user or group",
            "name a user and a group below 4294967295 that the user namespace of the runner has";
        /// The backend gave an answer that belongs to another action.
        OtherAnswer = "F024": "the backend gave an answer that belongs to another action",
            "mend the backend: `Action` says what answers each action";
        /// The kernel has no sched_ext.
        NoSchedExt = "F025": "the kernel has no sched_ext",
            "run it on a kernel with CONFIG_SCHED_CLASS_EXT, 6.12 or later, as root";
        /// A scheduler did not get ready: its program ended, the kernel refused it, or it took too long.
        NotReady = "F026": "the scheduler did not get ready",
            "see its log and the kernel's in the report; where it needs more time, give it a longer `ready`";
        /// Another scheduler is attached (`EBUSY`).
        Attached = "F027": "another scheduler is attached",
            "detach it first; the kernel has one at a time";
        /// A scheduler did not leave, although its program was killed.
        NotDetached = "F028": "the scheduler did not leave",
            "see the kernel's log; sysrq-S brings the kernel's own scheduler back";
        /// An operation that has to fail did not, or failed with another error.
        NotAsExpected = "F029": "the operation did not fail as the scenario expects",
            "see whether what is tested has changed, or say another errno in `fails`";
    }
}

/// An action that was not carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// What went wrong.
    pub kind: FaultKind,
    /// The errno, 0 where there is none.
    pub errno: i32,
    /// More about it, cut to 96 bytes: the file or program.
    pub detail: heapless::String<DETAIL>,
}

impl FaultKind {
    /// The cure where the errno says more than the kind: what the manual pages of these calls say of it.
    const fn cure_of(self, errno: i32) -> Option<&'static str> {
        Some(match (self, errno) {
            (Self::SetPolicy, EPERM) => {
                "run as root; under SCHED_DEADLINE give the worker neither affinity nor a cpuset narrower than its root domain"
            }
            (Self::SetPolicy, EBUSY) => {
                "ask for less runtime in each period, or for fewer workers: no bandwidth is left for the deadline"
            }
            (Self::SetPolicy, EINVAL) => {
                "see sched(7): runtime <= deadline <= period, a priority from 1 to 99, and a kernel that knows the policy"
            }
            (Self::SetAffinity, EBUSY) => {
                "leave the affinity of a worker under SCHED_DEADLINE as it is: it may not be narrower than its root domain"
            }
            (Self::SetAffinity, ESRCH) => "see the worker's end in the report",
            (Self::SetIds, EPERM) => {
                "run as root with CAP_SETUID and CAP_SETGID; in a user namespace setgroups has to be allowed"
            }
            (Self::SetIds, EAGAIN) => "raise the limit of processes of that user (ulimit -u)",
            _ => return None,
        })
    }

    /// Whether the environment is to blame, not the scenario or the system under test.
    pub const fn is_environment(self) -> bool {
        matches!(
            self,
            Self::Exists
                | Self::Permission
                | Self::NoController
                | Self::NoDevice
                | Self::NoProgram
                | Self::NotExecutable
                | Self::Missing
                | Self::NoSchedExt
        )
    }

    /// The kind that an errno of a cgroup operation stands for.
    pub const fn from_errno(errno: i32) -> Self {
        match errno {
            1 | 13 | 30 => Self::Permission,
            2 => Self::Missing,
            3 => Self::NoProcess,
            4 => Self::Interrupted,
            11 | 12 | 28 => Self::NoRoom,
            16 => Self::Busy,
            17 => Self::Exists,
            19 => Self::NoDevice,
            22 | 34 => Self::Invalid,
            95 => Self::NotSupported,
            110 => Self::TimedOut,
            _ => Self::System,
        }
    }
}

impl Fault {
    /// An operation that has to fail with `errno` has failed otherwise.
    pub(crate) fn not_as_expected(errno: Errno, met: &Self) -> Self {
        let mut detail = Text::<DETAIL>::new();
        let met_errno = Errno::from_number(met.errno).map_or("another error", Errno::name);
        let _ = write!(detail, "expected {}, got {met_errno}: {}", errno.name(), met.detail);
        Self { errno: met.errno, ..Self::new(FaultKind::NotAsExpected, detail.as_str()) }
    }

    /// An operation that has to fail with `errno` has succeeded.
    pub(crate) fn not_failed(errno: Errno) -> Self {
        let mut detail = Text::<DETAIL>::new();
        let _ = write!(detail, "expected {}, and it succeeded", errno.name());
        Self::new(FaultKind::NotAsExpected, detail.as_str())
    }

    /// A fault of this kind without an errno.
    pub fn new(kind: FaultKind, detail: &str) -> Self {
        Self { kind, errno: 0, detail: cut(detail) }
    }

    /// The fault that an errno of a cgroup operation stands for.
    pub fn from_errno(errno: i32, detail: &str) -> Self {
        Self { kind: FaultKind::from_errno(errno), errno, detail: cut(detail) }
    }
}

fn cut(detail: &str) -> heapless::String<DETAIL> {
    let mut text = heapless::String::new();
    for character in detail.chars() {
        if text.push(character).is_err() {
            break;
        }
    }
    text
}

impl Fault {
    /// What to do about it, in one sentence.
    pub const fn cure(&self) -> &'static str {
        match self.kind.cure_of(self.errno) {
            Some(cure) => cure,
            None => self.kind.info().cure,
        }
    }

    /// Whether the environment is to blame: by the kind, or because a worker is not permitted what it asks
    /// for.
    pub const fn is_environment(&self) -> bool {
        let asks = matches!(self.kind, FaultKind::SetPolicy | FaultKind::SetNice | FaultKind::SetIds);
        self.kind.is_environment() || asks && matches!(self.errno, EPERM | EACCES)
    }
}

impl core::fmt::Display for Fault {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let CodeInfo { code, what, .. } = self.kind.info();
        write!(f, "[{code}] {what}")?;
        if !self.detail.is_empty() {
            write!(f, ": {}", self.detail)?;
        }
        if self.errno != 0 {
            write!(f, " (errno {})", self.errno)?;
        }
        write!(f, "; {}", self.cure())
    }
}

impl core::error::Error for Fault {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_in_order_and_stand_once() {
        for (position, kind) in FaultKind::ALL.into_iter().enumerate() {
            let number: usize = kind.code()[1..].parse().expect("a number");
            assert_eq!(number, position + 1, "{kind:?}");
        }
    }

    #[test]
    fn the_cure_of_a_refused_call_follows_the_errno() {
        for (kind, errno, cure, environment) in [
            (FaultKind::SetPolicy, EBUSY, "less runtime", false),
            (FaultKind::SetPolicy, EPERM, "neither affinity nor a cpuset", true),
            (FaultKind::SetPolicy, EINVAL, "runtime <= deadline", false),
            (FaultKind::SetAffinity, EINVAL, "at least one CPU", false),
            (FaultKind::SetIds, EPERM, "CAP_SETUID", true),
            (FaultKind::SetNice, EACCES, "run as root", true),
            (FaultKind::Busy, EBUSY, "stop what runs in it", false),
        ] {
            let fault = Fault { errno, ..Fault::new(kind, "worker 0") };
            assert!(fault.cure().contains(cure), "{fault}");
            assert_eq!(fault.is_environment(), environment, "{fault}");
        }
    }

    #[test]
    fn a_long_detail_is_cut_between_characters() {
        let fault =
            Fault::new(FaultKind::System, core::str::from_utf8(&[0xC3, 0xA4].repeat_to_long()).unwrap_or(""));
        assert!(fault.detail.len() <= DETAIL);
    }

    trait RepeatToLong {
        fn repeat_to_long(&self) -> [u8; 400];
    }

    impl RepeatToLong for [u8; 2] {
        fn repeat_to_long(&self) -> [u8; 400] {
            core::array::from_fn(|i| self[i % 2])
        }
    }
}
