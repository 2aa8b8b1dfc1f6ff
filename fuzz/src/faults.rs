//! Faults: whatever fails and whenever the supervisor dies, nothing stays behind that the report does not
//! name, and recovery removes the rest.

use crate::search::faults::play;
use crate::search::theorem::machine;
use ktstr_core::{ActionKind, FaultKind};
use ktstr_gen::hostile::with_scenario;
use ktstr_mock::MockBackend;
use ktstr_mock::fault::{FaultInjector, What, When};
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
        if let Err(why) = with_scenario(rest, |scenario| play(scenario, broken, "stubborn")) {
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
