//! The control files that a cgroup's limits are written to. Each is one row of the table in `table`; what
//! follows from a row alone is here and in the rooms below: names, values, ranges. Whether a value is legal
//! is judged in `validate`.

mod limits;
mod set;
mod table;

pub use limits::Limits;
pub use set::KnobSet;
pub use table::Knob;

use crate::model::controllers::Controller;
use crate::model::cpuset::{CpuSet, NodeSet};
use crate::model::cpuset_spec::CpusetSpec;
use crate::validate::rules::ErrorKind;
use serde::{Deserialize, Serialize};

/// What the table says of a control file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KnobInfo {
    /// Which one it is.
    pub knob: Knob,
    /// Its key in scenario files, and the method of [`CgroupDef`](crate::CgroupDef) that sets it.
    pub key: &'static str,
    /// The method that takes its limit away, if it has one of its own.
    pub unlimited: Option<&'static str>,
    /// What values it takes.
    pub kind: KnobKind,
    /// What it is for.
    pub doc: &'static str,
    /// The file's name.
    pub file: &'static str,
    /// The controller it belongs to; `None` for a file that every cgroup has.
    pub controller: Option<Controller>,
    /// The first kernel whose unified hierarchy has it, as in `(4, 15)`.
    pub since: (u8, u8),
    /// The ranges of its numbers: one, or for a bandwidth those of quota and period; none where it holds no
    /// number, or any.
    pub bounds: &'static [Bound],
    /// What a new cgroup has; writing it takes the limit away.
    pub clear: Setting,
    /// A value that is legal on any machine, other than [`clear`](Self::clear): for examples and tests.
    pub example: Setting,
    /// What is written as well, its [`clear`](Self::clear) where nothing else is said.
    pub along: &'static [Knob],
    /// Where range and meaning come from.
    pub source: &'static str,
}

/// What values a control file takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KnobKind {
    /// A list of CPUs.
    Cpus,
    /// A list of memory nodes.
    Nodes,
    /// A whole number.
    Number,
    /// 0 or 1.
    Flag,
    /// Bytes, of which the kernel keeps whole pages.
    Bytes,
    /// Bytes, or `max`.
    BytesOrMax,
    /// A whole number, or `max`.
    CountOrMax,
    /// CPU time in each period.
    Bandwidth,
}

/// The range of a number, in the unit of its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bound {
    /// Which number of the value; empty where there is only one.
    pub part: &'static str,
    /// The lowest value that is legal.
    pub least: u64,
    /// The highest value that is legal.
    pub most: u64,
    /// The rule that a lower value breaks.
    pub below: Option<ErrorKind>,
    /// The rule that a higher value breaks.
    pub above: Option<ErrorKind>,
    /// What the kernel does with a value out of range.
    pub kernel: OutOfRange,
}

impl Bound {
    /// Whether a number is out of range; the rule that it breaks and the end of the range that is named to
    /// the user.
    pub const fn broken_by(&self, number: u64) -> Option<(ErrorKind, u64)> {
        match (self.below, self.above) {
            // One rule for both ends says the lower end in its text.
            (Some(below), Some(above)) if number < self.least && below as u16 == above as u16 => {
                Some((below, self.most))
            }
            (Some(below), _) if number < self.least => Some((below, self.least)),
            (_, Some(above)) if number > self.most => Some((above, self.most)),
            _ => None,
        }
    }
}

/// What the kernel does with a number out of range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutOfRange {
    /// It refuses it with this error, by the name that C has for it.
    Refused(&'static str),
    /// It takes it, and a larger one for no limit.
    Unlimited,
}

/// What a definition says of a control file.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[allow(clippy::large_enum_variant)] // no heap to box it on
pub enum Setting {
    /// CPUs, described.
    Cpus(CpusetSpec),
    /// Memory nodes, by the kernel's ids.
    Nodes(NodeSet),
    /// A number.
    Number(u64),
    /// No limit.
    Max,
    /// CPU time in each period.
    Bandwidth(CpuMax),
}

