//! The actions on cgroups themselves: making, writing, freezing, emptying and removing them; and interrupts.

use super::{MockBackend, errno, fault, well_formed};
use crate::costs::Syscall;
use crate::errno::Errno;
use crate::kernel::{CgroupId, MemoryFile};
use ktstr_core::controllers::{Controller, Controllers};
use ktstr_core::fault::{Fault, FaultKind};
use ktstr_core::knob::{Knob, KnobValue};
use ktstr_core::outcome::Outcome;

impl MockBackend {
    pub(super) fn prepare(&mut self, controllers: Controllers) -> Outcome {
        if let Some(controller) = controllers.minus(self.kernel.controllers()).iter().next() {
            return fault(FaultKind::NoController, controller.name());
        }
        if self.run.is_some() {
            return errno(Errno::EEXIST, "the run's own cgroup");
        }
        for above in [CgroupId::ROOT, self.parent] {
            if let Err(error) = self.give(above, controllers) {
                return error;
            }
        }
        self.costs.call(Syscall::Mkdir, 1);
        self.costs.call(Syscall::Open, 1);
        match self.kernel.mkdir_from(self.parent, "run") {
            Ok(run) => match self.give(run, controllers) {
                Ok(()) => {
                    self.run = Some(run);
                    Outcome::Done
                }
                Err(error) => {
                    let _ = self.kernel.rmdir_id(run);
                    error
                }
            },
            Err(error) => errno(error, "ktstr/run"),
        }
    }

    /// Enables controllers for the children of a cgroup above those of the scenario.
    fn give(&mut self, id: CgroupId, controllers: Controllers) -> Result<(), Outcome> {
        self.costs.file_write();
        let given = self.kernel.change_controllers(id, controllers, Controllers::NONE);
        given.map_err(|error| errno(error, "cgroup.subtree_control"))
    }

    pub(super) fn create(&mut self, path: &str) -> Outcome {
        self.costs.call(Syscall::Mkdir, 1);
        self.costs.call(Syscall::Open, 1);
        let Some(run) = self.run else { return errno(Errno::ENOENT, path) };
        match well_formed(path).and_then(|()| self.kernel.mkdir_from(run, path)) {
            Ok(_) => Outcome::Done,
            Err(error) => errno(error, path),
        }
    }

    pub(super) fn enable(&mut self, path: &str, controllers: Controllers) -> Outcome {
        self.costs.file_write();
        let enabled = self
            .resolve(path, self.run)
            .map(|id| self.kernel.change_controllers(id, controllers, Controllers::NONE));
        match enabled {
            Ok(Ok(())) => Outcome::Done,
            Ok(Err(Errno::ENOENT)) => {
                let fault =
                    Fault { kind: FaultKind::NoController, ..Fault::from_errno(Errno::ENOENT.0, path) };
                Outcome::Failed(fault)
            }
            Ok(Err(error)) | Err(error) => errno(error, path),
        }
    }

    pub(super) fn write(&mut self, path: &str, knob: Knob, value: &KnobValue) -> Outcome {
        self.costs.file_write();
        let written = self.resolve(path, self.run).and_then(|id| {
            if id == CgroupId::ROOT || !self.kernel.controllers_of(id).has(knob.controller()) {
                return Err(Errno::ENOENT);
            }
            self.set(id, knob, value)
        });
        match written {
            Ok(()) => Outcome::Done,
            Err(error) => errno(error, knob.file()),
        }
    }

    /// Sets a value without going through text. What the kernel would not understand as text is `EINVAL` here too.
    fn set(&mut self, id: CgroupId, knob: Knob, value: &KnobValue) -> Result<(), Errno> {
        let kernel = &mut self.kernel;
        match (knob, value) {
            (Knob::CpusetCpus, KnobValue::Cpus(cpus)) => kernel.set_cpus(id, cpus),
            (Knob::CpusetMems, KnobValue::Nodes(nodes)) => kernel.set_mems(id, nodes),
            (Knob::CpuWeight, KnobValue::Number(weight)) => kernel.set_cpu_weight(id, *weight),
            (Knob::CpuMax, KnobValue::Bandwidth(max)) => kernel.set_cpu_max(id, max.quota_us, max.period_us),
            (Knob::IoWeight, KnobValue::Number(weight)) => kernel.set_io_weight(id, *weight),
            (Knob::PidsMax, KnobValue::Number(most)) => kernel.set_pids_max(id, Some(*most)),
            (Knob::PidsMax, KnobValue::Max) => kernel.set_pids_max(id, None),
            (_, KnobValue::Number(bytes)) if knob.controller() == Controller::Memory => {
                kernel.set_memory(id, memory_file(knob), Some(*bytes))
            }
            (_, KnobValue::Max) if knob.controller() == Controller::Memory => {
                kernel.set_memory(id, memory_file(knob), None)
            }
            _ => Err(Errno::EINVAL),
        }
    }

