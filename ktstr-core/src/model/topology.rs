//! The CPUs of a machine: which are there, which core, last-level cache (LLC) and NUMA node each belongs to.
//! Reading a real machine's topology is the backend's work; this is only the value.

use crate::model::cpuset::{CpuSet, MAX_CPUS, MAX_NODES, NodeSet};
use serde::{Deserialize, Serialize};

/// Where one CPU sits. Cores and LLCs are numbered over the whole machine, from 0 without holes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CpuPlace {
    /// Which core; CPUs of one core are SMT siblings.
    pub core: u16,
    /// Which last-level cache.
    pub llc: u16,
    /// Which NUMA node, as an index into [`Topology::node_id`].
    pub node: u16,
}

/// The CPUs, caches and nodes of one machine.
#[derive(Clone, Copy)]
pub struct Topology {
    cpus: CpuSet,
    places: [CpuPlace; MAX_CPUS],
    llcs: u16,
    nodes: u16,
    node_ids: [u16; MAX_NODES],
}

/// A topology in four numbers and a memory size: each node has the same caches, cores and threads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Uniform {
    /// NUMA nodes, 1 to 64.
    pub nodes: u16,
    /// Last-level caches of each node, at least 1.
    pub llcs: u16,
    /// Cores of each LLC, at least 1.
    pub cores: u16,
    /// Threads of each core, at least 1.
    pub threads: u16,
    /// Memory of the whole machine in MiB, for backends that build one; 0 leaves it to the backend.
    pub memory_mib: u32,
}

impl Uniform {
    /// `nodes` NUMA nodes of `llcs` LLCs of `cores` cores of `threads` threads.
    pub const fn new(nodes: u16, llcs: u16, cores: u16, threads: u16) -> Self {
        Self { nodes, llcs, cores, threads, memory_mib: 0 }
    }

    /// The same with this much memory.
    #[must_use]
    pub const fn memory_mib(mut self, mib: u32) -> Self {
        self.memory_mib = mib;
        self
    }

    /// How many CPUs that makes.
    pub const fn cpus(&self) -> usize {
        self.nodes as usize * self.llcs as usize * self.cores as usize * self.threads as usize
    }

    /// Whether it can be built: every number at least 1, at most 64 nodes and 1,024 CPUs.
    pub const fn is_valid(&self) -> bool {
        self.cpus() >= 1 && self.cpus() <= MAX_CPUS && self.nodes as usize <= MAX_NODES
    }
}

impl core::fmt::Display for Uniform {
    /// Nodes, LLCs, cores and threads, as in `1x2x4x2`; the memory is not in it.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}x{}x{}x{}", self.nodes, self.llcs, self.cores, self.threads)
    }
}

/// A text that is not four numbers with `x` between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write nodes x LLCs x cores x threads, as in 1x2x4x2")]
pub struct ParseUniformError;

impl core::str::FromStr for Uniform {
    type Err = ParseUniformError;

    /// Reads what [`Display`](core::fmt::Display) writes. Whether it can be built says
    /// [`is_valid`](Self::is_valid).
    fn from_str(text: &str) -> Result<Self, ParseUniformError> {
        let mut numbers = text.split('x').map(|number| {
            let plain = number.bytes().all(|byte| byte.is_ascii_digit());
            number.parse::<u16>().ok().filter(|_| plain).ok_or(ParseUniformError)
        });
        let mut next = || numbers.next().ok_or(ParseUniformError)?;
        let shape = Self::new(next()?, next()?, next()?, next()?);
        if numbers.next().is_none() { Ok(shape) } else { Err(ParseUniformError) }
    }
}

impl PartialEq for Topology {
    /// Whether the same CPUs sit at the same places; where others would sit does not matter.
    fn eq(&self, other: &Self) -> bool {
        let mut at = self.cpus.first();
        while let Some(cpu) = at {
            if self.places[cpu] != other.places[cpu] {
                return false;
            }
            at = self.cpus.next_from(cpu + 1);
        }
        let sizes = (self.llcs, self.nodes) == (other.llcs, other.nodes);
        sizes && self.cpus == other.cpus && self.node_ids == other.node_ids
    }
}

