//! The mock backend of ktstr.

#![forbid(unsafe_code)]

pub mod backend;
pub mod conformance;
pub mod costs;
pub mod dump;
pub mod errno;
pub mod fault;
pub mod kernel;
pub mod rows;
mod sched;
mod script;
pub mod version;

pub use backend::MockBackend;
pub use fault::FaultInjector;
pub use kernel::MockKernel;
pub use script::Script;
pub use version::{KernelVersion, Quirks};
