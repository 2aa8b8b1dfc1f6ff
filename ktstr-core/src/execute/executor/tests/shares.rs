//! Shares of the CPU time of all groups: which groups count, and when a share is known.

use super::*;
use std::format;

const ASKS: Checks = Checks::NONE.cpu_share(0.5, 0.6);
const ASKING: CgroupDef = CgroupDef::named("g").checks(&ASKS);
const OTHER: CgroupDef = CgroupDef::named("h");
const HALF: HoldSpec = HoldSpec::frac(0.5);

/// What came of the share of `g`, where each worker had the same CPU time.
fn judged(backdrop: Backdrop<'_>, steps: &[Step<'_>]) -> Option<String> {
    let scenario = Scenario::new("shares").backdrop(backdrop).steps(steps);
    let (report, heard) = play(&scenario, Answers::new());
    assert_eq!(report.error, None, "{:?}", heard.lines);
    heard.shares.into_iter().find(|share| share.starts_with("max"))
}

#[test]
fn all_groups_of_the_window_count() {
    let both = Backdrop::new().push_cgroup(ASKING).push_cgroup(OTHER);
    let one = || Backdrop::new().push_cgroup(ASKING);
    let add = [Op::add_cgroup_def(&OTHER)];
    let wait = [Op::run_payload(&LOAD, &[]), Op::wait_payload("load"), Op::add_cgroup_def(&OTHER)];
    let stop = [Op::stop_cgroup("h")];
    for (case, backdrop, steps, expected) in [
        ("beside each other", both, &[Step::hold(HALF)][..], "0.5 Pass"),
        ("alone", one(), &[Step::hold(HALF)], "1 Fail"),
        ("started before the same hold", one().push_op(add[0]), &[Step::hold(HALF)], "0.5 Pass"),
        ("inside the window", one(), &[Step::new(&add, HALF), Step::hold(HALF)], "0.5 Pass"),
        ("before", Backdrop::new(), &[Step::new(&add, HALF), Step::with_defs(&[ASKING], HALF)], "1 Fail"),
        (
            "stopped sooner",
            one().push_cgroup(OTHER.until_removed()),
            &[Step::hold(HALF), Step::new(&stop, HALF)],
            "0.5 Pass",
        ),
        (
            "begun sooner and stopped sooner",
            Backdrop::new().push_cgroup(OTHER.until_removed()),
            &[Step::hold(HALF), Step { setup: &[ASKING], ..Step::new(&stop, HALF) }],
            "1 Fail",
        ),
        (
            "works on",
            Backdrop::new().push_cgroup(OTHER),
            &[Step::with_defs(&[ASKING], HALF), Step::hold(HALF)],
            "- Inconclusive",
        ),
        (
            "started after a wait",
            Backdrop::new(),
            &[Step { setup: &[ASKING], ..Step::new(&wait, HALF) }, Step::hold(HALF)],
            "0.5 Pass",
        ),
    ] {
        let judged = judged(backdrop, steps);
        assert_eq!(judged.as_deref(), Some(&*format!("max_cpu_share {expected}")), "{case}");
    }
}
