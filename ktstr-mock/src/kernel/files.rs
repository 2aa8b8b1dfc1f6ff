//! The control files: which a cgroup shows, which can be read or written, and what each read and write goes
//! to.

use super::MockKernel;
use super::cgroup::{CgroupId, NO_BOUND};
use super::limits::show;
use super::parse;
use crate::errno::Errno;
use core::fmt::Write;
use ktstr_core::{Controller, Knob};

/// More text than this gives `E2BIG`, in bytes.
const WRITE_MAX: usize = 4096;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum File {
    Type,
    Procs,
    Threads,
    Controllers,
    SubtreeControl,
    Events,
    MaxDescendants,
    MaxDepth,
    Stat,
    Freeze,
    Kill,
    EffectiveCpus,
    EffectiveMems,
    Partition,
    Exclusive,
    EffectiveExclusive,
    Isolated,
    CpuIdle,
    /// One that scenarios set.
    Knob(Knob),
    PidsCurrent,
    PidsPeak,
    PidsEvents,
    MemoryCurrent,
    MemoryPeak,
    MemoryEvents,
    MemoryEventsLocal,
    MemoryReclaim,
}

/// Where a file is: only at the root, everywhere but there, or everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Everywhere,
    BelowRoot,
    Root,
}

/// What can be done with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Read,
    Write,
    Both,
}

/// A file, its controller if it belongs to one, where it is, and its mode.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FileInfo {
    name: &'static str,
    pub(crate) file: File,
    controller: Option<Controller>,
    at: At,
    mode: Mode,
}

const fn core(name: &'static str, file: File, at: At, mode: Mode) -> FileInfo {
    FileInfo { name, file, controller: None, at, mode }
}

const fn of(controller: Controller, name: &'static str, file: File, at: At, mode: Mode) -> FileInfo {
    FileInfo { name, file, controller: Some(controller), at, mode }
}

const EXCLUSIVE_EFFECTIVE: &str = "cpuset.cpus.exclusive.effective";

/// The files that scenarios do not set.
const OTHERS: &[FileInfo] = &[
    core("cgroup.type", File::Type, At::BelowRoot, Mode::Both),
    core("cgroup.procs", File::Procs, At::Everywhere, Mode::Both),
    core("cgroup.threads", File::Threads, At::Everywhere, Mode::Both),
    core("cgroup.controllers", File::Controllers, At::Everywhere, Mode::Read),
    core("cgroup.subtree_control", File::SubtreeControl, At::Everywhere, Mode::Both),
    core("cgroup.events", File::Events, At::BelowRoot, Mode::Read),
    core("cgroup.max.descendants", File::MaxDescendants, At::Everywhere, Mode::Both),
    core("cgroup.max.depth", File::MaxDepth, At::Everywhere, Mode::Both),
    core("cgroup.stat", File::Stat, At::Everywhere, Mode::Read),
    core("cgroup.freeze", File::Freeze, At::BelowRoot, Mode::Both),
    core("cgroup.kill", File::Kill, At::BelowRoot, Mode::Write),
    of(Controller::Cpuset, "cpuset.cpus.effective", File::EffectiveCpus, At::Everywhere, Mode::Read),
    of(Controller::Cpuset, "cpuset.mems.effective", File::EffectiveMems, At::Everywhere, Mode::Read),
    of(Controller::Cpuset, "cpuset.cpus.partition", File::Partition, At::BelowRoot, Mode::Both),
    of(Controller::Cpuset, "cpuset.cpus.exclusive", File::Exclusive, At::BelowRoot, Mode::Both),
    of(Controller::Cpuset, EXCLUSIVE_EFFECTIVE, File::EffectiveExclusive, At::BelowRoot, Mode::Read),
    of(Controller::Cpuset, "cpuset.cpus.isolated", File::Isolated, At::Root, Mode::Read),
    of(Controller::Cpu, "cpu.idle", File::CpuIdle, At::BelowRoot, Mode::Both),
    of(Controller::Pids, "pids.current", File::PidsCurrent, At::BelowRoot, Mode::Read),
    of(Controller::Pids, "pids.peak", File::PidsPeak, At::BelowRoot, Mode::Read),
    of(Controller::Pids, "pids.events", File::PidsEvents, At::BelowRoot, Mode::Read),
    of(Controller::Memory, "memory.current", File::MemoryCurrent, At::BelowRoot, Mode::Read),
    of(Controller::Memory, "memory.peak", File::MemoryPeak, At::BelowRoot, Mode::Read),
    of(Controller::Memory, "memory.events", File::MemoryEvents, At::BelowRoot, Mode::Read),
    of(Controller::Memory, "memory.events.local", File::MemoryEventsLocal, At::BelowRoot, Mode::Read),
    of(Controller::Memory, "memory.reclaim", File::MemoryReclaim, At::Everywhere, Mode::Write),
];

