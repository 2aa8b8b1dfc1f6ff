//! What makes the program pleasant: defaults of a project in `ktstr.toml`, how much is said and in which
//! colour, watching files, pages and the line that editors read.

mod program;

use program::{Ended, Scratch, ktstr, run, run_in};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

const GOOD: &str =
    "name = \"good\"\nduration = \"100ms\"\n[[backdrop.cgroups]]\nname = \"a\"\n[[steps]]\nhold = \"full\"\n";
const BAD: &str = "name = \"bad\"\nduration = \"100ms\"\nchecks = { max_gap = \"1us\" }\n\
    [[backdrop.cgroups]]\nname = \"a\"\nworkers = 8\n[[steps]]\nhold = \"full\"\n";

/// A project with a file of defaults and two scenarios in a folder below.
fn project(name: &str, defaults: &str) -> Scratch {
    let scratch = Scratch::new(name);
    std::fs::create_dir_all(scratch.path().join("suite/below")).expect("a folder");
    scratch.file("ktstr.toml", defaults);
    scratch.file("suite/bad.toml", BAD);
    scratch.file("suite/below/good.toml", GOOD);
    scratch
}

#[test]
fn a_project_says_what_its_runs_have_in_common() {
    let scratch =
        project("defaults", "backend = \"mock\"\ntopology = \"1x2x3x1\"\nretries = 2\nkernel = \"none\"\n");
    // From a folder below, where the file is found above; the kernel is no matter for the mock.
    let below = scratch.path().join("suite/below");
    run_in(&below, &["run", "good.toml"]).assert(0, &["PASS  good  on mock"]);
    let json = run_in(&below, &["run", "--format", "json", "good.toml"]).stdout;
    assert!(json.contains("\"1x2x3x1\""), "{json}");
    run_in(scratch.path(), &["run", "suite"]).assert(1, &["FAIL  bad", ", 3 tries"]);
    // What is given on the command line goes before.
    let ended = run_in(scratch.path(), &["run", "--retries", "0", "suite"]);
    assert!(!ended.assert(1, &["FAIL  bad"]).stdout.contains("tries"), "{ended:#?}");
    let given = run_in(&below, &["run", "--topology", "1x1x2x1", "--format", "json", "good.toml"]).stdout;
    assert!(given.contains("\"1x1x2x1\""), "{given}");
    run_in(&below, &["run", "--backend", "vm", "good.toml"]).assert(3, &["[V001]", "`none`"]);
    // It is no scenario of a folder.
    run_in(scratch.path(), &["check", "."]).assert(0, &["suite/bad.toml: ok", "good.toml: ok"]);
}

#[test]
fn what_is_wrong_in_it_is_said_with_its_place() {
    let scratch = project("wrong-defaults", "backend = \"mock\"\nbakend = \"vm\"\njobs = 0\n");
    run_in(scratch.path(), &["run", "suite"]).assert(
        2,
        &[
            "ktstr.toml:2:1: [T006] `bakend` is not known in ktstr.toml; did you mean `backend`?",
            "ktstr.toml:3:8: [T013] `jobs` takes a whole number from 1 to 1024",
        ],
    );
    // What runs nothing is not held up by it.
    run_in(scratch.path(), &["check", "suite"]).assert(0, &["ok"]);
}

#[test]
fn it_says_as_much_as_is_asked_for() {
    let scratch = project("volume", "backend = \"mock\"\n");
    let quiet = run_in(scratch.path(), &["run", "-q", "suite"]);
    quiet.assert(1, &["FAIL  bad", "2 scenarios: 1 pass, 1 fail\n"]);
    assert!(!quiet.stdout.contains("PASS  good"), "{quiet:#?}");
    let quiet = run_in(scratch.path(), &["run", "-q", "suite/below/good.toml"]);
    assert_eq!((quiet.stdout.lines().count(), quiet.stderr.as_str()), (1, ""), "{quiet:#?}");
    let failing = run_in(scratch.path(), &["run", "--quiet", "suite/bad.toml"]);
    failing.assert(1, &["fail  max_gap of a: "]);
    let usual = run_in(scratch.path(), &["run", "suite/below/good.toml"]);
    let verbose = run_in(scratch.path(), &["run", "-v", "suite/below/good.toml"]);
    verbose.assert(0, &["create cgroup: cgroup a"]);
    assert!(verbose.stdout.starts_with(&usual.stdout), "{verbose:#?}");
    run_in(scratch.path(), &["-v", "run", "suite"]).assert(1, &["PASS  good", "      cgroup  workers"]);
    run_in(scratch.path(), &["run", "-q", "-v", "suite"]).assert(2, &["cannot be used with"]);
}

