//! `ktstr man`: the manual page of the program or of a command.

use crate::args::{Args, Man};
use crate::exit::{Exit, Failure};
use crate::output::out;
use clap::CommandFactory;

pub(crate) fn run(args: &Man) -> Result<Exit, Failure> {
    let mut program = Args::command();
    program.build();
    let command = match &args.command {
        None => program.clone(),
        Some(name) => {
            let unknown = || {
                let names: Vec<_> = program.get_subcommands().map(clap::Command::get_name).collect();
                Failure::invalid(format!("there is no command `{name}`; there are {}", names.join(", ")))
            };
            program.find_subcommand(name).ok_or_else(unknown)?.clone()
        }
    };
    let mut page = Vec::new();
    // Writing to memory does not fail.
    let _ = clap_mangen::Man::new(command).render(&mut page);
    out(&String::from_utf8_lossy(&page))?;
    Ok(Exit::Pass)
}
