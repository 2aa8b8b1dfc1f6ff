//! Which keys of a scenario file each rule is about. Where a rule is about a name, or about what exists when,
//! there is none: the value of the name says which key it is.

use super::ErrorKind;

impl ErrorKind {
    /// The keys that the rule is about, as scenario files spell them, those that say most first.
    pub const fn keys(self) -> &'static [&'static str] {
        match self {
            Self::CpusetRange
            | Self::CpusetOfZero
            | Self::CpusetIndex
            | Self::CpusetOverlap
            | Self::CpusetEmpty
            | Self::CpusetNothing
            | Self::CpusetNotThere
            | Self::LlcMissing
            | Self::NumaMissing
            | Self::CpusetOutsideParent
            | Self::ChildLeftOutside => &["cpuset"],
            Self::MemsEmpty | Self::MemsNotThere => &["cpuset_mems"],
            Self::AffinityEmpty | Self::AffinityUnmet => &["affinity"],
            Self::MemPolicyOutside | Self::MemPolicyEmpty => &["mem_policy"],
            Self::MemPolicyFlags | Self::MemPolicyBalancing | Self::MemPolicyFlagsUnused => &["mpol_flags"],
            Self::CpuWeight => &["cpu_weight"],
            Self::CpuQuota | Self::CpuPeriod => &["cpu_max"],
            Self::MemoryTooSmall => &["memory_max"],
            Self::IoWeight => &["io_weight"],
            Self::PidsRange | Self::PidsTooFew => &["pids_max"],
            Self::WorkersZero | Self::WorkersTooMany | Self::GroupSize => {
                &["workers", "workers_pct", "work_type"]
            }
            Self::WorkersTwice | Self::WorkersShare | Self::ShareWithoutCpuset | Self::ShareInRunner => {
                &["workers_pct"]
            }
            Self::WorkArguments => &["work_type", "type"],
            Self::Priority | Self::Deadline | Self::DeadlineAdmission | Self::DeadlineCgroups => {
                &["sched_policy"]
            }
            Self::DeadlineNarrow => &["affinity", "cpuset", "sched_policy"],
            Self::Nice => &["nice"],
            Self::Comm => &["comm"],
            Self::UserInvalid => &["uid", "gid"],
            Self::PayloadBinary => &["binary"],
            Self::PayloadArgument => &["args"],
            Self::PayloadFile => &["include_files"],
            Self::PayloadBound | Self::PayloadMetric => &["checks"],
            Self::PayloadOutput => &["output"],
            Self::PayloadExitCode => &["exit_code", "checks"],
            Self::CaptureTag => &["tag"],
            Self::IrqCpu => &["cpu"],
            Self::NotPermitted => &["permit"],
            Self::NeedsTooMuch => &["needs"],
            Self::SchedulerBinary => &["binary"],
            Self::SchedulerArgument | Self::SchedulerPlaceholder => &["args"],
            Self::SchedulerVariable => &["env"],
            Self::SchedulerFile => &["include_files"],
            Self::SchedulerReady => &["ready"],
            Self::ScenarioName | Self::StepName | Self::StepNameTwice => &["name"],
            Self::CompareUnknown
            | Self::CompareStep
            | Self::CompareNothing
            | Self::CompareBound
            | Self::CompareTooMany => &["compare"],
            Self::ScenarioDuration => &["duration"],
            Self::ScenarioWorkers => &["workers_per_cgroup"],
            Self::ScenarioTopology => &["topology"],
            Self::HoldFraction | Self::HoldOverBudget | Self::LoopZero | Self::LoopTooLong => &["hold"],
            Self::NameEmpty
            | Self::NameAbsolute
            | Self::NameSlashes
            | Self::NameDots
            | Self::NameHidden
            | Self::NameNul
            | Self::NameNewline
            | Self::NameTooLong
            | Self::PathTooLong
            | Self::PathTooDeep
            | Self::NameReserved
            | Self::CgroupUnknown
            | Self::CgroupDuplicate
            | Self::CgroupShadows
            | Self::CgroupRemoved
            | Self::CgroupEnded
            | Self::ParentMissing
            | Self::HasChildren
            | Self::NotYours
            | Self::HoldsGuests
            | Self::Stranded
            | Self::UntilRemovedInStep
            | Self::KeptInBackdrop
            | Self::KeptBelowStep
            | Self::StopsFrozen
            | Self::SpawnFrozen
            | Self::WaitFrozen
            | Self::EndsFrozen
            | Self::TasksAboveLimits
            | Self::TasksBesideLimits
            | Self::LimitsBelowTasks
            | Self::LimitsBesideTasks
            | Self::MemoryTooLarge
            | Self::StepAfterEnd
            | Self::CannotRepeat
            | Self::PayloadName
            | Self::PayloadUnknown
            | Self::PayloadOver
            | Self::PayloadAmbiguous
            | Self::PayloadDuplicate
            | Self::ClearNothing
            | Self::SwapSelf
            | Self::SwapNothing
            | Self::StopNothing
            | Self::AffinityNothing
            | Self::MoveSelf
            | Self::MoveNothing
            | Self::MoveToRunner
            | Self::FreezeTwice
            | Self::UnfreezeNothing
            | Self::CheckBound
            | Self::StorageTooSmall
            | Self::LimitsNothing
            | Self::KillNothing
            | Self::NoWorkers
            | Self::SchedulerName
            | Self::SchedulerAttached
            | Self::SchedulerNone
            | Self::SchedulerItself => &[],
            Self::ExpectFile | Self::FileOwned => &["file"],
            Self::FileText => &["text"],
            Self::ReclaimNothing => &["bytes"],
            Self::PolicyDeadline => &["sched_policy"],
            Self::FailsInParts | Self::FailsOtherwise => &["fails"],
            Self::ExpectNothing => &["min", "max", "change", "key", "file"],
        }
    }
}
