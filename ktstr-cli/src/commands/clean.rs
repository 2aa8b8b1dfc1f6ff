//! `ktstr clean`: removes what killed runs have left, on Linux and of virtual machines.

use crate::args::Clean;
use crate::exit::{Exit, Failure};
use crate::output::{err, out};
use ktstr_core::{Fault, FaultKind};
use ktstr_file::report::text::counted;
use ktstr_linux::clean::clean;
use ktstr_vm::Cache;

pub(crate) fn run(args: &Clean) -> Result<Exit, Failure> {
    let linux = clean(args.parent.as_deref()).map_err(|fault| failure(&fault));
    // Where this machine has no cgroups for us, guests may have run all the same. A wrong argument ends it
    // here.
    if let Err(wrong) = &linux
        && wrong.exit == Exit::Invalid
    {
        return linux.map(|_| Exit::Invalid);
    }
    let guests = ktstr_vm::clean(&Cache::of_user()).map_err(|error| crate::vm::failure(&error));
    let (mut reported, mut exit) = (Reported::default(), Exit::Pass);
    match linux {
        Ok(report) => {
            reported.removed.extend(report.removed);
            reported.live.extend(report.live);
            reported.killed = report.killed;
            reported.failed.extend(report.failed.into_iter().map(|(name, fault)| (name, fault.to_string())));
        }
        Err(failure) => exit = told_failure(&failure),
    }
    match guests {
        Ok(report) => {
            let shown = |path: std::path::PathBuf| path.display().to_string();
            reported.removed.extend(report.removed.into_iter().map(shown));
            reported.live.extend(report.live.into_iter().map(shown));
            reported
                .failed
                .extend(report.failed.into_iter().map(|(path, error)| (shown(path), error.to_string())));
        }
        Err(failure) => exit = exit.and(told_failure(&failure)),
    }
    reported.tell().map(|all| exit.and(all))
}

fn told_failure(failure: &Failure) -> Exit {
    failure.tell();
    failure.exit
}

/// What was found and done, in words.
#[derive(Default)]
struct Reported {
    removed: Vec<String>,
    live: Vec<String>,
    killed: u32,
    failed: Vec<(String, String)>,
}

impl Reported {
    fn tell(&self) -> Result<Exit, Failure> {
        for name in &self.removed {
            out(&format!("removed {name}\n"))?;
        }
        for name in &self.live {
            out(&format!("left {name}: it still runs\n"))?;
        }
        let removed = counted(self.removed.len() as u64, "dead run", "dead runs");
        let killed = counted(u64::from(self.killed), "process", "processes");
        out(&format!("{removed} removed, {killed} killed\n"))?;
        for (name, why) in &self.failed {
            err(&format!("ktstr: {name} could not be removed: {why}\n"));
        }
        Ok(if self.failed.is_empty() { Exit::Pass } else { Exit::Environment })
    }
}

/// A directory that cannot be the parent of runs is a wrong argument; anything else is a lack of the machine.
fn failure(fault: &Fault) -> Failure {
    if fault.kind == FaultKind::Invalid {
        Failure::invalid(format!("{}; name a cgroup's directory there", fault.detail))
    } else {
        Failure::environment(fault.to_string())
    }
}
