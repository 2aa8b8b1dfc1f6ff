//! `ktstr clean`: removes what killed runs have left.

use crate::args::Clean;
use crate::exit::{Exit, Failure};
use crate::output::{counted, err, out};
use ktstr_core::{Fault, FaultKind};
use ktstr_linux::clean::clean;

pub(crate) fn run(args: &Clean) -> Result<Exit, Failure> {
    let report = clean(args.parent.as_deref()).map_err(|fault| failure(&fault))?;
    for name in &report.removed {
        out(&format!("removed {name}\n"))?;
    }
    for name in &report.live {
        out(&format!("left {name}: it still runs\n"))?;
    }
    let removed = counted(report.removed.len(), "dead run", "dead runs");
    let killed = counted(report.killed as usize, "process", "processes");
    out(&format!("{removed} removed, {killed} killed\n"))?;
    for (name, fault) in &report.failed {
        err(&format!("ktstr: {name} could not be removed: {fault}\n"));
    }
    Ok(if report.failed.is_empty() { Exit::Pass } else { Exit::Environment })
}

/// A directory that cannot be the parent of runs is a wrong argument; anything else is the machine's affair.
fn failure(fault: &Fault) -> Failure {
    match fault.kind {
        FaultKind::Invalid => Failure::invalid(format!("{}; name a cgroup's directory there", fault.detail)),
        _ => Failure::environment(fault.to_string()),
    }
}
