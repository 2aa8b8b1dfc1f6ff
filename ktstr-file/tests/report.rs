//! What a recorder keeps, and how it reads.

mod sample;

use ktstr_core::{
    Action, Event, Fault, FaultKind, HoldSpec, LAST_WORDS, Observer, Outcome, Part, Report, Scenario, Site,
    Step, Topology, Verdict,
};
use ktstr_file::report::text::render_text;
use ktstr_file::report::{
    ActionEntry, LastWordsEntry, OutcomeEntry, PayloadEntry, Recorder, RunHead, RunReport, StreamEntry,
    VERSION,
};
use std::time::Duration;

#[test]
fn a_recorder_sums_up_what_it_hears() {
    let report = sample::report();
    let [cell] = &report.cgroups[..] else { panic!("one cgroup: {:?}", report.cgroups) };
    assert_eq!((cell.path.as_str(), cell.created, cell.workers.len()), ("cell", 1, 2));
    assert_eq!((cell.cpuset.as_deref(), cell.cpus_used.as_str()), (Some("0-1"), "1-2"));
    assert_eq!((cell.totals.iterations, cell.totals.max_gap_ns), (14, 50));
    let [bench] = &report.payloads[..] else { panic!("one payload: {:?}", report.payloads) };
    assert_eq!((bench.exit_code, bench.signal, bench.args.join(" ").as_str()), (Some(3), None, "-v -q"));
    let metrics: Vec<_> = bench.metrics.iter().map(|m| (m.name.as_str(), m.value, m.unit.as_str())).collect();
    assert_eq!(metrics, [("iops", Some(12.5), "ops/s"), ("lat", None, "")]);
    let [capture] = &report.captures[..] else { panic!("one capture: {:?}", report.captures) };
    assert_eq!(
        (capture.tag.as_str(), capture.procs, capture.pids.as_deref()),
        ("who", 4, Some(&[11, 12, 13, 14][..]))
    );
    assert_eq!(report.events.len(), 33);
    let last = &report.events[15];
    assert_eq!(last.action, ActionEntry::RemoveCgroup { cgroup: "cell".to_owned() });
    let busy = OutcomeEntry::Failed { code: "F003".to_owned(), errno: 16, detail: "cell".to_owned() };
    assert_eq!(last.outcome, busy);
    assert_eq!(report.leftovers, ["cell"]);
    assert_eq!(
        report.error.as_ref().map(|e| (e.site.as_str(), e.code.as_str())),
        Some(("steps[0].ops[1]", "F011"))
    );
}

#[test]
fn holds_that_took_too_long_are_named_and_others_are_not() {
    let scenario = Scenario::new("holds");
    let topology = Topology::uniform(1, 1, 1, 1);
    let ms = Duration::from_millis;
    let mut recorder = Recorder::new();
    let mut at = ms(3);
    for (seq, took) in [(0, 500), (1, 505), (2, 506), (3, 848)] {
        at += ms(took);
        let action = Action::Hold { length: ms(500) };
        let site = Site::Step { step: seq as _, part: Part::Hold };
        let event = Event { seq, at, site, action, outcome: &Outcome::Done };
        // What comes before a hold takes time too, and is none of it.
        let before = Event { at: at - ms(took), action: Action::CreateCgroup { path: "a" }, ..event };
        Observer::event(&mut recorder, &before);
        Observer::event(&mut recorder, &event);
    }
    let head =
        RunHead { scenario: &scenario, backend: "vm", backend_reason: "", seed: 1, topology: &topology };
    let end = Report { verdict: Verdict::Pass, actions: 8, elapsed: at, ..Report::NOTHING };
    let report = recorder.finish(&head, &end);
    let over: Vec<_> =
        report.overruns.iter().map(|one| (one.site.as_str(), one.took_ns / 1_000_000)).collect();
    assert_eq!(over, [("steps[2].hold", 506), ("steps[3].hold", 848)]);
    let text = render_text(&report);
    assert!(text.contains("steps[3].hold took 848ms and was to take 500ms"), "{text}");
    assert!(!text.contains("steps[1]"), "{text}");
}

#[test]
fn phases_are_shown_side_by_side() {
    let text = render_text(&sample::report());
    for line in [
        "group  cgroup  phase        full        steps[1]",
        "0      cell    worked for   5.00ms      5.00ms",
        "0      cell    CPU time     1ns (100.0%)  1ns (100.0%)",
        "0      cell    run delay    7ns         -",
    ] {
        let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.lines().any(|shown| squeezed(shown) == squeezed(line)), "{line} is not in\n{text}");
    }
}

#[test]
fn an_error_says_what_its_step_is_called() {
    let steps = [Step::hold(HoldSpec::frac(0.5)), Step::hold(HoldSpec::frac(0.5)).named("grown")];
    let scenario = Scenario::new("steps").steps(&steps);
    let topology = Topology::uniform(1, 1, 1, 1);
    let head =
        RunHead { scenario: &scenario, backend: "vm", backend_reason: "", seed: 1, topology: &topology };
    for (step, name) in [(0, None), (1, Some("grown"))] {
        let error = Some((Site::Step { step, part: Part::Hold }, Fault::new(FaultKind::Interrupted, "")));
        let report = Recorder::new().finish(&head, &Report { error, ..Report::NOTHING });
        assert_eq!(report.error.as_ref().and_then(|error| error.step.as_deref()), name);
        let shown = name.map_or("hold: ".to_owned(), |name| format!("hold ({name}): "));
        assert!(render_text(&report).contains(&format!("error at steps[{step}].{shown}")), "{report:?}");
    }
}

