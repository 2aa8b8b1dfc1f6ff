//! What a user sees of a payload that failed: the end of what it wrote, on every backend that runs programs,
//! and on the mock by its script.

mod program;

use bumpalo::Bump;
use ktstr_core::prelude::*;
use ktstr_core::{LAST_WORDS, execute_scenario};
use ktstr_file::load;
use ktstr_file::report::text::render_text;
use ktstr_file::report::{LastWordsEntry, Recorder, RunHead, RunReport};
use ktstr_mock::{MockBackend, Script};
use program::{Scratch, linux_runs, run, vm_runs};
use std::time::Duration;

/// A scenario with a shell script that has to exit with 0 in time; it is waited for, or ended by the
/// teardown.
fn scenario(script: &str, wait: Option<&str>) -> String {
    let wait = wait.map_or(String::new(), |timeout| {
        format!(", {{ op = \"wait_payload\", payload = \"daemon\", timeout = \"{timeout}\" }}")
    });
    format!(
        "name = \"words\"\nduration = \"300ms\"\n[[payload]]\nname = \"daemon\"\nbinary = \"sh\"\n\
         args = [\"-c\", '''{script}''']\nchecks = [{{ exit_code = 0 }}]\n[[steps]]\n\
         ops = [{{ op = \"run_payload\", payload = \"daemon\" }}{wait}]\nhold = \"full\"\n"
    )
}

const SAYS_WHY: &str = "echo to stdout; echo reason >&2; exit 3";
const FLOODS: &str = "i=0; while [ $i -lt 9999 ]; do i=$((i+1)); echo line $i; done; exit 1";
const ESCAPES: &str = r#"printf "\033[2J\033]0;mine\007\303\050\302\233\342\200\256end\n" >&2; exit 1"#;
const WORKS_ON: &str = "echo begun; exec sleep 60";

/// The block of lines below the checks.
fn reported(text: &str) -> Vec<String> {
    text.lines()
        .skip_while(|line| !line.starts_with("daemon in "))
        .take_while(|line| !line.is_empty())
        .map(str::to_owned)
        .collect()
}

fn words(report: &RunReport) -> Option<&LastWordsEntry> {
    report.payloads.first().expect("a payload").last_words.as_ref()
}

#[test]
fn a_program_that_fails_on_linux_is_heard() {
    if !linux_runs() {
        return;
    }
    let scratch = Scratch::new("words");
    let why = ["daemon in (runner), exit 3, wrote last:", "  stdout  to stdout", "  stderr  reason"];
    let end: Vec<_> = (9990..=9999).map(|line| format!("  stdout  line {line}")).collect();
    let flood = ["daemon in (runner), exit 1, wrote last:".to_owned(), "  stdout  …".to_owned()];
    let flood: Vec<_> = flood.into_iter().chain(end).collect();
    let flood: Vec<_> = flood.iter().map(String::as_str).collect();
    let escaped = "  stderr  \\u{1b}[2J\\u{1b}]0;mine\\u{7}\u{fffd}(\\u{9b}\\u{202e}end";
    let late = ["daemon in (runner), SIGTERM (15), wrote last:", "  stdout  begun"];
    for (name, script, wait, expected) in [
        ("why", SAYS_WHY, Some("60s"), &why[..]),
        ("flood", FLOODS, Some("60s"), &flood),
        ("escapes", ESCAPES, Some("60s"), &["daemon in (runner), exit 1, wrote last:", escaped]),
        ("silent", "exit 4", Some("60s"), &["daemon in (runner), exit 4, wrote nothing"]),
        // These two may be ended before they have written: then there is nothing to tell.
        ("late", WORKS_ON, Some("2s"), &late),
        ("torn down", WORKS_ON, None, &late),
        ("passes", "echo fine", Some("60s"), &[]),
    ] {
        let file = scratch.file(name, scenario(script, wait));
        let path = scratch.path().join("report.json").display().to_string();
        let ended = run(&["run", "--backend", "linux", "--report", &path, &file]);
        ended.assert(i32::from(!expected.is_empty()), &["words  on linux"]);
        let begun = !(expected == late && ended.stdout.contains("wrote nothing"));
        assert!(reported(&ended.stdout) == expected || !begun, "{name}: {}", ended.stdout);
        assert!(!ended.stdout.contains(['\u{1b}', '\u{7}', '\u{9b}', '\u{202e}']), "{name}");
        let json = std::fs::read_to_string(&path).expect("a report");
        let report = RunReport::from_json(&json).expect("a report");
        assert_eq!(words(&report).is_some(), !expected.is_empty(), "{name}");
        let length = words(&report).map_or(0, |words| words.stdout.text.len());
        assert!(length <= LAST_WORDS, "{name}: {length} bytes");
        assert!(!json.contains(['\u{1b}', '\u{7}', '\u{9b}', '\u{202e}']), "{name}: a terminal may show it");
    }
}

#[test]
fn a_program_that_fails_in_a_guest_is_heard_and_fails_the_same_again() {
    if !vm_runs() {
        return;
    }
    let scratch = Scratch::new("words-vm");
    let path = scratch.path().join("report.json").display().to_string();
    for (name, script, lines) in [("why", SAYS_WHY, 3), ("flood", FLOODS, 12), ("silent", "exit 4", 1)] {
        let file = scratch.file(name, scenario(script, Some("60s")));
        let ended = run(&["run", "--backend", "vm", "--report", &path, &file]);
        ended.assert(1, &["FAIL  words  on vm", "exit_code of daemon"]);
        assert_eq!(reported(&ended.stdout).len(), lines, "{name}: {}", ended.stdout);
        run(&["replay", &path]).assert(0, &["the same: ", " events, fail"]);
    }
}

/// The report of a run on a mock on which `sh` does what the script says.
fn on_mock(script: Script) -> RunReport {
    let arena = Bump::new();
    let text = scenario(SAYS_WHY, Some("10s"));
    let loaded = load(&text, &arena).unwrap_or_else(|errors| panic!("{errors:?}"));
    let topology = Topology::uniform(1, 1, 2, 1);
    let mut mock = MockBackend::new(topology).program("sh", script);
    let mut recorder = Recorder::new();
    let end = execute_scenario(loaded.scenario, &mut mock, 1, &mut recorder).expect("valid");
    let head = RunHead {
        scenario: loaded.scenario,
        backend: "mock",
        backend_reason: "",
        seed: 1,
        topology: &topology,
    };
    recorder.finish(&head, &end)
}

#[test]
fn a_script_of_the_mock_is_heard_when_it_fails() {
    let fails =
        || Script::exits_after(Duration::from_millis(1), 3).prints("begun\n").prints_error("reason\n");
    let report = on_mock(fails());
    let expected = ["daemon in (runner), exit 3, wrote last:", "  stdout  begun", "  stderr  reason"];
    assert_eq!(reported(&render_text(&report)), expected);
    let passes = Script::exits_after(Duration::from_millis(1), 0).prints("begun\n");
    assert_eq!(words(&on_mock(passes)), None);
    let endless = on_mock(Script::runs().prints("begun\n"));
    let late = ["daemon in (runner), SIGTERM (15), wrote last:", "  stdout  begun"];
    assert_eq!(reported(&render_text(&endless)), late);
    for (flood, length, cut) in [(0, 6, false), (10, 16, false), (1 << 40, LAST_WORDS, true)] {
        let report = on_mock(fails().floods(flood));
        let stdout = &words(&report).expect("last words").stdout;
        assert!(stdout.text.ends_with("begun\n"), "{stdout:?}");
        assert_eq!((stdout.text.len(), stdout.cut), (length, cut));
    }
}
