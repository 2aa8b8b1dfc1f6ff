//! The limits of the cpu, memory, io and pids controllers: ranges, rounding, and how they read back.
//! What the limits do to tasks is in `tasks` (pids) and in the scheduler (cpu); memory and io limits are only kept.

use super::MockKernel;
use super::cgroup::CgroupId;
use super::parse;
use crate::errno::Errno;
use core::fmt::Write;

/// Bytes in a page of memory; sizes are rounded down to whole pages.
const PAGE: u64 = 4096;
/// What stands for no limit of memory, in pages.
const NO_PAGES: u64 = i64::MAX as u64 / PAGE;
/// What stands for no limit of tasks: one more than the most tasks a machine can have.
const NO_PIDS: u64 = (1 << 22) + 1;
/// The shortest and the longest `cpu.max` period, in microseconds; the first is also the smallest quota.
const PERIOD_US: (u64, u64) = (1_000, 1_000_000);
/// The largest `cpu.max` quota, in microseconds.
const QUOTA_MAX_US: u64 = (1 << 44) - 1;

/// A limit of memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MemoryFile {
    Min,
    Low,
    High,
    Max,
    SwapMax,
}

/// The limits of one cgroup. A cgroup without a controller has that controller's defaults here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    pub(crate) cpu_weight: u32,
    pub(crate) cpu_idle: bool,
    /// Microseconds; `None` for no limit.
    pub(crate) cpu_quota: Option<u64>,
    pub(crate) cpu_period: u64,
    /// Pages, in the order of [`MemoryFile`].
    pub(crate) memory: [u64; 5],
    pub(crate) io_weight: u32,
    pub(crate) pids_max: u64,
    /// How many forks `pids.max` has stopped.
    pub(crate) pids_stopped: u32,
    /// The most tasks that were here at the same time.
    pub(crate) pids_peak: u32,
}

impl Limits {
    pub(crate) const DEFAULT: Self = Self {
        cpu_weight: 100,
        cpu_idle: false,
        cpu_quota: None,
        cpu_period: 100_000,
        memory: [0, 0, NO_PAGES, NO_PAGES, NO_PAGES],
        io_weight: 100,
        pids_max: NO_PIDS,
        pids_stopped: 0,
        pids_peak: 0,
    };
}

impl MockKernel {
    pub(crate) fn set_cpu_weight(&mut self, id: CgroupId, weight: u64) -> Result<(), Errno> {
        if !(1..=10_000).contains(&weight) {
            return Err(Errno::ERANGE);
        }
        if self.cg(id).limits.cpu_idle {
            return Err(Errno::EINVAL);
        }
        self.cg_mut(id).limits.cpu_weight = weight as u32;
        self.touch();
        Ok(())
    }

    pub(crate) fn set_cpu_idle(&mut self, id: CgroupId, idle: i64) -> Result<(), Errno> {
        if !(0..=1).contains(&idle) {
            return Err(Errno::EINVAL);
        }
        let limits = &mut self.cg_mut(id).limits;
        if limits.cpu_idle == (idle == 1) {
            return Ok(());
        }
        limits.cpu_idle = idle == 1;
        limits.cpu_weight = 100;
        self.touch();
        Ok(())
    }

    pub(crate) fn set_cpu_max(&mut self, id: CgroupId, quota: Option<u64>, period: u64) -> Result<(), Errno> {
        let (shortest, longest) = PERIOD_US;
        let fits = quota.is_none_or(|quota| (shortest..=QUOTA_MAX_US).contains(&quota));
        if !fits || !(shortest..=longest).contains(&period) {
            return Err(Errno::EINVAL);
        }
        let limits = &mut self.cg_mut(id).limits;
        limits.cpu_quota = quota;
        limits.cpu_period = period;
        self.touch();
        Ok(())
    }

    pub(crate) fn write_cpu_max(&mut self, id: CgroupId, text: &str) -> Result<(), Errno> {
        let mut words = text.split_ascii_whitespace();
        let quota = match words.next().ok_or(Errno::EINVAL)? {
            "max" => None,
            word if self.quirks.numbers_saturate && parse::is_past_u64(word) => None,
            word => Some(parse::leading(word).ok_or(Errno::EINVAL)?),
        };
        let period = words.next().and_then(parse::leading).unwrap_or(self.cg(id).limits.cpu_period);
        self.set_cpu_max(id, quota, period)
    }

    /// Whether a cgroup, or one above it, leaves its tasks not a page of memory.
    pub(crate) fn is_out_of_memory(&self, id: CgroupId) -> bool {
        let mut at = Some(id);
        while let Some(here) = at {
            let cgroup = self.cg(here);
            if cgroup.limits.memory[MemoryFile::Max as usize] == 0 {
                return true;
            }
            at = cgroup.parent;
        }
        false
    }