/// The files that scenarios set.
static KNOBS: [FileInfo; Knob::ALL.len()] = {
    let mut files = [const { core("", File::Kill, At::BelowRoot, Mode::Both) }; Knob::ALL.len()];
    let mut i = 0;
    while i < files.len() {
        let info = Knob::ALL[i].info();
        files[i] = FileInfo {
            name: info.file,
            file: File::Knob(info.knob),
            controller: info.controller,
            at: At::BelowRoot,
            mode: Mode::Both,
        };
        i += 1;
    }
    files
};

fn all() -> impl Iterator<Item = &'static FileInfo> {
    KNOBS.iter().chain(OTHERS)
}

pub(crate) fn by_name(name: &str) -> Option<&'static FileInfo> {
    all().find(|info| info.name == name)
}

impl MockKernel {
    /// Whether a cgroup has a file.
    pub(crate) fn shows(&self, id: CgroupId, info: &FileInfo) -> bool {
        let root = id == CgroupId::ROOT;
        let placed = match info.at {
            At::Everywhere => true,
            At::BelowRoot => !root,
            At::Root => root,
        };
        let since = matches!(info.file, File::Exclusive | File::EffectiveExclusive | File::Isolated);
        let known = !since || self.quirks.exclusive_cpus;
        placed && known && info.controller.is_none_or(|controller| self.controllers_of(id).has(controller))
    }

    /// The names of the control files that a cgroup has.
    ///
    /// # Errors
    /// As [`find`](Self::find).
    pub fn files(&self, path: &str) -> Result<Vec<&'static str>, Errno> {
        let id = self.find(path)?;
        Ok(all().filter(|info| self.shows(id, info)).map(|info| info.name).collect())
    }

    fn open(&self, id: CgroupId, name: &str, refused: Mode) -> Result<File, Errno> {
        let info = by_name(name).filter(|info| self.shows(id, info)).ok_or(Errno::ENOENT)?;
        match info.mode == refused {
            true if self.is_root() => Err(Errno::EINVAL),
            true => Err(Errno::EACCES),
            false => Ok(info.file),
        }
    }

    /// Writes a control file, as root does. No text at all is no write.
    ///
    /// # Errors
    /// `ENOENT`, `EINVAL` for a file that is only read, `EACCES` for one that the user may not write, `E2BIG`
    /// for more than a page, and those of the file.
    pub fn write(&mut self, path: &str, file: &str, text: &str) -> Result<(), Errno> {
        let id = self.find(path)?;
        self.write_text(id, file, text)
    }

    /// As [`write`](Self::write), of a cgroup that was found.
    pub(crate) fn write_text(&mut self, id: CgroupId, file: &str, text: &str) -> Result<(), Errno> {
        if text.is_empty() {
            return if self.has_file(id, file) { Ok(()) } else { Err(Errno::ENOENT) };
        }
        let file = self.open(id, file, Mode::Read)?;
        self.may_write(id, file)?;
        if text.len() > WRITE_MAX {
            return Err(Errno::E2BIG);
        }
        self.write_file(id, file, text)
    }

    pub(crate) fn write_file(&mut self, id: CgroupId, file: File, text: &str) -> Result<(), Errno> {
        match file {
            File::Type => self.write_type(id, text),
            File::Procs => self.write_procs(id, text),
            File::Threads => self.write_threads(id, text),
            File::SubtreeControl => self.write_subtree_control(id, text),
            File::MaxDescendants => {
                self.cg_mut(id).max_descendants = bound(text)?;
                Ok(())
            }
            File::MaxDepth => {
                self.cg_mut(id).max_depth = bound(text)?;
                Ok(())
            }
            File::Freeze => self.write_freeze(id, text),
            File::Kill => self.write_kill(id, text),
            File::Partition => self.write_partition(id, text),
            File::Exclusive => self.write_exclusive(id, text),
            File::CpuIdle => self.set_cpu_idle(id, parse::signed(text)?),
            File::MemoryReclaim => reclaim(text),
            File::Knob(knob) => self.write_knob(id, knob, text),
            File::Controllers
            | File::Events
            | File::Stat
            | File::EffectiveCpus
            | File::EffectiveMems
            | File::EffectiveExclusive
            | File::Isolated
            | File::PidsCurrent
            | File::PidsPeak
            | File::PidsEvents
            | File::MemoryCurrent
            | File::MemoryPeak
            | File::MemoryEvents
            | File::MemoryEventsLocal => Err(Errno::EINVAL),
        }
    }

    /// Reads a control file.
    ///
    /// # Errors
    /// `ENOENT`, `EINVAL` for a file that is only written, `EOPNOTSUPP` for `cgroup.procs` of a threaded
    /// cgroup.
    pub fn read(&self, path: &str, file: &str) -> Result<String, Errno> {
        let id = self.find(path)?;
        let file = self.open(id, file, Mode::Write)?;
        let mut out = String::new();
        self.read_file(id, file, &mut out)?;
        Ok(out)
    }

    /// The text of a control file if it, and this value of it, are as on a real kernel; `None` where there is
    /// no model of it.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub(crate) fn read_modelled(
        &self,
        id: CgroupId,
        name: &str,
        key: Option<&str>,
    ) -> Result<Option<String>, Errno> {
        let Some(info) = by_name(name) else { return Ok(None) };
        let file = self.open(id, name, Mode::Write)?;
        if !is_as_real(info.file, key) {
            return Ok(None);
        }
        let mut out = String::new();
        self.read_file(id, file, &mut out)?;
        Ok(Some(out))
    }

    fn read_file(&self, id: CgroupId, file: File, out: &mut String) -> Result<(), Errno> {
        let cgroup = self.cg(id);
        match file {
            File::Type => _ = writeln!(out, "{}", self.type_name(id)),
            File::Procs if self.is_threaded(id) => return Err(Errno::EOPNOTSUPP),
            File::Procs => lines(out, &self.procs_of(id)),
            File::Threads => lines(out, &self.threads_of(id)),
            File::Controllers => Self::show_controllers(self.controllers_of(id), out),
            File::SubtreeControl => Self::show_controllers(cgroup.subtree_control, out),
            File::Events => {
                let (populated, frozen) = (u8::from(cgroup.is_populated()), u8::from(self.is_frozen(id)));
                _ = write!(out, "populated {populated}\nfrozen {frozen}\n");
            }
            File::MaxDescendants => show_bound(out, cgroup.max_descendants),
            File::MaxDepth => show_bound(out, cgroup.max_depth),
            File::Stat => self.show_stat(id, out),
            File::Freeze => show(out, u64::from(cgroup.freeze)),
            File::EffectiveCpus => _ = writeln!(out, "{}", cgroup.cpuset.effective_cpus),
            File::EffectiveMems => _ = writeln!(out, "{}", cgroup.cpuset.effective_mems),
            File::Partition => out.push_str(&self.show_partition(id)),
            File::Exclusive => _ = writeln!(out, "{}", cgroup.cpuset.exclusive),
            File::EffectiveExclusive => _ = writeln!(out, "{}", cgroup.cpuset.exclusive_effective),
            File::Isolated => _ = writeln!(out, "{}", self.isolated),
            File::CpuIdle => show(out, u64::from(cgroup.limits.cpu_idle)),
            File::Knob(knob) => self.show_knob(id, knob, out),
            File::PidsCurrent => show(out, cgroup.charged.into()),
            File::PidsPeak => show(out, cgroup.limits.pids_peak.into()),
            File::PidsEvents => _ = writeln!(out, "max {}", cgroup.limits.pids_stopped),
            File::MemoryCurrent => show(out, self.memory_of(id)),
            File::MemoryPeak => show(out, cgroup.limits.memory.peak),
            File::MemoryEvents => cgroup.limits.memory.show(false, out),
            File::MemoryEventsLocal => cgroup.limits.memory.show(true, out),
            File::Kill | File::MemoryReclaim => return Err(Errno::EINVAL),
        }
        Ok(())
    }

    fn show_stat(&self, id: CgroupId, out: &mut String) {
        _ = writeln!(out, "nr_descendants {}", self.cg(id).descendants);
        _ = writeln!(out, "nr_dying_descendants 0");
    }
}

