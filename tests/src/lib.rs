//! Shared helpers of the tests that cross crates.

pub mod differential;
pub mod search;

/// The Rust of the README, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
