//! Holding what was measured against what was expected.

pub(crate) mod group;
pub(crate) mod judgement;
pub mod metrics;
pub(crate) mod unjudged;
pub(crate) mod verdict;
