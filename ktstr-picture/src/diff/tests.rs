//! What differs between two runs on the mock, and what does not.

use super::*;
use ktstr_core::Topology;
use ktstr_file::report::{Recorder, RunHead};
use ktstr_file::{ScenarioFile, play_scenario};
use ktstr_mock::MockBackend;

fn run(toml: &str, seed: u64) -> RunReport {
    let file: ScenarioFile = toml.parse().unwrap_or_else(|problems| panic!("{problems:?}"));
    let (scenario, topology) = (file.scenario(), Topology::uniform(1, 1, 2, 1));
    let (mut mock, mut heard) = (MockBackend::new(topology).seed(seed), Recorder::new());
    let end = play_scenario(scenario, &mut mock, seed, &mut heard).expect("a run");
    heard.finish(&RunHead { scenario, backend: "mock", backend_reason: "", seed, topology: &topology }, &end)
}

fn scenario(step: &str) -> String {
    format!(
        "name = \"d\"\nduration = \"1s\"\n[[backdrop.cgroups]]\nname = \"cell\"\nworkers = 3\n[[steps]]\nhold = 0.5\n{step}"
    )
}

#[test]
fn runs_part_where_something_else_was_done_or_measured() {
    let plain = run(&scenario(""), 1);
    let same = Diff::between(&plain, &plain);
    assert_eq!(same, Diff::default());
    assert_eq!(same.text(), "all actions are the same, with all times and measurements\n");
    let seeded = Diff::between(&plain, &run(&scenario(""), 2));
    assert!(seeded.done.is_none(), "{seeded:?}");
    assert!(seeded.text().starts_with("they ran on  A  B\nseed         1  2\n"), "{}", seeded.text());
    assert!(
        seeded
            .text()
            .contains("the same was done with the same ends; times or measurements differ first at action")
    );
    let frozen = run(&scenario("ops = [{ op = \"freeze_cgroup\", cgroup = \"cell\" }]"), 1);
    let diff = Diff::between(&plain, &frozen);
    let done = diff.done.clone().expect("another action");
    assert_eq!(line(&done.one[done.at]).split("  ").nth(1), Some("steps[0].hold"));
    assert!(line(&done.other[done.at]).contains("freeze: cgroup cell"), "{done:?}");
    let text = diff.text();
    assert!(
        text.contains("what was done differs first at action 4:")
            && text.contains("    B  0ns  steps[0].ops[0]  freeze"),
        "{text}"
    );
    let ended = RunReport { events: plain.events[..5].to_vec(), ..plain.clone() };
    let diff = Diff::between(&plain, &ended);
    assert!(diff.text().contains("    B  the end\n") && !diff.is_none(), "{}", diff.text());
}

#[test]
fn a_check_that_ended_otherwise_is_named() {
    let mut other = run(&scenario(""), 1);
    let plain = other.clone();
    other.checks[0].verdict = ktstr_core::Verdict::Fail;
    let diff = Diff::between(&plain, &other);
    assert_eq!(diff.checks.len(), 1);
    assert!(diff.checks[0].one.starts_with("pass") && diff.checks[0].other.starts_with("fail"), "{diff:?}");
}