impl Setting {
    /// What is written; `None` for CPUs, which have to be resolved first, see [`CpusetSpec::resolve`].
    pub const fn value(self) -> Option<KnobValue> {
        match self {
            Self::Cpus(_) => None,
            Self::Nodes(nodes) => Some(KnobValue::Nodes(nodes)),
            Self::Number(number) => Some(KnobValue::Number(number)),
            Self::Max => Some(KnobValue::Max),
            Self::Bandwidth(max) => Some(KnobValue::Bandwidth(max)),
        }
    }

    /// Its numbers, in the order of [`KnobInfo::bounds`]; `None` where there is none, or no limit.
    pub const fn numbers(self) -> [Option<u64>; 2] {
        match self {
            Self::Cpus(_) | Self::Nodes(_) | Self::Max => [None, None],
            Self::Number(number) => [Some(number), None],
            Self::Bandwidth(max) => [max.quota_us, Some(max.period_us)],
        }
    }
}

/// What is written into a control file; displays as the text that the kernel takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum KnobValue {
    /// A CPU list; empty clears the setting.
    Cpus(CpuSet),
    /// A list of memory nodes; empty clears the setting.
    Nodes(NodeSet),
    /// A number.
    Number(u64),
    /// `max`.
    Max,
    /// `<quota> <period>` in microseconds, or `max <period>`.
    Bandwidth(CpuMax),
}

impl core::fmt::Display for KnobValue {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Cpus(cpus) => cpus.fmt(f),
            Self::Nodes(nodes) => nodes.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Max => f.write_str("max"),
            Self::Bandwidth(CpuMax { quota_us: Some(quota), period_us }) => write!(f, "{quota} {period_us}"),
            Self::Bandwidth(CpuMax { quota_us: None, period_us }) => write!(f, "max {period_us}"),
        }
    }
}

/// The value of `cpu.max`. The kernel takes a quota from 1 ms to 2^44 - 1 us and a period from 1 ms to 1 s.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CpuMax {
    /// CPU time in each period, in microseconds; `None` for no limit.
    pub quota_us: Option<u64>,
    /// How long a period is, in microseconds.
    pub period_us: u64,
}

impl CpuMax {
    /// The kernel's default: no limit, a period of 100 ms.
    pub const UNLIMITED: Self = Self { quota_us: None, period_us: 100_000 };
}

/// A limit in bytes or tasks, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Limit {
    /// At most this many.
    At(u64),
    /// No limit, `max`.
    Max,
}

