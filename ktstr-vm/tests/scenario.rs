//! Plays whole scenarios on a real kernel in a guest, as a user's own test would: no test harness, so that
//! `main` can begin with the guest program's part. Without QEMU or a kernel it says SKIP; with
//! `KTSTR_REQUIRE=vm` that is a failure. Arguments are parts of names of the cases to run;
//! `KTSTR_TEST_KERNEL` names the kernel (6.12 without). `KTSTR_TEST_SALT` is added to the kernel's
//! parameters: `salt=2` makes of each seed another run, as another machine does.

use ktstr_core::prelude::*;
use ktstr_file::report::RunReport;
use ktstr_vm::{
    Archive, Cache, Image, Kernel, Next, ScenarioRun, Vm, explore, guest_runs_scenarios, replay, resolve,
};
use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

/// What a case is.
type Case = fn(&Bench);

/// Each case, by the behaviour it shows.
const CASES: [(&str, Case); 11] = [
    ("the quickstart passes as it stands", quickstart),
    ("equal workers do equal work, and holds take as long as asked", equal_work),
    ("a program from the directory for temporary files is found", program_from_tmp),
    ("twenty runs of one seed give one report", twenty_runs),
    ("eight CPUs on two nodes repeat too", eight_cpus),
    ("twenty restored runs of one seed give one report", twenty_restored),
    ("ten seeds are at least eight interleavings", ten_seeds),
    ("fifty cgroups are made and torn down", fifty_cgroups),
    ("a replay finds no difference, and finds one that was made", replayed),
    ("exploring runs each seed once and stops when reported", explored),
    ("what the guest cannot carry is reported from what fails in it", refused),
];

const CELL: CgroupDef<'_> = CgroupDef::named("cell").workers(3);
const RIVAL: CgroupDef<'_> = CgroupDef::named("rival").workers(3).work_type(WorkType::YieldHeavy);
const HOLD: [Step<'_>; 1] = [Step::hold(HoldSpec::Fixed(Duration::from_millis(400)))];

/// Six workers on four CPUs.
static CONTENTION: Scenario<'static> = Scenario::new("contention")
    .duration(Duration::from_secs(1))
    .backdrop(Backdrop::new().push_cgroup(CELL).push_cgroup(RIVAL))
    .steps(&HOLD);
const _: () = CONTENTION.assert_valid();

struct Bench {
    kernel: Kernel,
    /// For scenarios without programs.
    image: Archive,
    states: tempfile::TempDir,
}

impl Bench {
    fn vm(&self) -> Vm {
        Vm::new(self.kernel.clone()).kernel_parameters(&salt()).timeout(Duration::from_secs(240))
    }

    fn restored(&self) -> Vm {
        self.vm().saved_states(Cache::at(self.states.path()))
    }

    fn play(&self, vm: &Vm, scenario: &Scenario<'_>) -> ScenarioRun {
        let ran = vm.run_scenario(scenario, &self.image);
        ran.unwrap_or_else(|error| panic!("{error}\n{}", error.console().unwrap_or_default()))
    }

    /// Plays it `times` times, as many at a time as there are CPUs; all reports, as text, that differ.
    fn reports(&self, vm: &Vm, scenario: &Scenario<'_>, times: u64) -> BTreeSet<String> {
        let mut all = BTreeSet::new();
        explore(
            1..=times,
            None,
            |_| self.play(vm, scenario).report.to_json(),
            |_, report| {
                all.insert(report);
                Next::More
            },
        );
        all
    }
}

fn main() {
    guest_runs_scenarios();
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let spec = std::env::var("KTSTR_TEST_KERNEL").unwrap_or_else(|_| "6.12".to_owned());
    let kernel = resolve(&spec, &Cache::of_user()).map_err(|error| format!("{error}; {}", error.cure()));
    let qemu = ktstr_vm::emulator::resolve(None, &Cache::of_user());
    let bench = match (kernel, qemu) {
        (Ok(kernel), Ok(_)) => {
            let image =
                Image::for_scenario(&CONTENTION).and_then(|image| Vm::new(kernel.clone()).archive(&image));
            let states = tempfile::tempdir().unwrap();
            // A cache of its own, with the user's kernels.
            let kernels = Cache::of_user().directory().join("kernels");
            std::os::unix::fs::symlink(kernels, states.path().join("kernels")).unwrap();
            Bench { kernel, image: image.unwrap(), states }
        }
        (kernel, qemu) => {
            let reasons = [kernel.err(), qemu.err().map(|error| format!("{error}; {}", error.cure()))];
            println!("SKIP: all of {} cases: {reasons:?}", CASES.len());
            let required =
                std::env::var("KTSTR_REQUIRE").is_ok_and(|list| list.split(',').any(|word| word == "vm"));
            std::process::exit(i32::from(required));
        }
    };
    for (name, case) in CASES {
        if wanted.is_empty() || wanted.iter().any(|word| name.contains(word.as_str())) {
            let begin = Instant::now();
            case(&bench);
            println!("ok {name} ({:.1} s)", begin.elapsed().as_secs_f64());
        }
    }
}

fn salt() -> String {
    std::env::var("KTSTR_TEST_SALT").unwrap_or_default()
}

/// Plays a scenario file's text.
fn play_text(vm: &Vm, text: &str) -> Result<RunReport, ktstr_vm::VmError> {
    let file: ktstr_file::ScenarioFile = text.parse().unwrap();
    vm.run(file.scenario()).map(|ran| ran.report)
}

fn quickstart(bench: &Bench) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios/quickstart.toml");
    let report = match play_text(&bench.vm(), &std::fs::read_to_string(path).unwrap()) {
        Err(ktstr_vm::VmError::ProgramNotFound { name }) => {
            println!("SKIP: the quickstart: {name} is not on this machine");
            let required =
                std::env::var("KTSTR_REQUIRE").is_ok_and(|list| list.split(',').any(|word| word == "vm"));
            assert!(!required);
            return;
        }
        result => result.unwrap(),
    };
    assert_eq!((report.verdict, report.backend.as_str()), (Verdict::Pass, "vm"), "{}", report.to_json());
    assert_eq!(report.leftovers, Vec::<String>::new());
    let cell = report.cgroups.iter().find(|cgroup| cgroup.path == "bg_cell").unwrap();
    assert_eq!((cell.cpuset.as_deref(), cell.cpus_used.as_str()), (Some("0"), "0"));
    assert!(report.payloads[0].binary == "stress-ng" && report.payloads[0].wall_ns > 900_000_000);
    assert_eq!(report.vm.unwrap().kernel_release, bench.kernel.release);
}

