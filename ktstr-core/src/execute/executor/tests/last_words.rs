//! What a payload that was judged badly is asked for, and what observers hear of it.

use super::*;
use crate::report::last_words::{LAST_WORDS, PART};

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
    const LONG: &str = match core::str::from_utf8(&[b'x'; 2 * LAST_WORDS]) {
        Ok(text) => text,
        Err(_) => "",
    };
    let speaks = |stdout, stderr| Answers { stdout, stderr, ..Answers::new() };
    let late = Answers { payloads_end: false, ..speaks("", "why") };
    let (passes, fails) = ([PayloadCheck::exit_code(0)], [PayloadCheck::exit_code(1)]);
    let metric = [PayloadCheck::exit_code(1), PayloadCheck::max("m", 9.0)];
    let long: Vec<_> =
        (0..5).map(|part| format!("read the end of stderr of payload 0, part {part}")).collect();
    let long: Vec<_> = long.iter().map(String::as_str).collect();
    let stdout = "read the end of stdout of payload 0, part 0";
    let stderr = "read the end of stderr of payload 0, part 0";
    for (checks, waited, backend, asked) in [
        (&passes[..], true, speaks("out", "err"), &[][..]),
        (&[], false, speaks("out", "err"), &[]),
        (&fails, true, speaks("out", "err"), &[stdout, stderr]),
        (&fails, false, speaks("out", ""), &[stdout]),
        // Its code is good, but it comes late.
        (&passes, true, late, &[stderr]),
        (&metric, true, speaks("out", "err"), &["read metric m of payload 0", stdout, stderr]),
        (&fails, true, speaks("", ""), &[]),
        (&fails, true, speaks("", LONG), &long),
    ] {
        let (actions, _) = played(checks, waited, backend);
        let after =
            actions.iter().rposition(|action| action.starts_with("wait") || action.starts_with("kill"));
        assert_eq!(actions[after.expect("it ends") + 1..], *asked, "{actions:#?}");
    }
}

#[test]
fn last_words_are_told_part_by_part_and_of_both_streams() {
    let fails = [PayloadCheck::exit_code(1)];
    let reported = |stdout, stderr, fail: Vec<(&'static str, FaultKind)>| {
        let backend = Answers { stdout, stderr, fail, ..Answers::new() };
        played(&fails, false, backend).1
    };
    assert_eq!(
        reported("", "", vec![]).words,
        ["0 stdout: 0 bytes, cut false, more false", "0 stderr: 0 bytes, cut false, more false"]
    );
    let long = String::leak("x".repeat(PART + 3));
    assert_eq!(
        reported(long, "why", vec![]).words,
        [
            "0 stdout: 200 bytes, cut false, more true",
            "0 stdout: 3 bytes, cut false, more false",
            "0 stderr: 3 bytes, cut false, more false",
        ]
    );
    // Output that cannot be read is no reason to end a run, nor to leave the other stream out.
    let lost = ("read the end of stdout of payload 0, part 0", FaultKind::System);
    let heard = reported("out", "why", vec![lost]);
    assert_eq!(heard.words, ["0 stderr: 3 bytes, cut false, more false"]);
    assert_eq!(heard.lines.last().map(String::as_str), Some("teardown: finish"));
}
