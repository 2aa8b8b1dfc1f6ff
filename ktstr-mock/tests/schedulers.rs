//! Simulated schedulers: the order that a Backdrop promises them, what they hear, and how they leave.

use ktstr_core::prelude::*;
use ktstr_core::{
    ActionKind, Asked, CheckResult, Event, Evidence, ExpectedExit, FaultKind, Notice, OnDeath, SchedulerExit,
    SchedulerSource, Unjudged,
};
use ktstr_mock::fault::{What, When};
use ktstr_mock::policy::Cells;
use ktstr_mock::{FaultInjector, Leaving, MockBackend};
use std::time::Duration;

const CPU: Controllers = Controllers::NONE.with(Controller::Cpu);
static MITOSIS: Scheduler = Scheduler::new("mitosis", "scx_mitosis").controllers(CPU);
static BLIND: Scheduler = Scheduler::new("blind", "scx_mitosis");
static THREE: [CgroupDef; 3] =
    [CgroupDef::named("cg_a"), CgroupDef::named("cg_b").until_removed(), CgroupDef::named("cg_c")];
static CHURN: [Step; 2] = [
    Step::new(&[Op::remove_cgroup("cg_b"), Op::add_cgroup("cg_d")], HoldSpec::Frac(0.5)),
    Step::hold(HoldSpec::Frac(0.5)),
];

/// How long the mock takes to end what is in `cg_b`.
const REMOVAL: Duration = Duration::from_millis(1);

/// What was heard of a run.
#[derive(Default)]
struct Heard {
    log: String,
    actions: Vec<String>,
    notices: Vec<(Duration, String)>,
    checks: Vec<(Verdict, Option<Unjudged>)>,
}

impl<'a> Observer<'a> for Heard {
    fn event(&mut self, event: &Event<'_, 'a>) {
        self.actions.push(event.action.to_string());
    }

    fn evidence(&mut self, _: &Asked<'_, 'a>, piece: &Evidence<'_>) {
        if let Evidence::Scheduler { source: SchedulerSource::Log, bytes, .. } = piece {
            self.log.push_str(&String::from_utf8_lossy(bytes));
        }
    }

    fn notice(&mut self, _: &Asked<'_, 'a>, at: Duration, notice: &Notice<'_>) {
        self.notices.push((at, format!("{notice:?}")));
    }

    fn check(&mut self, result: &CheckResult<'a>) {
        if result.kind == ktstr_core::CheckKind::SchedulerLived {
            self.checks.push((result.verdict, result.unjudged));
        }
    }
}

fn machine() -> MockBackend {
    MockBackend::new(Topology::uniform(1, 1, 4, 1)).scheduler("scx_mitosis", || Box::new(Cells::default()))
}

fn under(scheduler: &'static Scheduler<'static>) -> Scenario<'static> {
    let backdrop = Backdrop::new().lend_cgroups(&THREE).scheduler(scheduler);
    Scenario::new("churn").backdrop(backdrop).steps(&CHURN)
}

fn played(scenario: &Scenario<'_>, backend: &mut dyn Backend) -> (Report, Heard) {
    let mut heard = Heard::default();
    let report = execute_scenario(scenario, &mut &mut *backend, 1, &mut heard).expect("valid");
    (report, heard)
}

#[test]
fn cells_are_1_2_3_and_what_goes_leaves_its_number_to_the_next() {
    let (report, heard) = played(&under(&MITOSIS), &mut machine());
    assert_eq!(report.error, None);
    let order = "cg_a is cell 1\ncg_b is cell 2\ncg_c is cell 3\ncg_b was cell 2\ncg_d is cell 2\n\
        cg_d was cell 2\n";
    assert_eq!(heard.log, order);
    assert_eq!(heard.checks, [(Verdict::Skip, Some(Unjudged::AssumedScheduler))], "it lived, as assumed");
    let place = |action: &str| heard.actions.iter().position(|one| one == action).expect(action);
    assert!(place("attach scheduler mitosis") < place("mkdir cg_a"));
    assert!(place("collect group 2 worker 0") < place("detach scheduler mitosis"));
    assert!(place("detach scheduler mitosis") < place("rmdir cg_a"));
}

#[test]
fn one_that_is_attached_later_hears_of_what_is_there() {
    static LATE: [Step; 1] = [Step::new(&[Op::attach_scheduler(&MITOSIS)], HoldSpec::FULL)];
    let scenario = Scenario::new("late").backdrop(Backdrop::new().lend_cgroups(&THREE)).steps(&LATE);
    let (_, heard) = played(&scenario, &mut machine());
    assert_eq!(heard.log, "cg_a is cell 1\ncg_b is cell 2\ncg_c is cell 3\n");
}

#[test]
fn without_the_cpu_controller_none_hears_of_cgroups() {
    let (report, heard) = played(&under(&BLIND), &mut machine());
    assert_eq!((report.error, heard.log.as_str()), (None, ""));
}

#[test]
fn one_that_leaves_at_the_nth_action_fails_the_run_at_its_time() {
    let leaving = Leaving { message: "a task did not run".to_owned(), ..Leaving::by(SchedulerExit::Stall) };
    // The second hold; without a fault the first lasts half of the duration.
    let when = When::NthOf(ActionKind::Hold, 1);
    let mut broken = FaultInjector::on_mock(machine()).inject(when, What::SchedulerLeaves(leaving));
    let (report, heard) = played(&under(&MITOSIS), &mut broken);
    assert_eq!((report.verdict, report.error, report.leftovers), (Verdict::Fail, None, 0));
    assert_eq!(heard.checks, [(Verdict::Fail, None)]);
    let [(at, notice)] = &heard.notices[..] else { panic!("{:?}", heard.notices) };
    assert_eq!(*at, Duration::from_millis(500) + REMOVAL);
    assert!(notice.contains("Stall") && notice.contains("a task did not run"), "{notice}");
}

#[test]
fn what_is_expected_of_one_is_no_failure_and_the_run_goes_on_if_it_says_so() {
    static EXPECTED: Scheduler = Scheduler::new("brief", "scx_mitosis")
        .on_death(OnDeath::GoOn)
        .expect_exit(ExpectedExit::new(SchedulerExit::UnregisteredByItself).code(42));
    for (code, verdict) in [(42, Verdict::Pass), (41, Verdict::Fail)] {
        let leaving = Leaving { code, ..Leaving::by(SchedulerExit::UnregisteredByItself) };
        let when = When::NthOf(ActionKind::Hold, 0);
        let mut broken = FaultInjector::on_mock(machine()).inject(when, What::SchedulerLeaves(leaving));
        let (report, heard) = played(&under(&EXPECTED), &mut broken);
        assert_eq!(heard.checks, [(verdict, None)]);
        assert_eq!(report.elapsed, Duration::from_secs(1) + REMOVAL, "both holds were whole");
    }
}

#[test]
fn a_machine_without_sched_ext_is_refused_before_anything_is_made() {
    let mut machine = machine().without_sched_ext();
    let scenario = under(&MITOSIS);
    let error = execute_scenario(&scenario, &mut machine, 1, &mut ()).expect_err("it has none");
    let RunError::Environment(fault) = error else { panic!("{error}") };
    assert_eq!(fault.kind, FaultKind::NoSchedExt);
    assert!(fault.is_environment());
}
