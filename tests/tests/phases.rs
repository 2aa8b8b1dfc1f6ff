//! Each step is a phase with a window: what a group did in it is measured apart, on every backend that runs
//! workers, and only where somebody asks.

mod program;

use ktstr_core::prelude::*;
use ktstr_core::{
    Action, Backend, Channel, Controllers, Fault, GroupId, GroupPhase, Observer, Outcome, Phase,
    Requirements, Topology, execute_scenario,
};
use ktstr_file::report::{PhaseEntry, RunReport};
use ktstr_mock::MockBackend;
use program::{Scratch, linux_runs, run, vm_runs};
use std::time::Duration;

const TEXT: &str = r#"
name = "phases"
duration = "600ms"
topology = "1x1x2x1"

[[backdrop.cgroups]]
name = "web"
workers = 2

[[backdrop.cgroups]]
name = "naps"
work_type = { type = "IdleChurn", burst = "1ms", sleep = "2ms" }

[[steps]]
name = "alone"
hold = "200ms"

[[steps]]
hold = "200ms"
[[steps.cgroups]]
name = "noise"
workers = 2

[[steps]]
name = "left"
hold = "200ms"
cgroups = [{ name = "later" }]
"#;

fn report(backend: &str) -> RunReport {
    let scratch = Scratch::new(&format!("phases-{backend}"));
    let path = scratch.file("phases.toml", TEXT);
    let ended = run(&["run", "--backend", backend, "--format", "json", &path]);
    RunReport::from_json(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {ended:?}"))
}

fn hold_on(backend: &str) {
    let report = report(backend);
    let names: Vec<_> = report.phases.iter().map(|phase| (phase.step, phase.name.as_deref())).collect();
    assert_eq!(names, [(0, Some("alone")), (1, None), (2, Some("left"))], "{backend}");
    let cgroups =
        |phase: &PhaseEntry| phase.groups.iter().map(|group| group.cgroup.clone()).collect::<Vec<_>>();
    assert_eq!(
        report.phases.iter().map(cgroups).collect::<Vec<_>>(),
        [
            vec!["web".to_owned(), "naps".to_owned()],
            vec!["web".to_owned(), "naps".to_owned(), "noise".to_owned()],
            vec!["web".to_owned(), "naps".to_owned(), "later".to_owned()],
        ]
    );
    for phase in &report.phases {
        let length = phase.window.end_ns - phase.window.start_ns;
        assert!(length >= 199_000_000, "{backend}: {phase:?}");
        let shares: f64 = phase.groups.iter().filter_map(|group| group.cpu_share).sum();
        assert!((shares - 1.0).abs() < 1e-6, "{backend}: {phase:?}");
        for group in &phase.groups {
            let figures = &group.figures;
            assert!(figures.window_ns > 100_000_000 && figures.window_ns <= length * 5 / 4, "{phase:?}");
            // A machine with much else to do may give a worker nothing for a while.
            let had_a_cpu = figures.cpu_ns > 0 && figures.work_units > 0;
            assert!(had_a_cpu || backend == "linux", "{backend}: {phase:?}");
            assert!(figures.cpu_ns <= u64::from(figures.workers) * figures.window_ns * 11 / 10, "{phase:?}");
            assert!(figures.max_gap_ns <= figures.window_ns, "{backend}: {phase:?}");
            assert!(figures.wakeups == 0 || group.cgroup == "naps", "{backend}: {phase:?}");
            assert!(figures.wakeups > 0 || group.cgroup != "naps" || !had_a_cpu, "{backend}: {phase:?}");
            assert!(figures.wake_p50_ns <= figures.wake_p99_ns, "{backend}: {phase:?}");
            assert_eq!(figures.run_delay_ns.is_some(), backend != "mock", "{backend}: {phase:?}");
        }
    }
    // What lies between the phases, and behind the last, is the end of steps and of the run.
    for whole in &report.groups {
        let figures = report.phases.iter().flat_map(|phase| &phase.groups);
        let figures = figures.filter(|group| group.group == whole.group).map(|group| group.figures);
        let (mut cpu_ns, mut units) = (0, 0);
        figures.for_each(|figures| (cpu_ns, units) = (cpu_ns + figures.cpu_ns, units + figures.work_units));
        let (all_ns, all_units) = (whole.totals.cpu_ns, whole.totals.work_units);
        assert!(cpu_ns <= all_ns + 1_000_000 && units <= all_units + 4, "{backend}: {whole:?}");
        assert!(units * 2 >= all_units || backend == "linux", "{backend}: {units} of {whole:?}");
    }
}

#[test]
fn figures_of_a_phase_are_of_its_window_on_the_mock() {
    hold_on("mock");
}

#[test]
fn figures_of_a_phase_are_of_its_window_on_linux() {
    if linux_runs() {
        hold_on("linux");
    }
}

#[test]
fn figures_of_a_phase_are_of_its_window_in_a_guest() {
    if vm_runs() {
        hold_on("vm");
    }
}

/// Counts how often it is asked for phases.
struct Counted {
    mock: MockBackend,
    asked: [u32; 2],
}

impl Backend for Counted {
    fn name(&self) -> &str {
        "counted"
    }

    fn topology(&self) -> &Topology {
        self.mock.topology()
    }

    fn controllers(&self) -> Controllers {
        self.mock.controllers()
    }

    fn preflight(&mut self, needs: &Requirements) -> Result<(), Fault> {
        self.mock.preflight(needs)
    }

    fn now(&mut self) -> Duration {
        self.mock.now()
    }

    fn begin_phase(&mut self) {
        self.asked[0] += 1;
        self.mock.begin_phase();
    }

    fn end_phase(&mut self, each: &mut dyn FnMut(GroupId, Placement<'_>, &GroupPhase)) {
        self.asked[1] += 1;
        self.mock.end_phase(each);
    }

    fn perform(&mut self, action: &Action<'_>, channel: &mut dyn Channel) -> Outcome {
        self.mock.perform(action, channel)
    }
}

/// Wants phases or not, and keeps where groups were.
struct Listener {
    wants: bool,
    heard: Vec<(u32, String, u64)>,
}

impl<'a> Observer<'a> for Listener {
    fn wants_phases(&self) -> bool {
        self.wants
    }

    fn phase_group(&mut self, phase: &Phase<'a>, _: GroupId, at: Placement<'_>, figures: &GroupPhase) {
        self.heard.push((phase.step, at.path().to_owned(), figures.window_ns / 1_000_000));
    }
}

#[test]
fn nobody_is_asked_where_nobody_wants_to_know_and_a_group_that_stops_ends_its_window() {
    const MS: fn(u64) -> Duration = Duration::from_millis;
    let early = CgroupDef::named("early").until_removed();
    let defs = [early, CgroupDef::named("web")];
    let stop = [Op::stop_cgroup("early")];
    let steps = [Step::hold(HoldSpec::fixed(MS(10))), Step::new(&stop, HoldSpec::fixed(MS(30)))];
    let scenario = Scenario::new("asked").backdrop(Backdrop::new().lend_cgroups(&defs)).steps(&steps);
    for wants in [false, true] {
        let mock = MockBackend::new(Topology::uniform(1, 1, 2, 1));
        let mut backend = Counted { mock, asked: [0; 2] };
        let mut heard = Listener { wants, heard: Vec::new() };
        let end = execute_scenario(&scenario, &mut backend, 1, &mut heard).expect("it runs");
        assert_eq!(end.error, None);
        let phases = if wants { 2 } else { 0 };
        assert_eq!(backend.asked, [phases; 2]);
        let expected = [(0, "early", 10), (0, "web", 10), (1, "early", 0), (1, "web", 30)];
        let expected: Vec<_> = expected.map(|(step, at, ms)| (step, at.to_owned(), ms)).into();
        assert_eq!(heard.heard, if wants { expected } else { Vec::new() });
    }
}
