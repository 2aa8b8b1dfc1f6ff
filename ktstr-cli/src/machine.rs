//! Which machine a scenario is checked, planned or mocked for.

use crate::exit::Failure;
use ktstr_core::{Topology, Uniform};
use ktstr_file::parse_topology;
use std::str::FromStr;

/// The machine that the mock is where nobody says.
pub(crate) const MOCK_DEFAULT: Uniform = Uniform::new(1, 1, 4, 1);

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
        match parse_topology(text) {
            _ if text == "here" => Ok(Self::Here),
            Some(shape) if shape.is_valid() => Ok(Self::Shape(shape)),
            Some(_) => Err("there are 1 to 64 nodes and 1 to 1024 CPUs, and no number is 0".to_owned()),
            None => Err("write nodes x LLCs x cores x threads, as in 1x2x4x2, or `here`".to_owned()),
        }
    }
}

impl std::fmt::Display for TopologyArg {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Here => f.write_str("here"),
            Self::Shape(Uniform { nodes, llcs, cores, threads, .. }) => {
                write!(f, "{nodes}x{llcs}x{cores}x{threads}")
            }
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
