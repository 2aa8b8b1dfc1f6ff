//! `ktstr.toml` of the folder that the program is called in, or of the nearest above: what it says holds
//! where the command line says nothing.

use crate::args::{Args, Backend, Command, Run};
use crate::exit::Failure;
use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory, FromArgMatches, ValueEnum};
use ktstr_core::Uniform;
use ktstr_file::defaults::Defaults;
use ktstr_vm::Accel;
use std::sync::OnceLock;

static USUAL: OnceLock<Uniform> = OnceLock::new();

/// The machine that is built for scenarios which name none, if the file says one.
pub(crate) fn usual_machine() -> Option<Uniform> {
    USUAL.get().copied()
}

/// The command line, and what of it was given: what was not, the file may say.
pub(crate) struct Parsed {
    pub(crate) args: Args,
    matches: ArgMatches,
}

impl Parsed {
    /// Reads the command line.
    ///
    /// # Errors
    /// What is wrong with it, or help that was asked for.
    pub(crate) fn of_command_line() -> Result<Self, clap::Error> {
        let matches = Args::command().try_get_matches()?;
        let args = Args::from_arg_matches(&matches)?;
        Ok(Self { args, matches })
    }

    /// Adds what the file says, for the commands that run something.
    ///
    /// # Errors
    /// All that is wrong with the file.
    pub(crate) fn fill(&mut self) -> Result<(), Failure> {
        let Some((_, given)) = self.matches.subcommand() else { return Ok(()) };
        let run = match &mut self.args.command {
            Command::Run(run) => run,
            Command::Watch(watch) => &mut watch.run,
            Command::Bisect(bisect) => &mut bisect.run,
            _ => return Ok(()),
        };
        // A folder that is gone has no file above it either.
        let Ok(here) = std::env::current_dir() else { return Ok(()) };
        let defaults = Defaults::above(&here)?;
        if let Some(shape) = defaults.get("topology").and_then(|text| text.parse::<Uniform>().ok()) {
            let _ = USUAL.set(shape);
        }
        fill(run, given, &defaults);
        if self.args.color.is_none() {
            self.args.color = defaults.get("color").and_then(|word| ValueEnum::from_str(word, false).ok());
        }
        Ok(())
    }
}

/// Adds to a run what was not given. Options of the virtual machine only where it may be that which runs:
/// elsewhere they would be refused.
fn fill(run: &mut Run, given: &ArgMatches, defaults: &Defaults) {
    let is_open = |id: &str| given.value_source(id).is_none_or(|source| source == ValueSource::DefaultValue);
    let says = |id: &str| defaults.get(id).filter(|_| is_open(id));
    if let Some(backend) = says("backend").and_then(|word| Backend::from_str(word, false).ok()) {
        run.backend = backend;
    }
    if let Some(jobs) = says("jobs").and_then(|number| number.parse().ok()) {
        run.suite.jobs = Some(jobs);
    }
    // One file alone is shown whole: it is tried again only where that is asked for.
    if let Some(retries) = says("retries").and_then(|number| number.parse().ok())
        && run.is_suite()
    {
        run.suite.retries = retries;
    }
    match run.backend {
        Backend::Auto | Backend::Vm => {}
        Backend::Linux | Backend::Mock => return,
    }
    if is_open("kernel") {
        run.vm.kernel = defaults.path_of("kernel").or(run.vm.kernel.take());
    }
    if is_open("qemu") {
        run.vm.qemu = defaults.path_of("qemu").or(run.vm.qemu.take());
    }
    if let Some(accel) = says("accel").and_then(|word| word.parse::<Accel>().ok()) {
        run.vm.accel = accel;
    }
    run.vm.saved |= says("saved") == Some("true");
    if let Some(timeout) = says("timeout").and_then(|text| ktstr_file::parse_duration(text).ok()) {
        run.vm.timeout = Some(timeout);
    }
}
