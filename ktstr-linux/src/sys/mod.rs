//! The system calls that no safe wrapper covers, one concept a file, and all the unsafe code of this crate.
//! Nothing here knows of scenarios; each block says why it is sound.

pub(crate) mod alu;
pub(crate) mod bound;
pub(crate) mod clone;
pub(crate) mod exec;
pub(crate) mod fds;
pub(crate) mod futex;
pub(crate) mod guard;
pub(crate) mod handle;
pub(crate) mod memory;
pub(crate) mod nursery;
pub(crate) mod reap;
pub(crate) mod register;
pub(crate) mod sched;
pub(crate) mod shed;
pub(crate) mod shm;
pub(crate) mod signals;
pub(crate) mod thread;
#[cfg(feature = "testkit")]
pub(crate) mod waiting;
