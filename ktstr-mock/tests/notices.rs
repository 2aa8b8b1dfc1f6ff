//! What the mock says without having been asked: payloads that end by their scripts, workers that are killed.

use core::time::Duration;
use ktstr_core::prelude::*;
use ktstr_core::{ActionKind, Asked, Event, Notice, execute_scenario};
use ktstr_mock::fault::{FaultInjector, What, When};
use ktstr_mock::{MockBackend, Script};

const SHORT: Payload<'static> = Payload::binary("short", "short");
const LONG: Payload<'static> = Payload::binary("long", "long");
const MS: Duration = Duration::from_millis(1);

/// The notices of a run, each with its time and the action that it came with.
#[derive(Default)]
struct Heard {
    notices: Vec<String>,
    times: Vec<Duration>,
}

impl<'a> Observer<'a> for Heard {
    fn notice(&mut self, asked: &Asked<'_, 'a>, at: Duration, notice: &Notice<'_>) {
        let what = match notice {
            Notice::SchedulerLeft { name, exit, .. } => format!("scheduler {name} {exit:?}"),
            Notice::PayloadEnded { id, status } => format!("payload {} {status:?}", id.0),
            Notice::WorkerKilled { group, worker, pid, signal } => {
                assert!(*pid > 0);
                format!("worker {worker} of group {} {signal}", group.0)
            }
            Notice::OomKilled { cgroup, count } => format!("{count} killed for memory in {cgroup:?}"),
        };
        self.notices.push(format!("{at:?} {what} during {}", asked.action));
        self.times.push(at);
    }

    fn event(&mut self, event: &Event<'_, 'a>) {
        // A notice is of the past when its action's event comes.
        assert!(self.times.iter().all(|at| *at <= event.at));
    }
}

fn heard(ops: &[Op<'_>], holds: u32, faults: &[(When, What)]) -> Vec<String> {
    let mut steps = vec![Step::new(ops, HoldSpec::Fixed(100 * MS))];
    steps.extend((1..holds).map(|_| Step::hold(HoldSpec::Fixed(100 * MS))));
    let backdrop = Backdrop::new().push_cgroup(CgroupDef::named("a").workers(2));
    let scenario = Scenario::new("noticed").backdrop(backdrop).steps(&steps);
    let mock = MockBackend::new(Topology::uniform(1, 1, 2, 1))
        .program("short", Script::exits_after(30 * MS, 3))
        .program("long", Script::runs());
    let mut broken = FaultInjector::on_mock(mock);
    faults.iter().for_each(|(when, what)| broken.add(*when, what.clone()));
    let mut heard = Heard::default();
    execute_scenario(&scenario, &mut broken, 7, &mut heard).expect("valid");
    heard.notices
}

#[test]
fn what_happens_unasked_is_said_once() {
    let killed = [(When::NthOf(ActionKind::Hold, 0), What::ChildDies)];
    let starts = [Op::run_payload(&SHORT, &[])];
    let waits = [Op::run_payload(&SHORT, &[]), Op::wait_payload("short")];
    let ends = [Op::run_payload(&LONG, &[]), Op::kill_payload("long")];
    let other = [
        Op::run_payload(&SHORT, &[]),
        Op::run_payload(&LONG, &[]),
        Op::WaitPayload { name: "long", cgroup: None, timeout: Some(50 * MS), fails: None },
        Op::wait_payload("short"),
    ];
    for (ops, holds, faults, expected) in [
        (&[][..], 2, &[][..], &[][..]),
        // What is waited for or killed is asked about.
        (&waits, 2, &[], &[]),
        (&ends, 2, &[], &[]),
        (&starts, 2, &[], &["30ms payload 0 Exited(3) during hold 100ms"]),
        (&other, 1, &[], &["30ms payload 0 Exited(3) during wait for payload 1, at most 50ms"]),
        (&[], 3, &killed, &["0ns worker 1 of group 0 9 during hold 100ms"]),
        (&starts, 1, &killed, &["0ns payload 0 Signalled(9) during hold 100ms"]),
    ] {
        assert_eq!(heard(ops, holds, faults), expected);
    }
}

#[test]
fn kills_for_want_of_memory_are_said_with_the_cgroup_that_counts_them() {
    let work = WorkType::page_fault_churn(8 * 1024);
    let backdrop = Backdrop::new()
        .push_cgroup(CgroupDef::named("a").workers(0).memory_max(12 << 20))
        .push_cgroup(CgroupDef::named("a/x").work_type(work).workers(2));
    let steps = [Step::hold(HoldSpec::Fixed(100 * MS)), Step::hold(HoldSpec::Fixed(100 * MS))];
    let scenario = Scenario::new("hungry").backdrop(backdrop).steps(&steps);
    let mut heard = Heard::default();
    let mut mock = MockBackend::new(Topology::uniform(1, 1, 2, 1));
    execute_scenario(&scenario, &mut mock, 7, &mut heard).expect("valid");
    let of_memory: Vec<_> = heard.notices.iter().filter(|line| line.contains("for memory")).collect();
    assert_eq!(of_memory, ["100ms 1 killed for memory in \"a\" during hold 100ms"], "{:?}", heard.notices);
}
