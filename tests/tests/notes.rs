//! Notes on scenarios: they change no verdict, of validation or of a run, and a check that a note says cannot
//! be missed is never missed, in whatever the generators make.

mod program;

use ktstr_core::prelude::*;
use ktstr_core::{CheckKind, NoteKind, RunError, Verdict, execute_scenario};
use ktstr_file::notes;
use ktstr_file::report::{ActionEntry, EventEntry, Recorder, RunHead};
use ktstr_gen::hostile::with_scenario;
use ktstr_gen::program::Program;
use ktstr_gen::{Gen, is_valid};
use ktstr_mock::{MockBackend, Script};
use program::run;
use std::collections::BTreeMap;
use std::time::Duration;

static MACHINES: [Topology; 3] =
    [Topology::uniform(1, 1, 4, 1), Topology::uniform(1, 1, 1, 1), Topology::uniform(2, 1, 2, 2)];

/// Checks of every kind, at bounds that some scenarios miss and others cannot.
fn checks(draw: u64) -> Checks {
    let far = [0.5, 1.0, 4.0][draw as usize % 3];
    Checks::NONE
        .not_starved()
        .isolation()
        .min_cpu_share(0.2)
        .max_cpu_share(if draw.is_multiple_of(2) { 1.0 } else { 0.9 })
        .min_cpu_usage(0.0)
        .max_cpu_usage(far)
        .max_gap(Duration::from_millis([20, 200, 1000][draw as usize % 3]))
        .max_spread_pct(if draw.is_multiple_of(2) { 100.0 } else { 10.0 })
        .max_throughput_cv(far)
        .max_p99_wake_latency(Duration::from_millis(300))
}

/// What notes say of a scenario, held against a run of it: how many there are of each kind.
fn hold(scenario: &Scenario<'_>, topology: &Topology, seed: u64, counts: &mut BTreeMap<NoteKind, u32>) {
    let before = is_valid(scenario, topology);
    let found = notes(scenario, Some(topology));
    assert_eq!(is_valid(scenario, topology), before, "{scenario:?}");
    let quick = Script::exits_after(Duration::from_millis(2), 0);
    let mut mock = MockBackend::new(*topology).program("true", quick).program("sleep", Script::runs());
    let mut heard = Recorder::new();
    let report = match execute_scenario(scenario, &mut mock, seed, &mut heard) {
        Ok(report) => report,
        Err(RunError::Invalid(_)) => return assert!(!before, "{scenario:?}"),
        Err(error) => panic!("{error}: {scenario:?}"),
    };
    assert!(before, "{scenario:?}");
    let head = RunHead { scenario, backend: "mock", backend_reason: "", seed, topology };
    let verdict = report.verdict;
    let report = heard.finish(&head, &report);
    assert_eq!((report.verdict, report.notes.len()), (verdict, found.len()), "{scenario:?}");
    for note in found {
        *counts.entry(note.kind).or_default() += 1;
        let is_it = |kind: CheckKind| match note.kind {
            NoteKind::IsolationWithoutCpuset => kind == CheckKind::Isolation,
            NoteKind::ShareOfOne | NoteKind::LongerThanWindow | NoteKind::BoundOutOfReach => {
                kind.info().key == note.check
            }
            NoteKind::PayloadNotStarted
            | NoteKind::WeightWithoutRival
            | NoteKind::WeightWithoutSibling
            | NoteKind::ChecksWithoutWorkers
            | NoteKind::QuotaOutOfReach
            | NoteKind::PayloadUnchecked => false,
        };
        // A check names the cgroup that its group is in at last, and several can have begun in one.
        let begins = |event: &&EventEntry| matches!(&event.action, ActionEntry::Spawn { cgroup, .. } if *cgroup == note.name);
        if report.events.iter().filter(begins).count() > 1 {
            continue;
        }
        let missed = report
            .checks
            .iter()
            .find(|check| check.subject == note.name && is_it(check.kind) && check.verdict == Verdict::Fail);
        assert_eq!(missed, None, "{note}, and it is missed: {scenario:?}");
    }
}

