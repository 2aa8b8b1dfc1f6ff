//! The canned scenarios of `ktstr` 0.50, said anew: each is accepted and passes on the mock and on a
//! kernel.

mod program;

use ktstr_core::{Topology, Uniform, Verdict};
use ktstr_file::report::text::render_text;
use ktstr_file::report::{Recorder, RunHead};
use ktstr_file::{ScenarioFile, play_scenario};
use ktstr_mock::MockBackend;
use program::{run, vm_runs, workspace};
use std::path::PathBuf;

/// How many canned scenarios there are.
const COUNT: usize = 51;

fn files() -> Vec<PathBuf> {
    let folder = workspace().join("scenarios/peer");
    let entries = std::fs::read_dir(folder).expect("scenarios");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files
}

#[test]
fn each_is_accepted_and_passes_on_the_mock() {
    let files = files();
    assert_eq!(files.len(), COUNT);
    for path in files {
        let shown = path.display().to_string();
        let file = ScenarioFile::read(&path).unwrap_or_else(|problems| panic!("{problems}"));
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().replace('-', "_"));
        assert_eq!(stem.as_deref(), Some(file.scenario().name), "{shown}");
        let machine = file.topology().unwrap_or_else(|| Topology::from_uniform(&Uniform::new(1, 1, 4, 1)));
        let other = file.for_machine(&machine).map(|other| other.expect("good form"));
        let file = other.as_ref().unwrap_or(&file);
        let needs = file.judge(Some(&machine)).unwrap_or_else(|problems| panic!("{problems}"));
        assert!(needs.groups > 0, "{shown}: nobody works");
        let (scenario, mut heard) = (file.scenario(), Recorder::new());
        let mut mock = MockBackend::new(machine).seed(1);
        let end = play_scenario(scenario, &mut mock, 1, &mut heard).expect("a run");
        let head = RunHead { scenario, backend: "mock", backend_reason: "", seed: 1, topology: &machine };
        let report = heard.finish(&head, &end);
        assert_eq!(report.verdict, Verdict::Pass, "{shown}: {}", render_text(&report));
        assert!(report.checks.iter().any(|check| check.bound.is_some()), "{shown}: nothing is judged");
    }
}

/// On a machine that is too small a scenario is skipped, as the peer does.
#[test]
fn where_the_machine_is_too_small_it_is_skipped() {
    let path = workspace().join("scenarios/peer/steady-llc.toml").display().to_string();
    let small = ["run", "--backend", "mock", "--topology", "1x1x4x1", &path];
    run(&small).assert(0, &["SKIP  steady_llc", "it needs 2 last-level caches, the machine has 1"]);
}

#[test]
fn each_passes_on_a_kernel() {
    if vm_runs() {
        run(&["run", "--backend", "vm", "--batch", "scenarios/peer"])
            .assert(0, &[&format!("{COUNT} scenarios: {COUNT} pass\n")]);
    }
}
