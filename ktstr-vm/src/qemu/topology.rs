//! A guest's CPUs, caches, nodes and memory as QEMU options, and what the guest should then see. Each LLC is
//! a socket, since the translator's CPU shows one L3 for each socket (not for each die); a node is a run of
//! sockets with a share of the memory.

use crate::error::VmError;
use crate::frame::Machine as Seen;
use ktstr_core::Uniform;

/// More CPUs need another interrupt controller than the machine has.
const MAX_CPUS: usize = 255;
/// Less and a Debian kernel does not come up.
pub(crate) const MIN_MEMORY_MIB: u32 = 128;

/// `-m`, `-smp` and `-numa`.
pub(crate) fn arguments(shape: &Uniform, memory_mib: u32) -> Result<Vec<String>, VmError> {
    let wrong = |reason: String| Err(VmError::Topology { reason });
    if !shape.is_valid() || shape.cpus() > MAX_CPUS {
        return wrong(format!("{} is not 1 to {MAX_CPUS} CPUs on 1 to 64 nodes", describe(shape)));
    }
    let nodes = u32::from(shape.nodes);
    if memory_mib / nodes < MIN_MEMORY_MIB {
        return wrong(format!("{memory_mib} MiB on {nodes} nodes is less than {MIN_MEMORY_MIB} MiB each"));
    }
    if !memory_mib.is_multiple_of(nodes) {
        return wrong(format!("{memory_mib} MiB cannot be shared evenly by {nodes} nodes"));
    }
    let Uniform { cores, threads, .. } = shape;
    let sockets = u32::from(shape.llcs) * nodes;
    let smp = format!("{},sockets={sockets},cores={cores},threads={threads}", shape.cpus());
    let mut arguments = vec!["-m".to_owned(), format!("{memory_mib}M"), "-smp".to_owned(), smp];
    if nodes > 1 {
        let cpus = shape.cpus() / nodes as usize;
        for node in 0..nodes as usize {
            let backend = format!("memory-backend-ram,id=node{node},size={}M", memory_mib / nodes);
            let (first, last) = (node * cpus, (node + 1) * cpus - 1);
            let numa = format!("node,nodeid={node},cpus={first}-{last},memdev=node{node}");
            arguments.extend(["-object".to_owned(), backend, "-numa".to_owned(), numa]);
        }
    }
    Ok(arguments)
}

/// The shape in words.
pub(crate) fn describe(shape: &Uniform) -> String {
    let Uniform { nodes, llcs, cores, threads, .. } = shape;
    format!("{nodes} nodes of {llcs} LLCs of {cores} cores of {threads} threads")
}

/// Checks that the guest sees the machine that was asked for.
pub(crate) fn check(shape: &Uniform, seen: &Seen) -> Result<(), VmError> {
    let llcs = u32::from(shape.nodes) * u32::from(shape.llcs);
    let asked = (shape.cpus() as u32, u32::from(shape.nodes), llcs, llcs * u32::from(shape.cores));
    if asked == (seen.cpus, seen.nodes, seen.llcs, seen.cores) {
        return Ok(());
    }
    let words = |(cpus, nodes, llcs, cores): (u32, u32, u32, u32)| {
        format!("{cpus} CPUs, {nodes} nodes, {llcs} LLCs, {cores} cores")
    };
    Err(VmError::TopologyMismatch {
        asked: words(asked),
        seen: words((seen.cpus, seen.nodes, seen.llcs, seen.cores)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_nodes_share_cpus_and_memory() {
        let line = arguments(&Uniform::new(2, 1, 4, 1), 512).unwrap().join(" ");
        for part in [
            "-m 512M",
            "-smp 8,sockets=2,cores=4,threads=1",
            "memory-backend-ram,id=node1,size=256M",
            "node,nodeid=1,cpus=4-7,memdev=node1",
        ] {
            assert!(line.contains(part), "{part} in {line}");
        }
    }

    #[test]
    fn what_cannot_be_built_is_refused() {
        for (shape, memory) in [
            (Uniform::new(0, 1, 1, 1), 512),
            (Uniform::new(1, 0, 1, 1), 512),
            (Uniform::new(1, 1, 256, 1), 512),
            (Uniform::new(1, u16::MAX, u16::MAX, u16::MAX), 512),
            (Uniform::new(2, 1, 1, 1), 200),
            (Uniform::new(3, 1, 1, 1), 512),
            (Uniform::new(1, 1, 1, 1), 0),
        ] {
            assert_eq!(arguments(&shape, memory).unwrap_err().code(), "V024", "{shape:?} with {memory} MiB");
        }
    }

    #[test]
    fn a_guest_that_sees_less_is_told() {
        let seen = Seen { cpus: 8, nodes: 1, llcs: 2, cores: 8, ..Seen::default() };
        let error = check(&Uniform::new(2, 1, 4, 1), &seen).unwrap_err();
        assert_eq!(error.code(), "V036");
        assert!(check(&Uniform::new(2, 1, 4, 1), &Seen { nodes: 2, ..seen }).is_ok());
    }
}