impl Eq for Topology {}

impl Topology {
    /// A machine without CPUs, to [`add`](Self::add) to.
    pub const fn empty() -> Self {
        Self {
            cpus: CpuSet::EMPTY,
            places: [CpuPlace { core: 0, llc: 0, node: 0 }; MAX_CPUS],
            llcs: 0,
            nodes: 0,
            node_ids: [0; MAX_NODES],
        }
    }

    /// `nodes` NUMA nodes, each of `llcs` LLCs, each of `cores` cores, each of `threads` CPUs, numbered in
    /// that order.
    ///
    /// # Panics
    /// If a number is 0, or there are more than 64 nodes or 1,024 CPUs; in a `const` that is a compile error.
    pub const fn uniform(nodes: u16, llcs: u16, cores: u16, threads: u16) -> Self {
        Self::from_uniform(&Uniform::new(nodes, llcs, cores, threads))
    }

    /// The machine that a [`Uniform`] describes.
    ///
    /// # Panics
    /// If it is not [valid](Uniform::is_valid).
    pub const fn from_uniform(shape: &Uniform) -> Self {
        assert!(shape.is_valid(), "a topology has 1 to 64 nodes, 1 to 1024 CPUs, and no number is 0");
        let mut topology = Self::empty();
        let per_core = shape.threads as usize;
        let per_llc = per_core * shape.cores as usize;
        let per_node = per_llc * shape.llcs as usize;
        let mut cpu = 0;
        while cpu < shape.cpus() {
            let place = CpuPlace {
                core: (cpu / per_core) as u16,
                llc: (cpu / per_llc) as u16,
                node: (cpu / per_node) as u16,
            };
            topology.add(cpu, place);
            cpu += 1;
        }
        topology
    }

    /// Adds one CPU; false, and no change, when the CPU or the node is out of range.
    pub const fn add(&mut self, cpu: usize, place: CpuPlace) -> bool {
        if cpu >= MAX_CPUS || place.node as usize >= MAX_NODES || place.llc as usize >= MAX_CPUS {
            return false;
        }
        self.cpus.insert(cpu);
        self.places[cpu] = place;
        if place.llc >= self.llcs {
            self.llcs = place.llc + 1;
        }
        while self.nodes <= place.node {
            self.node_ids[self.nodes as usize] = self.nodes;
            self.nodes += 1;
        }
        true
    }

    /// Says that the node with this index is called `id` by the kernel (ids may have holes, indices have
    /// none).
    pub const fn set_node_id(&mut self, index: usize, id: u16) {
        if index < self.nodes as usize {
            self.node_ids[index] = id;
        }
    }

    /// The same machine with fewer CPUs, for instance those this process may use.
    #[must_use]
    pub const fn restricted_to(mut self, cpus: &CpuSet) -> Self {
        self.cpus = self.cpus.and(cpus);
        self
    }

    /// All CPUs.
    pub const fn cpus(&self) -> &CpuSet {
        &self.cpus
    }

    /// The CPUs that specs share out: all, less the last one when there are more than two, which stays for
    /// the runner.
    pub const fn usable(&self) -> CpuSet {
        let mut usable = self.cpus;
        if let (true, Some(last)) = (usable.len() > 2, usable.nth(usable.len() - 1)) {
            usable.remove(last);
        }
        usable
    }

    /// Where `cpu` sits, if it is there.
    pub const fn place(&self, cpu: usize) -> Option<CpuPlace> {
        if self.cpus.contains(cpu) { Some(self.places[cpu]) } else { None }
    }

    /// How many LLCs.
    pub const fn llc_count(&self) -> usize {
        self.llcs as usize
    }

    /// How many NUMA nodes.
    pub const fn node_count(&self) -> usize {
        self.nodes as usize
    }

