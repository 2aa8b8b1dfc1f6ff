//! Each note with a scenario that gives it, and a near one that does not.

use crate::ScenarioFile;
use ktstr_core::NoteKind::{self, *};
use ktstr_core::Topology;

/// A file with these lines after its name; `{hold}` is a step of one second.
fn notes(text: &str, machine: Option<&Topology>) -> Vec<(NoteKind, String)> {
    let text = format!("name = \"x\"\n{}", text.replace("{hold}", "[[steps]]\nhold = \"full\"\n"));
    let file = ScenarioFile::from_text("f", &text).unwrap_or_else(|problems| panic!("{problems}"));
    file.judge(machine).unwrap_or_else(|problems| panic!("{problems}"));
    file.notes(machine).iter().map(|note| (note.kind, note.to_string())).collect()
}

const CELL: &str = "[[backdrop.cgroups]]\nname = \"cell\"\n";
const OTHER: &str = "[[backdrop.cgroups]]\nname = \"other\"\n";
const PAYLOAD: &str = "[[payload]]\nname = \"p\"\nbinary = \"true\"\n";

#[test]
fn each_note_is_given_where_it_is_due_and_nowhere_near() {
    let four = Topology::uniform(1, 1, 4, 1);
    let rows: &[(NoteKind, String, String)] = &[
        (
            IsolationWithoutCpuset,
            format!("checks = {{ isolation = true }}\n{CELL}{{hold}}"),
            format!("checks = {{ isolation = true }}\n{CELL}cpuset = \"0-1\"\n{{hold}}"),
        ),
        (
            IsolationWithoutCpuset,
            format!("{CELL}checks = {{ isolation = true }}\n{OTHER}cpuset = \"0\"\n{{hold}}"),
            format!(
                "checks = {{ isolation = true }}\n{CELL}[[steps]]\nhold = \"full\"\n\
                 ops = [{{ op = \"set_cpuset\", cgroup = \"cell\", cpuset = \"0\" }}]"
            ),
        ),
        (
            IsolationWithoutCpuset,
            format!("checks = {{ isolation = true }}\n{CELL}works = []\ncpuset = \"0\"\n{OTHER}{{hold}}"),
            format!(
                "checks = {{ isolation = true }}\n{CELL}works = []\ncpuset = \"0\"\n\
                 [[backdrop.cgroups]]\nname = \"cell/a\"\n{{hold}}"
            ),
        ),
        (
            QuotaOutOfReach,
            format!(
                "{CELL}[[steps]]\nhold = 1.0\n\
                 ops = [{{ op = \"set_limits\", cgroup = \"cell\", cpu_max = \"100%\" }}]"
            ),
            format!(
                "{CELL}[[steps]]\nhold = 1.0\n\
                 ops = [{{ op = \"set_limits\", cgroup = \"cell\", cpu_max = \"50%\" }}]"
            ),
        ),
        (
            IsolationWithoutCpuset,
            format!("checks = {{ isolation = true }}\n{CELL}{{hold}}"),
            format!(
                "checks = {{ isolation = true }}\n{CELL}[[steps]]\nhold = \"full\"\n\
                 ops = [{{ op = \"set_limits\", cgroup = \"cell\", cpuset = \"0\" }}]"
            ),
        ),
        (
            PayloadNotStarted,
            format!("{PAYLOAD}{{hold}}"),
            format!("{PAYLOAD}[[steps]]\nhold = 1.0\npayload = \"p\"\n"),
        ),
        (
            WeightWithoutRival,
            format!("{CELL}cpu_weight = 300\nworkers = 2\n{OTHER}workers = 2\n{{hold}}"),
            format!("{CELL}cpu_weight = 300\nworkers = 3\n{OTHER}workers = 2\n{{hold}}"),
        ),
        (
            WeightWithoutRival,
            format!("{CELL}cpu_weight = 300\ncpuset = \"0-1\"\n{OTHER}cpuset = \"0-1\"\n{{hold}}"),
            format!("{CELL}cpu_weight = 300\ncpuset = \"0\"\n{OTHER}cpuset = \"0\"\n{{hold}}"),
        ),
        (
            WeightWithoutSibling,
            format!("{CELL}cpu_weight = 300\nworkers = 8\n{{hold}}"),
            format!("{CELL}cpu_weight = 300\nworkers = 8\n{OTHER}{{hold}}"),
        ),
        (
            WeightWithoutSibling,
            format!(
                "{CELL}workers = 8\n{OTHER}works = []\ncpu_weight = 20\n[[backdrop.cgroups]]\nname = \"other/a\"\n\
                     cpu_weight = 7\n{{hold}}"
            ),
            format!(
                "{CELL}workers = 8\n{OTHER}works = []\ncpu_weight = 20\n[[backdrop.cgroups]]\nname = \"other/a\"\n{{hold}}"
            ),
        ),
        (
            ShareOfOne,
            format!("checks = {{ cpu_share = {{ min = 0.5 }} }}\n{CELL}{{hold}}"),
            format!("checks = {{ cpu_share = {{ min = 0.5 }} }}\n{CELL}{OTHER}{{hold}}"),
        ),
        (
            LongerThanWindow,
            format!("checks = {{ max_gap = \"1s\" }}\n{CELL}{{hold}}"),
            format!("checks = {{ max_gap = \"999ms\" }}\n{CELL}{{hold}}"),
        ),
        (
            LongerThanWindow,
            "checks = { max_gap = \"300ms\" }\n[[steps]]\nhold = 0.2\n[[steps.cgroups]]\nname = \"a\"\n"
                .to_owned(),
            "checks = { max_gap = \"300ms\" }\n[[steps]]\nhold = 0.4\n[[steps.cgroups]]\nname = \"a\"\n"
                .to_owned(),
        ),
        (
            ChecksWithoutWorkers,
            "checks = { not_starved = true }\n{hold}".to_owned(),
            format!("checks = {{ not_starved = true }}\n{CELL}{{hold}}"),
        ),
        (
            ChecksWithoutWorkers,
            format!("{CELL}works = []\nchecks = {{ not_starved = true }}\n{OTHER}{{hold}}"),
            format!("{CELL}checks = {{ not_starved = true }}\n{{hold}}"),
        ),
        (
            QuotaOutOfReach,
            format!("{CELL}cpu_max = \"200%\"\nworkers = 2\n{{hold}}"),
            format!("{CELL}cpu_max = \"150%\"\nworkers = 2\n{{hold}}"),
        ),
        (
            BoundOutOfReach,
            format!("checks = {{ cpu_usage = {{ max = 2.0 }} }}\n{CELL}workers = 2\n{{hold}}"),
            format!("checks = {{ cpu_usage = {{ max = 1.9 }} }}\n{CELL}workers = 2\n{{hold}}"),
        ),
        (
            BoundOutOfReach,
            format!("checks = {{ max_throughput_cv = 1.0 }}\n{CELL}workers = 2\n{{hold}}"),
            format!("checks = {{ max_throughput_cv = 0.9 }}\n{CELL}workers = 2\n{{hold}}"),
        ),
        (
            PayloadUnchecked,
            format!(
                "{PAYLOAD}[[steps]]\nhold = 1.0\nops = [{{ op = \"run_payload\", payload = \"p\" }}, \
                     {{ op = \"wait_payload\", payload = \"p\" }}]\n"
            ),
            format!(
                "{PAYLOAD}checks = [{{ exit_code = 0 }}]\n[[steps]]\nhold = 1.0\nops = [{{ op = \"run_payload\", \
                     payload = \"p\" }}, {{ op = \"wait_payload\", payload = \"p\" }}]\n"
            ),
        ),
    ];
    for (kind, due, near) in rows {
        let found = notes(due, Some(&four));
        assert!(found.iter().any(|(found, _)| found == kind), "{kind:?} is due: {found:?}\n{due}");
        let found = notes(near, Some(&four));
        assert!(found.iter().all(|(found, _)| found != kind), "{kind:?} is not due: {found:?}\n{near}");
    }
    for kind in NoteKind::ALL {
        assert!(rows.iter().any(|(row, ..)| *row == kind), "{kind:?} has no row");
    }
}

