//! What a scenario needs of a machine to mean anything. Where a machine has less, it is skipped there, with
//! the reason; what its limits and workers need to be carried out is found by validation, see
//! [`Requirements`](crate::Requirements).

use crate::base::kernel_version::KernelVersion;
use crate::model::topology::{Topology, Uniform};
use serde::{Deserialize, Serialize};

/// What a machine has to have at least; 0, `None` and `false` ask for nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Needs {
    /// CPUs, at most 1,024.
    pub cpus: u32,
    /// Last-level caches of the whole machine, at most 1,024.
    pub llcs: u32,
    /// NUMA nodes, at most 64.
    pub nodes: u32,
    /// This kernel, or a later one.
    pub kernel: Option<KernelVersion>,
    /// A kernel that can load schedulers (`CONFIG_SCHED_CLASS_EXT`).
    pub sched_ext: bool,
}

/// What a backend has beside its CPUs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Offers {
    /// Its kernel; `None` where nobody knows, which meets no need of one.
    pub kernel: Option<KernelVersion>,
    /// Whether schedulers can be loaded.
    pub sched_ext: bool,
}

impl Offers {
    /// All that can be needed: of backends that carry nothing out.
    pub const ALL: Self = Self { kernel: Some(KernelVersion::new(u16::MAX, u16::MAX)), sched_ext: true };
}

/// The first thing that a machine lacks; displays as the reason why a scenario is skipped there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Lack {
    /// Too few CPUs, last-level caches or NUMA nodes.
    Fewer {
        /// What there are too few of.
        what: Counted,
        /// How many are needed.
        needed: u32,
        /// How many there are.
        there: u32,
    },
    /// An older kernel, or one that nobody knows.
    Kernel {
        /// The kernel that is needed.
        needed: KernelVersion,
        /// The kernel that is there.
        there: Option<KernelVersion>,
    },
    /// No schedulers can be loaded.
    SchedExt,
}

/// What a machine has a number of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Counted {
    /// CPUs.
    Cpus,
    /// Last-level caches.
    Llcs,
    /// NUMA nodes.
    Nodes,
}

impl Counted {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Cpus, Self::Llcs, Self::Nodes];

    /// Its key in scenario files.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Cpus => "cpus",
            Self::Llcs => "llcs",
            Self::Nodes => "nodes",
        }
    }

    /// How many a machine has.
    pub const fn of(self, topology: &Topology) -> usize {
        match self {
            Self::Cpus => topology.cpus().len(),
            Self::Llcs => topology.llc_count(),
            Self::Nodes => topology.node_count(),
        }
    }
}

impl core::fmt::Display for Lack {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Fewer { what, needed, there } => {
                let what = match what {
                    Counted::Cpus => "CPUs",
                    Counted::Llcs => "last-level caches",
                    Counted::Nodes => "NUMA nodes",
                };
                write!(f, "it needs {needed} {what}, the machine has {there}")
            }
            Self::Kernel { needed, there: Some(there) } => {
                write!(f, "it needs Linux {needed}, the machine has {there}")
            }
            Self::Kernel { needed, there: None } => write!(f, "it needs Linux {needed}, which this is not"),
            Self::SchedExt => f.write_str("it needs a kernel that can load schedulers (sched_ext)"),
        }
    }
}

impl Needs {
    /// Nothing.
    pub const NONE: Self = Self { cpus: 0, llcs: 0, nodes: 0, kernel: None, sched_ext: false };

    /// At least so many CPUs.
    #[must_use]
    pub const fn cpus(mut self, cpus: u32) -> Self {
        self.cpus = cpus;
        self
    }

    /// At least so many last-level caches.
    #[must_use]
    pub const fn llcs(mut self, llcs: u32) -> Self {
        self.llcs = llcs;
        self
    }

    /// At least so many NUMA nodes.
    #[must_use]
    pub const fn nodes(mut self, nodes: u32) -> Self {
        self.nodes = nodes;
        self
    }

    /// This kernel, or a later one.
    #[must_use]
    pub const fn kernel(mut self, major: u16, minor: u16) -> Self {
        self.kernel = Some(KernelVersion::new(major, minor));
        self
    }

    /// A kernel that can load schedulers.
    #[must_use]
    pub const fn sched_ext(mut self) -> Self {
        self.sched_ext = true;
        self
    }

    /// Whether it asks for nothing.
    pub const fn is_none(&self) -> bool {
        self.cpus == 0 && self.llcs == 0 && self.nodes == 0 && self.kernel.is_none() && !self.sched_ext
    }

