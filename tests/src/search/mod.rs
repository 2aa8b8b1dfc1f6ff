//! Proof by search: scenarios by the thousand, played on the mock, against what validation says of them.
//! `oracle` watches a run and says what went wrong in it; it knows the promises, not the rules of validation.

mod breach;
pub mod faults;
mod meant;
pub mod oracle;
mod plan;
mod shadow;
pub mod tally;
pub mod theorem;
pub mod witness;
