//! A machine in memory.

use super::record;
use crate::exit::Failure;
use crate::judged::{Judged, Suited};
use crate::machine::TopologyArg;
use ktstr_core::{Backend, Lack, Topology};
use ktstr_file::report::RunReport;
use ktstr_mock::MockBackend;

/// A scenario on the mock.
pub(crate) struct OnMock<'f> {
    suited: Suited<'f>,
    machine: Topology,
}

impl<'f> OnMock<'f> {
    /// The mock, as the machine that is asked for, that the file names, or that it is by itself.
    ///
    /// # Errors
    /// When the scenario is not valid there, or this machine is asked for and cannot be read.
    pub(crate) fn new(judged: Judged<'f>, topology: Option<TopologyArg>) -> Result<Self, Failure> {
        let machine = match topology {
            Some(topology) => topology.resolve()?,
            None => judged.topology().unwrap_or_else(|| Topology::from_uniform(&judged.shape())),
        };
        let suited = judged.on(&machine)?;
        Ok(Self { suited, machine })
    }

    /// What the scenario needs and the mock lacks.
    pub(crate) fn lack(&self) -> Option<Lack> {
        let offers = MockBackend::new(self.machine).offers();
        self.suited.scenario.needs.lack(&self.machine, &offers)
    }

    /// One run.
    ///
    /// # Errors
    /// When it cannot begin.
    pub(crate) fn play(&self, seed: u64) -> Result<RunReport, Failure> {
        let scenario = self.suited.scenario;
        record(scenario, MockBackend::new(self.machine).seed(seed), seed)
    }
}
