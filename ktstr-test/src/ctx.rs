//! What a test function is given: the machine, and what the attribute says; and the ways to play something.

use crate::error::Error;
use crate::machine::Machine;
use crate::settings::Settings;
use ktstr_core::{Backdrop, CgroupDef, HoldSpec, Scenario, Step, Topology};
use ktstr_file::ScenarioFile;
use ktstr_file::report::RunReport;
use ktstr_file::suite::Status;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// What a test function is given.
pub struct Ctx {
    /// The machine that its scenarios are played on.
    pub topo: Topology,
    /// What the holds of its scenarios share out.
    pub duration: Duration,
    /// How many workers a group has that does not say.
    pub workers_per_cgroup: u32,
    /// What random choices start from.
    pub seed: u64,
    name: String,
    settings: Settings,
    machine: Machine,
    heard: Mutex<Heard>,
}

/// What came of the runs of a test.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    /// The report of the run that came out worst.
    pub(crate) worst: Option<RunReport>,
    /// What the environment lacked, with the backend's name.
    pub(crate) lack: Option<(&'static str, String)>,
}

impl Ctx {
    /// A context of one's own, as the attribute makes one: for tests that have another harness.
    ///
    /// ```
    /// use ktstr_test::prelude::*;
    ///
    /// let ctx = Ctx::new("mine", Settings::NONE.backend(Backend::Mock))?;
    /// let defs = [ctx.cgroup_def("left"), ctx.cgroup_def("right").cpuset(CpusetSpec::disjoint(1, 2))];
    /// assert_eq!(execute_defs(&ctx, &defs)?.verdict, Verdict::Pass);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// When there can be no such machine here.
    pub fn new(name: impl Into<String>, settings: Settings) -> Result<Self, Error> {
        Self::on(name.into(), settings, None)
    }

    /// The same in the shape that a scenario names, where the settings name none.
    pub(crate) fn on(
        name: String,
        settings: Settings,
        named: Option<ktstr_core::Uniform>,
    ) -> Result<Self, Error> {
        let seed = settings.seed_or_usual().map_err(Error::usage)?;
        let machine = Machine::of(&settings, named)?;
        Ok(Self {
            topo: *machine.topology(),
            duration: settings.duration.unwrap_or(Duration::from_secs(1)),
            workers_per_cgroup: settings.workers.unwrap_or(1),
            seed,
            name,
            settings,
            machine,
            heard: Mutex::default(),
        })
    }

    /// The test's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the backend is called, as in reports.
    pub fn backend(&self) -> &'static str {
        self.machine.name()
    }

    /// A cgroup with as many workers as the context says.
    pub fn cgroup_def<'a>(&self, name: &'a str) -> CgroupDef<'a> {
        CgroupDef::named(name).workers(self.workers_per_cgroup)
    }

    /// Plays a scenario, with what the attribute says in place of what it says itself. A run whose checks
    /// fail has a report, which says so.
    ///
    /// # Errors
    /// When it is not valid on this machine, or gives no report.
    pub fn play(&self, scenario: &Scenario<'_>) -> Result<RunReport, Error> {
        self.note(self.machine.play(&self.settings.apply(scenario), self.seed))
    }

    /// Plays a scenario file, read for this machine.
    ///
    /// # Errors
    /// As [`play`](Self::play).
    pub fn play_file(&self, file: &ScenarioFile) -> Result<RunReport, Error> {
        let anew = file.for_machine(&self.topo).transpose();
        let anew = anew.map_err(|problems| Error::problems(&problems))?;
        let file = anew.as_ref().unwrap_or(file);
        file.judge(Some(&self.topo)).map_err(|problems| Error::problems(&problems))?;
        self.play(file.scenario())
    }

    fn note(&self, played: Result<RunReport, Error>) -> Result<RunReport, Error> {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        match &played {
            Ok(report) => {
                let worse = |worst: &RunReport| Status::of(report) > Status::of(worst);
                if heard.worst.as_ref().is_none_or(worse) {
                    heard.worst = Some(report.clone());
                }
            }
            Err(Error::Lack { backend, message }) => heard.lack = Some((backend, message.clone())),
            Err(Error::Invalid { .. } | Error::Broken { .. }) => {}
        }
        played
    }

    pub(crate) fn into_heard(self) -> Heard {
        self.heard.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Plays steps before a Backdrop.
///
/// # Errors
/// As [`Ctx::play`].
pub fn execute_scenario<'a>(
    ctx: &Ctx,
    backdrop: Backdrop<'a>,
    steps: impl AsRef<[Step<'a>]>,
) -> Result<RunReport, Error> {
    ctx.play(&ctx.scenario(backdrop, steps.as_ref()))
}

/// Plays steps without a Backdrop.
///
/// # Errors
/// As [`Ctx::play`].
pub fn execute_steps<'a>(ctx: &Ctx, steps: impl AsRef<[Step<'a>]>) -> Result<RunReport, Error> {
    execute_scenario(ctx, Backdrop::new(), steps)
}

/// Sets cgroups up and holds them for the duration.
///
/// # Errors
/// As [`Ctx::play`].
pub fn execute_defs<'a>(ctx: &Ctx, defs: impl AsRef<[CgroupDef<'a>]>) -> Result<RunReport, Error> {
    execute_steps(ctx, [Step::with_defs(defs.as_ref(), HoldSpec::FULL)])
}

impl Ctx {
    /// A scenario with the name, duration and workers of the context.
    fn scenario<'a>(&'a self, backdrop: Backdrop<'a>, steps: &'a [Step<'a>]) -> Scenario<'a> {
        let cut = self.name.char_indices().map(|(at, _)| at).filter(|at| self.name.len() - at <= 64).min();
        Scenario::new(&self.name[cut.unwrap_or(0)..])
            .duration(self.duration)
            .workers_per_cgroup(self.workers_per_cgroup)
            .backdrop(backdrop)
            .steps(steps)
    }
}