impl Knob {
    /// The file's name.
    pub const fn file(self) -> &'static str {
        self.info().file
    }

    /// Its key in scenario files.
    pub const fn key(self) -> &'static str {
        self.info().key
    }

    /// The controller it belongs to; `None` for a file that every cgroup has.
    pub const fn controller(self) -> Option<Controller> {
        self.info().controller
    }

    /// The control file with this key.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|knob| knob.key() == key)
    }

    /// The control file of this name.
    pub fn from_file(file: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|knob| knob.file() == file)
    }

    /// Values about the ends of its ranges, legal and illegal, with its example and what clears it: what
    /// searches and fuzzers draw from.
    pub fn edges(self) -> impl Iterator<Item = Setting> {
        let info = self.info();
        let bandwidth = matches!(info.kind, KnobKind::Bandwidth);
        let around = info.bounds.iter().enumerate().flat_map(move |(part, bound)| {
            let ends = [bound.least.checked_sub(1), Some(bound.least), Some(bound.most)];
            ends.into_iter().chain([bound.most.checked_add(1)]).flatten().map(move |number| {
                match (bandwidth, part) {
                    (false, _) => Setting::Number(number),
                    (true, 0) => Setting::Bandwidth(CpuMax { quota_us: Some(number), period_us: 100_000 }),
                    (true, _) => Setting::Bandwidth(CpuMax { quota_us: None, period_us: number }),
                }
            })
        });
        [info.example, info.clear].into_iter().chain(around)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    extern crate std;
    use std::collections::BTreeSet;
    use std::string::ToString;

    #[test]
    fn each_row_is_whole_and_stands_once() {
        let mut names = BTreeSet::new();
        for knob in Knob::ALL {
            let info = knob.info();
            assert_eq!(
                (info.knob, Knob::from_key(info.key), Knob::from_file(info.file)),
                (knob, Some(knob), Some(knob))
            );
            assert!(names.insert(info.key) && names.insert(info.file), "{} is there twice", info.key);
            assert!(info.doc.ends_with('.') && !info.doc.starts_with(' '), "{}: {:?}", info.key, info.doc);
            assert!(!info.source.is_empty(), "{}", info.key);
            let (major, minor) = info.since;
            assert!((4, 5) <= (major, minor), "{}: the unified hierarchy is there since 4.5", info.key);
            let prefix = info.controller.map_or("cgroup.", Controller::name);
            assert!(info.file.starts_with(prefix), "{}: {}", info.key, info.file);
        }
    }

    #[test]
    fn examples_and_cleared_values_are_of_the_kind_and_in_range() {
        for knob in Knob::ALL {
            let info = knob.info();
            for setting in [info.example, info.clear] {
                let kept = Limits::NONE.with(knob, setting).and_then(|limits| limits.get(knob));
                assert_eq!(kept, Some(setting), "{}", info.key);
                for (bound, number) in info.bounds.iter().zip(setting.numbers()) {
                    assert_eq!(number.and_then(|number| bound.broken_by(number)), None, "{}", info.key);
                }
            }
            assert_ne!(info.example, info.clear, "{}", info.key);
        }
    }

    #[test]
    fn every_number_has_a_range_and_each_end_a_rule_or_none_to_break() {
        for knob in Knob::ALL {
            let info = knob.info();
            let takes_max = matches!(info.kind, KnobKind::BytesOrMax | KnobKind::CountOrMax);
            assert_eq!(info.unlimited.is_some(), takes_max, "{}", info.key);
            let numbers = match info.kind {
                KnobKind::Cpus | KnobKind::Nodes | KnobKind::Flag => 0,
                KnobKind::Number | KnobKind::Bytes | KnobKind::BytesOrMax | KnobKind::CountOrMax => 1,
                KnobKind::Bandwidth => 2,
            };
            assert_eq!(info.bounds.len(), numbers, "{}", info.key);
            for bound in info.bounds {
                assert!(bound.least < bound.most, "{}", info.key);
                assert_eq!(bound.below.is_some(), bound.least > 0, "{}", info.key);
                assert_eq!(bound.above.is_some(), bound.most < u64::MAX, "{}", info.key);
                for rule in [bound.below, bound.above].into_iter().flatten() {
                    let texts = [rule.rule().what, rule.rule().cure];
                    assert!(texts.iter().any(|text| text.contains("{limit}")), "{}", rule.code());
                }
                if bound.below == bound.above && bound.below.is_some() {
                    let least = bound.least.to_string();
                    let cure = bound.above.map_or("", |rule| rule.rule().cure);
                    assert!(cure.contains(&least), "{}: {cure}", info.key);
                }
            }
        }
    }

    #[test]
    fn edges_lie_on_both_sides_of_each_bound() {
        for knob in Knob::ALL {
            for (part, bound) in knob.info().bounds.iter().enumerate() {
                let numbers = || knob.edges().filter_map(|setting| setting.numbers()[part]);
                assert_eq!(
                    numbers().any(|number| number < bound.least),
                    bound.below.is_some(),
                    "{}",
                    knob.key()
                );
                assert_eq!(
                    numbers().any(|number| number > bound.most),
                    bound.above.is_some(),
                    "{}",
                    knob.key()
                );
            }
        }
    }

    #[test]
    fn a_value_displays_as_the_kernel_takes_it() {
        for (knob, text) in [
            (Knob::CpusetMems, "0"),
            (Knob::CpuWeight, "250"),
            (Knob::CpuMax, "30000 90000"),
            (Knob::MemoryMax, "67108864"),
        ] {
            let value = knob.info().example.value().expect("no description of CPUs");
            assert_eq!(value.to_string(), text);
        }
    }
}