    /// The kernel's number of the node with this index.
    pub const fn node_id(&self, index: usize) -> Option<usize> {
        if index < self.nodes as usize { Some(self.node_ids[index] as usize) } else { None }
    }

    /// All node ids.
    pub const fn node_ids(&self) -> NodeSet {
        let mut ids = NodeSet::EMPTY;
        let mut index = 0;
        while index < self.nodes as usize {
            ids.insert(self.node_ids[index] as usize);
            index += 1;
        }
        ids
    }

    /// The CPUs of LLC `llc`.
    pub const fn llc_cpus(&self, llc: usize) -> CpuSet {
        let mut set = CpuSet::EMPTY;
        let mut at = self.cpus.first();
        while let Some(cpu) = at {
            if self.places[cpu].llc as usize == llc {
                set.insert(cpu);
            }
            at = self.cpus.next_from(cpu + 1);
        }
        set
    }

    /// The CPUs of the node with index `node`.
    pub const fn node_cpus(&self, node: usize) -> CpuSet {
        let mut set = CpuSet::EMPTY;
        let mut at = self.cpus.first();
        while let Some(cpu) = at {
            if self.places[cpu].node as usize == node {
                set.insert(cpu);
            }
            at = self.cpus.next_from(cpu + 1);
        }
        set
    }

    /// The CPUs of the same core as `cpu`, itself among them.
    pub const fn siblings(&self, cpu: usize) -> CpuSet {
        let mut set = CpuSet::EMPTY;
        let Some(place) = self.place(cpu) else { return set };
        let mut at = self.cpus.first();
        while let Some(other) = at {
            if self.places[other].core == place.core {
                set.insert(other);
            }
            at = self.cpus.next_from(other + 1);
        }
        set
    }
}

impl core::fmt::Debug for Topology {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Topology {{ cpus: {}, llcs: {}, nodes: {} }}", self.cpus, self.llcs, self.nodes)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;

    const TWO_NODES: Topology = Topology::uniform(2, 1, 2, 2);

    #[test]
    fn uniform_numbers_threads_then_cores_then_caches_then_nodes() {
        assert_eq!(TWO_NODES.cpus().len(), 8);
        assert_eq!(TWO_NODES.llc_cpus(1), CpuSet::range(4, 8));
        assert_eq!(TWO_NODES.node_cpus(0), CpuSet::range(0, 4));
        assert_eq!(TWO_NODES.siblings(5), CpuSet::of(&[4, 5]));
        assert_eq!(TWO_NODES.node_ids(), NodeSet::range(0, 2));
    }

    #[test]
    fn shapes_are_written_and_read() {
        for (text, shape) in [
            ("1x2x4x2", Some(Uniform::new(1, 2, 4, 2))),
            ("65535x0x1x1", Some(Uniform::new(65535, 0, 1, 1))),
            ("1x2x4", None),
            ("1x2x4x2x1", None),
            ("1x2x4x", None),
            ("1x2x4x65536", None),
            ("1x2x4x-1", None),
            ("+1x2x4x2", None),
            ("1 x 2 x 4 x 2", None),
            ("", None),
        ] {
            assert_eq!(text.parse::<Uniform>().ok(), shape, "{text:?}");
            if let Some(shape) = shape {
                assert_eq!(std::format!("{shape}"), text);
            }
        }
    }

    #[test]
    fn the_last_cpu_is_kept_back_from_three_up() {
        for (cpus, usable) in [(1, 1), (2, 2), (3, 2), (8, 7)] {
            assert_eq!(Topology::uniform(1, 1, cpus, 1).usable().len(), usable, "{cpus} CPUs");
        }
    }

    #[test]
    fn what_is_out_of_range_is_not_added() {
        let mut topology = Topology::empty();
        assert!(!topology.add(MAX_CPUS, CpuPlace::default()));
        assert!(!topology.add(0, CpuPlace { core: 0, llc: 0, node: 64 }));
        assert!(topology.cpus().is_empty());
    }
}
