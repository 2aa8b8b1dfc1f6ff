#![forbid(unsafe_code)]
//! Scenario files and functions as tests, under `cargo test` and nextest: listed, filtered, ignored, tried
//! again and counted as all others are.
//!
//! A folder of scenario files is a test target of three lines. In `Cargo.toml`:
//!
//! ```toml
//! [[test]]
//! name = "kernel"
//! harness = false
//! ```
//!
//! and in `tests/kernel.rs`:
//!
//! ```
//! ktstr_test::main!("scenarios");
//! ```
//!
//! A function is a test by its attribute, in such a target and in any other file of tests. It is given the
//! machine, plays what it likes, and returns a report, nothing, or an error:
//!
//! ```
//! use ktstr_test::prelude::*;
//!
//! #[ktstr_test(topology = "1x2x4x1", duration = "2s", backend = "mock")]
//! fn halves_stay_apart(ctx: &Ctx) -> Result<RunReport, Error> {
//!     let left = ctx.cgroup_def("left").cpuset(CpusetSpec::llc(0));
//!     let right = ctx.cgroup_def("right").cpuset(CpusetSpec::llc(1));
//!     execute_defs(ctx, [left, right])
//! }
//!
//! // A canned scenario, on the same machine.
//! #[ktstr_test(topology = "1x2x4x1", backend = "mock")]
//! fn steady(ctx: &Ctx) -> Result<RunReport, Error> {
//!     scenarios::steady(ctx)
//! }
//!
//! ktstr_test::main!();
//! ```
//!
//! What an attribute leaves open, `KTSTR_TEST_BACKEND`, `KTSTR_TEST_KERNEL` and `KTSTR_TEST_SEED` say for all
//! tests of a program. What this machine cannot run is shown as ignored with the reason; `KTSTR_REQUIRE=vm`
//! makes that a failure. The function itself runs here, on the host; what it plays in a virtual machine, it
//! plays one guest a scenario. Functions enter themselves in a list before `main`, by the same few lines that
//! make a test program its own guest program; there is no further dependency for it.
//!
//! A failure shows the run's report and the line that runs it again.

mod ctx;
mod entry;
mod error;
mod harness;
mod machine;
pub mod scenarios;
mod settings;
mod verdict;

pub use ctx::{Ctx, execute_defs, execute_scenario, execute_steps};
pub use entry::{Entry, entries, register, run_in_libtest};
pub use error::Error;
pub use harness::Harness;
pub use ktstr_core::Uniform;
pub use ktstr_derive::ktstr_test;
pub use ktstr_file::report::RunReport;
#[doc(hidden)]
pub use ktstr_vm::before_main;
pub use settings::{Backend, Settings};
pub use verdict::{Answer, End, Returned};

/// All that a test needs. Functions that play take the context here; the core's, which take a backend, are in
/// `ktstr_core`.
pub mod prelude {
    pub use crate::{
        Backend, Ctx, Error, RunReport, Settings, execute_defs, execute_scenario, execute_steps, ktstr_test,
        scenarios,
    };
    pub use ktstr_core::prelude::*;
}