/// A write to `memory.reclaim`: there is nothing that could be.
fn reclaim(text: &str) -> Result<(), Errno> {
    match parse::size(text, false)? {
        0 => Ok(()),
        _ => Err(Errno::EAGAIN),
    }
}

fn bound(text: &str) -> Result<u32, Errno> {
    match parse::strip(text) {
        "max" => Ok(NO_BOUND),
        text => u32::try_from(parse::int(text)?).map_err(|_| Errno::ERANGE),
    }
}

fn show_bound(out: &mut String, bound: u32) {
    match bound {
        NO_BOUND => out.push_str("max\n"),
        bound => show(out, bound.into()),
    }
}

fn lines(out: &mut String, pids: &[u32]) {
    for &pid in pids {
        show(out, pid.into());
    }
}

/// Whether a value is what it would be on a real kernel. Memory in use is only what work is said to touch,
/// and nothing is reclaimed.
fn is_as_real(file: File, key: Option<&str>) -> bool {
    match file {
        File::MemoryCurrent | File::MemoryPeak | File::MemoryReclaim => false,
        File::MemoryEvents | File::MemoryEventsLocal => {
            matches!(key, Some("max" | "oom" | "oom_kill" | "oom_group_kill"))
        }
        File::Stat => matches!(key, Some("nr_descendants")),
        File::Type
        | File::Procs
        | File::Threads
        | File::Controllers
        | File::SubtreeControl
        | File::Events
        | File::MaxDescendants
        | File::MaxDepth
        | File::Freeze
        | File::Kill
        | File::EffectiveCpus
        | File::EffectiveMems
        | File::Partition
        | File::Exclusive
        | File::EffectiveExclusive
        | File::Isolated
        | File::CpuIdle
        | File::Knob(_)
        | File::PidsCurrent
        | File::PidsPeak
        | File::PidsEvents => true,
    }
}
