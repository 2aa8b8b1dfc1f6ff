//! `ktstr doctor`: what this machine can and cannot run.

use crate::exit::{Exit, Failure};
use crate::output::out;
use ktstr_file::report::text::table;
use ktstr_linux::probe::{Probe, probe, require};

pub(crate) fn run() -> Result<Exit, Failure> {
    let probes = probe(None);
    out(&shown(&probes))?;
    match require(&probes) {
        Ok(()) => {
            let lacks = probes.iter().any(|probe| !probe.ok);
            let rest = if lacks { "; scenarios that need what is missing go to another backend" } else { "" };
            out(&format!("\nLinux can run scenarios here{rest}.\nThe mock runs every scenario.\n"))?;
            Ok(Exit::Pass)
        }
        Err(fault) => {
            out(&format!("\nLinux cannot run scenarios here: {fault}\nThe mock runs every scenario.\n"))?;
            Ok(Exit::Environment)
        }
    }
}

fn shown(probes: &[Probe]) -> String {
    let mut rows = vec![["what", "", "found", "to get it"].map(str::to_owned)];
    for probe in probes {
        let mark = match (probe.ok, probe.optional) {
            (true, _) => "yes",
            (false, true) => "no",
            (false, false) => "MISSING",
        };
        rows.push([probe.what.clone(), mark.to_owned(), probe.detail.clone(), probe.cure.clone()]);
    }
    table(&rows)
}
