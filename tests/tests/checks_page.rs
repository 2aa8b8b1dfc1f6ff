//! `docs/checks.md` shows the core's tables of checks and of measurements. Each row is on it.

use ktstr_core::{
    BoundKind, CHECKS, CheckInfo, CheckSubject, CheckUnit, MEASUREMENTS, MeasureUnit, RangeEnd, Relation,
    Together,
};
use std::fmt::Write as _;
use std::path::Path;

const HEAD: &str = "# What can be expected, and what is measured

Made by `KTSTR_BLESS=1 cargo test -p ktstr-tests --test checks_page` from the tables `CHECKS` and `MEASUREMENTS` of
`ktstr-core`.

## Checks

The keys are in `[checks]` of a scenario file or in `checks` of a cgroup definition, and are methods of `Checks`. What a
definition says of its groups comes before what the scenario says of all. A check without a key is judged always, or
is said by a payload. Where a check cannot be said of a group it is skipped, and the report says so; where there was
nothing to measure it is inconclusive.
";

const MEASURED: &str = "
## Measurements of a worker

Each is a key of a worker in the JSON report. Those of a group and of a cgroup are sums, or the largest.

| key | unit | of several | what it is |
| --- | --- | --- | --- |
";

fn bound(info: &CheckInfo) -> String {
    if let (BoundKind::Number(range), Some((key, end))) = (info.bound, info.range) {
        let (end, said) = match end {
            RangeEnd::Min => ("lower", format!("`{key} = [0.25, 0.75]` or `{key} = {{ min = \"25%\" }}`")),
            RangeEnd::Max => ("upper", format!("`{key} = [0.25, 0.75]` or `{key} = {{ max = \"75%\" }}`")),
        };
        return format!(
            "{said}: {} the {end} end, which is a number {}",
            relation(info.relation),
            range.text()
        );
    }
    match info.bound {
        BoundKind::Flag(bound) => format!("`{} = true`: {} {bound}", info.key, relation(info.relation)),
        BoundKind::Time => format!("`{} = \"250ms\"`: {} that time", info.key, relation(info.relation)),
        BoundKind::Number(range) => {
            format!(
                "`{} = 0.5`: {} that number, which is {}",
                info.key,
                relation(info.relation),
                range.text()
            )
        }
        BoundKind::Always(bound) => format!("always: {} {bound}", relation(info.relation)),
        BoundKind::OfPayload => format!("said by the payload: {} its bound", relation(info.relation)),
        BoundKind::OfScheduler => {
            format!("said by the scheduler's `expect_exit`: {} its kind", relation(info.relation))
        }
    }
}

fn relation(relation: Relation) -> &'static str {
    match relation {
        Relation::AtLeast => "at least",
        Relation::AtMost => "at most",
        Relation::Equals => "equal to",
    }
}

fn unit(unit: CheckUnit) -> &'static str {
    match unit {
        CheckUnit::Time => "nanoseconds",
        CheckUnit::Points => "percentage points",
        CheckUnit::Ratio => "a ratio",
        CheckUnit::Share => "a share of 1",
        CheckUnit::Rate => "units a second",
        CheckUnit::Count(_, several) => several,
        CheckUnit::Code => "an exit code",
        CheckUnit::Signal => "the number of a signal",
        CheckUnit::Errno => "the number of an error",
        CheckUnit::Metric => "what the payload or the file counts in",
        CheckUnit::Exit => "the number of an exit kind",
    }
}

fn of(of: CheckSubject) -> &'static str {
    match of {
        CheckSubject::Groups => "every group of workers",
        CheckSubject::Schedulers => "schedulers",
        CheckSubject::SeveralWorkers => "groups of two workers or more",
        CheckSubject::WakingWorkers => "groups whose work type wakes up",
        CheckSubject::Payloads => "payloads",
        CheckSubject::Ops => "operations",
        CheckSubject::Comparisons => "comparisons",
    }
}

fn page() -> String {
    let mut page = HEAD.to_owned();
    for info in &CHECKS {
        let _ = write!(
            page,
            "\n### {}\n\n{}\n\n- bound: {}\n- counted in: {}\n- said of: {}\n",
            info.name,
            info.doc,
            bound(info),
            unit(info.unit),
            of(info.of)
        );
    }
    page.push_str(MEASURED);
    for info in &MEASUREMENTS {
        let unit = match info.unit {
            MeasureUnit::Count => "count",
            MeasureUnit::Time => "ns",
            MeasureUnit::Cpu => "CPU",
        };
        let several = match info.together {
            Together::Sum => "sum",
            Together::Max => "largest",
            Together::Own => "-",
        };
        let _ = writeln!(page, "| `{}` | {unit} | {several} | {} |", info.key, info.doc);
    }
    page
}

#[test]
fn the_page_of_checks_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/checks.md");
    let page = page();
    if std::env::var_os("KTSTR_BLESS").is_some() {
        std::fs::write(&path, &page).expect("the page can be written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == page, "docs/checks.md is out of date: run this test with KTSTR_BLESS=1");
}