    /// How many of something it asks for.
    pub const fn count(&self, what: Counted) -> u32 {
        match what {
            Counted::Cpus => self.cpus,
            Counted::Llcs => self.llcs,
            Counted::Nodes => self.nodes,
        }
    }

    /// What a machine lacks, as far as its CPUs, caches and nodes go.
    pub const fn lack_of(&self, topology: &Topology) -> Option<Lack> {
        let mut i = 0;
        while i < Counted::ALL.len() {
            let what = Counted::ALL[i];
            let (needed, there) = (self.count(what), what.of(topology) as u32);
            if there < needed {
                return Some(Lack::Fewer { what, needed, there });
            }
            i += 1;
        }
        None
    }

    /// What a machine lacks.
    pub const fn lack(&self, topology: &Topology, offers: &Offers) -> Option<Lack> {
        if let Some(lack) = self.lack_of(topology) {
            return Some(lack);
        }
        if let Some(needed) = self.kernel {
            match offers.kernel {
                Some(there) if there.at_least(needed.major, needed.minor) => {}
                there => return Some(Lack::Kernel { needed, there }),
            }
        }
        if self.sched_ext && !offers.sched_ext { Some(Lack::SchedExt) } else { None }
    }

    /// A machine that has enough, as like `usual` as can be: for backends that build theirs. `None` where
    /// none can be built.
    pub fn shape(&self, usual: Uniform) -> Option<Uniform> {
        let part = |whole: u32, of: u16| u16::try_from(whole.div_ceil(u32::from(of.max(1)))).ok();
        let nodes = usual.nodes.max(part(self.nodes, 1)?);
        let llcs = usual.llcs.max(part(self.llcs, nodes)?);
        let shape = Uniform { nodes, llcs, cores: 1, threads: usual.threads, ..usual };
        let fits = |cores: u16| Uniform { cores, ..shape };
        // The CPUs that there usually are, spread over what is asked for now, are enough for nobody's needs.
        let usual_cpus = u32::try_from(usual.cpus()).ok()?;
        let per_core = u16::try_from(shape.cpus()).ok()?;
        let shape = fits(part(self.cpus.max(usual_cpus), per_core)?.max(1));
        shape.is_valid().then_some(shape)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    extern crate std;
    use std::string::ToString;

    #[test]
    fn the_first_lack_is_named() {
        let machine = Topology::uniform(2, 1, 4, 1);
        let six = Offers { kernel: Some(KernelVersion::V6_12), sched_ext: false };
        for (needs, offers, lack) in [
            (Needs::NONE, Offers::default(), ""),
            (Needs::NONE.cpus(8).llcs(2).nodes(2).kernel(6, 12), six, ""),
            (Needs::NONE.cpus(9).nodes(3), six, "it needs 9 CPUs, the machine has 8"),
            (Needs::NONE.llcs(3), six, "it needs 3 last-level caches, the machine has 2"),
            (Needs::NONE.nodes(3), six, "it needs 3 NUMA nodes, the machine has 2"),
            (Needs::NONE.kernel(6, 13).sched_ext(), six, "it needs Linux 6.13, the machine has 6.12"),
            (Needs::NONE.kernel(5, 0), Offers::default(), "it needs Linux 5.0, which this is not"),
            (Needs::NONE.sched_ext(), six, "it needs a kernel that can load schedulers (sched_ext)"),
            (Needs::NONE.kernel(99, 0).sched_ext(), Offers::ALL, ""),
        ] {
            let found = needs.lack(&machine, &offers);
            assert_eq!(found.map(|lack| lack.to_string()).unwrap_or_default(), lack, "{needs:?}");
        }
    }

    #[test]
    fn a_machine_is_built_that_has_enough() {
        let usual = Uniform::new(1, 1, 4, 1);
        for (needs, shape) in [
            (Needs::NONE, "1x1x4x1"),
            (Needs::NONE.cpus(3), "1x1x4x1"),
            (Needs::NONE.cpus(8).llcs(2), "1x2x4x1"),
            (Needs::NONE.nodes(2), "2x1x2x1"),
            (Needs::NONE.llcs(3).nodes(2), "2x2x1x1"),
            (Needs::NONE.cpus(9).llcs(2).nodes(2), "2x1x5x1"),
            (Needs::NONE.nodes(65), ""),
            (Needs::NONE.cpus(1025), ""),
        ] {
            let built = needs.shape(usual);
            assert_eq!(built.map(|shape| shape.to_string()).unwrap_or_default(), shape, "{needs:?}");
            if let Some(built) = built {
                assert_eq!(needs.lack_of(&Topology::from_uniform(&built)), None, "{needs:?}");
            }
        }
    }
}
