//! Runs the mock kernel beside a real one and prints what differs. `ktstr-differ here [FROM SEEDS EVERY]` uses this
//! machine's cgroup v2 hierarchy, `ktstr-differ vm KERNEL [FROM SEEDS EVERY]` a guest with every controller;
//! `ktstr-differ rows [KERNEL]` plays the rows of behaviour, `ktstr-differ table [FROM SEEDS EVERY]` does all of it and
//! prints the summary for the documentation.

use ktstr_tests::differential::plan::{self, Plan};
use ktstr_tests::differential::real::Hierarchy;
use ktstr_tests::differential::rows;
use ktstr_vm::VmError;
use std::process::ExitCode;

fn main() -> ExitCode {
    if ktstr_vm::is_guest_init() {
        ktstr_vm::guest_main(|job| plan::in_guest(&job));
    }
    let words: Vec<String> = std::env::args().skip(1).collect();
    let result =
        match words.first().map(String::as_str) {
            Some("here") => here(&Plan::from_words(&words[1..])),
            Some("vm") if words.len() > 1 => in_vm(&words[1], &Plan::from_words(&words[2..])),
            Some("table") => table(&Plan::from_words(&words[1..])),
        Some("rows") if words.len() > 1 => rows(&words[1]),
            Some("rows") => Hierarchy::find().map(|hierarchy| rows::play_all(&hierarchy, false).to_string()),
            _ => Err("give `here [FROM SEEDS EVERY]`, `vm KERNEL [FROM SEEDS EVERY]`, `rows [KERNEL]` or `table [FROM SEEDS EVERY]`"
                .to_owned()),
        };
    match result {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::from(3)
        }
    }
}

fn here(plan: &Plan) -> Result<String, String> {
    let hierarchy = Hierarchy::find()?;
    Ok(format!("Linux {} here: {}", hierarchy.machine.version, plan.run(&hierarchy)))
}

fn in_vm(kernel: &str, plan: &Plan) -> Result<String, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    shown(plan::in_vm(kernel, &program, plan))
}

fn rows(kernel: &str) -> Result<String, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    shown(plan::rows_in_vm(kernel, &program))
}

/// One row for each kernel: programs, actions, differences left, rows that held; then the named quirks.
fn table(plan: &Plan) -> Result<String, String> {
    let hierarchy = Hierarchy::find()?;
    let mut text = String::from("| kernel | programs | rows of behaviour |\n| --- | --- | --- |\n");
    let mut line = |kernel: &str, programs: &str, rows: &str| {
        text += &format!("| {kernel} | {} | {} |\n", first_line(programs), first_line(rows));
    };
    let here = format!("{} here, without controllers", hierarchy.machine.version);
    line(&here, &plan.run(&hierarchy).head(), &rows::play_all(&hierarchy, false).to_string());
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    for kernel in ["6.12", "sid"] {
        let (release, programs) = plan::in_vm(kernel, &program, plan).map_err(|error| error.to_string())?;
        let (_, rows) = plan::rows_in_vm(kernel, &program).map_err(|error| error.to_string())?;
        line(&release, &programs, &rows);
    }
    Ok(format!("{text}\n{}", ktstr_mock::quirks::markdown()))
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

fn shown(result: Result<(String, String), VmError>) -> Result<String, String> {
    match result {
        Ok((release, text)) => Ok(format!("Linux {release} in a guest: {text}")),
        Err(error) => Err(format!(
            "{} {error}\n{}\n{}",
            error.code(),
            error.cure(),
            error.console().unwrap_or_default()
        )),
    }
}