#[test]
fn notes_change_nothing_and_hold_in_all_that_is_generated() {
    let mut counts = BTreeMap::new();
    for seed in 0..1500 {
        let topology = &MACHINES[seed as usize % MACHINES.len()];
        Gen::new(seed).topology(*topology).scenario().with(|scenario| {
            hold(&Scenario { checks: checks(seed), ..scenario.clone() }, topology, seed, &mut counts);
        });
    }
    println!("{counts:?}");
    for kind in NoteKind::ALL.into_iter().filter(|kind| *kind != NoteKind::PayloadNotStarted) {
        assert!(counts.get(&kind).is_some_and(|count| *count >= 3), "{kind:?}: {counts:?}");
    }
}

#[test]
fn notes_change_nothing_in_short_programs_and_hostile_scenarios() {
    let mut counts = BTreeMap::new();
    for length in 1..=2 {
        Program::each(length, (0, 1), &mut |program| {
            program.with_scenario(|scenario| {
                let topology = &ktstr_gen::alphabet::TOPOLOGY;
                hold(&Scenario { checks: checks(1), ..scenario.clone() }, topology, 1, &mut counts);
            });
        });
    }
    let mut rng = ktstr_core::Rng::new(5);
    for _ in 0..3000 {
        let bytes: Vec<u8> = (0..200).map(|_| rng.next_u64() as u8).collect();
        with_scenario(&bytes, |scenario| {
            let _ = notes(scenario, None);
            let found = notes(scenario, Some(&ktstr_gen::alphabet::TOPOLOGY));
            assert!(found.len() <= 100 && found.is_sorted_by_key(|note| note.kind), "{scenario:?}");
        });
    }
}

#[test]
fn the_program_shows_notes_in_check_in_runs_and_in_reports() {
    let path = std::env::temp_dir().join(format!("ktstr-notes-{}.toml", std::process::id()));
    let text = "name = \"x\"\ntopology = \"1x1x2x1\"\nchecks = { isolation = true }\n\
                [[payload]]\nname = \"idle\"\nbinary = \"true\"\n\
                [[backdrop.cgroups]]\nname = \"cell\"\n[[steps]]\nhold = \"full\"\n";
    std::fs::write(&path, text).expect("written");
    let file = path.display().to_string();
    let check = run(&["check", &file]);
    let lines: Vec<_> = check.stdout.lines().collect();
    assert_eq!((check.status, lines.len()), (Some(0), 3), "{check:?}");
    assert!(
        lines[1].starts_with(&format!("{file}:7:1: note [N001] `isolation` says nothing")),
        "{}",
        lines[1]
    );
    assert!(lines[2].contains("note [N002] the payload `idle` is never started"), "{}", lines[2]);
    let json = run(&["check", "--format", "json", &file]);
    let (head, notes) = json.stdout.split_once("\"notes\": [").expect("notes");
    assert!(head.contains("\"valid\": true") && notes.contains("\"code\": \"N002\""), "{json:?}");
    let ran = run(&["run", "--backend", "mock", &file]);
    assert_eq!(ran.status, Some(0), "{ran:?}");
    let shown = ran.stdout.split_once("\nnotes:\n").expect("notes").1;
    assert!(shown.starts_with("  [N001] ") && shown.contains("\n  [N002] "), "{shown}");
    let report = run(&["run", "--backend", "mock", "--format", "json", &file]);
    let report = ktstr_file::report::RunReport::from_json(&report.stdout).expect("a report");
    let codes: Vec<_> = report.notes.iter().map(|note| note.code.as_str()).collect();
    assert_eq!(codes, ["N001", "N002"]);
    let explained = run(&["explain", "n001"]);
    assert!(explained.stdout.contains("no verdict depends on that"), "{explained:?}");
    let _ = std::fs::remove_file(&path);
}
