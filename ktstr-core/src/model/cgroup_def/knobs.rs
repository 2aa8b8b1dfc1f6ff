//! Which control files a definition writes, what into each, and which controllers that needs; their order is
//! [`Knob::ALL`].

use super::CgroupDef;
use crate::model::controllers::Controllers;
use crate::model::knob::{CpuMax, Knob, KnobValue, Limit};

impl CgroupDef<'_> {
    /// The controllers its limits need.
    pub const fn controllers(&self) -> Controllers {
        let mut controllers = Controllers::NONE;
        let mut i = 0;
        while i < Knob::ALL.len() {
            if self.sets(Knob::ALL[i]) {
                controllers = controllers.with(Knob::ALL[i].controller());
            }
            i += 1;
        }
        controllers
    }

    /// Whether it writes this control file. One CPU limit writes `cpu.max`, one memory limit writes `memory.max`,
    /// `memory.high` and `memory.low`, so that what is in force never depends on what was there before.
    pub const fn sets(&self, knob: Knob) -> bool {
        match knob {
            Knob::CpusetCpus => self.cpuset.is_some(),
            Knob::CpusetMems => self.cpuset_mems.is_some(),
            Knob::CpuWeight => self.cpu_weight.is_some(),
            Knob::CpuMax => self.cpu_max.is_some() || self.cpu_weight.is_some(),
            Knob::MemoryMax | Knob::MemoryHigh | Knob::MemoryLow => {
                self.memory_max.is_some()
                    || self.memory_high.is_some()
                    || self.memory_low.is_some()
                    || self.memory_swap_max.is_some()
            }
            Knob::MemorySwapMax => self.memory_swap_max.is_some(),
            Knob::IoWeight => self.io_weight.is_some(),
            Knob::PidsMax => self.pids_max.is_some(),
        }
    }

    /// What it writes into this control file, if it does; `cpuset.cpus` has to be resolved first, see
    /// [`CpusetSpec::resolve`](crate::model::cpuset_spec::CpusetSpec::resolve).
    pub const fn value(&self, knob: Knob) -> Option<KnobValue> {
        if !self.sets(knob) {
            return None;
        }
        let value = match knob {
            Knob::CpusetCpus => return None,
            Knob::CpusetMems => match self.cpuset_mems {
                Some(nodes) => KnobValue::Nodes(nodes),
                None => return None,
            },
            Knob::CpuWeight => number(self.cpu_weight),
            Knob::CpuMax => match self.cpu_max {
                Some(max) => KnobValue::Bandwidth(max),
                None => KnobValue::Bandwidth(CpuMax::UNLIMITED),
            },
            Knob::MemoryMax => limit(self.memory_max),
            Knob::MemoryHigh => limit(self.memory_high),
            Knob::MemoryLow => match self.memory_low {
                Some(bytes) => KnobValue::Number(bytes),
                None => KnobValue::Number(0),
            },
            Knob::MemorySwapMax => limit(self.memory_swap_max),
            Knob::IoWeight => number(self.io_weight),
            Knob::PidsMax => limit(self.pids_max),
        };
        Some(value)
    }
}

const fn number(value: Option<u32>) -> KnobValue {
    match value {
        Some(number) => KnobValue::Number(number as u64),
        None => KnobValue::Max,
    }
}

const fn limit(value: Option<Limit>) -> KnobValue {
    match value {
        Some(limit) => limit.value(),
        None => KnobValue::Max,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::cpuset_spec::CpusetSpec;
    use core::time::Duration;
    extern crate std;
    use std::string::{String, ToString};
    use std::vec::Vec;

    fn writes(def: &CgroupDef) -> Vec<String> {
        Knob::ALL
            .into_iter()
            .filter_map(|knob| Some(std::format!("{}={}", knob.file(), def.value(knob)?)))
            .collect()
    }

    #[test]
    fn limits_are_written_in_the_kernels_words() {
        let plain = CgroupDef::named("a");
        for (def, files) in [
            (plain, ""),
            (plain.cpu_weight(7), "cpu.weight=7 cpu.max=max 100000"),
            (plain.cpu_quota_pct(250), "cpu.max=250000 100000"),
            (plain.cpu_quota(Duration::from_millis(5), Duration::from_millis(20)), "cpu.max=5000 20000"),
            (plain.memory_high(4096), "memory.max=max memory.high=4096 memory.low=0"),
            (
                plain.memory_swap_unlimited(),
                "memory.max=max memory.high=max memory.low=0 memory.swap.max=max",
            ),
            (plain.io_weight(50).pids_max(9), "io.weight=50 pids.max=9"),
        ] {
            assert_eq!(writes(&def).join(" "), files);
        }
    }

    #[test]
    fn controllers_follow_the_limits() {
        let def = CgroupDef::named("a").cpuset(CpusetSpec::llc(0)).memory_low(1).cpu_unlimited();
        assert_eq!(def.controllers().to_string(), "cpuset cpu memory");
    }
}
