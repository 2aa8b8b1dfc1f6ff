//! The subcommands, one file each.

pub(crate) mod bisect;
pub(crate) mod check;
pub(crate) mod clean;
pub(crate) mod completions;
pub(crate) mod diff;
pub(crate) mod doctor;
pub(crate) mod explain;
pub(crate) mod kernel;
pub(crate) mod man;
pub(crate) mod new;
pub(crate) mod plan;
pub(crate) mod qemu;
pub(crate) mod render;
pub(crate) mod replay;
pub(crate) mod run;
pub(crate) mod schema;
pub(crate) mod show;
pub(crate) mod timehist;
pub(crate) mod topo;
pub(crate) mod watch;
