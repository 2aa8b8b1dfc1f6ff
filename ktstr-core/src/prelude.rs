//! All that describing a scenario and running it needs.

pub use crate::{
    AffinityIntent, Backdrop, Backend, CgroupDef, Checks, CpuSet, CpusetSpec, HoldSpec, Invalid, Limits,
    MemPolicy, MetricHint, MpolFlags, NodeSet, Observer, Op, OutputKind, Payload, PayloadCheck, Placement,
    Polarity, Report, RunError, Scenario, SchedPolicy, Signal, Step, Topology, Uniform, Verdict, WorkSpec,
    WorkType, execute_defs, execute_scenario, execute_steps,
};
pub use ktstr_derive::Payload;
