//! `ktstr topo`: the CPUs, caches and nodes of a machine.

use crate::args::Topo;
use crate::exit::{Exit, Failure};
use crate::output::out;
use ktstr_core::Topology;
use ktstr_file::report::TopologyEntry;
use ktstr_file::report::text::{counted, table};

pub(crate) fn run(args: &Topo) -> Result<Exit, Failure> {
    let topology = args.topology.resolve()?;
    let entry = TopologyEntry::of(&topology);
    let shape = entry.shape.unwrap_or_else(|| "irregular".to_owned());
    out(&format!(
        "{}: {}\nshape: {shape} (nodes x LLCs x cores x threads)\nshared out: {}{}\n\n{}",
        counted(topology.cpus().len() as u64, "CPU", "CPUs"),
        entry.cpus,
        topology.usable(),
        if topology.usable() == *topology.cpus() { "" } else { " (the last CPU stays for the runner)" },
        places(&topology),
    ))?;
    Ok(Exit::Pass)
}

/// Each core with where it sits.
fn places(topology: &Topology) -> String {
    let mut rows = vec![["node", "LLC", "core", "CPUs"].map(str::to_owned)];
    for cpu in topology.cpus().iter() {
        let (Some(place), siblings) = (topology.place(cpu), topology.siblings(cpu)) else { continue };
        if siblings.first() == Some(cpu) {
            let node = topology.node_id(place.node.into()).unwrap_or_default();
            rows.push([
                node.to_string(),
                place.llc.to_string(),
                place.core.to_string(),
                siblings.to_string(),
            ]);
        }
    }
    table(&rows)
}