/// Three seeds each, on one node and on two, booted and restored. `docs/emulator.md` has more.
fn equal_work(bench: &Bench) {
    let workers = [CgroupDef::named("g").workers(4)];
    let steps = [Step::with_defs(&workers, HoldSpec::FULL)];
    let scenario = Scenario::new("equal").duration(Duration::from_secs(1)).steps(&steps);
    let scenario = scenario.checks(Checks::NONE.max_throughput_cv(0.1));
    for (vm, seed) in [(bench.vm(), 1), (bench.restored(), 2), (bench.restored(), 3)] {
        for shape in [Uniform::new(1, 1, 4, 1), Uniform::new(2, 1, 2, 1)] {
            let report = bench.play(&vm.clone().seed(seed).topology(shape), &scenario).report;
            let machine = report.vm.as_ref().unwrap();
            if machine.uneven {
                assert_eq!(report.verdict, Verdict::Inconclusive);
                println!("SKIP: CPUs are not equally fast here: {}", machine.warnings.join("; "));
                let required = std::env::var("KTSTR_REQUIRE").unwrap_or_default();
                assert!(!required.split(',').any(|word| word == "vm"));
                return;
            }
            let units = || report.cgroups[0].workers.iter().map(|worker| worker.work_units);
            let (least, most) = (units().min().unwrap(), units().max().unwrap());
            assert!(most * 100 <= least * 115, "seed {seed}, {shape:?}: {least} to {most}");
            assert_eq!((report.verdict, report.overruns.as_slice()), (Verdict::Pass, &[][..]));
        }
    }
}

fn twenty_runs(bench: &Bench) {
    let reports = bench.reports(&bench.vm().seed(1), &CONTENTION, 20);
    assert_eq!(reports.len(), 1, "20 runs of one seed gave {} reports", reports.len());
    assert!(reports.first().unwrap().contains("\"verdict\": \"pass\""));
}

fn eight_cpus(bench: &Bench) {
    for vm in [bench.vm(), bench.restored()] {
        let reports = bench.reports(&vm.seed(5).topology(Uniform::new(2, 1, 4, 1)), &CONTENTION, 4);
        assert_eq!(reports.len(), 1, "4 runs of one seed gave {} reports", reports.len());
    }
}

fn twenty_restored(bench: &Bench) {
    let reports = bench.reports(&bench.restored().seed(1), &CONTENTION, 20);
    assert_eq!(reports.len(), 1, "20 restored runs of one seed gave {} reports", reports.len());
}

