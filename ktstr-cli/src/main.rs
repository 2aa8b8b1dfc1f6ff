#![forbid(unsafe_code)]
//! The `ktstr` program. Each subcommand is a file under `commands`; what they share is beside them.

mod args;
mod backends;
mod commands;
mod exit;
mod explore;
mod hint;
mod judged;
mod machine;
mod output;
mod pictures;
mod prepared;
mod progress;
mod report_file;
mod signals;
mod suite;
mod vm;

use args::{Args, Command};
use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    // The program is its own guest: in a virtual machine it goes no further.
    ktstr_vm::guest_runs_scenarios();
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => return output::usage(&error),
    };
    let codes = args.command.exit_codes();
    let result = match args.command {
        Command::Check(check) => commands::check::run(&check),
        Command::Plan(plan) => commands::plan::run(&plan),
        Command::Run(run) => commands::run::run(&run),
        Command::Topo(topo) => commands::topo::run(&topo),
        Command::Explain(explain) => commands::explain::run(&explain),
        Command::Render(render) => commands::render::run(&render),
        Command::Doctor => commands::doctor::run(),
        Command::Replay(replay) => commands::replay::run(&replay),
        Command::Show(show) => commands::show::run(&show),
        Command::Diff(diff) => commands::diff::run(&diff),
        Command::Timehist(timehist) => commands::timehist::run(&timehist),
        Command::Kernel(kernel) => commands::kernel::run(&kernel),
        Command::Qemu(qemu) => commands::qemu::run(&qemu),
        Command::Clean(clean) => commands::clean::run(&clean),
        Command::New(new) => commands::new::run(&new),
        Command::Schema(schema) => commands::schema::run(&schema),
        Command::Completions(completions) => commands::completions::run(&completions),
    };
    let exit = result.unwrap_or_else(|failure| {
        failure.tell();
        failure.exit
    });
    exit.status_in(codes).into()
}
