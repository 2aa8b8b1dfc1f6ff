//! Programs that bring a kernel down, found out on the model beforehand. Kernels before 7.0 keep a remote
//! partition on their list of such when it loses CPUs for good or when a sibling asks for its CPUs; once it
//! is freed, the next remote partition finds the list corrupt and the machine panics (seen in 6.12.117).

use super::model::{Machine, Model};
use super::program::{Program, RawOp};
use super::system::{self, System, Tasks, join};
use ktstr_core::{Controller, CpuSet};
use ktstr_mock::version::KernelVersion;

/// Whether a program would corrupt the kernel of this machine.
#[must_use]
pub fn endangers(program: &Program, machine: &Machine) -> bool {
    if machine.version >= KernelVersion::new(7, 0) || !machine.controllers.has(Controller::Cpuset) {
        return false;
    }
    let (mut model, mut tasks) = (Model::new(machine), Tasks::new());
    for op in &program.0 {
        let done = system::apply(&mut model, &mut tasks, op);
        if let (Ok(_), RawOp::Write { path, file, .. }) = (done, op)
            && file == "cpuset.cpus"
            && wants_a_siblings(&mut model, path)
        {
            return true;
        }
    }
    model.clean() != format!("0-{}", machine.topology.cpus() - 1)
}

/// Whether a cgroup asks for CPUs of a sibling that is a valid partition all the same: a remote one, for a
/// local one would be invalid now.
fn wants_a_siblings(model: &mut Model, path: &str) -> bool {
    let Ok(mine) = CpuSet::parse(model.read(path, "cpuset.cpus").unwrap_or_default().trim()) else {
        return false;
    };
    if path == "." {
        return false;
    }
    let (parent, name) = path.rsplit_once('/').unwrap_or((".", path));
    model.children(parent).iter().filter(|&sibling| sibling != name).any(|sibling| {
        let sibling = join(parent, sibling);
        let read = |model: &mut Model, file| model.read(&sibling, file).unwrap_or_default().trim().to_owned();
        let valid = matches!(read(model, "cpuset.cpus.partition").as_str(), "root" | "isolated");
        let theirs = CpuSet::parse(&read(model, "cpuset.cpus.exclusive.effective")).unwrap_or_default();
        valid && !theirs.and(&mine).is_empty()
    })
}
