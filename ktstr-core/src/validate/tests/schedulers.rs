//! Schedulers.

use super::*;
use crate::validate::rules::ErrorKind::*;

const PLAIN: Scheduler<'static> = Scheduler::new("s", "scx_s");
static ONE: Scheduler = PLAIN;
static OTHER: Scheduler = Scheduler::new("t", "scx_t");

fn under(scheduler: Scheduler<'static>) -> Scenario<'static> {
    let scheduler = &leak(&[scheduler])[0];
    Scenario::new("test").backdrop(back(&[add("cell")]).scheduler(scheduler))
}

pub(super) fn rows() -> Vec<Row> {
    [values(), lives()].into_iter().flatten().collect()
}

fn values() -> Vec<Row> {
    let at = Site::Backdrop(Part::Scheduler);
    let named = |args: &'static [&'static str]| under(PLAIN.args(args));
    vec![
        row(SchedulerName, at, under(Scheduler::new("", "x")), under(PLAIN)),
        row(SchedulerName, at, under(Scheduler::new("a\n", "x")), under(Scheduler::new("a b", "x"))),
        row(SchedulerBinary, at, under(Scheduler::new("s", "")), under(PLAIN)),
        row(SchedulerBinary, at, under(Scheduler::new("s", "a\0")), under(PLAIN)),
        row(SchedulerArgument, at, named(&["-a", "\0"]), named(&["-a", ""])),
        row(SchedulerPlaceholder, at, named(&["{cgroup:cells}"]), named(&["{cgroup:cell}", "{cgroup:/}"])),
        row(SchedulerVariable, at, under(PLAIN.env(&["A=1", "B"])), under(PLAIN.env(&["A=1", "B="]))),
        row(SchedulerVariable, at, under(PLAIN.env(&["=1"])), under(PLAIN.env(&["A=1=2"]))),
        row(SchedulerFile, at, under(PLAIN.include_files(&["a", ""])), under(PLAIN.include_files(&["a"]))),
        row(
            SchedulerReady,
            at,
            under(PLAIN.ready(Duration::ZERO)),
            under(PLAIN.ready(Duration::from_nanos(1)).grace(Duration::ZERO)),
        ),
        row(
            SchedulerBinary,
            step_op(0, 0),
            steps(&[Op::attach_scheduler(&leak(&[Scheduler::new("s", "")])[0])]),
            steps(&[Op::attach_scheduler(&ONE)]),
        ),
    ]
}

fn lives() -> Vec<Row> {
    let (attach, detach) = (Op::attach_scheduler(&ONE), Op::detach_scheduler());
    let (replace, restart) = (Op::replace_scheduler(&OTHER), Op::restart_scheduler());
    vec![
        row(
            SchedulerAttached,
            step_op(0, 0),
            steps(&[Op::attach_scheduler(&OTHER)]).backdrop(Backdrop::new().scheduler(&ONE)),
            steps(&[replace]).backdrop(Backdrop::new().scheduler(&ONE)),
        ),
        row(
            SchedulerAttached,
            backdrop_op(1),
            backs(&[attach, attach]),
            backs(&[attach, detach, attach, restart, detach]),
        ),
        row(SchedulerNone, step_op(0, 0), steps(&[detach]), both(&[attach], &[detach])),
        row(SchedulerNone, step_op(0, 1), both(&[attach], &[detach, replace]), both(&[attach], &[replace])),
        row(
            SchedulerNone,
            step_op(0, 1),
            both(&[attach], &[detach, restart]),
            both(&[attach], &[restart, detach]),
        ),
        row(
            SchedulerItself,
            step_op(0, 0),
            both(&[attach], &[Op::replace_scheduler(&ONE)]),
            both(&[attach], &[replace, Op::replace_scheduler(&ONE)]),
        ),
    ]
}

#[test]
fn a_loop_has_to_leave_what_it_found() {
    let (attach, detach) = (Op::attach_scheduler(&ONE), Op::detach_scheduler());
    for (ops, cause) in [
        (&[attach][..], Some(SchedulerAttached)),
        (&[attach, detach], None),
        (&[attach, Op::replace_scheduler(&OTHER), detach], None),
        (&[attach, Op::restart_scheduler(), detach], None),
    ] {
        let step = Step::new(leak(ops), HoldSpec::loop_at(Duration::from_millis(100)));
        let found = findings(&Scenario::new("test").steps(leak(&[step])), None);
        let causes: Vec<_> = found.iter().map(|invalid| (invalid.kind, invalid.cause)).collect();
        let expected: Vec<_> = cause.iter().map(|cause| (CannotRepeat, Some(*cause))).collect();
        assert_eq!(causes, expected, "{ops:?}");
    }
}

#[test]
fn a_scheduler_needs_its_controllers_and_a_kernel_that_takes_it() {
    use crate::model::controllers::{Controller, Controllers};
    let cpu = Controllers::NONE.with(Controller::Cpu);
    let needs = under(PLAIN.controllers(cpu)).check(None).expect("valid");
    assert_eq!((needs.scheduler, needs.controllers), (true, cpu));
    assert_eq!(under(PLAIN.controllers(cpu)).controllers(), cpu);
    assert!(!Scenario::new("none").check(None).expect("valid").scheduler);
}
