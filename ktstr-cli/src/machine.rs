//! Which machine a scenario is checked, planned or mocked for.

use crate::config::usual_machine;
use crate::exit::Failure;
use ktstr_core::{Topology, Uniform};
use std::str::FromStr;

/// The machine that the mock is where nobody says.
const MOCK_DEFAULT: Uniform = Uniform::new(1, 1, 4, 1);

/// The machine that is built for scenarios which name none: what `ktstr.toml` says, else 1x1x4x1.
pub(crate) fn usual() -> Uniform {
    usual_machine().unwrap_or(MOCK_DEFAULT)
}

/// A machine named on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TopologyArg {
    /// This one.
    Here,
    /// A regular one.
    Shape(Uniform),
}

impl FromStr for TopologyArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse::<Uniform>() {
            _ if text == "here" => Ok(Self::Here),
            Ok(shape) if shape.is_valid() => Ok(Self::Shape(shape)),
            Ok(_) => Err("there are 1 to 64 nodes and 1 to 1024 CPUs, and no number is 0".to_owned()),
            Err(error) => Err(format!("{error}, or `here`")),
        }
    }
}

impl std::fmt::Display for TopologyArg {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Here => f.write_str("here"),
            Self::Shape(shape) => shape.fmt(f),
        }
    }
}

impl TopologyArg {
    /// The machine.
    ///
    /// # Errors
    /// When this machine cannot be read.
    pub(crate) fn resolve(self) -> Result<Topology, Failure> {
        match self {
            Self::Here => here(),
            Self::Shape(shape) => Ok(Topology::from_uniform(&shape)),
        }
    }
}

/// This machine.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn here() -> Result<Topology, Failure> {
    ktstr_linux::topology::read().map_err(|fault| Failure::environment(format!("this machine: {fault}")))
}
