//! The rules as a table of behaviour: each row breaks one rule at one place, and is beside its nearest
//! neighbour that breaks none.

extern crate std;

mod cpusets;
mod hierarchy;
mod holds;
mod lifetimes;
mod limits;
mod names;
mod ops;
mod payloads;
mod plays;
mod scenario;
mod schedulers;
mod storage;
mod works;

use super::{Scratch, Slot, slots_needed, validate};
use crate::model::site::{Part, Site};
use crate::prelude::*;
use crate::validate::invalid::{Invalid, Value};
use crate::validate::rules::{ErrorKind, RULES};
use core::time::Duration;
use std::boxed::Box;
use std::vec;
use std::vec::Vec;

/// Eight CPUs in two nodes of one LLC each, two threads to a core.
static MACHINE: Topology = Topology::uniform(2, 1, 2, 2);

/// One broken rule and its nearest neighbour. A scenario is large, and a table of them is made on the stack.
struct Row {
    kind: ErrorKind,
    site: Site,
    broken: Box<Scenario<'static>>,
    sound: Box<Scenario<'static>>,
    on: Option<&'static Topology>,
}

fn row(kind: ErrorKind, site: Site, broken: Scenario<'static>, sound: Scenario<'static>) -> Row {
    Row { kind, site, broken: Box::new(broken), sound: Box::new(sound), on: None }
}

impl Row {
    fn on(mut self, machine: &'static Topology) -> Self {
        self.on = Some(machine);
        self
    }
}

fn leak<T: Clone>(items: &[T]) -> &'static [T] {
    Vec::leak(items.to_vec())
}

fn def(name: &'static str) -> CgroupDef<'static> {
    CgroupDef::named(name)
}

fn add(name: &'static str) -> Op<'static> {
    Op::add_cgroup(name)
}

fn spin(cgroup: &'static str) -> Op<'static> {
    Op::spawn_in_cgroup(cgroup, WorkType::SpinWait)
}

fn limited(name: &'static str) -> Op<'static> {
    Op::add_cgroup_def(&leak(&[def(name).memory_low(0)])[0])
}

/// A Backdrop of these operations.
fn back(ops: &[Op<'static>]) -> Backdrop<'static> {
    Backdrop::new().lend_ops(leak(ops))
}

/// A scenario whose Backdrop is these operations.
fn backs(ops: &[Op<'static>]) -> Scenario<'static> {
    Scenario::new("test").backdrop(back(ops))
}

/// A scenario whose Backdrop is these definitions.
fn defs(defs: &[CgroupDef<'static>]) -> Scenario<'static> {
    Scenario::new("test").backdrop(Backdrop::new().lend_cgroups(leak(defs)))
}

/// A step of these operations that is not held.
fn step(ops: &[Op<'static>]) -> Step<'static> {
    Step::new(leak(ops), HoldSpec::fixed(Duration::ZERO))
}

/// A scenario of one step of these operations.
fn steps(ops: &[Op<'static>]) -> Scenario<'static> {
    Scenario::new("test").steps(leak(&[step(ops)]))
}

/// A scenario of a Backdrop and one step of operations.
fn both(backdrop: &[Op<'static>], ops: &[Op<'static>]) -> Scenario<'static> {
    steps(ops).backdrop(back(backdrop))
}

const fn backdrop_op(index: u32) -> Site {
    Site::Backdrop(Part::Op(index))
}

const fn step_op(step: u32, index: u32) -> Site {
    Site::Step { step, part: Part::Op(index) }
}

const fn step_part(step: u32, part: Part) -> Site {
    Site::Step { step, part }
}

const FIRST_DEF: Site = Site::Backdrop(Part::Cgroup(0));

/// All errors of a scenario.
fn findings(scenario: &Scenario<'static>, on: Option<&Topology>) -> Vec<Invalid<'static>> {
    let mut slots = vec![Slot::FREE; slots_needed(scenario)];
    let mut list = vec![Invalid::FILLER; 64];
    let mut scratch = Scratch::with_findings(&mut slots, &mut list);
    let verdict = validate(scenario, on, &mut scratch);
    assert_eq!(verdict.is_err(), scratch.total() > 0);
    let first = scratch.findings().first();
    assert_eq!(verdict.err().map(|one| (one.kind, one.site)), first.map(|one| (one.kind, one.site)));
    scratch.findings().to_vec()
}

/// All rows.
fn all_rows() -> impl Iterator<Item = Row> {
    let tables = [
        names::rows,
        lifetimes::rows,
        hierarchy::rows,
        cpusets::rows,
        limits::rows,
        holds::rows,
        works::rows,
        payloads::rows,
        ops::rows,
        scenario::rows,
        schedulers::rows,
    ];
    tables.into_iter().flat_map(|rows| rows())
}

#[test]
fn each_broken_rule_is_the_one_thing_found_at_its_site() {
    let mut wrong = Vec::new();
    for Row { kind, site, broken, on, .. } in all_rows() {
        let found = findings(&broken, on);
        let reported: Vec<_> = found.iter().map(|invalid| (invalid.kind, invalid.site)).collect();
        if reported != [(kind, site)] {
            wrong.push((kind, site, found));
        }
    }
    assert!(wrong.is_empty(), "expected, and found: {wrong:#?}");
}

#[test]
fn its_nearest_neighbour_passes() {
    for Row { kind, sound, on, .. } in all_rows() {
        assert_eq!(findings(&sound, on), [], "{kind:?}");
    }
}

#[test]
fn no_rule_is_without_a_row() {
    let rows: Vec<_> = all_rows().collect();
    for rule in RULES {
        let apart = [ErrorKind::CannotRepeat, ErrorKind::StorageTooSmall]; // in `holds` and `storage`
        let covered = rows.iter().any(|row| row.kind == rule.kind) || apart.contains(&rule.kind);
        assert!(covered, "{} {:?} is broken by no row", rule.code, rule.kind);
    }
}

#[test]
fn every_message_is_whole() {
    for Row { broken, on, .. } in all_rows() {
        for invalid in findings(&broken, on) {
            let text = invalid.to_text();
            assert!(!text.is_cut() && !text.as_str().contains(['{', '}']), "{text}");
            let rule = invalid.rule();
            let speaks_of_a_field = [rule.what, rule.cure].iter().any(|text| text.contains("{field}"));
            assert_eq!(speaks_of_a_field, invalid.field.is_some(), "{text}");
            for (place, value) in [("{value}", invalid.value), ("{limit}", invalid.limit)] {
                let used = rule.what.contains(place) || rule.cure.contains(place);
                assert!(!used || value != Value::None, "a number is missing: {text}");
            }
            let empty_is_the_fault = [
                ErrorKind::Comm,
                ErrorKind::PayloadName,
                ErrorKind::ScenarioName,
                ErrorKind::StepName,
                ErrorKind::SchedulerName,
            ]
            .contains(&invalid.kind);
            for (place, name) in [("{name}", invalid.name), ("{other}", invalid.other)] {
                let used = rule.what.contains(place) || rule.cure.contains(place);
                assert!(!used || !name.is_empty() || empty_is_the_fault, "a name is missing: {text}");
            }
        }
    }
}
