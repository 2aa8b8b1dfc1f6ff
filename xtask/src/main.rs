//! `cargo xtask`: the commands of those who work on ktstr, by name. It runs what a row of [`TASKS`] says and
//! adds nothing; what has to hold before a change goes in is `.ci/run`.

mod tasks;

use std::process::{Command, ExitCode};
use tasks::{TASKS, Task};

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let Some(name) = args.next() else {
        list();
        return ExitCode::SUCCESS;
    };
    let Some(task) = TASKS.iter().find(|task| task.name == name) else {
        eprintln!("there is no task {name}; `cargo xtask` lists them");
        return ExitCode::from(2);
    };
    run(task, &args.collect::<Vec<_>>())
}

fn list() {
    let width = TASKS.iter().map(|task| task.name.len()).max().unwrap_or(0);
    for task in TASKS {
        println!("{:width$}  {}", task.name, task.what);
    }
}

/// Runs the command of a task in the root of the workspace, with what the caller adds behind it.
fn run(task: &Task, more: &[String]) -> ExitCode {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let [program, args @ ..] = task.command else { return ExitCode::FAILURE };
    let mut command = Command::new(program);
    command.args(args).args(more).current_dir(root).envs(task.env.iter().copied());
    match command.status() {
        Ok(status) => ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)),
        Err(error) => {
            eprintln!("{program} cannot be run: {error}");
            ExitCode::from(3)
        }
    }
}
