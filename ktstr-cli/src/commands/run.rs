//! `ktstr run`: plays a scenario on a backend, and judges it.

use crate::args::{Backend as Wanted, Format, Run, Seeds};
use crate::choice;
use crate::exit::{Exit, Failure};
use crate::explore::{Tried, explore};
use crate::machine::TopologyArg;
use crate::mock_payloads;
use crate::output::{err, out};
use crate::report_file::ReportFile;
use crate::run_once::{on_linux, on_mock};
use crate::scenario_file::ScenarioFile;
use crate::vm::{self, Guest, failure};
use bumpalo::Bump;
use ktstr_file::report::RunReport;
use ktstr_file::report::text::counted;
use ktstr_file::report::text::render_text;
use ktstr_linux::interrupt::Flag;

pub(crate) fn run(args: &Run) -> Result<Exit, Failure> {
    let arena = Bump::new();
    let file = ScenarioFile::read(&args.file, &arena)?;
    file.judge(None)?;
    let (place, reason) = choose(args, &file)?;
    if !reason.is_empty() {
        err(&format!("ktstr: running on {}: {reason}\n", place.name()));
    }
    if place == Place::Mock && mock_payloads::assumes(file.scenario()) {
        err(
            "ktstr: the mock runs no programs: those that are waited for or measured are taken to pass their checks\n",
        );
    }
    let report = args.report.as_deref().map(ReportFile::prepare).transpose()?;
    let runner = Runner::new(args, &file, place, reason)?;
    match args.seeds {
        Some(seeds) => many(args, &runner, seeds),
        None => once(args, &runner, report),
    }
}

/// Where a scenario runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Linux,
    Vm,
    Mock,
}

impl Place {
    fn name(self) -> &'static str {
        match self {
            Self::Linux => "linux",
            Self::Vm => "vm",
            Self::Mock => "mock",
        }
    }
}

/// Where to run, and why there; no reason where it was asked for.
fn choose(args: &Run, file: &ScenarioFile<'_>) -> Result<(Place, String), Failure> {
    let place = match args.backend {
        Wanted::Linux => Place::Linux,
        Wanted::Vm => Place::Vm,
        Wanted::Mock => Place::Mock,
        Wanted::Auto => return Ok(choose_for(args, file)),
    };
    let vm = &args.vm;
    let asks_for_vm = vm.kernel.is_some() || vm.qemu.is_some() || vm.saved || vm.timeout.is_some();
    match place {
        Place::Linux if args.topology.is_some() => Err(Failure::invalid(
            "--topology is for the mock and the virtual machine: Linux runs on what there is",
        )),
        Place::Linux | Place::Mock if asks_for_vm => Err(Failure::invalid(
            "--kernel, --qemu, --saved and --timeout are for the virtual machine: add --backend vm",
        )),
        place => Ok((place, String::new())),
    }
}

fn choose_for(args: &Run, file: &ScenarioFile<'_>) -> (Place, String) {
    let linux_lacks = match args.topology {
        Some(TopologyArg::Shape(_)) => {
            Some("it runs on what there is, and a topology is asked for".to_owned())
        }
        _ => choice::linux_lacks(file),
    };
    let Some(lack) = linux_lacks else {
        return (Place::Linux, "this machine has what the scenario needs".to_owned());
    };
    let lack = format!("Linux cannot carry the scenario here: {lack}");
    match vm::lacks(&args.vm) {
        None => (Place::Vm, lack),
        Some(missing) => (Place::Mock, format!("{lack}; no virtual machine: {missing}")),
    }
}

/// One scenario on one backend, for any number of seeds.
struct Runner<'r, 'a> {
    args: &'r Run,
    file: &'r ScenarioFile<'a>,
    place: Place,
    reason: String,
    interrupt: Option<Flag>,
    guest: Option<Guest>,
}

impl<'r, 'a> Runner<'r, 'a> {
    fn new(args: &'r Run, file: &'r ScenarioFile<'a>, place: Place, reason: String) -> Result<Self, Failure> {
        // Nothing of the mock has to be cleaned up.
        let interrupt = if place == Place::Mock { None } else { Flag::on_signals() };
        let guest = match place {
            Place::Vm => Some(Guest::new(file, args.topology, &args.vm, interrupt.as_ref())?),
            Place::Linux | Place::Mock => None,
        };
        Ok(Self { args, file, place, reason, interrupt, guest })
    }

    fn run(&self, seed: u64) -> Result<(RunReport, Exit), Failure> {
        match (&self.guest, self.place) {
            (Some(guest), _) => {
                guest.run(self.file.scenario(), seed, &self.reason).map_err(|error| failure(&error))
            }
            (None, Place::Linux) => on_linux(self.file, self.interrupt.clone(), seed, &self.reason),
            (None, _) => on_mock(self.file, self.args.topology, seed, &self.reason),
        }
    }

    fn is_interrupted(&self) -> bool {
        self.interrupt.as_ref().is_some_and(|flag| flag.count() > 0)
    }
}

fn once(args: &Run, runner: &Runner<'_, '_>, place: Option<ReportFile>) -> Result<Exit, Failure> {
    let (report, exit) = runner.run(args.seed)?;
    let is_shown = place.as_ref().is_some_and(ReportFile::is_shown);
    // The file first: it is there also when nobody can read what is shown.
    if let Some(place) = place {
        place.write(&report)?;
    }
    if !is_shown {
        match args.format {
            Format::Text => out(&render_text(&report))?,
            Format::Json => out(&report.to_json())?,
        }
    }
    Ok(exit)
}

/// One run for each seed; shows the runs that do not pass and how to repeat them.
fn many(args: &Run, runner: &Runner<'_, '_>, seeds: Seeds) -> Result<Exit, Failure> {
    let side_by_side = match runner.place {
        // Runs on one machine would disturb each other.
        Place::Linux => 1,
        Place::Vm | Place::Mock => std::thread::available_parallelism().map_or(1, usize::from),
    };
    let stop = |one: &Tried| runner.is_interrupted() || (args.stop_on_failure && one.exit != Exit::Pass);
    let run = |seed| runner.run(seed).map(|(report, exit)| (report.verdict, exit));
    let tried = explore(seeds, side_by_side, run, stop)?;
    let failing: Vec<_> = tried.iter().filter(|one| one.exit != Exit::Pass).collect();
    let name = runner.place.name();
    for one in &failing {
        let (seed, verdict) = (one.seed, one.verdict.name());
        out(&format!("seed {seed}: {verdict}, again with: {}\n", again(args, name, seed)))?;
    }
    let runs = counted(tried.len() as u64, "run", "runs");
    out(&format!("{runs} on {name}, {} did not pass\n", failing.len()))?;
    let exit = tried.iter().fold(Exit::Pass, |exit, one| exit.and(one.exit));
    Ok(if runner.is_interrupted() { exit.and(Exit::Inconclusive) } else { exit })
}

/// The command that runs one seed again.
fn again(args: &Run, backend: &str, seed: u64) -> String {
    let topology = args.topology.map(|topology| format!(" --topology {topology}")).unwrap_or_default();
    let option = |name: &str, value: &Option<String>| match value {
        Some(value) if backend == "vm" => format!(" --{name} {value}"),
        _ => String::new(),
    };
    let (kernel, qemu) = (option("kernel", &args.vm.kernel), option("qemu", &args.vm.qemu));
    format!("ktstr run --backend {backend} --seed {seed}{topology}{kernel}{qemu} {}", args.file.display())
}
