//! The scenario as a whole.

use super::*;
use crate::model::checks::{BoundKind, CheckKind, NumberRange};
use crate::model::comparison::{Compared, Comparison};
use crate::model::needs::Needs;
use crate::model::topology::Uniform;
use crate::validate::rules::ErrorKind::*;

pub(super) fn rows() -> Vec<Row> {
    let s = || Scenario::new("test");
    let at = Site::Scenario;
    let long = std::string::String::leak("x".repeat(65));
    let (many, full) = (&long[..], &long[..64]);
    std::vec![
        row(ScenarioName, at, Scenario::new(""), Scenario::new("x")),
        row(ScenarioName, at, Scenario::new(many), Scenario::new(full)),
        row(ScenarioName, at, Scenario::new("a\nb"), Scenario::new("a b")),
        row(ScenarioDuration, at, s().duration(Duration::ZERO), s().duration(Duration::from_nanos(1))),
        row(ScenarioDuration, at, s().duration(Duration::MAX), s().duration(Duration::from_nanos(u64::MAX))),
        row(ScenarioWorkers, at, s().workers_per_cgroup(0), s().workers_per_cgroup(1)),
        row(
            ScenarioWorkers,
            at,
            defs(&[def("a")]).workers_per_cgroup(1025),
            defs(&[def("a")]).workers_per_cgroup(1024)
        ),
        row(NeedsTooMuch, at, s().needs(Needs::NONE.cpus(1025)), s().needs(Needs::NONE.cpus(1024))),
        row(NeedsTooMuch, at, s().needs(Needs::NONE.llcs(1025)), s().needs(Needs::NONE.llcs(1024))),
        row(NeedsTooMuch, at, s().needs(Needs::NONE.nodes(65)), s().needs(Needs::NONE.nodes(64))),
        row(NotPermitted, at, s().permit(&[CgroupUnknown]), s().permit(&[ChildLeftOutside])),
        row(NotPermitted, at, s().permit(&[HoldOverBudget]), s().permit(&[Stranded])),
        row(
            ScenarioTopology,
            at,
            s().topology(Uniform::new(1, 1, 0, 1)),
            s().topology(Uniform::new(1, 1, 1, 1))
        ),
        row(
            ScenarioTopology,
            at,
            s().topology(Uniform::new(1, 1, 1025, 1)),
            s().topology(Uniform::new(1, 1, 1024, 1))
        ),
    ]
    .into_iter()
    .chain(bounds())
    .chain(own_bounds())
    .chain(step_names())
    .chain(comparisons())
    .collect()
}

/// Comparisons of two cgroups and of two steps.
fn comparisons() -> std::vec::Vec<Row> {
    const SOUND: Comparison<'_> = Comparison::new("a", "b", Compared::Cpu, 1.0);
    let with = |comparisons: &[Comparison<'static>]| {
        static STEPS: [Step<'static>; 2] =
            [Step::hold(HoldSpec::frac(0.5)).named("x"), Step::hold(HoldSpec::frac(0.5)).named("y")];
        let compare = std::vec::Vec::leak(comparisons.to_vec());
        defs(&[def("a"), def("b")]).steps(&STEPS).compare(compare)
    };
    let at = Site::Scenario;
    let bad = |kind, broken| row(kind, at, with(&[broken]), with(&[SOUND]));
    std::vec![
        bad(CompareUnknown, Comparison { of: "c", ..SOUND }),
        bad(CompareUnknown, Comparison { against: "a/b", ..SOUND }),
        bad(CompareStep, SOUND.in_step("z")),
        bad(CompareStep, SOUND.in_steps("x", "z")),
        bad(CompareNothing, Comparison { against: "a", ..SOUND }),
        row(
            CompareNothing,
            at,
            with(&[Comparison { against: "a", ..SOUND }.in_steps("x", "x")]),
            with(&[Comparison { against: "a", ..SOUND }.in_steps("x", "y")]),
        ),
        bad(CompareBound, Comparison { ratio: 0.0, ..SOUND }),
        bad(CompareBound, Comparison { ratio: f64::INFINITY, ..SOUND }),
        bad(CompareBound, SOUND.within(-0.1)),
        bad(CompareBound, SOUND.within(f64::NAN)),
        row(CompareTooMany, at, with(&[SOUND; 17]), with(&[SOUND; 16])),
    ]
}

/// Names of steps.
fn step_names() -> [Row; 4] {
    let steps = |names: [&'static str; 2]| {
        let steps = names.map(|name| Step::hold(HoldSpec::frac(0.5)).named(name));
        Scenario::new("test").steps(std::vec::Vec::leak(steps.into()))
    };
    let at = |step| Site::Step { step, part: Part::Whole };
    let long = |length| &*std::string::String::leak("x".repeat(length));
    [
        row(StepName, at(1), steps(["a", ""]), steps(["a", "b"])),
        row(StepName, at(0), steps([long(65), "b"]), steps([long(64), "b"])),
        row(StepName, at(0), steps(["a\n", "b"]), steps(["a é", "b"])),
        row(StepNameTwice, at(1), steps(["a", "a"]), steps(["a", "A"])),
    ]
}

/// Bounds that a definition says, and both ends of a range.
fn own_bounds() -> [Row; 3] {
    const NONE: Checks = Checks::NONE.cpu_share(0.0, 0.5);
    const CROSSED: Checks = Checks::NONE.cpu_share(0.6, 0.5);
    const SOUND: Checks = Checks::NONE.cpu_share(0.5, 0.5);
    let all = |checks| Scenario::new("test").checks(checks);
    let one = |checks| defs(&[def("a").checks(checks)]);
    [
        row(CheckBound, FIRST_DEF, one(&NONE), one(&SOUND)),
        row(CheckBound, FIRST_DEF, one(&CROSSED), one(&SOUND)),
        row(CheckBound, Site::Scenario, all(CROSSED), all(SOUND)),
    ]
}

/// Each check whose bound is a number, with bounds out of its range and one within.
fn bounds() -> impl Iterator<Item = Row> {
    let ranges = CheckKind::ALL.into_iter().filter_map(|kind| match kind.info().bound {
        BoundKind::Number(range) => Some((kind, range)),
        BoundKind::Flag(_)
        | BoundKind::Time
        | BoundKind::Always(_)
        | BoundKind::OfPayload
        | BoundKind::OfScheduler => None,
    });
    ranges.flat_map(|(kind, range)| {
        let with = move |bound| {
            let mut checks = Checks::NONE;
            assert!(checks.set(kind, crate::CheckBound::Number(bound)), "{kind:?}");
            Scenario::new("test").checks(checks)
        };
        let outside: &[f64] = match range {
            NumberRange::FromZero => &[f64::NAN, f64::INFINITY, -0.1],
            NumberRange::Share => &[f64::NAN, f64::INFINITY, -0.1, 0.0, 1.01],
        };
        outside.iter().map(move |bound| row(CheckBound, Site::Scenario, with(*bound), with(1.0)))
    })
}
