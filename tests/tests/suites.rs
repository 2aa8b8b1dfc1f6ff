//! Many scenarios in one call: which are run, what is shown in which format, and how the program exits.

mod program;

use program::{Ended, Scratch, run, run_in, workspace};

const GOOD: &str =
    "name = \"good\"\nduration = \"100ms\"\n[[backdrop.cgroups]]\nname = \"a\"\n[[steps]]\nhold = \"full\"\n";
const BAD: &str = "name = \"bad\"\nduration = \"100ms\"\n[[backdrop.cgroups]]\nname = \"a\"\nworkers = 2\n\
    checks = { max_gap = \"1us\" }\n[[backdrop.cgroups]]\nname = \"b\"\nworkers = 8\n[[steps]]\nhold = \"full\"\n";
const WRONG: &str =
    "name = \"wrong\"\n[[steps]]\nops = [{ op = \"stop_cgroup\", cgroup = \"x\" }]\nhold = \"full\"\n";
const SKIPPED: &str = "name = \"skipped\"\nduration = \"100ms\"\n[[payload]]\nname = \"p\"\nbinary = \"true\"\n\
    checks = [{ exit_code = 0 }]\n[[steps]]\nops = [{ op = \"run_payload\", payload = \"p\" }]\nhold = \"full\"\n";

/// A folder with scenarios, one of them in a folder below, one hidden.
fn folder(name: &str, files: &[(&str, &str)]) -> Scratch {
    let scratch = Scratch::new(name);
    std::fs::create_dir_all(scratch.path().join("suite/below")).expect("a folder");
    std::fs::create_dir_all(scratch.path().join("suite/.hidden")).expect("a folder");
    for (file, text) in files {
        scratch.file(&format!("suite/{file}"), text);
    }
    scratch
}

fn played(scratch: &Scratch, arguments: &[&str]) -> Ended {
    let all: Vec<_> = ["run", "--backend", "mock"].iter().chain(arguments).copied().collect();
    run_in(scratch.path(), &all)
}

#[test]
fn a_folder_is_played_in_order_and_the_worst_decides() {
    let files = [
        ("2-bad.toml", BAD),
        ("1-good.toml", GOOD),
        ("below/3-good.toml", GOOD),
        (".hidden/x.toml", WRONG),
        ("x.txt", WRONG),
    ];
    let scratch = folder("order", &files);
    let ended = played(&scratch, &["suite"]);
    ended.assert(1, &["3 scenarios: 2 pass, 1 fail\n", "      fail  max_gap of a: "]);
    let heads: Vec<_> =
        ended.stdout.lines().filter_map(|line| line.rsplit_once("  suite/")).map(|(_, file)| file).collect();
    assert_eq!(heads, ["1-good.toml", "2-bad.toml", "below/3-good.toml"]);
    for jobs in ["1", "3"] {
        assert_eq!(played(&scratch, &["--jobs", jobs, "suite"]).stdout, ended.stdout, "{jobs} jobs");
    }
}

#[test]
fn each_end_has_its_status_in_each_convention() {
    let files = [("good.toml", GOOD), ("bad.toml", BAD), ("wrong.toml", WRONG), ("skipped.toml", SKIPPED)];
    let scratch = folder("codes", &files);
    for (name, ktstr, bisect, kselftest) in
        [("good", 0, 0, 0), ("bad", 1, 1, 1), ("wrong", 2, 255, 1), ("skipped", 0, 125, 4)]
    {
        let file = format!("suite/{name}.toml");
        for (codes, status) in [("ktstr", ktstr), ("bisect", bisect), ("kselftest", kselftest)] {
            let alone = played(&scratch, &["--exit-codes", codes, &file]);
            assert_eq!(alone.status, Some(status), "{name} {codes}: {alone:#?}");
            let filtered = played(&scratch, &["--exit-codes", codes, "--filter", &file, "suite"]);
            assert_eq!(filtered.status, Some(status), "{name} {codes}: {filtered:#?}");
        }
    }
    played(&scratch, &["suite"]).assert(2, &["4 scenarios: 1 pass, 1 skip, 1 fail, 1 invalid", "[E0201]"]);
}

#[test]
fn what_is_asked_for_is_run_and_no_more() {
    let files = [("1.toml", BAD), ("2.toml", GOOD), ("3.toml", GOOD)];
    let scratch = folder("chosen", &files);
    played(&scratch, &["--filter", "good", "--filter", "1.t", "suite"])
        .assert(1, &["3 scenarios: 2 pass, 1 fail"]);
    played(&scratch, &["--filter", "3.toml", "suite"]).assert(0, &["1 scenario: 1 pass"]);
    played(&scratch, &["--filter", "nothing", "suite"]).assert(2, &["no scenario has `nothing`"]);
    played(&scratch, &["--fail-fast", "--jobs", "1", "suite"])
        .assert(1, &["1 scenario: 1 fail", "2 scenarios not run"]);
    played(&scratch, &["--retries", "2", "suite/1.toml"]).assert(1, &["FAIL  bad", ", 3 tries"]);
    played(&scratch, &["--seeds", "1..3", "suite/2.toml", "suite/3.toml"])
        .assert(0, &["6 scenarios: 6 pass", "seed 3"]);
    played(&scratch, &["suite/below"]).assert(2, &["no .toml file"]);
    played(&scratch, &["suite/2.toml", "-"]).assert(2, &["`-` is read once"]);
    run_in(scratch.path(), &["check", "suite"]).assert(0, &["suite/2.toml: ok"]);
}

