//! What `docs/moving.md` says of work types is so: its tables are those of the cures, and each row is tried.

use ktstr_core::WORK_TYPES;
use std::path::{Path, PathBuf};

/// Those of `ktstr` 0.50 that are the same, with their arguments.
const SAME: &[(&str, &[&str])] = &[
    ("SpinWait", &[]),
    ("YieldHeavy", &[]),
    ("Mixed", &[]),
    ("IoSyncWrite", &[]),
    ("IoRandRead", &[]),
    ("IoConvoy", &[]),
    ("CacheYield", &["stride"]),
    ("FutexFanOut", &["fan_out", "spin_iters"]),
    ("FanOutCompute", &["fan_out", "cache_footprint_kib", "operations", "sleep_usec"]),
    ("ForkExit", &[]),
    ("NiceSweep", &[]),
    ("AffinityChurn", &["spin_iters"]),
    ("CrossAffinityChurn", &["spin_iters"]),
    ("PolicyChurn", &["spin_iters"]),
    ("MutexContention", &["contenders", "hold_iters", "work_iters"]),
    ("ThunderingHerd", &["waiters", "batches", "inter_batch_ms"]),
    (
        "PriorityInversion",
        &["high_count", "medium_count", "low_count", "hold_iters", "work_iters", "pi_mode"],
    ),
    (
        "ProducerConsumerImbalance",
        &["producers", "consumers", "produce_rate_hz", "consume_iters", "queue_depth_target"],
    ),
    ("RtStarvation", &["rt_workers", "cfs_workers", "rt_priority", "burst_iters"]),
    ("AsymmetricWaker", &["waker_class", "wakee_class", "burst_iters"]),
    ("WakeChain", &["depth", "wake", "work_per_hop"]),
    ("NumaWorkingSetSweep", &["region_kib", "sweep_period_ms"]),
    ("NumaMigrationChurn", &["period_ms"]),
    ("SignalStorm", &["signals_per_iter", "work_iters"]),
    ("PreemptStorm", &["cfs_workers", "rt_burst_iters", "rt_sleep_us"]),
    ("EpollStorm", &["producers", "consumers", "events_per_burst"]),
    ("TimerLatency", &["interval_us"]),
    ("AluHot", &["width"]),
    ("SmtSiblingSpin", &[]),
    ("IpcVariance", &["hot_iters", "cold_iters", "period_iters"]),
];

/// The page, and the tables that it has to have below their headings.
fn page() -> (PathBuf, String) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/moving.md");
    let page = std::fs::read_to_string(&path).expect("the page");
    (path, page)
}

#[test]
fn the_tables_of_the_page_are_those_of_the_cures() {
    let (path, before) = page();
    let mut page = before.clone();
    for (heading, table) in ktstr_file::pages::moving() {
        let (head, rest) = page.split_once(&format!("\n## {heading}\n")).expect("the section");
        let (text, old) = rest.split_once("\n| there ").expect("its table");
        let end = old.find("\n\n").expect("the end of the table");
        page = format!("{head}\n## {heading}\n{text}\n{table}{}", &old[end + 1..]);
    }
    if std::env::var_os("KTSTR_BLESS").is_some() {
        std::fs::write(path, &page).expect("the page can be written");
        return;
    }
    assert!(page == before, "docs/moving.md is out of date: run this test with KTSTR_BLESS=1");
}

/// The rows of the table of this heading, as cells.
fn rows(heading: &str) -> Vec<Vec<String>> {
    let tables = ktstr_file::pages::moving();
    let (_, table) = tables.iter().find(|(name, _)| *name == heading).expect("the table");
    let cells = |line: &str| line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect();
    table.lines().filter(|line| line.starts_with("| `")).map(cells).collect()
}

/// A work type and its arguments, as in `` `Bursty { burst, sleep }` ``.
fn parts(cell: &str) -> (String, Vec<String>) {
    let text = cell.trim_matches('`').trim_end_matches('}').trim();
    let (name, arguments) = text.split_once('{').unwrap_or((text, ""));
    let arguments = arguments.split(',').map(|key| key.trim().to_owned()).filter(|key| !key.is_empty());
    (name.trim().to_owned(), arguments.collect())
}

fn error_of(work_type: &str) -> String {
    let text = format!(
        "name = \"x\"\nsteps = [{{ hold = \"full\", ops = [{{ op = \"spawn_host\", work_type = {work_type} }}] }}]\n"
    );
    match text.parse::<ktstr_file::ScenarioFile>() {
        Ok(_) => String::new(),
        Err(errors) => errors.to_string(),
    }
}

#[test]
fn work_types_that_are_the_same_have_the_same_arguments() {
    for (name, arguments) in SAME {
        let info = WORK_TYPES.iter().find(|info| info.name == *name).unwrap_or_else(|| panic!("no {name}"));
        for argument in *arguments {
            assert!(info.fields.iter().any(|field| field.key == *argument), "{name} has no `{argument}`");
        }
    }
}

#[test]
fn an_argument_of_another_name_is_named_by_the_cure() {
    for row in rows("Arguments of work types") {
        let ((name, theirs), (here, ours)) = (parts(&row[0]), parts(&row[1]));
        assert_eq!((&name, theirs.len()), (&here, ours.len()), "{row:?}");
        let info = WORK_TYPES.iter().find(|info| info.name == name).unwrap_or_else(|| panic!("no {name}"));
        for (there, here) in theirs.iter().zip(&ours) {
            assert!(info.fields.iter().any(|field| field.key == here), "{name} has no `{here}`");
            let error = error_of(&format!("{{ type = \"{name}\", {there} = 1 }}"));
            assert!(error.contains(&format!("did you mean `{here}`?")), "{name} {there}: {error}");
        }
    }
}

#[test]
fn what_is_not_there_has_a_cure() {
    for row in rows("Work types that are not there") {
        let (name, _) = parts(&row[0]);
        assert!(WORK_TYPES.iter().all(|info| info.name != name), "{name} is there");
        let error = error_of(&format!("\"{name}\""));
        assert!(error.contains(&row[1]), "{name}: {error}");
    }
}
