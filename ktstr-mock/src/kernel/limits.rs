//! The control files that scenarios set, by the core's table of them: what each holds, how a value is read
//! out of text, which are refused, how they are rounded, and how they read back. What they do to tasks is in
//! `tasks` (pids), in `memory` and in the scheduler (cpu); cpusets are kept in `cpuset`, the others are only
//! kept.

use super::MockKernel;
use super::cgroup::CgroupId;
use super::memory::{MemoryCounts, MemoryEvent};
use super::parse;
use crate::errno::Errno;
use core::fmt::Write;
use ktstr_core::{Bound, Controller, CpuMax, Knob, KnobKind, KnobValue, OutOfRange, Setting};

/// Bytes in a page of memory; sizes are rounded down to whole pages.
const PAGE: u64 = 4096;
/// From this number of pages on there is no limit of memory.
const NO_PAGES: u64 = i64::MAX as u64 / PAGE;
/// What stands for no limit.
pub(crate) const NO_LIMIT: u64 = u64::MAX;

/// The limits of one cgroup. A cgroup without a controller has that controller's defaults here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// What each control file holds, in the order of the table, as far as that is one number.
    held: [u64; Knob::ALL.len()],
    pub(crate) cpu_idle: bool,
    /// Microseconds.
    cpu_period: u64,
    /// How many forks `pids.max` has stopped.
    pub(crate) pids_stopped: u32,
    /// The most tasks that were here at the same time.
    pub(crate) pids_peak: u32,
    pub(crate) memory: MemoryCounts,
}

impl Limits {
    pub(crate) const DEFAULT: Self = Self {
        held: {
            let mut held = [0; Knob::ALL.len()];
            let mut i = 0;
            while i < held.len() {
                held[i] = match Knob::ALL[i].info().clear {
                    Setting::Cpus(_) | Setting::Nodes(_) => 0,
                    Setting::Number(number) => number,
                    Setting::Max | Setting::Bandwidth(_) => NO_LIMIT,
                };
                i += 1;
            }
            held
        },
        cpu_idle: false,
        cpu_period: CpuMax::UNLIMITED.period_us,
        pids_stopped: 0,
        pids_peak: 0,
        memory: MemoryCounts::NONE,
    };

    /// What a control file holds; [`NO_LIMIT`] for no limit, for `cpu.max` the quota.
    pub(crate) const fn of(&self, knob: Knob) -> u64 {
        self.held[knob as usize]
    }

    /// Gives the files of a controller what they hold in a new cgroup.
    pub(crate) fn reset(&mut self, controller: Controller) {
        let fresh = Self::DEFAULT;
        for knob in Knob::ALL.into_iter().filter(|knob| knob.controller() == Some(controller)) {
            self.held[knob as usize] = fresh.of(knob);
        }
        match controller {
            Controller::Cpu => {
                self.cpu_idle = fresh.cpu_idle;
                self.cpu_period = fresh.cpu_period;
            }
            Controller::Pids => {
                self.pids_stopped = fresh.pids_stopped;
                self.pids_peak = fresh.pids_peak;
            }
            Controller::Memory => self.memory = fresh.memory,
            Controller::Cpuset | Controller::Io => {}
        }
    }
}

/// Whether a control file has its effect here, as far as the machine has what it is about: there is no swap,
/// so limits of it have none anywhere.
pub(crate) const fn is_modelled(knob: Knob) -> bool {
    match knob {
        Knob::CpusetCpus
        | Knob::CpusetMems
        | Knob::CpuWeight
        | Knob::CpuMax
        | Knob::MemoryMax
        | Knob::MemoryOomGroup
        | Knob::MemorySwapHigh
        | Knob::MemorySwapMax
        | Knob::PidsMax => true,
        Knob::MemoryHigh | Knob::MemoryLow | Knob::MemoryMin | Knob::IoWeight => false,
    }
}

