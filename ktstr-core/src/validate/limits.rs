//! The values of control files against what the kernel takes.

use super::state::UNLIMITED;
use super::walk::Walk;
use crate::model::cgroup_def::CgroupDef;
use crate::model::knob::Limit;
use crate::validate::invalid::Value;
use crate::validate::rules::ErrorKind;

const MAX_WEIGHT: u32 = 10_000;
/// Shortest quota and period that the kernel takes, in microseconds.
const MIN_US: u64 = 1_000;
const MAX_PERIOD_US: u64 = 1_000_000;
const MAX_QUOTA_US: u64 = (1 << 44) - 1;
const PAGE: u64 = 4096;
/// `PAGE_COUNTER_MAX` in bytes, on 64 bits: what is larger means no limit.
const MAX_BYTES: u64 = i64::MAX as u64 / PAGE * PAGE;
/// `PID_MAX_LIMIT` on 64 bits.
const MAX_PIDS: u64 = 4 * 1024 * 1024;

impl<'a> Walk<'_, '_, 'a> {
    /// Judges the limits of a definition. The name is that of the place, not of the definition.
    pub(super) const fn check_limits(&mut self, name: &'a str, def: &CgroupDef<'a>) {
        self.check_weight(ErrorKind::CpuWeight, name, def.cpu_weight);
        if let Some(max) = def.cpu_max {
            if let Some(quota) = max.quota_us
                && (quota < MIN_US || quota > MAX_QUOTA_US)
            {
                let most = Value::Count(MAX_QUOTA_US);
                self.report_value(ErrorKind::CpuQuota, name, Value::Count(quota), most);
            }
            if max.period_us < MIN_US || max.period_us > MAX_PERIOD_US {
                let most = Value::Count(MAX_PERIOD_US);
                self.report_value(ErrorKind::CpuPeriod, name, Value::Count(max.period_us), most);
            }
        }
        if let Some(Limit::At(bytes)) = def.memory_max
            && bytes < PAGE
        {
            self.report_value(ErrorKind::MemoryTooSmall, name, Value::Count(bytes), Value::Count(PAGE));
        }
        self.check_bytes(name, def.memory_max);
        self.check_bytes(name, def.memory_high);
        self.check_bytes(
            name,
            match def.memory_low {
                Some(bytes) => Some(Limit::At(bytes)),
                None => None,
            },
        );
        self.check_bytes(name, def.memory_swap_max);
        self.check_weight(ErrorKind::IoWeight, name, def.io_weight);
        if let Some(Limit::At(tasks)) = def.pids_max
            && tasks > MAX_PIDS
        {
            self.report_value(ErrorKind::PidsRange, name, Value::Count(tasks), Value::Count(MAX_PIDS));
        }
    }

    const fn check_weight(&mut self, kind: ErrorKind, name: &'a str, weight: Option<u32>) {
        if let Some(weight) = weight
            && (weight < 1 || weight > MAX_WEIGHT)
        {
            self.report_value(kind, name, Value::Count(weight as u64), Value::Count(MAX_WEIGHT as u64));
        }
    }

    const fn check_bytes(&mut self, name: &'a str, limit: Option<Limit>) {
        if let Some(Limit::At(bytes)) = limit
            && bytes > MAX_BYTES
        {
            let most = Value::Count(MAX_BYTES);
            self.report_value(ErrorKind::MemoryTooLarge, name, Value::Count(bytes), most);
        }
    }
}

/// The number of tasks that a definition allows, `UNLIMITED` for any number.
pub(super) const fn pids_of(def: &CgroupDef<'_>) -> u32 {
    match def.pids_max {
        Some(Limit::At(tasks)) if tasks <= MAX_PIDS => tasks as u32,
        _ => UNLIMITED,
    }
}
