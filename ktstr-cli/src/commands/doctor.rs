//! `ktstr doctor`: what this machine can and cannot run.

use crate::exit::{Exit, Failure};
use crate::output::out;
use crate::vm::kernel;
use ktstr_file::report::text::table;
use ktstr_linux::probe::{Probe, probe, require};
use ktstr_vm::emulator;
use ktstr_vm::{Cache, VmError};

/// Gets a QEMU.
const FETCH: &str = "ktstr qemu fetch";
/// Of what the virtual machine is asked for, so many it cannot do without.
const NEEDED: usize = 2;

pub(crate) fn run() -> Result<Exit, Failure> {
    let mut probes = probe(None);
    let linux = require(&probes);
    let lacks = probes.iter().any(|probe| !probe.ok);
    probes.iter_mut().for_each(hint);
    let vm = vm_probes();
    let has_vm = vm.iter().take(NEEDED).all(|probe| probe.ok);
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

/// Adds the program's way out where the machine lacks what every virtual machine has.
fn hint(probe: &mut Probe) {
    if !probe.ok && (probe.what == "sched_ext" || probe.what.starts_with("controller ")) {
        probe.cure.push_str(", or `--backend vm`");
    }
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
    let cache = Cache::of_user();
    let emulator = emulator::resolve(None, &cache).map_err(|error| match error {
        VmError::QemuMissing { .. } => "neither fetched nor installed".to_owned(),
        error => error.to_string(),
    });
    let even = emulator.clone().and_then(|found| found.evens_cpus(&cache)).map(|()| "yes".to_owned());
    let is_old = emulator.as_ref().is_ok_and(|found| found.warning().is_some());
    let qemu = emulator.map(|found| format!("{} {}", found.version(), found.origin.name()));
    let qemu = probe("QEMU for the VM", qemu, FETCH);
    let newest = kernel(None).map(|kernel| kernel.release).map_err(|_| "none was fetched".to_owned());
    vec![
        Probe { cure: if is_old { FETCH.to_owned() } else { qemu.cure.clone() }, ..qemu },
        probe("kernel for the VM", newest, "ktstr kernel fetch"),
        probe("CPUs of the VM equally fast", even, &format!("{FETCH}, and a C compiler as `cc`")),
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
