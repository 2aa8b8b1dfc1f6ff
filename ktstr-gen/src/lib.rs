#![forbid(unsafe_code)]
//! Scenarios that nobody wrote: made, shrunk, searched through.
//!
//! # In a loop
//!
//! [`Gen`] makes scenarios that validation accepts, from a seed. [`Search`] plays them on a backend of yours
//! until one goes wrong, and makes that one small.
//!
//! ```
//! use ktstr_core::prelude::*;
//! use ktstr_gen::Gen;
//! use ktstr_mock::MockBackend;
//!
//! for seed in 0..20 {
//!     let draft = Gen::new(seed).topology(Topology::uniform(1, 1, 4, 1)).scenario();
//!     draft.with(|scenario| {
//!         let mut backend = MockBackend::new(Topology::uniform(1, 1, 4, 1));
//!         let report = execute_scenario(scenario, &mut backend, seed, &mut ()).expect("it is valid");
//!         assert_eq!(report.leftovers, 0, "{scenario:?}");
//!     });
//! }
//! ```
//!
//! # With proptest
//!
//! A strategy over bytes shrinks by itself: fewer bytes are fewer things.
//!
//! ```
//! use ktstr_core::prelude::*;
//! use ktstr_gen::{Draft, Gen};
//! use ktstr_mock::MockBackend;
//! use proptest::prelude::*;
//!
//! fn scenarios() -> impl Strategy<Value = Draft<'static>> {
//!     proptest::collection::vec(any::<u8>(), 0..200).prop_map(|bytes| Gen::from_bytes(&bytes).scenario())
//! }
//!
//! proptest!(ProptestConfig::with_cases(32), |(draft in scenarios())| {
//!     let clean = draft.with(|scenario| {
//!         let mut mock = MockBackend::new(Topology::uniform(1, 2, 2, 1));
//!         execute_scenario(scenario, &mut mock, 1, &mut ()).is_ok_and(|report| report.leftovers == 0)
//!     });
//!     prop_assert!(clean);
//! });
//! ```
//!
//! # In a fuzz target
//!
//! The feature `arbitrary` adds `AnyScenario`, an input of fuzz targets. [`hostile::with_scenario`] makes
//! scenarios out of bytes too, but to break rules: half of what it makes is refused, for the rule that a
//! search wants to see broken. It allocates nothing.
//!
//! # All of them
//!
//! [`Program::each`](program::Program::each) shows every program of up to five letters of an
//! [`alphabet`] that has one for each operation.

pub mod alphabet;
#[cfg(feature = "arbitrary")]
mod arb;
mod draft;
mod generate;
pub mod hostile;
mod plain;
pub mod program;
mod search;
mod shrink;
mod source;

#[cfg(feature = "arbitrary")]
pub use arb::AnyScenario;
pub use draft::{Draft, DraftStep};
pub use generate::{Gen, is_valid};
pub use search::{Found, Search, Searched, broken_promise};
pub use shrink::{shrink, shrink_bytes};
