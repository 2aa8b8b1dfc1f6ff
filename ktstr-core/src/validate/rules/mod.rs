//! The one table of rules that validation knows. Messages, compile errors, `ktstr explain` and the
//! documentation are all read from here; what breaks a rule is decided in [`crate::validate`].

use crate::base::codes::{CodeClass, CodeInfo};
use serde::Serialize;

mod cpusets;
mod hierarchy;
mod holds;
mod keys;
mod lifetimes;
mod limits;
mod names;
mod ops;
mod payloads;
mod scenario;
mod schedulers;
mod works;

/// How a scenario that breaks a rule goes wrong when it is forced to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// The action at the site fails or hangs.
    Kernel,
    /// The action goes through, but something that is promised breaks: something is left over or stranded,
    /// has no effect, is cut short, or is not what was asked for.
    Promise,
}

/// What a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// How a cgroup may be called, `E01..`.
    Names,
    /// What exists when, and who may end it, `E02..`.
    Lifetimes,
    /// Tasks against controllers, `E03..`.
    Hierarchy,
    /// CPUs, memory nodes and affinities, `E04..`.
    Cpusets,
    /// Values that control files take, `E05..`.
    Limits,
    /// How long steps are held, and what loops may do, `E06..`.
    Holds,
    /// Groups of workers, `E07..`.
    Works,
    /// Payloads, `E08..`.
    Payloads,
    /// Operations that would do nothing, `E09..`.
    Ops,
    /// The scenario as a whole, `E10..`.
    Scenario,
    /// Schedulers, `E11..`.
    Schedulers,
}

/// One rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// Stable code.
    pub code: &'static str,
    /// What validation calls it.
    pub kind: ErrorKind,
    /// How breaking it shows.
    pub class: Class,
    /// What it is about.
    pub family: Family,
    /// What is wrong, with `{name}`, `{other}`, `{value}`, `{limit}` and `{cause}` filled in from the place.
    pub what: &'static str,
    /// What to do about it, with the same placeholders.
    pub cure: &'static str,
    /// Why the rule is there.
    pub why: &'static str,
    /// Where it comes from: the kernel, or what we promise.
    pub source: &'static str,
}

impl Rule {
    /// What its code stands for.
    pub const fn info(&self) -> CodeInfo {
        let Self { code, what, cure, why, source, .. } = *self;
        let class = match self.class {
            Class::Kernel => CodeClass::Kernel,
            Class::Promise => CodeClass::Promise,
        };
        CodeInfo { code, name: self.kind.name(), what, cure, why, source, class }
    }

    /// Whether a scenario may permit its breach, see [`Scenario::permit`](crate::Scenario::permit): a
    /// promise, but none about names, holds and the scenario as a whole, which every run goes by.
    pub const fn can_be_permitted(&self) -> bool {
        matches!(self.class, Class::Promise)
            && !matches!(self.family, Family::Names | Family::Holds | Family::Scenario)
    }
}

macro_rules! kinds {
    ($($family:ident: $($kind:ident)+;)+) => {
        /// Each rule's name in code. [`rule`](ErrorKind::rule) has the rest.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(rename_all = "snake_case")]
        #[allow(missing_docs)] // each is described by its rule in the table
        pub enum ErrorKind { $($($kind,)+)+ }

        impl ErrorKind {
            /// All of them, in the order of their codes.
            pub const ALL: [Self; COUNT] = [$($(Self::$kind),+),+];

            /// What it is called in Rust.
            pub const fn name(self) -> &'static str {
                match self { $($(Self::$kind => stringify!($kind),)+)+ }
            }
        }

        /// How many rules there are.
        const COUNT: usize = [$($(ErrorKind::$kind),+),+].len();
    };
}

