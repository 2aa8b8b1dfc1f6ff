//! `ktstr kernel`: kernels for the virtual machine.

use crate::args::{Kernel as Args, KernelCommand};
use crate::exit::{Exit, Failure};
use crate::output::{err, out};
use crate::vm::{failure, kernel};
use ktstr_file::report::text::table;
use ktstr_vm::{Cache, Kernel, VmError, fetch};

pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    match &args.command {
        KernelCommand::Fetch { kernel } => get(kernel),
        KernelCommand::List => list(),
        KernelCommand::Path { kernel: spec } => {
            let found = reported(kernel(spec.as_deref()))?;
            out(&format!("{}\n", found.image.display()))?;
            Ok(Exit::Pass)
        }
    }
}

fn reported<T>(result: Result<T, VmError>) -> Result<T, Failure> {
    result.map_err(|error| failure(&error))
}

fn get(wanted: &str) -> Result<Exit, Failure> {
    err(&format!("ktstr: asking this machine's mirror for {wanted}\n"));
    let kernel = reported(fetch(wanted, &Cache::of_user()))?;
    out(&format!("{}  {}\n", kernel.release, kernel.image.display()))?;
    Ok(Exit::Pass)
}

fn list() -> Result<Exit, Failure> {
    let kernels = reported(Cache::of_user().list())?;
    if kernels.is_empty() {
        err("ktstr: no kernel was fetched; `ktstr kernel fetch` gets one\n");
        return Ok(Exit::Pass);
    }
    let mut rows = vec![["release", "sched_ext", "sha256", "file"].map(str::to_owned)];
    rows.extend(kernels.iter().map(row));
    out(&table(&rows))?;
    Ok(Exit::Pass)
}

fn row(kernel: &Kernel) -> [String; 4] {
    let sched_ext = if kernel.has_sched_ext() { "yes" } else { "no" };
    let hash: String = kernel.sha256.chars().take(12).collect();
    [kernel.release.clone(), sched_ext.to_owned(), hash, kernel.image.display().to_string()]
}
