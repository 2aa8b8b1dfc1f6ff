//! What a cgroup has from those above it: the CPUs of its cpuset in force, and being frozen. As in the kernel
//! a cpuset without CPUs of its own has those above it, and so has one whose own are all outside of these.

use super::books::{Books, turn};
use ktstr_core::CpuSet;

/// The path of the cgroup above; nothing for one directly below the run's.
pub(super) fn above(path: &str) -> Option<&str> {
    path.rsplit_once('/').map(|(above, _)| above)
}

/// Whether a path is another's, or below it.
pub(crate) fn is_within(path: &str, top: &str) -> bool {
    path.strip_prefix(top).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// All cgroups, to look those above one up.
pub(super) trait Find {
    fn find(&self, path: &str) -> Option<&Books>;
}

/// The CPUs that tasks in a cgroup may use, of all those of the machine.
pub(super) fn cpus_in_force(all: &impl Find, path: &str, machine: &CpuSet) -> CpuSet {
    let mut chain = Vec::new();
    let mut at = Some(path);
    while let Some(path) = at {
        chain.push(all.find(path).and_then(|books| books.own_cpus.as_deref()));
        at = above(path);
    }
    chain.into_iter().rev().flatten().fold(*machine, |outer, own| {
        let inner = own.parse::<CpuSet>().unwrap_or(outer).and(&outer);
        if inner.is_empty() { outer } else { inner }
    })
}

/// Who froze a cgroup: itself, or the one above it that is named; nothing where it is not frozen.
pub(super) fn frozen_by(all: &impl Find, path: &str) -> Option<String> {
    let mut at = Some(path);
    while let Some(here) = at {
        if all.find(here).is_some_and(|books| books.is_frozen) {
            let by = if here == path { String::new() } else { format!(" with {here}") };
            return Some(format!("frozen{by}"));
        }
        at = above(here);
    }
    None
}

/// Notes from when on a cgroup has other CPUs, or is frozen or thawed.
pub(super) fn note(books: &mut Books, at_ns: u64, cpus: Option<CpuSet>, frozen: Option<String>) {
    if books.life.is_none() {
        return;
    }
    let cpus = cpus.map(|cpus| format!("{} {cpus}", if cpus.len() == 1 { "CPU" } else { "CPUs" }));
    turn(&mut books.lanes.cpusets, &mut books.cpuset, at_ns, cpus);
    turn(&mut books.lanes.frozen, &mut books.frozen, at_ns, frozen);
}
