//! Everything that describing a scenario needs.

pub use crate::affinity::AffinityIntent;
pub use crate::backdrop::Backdrop;
pub use crate::cgroup_def::CgroupDef;
pub use crate::checks::Checks;
pub use crate::cpuset::{CpuSet, NodeSet};
pub use crate::cpuset_spec::CpusetSpec;
pub use crate::invalid::Invalid;
pub use crate::mem_policy::{MemPolicy, MpolFlags};
pub use crate::op::{Op, Placement};
pub use crate::payload::{MetricHint, OutputKind, Payload, PayloadCheck, Polarity};
pub use crate::scenario::Scenario;
pub use crate::sched_policy::SchedPolicy;
pub use crate::step::{HoldSpec, Step};
pub use crate::topology::{Topology, Uniform};
pub use crate::verdict::Verdict;
pub use crate::work::WorkSpec;
pub use crate::work_type::WorkType;
pub use ktstr_derive::Payload;
