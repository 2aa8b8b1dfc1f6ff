//! What a definition says of the control files as a whole: which it names, which are written, and what into
//! each. The fields themselves are made by the table.

use super::{CpuMax, Knob, KnobSet, KnobValue, Setting};
use crate::model::controllers::Controllers;
use core::time::Duration;

pub use super::table::Limits;

/// What is written when one control file is named: itself and what goes along.
const WRITTEN: [KnobSet; Knob::ALL.len()] = {
    let mut all = [KnobSet::NONE; Knob::ALL.len()];
    let mut i = 0;
    while i < all.len() {
        let along = Knob::ALL[i].info().along;
        all[i] = KnobSet::NONE.with(Knob::ALL[i]);
        let mut j = 0;
        while j < along.len() {
            all[i] = all[i].with(along[j]);
            j += 1;
        }
        i += 1;
    }
    all
};

/// The controllers that are needed when one control file is named.
pub(super) const NEEDED: [Controllers; Knob::ALL.len()] = {
    let mut all = [Controllers::NONE; Knob::ALL.len()];
    let mut i = 0;
    while i < all.len() {
        all[i] = WRITTEN[i].controllers();
        i += 1;
    }
    all
};

impl Limits {
    /// CPU time of `quota` in each `period`, `cpu.max`; both are rounded down to whole microseconds.
    #[must_use]
    pub const fn cpu_quota(self, quota: Duration, period: Duration) -> Self {
        let quota_us = Some(quota.as_micros() as u64);
        self.cpu_max(CpuMax { quota_us, period_us: period.as_micros() as u64 })
    }

    /// CPU time in percent of one CPU, over a period of 100 ms, `cpu.max`: 250 is two and a half CPUs.
    #[must_use]
    pub const fn cpu_quota_pct(self, percent: u32) -> Self {
        self.cpu_max(CpuMax { quota_us: Some(percent as u64 * 1000), period_us: 100_000 })
    }

    /// No limit of CPU time, `cpu.max`.
    #[must_use]
    pub const fn cpu_unlimited(self) -> Self {
        self.cpu_max(CpuMax::UNLIMITED)
    }

    /// Which control files are written: those that are named and what goes along with them, so that what is
    /// in force never depends on what was there before.
    pub const fn written(&self) -> KnobSet {
        let mut written = KnobSet::NONE;
        let mut rest = self.named();
        while let Some((knob, others)) = rest.split_first() {
            written = written.or(WRITTEN[knob as usize]);
            rest = others;
        }
        written
    }

    /// What is written into this control file, if it is. CPUs have to be resolved first, see
    /// [`CpusetSpec::resolve`](crate::CpusetSpec::resolve).
    pub const fn value(&self, knob: Knob) -> Option<KnobValue> {
        match self.get(knob) {
            Some(setting) => setting.value(),
            None if self.written().has(knob) => knob.info().clear.value(),
            None => None,
        }
    }

    /// Each control file with its example.
    pub const EXAMPLE: Self = Self::of_each(false);

    /// Each control file with what clears it; CPUs and memory nodes are left out, which cannot be named and
    /// empty.
    pub const CLEAR: Self = Self::of_each(true);

    const fn of_each(clear: bool) -> Self {
        let mut limits = Self::NONE;
        let mut i = 0;
        while i < Knob::ALL.len() {
            let info = Knob::ALL[i].info();
            let setting = if clear { info.clear } else { info.example };
            let listed = matches!(setting, Setting::Cpus(_) | Setting::Nodes(_));
            if !(clear && listed) {
                limits = match limits.with(info.knob, setting) {
                    Some(limits) => limits,
                    None => panic!("an example is of another kind than its row"),
                };
            }
            i += 1;
        }
        limits
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::cgroup_def::CgroupDef;
    use crate::model::cpuset_spec::CpusetSpec;
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

    #[test]
    fn each_is_kept_alone_and_refuses_another_kind() {
        for knob in Knob::ALL {
            let limits = Limits::NONE.with(knob, knob.info().example).expect("its kind");
            assert_eq!(limits.named(), KnobSet::NONE.with(knob), "{}", knob.key());
            assert_eq!(limits.controllers(), limits.written().controllers(), "{}", knob.key());
            for setting in knob.edges().filter(|&setting| limits.with(knob, setting).is_some()) {
                let numbers = limits.with(knob, setting).map(|limits| limits.numbers(knob));
                assert_eq!(numbers, Some(setting.numbers()), "{}", knob.key());
            }
            assert!(limits.written().has(knob), "{}", knob.key());
            for other in Knob::ALL {
                let setting = other.info().example;
                if other.info().kind != knob.info().kind
                    && !matches!(setting, Setting::Number(_) | Setting::Max)
                {
                    assert_eq!(limits.with(knob, setting), None, "{} as {}", other.key(), knob.key());
                }
            }
        }
        assert_eq!(Limits::EXAMPLE.named().iter().count(), Knob::ALL.len());
    }
}
