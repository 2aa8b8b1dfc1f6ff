//! What others read of a suite is as they want it: JUnit as Jenkins and Surefire have it, KTAP as kunit's
//! parser does, annotations as GitHub documents its commands.

mod program;

use program::{Scratch, run_in, skip, workspace};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::process::Command;

const GOOD: &str =
    "name = \"good\"\nduration = \"100ms\"\n[[backdrop.cgroups]]\nname = \"a\"\n[[steps]]\nhold = \"full\"\n";
const BAD: &str = "name = \"<bad> & 'worse'\"\nduration = \"100ms\"\nchecks = { max_gap = \"1us\" }\n\
    [[backdrop.cgroups]]\nname = \"a\"\nworkers = 8\n[[steps]]\nhold = \"full\"\n";
const WRONG: &str = "name = \"wrong\"\nnonsense = 1\n";
const LACKS: &str =
    "name = \"lacks\"\ntopology = \"1x1x4x1\"\nneeds = { llcs = 2 }\n[[steps]]\nhold = \"full\"\n";

/// A file of each end.
fn suite(name: &str) -> Scratch {
    let scratch = Scratch::new(name);
    std::fs::create_dir_all(scratch.path().join("suite")).expect("a folder");
    for (file, text) in [("bad", BAD), ("good", GOOD), ("lacks", LACKS), ("wrong", WRONG)] {
        scratch.file(&format!("suite/{file}.toml"), text);
    }
    scratch
}

fn written(scratch: &Scratch, format: &str) -> String {
    let ended = run_in(scratch.path(), &["run", "--backend", "mock", "--format", format, "suite"]);
    assert_eq!(ended.status, Some(2), "{ended:#?}");
    ended.stdout
}

/// An element of the reports of Surefire: what it must have, may have, and what may be in it.
struct Element {
    name: &'static str,
    must: &'static [&'static str],
    may: &'static [&'static str],
    inside: &'static [&'static str],
}

/// As the schema of Jenkins' xUnit plugin, junit-10, has them: the strictest of those that read JUnit.
const JUNIT: &[Element] = &[
    Element {
        name: "testsuites",
        must: &[],
        may: &["name", "time", "tests", "failures", "errors"],
        inside: &["testsuite"],
    },
    Element {
        name: "testsuite",
        must: &["name", "tests", "failures", "errors"],
        may: &["group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"],
        inside: &["testsuite", "properties", "testcase", "system-out", "system-err"],
    },
    Element {
        name: "testcase",
        must: &["name"],
        may: &["time", "classname", "group"],
        inside: &["skipped", "error", "failure", "system-out", "system-err"],
    },
    Element { name: "failure", must: &[], may: &["type", "message"], inside: &[] },
    Element { name: "error", must: &[], may: &["type", "message"], inside: &[] },
    Element { name: "skipped", must: &[], may: &["type", "message"], inside: &[] },
    Element { name: "system-out", must: &[], may: &[], inside: &[] },
];

fn name_of(start: &BytesStart<'_>) -> String {
    start.name().as_ref().to_owned()
}

/// Holds an element to the table, and its place to the one it is in.
fn hold(start: &BytesStart<'_>, above: Option<&str>) {
    let name = name_of(start);
    let row = |name: &str| JUNIT.iter().find(|row| row.name == name);
    let Element { must, may, .. } = row(&name).unwrap_or_else(|| panic!("<{name}> is not known"));
    let has: Vec<_> = start
        .attributes()
        .map(|attribute| attribute.expect("an attribute").key.as_ref().to_owned())
        .collect();
    for wanted in *must {
        assert!(has.iter().any(|has| has == wanted), "<{name}> has no {wanted}");
    }
    for has in &has {
        assert!(must.contains(&has.as_str()) || may.contains(&has.as_str()), "<{name}> has {has}");
    }
    match above {
        None => assert_eq!(name, "testsuites"),
        Some(above) => {
            let inside = row(above).map(|row| row.inside).unwrap_or_default();
            assert!(inside.contains(&name.as_str()), "<{name}> in <{above}>");
        }
    }
}

#[test]
fn junit_has_the_elements_of_its_schema_and_no_others() {
    let xml = written(&suite("junit"), "junit");
    let (mut reader, mut open, mut seen) = (Reader::from_str(&xml), Vec::<String>::new(), Vec::new());
    loop {
        match reader.read_event().expect("well-formed") {
            Event::Start(start) => {
                hold(&start, open.last().map(String::as_str));
                seen.push(name_of(&start));
                open.push(name_of(&start));
            }
            Event::Empty(start) => {
                hold(&start, open.last().map(String::as_str));
                seen.push(name_of(&start));
            }
            Event::End(_) => drop(open.pop()),
            Event::Eof => break,
            _ => {}
        }
    }
    let count = |name: &str| seen.iter().filter(|seen| *seen == name).count();
    let counts = ["testcase", "failure", "error", "skipped", "system-out"].map(count);
    assert_eq!((counts, open.len()), ([4, 1, 1, 1, 3], 0), "{xml}");
    assert!(xml.contains("it needs 2 last-level caches, the machine has 1"), "{xml}");
}