fn ten_seeds(bench: &Bench) {
    for vm in [bench.vm(), bench.restored()] {
        let mut seen = BTreeSet::new();
        let each = |_, report: RunReport| {
            let workers = report.cgroups.iter().flat_map(|cgroup| &cgroup.workers);
            // How much each worker got done, and where it was moved, without any time.
            seen.insert(workers.map(|worker| (worker.iterations, worker.migrations)).collect::<Vec<_>>());
            Next::More
        };
        explore(1..=10, None, |seed| bench.play(&vm.clone().seed(seed), &CONTENTION).report, each);
        assert!(seen.len() >= 8, "10 seeds gave {} interleavings", seen.len());
    }
}

fn fifty_cgroups(bench: &Bench) {
    let names: Vec<String> = (0..50).map(|number| format!("cell_{number}")).collect();
    let defs: Vec<CgroupDef<'_>> = names.iter().map(|name| CgroupDef::named(name).cpu_weight(50)).collect();
    let steps = [Step::with_defs(&defs, HoldSpec::Fixed(Duration::from_millis(200)))];
    let scenario = Scenario::new("fifty").duration(Duration::from_secs(2)).steps(&steps);
    let report = bench.play(&bench.restored().seed(1), &scenario).report;
    assert_eq!(report.verdict, Verdict::Pass, "{}", report.to_json());
    assert_eq!((report.cgroups.len(), report.leftovers.len()), (50, 0));
}

fn replayed(bench: &Bench) {
    let (cache, kernel) = (Cache::at(bench.states.path()), bench.kernel.image.to_string_lossy());
    let again = |report: &RunReport| {
        replay(report, Some(&kernel), &cache, |vm| {
            vm.kernel_parameters(&salt()).timeout(Duration::from_secs(240))
        })
        .unwrap()
    };
    for (vm, restored) in [(bench.vm(), false), (bench.restored(), true)] {
        let report = bench.play(&vm.seed(9), &CONTENTION).report;
        let report = RunReport::from_json(&report.to_json()).unwrap();
        assert_eq!(report.vm.as_ref().unwrap().state_sha256.is_some(), restored);
        let replay = again(&report);
        assert_eq!((replay.difference, replay.circumstances), (None, Vec::new()));
        let mut forged = report;
        forged.events[3].at_ns += 1;
        assert_eq!(again(&forged).difference.map(|difference| difference.seq), Some(3));
    }
}

fn explored(bench: &Bench) {
    let mut seen = BTreeSet::new();
    let two = NonZeroUsize::new(2);
    let count = |seed, result: Result<ScenarioRun, _>| {
        assert_eq!(result.unwrap().report.seed, seed);
        assert!(seen.insert(seed));
        Next::More
    };
    bench.restored().explore(&CONTENTION, 1..=6, two, count).unwrap();
    assert_eq!(seen, (1..=6).collect());
    let mut runs = 0;
    let first = |_, _| {
        runs += 1;
        Next::Stop
    };
    bench.restored().explore(&CONTENTION, 1..=1000, two, first).unwrap();
    assert!((1..=2).contains(&runs), "{runs} runs after a stop");
}

fn program_from_tmp(bench: &Bench) {
    let program = bench.states.path().join("quick");
    std::fs::copy("/bin/true", &program).unwrap();
    let text = format!(
        "name = \"tmp\"\n[[payload]]\nname = \"quick\"\nbinary = \"{}\"\nchecks = [{{ exit_code = 0 }}]\n\
         [[steps]]\nops = [{{ op = \"run_payload\", payload = \"quick\" }}, {{ op = \"wait_payload\", payload = \"quick\" }}]\nhold = \"full\"\n",
        program.display()
    );
    let report = play_text(&bench.vm(), &text).unwrap();
    assert_eq!((report.verdict, report.error), (Verdict::Pass, None));
}

fn refused(bench: &Bench) {
    let vm = bench.restored();
    let beyond =
        "name = \"beyond\"\n[[steps]]\nhold = 1.0\n[[steps.cgroups]]\nname = \"a\"\ncpuset = { llc = 9 }\n";
    let error = play_text(&vm, beyond).unwrap_err();
    assert!(matches!(error, ktstr_vm::VmError::Scenario { invalid: true, .. }), "{error}");
    let unmet = "name = \"unmet\"\n[checks]\nmax_gap = \"1ns\"\n[[steps]]\nhold = 1.0\n[[steps.cgroups]]\nname = \"a\"\nworkers = 9\n";
    assert_eq!(play_text(&vm, unmet).unwrap().verdict, Verdict::Fail);
}
