//! All that describing a scenario and running it needs.

pub use crate::{
    AffinityIntent, AluWidth, Backdrop, Backend, CgroupDef, Change, Checks, Compared, Comparison, Controller,
    Controllers, CpuSet, CpusetSpec, Errno, FileCheck, FutexLockMode, HoldSpec, Invalid, Limits, MemPolicy,
    MetricHint, MpolFlags, Needs, NodeSet, Observer, Op, OutputKind, Payload, PayloadCheck, Placement,
    Polarity, Report, RunError, Scenario, SchedClass, SchedPolicy, Scheduler, Signal, Step, Topology,
    Uniform, Verdict, WakeMechanism, WorkPhase, WorkSpec, WorkType, execute_defs, execute_scenario,
    execute_steps,
};
pub use ktstr_derive::Payload;
