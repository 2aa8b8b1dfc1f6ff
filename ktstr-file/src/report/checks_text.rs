//! The judgements of a report as sentences: each that did not hold with its value beside its bound, and of
//! whom, where and when the value was seen; each that was skipped with the reason. Words and units are those
//! of the check's row.

use super::signal::signal_text;
use super::terminal::harmless_line;
use super::text::place;
use super::words::{counted, grouped, time};
use super::{CheckEntry, RunReport};
use ktstr_core::{CheckKind, CheckSubject, CheckUnit, Errno, Relation, SchedulerExit, Verdict};
use std::fmt::Write as _;

pub(super) fn checks(report: &RunReport) -> String {
    if report.checks.is_empty() && report.finding.is_some() {
        return String::new();
    }
    if report.checks.is_empty() {
        return "\nchecks: none\n".to_owned();
    }
    let count = |verdict| report.checks.iter().filter(|check| check.verdict == verdict).count();
    let counts: Vec<_> = [Verdict::Pass, Verdict::Fail, Verdict::Inconclusive, Verdict::Skip]
        .into_iter()
        .filter(|verdict| count(*verdict) > 0)
        .map(|verdict| format!("{} {}", count(verdict), verdict.name()))
        .collect();
    let mut out = format!("\nchecks: {}\n", counts.join(", "));
    for Said { sentence, witness, times } in said(&report.checks) {
        let again = if times > 1 { format!(" ({times} times)") } else { String::new() };
        let _ = writeln!(out, "  {sentence}{again}");
        if !witness.is_empty() {
            let first = if times > 1 { "the first: " } else { "" };
            let _ = writeln!(out, "        {first}{witness}");
        }
    }
    out
}

/// A sentence, of whom it was said first, and how often it was to be said.
struct Said {
    sentence: String,
    witness: String,
    times: usize,
}

/// The checks that did not hold or were skipped, each sentence once.
fn said(checks: &[CheckEntry]) -> Vec<Said> {
    let mut all: Vec<Said> = Vec::new();
    let speaks = |check: &&CheckEntry| check.verdict != Verdict::Pass;
    for check in checks.iter().filter(speaks) {
        let new = sentence(check);
        match all.iter_mut().find(|known| known.sentence == new) {
            Some(known) => known.times += 1,
            None => {
                let witness = if check.skipped.is_some() { String::new() } else { witness(check) };
                all.push(Said { sentence: new, witness, times: 1 });
            }
        }
    }
    all
}

/// Why a report is not a plain pass, a sentence each: what the machine lacks, how the kernel ended, the
/// checks that did not hold or were skipped, the error, what was left behind.
pub fn reasons(report: &RunReport) -> Vec<String> {
    let found = report.finding.iter().map(|finding| finding.to_string());
    let judged = said(&report.checks).into_iter().map(|said| match said.witness.is_empty() {
        true => said.sentence,
        false => format!("{} ({})", said.sentence, said.witness),
    });
    let error = report.error.iter().map(|error| format!("error at {}: {}", error.site, error.message));
    let left =
        (!report.leftovers.is_empty()).then(|| format!("left behind: {}", report.leftovers.join(", ")));
    let skipped = report.skipped.iter().cloned();
    skipped.chain(found).chain(judged).chain(error).chain(left).collect()
}

/// What a check is called in a list of tests: its kind, of whom, and the metric where there is one.
pub fn check_name(check: &CheckEntry) -> String {
    let metric = check.metric.as_ref().map(|metric| format!(" {metric}")).unwrap_or_default();
    let group = check.group.map(|group| format!(" group {group}")).unwrap_or_default();
    format!("{} of {}{metric}{group}", check.kind.name(), place(&check.subject))
}

/// One judgement as a sentence that begins with its verdict, and of whom, where and when the value was seen;
/// that is empty where it is not known.
pub fn check_sentence(check: &CheckEntry) -> (String, String) {
    (sentence(check), if check.skipped.is_some() { String::new() } else { witness(check) })
}

