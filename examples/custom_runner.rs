//! A test runner of one's own: it links the crates, picks a backend, listens to the run, and prints a verdict
//! a line. It plays what is in it, and the scenario files that are its arguments.

use ktstr_core::prelude::*;
use ktstr_core::{Backend, CheckResult, Observer, RunError};
use ktstr_file::{ScenarioFile, play_scenario};
use ktstr_linux::{LinuxBackend, Options};
use ktstr_mock::MockBackend;
use std::process::ExitCode;
use std::time::Duration;

const PAIRS: &[CgroupDef] = &[
    CgroupDef::named("pipes").workers(2).work_type(WorkType::pipe_io(64)),
    CgroupDef::named("spinner").work_type(WorkType::SpinWait),
];
const CHURN: &[Op] = &[Op::freeze_cgroup("spinner"), Op::unfreeze_cgroup("spinner")];

static SCENARIOS: [Scenario; 2] = [
    Scenario::new("side by side")
        .duration(Duration::from_millis(300))
        .steps(&[Step::with_defs(PAIRS, HoldSpec::FULL)])
        .checks(Checks::NONE.not_starved()),
    Scenario::new("freeze and thaw")
        .duration(Duration::from_millis(300))
        .backdrop(Backdrop::new().push_cgroup(CgroupDef::named("spinner")))
        .steps(&[Step::new(CHURN, HoldSpec::loop_at(Duration::from_millis(50)))])
        .checks(Checks::NONE.not_starved()),
];

/// Keeps what failed.
#[derive(Default)]
struct Failures(Vec<String>);

impl<'a> Observer<'a> for Failures {
    fn check(&mut self, result: &CheckResult<'a>) {
        if result.verdict == Verdict::Fail {
            let value = result.value.map_or("nothing".to_owned(), |value| value.to_string());
            self.0.push(format!(
                "{} {}: {value} against {}",
                result.subject,
                result.kind.name(),
                result.bound
            ));
        }
    }
}

fn run<'a>(scenarios: &[&'a Scenario<'a>], backend: &mut impl Backend) -> Result<bool, RunError<'a>> {
    let mut all_passed = true;
    for &scenario in scenarios {
        let mut failures = Failures::default();
        let report = play_scenario(scenario, backend, 1, &mut failures)?;
        println!("{:>12}  {} on {}", report.verdict.name(), scenario.name, backend.name());
        failures.0.iter().for_each(|line| println!("{:>12}  {line}", ""));
        all_passed &= report.verdict.is_good();
    }
    Ok(all_passed)
}

fn main() -> ExitCode {
    let files: Result<Vec<_>, _> = std::env::args_os().skip(1).map(ScenarioFile::read).collect();
    let files = match files {
        Ok(files) => files,
        Err(problems) => {
            eprintln!("{problems}");
            return ExitCode::from(2);
        }
    };
    let scenarios: Vec<_> = SCENARIOS.iter().chain(files.iter().map(ScenarioFile::scenario)).collect();
    let outcome = match LinuxBackend::new(Options::default()) {
        Ok(mut linux) => run(&scenarios, &mut linux),
        Err(fault) => {
            println!("on the mock, because {fault}");
            run(&scenarios, &mut MockBackend::new(Topology::uniform(1, 1, 4, 1)))
        }
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}
