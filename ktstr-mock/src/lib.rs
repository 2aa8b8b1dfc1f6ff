//! The mock backend of ktstr.

pub mod errno;
pub mod kernel;
pub mod version;
