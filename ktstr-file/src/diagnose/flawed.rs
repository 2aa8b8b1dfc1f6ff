//! A file with errors of form: what can be said of its meaning all the same. Only what stays true however the
//! flawed places are mended is said, so that mending one error does not make another go that was listed. What
//! is wrong with the meaning is found in `ktstr_core`; here it is only sifted.

use crate::diagnose::error::FileError;
use crate::load::loaded::Loaded;
use ktstr_core::rules::ErrorKind as Kind;
use ktstr_core::{Invalid, Site};
use std::collections::BTreeSet;

/// What [`load`](crate::load) gives for a file that it could not wholly read.
#[derive(Debug)]
pub struct Flawed<'a> {
    /// All that is wrong with its form, in the order of the places.
    pub errors: Vec<FileError>,
    pub(crate) rest: Option<Box<Loaded<'a>>>,
    pub(crate) flaws: Flaws,
}

/// Where a file is flawed.
#[derive(Debug, Default)]
pub(crate) struct Flaws {
    /// The parts of the scenario that have a flaw, each with what it lies in.
    pub(crate) sites: BTreeSet<Site>,
    /// The first part in which it may have been lost which cgroups are made, or when.
    pub(crate) lost: Option<Site>,
    /// Whether the definition of a payload or a scheduler has a flaw.
    pub(crate) payloads: bool,
}

/// What is looked at to find that a rule is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// One value, which is never the one that a missing or unread key stands for.
    Value,
    /// A part of the scenario.
    Part,
    /// A part, and the definition of the payload that it names.
    Payload,
    /// The definition of the scheduler that a part is the first to attach.
    Scheduler,
    /// A part, and which cgroups were made before.
    Names,
    /// Anything up to that part.
    All,
    /// All of the scenario.
    Whole,
}

impl<'a> Flawed<'a> {
    /// Nothing but errors.
    pub(crate) fn illegible(errors: Vec<FileError>) -> Self {
        Self { errors, rest: None, flaws: Flaws::default() }
    }

    /// The scenario as far as it could be read, each part in its place and flawed values left out; `None`
    /// where the text is no TOML. It is good for [`stands`](Self::stands) only.
    pub fn rest(&self) -> Option<&Loaded<'a>> {
        self.rest.as_deref()
    }

    /// Whether what was found wrong in the [`rest`](Self::rest) is wrong however the flaws are mended.
    pub fn stands(&self, invalid: &Invalid<'_>) -> bool {
        let Flaws { sites, lost, payloads } = &self.flaws;
        let (site, stage) = (&invalid.site, stage(&invalid.site));
        // What the scenario permits may be what could not be read.
        let broken = invalid.cause.unwrap_or(invalid.kind);
        if broken.rule().can_be_permitted() && sites.contains(&Site::Scenario) {
            return false;
        }
        match reach(invalid.kind) {
            Reach::Value => true,
            Reach::Part if sites.contains(site) => false,
            Reach::Part => true,
            Reach::Payload => !sites.contains(site) && !payloads,
            Reach::Names => {
                !sites.contains(site) && lost.as_ref().is_none_or(|lost| stage < self::stage(lost))
            }
            Reach::Whole => !payloads && sites.is_empty(),
            Reach::Scheduler | Reach::All => {
                !payloads && sites.iter().all(|flawed| stage < self::stage(flawed))
            }
        }
    }
}

impl core::fmt::Display for Flawed<'_> {
    /// The errors of form, a line for each.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.errors.iter().try_for_each(|error| writeln!(f, "{error}"))
    }
}

impl core::error::Error for Flawed<'_> {}

impl Flaws {
    /// Notes such a part, which does not come before those noted so far.
    pub(crate) fn lose(&mut self, site: Site) {
        self.lost.get_or_insert(site);
    }
}

/// Which of the scenario's values, Backdrop, and steps a site is in, in the order in which they take effect.
fn stage(site: &Site) -> u64 {
    match site {
        Site::Scenario => 0,
        Site::Backdrop(_) => 1,
        Site::Step { step, .. } => 2 + u64::from(*step),
        Site::Teardown => u64::MAX,
    }
}

