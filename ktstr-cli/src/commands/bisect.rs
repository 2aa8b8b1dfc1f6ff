//! `ktstr bisect`: one step of `git bisect run`. It builds, where a command for that is given, runs, and
//! exits as git wants it: 0 good, 1 bad, 125 for a revision that cannot be judged, 255 where no revision is
//! to blame.

use crate::args::{Backend, Bisect};
use crate::commands::run;
use crate::exit::{Exit, Failure};
use crate::output::err;
use std::process::Command;

pub(crate) fn run(args: &mut Bisect) -> Result<Exit, Failure> {
    if let Some(build) = &args.build {
        let built = Command::new("sh").arg("-c").arg(build).status();
        let status =
            built.map_err(|error| Failure::environment(format!("`{build}` does not start: {error}")))?;
        if !status.success() {
            return Err(Failure::environment(format!(
                "`{build}` ended with {status}: this revision cannot be judged; build it by hand to see why"
            )));
        }
    }
    // A kernel is named to be run: never this machine's in its place.
    if args.run.vm.kernel.is_some() && args.run.backend == Backend::Auto {
        args.run.backend = Backend::Vm;
    }
    let exit = run::run(&args.run)?;
    let word = match exit {
        Exit::Pass => "good",
        Exit::Failed => "bad",
        Exit::Invalid => "not to be blamed: the scenario is not valid",
        Exit::Skipped | Exit::Environment | Exit::Inconclusive => "not to be judged",
    };
    err(&format!("ktstr: this revision is {word}\n"));
    Ok(exit)
}
