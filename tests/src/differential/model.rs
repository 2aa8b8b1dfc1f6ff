//! The model's side: a mock kernel as a [`System`].

use super::system::{self, Fate, System};
use ktstr_core::{Controllers, ExitStatus, Topology, Uniform};
use ktstr_mock::errno::Errno;
use ktstr_mock::kernel::{INIT, MockKernel, Pid, SIGKILL, SIGTERM};
use ktstr_mock::version::KernelVersion;

/// What a model and a kernel have to have in common to be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Machine {
    /// The kernel's release.
    pub version: KernelVersion,
    /// The controllers that are enabled at the hierarchy's root.
    pub controllers: Controllers,
    /// CPUs and memory nodes.
    pub topology: Uniform,
}

/// A mock kernel with a cgroup for one program.
#[derive(Debug)]
pub struct Model {
    kernel: MockKernel,
    base: &'static str,
    supervisor: Pid,
    tasks: Vec<Pid>,
}

const BASE: &str = "differ";

impl Model {
    /// A fresh kernel.
    ///
    /// # Panics
    /// If the mock refuses what no kernel refuses.
    #[must_use]
    pub fn new(machine: &Machine) -> Self {
        let topology = Topology::from_uniform(&machine.topology);
        let mut kernel =
            MockKernel::new(&topology).with_controllers(machine.controllers).with_version(machine.version);
        let enabled: String = machine.controllers.iter().map(|one| format!("+{} ", one.name())).collect();
        kernel.write("", "cgroup.subtree_control", &enabled).expect("the root enables what it has");
        kernel.mkdir(BASE).expect("an empty hierarchy takes a cgroup");
        let supervisor = kernel.fork(INIT, None).expect("the root takes a process");
        Self { kernel, base: BASE, supervisor, tasks: Vec::new() }
    }

    /// Ends the tasks, removes the cgroups, and says which CPUs the root has then; nothing without cpusets.
    ///
    /// # Panics
    /// If the mock refuses what no kernel refuses.
    pub fn clean(&mut self) -> String {
        for pid in std::mem::take(&mut self.tasks) {
            // One that has ended and was reaped is no more.
            let _ = self.kernel.kill(pid, SIGKILL);
            let _ = self.kernel.reap(self.supervisor, pid);
        }
        self.remove(".");
        self.kernel.read("", "cpuset.cpus.effective").unwrap_or_default().trim().to_owned()
    }

    fn remove(&mut self, path: &str) {
        for name in self.children(path) {
            self.remove(&system::join(path, &name));
        }
        match self.rmdir(path) {
            // The program may have removed it itself.
            Ok(()) | Err(Errno::ENOENT) => {}
            Err(errno) => panic!("an empty cgroup cannot be removed: {errno}"),
        }
    }

    /// What always holds in the mock.
    ///
    /// # Errors
    /// What does not.
    pub fn check(&self) -> Result<(), String> {
        self.kernel.check_invariants().map_err(|broken| broken.to_string())
    }

    fn at(&self, path: &str) -> String {
        if path == "." { self.base.to_owned() } else { format!("{}/{path}", self.base) }
    }
}

impl System for Model {
    fn mkdir(&mut self, path: &str) -> Result<(), Errno> {
        self.kernel.mkdir(&self.at(path)).map(drop)
    }

    fn rmdir(&mut self, path: &str) -> Result<(), Errno> {
        self.kernel.rmdir(&self.at(path))
    }

    fn write(&mut self, path: &str, file: &str, text: &str) -> Result<(), Errno> {
        self.kernel.write(&self.at(path), file, text)
    }

    fn read(&mut self, path: &str, file: &str) -> Result<String, Errno> {
        self.kernel.read(&self.at(path), file)
    }

    fn fork(&mut self, path: &str) -> Result<u32, Errno> {
        let pid = self.kernel.fork(self.supervisor, Some(&self.at(path)))?;
        self.tasks.push(pid);
        Ok(pid)
    }

    fn signal(&mut self, pid: u32, kill: bool) -> Result<(), Errno> {
        self.kernel.kill(pid, if kill { SIGKILL } else { SIGTERM })
    }

    fn reap(&mut self, pid: u32) -> Result<(), Errno> {
        self.kernel.reap(self.supervisor, pid).map(drop)
    }

    fn fate(&mut self, pid: u32) -> Option<Fate> {
        if self.kernel.is_alive(pid) {
            return Some(Fate::Live);
        }
        Some(match self.kernel.status(pid)? {
            ExitStatus::Exited(code) => Fate::Exited(code),
            ExitStatus::Signalled(signal) => Fate::Signalled(signal),
        })
    }

    fn children(&mut self, path: &str) -> Vec<String> {
        let names = self.kernel.children(&self.at(path)).unwrap_or_default();
        names.into_iter().map(str::to_owned).collect()
    }
}
