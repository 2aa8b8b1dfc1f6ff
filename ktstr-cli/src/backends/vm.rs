//! A real kernel in a virtual machine.

use crate::args::VmArgs;
use crate::exit::Failure;
use crate::judged::{Judged, Suited};
use crate::machine::{TopologyArg, here};
use crate::signals;
use crate::vm::{cancel_with, failure, kernel};
use ktstr_core::{Lack, Topology, Uniform};
use ktstr_file::report::{RunHead, RunReport, TopologyEntry};
use ktstr_vm::{Archive, Cache, Image, Seeded, Vm, VmError};
use std::sync::OnceLock;

/// A scenario with the machine and the image for it; nothing is booted yet.
pub(crate) struct OnVm<'f> {
    suited: Suited<'f>,
    vm: Vm,
    image: Image,
    /// The image, built once it is needed.
    archive: OnceLock<Result<Archive, VmError>>,
    shape: Uniform,
    /// What the scenario needs and the machine lacks, as far as that is known before it is booted.
    lack: Option<Lack>,
}

impl<'f> OnVm<'f> {
    /// The machine that is asked for, that the file names, or 1x1x4x1.
    ///
    /// # Errors
    /// When there is no kernel, a program is missing, or the scenario does not fit the machine.
    pub(crate) fn new(
        judged: Judged<'f>,
        topology: Option<TopologyArg>,
        args: &VmArgs,
    ) -> Result<Self, Failure> {
        let shape = shape(judged, topology)?;
        let machine = Topology::from_uniform(&shape);
        let suited = judged.on(&machine)?;
        let kernel = kernel(args.kernel.as_deref()).map_err(|error| failure(&error))?;
        let lack = suited.scenario.needs.lack(&machine, &kernel.offers());
        let built = build(suited, Vm::new(kernel).topology(shape), args);
        let (vm, image) = built.map_err(|error| failure(&error))?;
        Ok(Self { suited, vm, image, archive: OnceLock::new(), shape, lack })
    }

    /// The machine.
    pub(crate) fn vm(&self) -> &Vm {
        &self.vm
    }

    /// CPUs, caches, nodes and memory of the machine.
    pub(crate) fn shape(&self) -> Uniform {
        self.shape
    }

    /// What is to be played; nothing where the machine lacks what it takes.
    pub(crate) fn seeded(&self, seed: u64) -> Option<Seeded<'_>> {
        self.lack.is_none().then_some(Seeded { scenario: self.suited.scenario, seed })
    }

    /// What the scenario needs and the machine lacks, as far as that is known.
    pub(crate) fn lack(&self) -> Option<Lack> {
        self.lack
    }

    /// Boots, and plays the scenario; with it comes the kernel's trace, where that is asked for. Where it
    /// lacks what the scenario needs, it is not even booted.
    ///
    /// # Errors
    /// When the guest gives no report.
    pub(crate) fn play(&self, seed: u64) -> Result<(RunReport, Option<Vec<u8>>), Failure> {
        if let Some(lack) = self.lack {
            let (scenario, topology) = (self.suited.scenario, &Topology::from_uniform(&self.shape));
            let head = RunHead { scenario, backend: "vm", backend_reason: "", seed, topology };
            return Ok((RunReport::of_lack(&head, lack), None));
        }
        let archive = self.archive.get_or_init(|| self.vm.archive(&self.image));
        let archive = archive.as_ref().map_err(failure)?;
        let ran = self.vm.clone().seed(seed).run_scenario(self.suited.scenario, archive);
        ran.map(|ran| (ran.report, ran.trace)).map_err(|error| failure(&error))
    }
}

fn build(suited: Suited<'_>, vm: Vm, args: &VmArgs) -> Result<(Vm, Image), VmError> {
    let mut vm = vm.accel(args.accel).traced(args.trace.is_some());
    if let Some(qemu) = &args.qemu {
        vm = vm.qemu(qemu);
    }
    if let Some(timeout) = args.timeout {
        vm = vm.timeout(timeout);
    }
    if args.saved {
        vm = vm.saved_states(Cache::of_user());
    }
    if let Some(flag) = signals::flag() {
        vm = vm.cancel_on(cancel_with(flag));
    }
    Ok((vm, Image::for_scenario(suited.scenario)?))
}

/// The shape of the guest.
fn shape(judged: Judged<'_>, topology: Option<TopologyArg>) -> Result<Uniform, Failure> {
    let named = judged.scenario().topology;
    let memory = named.map_or(0, |shape| shape.memory_mib);
    match topology {
        None => Ok(named.unwrap_or_else(|| judged.shape())),
        Some(TopologyArg::Shape(shape)) => Ok(shape.memory_mib(memory)),
        Some(TopologyArg::Here) => {
            let here = TopologyEntry::of(&here()?).shape;
            let shape = here.and_then(|text| text.parse::<Uniform>().ok());
            let shape = shape.ok_or_else(|| {
                Failure::invalid("this machine is irregular, a virtual machine is not: name nodes x LLCs x cores x threads")
            })?;
            Ok(shape.memory_mib(memory))
        }
    }
}
