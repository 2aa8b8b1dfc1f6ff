//! The actions on cgroups themselves: making, writing, freezing, emptying and removing them; and interrupts.

use super::{Answer, MockBackend, about, errno, well_formed};
use crate::costs::Syscall;
use crate::errno::Errno;
use crate::kernel::{CgroupId, Pid};
use ktstr_core::{Channel, Controllers, CpuSet, Fault, FaultKind, Knob, KnobValue, Outcome};

impl MockBackend {
    pub(super) fn prepare(&mut self, controllers: Controllers) -> Answer {
        if let Some(controller) = controllers.minus(self.kernel.controllers()).iter().next() {
            return Err(Fault::new(FaultKind::NoController, controller.name()));
        }
        if self.run.is_some() {
            return Err(errno(Errno::EEXIST, "the run's own cgroup"));
        }
        for above in [CgroupId::ROOT, self.parent] {
            self.give(above, controllers)?;
        }
        self.costs.call(Syscall::Mkdir, 1);
        self.costs.call(Syscall::Open, 1);
        let run = self.kernel.mkdir_from(self.parent, "run").map_err(about("ktstr/run"))?;
        if let Err(error) = self.give(run, controllers) {
            _ = self.kernel.rmdir_id(run);
            return Err(error);
        }
        self.run = Some(run);
        self.end_children();
        self.forget();
        Ok(Outcome::Done)
    }

    /// Enables controllers for the children of a cgroup above those of the scenario.
    fn give(&mut self, id: CgroupId, controllers: Controllers) -> Result<(), Fault> {
        self.costs.file_write();
        let given = self.kernel.change_controllers(id, controllers, Controllers::NONE);
        given.map_err(about("cgroup.subtree_control"))
    }

    pub(super) fn create(&mut self, path: &str) -> Answer {
        self.costs.call(Syscall::Mkdir, 1);
        self.costs.call(Syscall::Open, 1);
        let run = self.run.ok_or(Errno::ENOENT).map_err(about(path))?;
        let made = well_formed(path).and_then(|()| self.kernel.mkdir_from(run, path));
        self.enters(made.map_err(about(path))?);
        Ok(Outcome::Done)
    }

    pub(super) fn enable(&mut self, path: &str, controllers: Controllers) -> Answer {
        self.costs.file_write();
        let id = self.resolve(path).map_err(about(path))?;
        match self.kernel.change_controllers(id, controllers, Controllers::NONE) {
            Ok(()) => Ok(Outcome::Done),
            Err(Errno::ENOENT) => Err(Fault { kind: FaultKind::NoController, ..errno(Errno::ENOENT, path) }),
            Err(error) => Err(errno(error, path)),
        }
    }

    pub(super) fn write(&mut self, path: &str, knob: Knob, value: &KnobValue) -> Answer {
        self.costs.file_write();
        let written = self.resolve(path).and_then(|id| {
            if id == CgroupId::ROOT
                || !knob.controller().is_none_or(|one| self.kernel.controllers_of(id).has(one))
            {
                return Err(Errno::ENOENT);
            }
            match self.kernel.set_knob(id, knob, value) {
                Err(Errno::ENOSPC) if *value == KnobValue::Cpus(CpuSet::EMPTY) => self.clear_cpuset(id),
                set => set,
            }
        });
        written.map_err(about(knob.file())).map(|()| Outcome::Done)
    }

    /// Before Linux 7.0 the cpuset of a cgroup with tasks cannot be emptied. The parent's CPUs then have the
    /// same effect.
    fn clear_cpuset(&mut self, id: CgroupId) -> Result<(), Errno> {
        let parent = self.kernel.cg(id).parent.ok_or(Errno::ENOENT)?;
        let cpus = self.kernel.cpus_of(parent);
        self.kernel.set_cpus(id, &cpus)
    }

    pub(super) fn freeze(&mut self, path: &str, freeze: bool) -> Answer {
        self.costs.file_write();
        self.costs.file_read();
        let id = self.resolve(path).map_err(about(path))?;
        self.kernel.set_freeze(id, freeze);
        Ok(Outcome::Done)
    }

    pub(super) fn kill_cgroup(&mut self, path: &str) -> Answer {
        let workers = |mock: &Self| -> Vec<Pid> {
            let all = mock.groups.iter().flat_map(|group| &group.workers).map(|worker| worker.pid);
            all.filter(|&pid| mock.kernel.held_status(pid).is_none()).collect()
        };
        let before = workers(self);
        let answer = self.write_file(path, "cgroup.kill", "1")?;
        let left = workers(self);
        // Of what is killed on purpose no notice is given.
        for worker in self.groups.iter_mut().flat_map(|group| &mut group.workers) {
            worker.noticed |= before.contains(&worker.pid) && !left.contains(&worker.pid);
        }
        Ok(answer)
    }

