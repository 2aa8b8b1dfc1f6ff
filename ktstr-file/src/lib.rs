#![forbid(unsafe_code)]
//! Scenario files (TOML) and report files (JSON).
//!
//! [`load()`] turns a file's text into a [`Scenario`](ktstr_core::Scenario) or into all the errors of form it
//! has, each with its place; [`render_toml`] and [`render_rust`] go the other way.
//! [`RunReport`](report::RunReport) is what a run leaves behind. Whether a scenario makes sense is judged in
//! `ktstr_core`, not here.
//!
//! ```
//! use bumpalo::Bump;
//! use ktstr_file::load;
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

pub mod defaults;
mod diagnose;
mod load;
mod notes;
pub mod pages;
mod play;
mod render;
pub mod report;
mod scenario_file;
mod schema;
pub mod suite;
mod units;

pub use diagnose::codes::codes;
pub use diagnose::error::{Code, FileError};
pub use diagnose::flawed::Flawed;
pub use diagnose::problem::{FileCheck, Problem};
pub use load::load;
pub use load::loaded::Loaded;
pub use load::source::{MAX_BYTES, Place, text};
pub use notes::{NoteEntry, notes};
pub use play::play_scenario;
pub use render::control_files::control_files_page;
pub use render::definition_ids::{payloads, schedulers};
pub use render::rust::render_rust;
pub use render::toml::render_toml;
pub use scenario_file::{Problems, ScenarioFile};
pub use schema::{report_schema, scenario_schema};
pub use units::parse_duration;