fn reach(kind: Kind) -> Reach {
    match kind {
        Kind::CpusetRange
        | Kind::CpusetOfZero
        | Kind::CpusetIndex
        | Kind::CpusetOverlap
        | Kind::CpusetEmpty
        | Kind::CpusetNotThere
        | Kind::LlcMissing
        | Kind::NumaMissing
        | Kind::MemsEmpty
        | Kind::MemsNotThere
        | Kind::AffinityEmpty
        | Kind::CpuWeight
        | Kind::CpuQuota
        | Kind::CpuPeriod
        | Kind::MemoryTooLarge
        | Kind::MemoryTooSmall
        | Kind::IoWeight
        | Kind::PidsRange
        | Kind::HoldFraction
        | Kind::LoopZero
        | Kind::WorkersShare
        | Kind::Priority
        | Kind::MemPolicyEmpty => Reach::Value,
        Kind::WorkersTwice
        | Kind::WorkArguments
        | Kind::Deadline
        | Kind::Nice
        | Kind::Comm
        | Kind::UserInvalid
        | Kind::ShareInRunner
        | Kind::MemPolicyFlags
        | Kind::MemPolicyBalancing
        | Kind::MemPolicyFlagsUnused
        | Kind::SwapSelf
        | Kind::MoveSelf
        | Kind::CaptureTag
        | Kind::LimitsNothing
        | Kind::ExpectFile
        | Kind::ExpectNothing
        | Kind::FailsInParts
        | Kind::FileOwned
        | Kind::FileText
        | Kind::ReclaimNothing
        | Kind::PolicyDeadline
        | Kind::ScenarioName
        | Kind::ScenarioDuration
        | Kind::ScenarioWorkers
        | Kind::ScenarioTopology
        | Kind::CheckBound
        | Kind::StorageTooSmall
        | Kind::NotPermitted
        | Kind::NeedsTooMuch
        | Kind::StepName
        | Kind::CompareNothing
        | Kind::CompareBound
        | Kind::CompareTooMany => Reach::Part,
        Kind::CompareUnknown | Kind::CompareStep => Reach::Whole,
        Kind::PayloadName
        | Kind::PayloadBinary
        | Kind::PayloadArgument
        | Kind::PayloadFile
        | Kind::PayloadBound
        | Kind::PayloadMetric
        | Kind::PayloadOutput
        | Kind::PayloadExitCode => Reach::Payload,
        Kind::SchedulerName
        | Kind::SchedulerBinary
        | Kind::SchedulerArgument
        | Kind::SchedulerVariable
        | Kind::SchedulerFile
        | Kind::SchedulerReady => Reach::Scheduler,
        // Of two cgroups with one name only of the first it is reported that it is ill-formed.
        Kind::NameEmpty
        | Kind::NameAbsolute
        | Kind::NameSlashes
        | Kind::NameDots
        | Kind::NameHidden
        | Kind::NameNul
        | Kind::NameNewline
        | Kind::NameTooLong
        | Kind::PathTooLong
        | Kind::PathTooDeep
        | Kind::NameReserved
        | Kind::CgroupUnknown
        | Kind::ParentMissing => Reach::Names,
        Kind::CgroupDuplicate
        | Kind::CgroupShadows
        | Kind::CgroupRemoved
        | Kind::CgroupEnded
        | Kind::KillNothing
        | Kind::NoWorkers
        | Kind::HasChildren
        | Kind::NotYours
        | Kind::HoldsGuests
        | Kind::Stranded
        | Kind::UntilRemovedInStep
        | Kind::KeptInBackdrop
        | Kind::KeptBelowStep
        | Kind::StopsFrozen
        | Kind::SpawnFrozen
        | Kind::WaitFrozen
        | Kind::EndsFrozen
        | Kind::TasksAboveLimits
        | Kind::TasksBesideLimits
        | Kind::LimitsBelowTasks
        | Kind::LimitsBesideTasks
        | Kind::CpusetNothing
        | Kind::CpusetOutsideParent
        | Kind::ChildLeftOutside
        | Kind::AffinityUnmet
        | Kind::MemPolicyOutside
        | Kind::PidsTooFew
        | Kind::HoldOverBudget
        | Kind::LoopTooLong
        | Kind::StepAfterEnd
        | Kind::CannotRepeat
        | Kind::WorkersZero
        | Kind::WorkersTooMany
        | Kind::ShareWithoutCpuset
        | Kind::GroupSize
        | Kind::DeadlineNarrow
        | Kind::DeadlineAdmission
        | Kind::DeadlineCgroups
        | Kind::PayloadUnknown
        | Kind::PayloadOver
        | Kind::PayloadAmbiguous
        | Kind::PayloadDuplicate
        | Kind::ClearNothing
        | Kind::SwapNothing
        | Kind::StopNothing
        | Kind::AffinityNothing
        | Kind::MoveNothing
        | Kind::MoveToRunner
        | Kind::FreezeTwice
        | Kind::UnfreezeNothing
        | Kind::IrqCpu
        | Kind::SchedulerPlaceholder
        | Kind::SchedulerAttached
        | Kind::SchedulerNone
        | Kind::SchedulerItself
        | Kind::FailsOtherwise
        | Kind::StepNameTwice => Reach::All,
    }
}

/// Whether a rule is about what a payload says of itself, and so about its definition.
pub(crate) fn is_of_payload(kind: Kind) -> bool {
    reach(kind) == Reach::Payload
}

/// Whether a rule is about what a scheduler says of itself, and so about its definition.
pub(crate) fn is_of_scheduler(kind: Kind) -> bool {
    reach(kind) == Reach::Scheduler
}