/// Refuses a number as the kernel does that is out of range.
fn check(bound: &Bound, number: u64) -> Result<(), Errno> {
    match bound.kernel {
        OutOfRange::Refused(name) if number < bound.least || number > bound.most => {
            Err(Errno::from_name(name).unwrap_or(Errno::EINVAL))
        }
        OutOfRange::Refused(_) | OutOfRange::Unlimited => Ok(()),
    }
}

/// Bytes as they are kept.
fn whole_pages(bytes: u64) -> u64 {
    if bytes / PAGE >= NO_PAGES { NO_LIMIT } else { bytes / PAGE * PAGE }
}

impl MockKernel {
    /// Sets a control file. A value of another kind than it takes is `EINVAL`, as its text would be.
    pub(crate) fn set_knob(&mut self, id: CgroupId, knob: Knob, value: &KnobValue) -> Result<(), Errno> {
        let info = knob.info();
        let number = match (info.kind, value) {
            (KnobKind::Cpus, KnobValue::Cpus(cpus)) if knob == Knob::CpusetCpus => {
                return self.set_cpus(id, cpus);
            }
            (KnobKind::Nodes, KnobValue::Nodes(nodes)) if knob == Knob::CpusetMems => {
                return self.set_mems(id, nodes);
            }
            (KnobKind::Bandwidth, KnobValue::Bandwidth(max)) => {
                for (bound, number) in info.bounds.iter().zip(Setting::Bandwidth(*max).numbers()) {
                    number.map_or(Ok(()), |number| check(bound, number))?;
                }
                self.cg_mut(id).limits.cpu_period = max.period_us;
                max.quota_us.unwrap_or(NO_LIMIT)
            }
            (KnobKind::Bytes | KnobKind::BytesOrMax | KnobKind::CountOrMax, KnobValue::Max) => NO_LIMIT,
            (KnobKind::Bytes | KnobKind::BytesOrMax, KnobValue::Number(bytes)) => whole_pages(*bytes),
            (KnobKind::Flag, KnobValue::Number(number @ 0..=1)) => *number,
            (KnobKind::Number | KnobKind::CountOrMax, KnobValue::Number(number)) => {
                info.bounds.iter().try_for_each(|bound| check(bound, *number))?;
                *number
            }
            _ => return Err(Errno::EINVAL),
        };
        if knob == Knob::CpuWeight && self.cg(id).limits.cpu_idle {
            return Err(Errno::EINVAL);
        }
        self.cg_mut(id).limits.held[knob as usize] = number;
        if knob == Knob::MemoryMax {
            self.hold_to_max(id, MemoryEvent::Oom);
        }
        if info.controller == Some(Controller::Cpu) {
            self.touch();
        }
        Ok(())
    }

    /// Sets a control file from text.
    pub(crate) fn write_knob(&mut self, id: CgroupId, knob: Knob, text: &str) -> Result<(), Errno> {
        let value = match knob.info().kind {
            KnobKind::Cpus => return self.write_cpus(id, text),
            KnobKind::Nodes => return self.write_mems(id, text),
            KnobKind::Number if knob == Knob::IoWeight => KnobValue::Number(default_weight(text)?),
            KnobKind::Number => KnobValue::Number(parse::unsigned(text)?),
            KnobKind::Flag => KnobValue::Number(
                u64::try_from(parse::signed(parse::strip(text))?).map_err(|_| Errno::EINVAL)?,
            ),
            KnobKind::Bytes | KnobKind::BytesOrMax => match parse::strip(text) {
                "max" => KnobValue::Max,
                text => KnobValue::Number(parse::size(text, self.quirks.numbers_saturate)?),
            },
            KnobKind::CountOrMax => match parse::strip(text) {
                "max" => KnobValue::Max,
                text => KnobValue::Number(u64::try_from(parse::signed(text)?).map_err(|_| Errno::EINVAL)?),
            },
            KnobKind::Bandwidth => KnobValue::Bandwidth(self.parse_bandwidth(id, text)?),
        };
        self.set_knob(id, knob, &value)
    }

