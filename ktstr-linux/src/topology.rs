//! Reads the machine's CPUs from sysfs: cores, last-level caches, nodes; only those that this process may run
//! on.

use crate::fault::fault;
use crate::sys::sched;
use ktstr_core::{CpuPlace, CpuSet, Fault, FaultKind, NodeSet, Topology};
use std::path::Path;

/// The machine as it is.
///
/// # Errors
/// `NoDevice` when sysfs shows no CPU that this process may use.
pub fn read() -> Result<Topology, Fault> {
    let allowed = sched::affinity(0).unwrap_or(CpuSet::range(0, CpuSet::CAPACITY));
    read_from(Path::new("/sys/devices/system"), &allowed)
}

/// The machine that a directory like `/sys/devices/system` describes, less the CPUs that are not `allowed`.
/// What is missing there is guessed: each CPU its own core, one cache for each package or node, one node.
///
/// # Errors
/// As for [`read`].
pub fn read_from(system: &Path, allowed: &CpuSet) -> Result<Topology, Fault> {
    // What this process may not use is left out from the start, so that no cache or node is without a CPU.
    let usable = list::<16>(&system.join("cpu/online")).unwrap_or(*allowed).and(allowed);
    if usable.is_empty() {
        return Err(fault(FaultKind::NoDevice, "no CPU that this process may use"));
    }
    let nodes = nodes(system, &usable);
    let mut topology = Topology::empty();
    let mut cores: Vec<CpuSet> = Vec::new();
    let mut caches: Vec<CpuSet> = Vec::new();
    for cpu in usable.iter() {
        let node = nodes.iter().position(|(_, cpus)| cpus.contains(cpu)).unwrap_or(0);
        let directory = system.join(format!("cpu/cpu{cpu}"));
        let alone = CpuSet::EMPTY.with(cpu);
        let siblings = list(&directory.join("topology/core_cpus_list"))
            .or_else(|| list(&directory.join("topology/thread_siblings_list")));
        let package = list(&directory.join("topology/package_cpus_list"))
            .or_else(|| list(&directory.join("topology/core_siblings_list")));
        let around = package.or(nodes.get(node).map(|(_, cpus)| *cpus));
        let cache = last_level_cache(&directory).or(around).unwrap_or(alone);
        let place = CpuPlace {
            core: number(&mut cores, cpu, siblings.unwrap_or(alone)),
            llc: number(&mut caches, cpu, cache),
            node: node as u16,
        };
        topology.add(cpu, place);
    }
    for (index, (id, _)) in nodes.iter().enumerate() {
        topology.set_node_id(index, *id);
    }
    Ok(topology)
}

/// The number of the set that holds `cpu`; a set that is new gets the next one.
fn number(sets: &mut Vec<CpuSet>, cpu: usize, set: CpuSet) -> u16 {
    let known = sets.iter().position(|known| known.contains(cpu));
    known.unwrap_or_else(|| {
        sets.push(set.with(cpu));
        sets.len() - 1
    }) as u16
}

/// The nodes with CPUs, by their kernel number.
fn nodes(system: &Path, usable: &CpuSet) -> Vec<(u16, CpuSet)> {
    let ids: NodeSet = list(&system.join("node/online")).unwrap_or(NodeSet::EMPTY);
    let found: Vec<_> = ids
        .iter()
        .filter_map(|id| {
            let cpus: CpuSet = list(&system.join(format!("node/node{id}/cpulist")))?;
            let cpus = cpus.and(usable);
            (!cpus.is_empty()).then_some((id as u16, cpus))
        })
        .collect();
    if found.is_empty() { vec![(0, *usable)] } else { found }
}

/// The CPUs that share the cache of the highest level.
fn last_level_cache(cpu: &Path) -> Option<CpuSet> {
    let caches = std::fs::read_dir(cpu.join("cache")).ok()?.flatten();
    let levels = caches.filter_map(|cache| {
        let level: u32 = std::fs::read_to_string(cache.path().join("level")).ok()?.trim().parse().ok()?;
        Some((level, list(&cache.path().join("shared_cpu_list"))?))
    });
    levels.max_by_key(|(level, _)| *level).map(|(_, cpus)| cpus)
}

fn list<const WORDS: usize>(file: &Path) -> Option<ktstr_core::IdSet<WORDS>> {
    let set = ktstr_core::IdSet::parse(&std::fs::read_to_string(file).ok()?).ok()?;
    (!set.is_empty()).then_some(set)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// Two nodes (0 and 2) of two cores of two threads, each node one cache, CPU 7 offline.
    fn tree() -> std::path::PathBuf {
        let root = std::env::temp_dir().join(format!("ktstr-topology-{}", std::process::id()));
        let write = |path: &str, text: &str| {
            let file = root.join(path);
            fs::create_dir_all(file.parent().expect("a parent")).expect("a directory");
            fs::write(file, text).expect("a file");
        };
        write("cpu/online", "0-6\n");
        write("node/online", "0,2\n");
        write("node/node0/cpulist", "0-3\n");
        write("node/node2/cpulist", "4-7\n");
        for cpu in 0..8 {
            let (core, node) = (cpu / 2 * 2, cpu / 4 * 4);
            write(&format!("cpu/cpu{cpu}/topology/core_cpus_list"), &format!("{core}-{}\n", core + 1));
            write(&format!("cpu/cpu{cpu}/cache/index0/level"), "1\n");
            write(&format!("cpu/cpu{cpu}/cache/index0/shared_cpu_list"), &format!("{cpu}\n"));
            write(&format!("cpu/cpu{cpu}/cache/index3/level"), "3\n");
            write(&format!("cpu/cpu{cpu}/cache/index3/shared_cpu_list"), &format!("{node}-{}\n", node + 3));
        }
        root
    }

    #[test]
    fn cores_caches_and_nodes_are_read() {
        let root = tree();
        let topology = read_from(&root, &CpuSet::range(0, 1024)).expect("CPUs");
        let narrow = read_from(&root, &CpuSet::of(&[5, 6])).expect("CPUs");
        let none = read_from(&root, &CpuSet::of(&[7])).map_err(|fault| fault.kind);
        fs::remove_dir_all(root).expect("removed");
        assert_eq!(*topology.cpus(), CpuSet::range(0, 7));
        assert_eq!((topology.llc_count(), topology.node_count()), (2, 2));
        assert_eq!(topology.llc_cpus(1), CpuSet::range(4, 7));
        assert_eq!(topology.siblings(2), CpuSet::of(&[2, 3]));
        assert_eq!((topology.node_id(1), topology.node_ids()), (Some(2), NodeSet::of(&[0, 2])));
        assert_eq!((*narrow.cpus(), narrow.llc_count()), (CpuSet::of(&[5, 6]), 1));
        assert_eq!(none.expect_err("no CPU"), FaultKind::NoDevice);
    }

    #[test]
    fn a_bare_tree_gives_one_core_for_each_cpu() {
        let topology = read_from(Path::new("/nonexistent"), &CpuSet::range(0, 3)).expect("CPUs");
        assert_eq!((topology.cpus().len(), topology.llc_count(), topology.node_count()), (3, 1, 1));
        assert_eq!(topology.siblings(1), CpuSet::of(&[1]));
    }

    #[test]
    fn this_machine_has_cpus() {
        assert!(!read().expect("CPUs").cpus().is_empty());
    }
}
