//! Fuzz targets. Each is a plain function over bytes that panics when something does not hold, so that any
//! driver will do: libFuzzer through cargo-fuzz, or `drive` on a stable compiler.

pub mod corpus;
pub mod cpulist;
pub mod drive;
pub mod execute;
pub mod faults;
pub mod model;
pub mod mutate;
pub mod replay;
pub mod scenario_file;
/// The search of the tests, compiled in: their package has dependencies that no fuzz target needs.
#[path = "../../tests/src/search/mod.rs"]
pub mod search;
pub mod validate;
pub mod wire;

/// A target: what it is called, and what it does with bytes.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// As cargo-fuzz and `drive` call it.
    pub name: &'static str,
    /// Panics when something does not hold.
    pub run: fn(&[u8]),
    /// Shows the input as people read it.
    pub show: fn(&[u8]) -> String,
}

/// All targets.
pub const TARGETS: [Target; 7] = [
    Target { name: "validate", run: validate::run, show: replay::as_scenario },
    Target { name: "execute", run: execute::run, show: replay::as_scenario },
    Target { name: "faults", run: faults::run, show: faults::show },
    Target { name: "wire", run: wire::run, show: replay::as_bytes },
    Target { name: "cpulist", run: cpulist::run, show: replay::as_text },
    Target { name: "scenario_file", run: scenario_file::run, show: replay::as_text },
    Target { name: "model", run: model::run, show: model::show },
];
