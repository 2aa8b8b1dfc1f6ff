//! What the program shows does nothing to a terminal, whoever chose the words: names in scenarios, arguments,
//! the names of files, reports that somebody else has written.

mod program;

use ktstr_core::terminal::acts;
use program::{Scratch, run};

/// Clears a line, sets a title, moves by C1, turns the order, ends a line.
const HOSTILE: &str = "x\r\u{1b}[2K\u{1b}]0;t\u{7}\u{9b}31m\u{202e}\u{2066}\u{2028}PASS";

#[track_caller]
fn assert_harmless(arguments: &[&str]) {
    let ended = run(arguments);
    assert!(!ended.stderr.contains("panicked"), "{ended:#?}");
    for text in [&ended.stdout, &ended.stderr] {
        let acting = text.chars().find(|c| acts(*c) && *c != '\n' && *c != '\t');
        assert_eq!(acting, None, "{arguments:?}: {ended:#?}");
    }
    assert!(
        [&ended.stdout, &ended.stderr].iter().any(|text| text.contains("\\u{1b}") || text.contains("\\u001")),
        "it is not shown: {ended:#?}"
    );
}

/// The hostile words as TOML writes them.
fn quoted() -> String {
    let escaped =
        HOSTILE.chars().map(|c| if acts(c) { format!("\\u{:04X}", u32::from(c)) } else { c.to_string() });
    format!("\"{}\"", escaped.collect::<String>())
}

#[test]
fn names_in_scenarios_are_shown_and_do_nothing() {
    let scratch = Scratch::new("terminal-names");
    let name = quoted();
    let cgroup = format!("[[backdrop.cgroups]]\nname = {name}\nworkers = 1\n");
    let hold = "[[steps]]\nhold = 0.1\n";
    for (file, text) in [
        (
            "scenario",
            format!(
                "name = {name}\nduration = \"1s\"\n[[backdrop.cgroups]]\nname = \"a\"\nworkers = 1\n{hold}"
            ),
        ),
        ("cgroup", format!("name = \"c\"\nduration = \"1s\"\n{cgroup}{hold}")),
        (
            "payload",
            format!(
                "name = \"p\"\nduration = \"1s\"\n[[payload]]\nname = {name}\nbinary = \"true\"\n\
                 [[backdrop.cgroups]]\nname = \"a\"\n{hold}ops = [{{ op = \"run_payload\", payload = {name} }}]\n"
            ),
        ),
        (
            "unknown",
            format!(
                "name = \"u\"\nduration = \"1s\"\n{hold}ops = [{{ op = \"stop_cgroup\", cgroup = {name} }}]\n"
            ),
        ),
        ("word", format!("name = \"w\"\nduration = \"1s\"\n{hold}ops = [{{ op = {name} }}]\n")),
    ] {
        let file = scratch.file(&format!("{file}.toml"), &text);
        for arguments in [
            &["run", "--backend", "mock", &file][..],
            &["run", "--backend", "mock", "--format", "json", &file],
            &["plan", "--topology", "1x1x4x1", &file],
            &["render", &file],
            &["render", "--as", "rust", &file],
        ] {
            assert_harmless(arguments);
        }
    }
}

#[test]
fn arguments_and_names_of_files_are_shown_and_do_nothing() {
    let scratch = Scratch::new("terminal-files");
    let file = scratch.file(&HOSTILE.replace('/', ""), "name = 1\n");
    for arguments in [
        &["check", &file][..],
        &["check", HOSTILE],
        &["run", "--backend", HOSTILE, "scenarios/hole.toml"],
        &["explain", HOSTILE],
        &["kernel", "path", HOSTILE],
        &["run", "--backend", "vm", "--kernel", HOSTILE, "scenarios/hole.toml"],
        &["topo", HOSTILE],
        &["clean", "--parent", HOSTILE],
        &["replay", HOSTILE],
        &[HOSTILE],
    ] {
        assert_harmless(arguments);
    }
}

#[test]
fn a_report_of_somebody_else_is_shown_and_does_nothing() {
    let scratch = Scratch::new("terminal-report");
    let path = scratch.path().join("report.json").display().to_string();
    run(&["run", "--backend", "mock", "--report", &path, "scenarios/hole.toml"]).assert(0, &[]);
    let report = std::fs::read_to_string(&path).expect("a report");
    let words =
        HOSTILE.chars().map(|c| if acts(c) { format!("\\u{:04x}", u32::from(c)) } else { c.to_string() });
    let words: String = words.collect();
    for (key, value) in [("backend", "mock"), ("site", "teardown")] {
        let forged = report.replace(&format!("\"{key}\": \"{value}\""), &format!("\"{key}\": \"{words}\""));
        assert_ne!(forged, report);
        let path = scratch.file("forged.json", &forged);
        assert_harmless(&["replay", &path]);
    }
}
