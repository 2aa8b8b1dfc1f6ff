//! `ktstr qemu`: emulators for the virtual machine.

use crate::args::{Qemu as Args, QemuCommand};
use crate::exit::{Exit, Failure};
use crate::output::{err, out};
use crate::vm::failure;
use ktstr_file::report::text::table;
use ktstr_vm::emulator::{self, Emulator};
use ktstr_vm::{Cache, VmError};

pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    match &args.command {
        QemuCommand::Fetch { suite } => fetch(suite),
        QemuCommand::List => list(),
        QemuCommand::Path { qemu } => {
            let found = reported(emulator::resolve(qemu.as_deref(), &Cache::of_user()))?;
            if let Some(warning) = found.warning() {
                err(&format!("ktstr: {warning}\n"));
            }
            out(&format!("{}\n", found.program.display()))?;
            Ok(Exit::Pass)
        }
    }
}

fn reported<T>(result: Result<T, VmError>) -> Result<T, Failure> {
    result.map_err(|error| failure(&error))
}

fn fetch(suite: &str) -> Result<Exit, Failure> {
    err(&format!("ktstr: asking this machine's mirror for the QEMU of {suite}\n"));
    let emulator = reported(emulator::fetch(suite, &Cache::of_user()))?;
    out(&format!("{}  {}\n", emulator.version(), emulator.program.display()))?;
    Ok(Exit::Pass)
}

fn list() -> Result<Exit, Failure> {
    let emulators = reported(emulator::list(&Cache::of_user()))?;
    if emulators.is_empty() {
        err("ktstr: no QEMU was fetched; `ktstr qemu fetch` gets one\n");
        return Ok(Exit::Pass);
    }
    let mut rows = vec![["version", "file"].map(str::to_owned)];
    rows.extend(emulators.iter().map(row));
    out(&table(&rows))?;
    Ok(Exit::Pass)
}

fn row(emulator: &Emulator) -> [String; 2] {
    [emulator.version().to_owned(), emulator.program.display().to_string()]
}
