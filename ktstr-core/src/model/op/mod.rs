//! The operations of a scenario: one thing to do to a cgroup, its tasks or a payload. Each is a row of
//! [`rows`]; the enum, its constructors and all that walks over the fields of an operation derive from it.
//! What is legal when is judged in `validate`; how each is carried out is the executor's.

mod fields;
mod info;
mod rows;
mod table;
#[cfg(test)]
pub(crate) mod tests;

pub use info::{OpField, OpInfo, OpSource, OpValue};
pub use rows::{Op, OpKind};

use crate::model::placement::Placement;
use crate::model::work::WorkSpec;
use crate::model::work_type::WorkType;
use core::time::Duration;

/// How long a payload has to end after SIGTERM, where the op does not say.
pub const DEFAULT_GRACE: Duration = Duration::from_secs(1);
/// How long a wait for a payload lasts at most, where neither the op nor the payload says.
pub const DEFAULT_WAIT: Duration = Duration::from_secs(10);

/// The cgroups that an operation names, in the order of its fields; `""` where it could name one and does
/// not.
#[derive(Clone, Copy)]
pub(crate) struct Mentioned<'a> {
    /// The first, if it has a field for one.
    pub(crate) one: Option<&'a str>,
    /// The second, if it has fields for two.
    pub(crate) two: Option<&'a str>,
}

impl<'a> Mentioned<'a> {
    const NONE: Self = Self { one: None, two: None };

    #[inline(always)]
    const fn and(self, name: &'a str) -> Self {
        match self {
            Self { one: None, .. } => Self { one: Some(name), two: None },
            Self { two: None, .. } => Self { two: Some(name), ..self },
            _ => panic!("an operation names more than two cgroups"),
        }
    }
}

/// Other ways to write an operation than the constructors that derive from the rows: a placement said by the
/// name of the constructor, and fields that may be left out.
impl<'a> Op<'a> {
    /// `Spawn` of this group of workers in a cgroup.
    pub const fn spawn_workers(cgroup: &'a str, work: WorkSpec<'a>) -> Self {
        Self::spawn(Placement::Cgroup(cgroup), work)
    }

    /// `Spawn` of the default number of workers of this type in a cgroup.
    pub const fn spawn_in_cgroup(cgroup: &'a str, work_type: WorkType) -> Self {
        Self::spawn_workers(cgroup, WorkSpec::new(work_type))
    }

    /// `Spawn` in the runner's own cgroup.
    pub const fn spawn_host(work: WorkSpec<'a>) -> Self {
        Self::spawn(Placement::RunnerCgroup, work)
    }

    /// `RunPayload` in a cgroup.
    pub const fn run_payload_in_cgroup(
        payload: &'a crate::model::payload::Payload<'a>,
        args: &'a [&'a str],
        cgroup: &'a str,
    ) -> Self {
        Self::run_payload(payload, args).placed(Placement::Cgroup(cgroup))
    }

    /// `Expect` of a control file of a cgroup.
    pub const fn expect_in_cgroup(
        check: &'a crate::model::file_check::FileCheck<'a>,
        cgroup: &'a str,
    ) -> Self {
        Self::expect(check).placed(Placement::Cgroup(cgroup))
    }

    /// `WaitPayload` in a cgroup; an empty path stands for the runner's.
    pub const fn wait_payload_in_cgroup(name: &'a str, cgroup: &'a str) -> Self {
        Self::wait_payload(name).placed(Placement::of_path(cgroup))
    }

    /// `KillPayload` in a cgroup; an empty path stands for the runner's.
    pub const fn kill_payload_in_cgroup(name: &'a str, cgroup: &'a str) -> Self {
        Self::kill_payload(name).placed(Placement::of_path(cgroup))
    }

    /// The first cgroup that it names; empty where it names none.
    pub const fn cgroup_named(&self) -> &'a str {
        match self.mentioned().one {
            Some(name) => name,
            None => "",
        }
    }

    /// What scenario files call it.
    pub fn word(&self) -> &'static str {
        let info = self.kind().info();
        let at_runner = OpValue::Home(Placement::RunnerCgroup);
        match info.placed {
            Some((_, word)) if self.fields().any(|field| field.value == at_runner) => word,
            _ => info.word,
        }
    }

    /// The same operation, open to removal by a step; operations that make nothing are returned as they are.
    #[must_use]
    pub const fn until_removed(self) -> Self {
        self.with_flag("until_removed", true)
    }

    /// The same operation, whose cgroup outlives its step; operations that make nothing are returned as they
    /// are.
    #[must_use]
    pub const fn kept(self) -> Self {
        self.with_flag("kept", true)
    }

    /// The same operation with this timeout; those without one are returned as they are.
    #[must_use]
    pub const fn timeout(self, timeout: Duration) -> Self {
        self.with_time("timeout", timeout)
    }

    /// The same operation with this grace period; those without one are returned as they are.
    #[must_use]
    pub const fn grace(self, grace: Duration) -> Self {
        self.with_time("grace", grace)
    }
}

/// The fields that may be left out and have a method above of the same name.
const MODIFIERS: [&str; 4] = ["until_removed", "kept", "timeout", "grace"];
