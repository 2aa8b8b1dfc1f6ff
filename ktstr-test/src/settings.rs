//! What a test asks for: which backend, which machine, which seed. What it leaves open, the environment says
//! (`KTSTR_TEST_BACKEND`, `KTSTR_TEST_KERNEL`, `KTSTR_TEST_SEED`), else there is a usual value.

use ktstr_core::{Checks, Scenario, Scheduler, Uniform};
use std::env::var;
use std::str::FromStr;
use std::time::Duration;

/// What plays the scenarios of a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Backend {
    /// The virtual machine where QEMU and a kernel are there, else the mock. Never Linux: the tests of a
    /// program run side by side, and would disturb each other on one machine.
    #[default]
    Auto,
    /// This machine, one test at a time.
    Linux,
    /// A real kernel in a virtual machine.
    Vm,
    /// A machine in memory, with a clock of its own.
    Mock,
}

impl Backend {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Auto, Self::Linux, Self::Vm, Self::Mock];

    /// Its name, in attributes and in the environment.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Linux => "linux",
            Self::Vm => "vm",
            Self::Mock => "mock",
        }
    }
}

impl FromStr for Backend {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let named = Self::ALL.into_iter().find(|backend| backend.name() == text);
        named.ok_or_else(|| format!("`{text}` is no backend; there are auto, linux, vm and mock"))
    }
}

/// What a test asks for; `None` where it leaves it open.
///
/// ```
/// use ktstr_test::{Backend, Settings};
/// const QUICK: Settings = Settings::NONE.backend(Backend::Mock).seed(7);
/// assert_eq!((QUICK.backend, QUICK.seed, QUICK.kernel), (Some(Backend::Mock), Some(7), None));
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// What plays it. Where not said: `KTSTR_TEST_BACKEND`, else [`Backend::Auto`].
    pub backend: Option<Backend>,
    /// The machine that the mock or the virtual machine is. Where not said: what the scenario file names,
    /// else 1x1x4x1.
    pub topology: Option<Uniform>,
    /// What the holds of a scenario share out. Where not said: what the file says, else a second.
    pub duration: Option<Duration>,
    /// How many workers a group has that does not say, at least 1. Where not said: what the file says, else
    /// 1.
    pub workers: Option<u32>,
    /// What random choices start from. Where not said: `KTSTR_TEST_SEED`, else 1.
    pub seed: Option<u64>,
    /// The kernel of the virtual machine: a release or the beginning of one, or a file. Where not said:
    /// `KTSTR_TEST_KERNEL`, else the newest that was fetched.
    pub kernel: Option<&'static str>,
    /// How long a virtual machine may take by this machine's clock.
    pub watchdog: Option<Duration>,
    /// The scheduler that all runs of the test have, where the scenario names none.
    pub scheduler: Option<&'static Scheduler<'static>>,
    /// What is expected of the workers. Where not said: what the file says, else nothing.
    pub checks: Option<Checks>,
}

impl Settings {
    /// Everything is left open.
    pub const NONE: Self = Self {
        backend: None,
        topology: None,
        duration: None,
        workers: None,
        seed: None,
        kernel: None,
        watchdog: None,
        scheduler: None,
        checks: None,
    };

    /// What plays it.
    #[must_use]
    pub const fn backend(mut self, backend: Backend) -> Self {
        self.backend = Some(backend);
        self
    }

    /// The machine that the mock or the virtual machine is.
    #[must_use]
    pub const fn topology(mut self, topology: Uniform) -> Self {
        self.topology = Some(topology);
        self
    }

    /// What the holds of a scenario share out.
    #[must_use]
    pub const fn duration(mut self, duration: Duration) -> Self {
        self.duration = Some(duration);
        self
    }

    /// How many workers a group has that does not say.
    #[must_use]
    pub const fn workers(mut self, workers: u32) -> Self {
        self.workers = Some(workers);
        self
    }

    /// What random choices start from.
    #[must_use]
    pub const fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// The kernel of the virtual machine.
    #[must_use]
    pub const fn kernel(mut self, kernel: &'static str) -> Self {
        self.kernel = Some(kernel);
        self
    }

    /// How long a virtual machine may take by this machine's clock.
    #[must_use]
    pub const fn watchdog(mut self, watchdog: Duration) -> Self {
        self.watchdog = Some(watchdog);
        self
    }

    /// The scheduler that all runs of the test have.
    #[must_use]
    pub const fn scheduler(mut self, scheduler: &'static Scheduler<'static>) -> Self {
        self.scheduler = Some(scheduler);
        self
    }

    /// What is expected of the workers.
    #[must_use]
    pub const fn checks(mut self, checks: Checks) -> Self {
        self.checks = Some(checks);
        self
    }

    /// The scenario with what is asked for.
    pub(crate) fn apply<'a>(&self, scenario: &Scenario<'a>) -> Scenario<'a> {
        let mut scenario = scenario.clone();
        scenario.duration = self.duration.unwrap_or(scenario.duration);
        scenario.workers_per_cgroup = self.workers.unwrap_or(scenario.workers_per_cgroup);
        scenario.topology = self.topology.or(scenario.topology);
        scenario.checks = self.checks.unwrap_or(scenario.checks);
        scenario.backdrop.scheduler = scenario.backdrop.scheduler.or(self.scheduler);
        scenario
    }

    /// The backend that is asked for.
    ///
    /// # Errors
    /// When the environment names one that there is not.
    pub(crate) fn wanted(&self) -> Result<Backend, String> {
        match (self.backend, var("KTSTR_TEST_BACKEND")) {
            (Some(backend), _) => Ok(backend),
            (None, Ok(text)) => text.parse().map_err(|error| format!("KTSTR_TEST_BACKEND: {error}")),
            (None, Err(_)) => Ok(Backend::Auto),
        }
    }

    /// The seed.
    ///
    /// # Errors
    /// When the environment says something else than a number.
    pub(crate) fn seed_or_usual(&self) -> Result<u64, String> {
        match (self.seed, var("KTSTR_TEST_SEED")) {
            (Some(seed), _) => Ok(seed),
            (None, Ok(text)) => {
                text.parse().map_err(|_| format!("KTSTR_TEST_SEED: `{text}` is no seed; write a number"))
            }
            (None, Err(_)) => Ok(1),
        }
    }

    /// The kernel that is asked for, if one is.
    pub(crate) fn wanted_kernel(&self) -> Option<String> {
        self.kernel.map(str::to_owned).or_else(|| var("KTSTR_TEST_KERNEL").ok())
    }
}
