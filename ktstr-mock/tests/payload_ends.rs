//! What a program's end counts for: one that a script has is judged as on a kernel, one that the mock has to
//! make up is said to be assumed, and nothing passes or fails by it.

use core::time::Duration;
use ktstr_core::prelude::*;
use ktstr_core::{
    CheckResult, ExitStatus, Observer, PayloadEnd, PayloadId, Placement, Unjudged, Verdict, execute_scenario,
};
use ktstr_mock::{MockBackend, Script};

#[derive(Default)]
struct Heard {
    ends: Vec<PayloadEnd>,
    checks: Vec<(Verdict, Option<Unjudged>)>,
}

impl<'a> Observer<'a> for Heard {
    fn payload(&mut self, _: PayloadId, _: &'a Payload<'a>, _: Placement<'a>, end: &PayloadEnd) {
        self.ends.push(*end);
    }

    fn check(&mut self, result: &CheckResult<'a>) {
        self.checks.push((result.verdict, result.unjudged));
    }
}

static FIRST: Payload<'static> = Payload::binary("first", "sh")
    .output(OutputKind::Json)
    .checks(&[PayloadCheck::exit_code(7), PayloadCheck::exists("iops")]);
static SECOND: Payload<'static> =
    Payload::binary("second", "sh").checks(&[PayloadCheck::signal(Signal::KILL)]);
const WAITS: &[Op<'static>] = &[
    Op::run_payload(&FIRST, &[]),
    Op::wait_payload("first"),
    Op::run_payload(&SECOND, &[]),
    Op::wait_payload("second"),
];
static WAITED: Scenario<'static> =
    Scenario::new("waited").steps(&[Step::new(WAITS, HoldSpec::fixed(Duration::from_millis(10)))]);
const RUNS: &[Op<'static>] = &[Op::run_payload(&FIRST, &[])];
static ENDED: Scenario<'static> =
    Scenario::new("ended").steps(&[Step::new(RUNS, HoldSpec::fixed(Duration::from_millis(10)))]);

fn play(scenario: &'static Scenario<'static>, scripts: &[(&str, Script)]) -> (Verdict, Heard) {
    let mock = MockBackend::new(Topology::uniform(1, 1, 2, 1));
    let add = |mock: MockBackend, (name, script): &(&str, Script)| mock.payload(name, script.clone());
    let mut mock = scripts.iter().fold(mock, add);
    let mut heard = Heard::default();
    let report = execute_scenario(scenario, &mut mock, 1, &mut heard).expect("valid");
    assert_eq!(report.error, None);
    (report.verdict, heard)
}

#[test]
fn an_end_without_a_script_is_assumed_and_nothing_rests_on_it() {
    for (scenario, checks, status) in
        [(&WAITED, 5, ExitStatus::Exited(0)), (&ENDED, 2, ExitStatus::Signalled(15))]
    {
        let (verdict, heard) = play(scenario, &[]);
        assert_eq!(verdict, Verdict::Skip, "{}", scenario.name);
        assert!(heard.ends.iter().all(|end| end.assumed && end.status == status), "{:?}", heard.ends);
        assert_eq!(heard.checks, vec![(Verdict::Skip, Some(Unjudged::AssumedEnd)); checks]);
    }
}

#[test]
fn an_end_by_a_script_is_judged() {
    let soon = Duration::from_millis(1);
    let right = Script::exits_after(soon, 7).prints("{\"iops\": 1}");
    let killed = Script::killed_after(soon, Signal::KILL);
    let wrong = Script::exits_after(soon, 0);
    for (first, second, verdict, failed) in [
        (&right, &killed, Verdict::Pass, 0),
        (&wrong, &killed, Verdict::Fail, 2),
        (&right, &wrong, Verdict::Fail, 1),
    ] {
        let (judged, heard) = play(&WAITED, &[("first", first.clone()), ("second", second.clone())]);
        assert_eq!(judged, verdict);
        assert!(heard.ends.iter().all(|end| !end.assumed));
        assert_eq!(heard.checks.iter().filter(|check| check.0 == Verdict::Fail).count(), failed);
        assert!(heard.checks.iter().all(|check| check.1.is_none()));
    }
}

#[test]
fn what_is_scripted_passes_beside_what_is_assumed() {
    let right = Script::exits_after(Duration::from_millis(1), 7).prints("{\"iops\": 1}");
    let (verdict, heard) = play(&WAITED, &[("first", right)]);
    assert_eq!(verdict, Verdict::Pass);
    let verdicts: Vec<_> = heard.checks.iter().map(|check| check.0).collect();
    use Verdict::{Pass, Skip};
    assert_eq!(verdicts, [Pass, Pass, Pass, Skip, Skip]);
}