kinds! {
    names: NameEmpty NameAbsolute NameSlashes NameDots NameHidden NameNul NameNewline NameTooLong PathTooLong
        PathTooDeep NameReserved;
    lifetimes: CgroupUnknown CgroupDuplicate CgroupShadows CgroupRemoved CgroupEnded ParentMissing HasChildren
        NotYours HoldsGuests Stranded UntilRemovedInStep StopsFrozen SpawnFrozen WaitFrozen EndsFrozen
        KeptInBackdrop KeptBelowStep;
    hierarchy: TasksAboveLimits TasksBesideLimits LimitsBelowTasks LimitsBesideTasks;
    cpusets: CpusetRange CpusetOfZero CpusetIndex CpusetOverlap CpusetEmpty CpusetNothing CpusetNotThere LlcMissing
        NumaMissing CpusetOutsideParent ChildLeftOutside MemsEmpty MemsNotThere AffinityEmpty AffinityUnmet
        MemPolicyOutside;
    limits: CpuWeight CpuQuota CpuPeriod MemoryTooLarge MemoryTooSmall IoWeight PidsRange PidsTooFew;
    holds: HoldFraction HoldOverBudget LoopZero LoopTooLong StepAfterEnd CannotRepeat;
    works: WorkersZero WorkersTooMany WorkersTwice WorkersShare ShareWithoutCpuset ShareInRunner GroupSize
        WorkArguments Priority Deadline Nice Comm MemPolicyEmpty MemPolicyFlags MemPolicyBalancing
        MemPolicyFlagsUnused UserInvalid DeadlineNarrow DeadlineAdmission DeadlineCgroups;
    payloads: PayloadName PayloadBinary PayloadArgument PayloadFile PayloadUnknown PayloadOver PayloadAmbiguous
        PayloadDuplicate PayloadBound PayloadMetric PayloadOutput PayloadExitCode;
    ops: ClearNothing SwapSelf SwapNothing StopNothing AffinityNothing MoveSelf MoveNothing MoveToRunner FreezeTwice
        UnfreezeNothing CaptureTag IrqCpu LimitsNothing
        ExpectFile ExpectNothing FailsInParts FailsOtherwise
        KillNothing FileOwned FileText ReclaimNothing NoWorkers PolicyDeadline;
    scenario: ScenarioName ScenarioDuration ScenarioWorkers ScenarioTopology CheckBound StorageTooSmall
        NotPermitted NeedsTooMuch StepName StepNameTwice CompareUnknown CompareStep CompareNothing
        CompareBound CompareTooMany;
    schedulers: SchedulerName SchedulerBinary SchedulerArgument SchedulerPlaceholder SchedulerVariable SchedulerFile
        SchedulerReady SchedulerAttached SchedulerNone SchedulerItself;
}

/// All rules, in the order of their codes.
pub const RULES: &[Rule] = &ALL;

static ALL: [Rule; COUNT] = {
    let families: [&[Rule]; 11] = [
        &names::RULES,
        &lifetimes::RULES,
        &hierarchy::RULES,
        &cpusets::RULES,
        &limits::RULES,
        &holds::RULES,
        &works::RULES,
        &payloads::RULES,
        &ops::RULES,
        &scenario::RULES,
        &schedulers::RULES,
    ];
    let mut all = [names::RULES[0]; COUNT];
    let (mut family, mut filled) = (0, 0);
    while family < families.len() {
        let mut i = 0;
        while i < families[family].len() {
            all[filled] = families[family][i];
            assert!(all[filled].kind as usize == filled, "a rule is out of order");
            filled += 1;
            i += 1;
        }
        family += 1;
    }
    assert!(filled == COUNT, "a rule has no text");
    all
};

impl ErrorKind {
    /// The rule of this kind.
    pub const fn rule(self) -> &'static Rule {
        &ALL[self as usize]
    }

    /// Its stable code.
    pub const fn code(self) -> &'static str {
        self.rule().code
    }
}

/// The rule with this code; case does not matter.
pub fn find(code: &str) -> Option<&'static Rule> {
    ALL.iter().find(|rule| rule.code.eq_ignore_ascii_case(code))
}

/// A rule as the family files write it: code, kind, class, what, cure, why, source.
const fn rule(
    code: &'static str,
    kind: ErrorKind,
    class: Class,
    family: Family,
    [what, cure, why, source]: [&'static str; 4],
) -> Rule {
    Rule { code, kind, class, family, what, cure, why, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_rise_and_belong_to_their_family() {
        for pair in ALL.windows(2) {
            assert!(pair[0].code < pair[1].code, "{} comes before {}", pair[0].code, pair[1].code);
        }
        for rule in &ALL {
            let number: u32 =
                rule.code.strip_prefix('E').and_then(|n| n.parse().ok()).expect("E and a number");
            assert_eq!(number / 100, rule.family as u32 + 1, "{}", rule.code);
            assert_eq!(rule.code.len(), 5);
        }
    }

    #[test]
    fn each_rule_says_everything() {
        for rule in &ALL {
            for text in [rule.what, rule.cure, rule.why, rule.source] {
                assert!(!text.is_empty() && !text.contains("  "), "{}: {text:?}", rule.code);
            }
            assert!(!rule.cure.ends_with('.') && !rule.what.ends_with('.'), "{}", rule.code);
            assert!(rule.why.ends_with('.'), "{}", rule.code);
        }
    }

    #[test]
    fn a_rule_is_found_by_its_code() {
        assert_eq!(find("e0101").map(|rule| rule.kind), Some(ErrorKind::NameEmpty));
        assert_eq!(find("E9999"), None);
    }
}