#[test]
fn json_goes_both_ways_and_is_the_same_each_time() {
    let report = sample::report();
    let json = report.to_json();
    assert_eq!(RunReport::from_json(&json).as_ref(), Ok(&report));
    assert_eq!(sample::report().to_json(), json);
}

#[test]
fn last_words_are_put_together_and_may_be_missing() {
    let report = sample::report();
    let words = report.payloads[0].last_words.as_ref().expect("last words");
    let LastWordsEntry { stdout, stderr } = words;
    assert!(stdout.text.starts_with("xxx") && stdout.text.ends_with("x\nstarted\n"), "{stdout:?}");
    assert_eq!((stdout.text.len(), stdout.cut), (LAST_WORDS, true));
    assert_eq!((stderr.text.as_str(), stderr.cut), ("\u{1b}[31mno device\u{fffd}\n", false));
    let mut before: serde_json::Value = serde_json::from_str(&report.to_json()).expect("JSON");
    let payload = before["payloads"][0].as_object_mut().expect("a payload");
    assert!(payload.remove("last_words").is_some());
    let read = RunReport::from_json(&before.to_string()).expect("a report from before there were last words");
    assert_eq!(read.payloads[0].last_words, None);
    assert!(!render_text(&read).contains("wrote"));
}

/// Payloads that failed, each with what it wrote to its standard error.
fn failing(words: &[&str]) -> String {
    let mut report = sample::report();
    let payload = report.payloads.remove(0);
    report.payloads.extend(words.iter().map(|text| PayloadEntry {
        stdout_bytes: 0,
        stderr_bytes: text.len() as u64,
        last_words: Some(LastWordsEntry {
            stderr: StreamEntry { text: (*text).to_owned(), cut: false },
            ..LastWordsEntry::default()
        }),
        ..payload.clone()
    }));
    render_text(&report)
}

#[test]
fn payloads_that_say_the_same_are_shown_once_and_not_too_many_in_all() {
    for (words, lines) in [
        (&[""][..], &["bench in cell, exit 3, wrote nothing"][..]),
        (&["a", "b", "a"], &["bench in cell, exit 3, wrote last (2 times):", "  stderr  a", "  stderr  b"]),
        (
            &["1", "2", "3", "4", "5", "6", "7", "1"],
            &["  stderr  5", "the last words of 2 more are in the JSON report"],
        ),
    ] {
        let text = failing(words);
        for line in lines {
            assert_eq!(text.lines().filter(|shown| shown == line).count(), 1, "{line:?} in\n{text}");
        }
        assert!(!text.contains("  stderr  6"), "{text}");
    }
}

#[test]
fn what_is_no_report_is_refused() {
    let newer = sample::report().to_json().replacen(&format!("\"version\": {VERSION}"), "\"version\": 99", 1);
    for (text, piece) in [
        ("", "no report"),
        ("{}", "missing field `version`"),
        (newer.as_str(), "version 99"),
        ("{\"version\": 1}", "version 1"),
        ("{\"version\": 2}", "version 2"),
        ("{\"version\": 3}", "version 3"),
        ("{\"version\": 4}", "scenario"),
    ] {
        let error = RunReport::from_json(text).expect_err(text);
        assert!(error.contains(piece), "{error}");
    }
}

#[test]
fn people_see_tables_the_failed_check_and_what_is_left() {
    let text = render_text(&sample::report());
    for line in [
        "FAIL  sample  on mock, seed 18446744073709551615, 1.00s",
        "cgroup  workers  cpuset  CPUs used  iterations  longest gap",
        "cell    2        0-1     1-2        14          50ns",
        "group  cgroup  work          window            iterations/s  units/s     CPUs  CPU time  share",
        "0      cell    2 x SpinWait  5.00ms to 6.00ms  14,000        14,336,000  0.00  200ns     100.0%",
        "bench    cell    exit 3  5ns   iops=12.5ops/s lat=?",
        "bench: 2 bytes of output were not kept",
        "who      cell    3.00ms  4          11 12 13 14",
        "checks: 4 fail",
        "  fail  file of cell: memory.events oom_kill is 0, expected at least 1",
        "  fail  max_gap of cell: 50ns, at most 20ns",
        "        worker 1 (pid 77), group 0, CPU 2, at 5.50ms, window 5.00ms to 6.00ms",
        "  fail  min_share of cell: 1.0%, at least 25.0%",
        "        worker 0 (pid 76), group 0, CPUs 1-2, window 5.00ms to 6.00ms",
        "  fail  metric_min of bench iops: 12.5, at least 20",
        "bench in cell, exit 3, wrote last:",
        "  stdout  …",
        "  stdout  started",
        "  stderr  \\u{1b}[31mno device\u{fffd}",
        "noticed:",
        "  7.00ms  payload bench in cell ended before it was waited for: killed by SIGTERM (15)",
        "  7.00ms  worker 1 of group 0 (pid 77) was killed by SIGKILL (9)",
        "  7.00ms  2 processes of cell were killed for want of memory",
        "left behind: cell",
    ] {
        assert!(text.lines().any(|shown| shown == line), "{line:?} is not in\n{text}");
    }
    assert!(text.contains("error at steps[0].ops[1]: [F011] the program was not found: bench"), "{text}");
}
