//! Payloads.

use super::*;
use crate::model::signal::Signal;
use crate::validate::rules::ErrorKind::*;

const P: Payload<'static> = Payload::binary("p", "true");
static LOAD: Payload = P;
static OTHER: Payload = Payload::binary("q", "true");

fn runs(payload: Payload<'static>) -> Scenario<'static> {
    Scenario::new("test").backdrop(Backdrop::new().lend_payloads(leak(&[&leak(&[payload])[0]])))
}

pub(super) fn rows() -> Vec<Row> {
    [values(), checks(), lives()].into_iter().flatten().collect()
}

fn values() -> Vec<Row> {
    let at = Site::Backdrop(Part::Payload(0));
    let run = |args: &[&'static str]| backs(&[Op::run_payload(&LOAD, leak(args))]);
    std::vec![
        row(PayloadName, at, runs(Payload::binary("", "true")), runs(P)),
        row(PayloadName, at, runs(Payload::binary("a\nb", "true")), runs(Payload::binary("a b", "true"))),
        row(PayloadBinary, at, runs(Payload::binary("p", "")), runs(P)),
        row(PayloadBinary, at, runs(Payload::binary("p", "a\0")), runs(Payload::binary("p", "a"))),
        row(PayloadArgument, at, runs(P.default_args(&["-a", "b\0"])), runs(P.default_args(&["-a", ""]))),
        row(PayloadArgument, backdrop_op(0), run(&["\0"]), run(&["\n"])),
        row(PayloadFile, at, runs(P.include_files(&["a", ""])), runs(P.include_files(&["a"]))),
        row(
            PayloadBinary,
            FIRST_DEF,
            defs(&[def("a").workload(&leak(&[Payload::binary("p", "")])[0])]),
            defs(&[def("a").workload(&LOAD)]),
        ),
    ]
}

fn checks() -> Vec<Row> {
    let at = Site::Backdrop(Part::Payload(0));
    let json = P.output(OutputKind::Json);
    let checked = |payload: Payload<'static>, check| runs(payload.checks(leak(&[check])));
    let (min, range) = (PayloadCheck::min, PayloadCheck::range);
    std::vec![
        row(PayloadBound, at, checked(json, min("m", f64::NAN)), checked(json, min("m", -1.0))),
        row(
            PayloadBound,
            at,
            checked(json, PayloadCheck::max("m", f64::INFINITY)),
            checked(json, PayloadCheck::max("m", 0.0))
        ),
        row(PayloadBound, at, checked(json, range("m", 2.0, 1.0)), checked(json, range("m", 1.0, 1.0))),
        row(
            PayloadMetric,
            at,
            checked(json, PayloadCheck::exists("")),
            checked(json, PayloadCheck::exists("m"))
        ),
        row(
            PayloadMetric,
            at,
            runs(P.metrics(leak(&[MetricHint::default()]))),
            runs(P.metrics(leak(&[MetricHint { name: "m", ..MetricHint::default() }]))),
        ),
        row(
            PayloadExitCode,
            at,
            checked(P, PayloadCheck::exit_code(256)),
            checked(P, PayloadCheck::exit_code(255))
        ),
        row(
            PayloadExitCode,
            at,
            checked(P, PayloadCheck::exit_code(-1)),
            checked(P, PayloadCheck::signal(Signal::KILL))
        ),
        row(PayloadOutput, at, checked(P, min("m", 1.0)), checked(P, PayloadCheck::exit_code(0))),
    ]
}

fn lives() -> Vec<Row> {
    let run = Op::run_payload(&LOAD, &[]);
    let inside = |cgroup| Op::run_payload_in_cgroup(&LOAD, &[], cgroup);
    let (wait, kill) = (Op::wait_payload, Op::kill_payload);
    let kill_in = Op::kill_payload_in_cgroup;
    let after = |ops: &[Op<'static>]| {
        let first = Step::with_payload(&LOAD, HoldSpec::fixed(Duration::ZERO));
        Scenario::new("test").steps(leak(&[first, step(ops)]))
    };
    std::vec![
        row(PayloadUnknown, step_op(0, 1), steps(&[run, wait("q")]), steps(&[run, wait("p")])),
        row(
            PayloadUnknown,
            step_op(0, 2),
            steps(&[add("a"), run, kill_in("p", "a")]),
            steps(&[add("a"), inside("a"), kill_in("p", "a")]),
        ),
        row(
            PayloadOver,
            step_op(0, 2),
            steps(&[run, kill("p"), wait("p")]),
            steps(&[run, kill("p"), run, wait("p")])
        ),
        row(PayloadOver, step_op(1, 0), after(&[wait("p")]), after(&[run, wait("p")])),
        row(
            PayloadOver,
            step_op(0, 3),
            steps(&[add("a"), inside("a"), Op::stop_cgroup("a"), kill_in("p", "a")]),
            steps(&[add("a"), inside("a"), kill_in("p", "a"), Op::remove_cgroup("a")]),
        ),
        row(
            PayloadAmbiguous,
            step_op(0, 3),
            steps(&[add("a"), run, inside("a"), wait("p")]),
            steps(&[add("a"), run, inside("a"), kill_in("p", "a"), wait("p")]),
        ),
        row(
            PayloadAmbiguous,
            step_op(0, 3),
            steps(&[add("a"), run, inside("a"), kill("p")]),
            steps(&[add("a"), run, inside("a"), kill_in("p", ""), kill("p")]),
        ),
        row(PayloadDuplicate, step_op(0, 1), steps(&[run, run]), steps(&[run, Op::run_payload(&OTHER, &[])])),
        row(
            PayloadDuplicate,
            Site::Backdrop(Part::Payload(1)),
            Scenario::new("t").backdrop(Backdrop::new().push_payload(&LOAD).push_payload(&LOAD)),
            Scenario::new("t").backdrop(Backdrop::new().push_payload(&LOAD).push_payload(&OTHER)),
        ),
    ]
}