    fn parse_bandwidth(&self, id: CgroupId, text: &str) -> Result<CpuMax, Errno> {
        let mut words = text.split_ascii_whitespace();
        let quota_us = match words.next().ok_or(Errno::EINVAL)? {
            "max" => None,
            word if self.quirks.numbers_saturate && parse::is_past_u64(word) => None,
            word => Some(parse::leading(word).ok_or(Errno::EINVAL)?),
        };
        let period_us = words.next().and_then(parse::leading).unwrap_or(self.cg(id).limits.cpu_period);
        Ok(CpuMax { quota_us, period_us })
    }

    /// Shows what a control file holds.
    pub(crate) fn show_knob(&self, id: CgroupId, knob: Knob, out: &mut String) {
        let cgroup = self.cg(id);
        let held = cgroup.limits.of(knob);
        match knob.info().kind {
            KnobKind::Cpus => _ = writeln!(out, "{}", cgroup.cpuset.cpus),
            KnobKind::Nodes => _ = writeln!(out, "{}", cgroup.cpuset.mems),
            KnobKind::Number if knob == Knob::IoWeight => _ = writeln!(out, "default {held}"),
            KnobKind::Number if knob == Knob::CpuWeight && cgroup.limits.cpu_idle => {
                show(out, self.quirks.idle_weight_is_one.into());
            }
            KnobKind::Bandwidth => {
                let quota_us = (held != NO_LIMIT).then_some(held);
                let max = CpuMax { quota_us, period_us: cgroup.limits.cpu_period };
                _ = writeln!(out, "{}", KnobValue::Bandwidth(max));
            }
            KnobKind::Number
            | KnobKind::Flag
            | KnobKind::Bytes
            | KnobKind::BytesOrMax
            | KnobKind::CountOrMax => show_limit(out, held),
        }
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
        limits.held[Knob::CpuWeight as usize] = Limits::DEFAULT.of(Knob::CpuWeight);
        self.touch();
        Ok(())
    }

    /// Whether a cgroup, or one above it, leaves its tasks not a page of memory.
    pub(crate) fn is_out_of_memory(&self, id: CgroupId) -> bool {
        let mut at = Some(id);
        while let Some(here) = at {
            let cgroup = self.cg(here);
            if cgroup.limits.of(Knob::MemoryMax) == 0 {
                return true;
            }
            at = cgroup.parent;
        }
        false
    }
}

/// Appends a number and a newline.
pub(crate) fn show(out: &mut String, number: u64) {
    _ = writeln!(out, "{number}"); // writing to a String cannot fail
}

fn show_limit(out: &mut String, held: u64) {
    if held == NO_LIMIT { out.push_str("max\n") } else { show(out, held) }
}

/// The weight for devices without one of their own.
fn default_weight(text: &str) -> Result<u64, Errno> {
    let text = text.trim_start();
    if text.contains(':') {
        return Err(Errno::ENODEV); // a device, and the model has none
    }
    let number = text.strip_prefix("default").map_or(text, str::trim_start);
    parse::leading(number).ok_or(Errno::EINVAL)
}

impl MockKernel {
    /// The cgroup among whose children and tasks the CPU time of this one's tasks is shared.
    pub(crate) fn cpu_home(&self, id: CgroupId) -> CgroupId {
        let mut at = id;
        while let (false, Some(parent)) = (self.controllers_of(at).has(Controller::Cpu), self.cg(at).parent) {
            at = parent;
        }
        at
    }

    /// Its weight against its siblings, 100 being usual.
    pub(crate) fn cpu_weight(&self, id: CgroupId) -> f64 {
        let limits = &self.cg(id).limits;
        if limits.cpu_idle { 0.3 } else { limits.of(Knob::CpuWeight) as f64 }
    }

    /// Its quota in CPUs.
    pub(crate) fn cpu_quota(&self, id: CgroupId) -> Option<f64> {
        let limits = &self.cg(id).limits;
        let quota = limits.of(Knob::CpuMax);
        (quota != NO_LIMIT).then(|| quota as f64 / limits.cpu_period as f64)
    }

    /// The period of its quota, in nanoseconds.
    pub(crate) fn cpu_period_ns(&self, id: CgroupId) -> f64 {
        self.cg(id).limits.cpu_period as f64 * 1e3
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
