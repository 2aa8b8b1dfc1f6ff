//! What goes straight to the kernel: control files as text, memory that is reclaimed, and how workers that
//! run are scheduled.

use crate::backend::{LinuxBackend, Workers};
use crate::fault::errno_fault;
use crate::worker::Stage;
use ktstr_core::{Fault, GroupId, SchedPolicy};
use rustix::io::Errno;

impl LinuxBackend {
    /// Kills all in a cgroup and below it; of workers that are asked for this no notice is given.
    pub(crate) fn kill_cgroup(&mut self, path: &str) -> Result<(), Fault> {
        self.run_mut()?.kill(path)?;
        let is_below =
            |at: &str| at.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        for workers in self.groups.values_mut() {
            if let Workers::Live(group) = workers
                && group.placement().cgroup().is_some_and(is_below)
            {
                group.end_unnoticed();
            }
        }
        Ok(())
    }

    pub(crate) fn write_file(&self, path: &str, file: &str, text: &str) -> Result<(), Fault> {
        let written = self.run()?.dir(path)?.write(file, text);
        written.map_err(|errno| errno_fault(errno, &format!("{path}/{file}")))
    }

    /// That less was freed is a failure only where all has to be.
    pub(crate) fn reclaim(&self, path: &str, bytes: u64, whole: bool) -> Result<(), Fault> {
        match self.run()?.dir(path)?.write("memory.reclaim", &bytes.to_string()) {
            Err(Errno::AGAIN) if !whole => Ok(()),
            written => written.map_err(|errno| errno_fault(errno, &format!("{path}/memory.reclaim"))),
        }
    }

    pub(crate) fn set_nice(&self, group: GroupId, nice: i32) -> Result<(), Fault> {
        let set = self.group(group)?.set_nice(nice);
        set.map_err(|errno| Stage::Nice.fault(errno, &format!("group {}", group.0)))
    }

    pub(crate) fn set_policy(&self, group: GroupId, policy: SchedPolicy) -> Result<(), Fault> {
        let set = self.group(group)?.set_policy(policy);
        set.map_err(|errno| Stage::Policy.fault(errno, &format!("group {}", group.0)))
    }
}
