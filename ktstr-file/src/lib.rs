#![forbid(unsafe_code)]
//! Scenario files (TOML) and report files (JSON).
//!
//! [`load`](load::load) turns a file's text into a [`Scenario`](ktstr_core::scenario::Scenario) or into all the errors
//! it has, each with its place; [`render_toml`](render_toml::render_toml) and [`render_rust`](render_rust::render_rust)
//! go the other way. [`RunReport`](report::RunReport) is what a run leaves behind. Whether a scenario makes sense is
//! judged in `ktstr_core`, not here.

mod decoder;
pub mod error;
mod fields;
pub mod load;
mod load_cgroup;
mod load_cpus;
mod load_op;
mod load_payload;
mod load_scenario;
mod load_work;
pub mod loaded;
mod payload_ids;
pub mod render_rust;
pub mod render_toml;
mod render_words;
pub mod report;
mod rust_values;
pub mod schema;
mod shape;
mod shapes;
pub mod source;
mod toml_text;
pub mod units;
