//! What is run where: on this machine, or in one boot of a guest. The same plan gives the same programs
//! everywhere.

use super::enumerate::{ALPHABETS, Alphabet};
use super::generate;
use super::program;
use super::real::Hierarchy;
use super::rows;
use super::tally::Tally;
use super::trace::trace;
use super::workers;
use ktstr_core::{Controller, Controllers, Uniform};
use ktstr_testkit::rows::table::TABLES;
use ktstr_vm::{Cache, Image, Job, Vm, VmError, resolve};
use std::path::Path;
use std::time::Duration;

/// CPUs and nodes of the guest that programs run in.
const GUEST: Uniform = Uniform::new(2, 1, 2, 1);
/// Rows name up to 8 CPUs, and know one node.
const ROWS_GUEST: Uniform = Uniform::new(1, 1, 8, 1);
/// Scenarios with workers are drawn for two CPUs.
const WORKERS_GUEST: Uniform = Uniform::new(1, 1, 2, 1);
/// Host time for a boot, emulated on a busy machine.
const BOOT: Duration = Duration::from_secs(600);
/// The same for each program in it; an idle machine takes a fifteenth of that.
const EACH: Duration = Duration::from_secs(1);

/// Programs to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// The first seed.
    pub from: u64,
    /// How many seeds.
    pub seeds: u64,
    /// Every how many-th enumerated program is run: 1 for all, 0 for none.
    pub every: usize,
}

impl Plan {
    /// As words for the guest.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        vec![self.from.to_string(), self.seeds.to_string(), self.every.to_string()]
    }

    /// The plan that the words say; what is missing is 1, 2000 and 1: 3,198 programs where there are
    /// controllers.
    #[must_use]
    pub fn from_words(words: &[impl AsRef<str>]) -> Self {
        let number = |at: usize, default: u64| {
            words.get(at).and_then(|word| word.as_ref().parse().ok()).unwrap_or(default)
        };
        Self { from: number(0, 1), seeds: number(1, 2000), every: number(2, 1) as usize }
    }

    /// Plays its seeds as scenarios with workers, on this machine.
    #[must_use]
    pub fn workers(&self, hierarchy: &Hierarchy) -> workers::Tally {
        workers::Tally::of(self.from..self.from.saturating_add(self.seeds), hierarchy.machine.version)
    }

    /// How many programs it has in a guest.
    fn count(&self) -> u64 {
        let part = |alphabet: &Alphabet| {
            alphabet.count().checked_div(self.every).map_or(0, |count| count as u64 + 1)
        };
        self.seeds.saturating_add(played(Controller::ALL.into_iter().collect()).map(part).sum())
    }

    /// Runs it on a hierarchy.
    #[must_use]
    pub fn run(&self, hierarchy: &Hierarchy) -> Tally {
        let mut tally = Tally::default();
        let controllers = hierarchy.machine.controllers;
        for alphabet in played(controllers).filter(|_| self.every > 0) {
            tally.run(alphabet.programs().step_by(self.every), hierarchy);
        }
        let seeds = self.from..self.from.saturating_add(self.seeds);
        tally.run(seeds.map(|seed| generate::program(seed, controllers)), hierarchy);
        tally
    }
}

/// The alphabets that are played: those that need controllers where there are all, the others where there are
/// none.
fn played(controllers: Controllers) -> impl Iterator<Item = &'static Alphabet> {
    let (all, none) = (controllers.iter().count() == Controller::ALL.len(), controllers.is_empty());
    ALPHABETS.iter().filter(move |alphabet| if alphabet.controllers { all } else { none })
}

/// The guest's part: all controllers on, what the job asks for, the outcome as text.
#[must_use]
pub fn in_guest(job: &Job) -> Vec<u8> {
    let done =
        Hierarchy::with_all_controllers().and_then(|hierarchy| match job.args.first().map(String::as_str) {
            Some(ROWS) => Ok(rows::play_all(&hierarchy, true).to_string()),
            Some(TRACE) => traces(&job.scenario, &hierarchy),
            Some(WORKERS) => Ok(Plan::from_words(&job.args[1..]).workers(&hierarchy).to_string()),
            _ => Ok(Plan::from_words(&job.args).run(&hierarchy).to_string()),
        });
    done.unwrap_or_else(|reason| format!("in the guest: {reason}")).into_bytes()
}

/// What a job says that wants scenarios with workers.
const WORKERS: &str = "workers";
/// What a job says that wants rows.
const ROWS: &str = "rows";
/// What a job says that brings programs of its own.
const TRACE: &str = "trace";

/// Plays programs in text form, an empty line between them, and reports each step of them.
///
/// # Errors
/// A line that is no action, or a hierarchy that cannot be worked in.
pub fn traces(programs: &str, hierarchy: &Hierarchy) -> Result<String, String> {
    let mut reported = Vec::new();
    for text in programs.split("\n\n").filter(|text| !text.trim().is_empty()) {
        reported.push(trace(&program::parse(text)?, hierarchy)?);
    }
    Ok(reported.join("\n"))
}

/// Boots a kernel with `program`, which has to call [`in_guest`] there, and brings its release and the tally
/// back as text.
///
/// # Errors
/// Any error of the machine.
pub fn in_vm(kernel: &str, program: &Path, plan: &Plan) -> Result<(String, String), VmError> {
    let job = Job { seed: plan.from, args: plan.words(), ..Job::default() };
    boot(kernel, program, GUEST, plan.count(), job)
}

/// The same for the rows.
///
/// # Errors
/// Any error of the machine.
pub fn rows_in_vm(kernel: &str, program: &Path) -> Result<(String, String), VmError> {
    let rows = TABLES.iter().map(|(_, rows)| rows.len() as u64).sum();
    boot(kernel, program, ROWS_GUEST, rows, Job { args: vec![ROWS.to_owned()], ..Job::default() })
}

/// The same for scenarios with workers, as many as the plan has seeds.
///
/// # Errors
/// Any error of the machine.
pub fn workers_in_vm(kernel: &str, program: &Path, plan: &Plan) -> Result<(String, String), VmError> {
    let args = std::iter::once(WORKERS.to_owned()).chain(plan.words()).collect();
    boot(kernel, program, WORKERS_GUEST, plan.seeds, Job { seed: plan.from, args, ..Job::default() })
}

/// The same for [`traces`] of programs.
///
/// # Errors
/// Any error of the machine.
pub fn traces_in_vm(kernel: &str, program: &Path, programs: String) -> Result<(String, String), VmError> {
    let count = programs.split("\n\n").count() as u64;
    let job = Job { scenario: programs, args: vec![TRACE.to_owned()], ..Job::default() };
    boot(kernel, program, GUEST, count, job)
}

/// Boots a guest for so many programs or rows.
fn boot(
    kernel: &str,
    program: &Path,
    topology: Uniform,
    count: u64,
    job: Job,
) -> Result<(String, String), VmError> {
    let kernel = resolve(kernel, &Cache::of_user())?;
    let image = Image::with_init(program)?;
    let timeout = BOOT + EACH.saturating_mul(u32::try_from(count).unwrap_or(u32::MAX));
    // A guest that sleeps runs ahead of the host.
    let job = Job { limit: Some(timeout.saturating_mul(20)), ..job };
    let run = Vm::new(kernel).topology(topology).timeout(timeout).run_job(&job, &image)?;
    let answer = run
        .answer
        .map_err(|finding| VmError::Guest { reason: finding.to_string(), console: finding.console })?;
    Ok((run.repeat.kernel_release, String::from_utf8_lossy(&answer).into_owned()))
}
