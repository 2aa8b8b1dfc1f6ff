//! Shared helpers of the tests that cross crates.

pub mod differential;
pub mod search;

/// The Rust of the README, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;

/// The Rust of the book, compiled and run.
#[cfg(doctest)]
mod book {
    #[doc = include_str!("../../docs/book/src/cgroup-managers.md")]
    pub struct CgroupManagers;
    #[doc = include_str!("../../docs/book/src/rust-tests.md")]
    pub struct RustTests;
    #[doc = include_str!("../../docs/book/src/backends.md")]
    pub struct Backends;
    #[doc = include_str!("../../docs/book/src/fuzzing.md")]
    pub struct Fuzzing;
}
