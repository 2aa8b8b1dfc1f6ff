//! A cpuset described by what it is for (half of the CPUs, one LLC, …), resolved against a topology.
//! Whether a description makes sense is judged in `validate`; here is only the arithmetic.

use crate::model::cpuset::CpuSet;
use crate::model::topology::Topology;
use serde::{Deserialize, Serialize};

/// Which CPUs, said without knowing the machine. "Usable" is [`Topology::usable`], `L` how many those are.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum CpusetSpec {
    /// These CPUs.
    Exact(CpuSet),
    /// The usable CPUs from `⌊L·start⌋` up to `⌊L·end⌋`; `0 ≤ start < end ≤ 1`.
    Range {
        /// Where the share starts.
        start: f64,
        /// Where it ends.
        end: f64,
    },
    /// The `index`-th of `of` equal shares of the usable CPUs; the last takes the remainder.
    Disjoint {
        /// Which share, from 0.
        index: usize,
        /// How many shares.
        of: usize,
    },
    /// As `Disjoint`, each share widened on both sides by `⌊share·frac⌋` CPUs; `0 ≤ frac ≤ 1`.
    Overlap {
        /// Which share, from 0.
        index: usize,
        /// How many shares.
        of: usize,
        /// How much of a share it reaches into its neighbours.
        frac: f64,
    },
    /// All CPUs of the LLC with this index.
    Llc(usize),
    /// All CPUs of the NUMA node with this index (an index, not the kernel's id).
    Numa(usize),
}

impl CpusetSpec {
    /// These CPUs.
    pub const fn exact(cpus: CpuSet) -> Self {
        Self::Exact(cpus)
    }

    /// The usable CPUs from `⌊L·start⌋` up to `⌊L·end⌋`.
    pub const fn range(start: f64, end: f64) -> Self {
        Self::Range { start, end }
    }

    /// Share `index` of `of` equal ones.
    pub const fn disjoint(index: usize, of: usize) -> Self {
        Self::Disjoint { index, of }
    }

    /// Share `index` of `of`, reaching `frac` of a share into its neighbours.
    pub const fn overlap(index: usize, of: usize, frac: f64) -> Self {
        Self::Overlap { index, of, frac }
    }

    /// The CPUs of one LLC.
    pub const fn llc(index: usize) -> Self {
        Self::Llc(index)
    }

    /// The CPUs of one NUMA node.
    pub const fn numa(index: usize) -> Self {
        Self::Numa(index)
    }

    /// The CPUs on this machine. Never panics: what is out of range is clamped, and a description that fits
    /// nowhere gives the empty set.
    pub const fn resolve(&self, topology: &Topology) -> CpuSet {
        match *self {
            Self::Exact(cpus) => cpus,
            Self::Llc(index) => topology.llc_cpus(index),
            Self::Numa(index) => topology.node_cpus(index),
            Self::Range { start, end } => {
                let usable = topology.usable();
                let count = usable.len() as f64;
                share(&usable, (count * start) as usize, (count * end) as usize)
            }
            Self::Disjoint { index, of } => overlapping(topology, index, of, 0.0),
            Self::Overlap { index, of, frac } => overlapping(topology, index, of, frac),
        }
    }
}

const fn overlapping(topology: &Topology, index: usize, of: usize, frac: f64) -> CpuSet {
    let usable = topology.usable();
    let count = usable.len();
    if of == 0 || index >= of {
        return CpuSet::EMPTY;
    }
    let size = count / of;
    let reach = (size as f64 * frac) as usize;
    let start = (index * size).saturating_sub(reach);
    let end = if index + 1 == of { count } else { (index + 1) * size + reach };
    share(&usable, start, end)
}

/// The members of `set` from the `start`-th up to the `end`-th.
const fn share(set: &CpuSet, start: usize, end: usize) -> CpuSet {
    let mut part = CpuSet::EMPTY;
    let mut position = 0;
    let mut at = set.first();
    while let Some(cpu) = at {
        if position >= start && position < end {
            part.insert(cpu);
        }
        position += 1;
        at = set.next_from(cpu + 1);
    }
    part
}

#[cfg(test)]
mod tests {
    use super::*;
    extern crate std;
    use std::string::ToString;

    #[test]
    fn shares_follow_the_usable_cpus() {
        let eight = Topology::uniform(2, 1, 4, 1);
        let two = Topology::uniform(1, 1, 2, 1);
        for (spec, topology, cpus) in [
            (CpusetSpec::disjoint(0, 2), &eight, "0-2"),
            (CpusetSpec::disjoint(1, 2), &eight, "3-6"),
            (CpusetSpec::disjoint(1, 2), &two, "1"),
            (CpusetSpec::disjoint(2, 2), &two, ""),
            (CpusetSpec::disjoint(0, 0), &two, ""),
            (CpusetSpec::range(0.0, 0.5), &eight, "0-2"),
            (CpusetSpec::range(0.0, 0.1), &two, ""),
            (CpusetSpec::range(0.5, 9.0), &eight, "3-6"),
            (CpusetSpec::range(f64::NAN, 1.0), &two, "0-1"),
            (CpusetSpec::overlap(0, 2, 0.5), &eight, "0-3"),
            (CpusetSpec::overlap(1, 2, 0.5), &eight, "2-6"),
            (CpusetSpec::llc(1), &eight, "4-7"),
            (CpusetSpec::numa(0), &eight, "0-3"),
            (CpusetSpec::numa(9), &eight, ""),
            (CpusetSpec::exact(CpuSet::of(&[1, 3])), &two, "1,3"),
        ] {
            assert_eq!(spec.resolve(topology).to_string(), cpus, "{spec:?} on {topology:?}");
        }
    }
}
