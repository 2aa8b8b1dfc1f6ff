#![no_std]
#![forbid(unsafe_code)]
//! Scenarios for cgroup and scheduler tests, as values.
//!
//! A [`Scenario`](scenario::Scenario) is built by `const fn` from borrowed names, judged by one `const fn`, and played by
//! an executor that hands out one [`Action`](action::Action) at a time to any [`Backend`](backend::Backend). This crate
//! neither allocates nor touches a machine; the backends do.

pub mod action;
pub mod affinity;
pub mod backdrop;
pub mod backend;
pub mod cgroup_def;
pub mod checks;
pub mod controllers;
pub mod cpuset;
pub mod cpuset_spec;
pub mod executor;
pub mod fault;
pub mod invalid;
pub mod judge;
pub mod knob;
pub mod last_words;
pub mod list;
pub mod mem_policy;
pub mod metrics;
mod name;
pub mod observer;
pub mod op;
pub mod outcome;
pub mod payload;
pub mod placement;
pub mod prelude;
pub mod report;
pub mod requirements;
pub mod rng;
pub mod rules;
pub mod scenario;
pub mod sched_policy;
pub mod site;
pub mod step;
pub mod text;
pub mod topology;
pub mod validate;
pub mod verdict;
pub mod wire;
pub mod work;
pub mod work_type;
pub mod worker_report;