/// One check with its value beside its bound, or why it was skipped.
fn sentence(check: &CheckEntry) -> String {
    let info = check.kind.info();
    let subject = match info.of {
        CheckSubject::Payloads | CheckSubject::Schedulers => check.subject.clone(),
        CheckSubject::Ops if check.kind == CheckKind::File => return file_sentence(check),
        CheckSubject::Ops => check.subject.clone(),
        CheckSubject::Comparisons => return comparison_sentence(check),
        CheckSubject::Groups | CheckSubject::SeveralWorkers | CheckSubject::WakingWorkers => {
            place(&check.subject)
        }
    };
    let metric =
        check.metric.as_ref().map(|metric| format!(" {}", harmless_line(metric))).unwrap_or_default();
    let (verdict, kind, subject) = (check.verdict.name(), check.kind.name(), harmless_line(&subject));
    if let Some(why) = &check.skipped {
        return format!("{verdict}  {kind} of {subject}{metric}: {}", harmless_line(why));
    }
    let bound = check.bound.map_or("no bound".to_owned(), |bound| quantity(check.kind, bound));
    let relation = match info.relation {
        Relation::AtLeast => "at least",
        Relation::AtMost => "at most",
        Relation::Equals => "expected",
    };
    format!("{verdict}  {kind} of {subject}{metric}: {}, {relation} {bound}", seen(check))
}

/// What a file said beside what was expected of it.
fn file_sentence(check: &CheckEntry) -> String {
    let (verdict, kind) = (check.verdict.name(), check.kind.name());
    let of = if check.subject.is_empty() {
        String::new()
    } else {
        format!(" of {}", harmless_line(&check.subject))
    };
    let what = harmless_line(check.metric.as_deref().unwrap_or_default());
    if let Some(why) = &check.skipped {
        return format!("{verdict}  {kind}{of}: {what}: {}", harmless_line(why));
    }
    let expected = harmless_line(check.expected.as_deref().unwrap_or_default());
    let seen = match check.seen.as_deref() {
        None | Some("") => "not there".to_owned(),
        Some(seen) => match check.value {
            Some(value) => format!("{}{}", harmless_line(seen), changed(check, value)),
            None => format!("\"{}\"", harmless_line(seen)),
        },
    };
    format!("{verdict}  {kind}{of}: {what} is {seen}, expected {expected}")
}

/// The two figures of a comparison and their ratio, beside what was expected.
fn comparison_sentence(check: &CheckEntry) -> String {
    let (verdict, kind, of) = (check.verdict.name(), check.kind.name(), harmless_line(&check.subject));
    let of = if of.is_empty() { place("") } else { of };
    if let Some(why) = &check.skipped {
        let metric = harmless_line(check.metric.as_deref().unwrap_or_default());
        return format!("{verdict}  {kind} of {of} {metric}: {}", harmless_line(why));
    }
    let seen = harmless_line(check.seen.as_deref().unwrap_or_default());
    let expected = harmless_line(check.expected.as_deref().unwrap_or_default());
    let ratio = check.value.map_or("no ratio".to_owned(), |ratio| format!("{ratio:.2} times"));
    format!("{verdict}  {kind} of {of}: {seen}: {ratio}, expected {expected}")
}

/// By how much it has changed, where that is what the number is.
fn changed(check: &CheckEntry, value: f64) -> String {
    let is_change = check.expected.as_deref().is_some_and(|words| words.contains("a change of"));
    if is_change { format!(", changed by {value}") } else { String::new() }
}

/// The value; of a payload's end what it was.
fn seen(check: &CheckEntry) -> String {
    let unit = check.kind.info().unit;
    match (check.signal, check.exit_code, check.value) {
        (Some(signal), ..) if matches!(unit, CheckUnit::Code | CheckUnit::Signal) => {
            format!("killed by {}", signal_text(signal))
        }
        (None, Some(code), _) if unit == CheckUnit::Signal => format!("exited with {code}"),
        (_, _, Some(value)) => quantity(check.kind, value),
        (_, _, None) if matches!(check.kind, CheckKind::MinCpuShare | CheckKind::MaxCpuShare) => {
            "not known, as another group worked during a part of its window".to_owned()
        }
        (_, _, None) if unit == CheckUnit::Exit => "left, and not known how".to_owned(),
        (_, _, None) if unit == CheckUnit::Errno => "it succeeded".to_owned(),
        (_, _, None) => "nothing to measure".to_owned(),
    }
}

