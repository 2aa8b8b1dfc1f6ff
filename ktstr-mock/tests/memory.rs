//! Memory on the mock: who is killed when workers and programs use more than a cgroup may, what the report
//! makes of it, and what is said of files that have no effect.

use core::time::Duration;
use ktstr_core::prelude::*;
use ktstr_core::{
    Action, Channel, CheckKind, CheckResult, GroupId, Knob, Observer, Outcome, Placement, Unjudged,
    WorkerEnd, WorkerReport, execute_scenario,
};
use ktstr_mock::{MockBackend, Script};

const MIB: u64 = 1 << 20;

#[derive(Default)]
struct Heard {
    ends: Vec<(String, WorkerEnd)>,
    checks: Vec<(CheckKind, Verdict, Option<Unjudged>)>,
    unmodelled: Vec<(String, Knob)>,
}

impl<'a> Observer<'a> for Heard {
    fn worker(&mut self, _: GroupId, at: Placement<'a>, _: u32, report: &WorkerReport) {
        self.ends.push((at.path().to_owned(), report.end));
    }

    fn check(&mut self, result: &CheckResult<'a>) {
        self.checks.push((result.kind, result.verdict, result.unjudged));
    }

    fn unmodelled(&mut self, path: &'a str, knob: Knob) {
        self.unmodelled.push((path.to_owned(), knob));
    }
}

fn mock() -> MockBackend {
    MockBackend::new(Topology::uniform(1, 1, 2, 1))
}

fn play<'a>(scenario: &'a Scenario<'a>, mut mock: MockBackend) -> (Verdict, Heard) {
    let mut heard = Heard::default();
    let report = execute_scenario(scenario, &mut mock, 1, &mut heard).expect("valid");
    assert_eq!((report.error, report.leftovers), (None, 0));
    mock.kernel().check_invariants().expect("the model holds together");
    (report.verdict, heard)
}

const STEPS: &[Step<'static>] = &[Step::hold(HoldSpec::FULL)];

fn cells<'a>(defs: &'a [CgroupDef<'a>]) -> Scenario<'a> {
    let backdrop = Backdrop::new().lend_cgroups(defs);
    Scenario::new("cells")
        .duration(Duration::from_millis(300))
        .backdrop(backdrop)
        .steps(STEPS)
        .checks(Checks::NONE.not_starved())
}

fn hogs(name: &str, mib: u32) -> CgroupDef<'_> {
    CgroupDef::named(name).work_type(WorkType::cache_pressure(mib * 1024, 64))
}

#[test]
fn workers_past_the_limit_die_as_by_the_kernel() {
    use WorkerEnd::{Signalled, Stopped};
    let name = "cell";
    for (def, ends, verdict) in [
        (hogs(name, 8).memory_max(64 * MIB).workers(2), [Stopped, Stopped], Verdict::Pass),
        (hogs(name, 40).memory_max(64 * MIB).workers(2), [Stopped, Signalled(9)], Verdict::Fail),
        (hogs(name, 80).memory_max(64 * MIB).workers(2), [Signalled(9), Signalled(9)], Verdict::Fail),
        (
            hogs(name, 40).memory_max(64 * MIB).memory_oom_group(true).workers(2),
            [Signalled(9), Signalled(9)],
            Verdict::Fail,
        ),
    ] {
        let (judged, heard) = play(&cells(&[def]), mock());
        let seen: Vec<_> = heard.ends.iter().map(|(_, end)| *end).collect();
        assert_eq!((judged, &seen[..]), (verdict, &ends[..]), "{def:?}");
        assert!(heard.unmodelled.is_empty(), "what a definition writes along has no effect anywhere");
    }
}

/// Reads what a hold has left in `memory.events`.
struct Reads {
    mock: MockBackend,
    events: String,
}

impl Backend for Reads {
    ktstr_core::forward_backend!(|this| this.mock);

    fn perform(&mut self, action: &Action<'_>, channel: &mut dyn Channel) -> Outcome {
        let outcome = self.mock.perform(action, channel);
        if let (Action::Hold { .. }, Some(run)) = (action, self.mock.run_cgroup()) {
            let cell = format!("{}/cell", self.mock.kernel().path_of(run));
            self.events = self.mock.kernel().read(&cell, "memory.events").expect("the file");
        }
        outcome
    }
}

#[test]
fn the_counts_can_be_read_after_the_kill() {
    let defs = [hogs("cell", 80).memory_max(64 * MIB).workers(1)];
    let scenario = cells(&defs);
    let mut reads = Reads { mock: mock(), events: String::new() };
    execute_scenario(&scenario, &mut reads, 1, &mut ()).expect("valid");
    assert_eq!(reads.events, "low 0\nhigh 0\nmax 1\noom 1\noom_kill 1\noom_group_kill 0\n");
}

static HOG: Payload<'static> = Payload::binary("hog", "perl").checks(&[PayloadCheck::exit_code(137)]);

#[test]
fn a_script_that_uses_too_much_is_killed_and_that_is_no_assumption() {
    const OPS: &[Op<'static>] = &[Op::run_payload_in_cgroup(&HOG, &[], "ctr"), Op::wait_payload("hog")];
    const DEFS: Backdrop<'static> =
        Backdrop::new().push_cgroup(CgroupDef::named("ctr").memory_max(32 * MIB).workers(1));
    const STEP: &[Step<'static>] = &[Step::new(OPS, HoldSpec::fixed(Duration::from_millis(10)))];
    static SCENARIO: Scenario<'static> =
        Scenario::new("oom").duration(Duration::from_secs(1)).backdrop(DEFS).steps(STEP);
    let hog = |mib| {
        Script::exits_after(Duration::from_millis(40), 0).uses_memory(Duration::from_millis(7), mib * MIB)
    };
    for (script, verdict, of_payload) in [
        (Some(hog(96)), Verdict::Pass, Verdict::Pass),
        (Some(hog(16)), Verdict::Fail, Verdict::Fail),
        (None, Verdict::Pass, Verdict::Skip),
    ] {
        let mock = script.into_iter().fold(mock(), |mock, script| mock.payload("hog", script));
        let (judged, heard) = play(&SCENARIO, mock);
        assert_eq!(judged, verdict);
        let code = heard.checks.iter().find(|check| check.0 == CheckKind::ExitCode).expect("judged");
        assert_eq!(code.1, of_payload);
        assert!(heard.ends.iter().all(|(_, end)| *end == WorkerEnd::Stopped));
    }
}

#[test]
fn what_has_no_effect_is_said_and_nothing_rests_on_it() {
    let slowed = [hogs("slow", 8).memory_high(4 * MIB).workers(2), CgroupDef::named("spins").workers(2)];
    let (verdict, heard) = play(&cells(&slowed), mock());
    assert_eq!(heard.unmodelled, [("slow".to_owned(), Knob::MemoryHigh)]);
    assert_eq!(verdict, Verdict::Pass, "the spinning workers touch no memory and are judged");
    let skipped = Some(Unjudged::NotModelled(Knob::MemoryHigh));
    let of_slow = heard.checks.iter().filter(|check| check.2 == skipped).count();
    assert_eq!((of_slow, heard.checks.len()), (2, 4));
    let weighed = [hogs("disk", 8).io_weight(10).workers(2)];
    let (verdict, heard) = play(&cells(&weighed), mock());
    assert_eq!(heard.unmodelled, [("disk".to_owned(), Knob::IoWeight)]);
    assert_eq!(verdict, Verdict::Pass, "no worker uses a device");
}
