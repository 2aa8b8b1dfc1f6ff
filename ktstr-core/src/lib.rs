#![no_std]
#![forbid(unsafe_code)]
//! Scenarios for cgroup and scheduler tests, as values.
//!
//! A [`Scenario`] is built by `const fn` from borrowed names, judged by one `const fn`, and played by
//! an executor that hands out one [`Action`] at a time to any [`Backend`]. This crate
//! neither allocates nor touches a machine; the backends do.
//!
//! ```
//! use ktstr_core::PlanBackend;
//! use ktstr_core::prelude::*;
//!
//! static HALVES: Scenario = Scenario::new("halves")
//!     .backdrop(
//!         Backdrop::new()
//!             .push_cgroup(CgroupDef::named("left").cpuset(CpusetSpec::disjoint(0, 2)).workers(2))
//!             .push_cgroup(CgroupDef::named("right").cpuset(CpusetSpec::disjoint(1, 2)).workers(2)),
//!     )
//!     .steps(&[Step::hold(HoldSpec::FULL)])
//!     .checks(Checks::NONE.not_starved().isolation());
//! const _: () = HALVES.assert_valid(); // what cannot work does not compile
//!
//! let mut plan = PlanBackend::new(Topology::uniform(1, 1, 4, 1));
//! let report = execute_scenario(&HALVES, &mut plan, 1, &mut ()).expect("a run");
//! assert!(report.actions > 4);
//! ```

mod base;
mod execute;
mod judge;
mod model;
mod notes;
pub mod prelude;
mod report;
mod validate;

pub use base::{
    codes::{CodeClass, CodeInfo},
    kernel_version::{KernelVersion, ParseVersionError},
    list::{List, ListFull},
    rng::{Rng, mix},
    terminal,
    text::Text,
    wire,
};
pub use execute::{
    action::{Action, ActionKind, GroupId, PayloadId},
    answer::OutcomeKind,
    backend::Backend,
    channel::{Channel, Evidence, SchedulerSource},
    executor::{Executor, Record},
    fault::{DETAIL, Fault, FaultKind},
    notice::Notice,
    observer::{Asked, CheckResult, Event, Observer},
    outcome::{ExitStatus, FileSeen, FileText, Outcome, PayloadEnd, SchedulerEnd},
    plan::PlanBackend,
    play::{RunError, execute_defs, execute_scenario, execute_steps, play},
};
pub use judge::{
    group::GroupStats,
    judgement::{Judgement, Witness},
    metrics,
    unjudged::Unjudged,
    verdict::Verdict,
};
pub use model::{
    affinity::{AffinityIntent, AffinityPlan},
    backdrop::{Backdrop, MAX_BACKDROP_CGROUPS, MAX_BACKDROP_OPS, MAX_BACKDROP_PAYLOADS, RenameError},
    cgroup_def::{CgroupDef, MAX_WORKS},
    checks::{
        BoundKind, CHECKS, CheckBound, CheckInfo, CheckKind, CheckSubject, CheckUnit, Checks, Moment,
        NumberRange, RangeEnd, Relation,
    },
    comparison::{Compared, Comparison, MAX_COMPARISONS},
    controllers::{Controller, Controllers},
    cpuset::{CpuListError, CpuListText, CpuSet, IdSet, MAX_CPUS, MAX_NODES, NodeSet},
    cpuset_spec::CpusetSpec,
    errno::Errno,
    field::{FieldInfo, FieldKind, FieldValue},
    file_check::{Change, FileCheck},
    knob::{Bound, CpuMax, Knob, KnobInfo, KnobKind, KnobSet, KnobValue, Limit, Limits, OutOfRange, Setting},
    mem_policy::{MemPolicy, MpolFlags},
    needs::{Counted, Lack, Needs, Offers},
    op::{DEFAULT_GRACE, DEFAULT_WAIT, Op, OpField, OpInfo, OpKind, OpSource, OpValue},
    payload::{MetricHint, OutputKind, Payload, PayloadCheck, Polarity},
    placement::Placement,
    scenario::Scenario,
    sched_policy::SchedPolicy,
    scheduler::{ExpectedExit, OnDeath, Placeholder, Scheduler, SchedulerExit, next_placeholder},
    signal::Signal,
    site::{Part, Site},
    step::{HoldSpec, Step},
    topology::{CpuPlace, ParseUniformError, Topology, Uniform},
    work::WorkSpec,
    work_type::{
        AluWidth, FutexLockMode, Misfit, Profile, SchedClass, WORK_TYPES, WakeMechanism, WorkPhase, WorkType,
        WorkTypeInfo,
    },
};
pub use notes::{Note, NoteKind};
pub use report::{
    group_phase::{GroupPhase, Phase},
    last_words::{LAST_WORDS, Stream},
    summary::Report,
    worker_report::{MEASUREMENTS, Measure, MeasureInfo, MeasureUnit, Together, WorkerEnd, WorkerReport},
};
pub use validate::{
    Checked, MAX_DEADLINE_CGROUPS, MAX_DEPTH, MAX_NAME, MAX_PATH, MAX_WORKERS, Scratch, Slot, Storage, check,
    invalid::{Invalid, MESSAGE, Value},
    requirements::Requirements,
    rules, slots_needed, slots_to_play, validate,
};
