#![forbid(unsafe_code)]
//! Scenario files (TOML) and report files (JSON).
//!
//! [`load`](load::load) turns a file's text into a [`Scenario`](ktstr_core::scenario::Scenario) or into all the errors of
//! form it has, each with its place; [`render_toml`](render_toml::render_toml) and [`render_rust`](render_rust::render_rust)
//! go the other way. [`RunReport`](report::RunReport) is what a run leaves behind. Whether a scenario makes sense is
//! judged in `ktstr_core`, not here.
//!
//! ```
//! use bumpalo::Bump;
//! use ktstr_file::load::load;
//!
//! let text = r#"
//!     name = "two cells"
//!     duration = "2s"
//!
//!     [[backdrop.cgroups]]
//!     name = "left"
//!     cpuset = { disjoint = 0, of = 2 }
//!
//!     [[steps]]
//!     hold = "full"
//! "#;
//! let arena = Bump::new();
//! let loaded = load(text, &arena).expect("a scenario");
//! assert_eq!(loaded.scenario.backdrop.cgroups[0].name, "left");
//!
//! let flawed = load("name = \"x\"\ndurration = \"2s\"", &arena).expect_err("a typing error");
//! assert!(flawed.errors[0].to_string().starts_with("2:1: [T006] `durration` is not known in this scenario; did you mean `duration`?"));
//! ```

mod decoder;
pub mod error;
mod fields;
pub mod flawed;
pub mod load;
mod load_cgroup;
mod load_cpus;
mod load_op;
mod load_payload;
mod load_scenario;
mod load_work;
pub mod loaded;
mod op_shapes;
pub mod payload_ids;
pub mod pointer;
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
