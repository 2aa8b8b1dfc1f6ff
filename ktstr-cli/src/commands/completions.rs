//! `ktstr completions`: a completion script for a shell.

use crate::args::{Args, Completions};
use crate::exit::{Exit, Failure};
use crate::output::out;
use clap::CommandFactory;

pub(crate) fn run(args: &Completions) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "ktstr", &mut script);
    out(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Pass)
}
