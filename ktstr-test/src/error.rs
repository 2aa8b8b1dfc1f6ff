//! Why a test could not be played.

use ktstr_core::{Fault, Invalid, RunError};
use ktstr_file::Problems;
use ktstr_vm::VmError;

/// Why there is no report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// The scenario is not valid, or what the test asks for is not.
    Invalid {
        /// All that is wrong, each with its code and its cure.
        message: String,
    },
    /// The environment lacks what the backend needs: the test is skipped, and fails where `KTSTR_REQUIRE`
    /// names the backend.
    Lack {
        /// The backend.
        backend: &'static str,
        /// What is missing, with its code and its cure.
        message: String,
    },
    /// The backend was there, and broke.
    Broken {
        /// How, with its code and its cure.
        message: String,
    },
}

impl Error {
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::Invalid { message: message.into() }
    }

    pub(crate) fn lack(backend: &'static str, message: String) -> Self {
        Self::Lack { backend, message }
    }

    pub(crate) fn invalid(invalid: &Invalid<'_>) -> Self {
        Self::usage(invalid.to_string())
    }

    pub(crate) fn problems(problems: &Problems) -> Self {
        Self::usage(problems.to_string())
    }

    /// Linux could not even begin.
    pub(crate) fn linux(fault: &Fault) -> Self {
        Self::lack("linux", fault.to_string())
    }

    pub(crate) fn run(error: &RunError<'_>) -> Self {
        match error {
            RunError::Environment(fault) => Self::linux(fault),
            RunError::Invalid(_) | RunError::Room { .. } | RunError::Machine => {
                Self::usage(error.to_string())
            }
        }
    }

    pub(crate) fn vm(error: &VmError) -> Self {
        let message = format!("[{}] {error}; {}", error.code(), error.cure());
        match error {
            VmError::KernelNotFound { .. } | VmError::QemuMissing { .. } => Self::lack("vm", message),
            VmError::Scenario { invalid: false, .. } => Self::lack("vm", message),
            VmError::Scenario { invalid: true, .. } => Self::usage(message),
            _ => Self::Broken { message: format!("{message}\n{}", error.console().unwrap_or_default()) },
        }
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Invalid { message } | Self::Broken { message } => f.write_str(message.trim_end()),
            Self::Lack { backend, message } => write!(f, "{backend} is not to be had here: {message}"),
        }
    }
}

impl std::error::Error for Error {}
