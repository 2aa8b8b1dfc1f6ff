//! `ktstr clean`: removes what killed runs have left.

use crate::args::Clean;
use crate::exit::{Exit, Failure};
use crate::output::{err, out};
use ktstr_linux::clean::clean;

pub(crate) fn run(args: &Clean) -> Result<Exit, Failure> {
    let report = clean(args.parent.as_deref()).map_err(|fault| Failure::environment(fault.to_string()))?;
    for name in &report.removed {
        out(&format!("removed {name}\n"))?;
    }
    for name in &report.live {
        out(&format!("left {name}: it still runs\n"))?;
    }
    let (removed, killed) = (report.removed.len(), report.killed);
    out(&format!("{removed} cgroups of dead runs removed, {killed} processes killed\n"))?;
    for (name, fault) in &report.failed {
        err(&format!("ktstr: {name} could not be removed: {fault}\n"));
    }
    Ok(if report.failed.is_empty() { Exit::Pass } else { Exit::Environment })
}