#[test]
fn files_in_the_formats_of_others_say_the_same() {
    let files = [("1-good.toml", GOOD), ("2-bad.toml", BAD), ("3-skipped.toml", SKIPPED)];
    let scratch = folder("formats", &files);
    let names = ["--junit", "j.xml", "--ktap", "k.txt", "--markdown", "m.md", "--report", "r.json"];
    let all: Vec<_> = names.into_iter().chain(["suite"]).collect();
    played(&scratch, &all).assert(1, &["3 scenarios: 1 pass, 1 skip, 1 fail\n"]);
    let read = |name: &str| std::fs::read_to_string(scratch.path().join(name)).expect(name);

    let junit = read("j.xml");
    assert!(junit.contains(r#"tests="3" failures="1" errors="0" skipped="1""#), "{junit}");
    assert_eq!(junit.matches("<testcase ").count(), 3, "{junit}");
    assert!(junit.contains("<failure message=\"fail  max_gap of a: "), "{junit}");

    let ktap = read("k.txt");
    let top: Vec<_> = ktap.lines().filter(|line| !line.starts_with(['#', ' '])).collect();
    assert_eq!(
        top,
        ["KTAP version 1", "1..3", "ok 1 good seed 1", "not ok 2 bad seed 1", "ok 3 skipped seed 1 # SKIP"]
    );
    assert!(ktap.contains("    not ok ") && ktap.contains(" max_gap of a group 0\n"), "{ktap}");

    let markdown = read("m.md");
    assert!(markdown.contains("| fail | bad | mock | 1 | "), "{markdown}");

    let json: serde_json::Value = serde_json::from_str(&read("r.json")).expect("JSON");
    let status: Vec<_> =
        json["cases"].as_array().expect("cases").iter().map(|case| case["status"].clone()).collect();
    assert_eq!(status, ["pass", "fail", "skip"]);
    assert_eq!(json["cases"][1]["outcome"]["ran"]["verdict"], "fail");

    for (format, piece) in [
        ("json", "\"status\": \"skip\""),
        ("junit", "<testsuites"),
        ("ktap", "KTAP version 1"),
        ("github", "::error file=suite/2-bad.toml,title=fail bad::fail  max_gap of a: "),
        ("markdown", "### ktstr: 3 scenarios: 1 pass, 1 skip, 1 fail"),
    ] {
        let ended = played(&scratch, &["--format", format, "suite"]);
        ended.assert(1, &[piece]);
        assert!(
            !ended.stdout.contains("PASS  good  on mock, seed 1, 100ms  suite"),
            "{format} stands alone: {ended:#?}"
        );
    }
}

#[test]
fn the_shipped_scenarios_are_a_suite() {
    run(&["run", "--backend", "mock", "scenarios"]).assert(0, &["scenarios: "]);
}

/// The commands of the page, of the action and of the template, with the options that they use.
fn commands_for_ci() -> Vec<Vec<String>> {
    let files = ["docs/ci.md", "action.yml", "ci/gitlab.yml"].map(|file| workspace().join(file));
    let texts = files.map(|file| std::fs::read_to_string(&file).expect("a file"));
    let lines = texts.iter().flat_map(|text| text.lines());
    let command = |line: &str| {
        let (_, command) =
            line.split_once("ktstr ").filter(|(before, _)| !before.contains(['/', '#', '`']))?;
        let words = command.split([' ', '\'']).filter(|word| !word.is_empty());
        Some(words.map(|word| word.trim_matches(['"', ')', ';']).to_owned()).collect())
    };
    lines.filter_map(command).collect()
}

#[test]
fn the_commands_for_ci_are_commands() {
    let commands = commands_for_ci();
    assert!(commands.len() >= 10, "{commands:?}");
    for command in commands {
        let (name, rest) = command.split_first().expect("a word");
        let help = run(&[name, "--help"]);
        help.assert(0, &["Usage: ktstr"]);
        for option in rest.iter().filter(|word| word.starts_with("--")) {
            assert!(help.stdout.contains(option.as_str()), "`ktstr {name}` has no {option}");
        }
    }
}

#[test]
fn the_first_steps_to_a_check_lead_there() {
    let scratch = Scratch::new("first-steps");
    std::fs::create_dir_all(scratch.path().join("tests/kernel")).expect("a folder");
    let page = std::fs::read_to_string(workspace().join("docs/ci.md")).expect("the page");
    let block = page.split("```sh\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a block");
    assert_eq!(block.lines().count(), 3, "{block}");
    for line in block.lines() {
        let arguments: Vec<_> = line.split(' ').skip(1).collect();
        run_in(scratch.path(), &arguments).assert(0, &[]);
    }
}