/// Runs Python with a program, where it and what the program imports are there.
fn python(program: &str, arguments: &[&str]) -> Option<(bool, String)> {
    let output = Command::new("python3").arg("-c").arg(program).args(arguments).output().ok()?;
    let said =
        [output.stdout, output.stderr].map(|said| String::from_utf8_lossy(&said).into_owned()).concat();
    (!said.contains("ModuleNotFoundError: No module named 'lxml'")).then(|| (output.status.success(), said))
}

/// With `KTSTR_JUNIT_XSD=FILE` and Python's lxml, the schema itself.
#[test]
fn junit_is_valid_by_a_schema_that_is_here() {
    const PROGRAM: &str = "import sys, lxml.etree as e\n\
        e.XMLSchema(e.parse(sys.argv[1])).assertValid(e.parse(sys.argv[2]))\nprint('valid')";
    let Ok(schema) = std::env::var("KTSTR_JUNIT_XSD") else {
        skip("junit-xsd", "KTSTR_JUNIT_XSD names no schema");
        return;
    };
    let scratch = suite("junit-schema");
    let file = scratch.file("junit.xml", written(&scratch, "junit"));
    let (valid, said) = python(PROGRAM, &[&schema, &file]).expect("KTSTR_JUNIT_XSD needs python3 with lxml");
    assert!(valid && said.contains("valid"), "{said}");
}

/// With `KTSTR_KUNIT=DIR`, the folder tools/testing/kunit of a kernel tree, its parser itself.
#[test]
fn ktap_is_read_by_the_parser_of_kunit() {
    const PROGRAM: &str = "import sys, inspect\nsys.path.insert(0, sys.argv[1])\nimport kunit_parser as k\n\
        lines = open(sys.argv[2]).read().splitlines()\n\
        more = [k.stdout] if len(inspect.signature(k.parse_run_tests).parameters) > 1 else []\n\
        test = k.parse_run_tests(lines, *more)\n\
        print('read', test.counts.errors, [(t.name, t.status.name) for t in test.subtests])";
    let Ok(folder) = std::env::var("KTSTR_KUNIT") else {
        skip("kunit", "KTSTR_KUNIT names no tools/testing/kunit of a kernel tree");
        return;
    };
    let scratch = suite("kunit");
    let file = scratch.file("suite.ktap", written(&scratch, "ktap"));
    let (read, said) = python(PROGRAM, &[&folder, &file]).expect("KTSTR_KUNIT needs python3");
    let expected = "read 0 [(\"<bad> & 'worse' seed 1\", 'FAILURE'), ('good seed 1', 'SUCCESS'), \
        ('lacks seed 1', 'SKIPPED'), ('wrong seed 1', 'FAILURE')]";
    assert!(read && said.contains(expected), "{said}");
}

/// What Documentation/dev-tools/ktap.rst asks for: a version, a plan, results that count up, the same again
/// four columns further in before the result of the test that it is of.
#[test]
fn ktap_keeps_its_rules() {
    let text = written(&suite("ktap"), "ktap");
    for level in ["", "    "] {
        let mut next = 1;
        let mut plan = None;
        let lines =
            text.lines().filter_map(|line| line.strip_prefix(level)).filter(|line| !line.starts_with(' '));
        for line in lines.filter(|line| !line.starts_with('#')) {
            let words: Vec<_> = line.split(' ').collect();
            match words[..] {
                ["KTAP", "version", "1"] => (next, plan) = (1, None),
                [range] => plan = range.strip_prefix("1..").and_then(|last| last.parse::<u32>().ok()),
                ["ok", number, ..] | ["not", "ok", number, ..] => {
                    assert_eq!(number.parse(), Ok(next), "{line} in\n{text}");
                    next += 1;
                }
                _ => panic!("{line} is no line of KTAP in\n{text}"),
            }
            assert!(plan.is_none_or(|plan| next <= plan + 1), "more than were planned:\n{text}");
        }
        assert_eq!(plan.map(|plan| plan + 1), Some(next), "all that were planned:\n{text}");
    }
    assert!(
        text.contains("# it needs 2 last-level caches, the machine has 1\nok 3 lacks seed 1 # SKIP\n"),
        "{text}"
    );
}

/// Workflow commands: `::name key=value,key=value::message`, one line each.
#[test]
fn the_commands_for_github_are_commands() {
    let text = written(&suite("github"), "github");
    let mut levels = Vec::new();
    for line in text.lines() {
        let rest = line.strip_prefix("::").unwrap_or_else(|| panic!("{line}"));
        let (head, message) = rest.split_once("::").unwrap_or_else(|| panic!("{line}"));
        let (level, properties) = head.split_once(' ').unwrap_or_else(|| panic!("{line}"));
        assert!(["error", "warning", "notice"].contains(&level) && !message.is_empty(), "{line}");
        for property in properties.split(',') {
            let (key, value) = property.split_once('=').unwrap_or_else(|| panic!("{line}"));
            assert!(["file", "line", "col", "title"].contains(&key) && !value.is_empty(), "{line}");
            if key == "file" {
                assert!(["bad", "lacks", "wrong"].contains(&&value[6..value.len() - 5]), "{line}");
            }
        }
        levels.push(level);
    }
    assert_eq!(levels, ["error", "notice", "error", "notice"], "{text}");
    assert!(workspace().join("action.yml").exists(), "which asks for this format");
}