/// Runs it with an environment for colour; the standard output is a pipe.
fn coloured(scratch: &Scratch, arguments: &[&str], environment: &[(&str, &str)]) -> String {
    let mut command = Command::new(ktstr());
    for name in ["NO_COLOR", "CLICOLOR_FORCE"] {
        command.env_remove(name);
    }
    let output = command.args(["run", "suite"]).args(arguments).envs(environment.iter().copied());
    let output = output.current_dir(scratch.path()).output().expect("the program starts");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn colour_is_where_it_is_asked_for_and_changes_no_word() {
    let scratch = project("colour", "backend = \"mock\"\n");
    let plain = coloured(&scratch, &[], &[]);
    assert!(!plain.contains('\u{1b}') && plain.contains("FAIL  bad"), "{plain}");
    for (arguments, environment, is_coloured) in [
        (&["--color", "always"][..], &[][..], true),
        (&["--color", "always"], &[("NO_COLOR", "1")], true),
        (&[], &[("CLICOLOR_FORCE", "1")], true),
        (&[], &[("CLICOLOR_FORCE", "0")], false),
        (&[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], false),
        (&["--color", "never"], &[("CLICOLOR_FORCE", "1")], false),
    ] {
        let said = coloured(&scratch, arguments, environment);
        assert_eq!(
            said.contains("\u{1b}[31mFAIL\u{1b}[0m  bad"),
            is_coloured,
            "{arguments:?} {environment:?}"
        );
        let words = said.replace("\u{1b}[31m", "").replace("\u{1b}[32m", "").replace("\u{1b}[0m", "");
        assert_eq!(words, plain, "{arguments:?} {environment:?}");
    }
    scratch.file("ktstr.toml", "backend = \"mock\"\ncolor = \"always\"\n");
    assert!(coloured(&scratch, &[], &[]).contains("\u{1b}[31mFAIL"), "the project says so");
}

/// A program that goes with the test.
struct Killed(std::process::Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_watched_file_is_played_again_when_it_changes() {
    let scratch = project("watch", "backend = \"mock\"\n");
    let mut child = Command::new(ktstr())
        .args(["watch", "suite/below"])
        .current_dir(scratch.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let output = BufReader::new(child.stdout.take().expect("its output"));
    let (heard, lines) = std::sync::mpsc::channel();
    std::thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| heard.send(line)));
    let mut child = Killed(child);
    let until = |piece: &str| {
        while let Ok(line) = lines.recv_timeout(std::time::Duration::from_secs(120)) {
            if line.contains(piece) {
                return;
            }
        }
        panic!("it never said {piece}");
    };
    until("1 scenario: 1 pass");
    scratch.file("suite/below/good.toml", BAD);
    until("FAIL  bad");
    // A second file, and one that is not valid: it goes on.
    scratch.file("suite/below/more.toml", "name = \"more\"\nnonsense = 1\n");
    until("1 fail, 1 invalid");
    scratch.file("suite/below/more.toml", GOOD);
    until("1 pass, 1 fail");
    assert!(child.0.try_wait().expect("its state").is_none(), "it watches until it is ended");
    run_in(scratch.path(), &["watch", "-"]).assert(2, &["standard input cannot be watched"]);
}

#[test]
fn there_is_a_manual_page_of_the_program_and_of_each_command() {
    let page = run(&["man"]);
    page.assert(0, &[".TH ktstr 1", "SUBCOMMANDS", "Exit status: 0 pass"]);
    for (name, piece) in [("run", "backend"), ("bisect", "build"), ("completions", "SHELL")] {
        run(&["man", name]).assert(0, &[&format!(".TH ktstr-{name} 1"), piece]);
    }
    run(&["man", "nothing"]).assert(2, &["there is no command `nothing`; there are check, plan, run"]);
}

/// The line that taplo and editors with it read is the first of a new file, and is no hindrance.
#[test]
fn a_new_file_names_its_schema() {
    let scratch = Scratch::new("schema-line");
    run_in(scratch.path(), &["new", "first.toml"]).assert(0, &[]);
    let text = std::fs::read_to_string(scratch.path().join("first.toml")).expect("the file");
    let first = text.lines().next().expect("a line");
    assert_eq!(first, "#:schema ./scenario.schema.json");
    assert!(text.contains("ktstr schema > scenario.schema.json"), "it says where that comes from");
    let Ended { stdout, .. } = run(&["schema"]);
    let schema: serde_json::Value = serde_json::from_str(&stdout).expect("JSON");
    assert!(schema["properties"]["name"].is_object(), "a schema of scenario files");
}