    pub(super) fn freeze(&mut self, path: &str, freeze: bool) -> Outcome {
        self.costs.file_write();
        self.costs.file_read();
        match self.resolve(path, self.run) {
            Ok(id) => {
                self.kernel.set_freeze(id, freeze);
                Outcome::Done
            }
            Err(error) => errno(error, path),
        }
    }

    pub(super) fn read_procs(&mut self, path: &str) -> Outcome {
        self.costs.file_read();
        let read = self.resolve(path, self.run).and_then(|id| match self.kernel.is_threaded(id) {
            true => Err(Errno::EOPNOTSUPP),
            false => Ok(self.kernel.count_procs(id)),
        });
        match read {
            Ok(count) => Outcome::Procs { count },
            Err(error) => errno(error, path),
        }
    }

    pub(super) fn kill_remaining(&mut self, path: &str) -> Outcome {
        self.costs.file_read();
        let id = match self.resolve(path, self.run) {
            Ok(id) => id,
            Err(error) => return errno(error, path),
        };
        let count = self.kernel.kill_all(id, false);
        self.costs.call(Syscall::Kill, count.into());
        self.costs.call(Syscall::Poll, u64::from(count > 0));
        if self.kernel.cg(id).is_populated() {
            return fault(FaultKind::TimedOut, path);
        }
        Outcome::Killed { count }
    }

    pub(super) fn remove(&mut self, path: &str) -> Outcome {
        self.costs.call(Syscall::Rmdir, 1);
        match self.resolve(path, None).and_then(|id| self.kernel.rmdir_id(id)) {
            Ok(()) => Outcome::Done,
            Err(error) => errno(error, path),
        }
    }

    pub(super) fn finish(&mut self) -> Outcome {
        self.costs.call(Syscall::Rmdir, 1);
        let Some(run) = self.run else { return fault(FaultKind::Unknown, "no run was prepared") };
        match self.kernel.rmdir_id(run) {
            Ok(()) => {
                self.run = None;
                Outcome::Done
            }
            Err(error) => errno(error, "ktstr/run"),
        }
    }

    pub(super) fn steer(&mut self, irq: u32, cpu: u32) -> Outcome {
        self.costs.file_read();
        self.costs.file_write();
        if irq >= self.irqs {
            return fault(FaultKind::NoDevice, "no such interrupt");
        }
        if !self.kernel.online().contains(cpu as usize) {
            return fault(FaultKind::NoDevice, "no such CPU");
        }
        match self.steered.iter_mut().find(|(steered, _)| *steered == irq) {
            Some((_, to)) => *to = Some(cpu),
            None => self.steered.push((irq, Some(cpu))),
        }
        Outcome::Done
    }

    pub(super) fn restore(&mut self, irq: u32) -> Outcome {
        self.costs.file_write();
        match self.steered.iter().position(|&(steered, _)| steered == irq) {
            Some(place) => {
                self.steered.swap_remove(place);
                Outcome::Done
            }
            None => fault(FaultKind::Unknown, "this interrupt was not steered"),
        }
    }

    /// The CPU that an interrupt is steered to, if it is.
    pub fn steered_to(&self, irq: u32) -> Option<u32> {
        self.steered.iter().find(|&&(steered, _)| steered == irq).and_then(|&(_, cpu)| cpu)
    }
}

const fn memory_file(knob: Knob) -> MemoryFile {
    match knob {
        Knob::MemoryHigh => MemoryFile::High,
        Knob::MemoryLow => MemoryFile::Low,
        Knob::MemorySwapMax => MemoryFile::SwapMax,
        _ => MemoryFile::Max,
    }
}
