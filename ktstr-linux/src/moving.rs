//! Moves a group of workers with all that goes along: what they have started, and whatever else is in their
//! cgroup that is not known to be somebody's. What belongs to another group there moves with that one, and
//! payloads, with what they have started, stay. The kernel moves one process at a write, and what a worker
//! forks while others are moved is still where the worker was; so the list is read again until it holds
//! nothing more that goes along.

use crate::backend::{LinuxBackend, Workers};
use crate::fault::{errno_fault, fault};
use crate::procfs;
use crate::worker::Group;
use ktstr_core::{Fault, FaultKind, GroupId, Placement};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use std::collections::BTreeSet;
use std::os::fd::OwnedFd;
use std::time::Duration;

/// How often the list is read at most, a pause apart. Once the workers are moved nothing they start is born
/// in the old cgroup, so that two reads do; but one on its way out is listed, and cannot be moved, until it
/// has got its turn to leave.
const ROUNDS: u32 = 2000;
const PAUSE: Duration = Duration::from_millis(1);

impl LinuxBackend {
    /// Moves a group, and all back when one process cannot be moved.
    ///
    /// # Errors
    /// What the kernel says to a write; `Busy` when processes keep coming.
    pub(crate) fn move_group(&mut self, id: GroupId, to: Placement<'_>) -> Result<(), Fault> {
        let group = self.group(id)?;
        // One descriptor for all: a write after another takes microseconds, a lone one waits for a grace
        // period of RCU.
        let target = self.procs_of(to)?;
        let mut moved = Vec::new();
        let done = write_all(&target, group.pids(), &mut moved)
            .map_err(|errno| errno_fault(errno, to.name()))
            .and_then(|()| self.move_rest(id, group, to, &target, &mut moved));
        if let Err(fault) = done {
            self.move_back(&moved, group.placement());
            return Err(fault);
        }
        let frozen = self.run()?.is_frozen(to);
        if let Some(Workers::Live(group)) = self.groups.get_mut(&id.0) {
            group.moved(to);
            group.set_frozen(frozen);
        }
        Ok(())
    }

    /// Moves what goes along with the workers, which have been moved.
    fn move_rest(
        &self,
        id: GroupId,
        group: &Group,
        to: Placement<'_>,
        target: &OwnedFd,
        moved: &mut Vec<i32>,
    ) -> Result<(), Fault> {
        let from = group.placement();
        if from == to {
            return Ok(());
        }
        for round in 0..ROUNDS {
            if round > 1 {
                std::thread::sleep(PAUSE);
            }
            let along = self.left_in(id, group)?;
            if along.is_empty() {
                return Ok(());
            }
            write_all(target, along.into_iter(), moved).map_err(|errno| errno_fault(errno, to.name()))?;
        }
        Err(fault(FaultKind::Busy, &format!("processes keep coming into {}", from.name())))
    }

    /// The processes where a group was that go along with it.
    fn left_in(&self, id: GroupId, group: &Group) -> Result<BTreeSet<i32>, Fault> {
        let started = |group: &Group| -> BTreeSet<i32> {
            if group.forks() { group.pids().flat_map(procfs::descendants).collect() } else { BTreeSet::new() }
        };
        let Placement::Cgroup(from) = group.placement() else {
            // Of the runner's cgroup the workers' own children are all that is known to be ours.
            let own = started(group);
            let there = if own.is_empty() { Vec::new() } else { self.runner_procs() };
            return Ok(there.into_iter().filter(|pid| own.contains(pid)).collect());
        };
        let about = |errno| errno_fault(errno, from);
        let mut there: BTreeSet<i32> = self.run()?.dir(from)?.procs().map_err(about)?.into_iter().collect();
        if there.is_empty() {
            return Ok(there);
        }
        let others =
            self.groups.iter().filter(|(other, _)| **other != id.0).filter_map(
                |(_, workers)| match workers {
                    Workers::Live(other) => Some(other),
                    Workers::Stopped(_) => None,
                },
            );
        for other in others {
            let (workers, started) = (other.pids().collect::<BTreeSet<_>>(), started(other));
            there.retain(|pid| !workers.contains(pid) && !started.contains(pid));
        }
        if !there.is_empty() {
            let payloads: BTreeSet<i32> = self.payloads.pids().collect();
            there.retain(|pid| !payloads.contains(pid));
        }
        Ok(there)
    }

    fn runner_procs(&self) -> Vec<i32> {
        self.parent.runner().and_then(|(_, dir)| dir.procs().ok()).unwrap_or_default()
    }

    /// The file that takes processes in.
    fn procs_of(&self, placement: Placement<'_>) -> Result<OwnedFd, Fault> {
        const PROCS: &str = "cgroup.procs";
        let opened = match placement {
            Placement::Cgroup(path) => self.run()?.dir(path)?.control(PROCS),
            Placement::RunnerCgroup => self.runner_directory().ok_or(Errno::NOENT).and_then(|runner| {
                rustix::fs::open(runner.join(PROCS), OFlags::WRONLY | OFlags::CLOEXEC, Mode::empty())
            }),
        };
        opened.map_err(|errno| errno_fault(errno, placement.name()))
    }

    fn move_back(&self, pids: &[i32], placement: Placement<'_>) {
        let Ok(procs) = self.procs_of(placement) else { return };
        for pid in pids {
            // Best effort: the fault that is reported is the first one.
            let _ = rustix::io::write(&procs, pid.to_string().as_bytes());
        }
    }
}

/// Writes one number after the other; who has ended is passed over, as its end is reported anyway.
fn write_all(target: &OwnedFd, pids: impl Iterator<Item = i32>, moved: &mut Vec<i32>) -> Result<(), Errno> {
    for pid in pids {
        match rustix::io::write(target, pid.to_string().as_bytes()) {
            Ok(_) => moved.push(pid),
            Err(Errno::SRCH) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(())
}
