//! Runs the mock kernel beside a real one and prints what differs. `here` is this machine's cgroup v2
//! hierarchy, a `KERNEL` runs in a guest with every controller.

use ktstr_tests::differential::plan::{self, Plan};
use ktstr_tests::differential::real::Hierarchy;
use ktstr_tests::differential::rows;
use ktstr_vm::VmError;
use std::path::PathBuf;
use std::process::ExitCode;

const USAGE: &str = "\
ktstr-differ here [FROM SEEDS EVERY]        random programs, and every EVERY-th of the enumerated ones, here
ktstr-differ vm KERNEL [FROM SEEDS EVERY]   the same in one boot of a guest
ktstr-differ rows [KERNEL]                  the rows of behaviour
ktstr-differ workers KERNEL [FROM SEEDS]     scenarios with workers, compared by what they measure
ktstr-differ trace FILE [KERNEL]            programs of raw actions from a file, with each change on the way
ktstr-differ table [FROM SEEDS EVERY]       all kernels and rows, as a table, and each difference in its smallest form
";

/// Kernels whose guests the table shows.
const KERNELS: [&str; 2] = ["6.12", "sid"];

fn main() -> ExitCode {
    if ktstr_vm::is_guest_init() {
        ktstr_vm::guest_main(|job| plan::in_guest(&job));
    }
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let result = match words.as_slice() {
        ["here", plan @ ..] => here(&Plan::from_words(plan)),
        ["vm", kernel, plan @ ..] => in_vm(kernel, &Plan::from_words(plan)),
        ["rows"] => Hierarchy::find().map(|hierarchy| rows::play_all(&hierarchy, false).to_string()),
        ["rows", kernel] => this().and_then(|this| shown(plan::rows_in_vm(kernel, &this))),
        ["workers", kernel, plan @ ..] => {
            this().and_then(|this| shown(plan::workers_in_vm(kernel, &this, &Plan::from_words(plan))))
        }
        ["trace", file, kernel @ ..] => trace(file, kernel.first().copied()),
        ["table", plan @ ..] => table(&Plan::from_words(plan)),
        _ => Err(USAGE.to_owned()),
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

fn this() -> Result<PathBuf, String> {
    std::env::current_exe().map_err(|error| error.to_string())
}

fn here(plan: &Plan) -> Result<String, String> {
    let hierarchy = Hierarchy::find()?;
    Ok(format!("Linux {} here: {}", hierarchy.machine.version, plan.run(&hierarchy)))
}

fn in_vm(kernel: &str, plan: &Plan) -> Result<String, String> {
    shown(plan::in_vm(kernel, &this()?, plan))
}

fn trace(file: &str, kernel: Option<&str>) -> Result<String, String> {
    let programs = std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
    match kernel {
        Some(kernel) => shown(plan::traces_in_vm(kernel, &this()?, programs)),
        None => plan::traces(&programs, &Hierarchy::find()?),
    }
}

/// One row for each kernel: programs of one boot, actions, differences left, rows that held; then, for each
/// kernel, what differed or went otherwise.
fn table(plan: &Plan) -> Result<String, String> {
    let hierarchy = Hierarchy::find()?;
    let mut text =
        String::from("| kernel | programs, all in one boot | rows of behaviour |\n| --- | --- | --- |\n");
    let mut rest = String::new();
    let mut line = |kernel: &str, programs: &str, rows: &str| {
        let (programs, differences) = programs.split_once('\n').unwrap_or((programs, ""));
        let (rows, failures) = rows.split_once('\n').unwrap_or((rows, ""));
        text += &format!("| {kernel} | {programs} | {rows} |\n");
        if !(differences.is_empty() && failures.is_empty()) {
            rest += &format!(
                "\nLeft on {kernel}:\n\n```text\n{}\n```\n",
                format!("{differences}\n{failures}").trim()
            );
        }
    };
    let here = format!("{} here, without controllers", hierarchy.machine.version);
    line(&here, &plan.run(&hierarchy).to_string(), &rows::play_all(&hierarchy, false).to_string());
    let this = this()?;
    for kernel in KERNELS {
        let (release, programs) = plan::in_vm(kernel, &this, plan).map_err(explained)?;
        let (_, rows) = plan::rows_in_vm(kernel, &this).map_err(explained)?;
        line(&release, &programs, &rows);
    }
    Ok(text + &rest)
}

fn shown(result: Result<(String, String), VmError>) -> Result<String, String> {
    let (release, text) = result.map_err(explained)?;
    Ok(format!("Linux {release} in a guest: {text}"))
}

fn explained(error: VmError) -> String {
    format!("{} {error}\n{}\n{}", error.code(), error.cure(), error.console().unwrap_or_default())
}
