//! The machine that a test has: which backend it is, why, and one run of a scenario on it.

use crate::error::Error;
use crate::settings::{Backend, Settings};
use ktstr_core::{Offers, Scenario, Slot, Topology, Uniform, check, slots_to_play};
use ktstr_file::play_scenario;
use ktstr_file::report::{Recorder, RunHead, RunReport};
use ktstr_linux::{LinuxBackend, Options};
use ktstr_mock::MockBackend;
use ktstr_vm::emulator::resolve as resolve_emulator;
use ktstr_vm::{Cache, Kernel, Vm, VmError, resolve_or_newest};
use std::fs::File;

/// The machine where nobody names one.
pub(crate) const USUAL: Uniform = Uniform::new(1, 1, 4, 1);

/// A machine that scenarios can be played on.
pub(crate) struct Machine {
    kind: Kind,
    topology: Topology,
    /// Why it is this one, where the test left it open.
    reason: String,
}

enum Kind {
    Linux,
    /// With what its kernel offers, as far as that is known before it is booted.
    Vm(Box<Vm>, Offers),
    Mock,
}

impl Machine {
    /// The machine that is asked for, in the shape that `named` has where the settings name none.
    ///
    /// # Errors
    /// When there can be no such machine here.
    pub(crate) fn of(settings: &Settings, named: Option<Uniform>) -> Result<Self, Error> {
        let shape = settings.topology.or(named).unwrap_or(USUAL);
        let build = |kernel: Kernel| {
            let offers = kernel.offers();
            let mut vm = Vm::new(kernel).topology(shape);
            if let Some(limit) = settings.watchdog {
                vm = vm.timeout(limit);
            }
            Self {
                kind: Kind::Vm(Box::new(vm), offers),
                topology: Topology::from_uniform(&shape),
                reason: String::new(),
            }
        };
        let mock = |reason| Self { kind: Kind::Mock, topology: Topology::from_uniform(&shape), reason };
        match settings.wanted().map_err(Error::usage)? {
            Backend::Linux if settings.topology.is_some() => Err(Error::usage(
                "Linux runs on what there is: leave `topology` out, or take another backend",
            )),
            Backend::Linux => {
                let topology = ktstr_linux::topology::read().map_err(|fault| Error::linux(&fault))?;
                Ok(Self { kind: Kind::Linux, topology, reason: String::new() })
            }
            Backend::Vm => Ok(build(kernel(settings).map_err(|error| Error::vm(&error))?)),
            Backend::Mock => Ok(mock(String::new())),
            Backend::Auto => Ok(match kernel(settings) {
                Ok(kernel) => build(kernel),
                Err(error) => mock(format!("no virtual machine: [{}] {error}", error.code())),
            }),
        }
    }

    /// Its CPUs, caches and nodes.
    pub(crate) fn topology(&self) -> &Topology {
        &self.topology
    }

    /// What the backend is called, on the command line and in reports.
    pub(crate) fn name(&self) -> &'static str {
        match self.kind {
            Kind::Linux => Backend::Linux.name(),
            Kind::Vm(..) => Backend::Vm.name(),
            Kind::Mock => Backend::Mock.name(),
        }
    }

    /// Plays a scenario once.
    ///
    /// # Errors
    /// When it is not valid on this machine, or the run gives no report.
    pub(crate) fn play(&self, scenario: &Scenario<'_>, seed: u64) -> Result<RunReport, Error> {
        let report = match &self.kind {
            Kind::Mock => record(scenario, MockBackend::new(self.topology).seed(seed), seed),
            Kind::Linux => {
                let _alone = alone()?;
                let linux = LinuxBackend::new(Options::default()).map_err(|fault| Error::linux(&fault))?;
                record(scenario, linux, seed)
            }
            Kind::Vm(vm, offers) => self.in_guest(vm, offers, scenario, seed),
        };
        let mut report = report?;
        report.backend_reason.clone_from(&self.reason);
        Ok(report)
    }

    fn in_guest(
        &self,
        vm: &Vm,
        offers: &Offers,
        scenario: &Scenario<'_>,
        seed: u64,
    ) -> Result<RunReport, Error> {
        let topology = &self.topology;
        // Before a guest boots, and with the same words as elsewhere.
        let mut slots = vec![Slot::FREE; slots_to_play(scenario)];
        check(scenario, topology, &mut slots).map_err(|error| Error::invalid(&error))?;
        if let Some(lack) = scenario.needs.lack(topology, offers) {
            let head = RunHead { scenario, backend: "vm", backend_reason: "", seed, topology };
            return Ok(RunReport::of_lack(&head, lack));
        }
        let ran = vm.clone().seed(seed).run(scenario).map_err(|error| Error::vm(&error))?;
        Ok(ran.report)
    }
}

/// A kernel for the virtual machine, where there is an emulator for it.
fn kernel(settings: &Settings) -> Result<Kernel, VmError> {
    let cache = Cache::of_user();
    resolve_emulator(None, &cache)?;
    resolve_or_newest(settings.wanted_kernel().as_deref(), &cache)
}

/// Waits until no other test is on this machine, of whatever program of the user: nextest starts one for each
/// test. The lock ends with the file.
fn alone() -> Result<File, Error> {
    let folder = Cache::of_user().directory().to_owned();
    let locked = std::fs::create_dir_all(&folder).and_then(|()| {
        let file = File::options().create(true).append(true).open(folder.join("tests-on-linux.lock"))?;
        file.lock()?;
        Ok(file)
    });
    locked.map_err(|error| {
        let folder = folder.display();
        Error::lack("linux", format!("runs on one machine take turns by a lock in {folder}: {error}"))
    })
}

/// Plays a scenario on a backend of this process, and keeps what was heard.
fn record(
    scenario: &Scenario<'_>,
    mut backend: impl ktstr_core::Backend,
    seed: u64,
) -> Result<RunReport, Error> {
    let mut heard = Recorder::new();
    let end = play_scenario(scenario, &mut backend, seed, &mut heard).map_err(|error| Error::run(&error))?;
    let (name, topology) = (backend.name(), backend.topology());
    Ok(heard.finish(&RunHead { scenario, backend: name, backend_reason: "", seed, topology }, &end))
}
