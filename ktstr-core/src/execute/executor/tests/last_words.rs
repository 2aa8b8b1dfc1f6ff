//! What a payload that was judged badly is asked for, and what observers hear of it.

use super::*;
use crate::report::last_words::LAST_WORDS;

/// The actions on a payload that is waited for or ended by the teardown, and what was heard.
fn played(checks: &[PayloadCheck<'_>], waited: bool, backend: Answers) -> (Vec<String>, Heard) {
    let payload = Payload::binary("load", "x").checks(checks);
    let all = [Op::run_payload(&payload, &[]), Op::wait_payload("load")];
    let steps = [Step::new(if waited { &all } else { &all[..1] }, HoldSpec::Fixed(Duration::ZERO))];
    let (report, heard) = play(&Scenario::new("words").steps(&steps), backend);
    assert_eq!(report.error, None);
    let of_payload = heard.lines.iter().filter_map(|line| line.split_once(": ")).map(|(_, action)| action);
    (of_payload.filter(|action| action.contains("payload 0")).map(String::from).collect(), heard)
}

#[test]
fn the_last_words_of_what_was_judged_badly_are_asked_for_after_it_was_judged() {
    let speaks = |stdout, stderr| Answers { stdout, stderr, ..Answers::new() };
    let late = Answers { payloads_end: false, ..speaks("", "why") };
    let (passes, fails) = ([PayloadCheck::exit_code(0)], [PayloadCheck::exit_code(1)]);
    let metric = [PayloadCheck::exit_code(1), PayloadCheck::max("m", 9.0)];
    let read = "read the last words of payload 0";
    for (checks, waited, backend, asked) in [
        (&passes[..], true, speaks("out", "err"), &[][..]),
        (&[], false, speaks("out", "err"), &[]),
        (&fails, true, speaks("out", "err"), &[read]),
        (&fails, false, speaks("out", ""), &[read]),
        // Its code is good, but it comes late.
        (&passes, true, late, &[read]),
        (&metric, true, speaks("out", "err"), &["read metric m of payload 0", read]),
        // That it wrote nothing is worth a record too.
        (&fails, true, speaks("", ""), &[read]),
    ] {
        let (actions, _) = played(checks, waited, backend);
        let after =
            actions.iter().rposition(|action| action.starts_with("wait") || action.starts_with("kill"));
        assert_eq!(actions[after.expect("it ends") + 1..], *asked, "{actions:#?}");
    }
}

#[test]
fn last_words_are_evidence_of_the_streams_that_were_written_to() {
    let fails = [PayloadCheck::exit_code(1)];
    let reported = |stdout, stderr, fail: Vec<(&'static str, FaultKind)>| {
        let backend = Answers { stdout, stderr, fail, ..Answers::new() };
        played(&fails, false, backend).1
    };
    let read = "read the last words of payload 0";
    let long = String::leak("x".repeat(LAST_WORDS + 3));
    for (stdout, stderr, heard) in [
        ("", "", &[][..]),
        ("out", "", &["stdout: 3 bytes after 0"]),
        ("out", "why", &["stdout: 3 bytes after 0", "stderr: 3 bytes after 0"]),
        (long, "why", &["stdout: 1024 bytes after 3", "stderr: 3 bytes after 0"]),
    ] {
        let expected: Vec<_> = heard.iter().map(|piece| format!("{read}: {piece}")).collect();
        assert_eq!(reported(stdout, stderr, vec![]).evidence, expected);
    }
    // Output that cannot be read is no reason to end a run.
    let heard = reported("out", "why", vec![(read, FaultKind::System)]);
    assert!(heard.evidence.is_empty(), "{:?}", heard.evidence);
    assert_eq!(heard.lines.last().map(String::as_str), Some("teardown: finish"));
}
