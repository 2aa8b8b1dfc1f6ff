//! Proof by search: scenarios by the thousand, played on the mock, against what validation says of them.
//! `oracle` watches a run and says what went wrong in it; it knows the promises, not the rules of validation.

pub mod alphabet;
mod breach;
pub mod faults;
pub mod generate;
pub mod oracle;
mod plan;
pub mod program;
mod shadow;
pub mod tally;
pub mod theorem;
pub mod witness;
