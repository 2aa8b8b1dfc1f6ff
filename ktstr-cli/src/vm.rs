//! The virtual machine as the program uses it: which kernel, whether there is one, and what its errors come
//! to.

use crate::args::VmArgs;
use crate::exit::{Exit, Failure};
use crate::machine::{MOCK_DEFAULT, TopologyArg};
use crate::scenario_file::ScenarioFile;
use ktstr_core::{Scenario, Topology, Uniform};
use ktstr_file::parse_topology;
use ktstr_file::report::{RunReport, TopologyEntry};
use ktstr_linux::interrupt::Flag;
use ktstr_vm::emulator::resolve as resolve_emulator;
use ktstr_vm::{Archive, Cache, Image, Kernel, Vm, VmError, resolve};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// A machine with the image for one scenario.
pub(crate) struct Guest {
    vm: Vm,
    image: Archive,
}

impl Guest {
    /// The machine that is asked for, that the file names, or 1x1x4x1; nothing is booted yet.
    ///
    /// # Errors
    /// When there is no kernel, a program is missing, or the scenario does not fit the machine.
    pub(crate) fn new(
        file: &ScenarioFile<'_>,
        topology: Option<TopologyArg>,
        args: &VmArgs,
        interrupt: Option<&Flag>,
    ) -> Result<Self, Failure> {
        let shape = shape(file, topology)?;
        file.judge(Some(&Topology::from_uniform(&shape)))?;
        Self::build(file.scenario(), shape, args, interrupt).map_err(|error| failure(&error))
    }

    fn build(
        scenario: &Scenario<'_>,
        shape: Uniform,
        args: &VmArgs,
        interrupt: Option<&Flag>,
    ) -> Result<Self, VmError> {
        let mut vm = Vm::new(kernel(args.kernel.as_deref())?).topology(shape).accel(args.accel);
        if let Some(qemu) = &args.qemu {
            vm = vm.qemu(qemu);
        }
        if let Some(timeout) = args.timeout {
            vm = vm.timeout(timeout);
        }
        if args.saved {
            vm = vm.saved_states(Cache::of_user());
        }
        if let Some(flag) = interrupt {
            vm = vm.cancel_on(cancel_with(flag.clone()));
        }
        let image = vm.archive(&Image::for_scenario(scenario)?)?;
        Ok(Self { vm, image })
    }

    /// Boots, and plays the scenario.
    ///
    /// # Errors
    /// When the guest gives no report.
    pub(crate) fn run(
        &self,
        scenario: &Scenario<'_>,
        seed: u64,
        reason: &str,
    ) -> Result<(RunReport, Exit), VmError> {
        let ran = self.vm.clone().seed(seed).run_scenario(scenario, &self.image)?;
        let report = RunReport { backend_reason: reason.to_owned(), ..ran.report };
        let exit = Exit::of(&report);
        Ok((report, exit))
    }
}

/// The shape of the guest.
fn shape(file: &ScenarioFile<'_>, topology: Option<TopologyArg>) -> Result<Uniform, Failure> {
    let named = file.scenario().topology;
    let memory = named.map_or(0, |shape| shape.memory_mib);
    match topology {
        None => Ok(named.unwrap_or(MOCK_DEFAULT)),
        Some(TopologyArg::Shape(shape)) => Ok(shape.memory_mib(memory)),
        Some(TopologyArg::Here) => {
            let here = TopologyEntry::of(&crate::machine::here()?).shape;
            let shape = here.and_then(|text| parse_topology(&text));
            let shape = shape.ok_or_else(|| {
                Failure::invalid("this machine is irregular, a virtual machine is not: name nodes x LLCs x cores x threads")
            })?;
            Ok(shape.memory_mib(memory))
        }
    }
}

/// The kernel that is asked for, or the newest that was fetched.
///
/// # Errors
/// When there is none.
pub(crate) fn kernel(spec: Option<&str>) -> Result<Kernel, VmError> {
    let cache = Cache::of_user();
    match spec {
        Some(spec) => resolve(spec, &cache),
        None => cache.list()?.pop().ok_or_else(|| VmError::KernelNotFound {
            spec: "6.12".to_owned(),
            searched: format!("the kernels in {}", cache.directory().display()),
        }),
    }
}

/// Why there can be no virtual machine here; `None` if there can.
pub(crate) fn lacks(args: &VmArgs) -> Option<String> {
    let emulator = resolve_emulator(args.qemu.as_deref(), &Cache::of_user()).err();
    let error = emulator.or_else(|| kernel(args.kernel.as_deref()).err());
    error.map(|error| format!("[{}] {error}", error.code()))
}

/// The cure as the end of a sentence, as other errors have it.
pub(crate) fn cure_of(error: &VmError) -> String {
    let cure = error.cure().trim_end_matches('.');
    let mut chars = cure.chars();
    let first = chars.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(chars).collect()
}

/// What an error of the virtual machine comes to.
pub(crate) fn failure(error: &VmError) -> Failure {
    let mut message = format!("[{}] {error}; {}", error.code(), cure_of(error));
    if let Some(console) = error.console().filter(|console| !console.trim().is_empty()) {
        let lines: Vec<_> = console.lines().collect();
        message.push_str("\nthe guest's last words:");
        for line in &lines[lines.len().saturating_sub(20)..] {
            message.push_str(&format!("\n  {line}"));
        }
    }
    let exit = match error {
        VmError::Scenario { invalid: true, .. } | VmError::Replay { .. } => Exit::Invalid,
        VmError::Interrupted => Exit::Inconclusive,
        _ => Exit::Environment,
    };
    Failure { exit, ..Failure::environment(message) }
}

/// A flag for the virtual machine that is set once a signal has come.
pub(crate) fn cancel_with(flag: Flag) -> Arc<AtomicBool> {
    let cancel = Arc::new(AtomicBool::new(false));
    let setter = Arc::downgrade(&cancel);
    // The thread ends with the machine, or with the program.
    std::thread::spawn(move || {
        while let Some(cancel) = setter.upgrade() {
            if flag.count() > 0 {
                cancel.store(true, Ordering::Release);
                return;
            }
            drop(cancel);
            std::thread::sleep(Duration::from_millis(50));
        }
    });
    cancel
}
