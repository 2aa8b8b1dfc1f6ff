//! What a scenario is: values built by `const fn`, without any judgement of them.

pub(crate) mod affinity;
pub(crate) mod backdrop;
pub(crate) mod cgroup_def;
pub(crate) mod checks;
pub(crate) mod comparison;
pub(crate) mod controllers;
pub(crate) mod cpuset;
pub(crate) mod cpuset_spec;
pub(crate) mod errno;
pub(crate) mod field;
pub(crate) mod file_check;
pub(crate) mod knob;
pub(crate) mod mem_policy;
pub(crate) mod needs;
pub(crate) mod op;
pub(crate) mod payload;
pub(crate) mod placement;
pub(crate) mod scenario;
pub(crate) mod sched_policy;
pub(crate) mod scheduler;
pub(crate) mod signal;
pub(crate) mod site;
pub(crate) mod step;
pub(crate) mod topology;
pub(crate) mod work;
pub(crate) mod work_type;