#[test]
fn what_depends_on_the_machine_is_left_open_without_one() {
    let text = format!("{CELL}cpu_weight = 300\n{OTHER}{{hold}}");
    assert_eq!(notes(&text, None), []);
    assert_eq!(notes(&text, Some(&Topology::uniform(1, 1, 1, 1))), []);
    let found = notes(&text, Some(&Topology::uniform(1, 1, 2, 1)));
    let said = "backdrop.cgroups[0]: [N003] `cpu_weight` of `cell` has no effect: each of at most 2 workers can have \
                one of 2 CPUs; start more workers than there are CPUs, or hold them on fewer CPUs by a cpuset";
    assert_eq!(found, [(WeightWithoutRival, said.to_owned())]);
}

/// Where workers move, or programs start who knows what, nothing is said.
#[test]
fn what_nobody_knows_gives_no_note() {
    let moved =
        "[[steps]]\nhold = 1.0\nops = [{ op = \"move_all_tasks\", from = \"cell\", to = \"other\" }]\n";
    let program =
        "[[steps]]\nhold = 1.0\nops = [{ op = \"run_payload\", payload = \"p\", cgroup = \"cell\" }]\n";
    for (text, machine) in [
        (format!("{CELL}cpu_weight = 300\n{OTHER}{moved}"), Topology::uniform(1, 1, 4, 1)),
        (format!("{CELL}cpu_max = \"100%\"\n{PAYLOAD}{program}"), Topology::uniform(1, 1, 4, 1)),
        (format!("checks = {{ max_gap = \"2s\" }}\n{CELL}{PAYLOAD}{program}"), Topology::uniform(1, 1, 4, 1)),
    ] {
        assert_eq!(notes(&text, Some(&machine)), [], "{text}");
    }
}
