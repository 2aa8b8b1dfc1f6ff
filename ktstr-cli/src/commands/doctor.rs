//! `ktstr doctor`: what this machine can and cannot run.

use crate::exit::{Exit, Failure};
use crate::output::out;
use crate::vm::{QEMU, is_on_path, kernel};
use ktstr_file::report::text::table;
use ktstr_linux::probe::{Probe, probe, require};

pub(crate) fn run() -> Result<Exit, Failure> {
    let mut probes = probe(None);
    let linux = require(&probes);
    let lacks = probes.iter().any(|probe| !probe.ok);
    let vm = vm_probes();
    let has_vm = vm.iter().all(|probe| probe.ok);
    probes.extend(vm);
    let (exit, on_linux) = match linux {
        Ok(()) if lacks => (Exit::Pass, "can run scenarios that do not need what is missing".to_owned()),
        Ok(()) => (Exit::Pass, "can run scenarios".to_owned()),
        Err(fault) => (Exit::Environment, format!("cannot run scenarios: {fault}")),
    };
    let in_vm = if has_vm { "can run every scenario" } else { "lacks what is said above" };
    out(&format!(
        "{}\nLinux here {on_linux}.\nThe virtual machine {in_vm}.\nThe mock can run every scenario.\n",
        shown(&probes)
    ))?;
    Ok(exit)
}

/// What the virtual machine needs.
fn vm_probes() -> Vec<Probe> {
    let probe = |what: &str, found: Result<String, String>, cure: &str| Probe {
        what: what.to_owned(),
        ok: found.is_ok(),
        optional: true,
        cure: if found.is_ok() { String::new() } else { cure.to_owned() },
        detail: found.unwrap_or_else(|why| why),
    };
    let qemu = if is_on_path(QEMU) { Ok("installed".to_owned()) } else { Err("not installed".to_owned()) };
    let newest = kernel(None).map(|kernel| kernel.release).map_err(|_| "none was fetched".to_owned());
    vec![
        probe(QEMU, qemu, "apt-get install --no-install-recommends qemu-system-x86"),
        probe("kernel for the VM", newest, "ktstr kernel fetch"),
    ]
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
