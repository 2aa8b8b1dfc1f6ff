//! The table of control files, in the order in which a definition writes them. A row is all that there is to
//! say of one: the fields and methods of [`Limits`] and [`CgroupDef`] are made from it here, and everything
//! else reads it.

use super::limits::NEEDED;
use super::{Bound, CpuMax, KnobInfo, KnobKind, KnobSet, Limit, OutOfRange, Setting};
use crate::model::cgroup_def::CgroupDef;

use crate::model::controllers::{Controller, Controllers};
use crate::model::cpuset::{CpuSet, NodeSet};
use crate::model::cpuset_spec::CpusetSpec;
use crate::validate::rules::ErrorKind;
use serde::{Deserialize, Serialize};

/// A row: documentation, name, key, the method for no limit if it has one, kind, and the fields of
/// [`KnobInfo`].
macro_rules! knobs {
    ($(
        $(#[doc = $doc:literal])+
        $knob:ident = $key:ident $(or $unlimited:ident)?: $kind:ident { $($field:ident: $value:expr,)+ }
    )+) => {
        /// A control file of a cgroup.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Knob { $($(#[doc = $doc])+ $knob,)+ }

        static TABLE: [KnobInfo; Knob::ALL.len()] = [$(
            KnobInfo {
                knob: Knob::$knob,
                key: stringify!($key),
                unlimited: first(&[$(stringify!($unlimited))?]),
                kind: KnobKind::$kind,
                doc: concat!($($doc),+).trim_ascii(),
                $($field: $value,)+
            },
        )+];

        impl Knob {
            /// All of them, in the order in which a definition writes them.
            pub const ALL: [Self; [$(Self::$knob),+].len()] = [$(Self::$knob),+];

            /// Its row.
            pub const fn info(self) -> &'static KnobInfo {
                &TABLE[self as usize]
            }
        }

        /// What is said of the control files of one cgroup; what is `None` is left as it is.
        #[derive(Debug, Clone, Copy, PartialEq, Serialize)]
        pub struct Limits { $($(#[doc = $doc])+ pub $key: Option<knobs!(@field $kind)>,)+ }

        impl Limits {
            /// Nothing said.
            pub const NONE: Self = Self { $($key: None,)+ };

            /// Which control files are named.
            pub const fn named(&self) -> KnobSet {
                KnobSet::NONE$(.with_if(Knob::$knob, self.$key.is_some()))+
            }

            /// What is said of this control file.
            pub const fn get(&self, knob: Knob) -> Option<Setting> {
                match knob {
                    $(Knob::$knob => match self.$key {
                        Some(value) => Some(knobs!(@setting $kind value)),
                        None => None,
                    },)+
                }
            }

            /// The numbers that are said of this control file, as [`Setting::numbers`].
            pub(crate) const fn numbers(&self, knob: Knob) -> [Option<u64>; 2] {
                match knob {
                    $(Knob::$knob => match self.$key {
                        Some(value) => knobs!(@numbers $kind value),
                        None => [None, None],
                    },)+
                }
            }

            /// Whether all numbers are in their ranges: the quick way for definitions in which nothing is
            /// wrong.
            #[inline]
            pub(crate) const fn are_in_range(&self) -> bool {
                $(
                    if let Some(value) = self.$key
                        && !in_range(Knob::$knob.info().bounds, knobs!(@numbers $kind value))
                    {
                        return false;
                    }
                )+
                true
            }

            /// The controllers that are needed.
            #[inline]
            pub const fn controllers(&self) -> Controllers {
                let mut controllers = Controllers::NONE;
                $(
                    if self.$key.is_some() {
                        controllers = controllers.or(const { NEEDED[Knob::$knob as usize] });
                    }
                )+
                controllers
            }

            /// The same with this said of a control file; `None` where it takes no such value.
            pub const fn with(mut self, knob: Knob, setting: Setting) -> Option<Self> {
                if self.set(knob, setting) { Some(self) } else { None }
            }

            /// Says this of a control file; false, and nothing is said, where it takes no such value.
            pub const fn set(&mut self, knob: Knob, setting: Setting) -> bool {
                match knob {
                    $(Knob::$knob => match knobs!(@value $kind setting) {
                        Some(value) => self.$key = Some(value),
                        None => return false,
                    },)+
                }
                true
            }
        }

        /// One method for each control file, as definitions have them.
        impl Limits {
            $(
                $(#[doc = $doc])+
                #[must_use]
                pub const fn $key(mut self, value: knobs!(@argument $kind)) -> Self {
                    self.$key = Some(knobs!(@from $kind value));
                    self
                }
                $(
                    #[doc = concat!("No limit of `", stringify!($key), "`.")]
                    #[must_use]
                    pub const fn $unlimited(mut self) -> Self {
                        self.$key = Some(Limit::Max);
                        self
                    }
                )?
            )+
        }

        impl CgroupDef<'_> {
            $(
                $(#[doc = $doc])+
                #[must_use]
                pub const fn $key(mut self, value: knobs!(@argument $kind)) -> Self {
                    self.limits.$key = Some(knobs!(@from $kind value));
                    self
                }
                $(
                    #[doc = concat!("No limit of `", stringify!($key), "`.")]
                    #[must_use]
                    pub const fn $unlimited(mut self) -> Self {
                        self.limits.$key = Some(Limit::Max);
                        self
                    }
                )?
            )+
        }
    };
    // What a field of this kind is.
    (@field Cpus) => { CpusetSpec };
    (@field Nodes) => { NodeSet };
    (@field Number) => { u32 };
    (@field Flag) => { bool };
    (@field Bytes) => { u64 };
    (@field BytesOrMax) => { Limit };
    (@field CountOrMax) => { Limit };
    (@field Bandwidth) => { CpuMax };
    // What its method takes, and the field of that.
    (@argument BytesOrMax) => { u64 };
    (@argument CountOrMax) => { u64 };
    (@argument $kind:ident) => { knobs!(@field $kind) };
    (@from BytesOrMax $value:ident) => { Limit::At($value) };
    (@from CountOrMax $value:ident) => { Limit::At($value) };
    (@from $kind:ident $value:ident) => { $value };
    // A field as a setting, and back.
    (@setting Cpus $value:ident) => { Setting::Cpus($value) };
    (@setting Nodes $value:ident) => { Setting::Nodes($value) };
    (@setting Number $value:ident) => { Setting::Number($value as u64) };
    (@setting Flag $value:ident) => { Setting::Number($value as u64) };
    (@setting Bytes $value:ident) => { Setting::Number($value) };
    (@setting BytesOrMax $value:ident) => { match $value { Limit::At(at) => Setting::Number(at), Limit::Max => Setting::Max } };
    (@setting CountOrMax $value:ident) => { knobs!(@setting BytesOrMax $value) };
    (@setting Bandwidth $value:ident) => { Setting::Bandwidth($value) };
    (@numbers Cpus $value:ident) => {{ _ = $value; [None, None] }};
    (@numbers Nodes $value:ident) => {{ _ = $value; [None, None] }};
    (@numbers Bandwidth $value:ident) => { [$value.quota_us, Some($value.period_us)] };
    (@numbers BytesOrMax $value:ident) => { [if let Limit::At(at) = $value { Some(at) } else { None }, None] };
    (@numbers CountOrMax $value:ident) => { knobs!(@numbers BytesOrMax $value) };
    (@numbers $kind:ident $value:ident) => { [Some($value as u64), None] };
    (@value Cpus $setting:ident) => { if let Setting::Cpus(cpus) = $setting { Some(cpus) } else { None } };
    (@value Nodes $setting:ident) => { if let Setting::Nodes(nodes) = $setting { Some(nodes) } else { None } };
    (@value Number $setting:ident) => {
        match $setting { Setting::Number(number) if number <= u32::MAX as u64 => Some(number as u32), _ => None }
    };
    (@value Flag $setting:ident) => {
        match $setting { Setting::Number(number) if number <= 1 => Some(number == 1), _ => None }
    };
    (@value Bytes $setting:ident) => { if let Setting::Number(number) = $setting { Some(number) } else { None } };
    (@value BytesOrMax $setting:ident) => {
        match $setting { Setting::Number(number) => Some(Limit::At(number)), Setting::Max => Some(Limit::Max), _ => None }
    };
    (@value CountOrMax $setting:ident) => { knobs!(@value BytesOrMax $setting) };
    (@value Bandwidth $setting:ident) => { if let Setting::Bandwidth(max) = $setting { Some(max) } else { None } };
}

const fn first(names: &[&'static str]) -> Option<&'static str> {
    if names.is_empty() { None } else { Some(names[0]) }
}

#[inline]
const fn in_range(bounds: &[Bound], numbers: [Option<u64>; 2]) -> bool {
    let mut i = 0;
    while i < bounds.len() {
        if let Some(number) = numbers[i]
            && (number < bounds[i].least || number > bounds[i].most)
        {
            return false;
        }
        i += 1;
    }
    true
}

/// Bytes in a page, the smallest that Linux has.
const PAGE: u64 = 4096;

const WEIGHT: Bound = Bound {
    part: "",
    least: 1,
    most: 10_000,
    below: Some(ErrorKind::CpuWeight),
    above: Some(ErrorKind::CpuWeight),
    kernel: OutOfRange::Refused("ERANGE"),
};

/// A limit of memory. `PAGE_COUNTER_MAX` in bytes, on 64 bits, is the most: what is larger means no limit.
const MEMORY: Bound = Bound {
    part: "",
    least: 0,
    most: i64::MAX as u64 / PAGE * PAGE,
    below: None,
    above: Some(ErrorKind::MemoryTooLarge),
    kernel: OutOfRange::Unlimited,
};

const QUOTA: Bound = Bound {
    part: "quota",
    least: 1_000,
    most: (1 << 44) - 1,
    below: Some(ErrorKind::CpuQuota),
    above: Some(ErrorKind::CpuQuota),
    kernel: OutOfRange::Refused("EINVAL"),
};

const NO_CPUS: Setting = Setting::Cpus(CpusetSpec::Exact(CpuSet::EMPTY));
const NO_NODES: Setting = Setting::Nodes(NodeSet::EMPTY);
const UNLIMITED: Setting = Setting::Bandwidth(CpuMax::UNLIMITED);
const THIRD: Setting = Setting::Bandwidth(CpuMax { quota_us: Some(30_000), period_us: 90_000 });

knobs! {
    /// CPUs it may use.
    CpusetCpus = cpuset: Cpus {
        file: "cpuset.cpus",
        controller: Some(Controller::Cpuset),
        since: (5, 0),
        bounds: &[],
        clear: NO_CPUS,
        example: Setting::Cpus(CpusetSpec::Disjoint { index: 0, of: 2 }),
        along: &[],
        source: "Documentation/admin-guide/cgroup-v2.rst, cpuset.cpus",
    }
    /// Memory nodes it may use, by the kernel's ids.
    CpusetMems = cpuset_mems: Nodes {
        file: "cpuset.mems",
        controller: Some(Controller::Cpuset),
        since: (5, 0),
        bounds: &[],
        clear: NO_NODES,
        example: Setting::Nodes(NodeSet::range(0, 1)),
        along: &[],
        source: "Documentation/admin-guide/cgroup-v2.rst, cpuset.mems",
    }
    /// Share of CPU time against its siblings, 1 to 10000; the kernel's default is 100.
    CpuWeight = cpu_weight: Number {
        file: "cpu.weight",
        controller: Some(Controller::Cpu),
        since: (4, 15),
        bounds: &[WEIGHT],
        clear: Setting::Number(100),
        example: Setting::Number(250),
        along: &[Knob::CpuMax],
        source: "Documentation/admin-guide/cgroup-v2.rst, cpu.weight",
    }
    /// CPU time it gets at most in each period.
    CpuMax = cpu_max: Bandwidth {
        file: "cpu.max",
        controller: Some(Controller::Cpu),
        since: (4, 15),
        bounds: &[QUOTA, Bound { part: "period", most: 1_000_000, below: Some(ErrorKind::CpuPeriod), above: Some(ErrorKind::CpuPeriod), ..QUOTA }],
        clear: UNLIMITED,
        example: THIRD,
        along: &[],
        source: "tg_set_cfs_bandwidth in kernel/sched/core.c",
    }
    /// Bytes of memory it can never exceed.
    MemoryMax = memory_max or memory_max_unlimited: BytesOrMax {
        file: "memory.max",
        controller: Some(Controller::Memory),
        since: (4, 5),
        bounds: &[Bound { least: PAGE, below: Some(ErrorKind::MemoryTooSmall), ..MEMORY }],
        clear: Setting::Max,
        example: Setting::Number(64 << 20),
        along: &[Knob::MemoryHigh, Knob::MemoryLow],
        source: "page_counter_memparse in mm/page_counter.c",
    }
    /// Bytes of memory above which it is throttled.
    MemoryHigh = memory_high or memory_high_unlimited: BytesOrMax {
        file: "memory.high",
        controller: Some(Controller::Memory),
        since: (4, 5),
        bounds: &[MEMORY],
        clear: Setting::Max,
        example: Setting::Number(48 << 20),
        along: &[Knob::MemoryMax, Knob::MemoryLow],
        source: "page_counter_memparse in mm/page_counter.c",
    }
    /// Bytes of memory that are protected from reclaim.
    MemoryLow = memory_low: Bytes {
        file: "memory.low",
        controller: Some(Controller::Memory),
        since: (4, 5),
        bounds: &[MEMORY],
        clear: Setting::Number(0),
        example: Setting::Number(8 << 20),
        along: &[Knob::MemoryMax, Knob::MemoryHigh],
        source: "page_counter_memparse in mm/page_counter.c",
    }
    /// Bytes of memory that are protected from reclaim whatever happens.
    MemoryMin = memory_min: Bytes {
        file: "memory.min",
        controller: Some(Controller::Memory),
        since: (4, 18),
        bounds: &[MEMORY],
        clear: Setting::Number(0),
        example: Setting::Number(4 << 20),
        along: &[Knob::MemoryMax, Knob::MemoryHigh, Knob::MemoryLow],
        source: "page_counter_memparse in mm/page_counter.c",
    }
    /// Whether all of its tasks are killed where one is for want of memory.
    MemoryOomGroup = memory_oom_group: Flag {
        file: "memory.oom.group",
        controller: Some(Controller::Memory),
        since: (4, 19),
        bounds: &[],
        clear: Setting::Number(0),
        example: Setting::Number(1),
        along: &[],
        source: "Documentation/admin-guide/cgroup-v2.rst, memory.oom.group",
    }
    /// Bytes of swap above which it is throttled.
    MemorySwapHigh = memory_swap_high or memory_swap_high_unlimited: BytesOrMax {
        file: "memory.swap.high",
        controller: Some(Controller::Memory),
        since: (5, 8),
        bounds: &[MEMORY],
        clear: Setting::Max,
        example: Setting::Number(12 << 20),
        along: &[Knob::MemoryMax, Knob::MemoryHigh, Knob::MemoryLow],
        source: "page_counter_memparse in mm/page_counter.c",
    }
    /// Bytes of swap it can never exceed.
    MemorySwapMax = memory_swap_max or memory_swap_unlimited: BytesOrMax {
        file: "memory.swap.max",
        controller: Some(Controller::Memory),
        since: (4, 5),
        bounds: &[MEMORY],
        clear: Setting::Max,
        example: Setting::Number(16 << 20),
        along: &[Knob::MemoryMax, Knob::MemoryHigh, Knob::MemoryLow],
        source: "page_counter_memparse in mm/page_counter.c",
    }
    /// Share of block devices against its siblings, 1 to 10000; the kernel's default is 100.
    IoWeight = io_weight: Number {
        file: "io.weight",
        controller: Some(Controller::Io),
        since: (4, 5),
        bounds: &[Bound { below: Some(ErrorKind::IoWeight), above: Some(ErrorKind::IoWeight), kernel: OutOfRange::Refused("EINVAL"), ..WEIGHT }],
        clear: Setting::Number(100),
        example: Setting::Number(300),
        along: &[],
        source: "ioc_weight_write in block/blk-iocost.c",
    }
    /// Tasks it can hold at most, those of the cgroups below included.
    PidsMax = pids_max or pids_unlimited: CountOrMax {
        file: "pids.max",
        controller: Some(Controller::Pids),
        since: (4, 5),
        bounds: &[Bound { part: "", least: 0, most: 4 << 20, below: None, above: Some(ErrorKind::PidsRange), kernel: OutOfRange::Refused("EINVAL") }],
        clear: Setting::Max,
        example: Setting::Number(50),
        along: &[],
        source: "pids_max_write in kernel/cgroup/pids.c, PID_MAX_LIMIT",
    }
}