/// A value or a bound with its unit.
pub(super) fn quantity(kind: CheckKind, value: f64) -> String {
    match kind.info().unit {
        CheckUnit::Time => time(value),
        CheckUnit::Points => format!("{value:.1} points"),
        CheckUnit::Ratio => format!("{value:.3}"),
        CheckUnit::Share => format!("{:.1}%", value * 100.0),
        CheckUnit::Rate => format!("{} units/s", grouped(value as u64)),
        CheckUnit::Count(one, several) if value.fract() == 0.0 => counted(value as u64, one, several),
        CheckUnit::Count(_, several) => format!("{value:.2} {several}"),
        CheckUnit::Signal => signal_text(value as i32),
        CheckUnit::Exit => match SchedulerExit::from_number(value as u32) {
            Some(exit) => format!("left by {} ({value})", exit.word()),
            None => "lived".to_owned(),
        },
        CheckUnit::Errno => Errno::from_number(value as i32)
            .map_or_else(|| format!("errno {value}"), |errno| errno.name().to_owned()),
        CheckUnit::Code | CheckUnit::Metric => format!("{value}"),
    }
}

/// Of whom, where and when the value was seen; empty where that is not known.
fn witness(check: &CheckEntry) -> String {
    let mut parts = Vec::new();
    if let Some(worker) = check.worker {
        let pid = check.pid.filter(|pid| *pid > 0).map(|pid| format!(" (pid {pid})")).unwrap_or_default();
        parts.push(format!("worker {worker}{pid}"));
    }
    parts.extend(check.group.map(|group| format!("group {group}")));
    parts.extend(check.cpus.as_ref().filter(|cpus| !cpus.is_empty()).map(|cpus| match cpus.parse::<u32>() {
        Ok(cpu) => format!("CPU {cpu}"),
        Err(_) => format!("CPUs {cpus}"),
    }));
    parts.extend(check.at_ns.map(|at| format!("at {}", time(at as f64))));
    parts.extend(
        check.window.map(|window| {
            format!("window {} to {}", time(window.start_ns as f64), time(window.end_ns as f64))
        }),
    );
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::WindowEntry;

    fn check(kind: CheckKind, value: Option<f64>, bound: f64) -> CheckEntry {
        CheckEntry {
            kind,
            subject: "cell".to_owned(),
            metric: None,
            value,
            bound: Some(bound),
            verdict: Verdict::Fail,
            group: None,
            worker: None,
            pid: None,
            cpus: None,
            at_ns: None,
            window: None,
            exit_code: None,
            signal: None,
            expected: None,
            seen: None,
            skipped: None,
        }
    }

    #[test]
    fn every_check_that_failed_stands_beside_its_bound() {
        use CheckKind::*;
        for kind in CheckKind::ALL {
            let metric = |kind, value, bound| CheckEntry {
                metric: Some("iops".to_owned()),
                ..check(kind, value, bound)
            };
            let (check, shown) = match kind {
                WorkersLived => (check(kind, Some(1.0), 0.0), "1 worker, at most 0 workers"),
                NotStarved => (check(kind, Some(0.0), 1.0), "0 units, at least 1 unit"),
                MinShare => (check(kind, Some(0.0123), 0.05), "1.2%, at least 5.0%"),
                MinCpuShare => (check(kind, Some(0.6), 0.7), "60.0%, at least 70.0%"),
                MaxCpuShare => (
                    check(kind, None, 0.8),
                    "not known, as another group worked during a part of its window, at most 80.0%",
                ),
                MinCpuUsage => (check(kind, Some(0.25), 1.5), "25.0%, at least 150.0%"),
                MaxCpuUsage => (check(kind, Some(0.55), 0.52), "55.0%, at most 52.0%"),
                Isolation => (check(kind, Some(1.0), 0.0), "1 CPU outside, at most 0 CPUs outside"),
                MaxGap => (check(kind, Some(2.5e9), 2e9), "2.50s, at most 2.00s"),
                MaxSpread => (check(kind, Some(20.04), 15.0), "20.0 points, at most 15.0 points"),
                MaxThroughputCv => (check(kind, Some(0.25), 0.2), "0.250, at most 0.200"),
                MinWorkRate => (check(kind, Some(999.9), 1e6), "999 units/s, at least 1,000,000 units/s"),
                MaxP99WakeLatency => (check(kind, Some(2e6), 1e6), "2.00ms, at most 1.00ms"),
                ExitCode => (
                    CheckEntry { signal: Some(9), ..check(kind, Some(137.0), 0.0) },
                    "killed by SIGKILL (9), expected 0",
                ),
                Signal => (
                    CheckEntry { exit_code: Some(137), ..check(kind, None, 9.0) },
                    "exited with 137, expected SIGKILL (9)",
                ),
                EndedInTime => (check(kind, Some(2e9), 1e9), "2.00s, at most 1.00s"),
                MetricMin => (metric(kind, Some(5.0), 10.0), "5, at least 10"),
                MetricMax => (metric(kind, None, 10.0), "nothing to measure, at most 10"),
                MetricExists => (metric(kind, None, 0.0), "nothing to measure, expected 0"),
                Compared => (
                    CheckEntry {
                        seen: Some("cpu of a is 1 CPUs, that of b 2 CPUs".to_owned()),
                        expected: Some("3 times".to_owned()),
                        ..check(kind, Some(0.5), 3.0)
                    },
                    "cpu of a is 1 CPUs, that of b 2 CPUs: 0.50 times, expected 3 times",
                ),
                Fails => (check(kind, None, 16.0), "it succeeded, expected EBUSY"),
                File => continue,
                SchedulerLived => (check(kind, Some(1026.0), 0.0), "left by stall (1026), expected lived"),
            };
            let metric = if check.metric.is_some() { " iops" } else { "" };
            assert_eq!(sentence(&check), format!("fail  {} of cell{metric}: {shown}", kind.name()));
        }
    }

    #[test]
    fn a_file_stands_with_its_key_what_it_said_and_what_was_expected() {
        let file = CheckEntry {
            metric: Some("memory.events oom_kill".to_owned()),
            expected: Some("at least 1 within 2s".to_owned()),
            seen: Some("0".to_owned()),
            ..check(CheckKind::File, Some(0.0), 1.0)
        };
        let text = CheckEntry { value: None, seen: Some("domain\x1b".to_owned()), ..file.clone() };
        let missing =
            CheckEntry { value: None, seen: Some(String::new()), subject: String::new(), ..file.clone() };
        let change = CheckEntry {
            value: Some(2.0),
            seen: Some("5".to_owned()),
            expected: Some("a change of at least 3 since the step began".to_owned()),
            ..file.clone()
        };
        let skipped =
            CheckEntry { verdict: Verdict::Skip, skipped: Some("no model".to_owned()), ..file.clone() };
        for (entry, shown) in [
            (file, "fail  file of cell: memory.events oom_kill is 0, expected at least 1 within 2s"),
            (
                text,
                "fail  file of cell: memory.events oom_kill is \"domain\\u{1b}\", expected at least 1 within 2s",
            ),
            (missing, "fail  file: memory.events oom_kill is not there, expected at least 1 within 2s"),
            (
                change,
                "fail  file of cell: memory.events oom_kill is 5, changed by 2, expected a change of at least 3 since the \
                 step began",
            ),
            (skipped, "skip  file of cell: memory.events oom_kill: no model"),
        ] {
            assert_eq!(sentence(&entry), shown);
        }
    }

    #[test]
    fn a_skipped_check_says_why_and_nothing_of_a_value() {
        let assumed = CheckEntry {
            verdict: Verdict::Skip,
            exit_code: Some(0),
            skipped: Some("no program was run".to_owned()),
            ..check(CheckKind::ExitCode, Some(0.0), 0.0)
        };
        let [said] = &said(&[assumed.clone(), assumed])[..] else { panic!("one sentence") };
        assert_eq!(said.sentence, "skip  exit_code of cell: no program was run");
        assert_eq!((said.witness.as_str(), said.times), ("", 2));
    }

    #[test]
    fn a_failed_check_names_group_worker_cpu_and_time() {
        let gap = CheckEntry {
            group: Some(2),
            worker: Some(3),
            pid: Some(41),
            cpus: Some("1".to_owned()),
            at_ns: Some(1_500_000_000),
            window: Some(WindowEntry { start_ns: 10_000_000, end_ns: 2_010_000_000 }),
            ..check(CheckKind::MaxGap, Some(3e8), 1e8)
        };
        let shown = "worker 3 (pid 41), group 2, CPU 1, at 1.50s, window 10.0ms to 2.01s";
        assert_eq!(witness(&gap), shown);
        let strayed = CheckEntry { cpus: Some("2-3".to_owned()), group: Some(0), ..gap };
        assert!(witness(&strayed).contains("group 0, CPUs 2-3, "), "{}", witness(&strayed));
    }
}
