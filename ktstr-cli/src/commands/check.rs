//! `ktstr check`: all that is wrong with scenario files.

use crate::args::Check;
use crate::exit::{Exit, Failure};
use crate::output::out;
use crate::scenario_file::ScenarioFile;
use bumpalo::Bump;
use ktstr_core::requirements::Requirements;
use ktstr_core::topology::Topology;
use std::path::Path;

pub(crate) fn run(args: &Check) -> Result<Exit, Failure> {
    let topology = args.topology.map(|topology| topology.resolve()).transpose()?;
    let mut exit = Exit::Pass;
    for path in &args.files {
        match check(path, topology.as_ref()) {
            Ok(needs) => out(&format!("{}: ok, needs {}\n", path.display(), in_words(&needs)))?,
            Err(failure) => {
                failure.tell();
                exit = exit.and(failure.exit);
            }
        }
    }
    Ok(exit)
}

fn check(path: &Path, topology: Option<&Topology>) -> Result<Requirements, Failure> {
    let arena = Bump::new();
    let file = ScenarioFile::read(path, &arena)?;
    let needs = file.judge(None)?;
    match topology.copied().or_else(|| file.topology()) {
        Some(topology) => file.judge(Some(&topology)),
        None => Ok(needs),
    }
}

/// What a run needs, as a list.
fn in_words(needs: &Requirements) -> String {
    let counted = |count: u32, one: &str, more: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        _ => Some(format!("{count} {more}")),
    };
    let mut parts: Vec<String> = [
        counted(needs.cgroups, "cgroup", "cgroups"),
        counted(needs.groups, "group of workers", "groups of workers"),
        counted(needs.payloads, "payload", "payloads"),
        counted(needs.irqs, "interrupt", "interrupts"),
    ]
    .into_iter()
    .flatten()
    .collect();
    if !needs.controllers.is_empty() {
        parts.push(format!("controllers {}", needs.controllers));
    }
    if needs.privileged {
        parts.push("root".to_owned());
    }
    if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") }
}
