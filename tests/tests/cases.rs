//! Scenarios whose outcome was once wrong, or is easily got wrong, each with the right one on top, on every
//! backend that can run it. A line `# BACKEND: VERDICT [WHAT]` says what has to come of it: `PASS`; `FAIL
//! KIND` and `SKIP KIND` where at least one check of that kind ends so (a skip may stand beside checks that
//! pass); `REFUSED CODE` before the run. A backend without a line is not asked.

mod program;

use ktstr_core::Verdict;
use ktstr_file::report::RunReport;
use program::{linux_runs, run, run_batch, vm_runs, workspace};
use std::path::PathBuf;

const BACKENDS: [&str; 3] = ["mock", "linux", "vm"];

struct Case {
    path: PathBuf,
    text: String,
}

impl Case {
    fn expected(&self, backend: &str) -> Option<&str> {
        self.text.lines().find_map(|line| line.strip_prefix("# ")?.strip_prefix(backend)?.strip_prefix(": "))
    }

    /// Runs it by itself; its report, or what was said in place of one and whether it was refused.
    fn run(&self, backend: &str) -> Seen {
        let ended = run(&["run", "--backend", backend, "--format", "json", &self.path.display().to_string()]);
        assert!(!ended.stderr.contains("panicked"), "{}: {ended:?}", self.name());
        if ended.status == Some(2) || ended.status == Some(3) {
            return Err(ended.stderr);
        }
        let report = RunReport::from_json(&ended.stdout).expect("a report");
        let status = i32::from(report.verdict == Verdict::Fail);
        assert_eq!(ended.status, Some(status), "{}: {ended:?}", self.name());
        Ok(report)
    }

    fn name(&self) -> String {
        self.path.file_stem().expect("a name").to_string_lossy().into_owned()
    }
}

/// What came of a run: its report, or what was said in place of one.
type Seen = Result<RunReport, String>;

fn cases() -> Vec<Case> {
    let folder = std::fs::read_dir(workspace().join("tests/cases")).expect("the cases");
    let mut paths: Vec<_> = folder.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    let read = |path: PathBuf| Case { text: std::fs::read_to_string(&path).expect("a case"), path };
    paths.into_iter().map(read).collect()
}

/// What came of a run, in the words of the first lines; `None` for a lack of the machine.
fn words(seen: &Seen, expected: &str) -> Option<String> {
    let what = expected.split_once(' ').map_or("", |(_, what)| what);
    let report = match seen {
        Ok(report) => report,
        Err(said) if expected.starts_with("REFUSED") && said.contains(&format!("[{what}]")) => {
            return Some(format!("REFUSED {what}"));
        }
        Err(said) if said.contains("[E") || said.contains("[T") => return Some(format!("REFUSED {said}")),
        Err(_) => return None,
    };
    if let Some(error) = &report.error {
        return Some(format!("error {}: {}", error.code, error.message));
    }
    if !report.leftovers.is_empty() {
        return Some(format!("left behind: {}", report.leftovers.join(", ")));
    }
    let ends =
        |verdict| report.checks.iter().any(|check| check.verdict == verdict && check.kind.name() == what);
    Some(match report.verdict {
        Verdict::Fail if ends(Verdict::Fail) => format!("FAIL {what}"),
        Verdict::Pass | Verdict::Skip if ends(Verdict::Skip) => format!("SKIP {what}"),
        Verdict::Pass => "PASS".to_owned(),
        Verdict::Skip => "SKIP".to_owned(),
        Verdict::Fail | Verdict::Inconclusive => {
            let bad = report.checks.iter().filter(|check| !check.verdict.is_good());
            let bad: Vec<_> = bad.map(|check| format!("{} {:?}", check.kind.name(), check.value)).collect();
            format!("{} {}", report.verdict.name(), bad.join(", "))
        }
    })
}

/// Holds what came of each case against what is right.
fn hold(backend: &str, all: impl Iterator<Item = (Case, Seen)>) {
    let (mut held, mut wrong) = (0, Vec::new());
    for (case, seen) in all {
        let expected = case.expected(backend).expect("only those that are asked of a backend are run");
        match words(&seen, expected) {
            None => println!("SKIP: {}: {}", case.name(), seen.err().unwrap_or_default()),
            Some(seen) if seen == expected => held += 1,
            Some(seen) => {
                wrong.push(format!("{} on {backend}: {seen}, and {expected} is right", case.name()))
            }
        }
    }
    println!("{held} cases came out right on {backend}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(held >= 5, "{held} cases ran on {backend}");
}

/// The cases of a backend.
fn of(backend: &str) -> Vec<Case> {
    cases().into_iter().filter(|case| case.expected(backend).is_some()).collect()
}

fn hold_one_by_one(backend: &str) {
    let each = of(backend).into_iter().map(|case| {
        let seen = case.run(backend);
        (case, seen)
    });
    hold(backend, each);
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
    hold_one_by_one("mock");
}

#[test]
fn cases_come_out_right_on_linux() {
    if linux_runs() {
        hold_one_by_one("linux");
    }
}

#[test]
fn cases_come_out_right_in_the_virtual_machine() {
    if vm_runs() {
        let cases = of("vm");
        let files: Vec<PathBuf> = cases.iter().map(|case| case.path.clone()).collect();
        let played = run_batch(&[], &files);
        assert_eq!(played.len(), cases.len());
        hold("vm", cases.into_iter().zip(played.into_iter().map(|(_, seen)| seen)));
    }
}
