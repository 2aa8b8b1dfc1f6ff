//! Which backend runs a scenario, and why.

use crate::exit::Failure;
use crate::machine::{MOCK_DEFAULT, TopologyArg};
use crate::mock_payloads;
use crate::scenario_file::{ScenarioFile, judge};
use ktstr_core::{Backend, Topology};
use ktstr_linux::interrupt::Flag;
use ktstr_linux::{LinuxBackend, Options};
use ktstr_mock::MockBackend;

/// Linux, or why not. The scenario is known to be valid as far as that does not depend on the machine.
pub(crate) fn linux(file: &ScenarioFile<'_>, interrupt: Option<Flag>) -> Result<LinuxBackend, Failure> {
    let options = Options { interrupt, ..Options::default() };
    let backend = LinuxBackend::new(options).map_err(|fault| Failure::environment(fault.to_string()))?;
    file.judge(Some(backend.topology()))?;
    Ok(backend)
}

/// Why Linux cannot carry a scenario, in one line; `None` if it can.
pub(crate) fn linux_lacks(file: &ScenarioFile<'_>) -> Option<String> {
    let mut backend = match LinuxBackend::new(Options::default()) {
        Ok(backend) => backend,
        Err(fault) => return Some(short(&fault)),
    };
    match judge(file.scenario(), Some(backend.topology())) {
        Err((findings, _)) => findings.first().map(|invalid| {
            format!("on this machine {}: [{}] {}", invalid.site, invalid.code(), invalid.what())
        }),
        Ok(needs) => backend.preflight(&needs).err().map(|fault| short(&fault)),
    }
}

/// A fault without its cure, which is not wanted where another backend steps in.
fn short(fault: &ktstr_core::Fault) -> String {
    let (code, what, _) = fault.kind.texts();
    if fault.detail.is_empty() {
        format!("[{code}] {what}")
    } else {
        format!("[{code}] {what}: {}", fault.detail)
    }
}

/// The mock, as the machine that is asked for, that the file names, or that it is by itself.
pub(crate) fn mock(
    file: &ScenarioFile<'_>,
    topology: Option<TopologyArg>,
    seed: u64,
) -> Result<MockBackend, Failure> {
    let topology = match topology {
        Some(topology) => topology.resolve()?,
        None => file.topology().unwrap_or_else(|| Topology::from_uniform(&MOCK_DEFAULT)),
    };
    file.judge(Some(&topology))?;
    Ok(mock_payloads::with_scripts(MockBackend::new(topology).seed(seed), file.scenario()))
}
