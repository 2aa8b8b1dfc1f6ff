//! Scenarios whose outcome was once wrong, or is easily got wrong, each with the right one on top, on every
//! backend that can run it. A line `# BACKEND: VERDICT [WHAT]` says what has to come of it: `PASS`; `FAIL
//! KIND` and `SKIP KIND` where at least one check of that kind ends so (a skip may stand beside checks that
//! pass); `REFUSED CODE` before the run. A backend without a line is not asked.

mod program;

use ktstr_core::Verdict;
use ktstr_file::report::RunReport;
use program::{Ended, linux_runs, run, vm_runs, workspace};
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

const BACKENDS: [&str; 3] = ["mock", "linux", "vm"];

struct Case {
    path: PathBuf,
    text: String,
}

impl Case {
    fn expected(&self, backend: &str) -> Option<&str> {
        self.text.lines().find_map(|line| line.strip_prefix("# ")?.strip_prefix(backend)?.strip_prefix(": "))
    }

    fn run(&self, backend: &str) -> Ended {
        run(&["run", "--backend", backend, "--format", "json", &self.path.display().to_string()])
    }
}

fn cases() -> Vec<Case> {
    let folder = std::fs::read_dir(workspace().join("tests/cases")).expect("the cases");
    let mut paths: Vec<_> = folder.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    let read = |path: PathBuf| Case { text: std::fs::read_to_string(&path).expect("a case"), path };
    paths.into_iter().map(read).collect()
}

/// What came of a run, in the words of the first lines; `None` for a lack of the machine.
fn seen(ended: &Ended, expected: &str) -> Option<String> {
    let what = expected.split_once(' ').map_or("", |(_, what)| what);
    match ended.status {
        Some(2) => Some(if ended.stderr.contains(&format!("[{what}]")) {
            format!("REFUSED {what}")
        } else {
            format!("REFUSED {}", ended.stderr)
        }),
        Some(3) => None,
        _ => {
            let report = RunReport::from_json(&ended.stdout).expect("a report");
            if let Some(error) = &report.error {
                return Some(format!("error {}: {}", error.code, error.message));
            }
            if !report.leftovers.is_empty() {
                return Some(format!("left behind: {}", report.leftovers.join(", ")));
            }
            let ends = |verdict| {
                report.checks.iter().any(|check| check.verdict == verdict && check.kind.name() == what)
            };
            let status = i32::from(report.verdict == Verdict::Fail);
            assert_eq!(ended.status, Some(status), "{ended:?}");
            Some(match report.verdict {
                Verdict::Fail if ends(Verdict::Fail) => format!("FAIL {what}"),
                Verdict::Pass | Verdict::Skip if ends(Verdict::Skip) => format!("SKIP {what}"),
                Verdict::Pass => "PASS".to_owned(),
                Verdict::Skip => "SKIP".to_owned(),
                Verdict::Fail | Verdict::Inconclusive => {
                    let bad: Vec<_> = report
                        .checks
                        .iter()
                        .filter(|check| !check.verdict.is_good())
                        .map(|check| format!("{} {:?}", check.kind.name(), check.value))
                        .collect();
                    format!("{} {}", report.verdict.name(), bad.join(", "))
                }
            })
        }
    }
}

/// Runs the cases of a backend, so many at a time.
fn hold(backend: &str, at_a_time: usize) {
    let (cases, next) = (cases(), AtomicUsize::new(0));
    let (held, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let play = || {
        while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            let name = case.path.file_stem().expect("a name").to_string_lossy().into_owned();
            let Some(expected) = case.expected(backend) else { continue };
            let ended = case.run(backend);
            assert!(!ended.stderr.contains("panicked"), "{name}: {ended:?}");
            match seen(&ended, expected) {
                None => println!("SKIP: {name}: {}", ended.stderr.lines().next().unwrap_or_default()),
                Some(seen) if seen == expected => _ = held.fetch_add(1, Ordering::Relaxed),
                Some(seen) => {
                    let line = format!("{name} on {backend}: {seen}, and {expected} is right");
                    wrong.lock().expect("no test has failed").push(line);
                }
            }
        }
    };
    std::thread::scope(|scope| (0..at_a_time).for_each(|_| _ = scope.spawn(play)));
    let (held, wrong) = (held.into_inner(), wrong.into_inner().expect("no test has failed"));
    println!("{held} cases came out right on {backend}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(held >= 5, "{held} cases ran on {backend}");
}

#[test]
fn every_case_says_what_is_right_and_is_run_on_the_mock() {
    let all = cases();
    assert!(all.len() >= 40, "{} cases", all.len());
    for case in &all {
        assert!(case.text.starts_with("# right: "), "{}", case.path.display());
        assert!(case.expected("mock").is_some(), "{}", case.path.display());
        for line in case.text.lines().skip(1).take_while(|line| line.starts_with("# ")) {
            let known = |backend: &&str| line.starts_with(&format!("# {backend}: "));
            assert!(BACKENDS.iter().any(known), "{}: {line}", case.path.display());
        }
    }
}

#[test]
fn cases_come_out_right_on_the_mock() {
    hold("mock", 1);
}

#[test]
fn cases_come_out_right_on_linux() {
    if linux_runs() {
        hold("linux", 1);
    }
}

#[test]
fn cases_come_out_right_in_the_virtual_machine() {
    if vm_runs() {
        // An emulated machine takes one CPU of the host, and its time is its own.
        hold("vm", 2);
    }
}
