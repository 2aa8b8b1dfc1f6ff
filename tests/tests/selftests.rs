//! What the kernel's own selftests of cgroups hold, as scenarios: each row is an operation that expects
//! something of a file or has to fail. All rows hold on the mock, as far as it models them, and on kernels.

mod program;

use ktstr_core::{CheckKind, Op, Verdict};
use ktstr_file::ScenarioFile;
use ktstr_file::report::{CheckEntry, RunReport};
use program::{Scratch, run, run_batch, vm_runs, workspace};
use std::path::PathBuf;

/// How many rows there are at least.
const ROWS: usize = 40;

fn files() -> Vec<PathBuf> {
    let folder = std::fs::read_dir(workspace().join("scenarios/selftests")).expect("the selftests");
    let mut paths: Vec<_> = folder.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
}

/// How many rows a file has.
fn rows_of(path: &PathBuf) -> usize {
    let text = std::fs::read_to_string(path).expect("a scenario");
    let file: ScenarioFile = text.parse().unwrap_or_else(|why| panic!("{}: {why:?}", path.display()));
    let ops = file.scenario().steps.iter().flat_map(|step| step.ops);
    ops.filter(|op| matches!(op, Op::Expect { .. }) || op.expected_failure().is_some()).count()
}

/// The checks of the rows of a file, from its report; none may have failed.
fn judged(path: &PathBuf, report: RunReport) -> Vec<CheckEntry> {
    let file = path.display();
    let bad: Vec<_> = report.checks.iter().filter(|check| !check.verdict.is_good()).collect();
    assert!(bad.is_empty() && report.error.is_none(), "{file}: {bad:#?} {:?}", report.error);
    let of_rows = |check: &CheckEntry| matches!(check.kind, CheckKind::File | CheckKind::Fails);
    let judged: Vec<_> = report.checks.into_iter().filter(of_rows).collect();
    assert_eq!(judged.len(), rows_of(path), "{file}: not every row was judged");
    judged
}

fn passed(rows: &[CheckEntry]) -> usize {
    rows.iter().filter(|row| row.verdict == Verdict::Pass).count()
}

#[test]
fn they_hold_on_the_mock_where_it_models_them() {
    let play = |path: PathBuf| {
        let ended = run(&["run", "--format", "json", "--backend", "mock", &path.display().to_string()]);
        let report = RunReport::from_json(&ended.stdout);
        judged(&path, report.unwrap_or_else(|_| panic!("{}: {ended:?}", path.display())))
    };
    let rows: Vec<CheckEntry> = files().into_iter().flat_map(play).collect();
    let skipped: Vec<_> = rows.iter().filter(|row| row.verdict == Verdict::Skip).collect();
    println!("{} rows hold, {} are not modelled", passed(&rows), skipped.len());
    assert!(passed(&rows) >= ROWS, "{} rows hold", passed(&rows));
    assert!(skipped.len() * 5 < rows.len(), "the mock leaves out too many: {skipped:#?}");
}

#[test]
fn they_hold_on_kernels() {
    if !vm_runs() {
        return;
    }
    for kernel in ["6.12", "sid"] {
        let played = run_batch(&["--kernel", kernel], &files()).into_iter();
        let rows = played.map(|(path, report)| judged(&path, report.unwrap_or_else(|why| panic!("{why}"))));
        let rows: Vec<CheckEntry> = rows.flatten().collect();
        println!("{} rows hold on {kernel}", passed(&rows));
        assert_eq!(passed(&rows), rows.len(), "on {kernel} nothing is skipped");
    }
}

/// What has to fail and does not, or not so, fails the run there; what validation knows to fail otherwise is
/// refused.
#[test]
fn what_does_not_fail_as_it_has_to_is_a_failure() {
    let scratch = Scratch::new("fails");
    let file = |ops: &str| {
        let head = "name = \"fails\"\nduration = \"1s\"\n[[backdrop.cgroups]]\nname = \"a\"\nworkers = 1\n[[steps]]\nhold = \"10ms\"\n";
        scratch.file("fails.toml", format!("{head}ops = [{ops}]\n"))
    };
    for (ops, status, pieces) in [
        ("{ op = \"add_cgroup\", cgroup = \"a\", fails = \"EEXIST\" }", 0, &["PASS"][..]),
        ("{ op = \"add_cgroup\", cgroup = \"a\", fails = \"EBUSY\" }", 2, &["E0917", "EEXIST"]),
        (
            "{ op = \"add_cgroup\", cgroup = \"b\", fails = \"EPERM\" }",
            1,
            &["FAIL", "F029", "it succeeded", "steps[0].ops[0]"],
        ),
        ("{ op = \"stop_cgroup\", cgroup = \"a\", fails = \"EPERM\" }", 2, &["E0916"]),
        ("{ op = \"add_cgroup\", cgroup = \"b\", fails = \"EFINE\" }", 2, &["EFINE"]),
        (
            "{ op = \"expect\", cgroup = \"a\", file = \"cgroup.events\", key = \"populated\", equals = 0 }",
            1,
            &["FAIL", "populated is 1"],
        ),
    ] {
        run(&["run", "--backend", "mock", &file(ops)]).assert(status, pieces);
    }
}
