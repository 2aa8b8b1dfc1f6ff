#![forbid(unsafe_code)]
//! What holds a backend, or a kernel, to its contract. It is for those who write one; who writes scenarios
//! plays them on `ktstr_mock::MockBackend`.
//!
//! # A backend of your own
//!
//! [`conformance::check`] plays each program of a table on a backend made for it, and names every answer that
//! breaks the contract. Here is a backend around another one, as it should be, and one that forgets to remove
//! its cgroups:
//!
//! ```
//! use ktstr_core::{Action, Backend, Channel, Outcome};
//! use ktstr_testkit::conformance::{check, mock};
//!
//! struct Mine<B> {
//!     inner: B,
//!     removes: bool,
//! }
//!
//! impl<B: Backend> Backend for Mine<B> {
//!     ktstr_core::forward_backend!(|this| this.inner);
//!
//!     fn perform(&mut self, action: &Action<'_>, channel: &mut dyn Channel) -> Outcome {
//!         match action {
//!             Action::RemoveCgroup { .. } if !self.removes => Outcome::Done, // but the cgroup stays
//!             other => self.inner.perform(other, channel),
//!         }
//!     }
//! }
//!
//! let summary = check(|| Mine { inner: mock(), removes: true }).expect("keeps the contract");
//! assert!(summary.skipped.is_empty(), "{} programs", summary.played);
//!
//! let deviations = check(|| Mine { inner: mock(), removes: false }).expect_err("breaks it");
//! assert_eq!(
//!     deviations[0].to_string(), // the program, the step, what was asked, answered and expected
//!     "a cgroup is made once and removed once, step 4: `rmdir a` gave Done, not Fails(Missing)"
//! );
//! ```
//!
//! A backend that works on a real machine needs the programs `true`, `false`, `sleep` and `sh` there. What a
//! program of the table needs beyond that (a controller, a second CPU) it says; what the backend lacks is
//! skipped, and named in the summary.
//!
//! # A kernel of your own
//!
//! [`rows`] says what cgroup v2 does, from 5.14 on, as data: what is done to a hierarchy, and what it answers
//! and shows. They hold a model to the kernel, and show where kernels differ.
//!
//! ```
//! use ktstr_core::Topology;
//! use ktstr_mock::{KernelVersion, MockKernel};
//! use ktstr_testkit::rows::{play, table::TABLES};
//!
//! let (name, rows) = TABLES[0];
//! for row in rows.iter().filter(|row| row.holds_for(KernelVersion::V6_12) && row.needs.is_empty()) {
//!     let mut kernel = MockKernel::new(&Topology::uniform(1, 1, 2, 1)).with_version(KernelVersion::V6_12);
//!     play(row, &mut kernel).unwrap_or_else(|failure| panic!("{name}: {failure}"));
//! }
//! ```
//!
//! # Features
//!
//! `linux` adds `idle`: processes that wait until a signal ends them, forked straight into a cgroup.

pub mod conformance;
#[cfg(feature = "linux")]
pub mod idle;
pub mod rows;
