#![forbid(unsafe_code)]
//! The `ktstr` program. Each subcommand is a file under `commands`; what they share is beside them.

mod args;
mod backends;
mod commands;
mod config;
mod exit;
mod explore;
mod hint;
mod judged;
mod machine;
mod output;
mod paint;
mod pictures;
mod prepared;
mod progress;
mod report_file;
mod signals;
mod suite;
mod vm;

use args::Command;
use config::Parsed;
use exit::{Exit, Failure};
use std::process::ExitCode;

fn main() -> ExitCode {
    // The program is its own guest: in a virtual machine it goes no further.
    ktstr_vm::guest_runs_scenarios();
    let mut parsed = match Parsed::of_command_line() {
        Ok(parsed) => parsed,
        Err(error) => return output::usage(&error),
    };
    let filled = parsed.fill();
    let args = parsed.args;
    paint::ask(args.color, args.quiet, args.verbose);
    let codes = args.command.exit_codes();
    let result = filled.and_then(|()| carry_out(args.command));
    let exit = result.unwrap_or_else(|failure| {
        failure.tell();
        failure.exit
    });
    exit.status_in(codes).into()
}

fn carry_out(command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Check(check) => commands::check::run(&check),
        Command::Plan(plan) => commands::plan::run(&plan),
        Command::Run(run) => commands::run::run(&run),
        Command::Watch(watch) => commands::watch::run(&watch),
        Command::Bisect(mut bisect) => commands::bisect::run(&mut bisect),
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
        Command::Man(man) => commands::man::run(&man),
    }
}
