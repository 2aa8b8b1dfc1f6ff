//! Faults: whatever fails and whenever the supervisor dies, nothing stays behind that the report does not name, and
//! recovery removes the rest.

use crate::search::alphabet::TOPOLOGY;
use crate::search::generate::with_scenario;
use crate::search::theorem::{is_empty, machine};
use ktstr_core::action::ActionKind;
use ktstr_core::executor::{Executor, execute_unchecked};
use ktstr_core::fault::FaultKind;
use ktstr_core::observer::Observer;
use ktstr_core::op::Op;
use ktstr_core::payload::Payload;
use ktstr_core::report::Report;
use ktstr_core::scenario::Scenario;
use ktstr_core::step::Step;
use ktstr_mock::fault::{FaultInjector, What, When};
use ktstr_mock::{MockBackend, MockKernel};
use std::cell::RefCell;
use std::time::Duration;

/// How many of the first bytes say what goes wrong.
const PLAN: usize = 6;

thread_local! {
    static BROKEN: RefCell<FaultInjector<MockBackend>> = RefCell::new(FaultInjector::on_mock(machine()));
}

/// The target: two faults, then the scenario.
pub fn run(bytes: &[u8]) {
    let Some((plan, rest)) = bytes.split_at_checked(PLAN) else { return };
    BROKEN.with_borrow_mut(|broken| {
        broken.inner_mut().reset();
        broken.rearm();
        for (when, what) in faults(plan) {
            broken.add(when, what);
        }
        if let Err(why) = with_scenario(rest, |scenario| play(scenario, broken)) {
            panic!("{why}\n{}", show(bytes));
        }
    });
}

/// The faults and the scenario.
pub fn show(bytes: &[u8]) -> String {
    let (plan, rest) = bytes.split_at_checked(PLAN).unwrap_or_default();
    format!("--- faults\n{:?}\n{}", faults(plan).collect::<Vec<_>>(), crate::replay::as_scenario(rest))
}

fn faults(plan: &[u8]) -> impl Iterator<Item = (When, What)> {
    plan.chunks_exact(PLAN / 2).map(|bytes| {
        let (number, kind) = (u64::from(bytes[0]), bytes[1]);
        let when = match kind % 4 {
            0 | 1 => When::Nth(number),
            2 => When::From(number),
            _ => When::NthOf(HURT[number as usize % HURT.len()], number >> 5),
        };
        let what = match (kind >> 2) % 8 {
            0..3 => What::Errno([4, 11, 12, 13, 16, 28, 110][bytes[2] as usize % 7]),
            3 => What::Kind(FaultKind::TimedOut),
            4 => What::Delay(Duration::from_millis(u64::from(bytes[2]))),
            5 => What::ChildDies,
            6 => What::PidReused,
            _ => What::Crash,
        };
        (when, what)
    })
}

/// Actions whose failure is the most awkward.
const HURT: [ActionKind; 8] = [
    ActionKind::CreateCgroup,
    ActionKind::Spawn,
    ActionKind::Stop,
    ActionKind::KillPayload,
    ActionKind::KillRemaining,
    ActionKind::RemoveCgroup,
    ActionKind::Thaw,
    ActionKind::Finish,
];

/// What the run says that it has left behind.
#[derive(Default)]
struct Told<'a>(Vec<&'a str>);

impl<'a> Observer<'a> for Told<'a> {
    fn leftover(&mut self, path: &'a str) {
        self.0.push(path);
    }
}

fn play<'a>(scenario: &'a Scenario<'a>, broken: &mut FaultInjector<MockBackend>) -> Result<(), String> {
    let mut told = Told::default();
    let mut executor = Executor::<64>::new(scenario, &TOPOLOGY, 7);
    let report = execute_unchecked(&mut executor, broken, &mut told);
    if !broken.has_crashed() {
        all_is_told(&report, &told.0, broken.inner())?;
    }
    broken.inner_mut().crash();
    broken.recover();
    if forks_beside_the_run(scenario) {
        return Ok(());
    }
    is_empty(broken.inner()).map_err(|left| format!("after recovery {left}"))
}

/// Whether a payload runs in the runner's own cgroup and forks: after a crash nobody can tell its children from others.
fn forks_beside_the_run(scenario: &Scenario<'_>) -> bool {
    let forks = |payload: &Payload<'_>| payload.binary == "stubborn";
    let beside = |op: &Op<'_>| matches!(op, Op::RunPayload { payload, cgroup: None, .. } if forks(payload));
    let of_step = |step: &Step<'_>| step.ops.iter().any(beside) || step.payload.is_some_and(forks);
    let backdrop = &scenario.backdrop;
    backdrop.payloads.iter().any(|payload| forks(payload))
        || backdrop.ops.iter().any(beside)
        || scenario.steps.iter().any(of_step)
}

/// Whether what is left is named.
fn all_is_told(report: &Report, told: &[&str], mock: &MockBackend) -> Result<(), String> {
    if report.leftovers as usize != told.len() {
        return Err(format!("{} things are counted, {told:?} are named", report.leftovers));
    }
    if told.is_empty() {
        return is_empty(mock).map_err(|left| format!("nothing is named, but {left}; {report:?}"));
    }
    each_cgroup(mock.kernel(), "ktstr/run", "", &mut |path| {
        if told.contains(&path) {
            Ok(())
        } else {
            Err(format!("cgroup {path:?} is left, only {told:?} are named"))
        }
    })
}

fn each_cgroup(
    kernel: &MockKernel,
    top: &str,
    path: &str,
    visit: &mut impl FnMut(&str) -> Result<(), String>,
) -> Result<(), String> {
    let full = if path.is_empty() { top.to_owned() } else { format!("{top}/{path}") };
    let Ok(children) = kernel.children(&full) else { return Ok(()) };
    visit(path)?;
    for child in children {
        let below = if path.is_empty() { child.to_owned() } else { format!("{path}/{child}") };
        each_cgroup(kernel, top, &below, visit)?;
    }
    Ok(())
}