    pub(super) fn write_file(&mut self, path: &str, file: &str, text: &str) -> Answer {
        self.costs.file_write();
        let written = self.resolve(path).and_then(|id| match file.contains('/') {
            true => Err(Errno::ENOENT),
            false => self.kernel.write_text(id, file, text),
        });
        written.map_err(about(file)).map(|()| Outcome::Done)
    }

    pub(super) fn reclaim(&mut self, path: &str, bytes: u64, whole: bool) -> Answer {
        match self.write_file(path, "memory.reclaim", &bytes.to_string()) {
            Err(fault) if fault.errno == Errno::EAGAIN.0 && !whole => Ok(Outcome::Done),
            answer => answer,
        }
    }

    pub(super) fn read_procs(&mut self, path: &str, channel: &mut dyn Channel) -> Answer {
        self.costs.file_read();
        let id = self.resolve(path).map_err(about(path))?;
        if self.kernel.is_threaded(id) {
            return Err(errno(Errno::EOPNOTSUPP, path));
        }
        self.kernel.procs_into(id, &mut self.pids);
        channel.procs(self.pids.iter().copied());
        Ok(Outcome::Done)
    }

    pub(super) fn kill_remaining(&mut self, path: &str) -> Answer {
        self.costs.file_read();
        let id = self.resolve(path).map_err(about(path))?;
        let count = self.kernel.kill_all(id, false);
        self.costs.call(Syscall::Kill, count.into());
        self.costs.call(Syscall::Poll, u64::from(count > 0));
        if self.kernel.cg(id).is_populated() {
            return Err(Fault::new(FaultKind::TimedOut, path));
        }
        Ok(Outcome::Killed { count })
    }

    pub(super) fn remove(&mut self, path: &str) -> Answer {
        self.costs.call(Syscall::Rmdir, 1);
        let removed = self.resolve(path).and_then(|id| match self.kernel.rmdir_id(id) {
            Err(Errno::EBUSY) if self.has_only_strays(id) => {
                self.remove_strays(|backend, stray| backend.kernel.is_below(stray.cgroup, id));
                self.kernel.rmdir_id(id)
            }
            removed => removed,
        });
        removed.map_err(about(path))?;
        self.leaves(path);
        Ok(Outcome::Done)
    }

    /// Whether no task is in or below a cgroup, and none of the cgroups below it but what programs made.
    fn has_only_strays(&self, id: CgroupId) -> bool {
        let strays = self.strays.iter().filter(|stray| self.kernel.is_below(stray.cgroup, id)).count();
        !self.kernel.cg(id).is_populated() && strays == self.kernel.cg(id).descendants as usize
    }

    pub(super) fn finish(&mut self) -> Answer {
        self.costs.call(Syscall::Rmdir, 1);
        let run = self.run.ok_or_else(|| Fault::new(FaultKind::Unknown, "no run was prepared"))?;
        self.kernel.rmdir_id(run).map_err(about("ktstr/run"))?;
        self.run = None;
        Ok(Outcome::Done)
    }

    pub(super) fn steer(&mut self, irq: u32, cpu: u32) -> Answer {
        self.costs.file_read();
        self.costs.file_write();
        if irq >= self.irqs {
            return Err(Fault::new(FaultKind::NoDevice, "no such interrupt"));
        }
        if !self.kernel.online().contains(cpu as usize) {
            return Err(Fault::new(FaultKind::NoDevice, "no such CPU"));
        }
        match self.steered.iter_mut().find(|(steered, _)| *steered == irq) {
            Some((_, to)) => *to = cpu,
            None => self.steered.push((irq, cpu)),
        }
        Ok(Outcome::Done)
    }

    pub(super) fn restore(&mut self, irq: u32) -> Answer {
        self.costs.file_write();
        let place = self.steered.iter().position(|&(steered, _)| steered == irq);
        let place = place.ok_or_else(|| Fault::new(FaultKind::Unknown, "this interrupt was not steered"))?;
        self.steered.swap_remove(place);
        Ok(Outcome::Done)
    }

    /// The CPU that an interrupt is steered to, if it is.
    pub fn steered_to(&self, irq: u32) -> Option<u32> {
        self.steered.iter().find(|&&(steered, _)| steered == irq).map(|&(_, cpu)| cpu)
    }
}
