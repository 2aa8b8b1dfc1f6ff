//! When schedulers are attached and detached, and what comes of one that leaves by itself.

use super::*;
use crate::model::scheduler::{ExpectedExit, OnDeath};

const ONE: Scheduler = Scheduler::new("one", "scx_one");
const OTHER: Scheduler = Scheduler::new("other", "scx_other");

/// A scenario under a scheduler: a worker, a payload, and a step of these operations.
fn under<'a>(scheduler: &'a Scheduler<'a>, steps: &'a [Step<'a>]) -> Scenario<'a> {
    let backdrop = Backdrop::new().scheduler(scheduler).push_cgroup(CgroupDef::named("cell"));
    Scenario::new("under").backdrop(backdrop.push_payload(&LOAD)).steps(steps)
}

#[test]
fn it_is_ready_before_the_first_cgroup_and_leaves_after_the_last_task() {
    let (report, heard) = play(&under(&ONE, &[Step::hold(HoldSpec::FULL)]), Answers::new());
    let expected = "\
scenario: prepare controllers []
backdrop.scheduler: attach scheduler one
backdrop.cgroups[0]: mkdir cell
backdrop.cgroups[0]: spawn group 0 in cell: 1 x SpinWait
backdrop: start workers
backdrop.payloads[0]: run load in the runner's cgroup as payload 0
steps[0].hold: hold 1s
teardown: ask group 0 to stop
teardown: stop group 0
teardown: collect group 0 worker 0
teardown: kill payload 0, grace 1s
teardown: detach scheduler one
teardown: kill what remains in cell
teardown: rmdir cell
teardown: finish";
    assert_eq!(heard.lines.join("\n"), expected);
    assert_eq!(report.verdict, Verdict::Pass);
}

#[test]
fn operations_change_it_from_one_to_the_next_and_not_for_the_step() {
    let second = [Op::replace_scheduler(&OTHER), Op::restart_scheduler()];
    let third = [Op::detach_scheduler(), Op::attach_scheduler(&ONE)];
    let nothing = HoldSpec::Fixed(Duration::ZERO);
    let steps = [Step::new(&second, nothing), Step::new(&third, nothing)];
    let (report, heard) = play(&under(&ONE, &steps), Answers::new());
    let changes: Vec<_> = heard.lines.iter().filter(|line| line.contains("scheduler ")).collect();
    assert_eq!(
        changes,
        [
            "backdrop.scheduler: attach scheduler one",
            "steps[0].ops[0]: detach scheduler one",
            "steps[0].ops[0]: attach scheduler other",
            "steps[0].ops[1]: detach scheduler other",
            "steps[0].ops[1]: attach scheduler other",
            "steps[1].ops[0]: detach scheduler other",
            "steps[1].ops[1]: attach scheduler one",
            "teardown: detach scheduler one",
        ]
    );
    assert_eq!((report.verdict, report.error, report.failed), (Verdict::Pass, None, 0));
}

#[test]
fn one_that_leaves_ends_the_run_and_fails_it_or_does_as_expected() {
    let left = SchedulerEnd { early: true, exit: Some(SchedulerExit::Stall), ..Answers::new().scheduler };
    let met = SchedulerEnd { expected: true, ..left };
    let stalls = ONE.expect_exit(ExpectedExit::new(SchedulerExit::Stall));
    for (scheduler, end, verdict) in [
        (&ONE, left, Verdict::Fail),
        (&stalls, met, Verdict::Pass),
        (&stalls, SchedulerEnd { exit: Some(SchedulerExit::Error), ..left }, Verdict::Fail),
        (&stalls, SchedulerEnd { exit: None, lost: true, ..left }, Verdict::Inconclusive),
    ] {
        let steps = [Step::hold(HoldSpec::frac(0.5)), Step::hold(HoldSpec::FULL)];
        let (report, heard) = play(&under(scheduler, &steps), Answers { scheduler: end, ..Answers::new() });
        assert_eq!((report.verdict, &report.error), (verdict, &None), "{end:?}");
        let held = heard.lines.iter().filter(|line| line.contains("hold")).count();
        assert_eq!((held, report.leftovers), (1, 0), "the second step is not played: {:#?}", heard.lines);
        assert_eq!(heard.lines.iter().filter(|line| line.contains("detach")).count(), 1);
    }
}

#[test]
fn one_that_does_not_get_ready_ends_the_run_before_anything_is_made() {
    let fail = vec![("attach scheduler one", FaultKind::NotReady)];
    let (report, heard) = play(&under(&ONE, &[]), Answers { fail, ..Answers::new() });
    let (site, fault) = report.error.expect("it failed");
    assert_eq!((site.to_string().as_str(), fault.kind), ("backdrop.scheduler", FaultKind::NotReady));
    assert_eq!((heard.lines.len(), report.verdict), (3, Verdict::Fail), "{:#?}", heard.lines);
}

#[test]
fn one_that_does_not_leave_is_left_over_and_the_rest_is_removed() {
    let fail = vec![("detach scheduler one", FaultKind::NotDetached)];
    let (report, heard) = play(&under(&ONE, &[]), Answers { fail, ..Answers::new() });
    assert_eq!((heard.left.join(" "), report.leftovers, report.verdict), ("one".into(), 1, Verdict::Fail));
    assert_eq!(heard.lines.last().map(String::as_str), Some("teardown: finish"));
}

#[test]
fn what_is_not_legal_goes_wrong_at_its_place() {
    let nowhere = ONE.args(&["{cgroup:nowhere}"]);
    for (ops, kind) in [
        (&[Op::detach_scheduler(), Op::detach_scheduler()][..], FaultKind::Unknown),
        (&[Op::detach_scheduler(), Op::restart_scheduler()], FaultKind::Unknown),
        (&[Op::detach_scheduler(), Op::replace_scheduler(&ONE)], FaultKind::Unknown),
        (&[Op::restart_scheduler(), Op::attach_scheduler(&OTHER)], FaultKind::Attached),
        (&[Op::detach_scheduler(), Op::attach_scheduler(&nowhere)], FaultKind::Unknown),
    ] {
        let steps = [Step::new(ops, HoldSpec::FULL)];
        let (report, _) = play(&under(&ONE.on_death(OnDeath::GoOn), &steps), Answers::new());
        let (site, fault) = report.error.expect("it failed");
        assert_eq!((site.to_string().as_str(), fault.kind), ("steps[0].ops[1]", kind), "{ops:?}");
    }
}