    pub(crate) fn set_memory(
        &mut self,
        id: CgroupId,
        file: MemoryFile,
        bytes: Option<u64>,
    ) -> Result<(), Errno> {
        let pages = bytes.map_or(NO_PAGES, |bytes| (bytes / PAGE).min(NO_PAGES));
        self.cg_mut(id).limits.memory[file as usize] = pages;
        Ok(())
    }

    pub(crate) fn write_memory(&mut self, id: CgroupId, file: MemoryFile, text: &str) -> Result<(), Errno> {
        let bytes = match parse::strip(text) {
            "max" => None,
            text => Some(parse::size(text, self.quirks.numbers_saturate)?),
        };
        self.set_memory(id, file, bytes)
    }

    pub(crate) fn set_io_weight(&mut self, id: CgroupId, weight: u64) -> Result<(), Errno> {
        if !(1..=10_000).contains(&weight) {
            return Err(Errno::EINVAL);
        }
        self.cg_mut(id).limits.io_weight = weight as u32;
        Ok(())
    }

    pub(crate) fn write_io_weight(&mut self, id: CgroupId, text: &str) -> Result<(), Errno> {
        let text = text.trim_start();
        if text.contains(':') {
            return Err(Errno::ENODEV); // a device, and the model has none
        }
        let number = text.strip_prefix("default").map_or(text, str::trim_start);
        self.set_io_weight(id, parse::leading(number).ok_or(Errno::EINVAL)?)
    }

    pub(crate) fn set_pids_max(&mut self, id: CgroupId, most: Option<u64>) -> Result<(), Errno> {
        if most.is_some_and(|most| most >= NO_PIDS) {
            return Err(Errno::EINVAL);
        }
        self.cg_mut(id).limits.pids_max = most.unwrap_or(NO_PIDS);
        Ok(())
    }

    pub(crate) fn write_pids_max(&mut self, id: CgroupId, text: &str) -> Result<(), Errno> {
        match parse::strip(text) {
            "max" => self.set_pids_max(id, None),
            text => {
                let most = u64::try_from(parse::signed(text)?).map_err(|_| Errno::EINVAL)?;
                self.set_pids_max(id, Some(most))
            }
        }
    }

    pub(crate) fn show_memory(&self, id: CgroupId, file: MemoryFile, out: &mut String) {
        match self.cg(id).limits.memory[file as usize] {
            NO_PAGES => out.push_str("max\n"),
            pages => show(out, pages * PAGE),
        }
    }

    pub(crate) fn show_cpu_max(&self, id: CgroupId, out: &mut String) {
        let limits = &self.cg(id).limits;
        match limits.cpu_quota {
            Some(quota) => _ = write!(out, "{quota} "),
            None => out.push_str("max "),
        }
        show(out, limits.cpu_period);
    }

    pub(crate) fn show_pids_max(&self, id: CgroupId, out: &mut String) {
        match self.cg(id).limits.pids_max {
            NO_PIDS => out.push_str("max\n"),
            most => show(out, most),
        }
    }
}

/// Appends a number and a newline.
pub(crate) fn show(out: &mut String, number: u64) {
    _ = writeln!(out, "{number}"); // writing to a String cannot fail
}

impl MockKernel {
    /// The cgroup among whose children and tasks the CPU time of this one's tasks is shared.
    pub(crate) fn cpu_home(&self, id: CgroupId) -> CgroupId {
        let mut at = id;
        while let (false, Some(parent)) =
            (self.controllers_of(at).has(ktstr_core::Controller::Cpu), self.cg(at).parent)
        {
            at = parent;
        }
        at
    }

    /// Its weight against its siblings, 100 being usual.
    pub(crate) fn cpu_weight(&self, id: CgroupId) -> f64 {
        let limits = &self.cg(id).limits;
        if limits.cpu_idle { 0.3 } else { f64::from(limits.cpu_weight) }
    }

    /// Its quota in CPUs.
    pub(crate) fn cpu_quota(&self, id: CgroupId) -> Option<f64> {
        let limits = &self.cg(id).limits;
        limits.cpu_quota.map(|quota| quota as f64 / limits.cpu_period as f64)
    }

    /// Whether a cgroup is `top` or below it.
    pub(crate) fn is_below(&self, id: CgroupId, top: CgroupId) -> bool {
        let mut at = Some(id);
        while let Some(here) = at {
            if here == top {
                return true;
            }
            at = self.cg(here).parent;
        }
        false
    }
}
