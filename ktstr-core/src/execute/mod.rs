//! Playing a scenario: the executor, and what it exchanges with backends and observers.

pub(crate) mod action;
pub(crate) mod answer;
pub(crate) mod backend;
pub(crate) mod channel;
pub(crate) mod executor;
pub(crate) mod fault;
pub(crate) mod notice;
pub(crate) mod observer;
pub(crate) mod outcome;
pub(crate) mod plan;
pub(crate) mod play;
