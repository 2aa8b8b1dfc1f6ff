//! What is run where: on this machine, or in one boot of a guest. The same plan gives the same programs everywhere.

use super::enumerate::ALPHABETS;
use super::generate;
use super::program;
use super::real::Hierarchy;
use super::rows;
use super::tally::Tally;
use super::trace::trace;
use ktstr_core::topology::Uniform;
use ktstr_vm::{Cache, Image, Job, Vm, VmError, resolve};
use std::path::Path;
use std::time::Duration;

/// CPUs and nodes of the guest that programs run in.
const GUEST: Uniform = Uniform::new(2, 1, 2, 1);
/// Rows name up to 8 CPUs, and know one node.
const ROWS_GUEST: Uniform = Uniform::new(1, 1, 8, 1);
/// Host time for a boot and all its programs, emulated.
const TIMEOUT: Duration = Duration::from_secs(3000);

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

    /// The plan that the words say; what is missing is 1, 1000 and 1.
    #[must_use]
    pub fn from_words(words: &[impl AsRef<str>]) -> Self {
        let number = |at: usize, default: u64| {
            words.get(at).and_then(|word| word.as_ref().parse().ok()).unwrap_or(default)
        };
        Self { from: number(0, 1), seeds: number(1, 1000), every: number(2, 1) as usize }
    }

    /// Runs it on a hierarchy.
    #[must_use]
    pub fn run(&self, hierarchy: &Hierarchy) -> Tally {
        let mut tally = Tally::default();
        let controllers = hierarchy.machine.controllers;
        for alphabet in ALPHABETS {
            let played =
                if alphabet.controllers { controllers.iter().count() == 5 } else { controllers.is_empty() };
            if played && self.every > 0 {
                tally.run(alphabet.programs().step_by(self.every), hierarchy);
            }
        }
        let seeds = self.from..self.from + self.seeds;
        tally.run(seeds.map(|seed| generate::program(seed, controllers)), hierarchy);
        tally
    }
}

/// The guest's part: all controllers on, what the job asks for, the outcome as text.
#[must_use]
pub fn in_guest(job: &Job) -> Vec<u8> {
    let done =
        Hierarchy::with_all_controllers().and_then(|hierarchy| match job.args.first().map(String::as_str) {
            Some(ROWS) => Ok(rows::play_all(&hierarchy, true).to_string()),
            Some(TRACE) => traces(&job.scenario, &hierarchy),
            _ => Ok(Plan::from_words(&job.args).run(&hierarchy).to_string()),
        });
    done.unwrap_or_else(|reason| format!("in the guest: {reason}")).into_bytes()
}

/// What a job says that wants rows.
const ROWS: &str = "rows";
/// What a job says that brings programs of its own.
const TRACE: &str = "trace";

/// Plays programs in text form, an empty line between them, and tells each step of them.
///
/// # Errors
/// A line that is no action, or a hierarchy that cannot be worked in.
pub fn traces(programs: &str, hierarchy: &Hierarchy) -> Result<String, String> {
    let mut told = Vec::new();
    for text in programs.split("\n\n").filter(|text| !text.trim().is_empty()) {
        told.push(trace(&program::parse(text)?, hierarchy)?);
    }
    Ok(told.join("\n"))
}

/// Boots a kernel with `program`, which has to call [`in_guest`] there, and brings its release and the tally back as text.
///
/// # Errors
/// Any error of the machine.
pub fn in_vm(kernel: &str, program: &Path, plan: &Plan) -> Result<(String, String), VmError> {
    boot(kernel, program, GUEST, Job { seed: plan.from, args: plan.words(), ..Job::default() })
}

/// The same for the rows.
///
/// # Errors
/// Any error of the machine.
pub fn rows_in_vm(kernel: &str, program: &Path) -> Result<(String, String), VmError> {
    boot(kernel, program, ROWS_GUEST, Job { args: vec![ROWS.to_owned()], ..Job::default() })
}

/// The same for [`traces`] of programs.
///
/// # Errors
/// Any error of the machine.
pub fn traces_in_vm(kernel: &str, program: &Path, programs: String) -> Result<(String, String), VmError> {
    boot(kernel, program, GUEST, Job { scenario: programs, args: vec![TRACE.to_owned()], ..Job::default() })
}

fn boot(kernel: &str, program: &Path, topology: Uniform, job: Job) -> Result<(String, String), VmError> {
    let kernel = resolve(kernel, &Cache::of_user())?;
    let image = Image::with_init(program)?;
    let run = Vm::new(kernel).topology(topology).timeout(TIMEOUT).run_job(&job, &image)?;
    Ok((run.repeat.kernel_release, String::from_utf8_lossy(&run.answer).into_owned()))
}
