//! What observers hear beside outcomes: evidence and notices.

use super::*;
use crate::execute::action::{GroupId, PayloadId};

#[test]
fn processes_of_a_capture_are_evidence_at_its_place() {
    let ops = [Op::add_cgroup("a"), Op::capture_cgroup_procs("who", "a")];
    let steps = [Step::new(&ops, HoldSpec::Fixed(Duration::ZERO))];
    let (report, heard) = play(&Scenario::new("captured").steps(&steps), Answers::new());
    assert_eq!(report.error, None);
    assert_eq!(heard.evidence, ["steps[0].ops[1]: read processes of a as who: [7, 8]"]);
}

#[test]
fn notices_come_with_their_action_and_the_time_of_the_run() {
    let ended = Notice::PayloadEnded { id: PayloadId(0), status: ExitStatus::Exited(3) };
    let killed = Notice::WorkerKilled { group: GroupId(0), worker: 1, pid: 7, signal: 9 };
    let oom = Notice::OomKilled { cgroup: "cell", count: 2 };
    let ms = Duration::from_millis;
    let steps = [Step::hold(HoldSpec::Fixed(ms(20))), Step::hold(HoldSpec::Fixed(ms(30)))];
    let backend = Answers {
        clock: ms(100),
        notices: vec![
            ("prepare controllers []", ms(99), oom),
            ("hold 20ms", ms(115), ended),
            ("hold 30ms", ms(121), killed),
            ("hold 30ms", ms(150), oom),
        ],
        ..Answers::new()
    };
    let (report, heard) = play(&Scenario::new("noticed").steps(&steps), backend);
    // Nothing is decided by a notice.
    assert_eq!((report.error, report.verdict), (None, Verdict::Pass));
    let expected = [
        (0, "prepare controllers []", oom),
        (15, "hold 20ms", ended),
        (21, "hold 30ms", killed),
        (50, "hold 30ms", oom),
    ];
    let expected: Vec<_> = expected
        .iter()
        .map(|(at, action, notice)| format!("{:?} in {action}: {notice:?}", ms(*at)))
        .collect();
    assert_eq!(heard.notices, expected);
}
