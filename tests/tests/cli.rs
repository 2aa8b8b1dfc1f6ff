//! The program from outside: what it prints and how it exits.

mod program;

use bumpalo::Bump;
use ktstr_core::{OpKind, Topology};
use ktstr_file::report::{Recorder, RunHead, RunReport};
use ktstr_file::{load, play_scenario};
use ktstr_mock::MockBackend;
use program::{Scratch, cgroups_of, ktstr, linux_runs, run, run_in, shipped, workspace};
use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const COMMANDS: [&str; 16] = [
    "check",
    "plan",
    "run",
    "topo",
    "explain",
    "render",
    "doctor",
    "replay",
    "kernel",
    "clean",
    "new",
    "schema",
    "completions",
    "watch",
    "bisect",
    "man",
];

#[test]
fn help_names_every_command_and_the_exit_codes() {
    run(&["--help"]).assert(0, &COMMANDS).assert(0, &["Exit status: 0 pass", "4 inconclusive"]);
    for command in COMMANDS {
        run(&[command, "--help"]).assert(0, &["Usage: ktstr"]);
    }
    run(&["--version"]).assert(0, &["ktstr "]);
}

/// Every line below `Examples:` in a help text is a command that works.
#[test]
fn the_examples_in_the_help_texts_run() {
    let scratch = Scratch::new("examples");
    std::os::unix::fs::symlink(workspace().join("scenarios"), scratch.path().join("scenarios"))
        .expect("a link");
    let mut examples = 0;
    for command in COMMANDS {
        let help = run(&[command, "--help"]).stdout;
        let lines = help.lines().skip_while(|line| *line != "Examples:").skip(1);
        for line in lines.map(str::trim).take_while(|line| line.starts_with("ktstr ")) {
            let arguments: Vec<_> = line.split(' ').skip(1).collect();
            run_in(scratch.path(), &arguments).assert(0, &[]);
            examples += 1;
        }
    }
    assert!(examples >= 10, "{examples} examples");
    assert!(scratch.path().join("report.json").exists(), "the example that writes a report");
}

#[test]
fn a_new_file_is_valid_passes_and_overwrites_nothing() {
    let scratch = Scratch::new("new");
    run_in(scratch.path(), &["new", "first.toml"]).assert(0, &["next: ktstr check first.toml"]);
    run_in(scratch.path(), &["check", "first.toml"]).assert(0, &["ok, needs 2 cgroups, 2 groups of workers"]);
    run_in(scratch.path(), &["run", "--backend", "mock", "first.toml"]).assert(0, &["PASS  first  on mock"]);
    run_in(scratch.path(), &["new", "first.toml"]).assert(2, &["is there already"]);
    run_in(scratch.path(), &["new", "no name.toml"]).assert(2, &["gives the scenario no name"]);
    run_in(scratch.path(), &["new", "no/such/folder.toml"]).assert(3, &["cannot be written"]);
}

#[test]
fn the_schemas_are_those_that_are_shipped() {
    for (of, file) in [("scenario", "scenario.schema.json"), ("report", "report.schema.json")] {
        let shipped = workspace().join("ktstr-file/schema").join(file);
        assert_eq!(run(&["schema", of]).stdout, std::fs::read_to_string(shipped).expect("a schema"), "{of}");
    }
}

#[test]
fn wrong_usage_is_told_from_failure() {
    for (arguments, piece) in [
        (&["chekc", "x"][..], "check"),
        (&[][..], "Usage"),
        (&["check"][..], "FILE"),
        (&["run", "--backend", "lunix", "x"][..], "linux"),
        (&["run", "--seed", "-1", "x"][..], "unexpected argument"),
        (&["run", "--seeds", "9..1", "x"][..], "first seed is above the last"),
        (&["run", "--seeds", "1..2", "--seed", "1", "x"][..], "cannot be used with"),
        (&["check", "-"][..], "<stdin>: [T004]"),
        (&["plan", "--topology", "4", "x"][..], "1x2x4x2"),
        (&["plan", "--topology", "0x1x1x1", "x"][..], "no number is 0"),
        (&["plan", "--topology", "65x1x1x1", "x"][..], "64 nodes"),
        (
            &["run", "--backend", "linux", "--topology", "1x1x4x1", "scenarios/hole.toml"][..],
            "--topology is for",
        ),
        (&["run", "--backend", "mock", "--kernel", "6.12", "scenarios/hole.toml"][..], "--backend vm"),
        (&["explain", "E9999"][..], "no code `E9999`"),
        (&["completions", "tcsh"][..], "bash"),
    ] {
        run(arguments).assert(2, &[piece]);
    }
}

#[test]
fn a_scenario_comes_from_standard_input_too() {
    use std::io::Write;
    let mut child = Command::new(ktstr())
        .args(["run", "--backend", "mock", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let text = "name = \"piped\"\nduration = \"1s\"\n[[steps]]\nhold = \"full\"\n";
    child.stdin.take().expect("a pipe").write_all(text.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("an end");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("piped  on mock"), "{output:?}");
}

#[test]
fn a_directory_that_holds_no_runs_is_a_wrong_argument() {
    if linux_runs() {
        run(&["clean", "--parent", "/tmp"]).assert(2, &["/tmp is not below", "name a cgroup's directory"]);
    }
}

#[test]
fn shipped_scenarios_are_valid_and_pass_on_the_mock_the_same_each_time() {
    let files = shipped();
    assert!(files.len() >= 8, "{files:?}");
    for file in files {
        let file = file.display().to_string();
        run(&["check", &file]).assert(0, &[": ok, needs "]);
        let arguments = ["run", "--backend", "mock", "--seed", "3", "--format", "json", &file];
        let first = run(&arguments);
        first.assert(0, &["\"verdict\": \"pass\"", "\"leftovers\": []"]);
        assert_eq!(run(&arguments).stdout, first.stdout, "{file}: the same seed gives the same report");
    }
}

#[test]
fn a_capture_tells_which_processes_it_found() {
    let scratch = Scratch::new("capture");
    let file = scratch.file(
        "capture.toml",
        "name = \"capture\"\nduration = \"100ms\"\n[[backdrop.cgroups]]\nname = \"a\"\nworkers = 2\n[[steps]]\n\
         ops = [{ op = \"capture_cgroup_procs\", tag = \"who\", cgroup = \"a\" }]\nhold = \"full\"\n",
    );
    let backends = if linux_runs() { &["mock", "linux"][..] } else { &["mock"] };
    for backend in backends {
        let ended = run(&["run", "--backend", backend, "--format", "json", &file]);
        let report = RunReport::from_json(&ended.assert(0, &[]).stdout).expect("a report");
        let [capture] = &report.captures[..] else { panic!("one capture: {:?}", report.captures) };
        let pids = capture.pids.as_deref().expect("pids");
        assert_eq!((capture.procs, pids.len()), (2, 2), "{backend}");
        assert!(pids[0] > 0 && pids[0] != pids[1], "{backend}: {pids:?}");
    }
}

/// The program adds nothing to the mock: a runner of one's own comes to the same of every shipped scenario.
#[test]
fn the_program_and_the_library_give_one_verdict_on_the_mock() {
    for file in shipped() {
        let arena = Bump::new();
        let text = std::fs::read_to_string(&file).expect("a scenario");
        let loaded = load(&text, &arena).unwrap_or_else(|errors| panic!("{errors:?}"));
        let file = file.display().to_string();
        let ended = run(&["run", "--backend", "mock", "--seed", "3", "--format", "json", &file]);
        let program = RunReport::from_json(&ended.assert(0, &[]).stdout).expect("a report");
        let shape = program.topology.shape.as_deref().expect("a regular machine");
        let sizes: Vec<u16> = shape.split('x').map(|size| size.parse().expect("a size")).collect();
        let [nodes, llcs, cores, threads] = sizes[..] else { panic!("{shape}") };
        let topology = Topology::uniform(nodes, llcs, cores, threads);
        let mut recorder = Recorder::new();
        let mut mock = MockBackend::new(topology).seed(3);
        let end = play_scenario(loaded.scenario, &mut mock, 3, &mut recorder).expect("valid");
        let head = RunHead {
            scenario: loaded.scenario,
            backend: "mock",
            backend_reason: "",
            seed: 3,
            topology: &topology,
        };
        let library = recorder.finish(&head, &end);
        assert_eq!((library.verdict, &library.checks), (program.verdict, &program.checks), "{file}");
        assert_eq!(library.payloads, program.payloads, "{file}");
    }
}

#[test]
fn a_program_that_only_the_mock_ran_passes_nothing() {
    let said = ["1 skip", "skip  exit_code of quiet: no program was run", "exit 0 (assumed)"];
    let scratch = Scratch::new("assumed");
    let head = "name = \"assumed\"\nduration = \"1s\"\n[[payload]]\nname = \"quiet\"\nbinary = \"false\"\n\
                checks = [{ exit_code = 0 }]\n[[steps]]\nhold = \"10ms\"\n\
                ops = [{ op = \"run_payload\", payload = \"quiet\" }";
    let killed = scratch.file("killed.toml", format!("{head}]\n"));
    run(&["run", "--backend", "mock", &killed])
        .assert(0, &["SKIP  assumed", "SIGTERM (15) (assumed)", said[0]]);
    let waited = format!("{head}, {{ op = \"wait_payload\", payload = \"quiet\" }}]\n");
    let waited = scratch.file("waited.toml", waited);
    run(&["run", "--backend", "mock", &waited]).assert(0, &["SKIP  assumed", said[1], said[2]]);
}

/// The page beside the scenarios names each of them and each operation, and its example works.
#[test]
fn the_page_on_scenario_files_is_true() {
    let page = std::fs::read_to_string(workspace().join("scenarios/README.md")).expect("the page");
    for file in shipped() {
        let name = file.strip_prefix(workspace().join("scenarios")).expect("below it").display().to_string();
        assert!(page.contains(&format!("| `{name}` |")), "{name} is not on the page");
    }
    let words = OpKind::ALL.iter().flat_map(|kind| {
        let info = kind.info();
        [Some(info.word), info.placed.map(|(_, runner)| runner)].into_iter().flatten()
    });
    for word in words {
        assert!(page.contains(&format!("`{word}`")), "{word} is not on the page");
    }
    let example =
        page.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    let scratch = Scratch::new("page");
    let file = scratch.file("tour.toml", example);
    run(&["check", &file]).assert(0, &["ok"]);
    run(&["run", "--backend", "mock", &file]).assert(0, &["PASS  tour"]);
}

#[test]
fn a_plan_shows_the_actions_in_order() {
    let ended = run(&["plan", "--topology", "1x1x8x1", "scenarios/quickstart.toml"]);
    ended.assert(0, &[]);
    let words = ended.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut rest = words.as_str();
    for action in [
        "prepare controllers [cpuset]",
        "backdrop.cgroups[0] mkdir bg_cell",
        "write bg_cell/cpuset.cpus = 0-2",
        "spawn group 0 in bg_cell: 1 x SpinWait",
        "backdrop.ops[0] mkdir bg_overflow",
        "run BG_LOAD in the runner's cgroup as payload 0",
        "hold 1s",
        "steps[1].cgroups[0] mkdir neighbour",
        "write neighbour/cpuset.cpus = 3-6",
        "rmdir neighbour",
        "kill payload 0",
        "finish",
    ] {
        let at = rest.find(action).unwrap_or_else(|| panic!("{action:?} is not in the rest:\n{rest}"));
        rest = &rest[at + action.len()..];
    }
}

#[test]
fn each_verdict_has_its_exit_code() {
    let scratch = Scratch::new("verdicts");
    let scenario = |checks: &str| {
        format!(
            "name = \"v\"\nduration = \"100ms\"\n[checks]\n{checks}\n\
             [[backdrop.cgroups]]\nname = \"a\"\n[[steps]]\nhold = \"full\"\n"
        )
    };
    for (name, checks, status, piece) in [
        ("pass", "not_starved = true", 0, "PASS"),
        ("fail", "min_work_rate = 1e15", 1, "fail  min_work_rate of a: "),
        ("invalid", "max_spread_pct = -1.0", 2, "[E1"),
    ] {
        let file = scratch.file(name, scenario(checks));
        run(&["run", "--backend", "mock", &file]).assert(status, &[piece]);
    }
}

#[test]
fn the_report_goes_to_its_file_and_names_all_that_is_promised() {
    let scratch = Scratch::new("report");
    let path = scratch.path().join("report.json").display().to_string();
    run(&["run", "--backend", "mock", "--report", &path, "scenarios/quickstart.toml"]).assert(0, &["PASS"]);
    let report = std::fs::read_to_string(&path).expect("a report");
    for key in
        ["scenario", "backend", "seed", "verdict", "checks", "cgroups", "payloads", "events", "leftovers"]
    {
        assert!(report.contains(&format!("\n  \"{key}\":")), "{key} is not in the report");
    }
    let unborn = scratch.path().join("unborn.json");
    run(&[
        "run",
        "--backend",
        "mock",
        "--topology",
        "1x1x1x1",
        "--report",
        &unborn.display().to_string(),
        "scenarios/quickstart.toml",
    ])
    .assert(2, &["[E04"]);
    assert!(!unborn.exists(), "no report, no file");
    let nowhere = scratch.path().join("missing/report.json").display().to_string();
    run(&["run", "--backend", "mock", "--report", &nowhere, "scenarios/quickstart.toml"])
        .assert(3, &["the report cannot be written", "directory"]);
}

#[test]
fn seeds_are_explored_and_the_failing_ones_can_be_repeated() {
    let scratch = Scratch::new("seeds");
    run(&["run", "--backend", "mock", "--seeds", "1..5", "scenarios/hole.toml"])
        .assert(0, &["5 runs on mock, 0 did not pass"]);
    let file = scratch.file(
        "fails.toml",
        "name = \"f\"\n[checks]\nmin_work_rate = 1e15\n[[backdrop.cgroups]]\nname = \"a\"\n[[steps]]\nhold = \"full\"\n",
    );
    let repeat = format!("seed 2: fail, again with: ktstr run --backend mock --seed 2 {file}");
    run(&["run", "--backend", "mock", "--seeds", "2..3", &file])
        .assert(1, &[&repeat, "2 runs on mock, 2 did not"]);
}

#[test]
fn a_scenario_is_written_out_anew() {
    let scratch = Scratch::new("render");
    let toml = run(&["render", "scenarios/noisy-neighbour.toml"]);
    toml.assert(0, &["[[backdrop.cgroups]]"]);
    let again = scratch.file("again.toml", &toml.stdout);
    assert_eq!(run(&["render", &again]).stdout, toml.stdout);
    run(&["render", "--as", "rust", "scenarios/noisy-neighbour.toml"])
        .assert(0, &["pub static SCENARIO: Scenario<'static>"]);
}

#[test]
fn a_run_on_the_mock_is_replayed_and_a_difference_is_told() {
    let scratch = Scratch::new("replay");
    let path = scratch.path().join("report.json").display().to_string();
    run(&[
        "run",
        "--backend",
        "mock",
        "--topology",
        "1x2x4x1",
        "--seed",
        "9",
        "--report",
        &path,
        "scenarios/hole.toml",
    ])
    .assert(0, &["PASS"]);
    run(&["replay", &path]).assert(0, &["the same: ", " events, pass"]);
    let report = std::fs::read_to_string(&path).expect("a report");
    let made = |name: &str| format!("\"kind\": \"create_cgroup\",\n        \"cgroup\": \"{name}\"");
    let other = scratch.file("other.json", report.replacen(&made("cg_b"), &made("cg_x"), 1));
    let (then, now) = ("create cgroup: cgroup cg_x", "create cgroup: cgroup cg_b");
    run(&["replay", &other]).assert(1, &["different from event ", "then: ", then, "now: ", now]);
    let linux = scratch.file("linux.json", report.replace("\"backend\": \"mock\"", "\"backend\": \"linux\""));
    run(&["replay", &linux]).assert(2, &["a run on linux does not repeat", "--backend vm"]);
    let torn = scratch.file("torn.json", &report[..report.len() / 2]);
    run(&["replay", &torn]).assert(2, &["this is no report"]);
    run(&["replay", "scenarios/hole.toml"]).assert(2, &["this is no report", "--report"]);
    run(&["replay", "no/such/report.json"]).assert(2, &["No such file"]);
}

#[test]
fn codes_of_all_kinds_are_explained() {
    for (code, piece) in
        [("E0202", "exists"), ("f005", "controller"), ("T006", "key"), ("e0101", "name"), ("V020", "QEMU")]
    {
        run(&["explain", code]).assert(0, &[piece, "What to do: "]);
    }
    run(&["explain"]).assert(0, &["E0101", "F001", "T001", "V001"]);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    for arguments in
        [&["explain"][..], &["plan", "scenarios/churn.toml"], &["completions", "zsh"], &["--help"]]
    {
        let mut child = Command::new(ktstr())
            .args(arguments)
            .current_dir(workspace())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        drop(child.stdout.take());
        let mut stderr = String::new();
        child.stderr.take().expect("a pipe").read_to_string(&mut stderr).expect("text");
        assert_eq!(child.wait().expect("an end").code(), Some(0), "{arguments:?}: {stderr}");
        assert_eq!(stderr, "", "{arguments:?}");
    }
}

#[test]
fn a_run_on_linux_leaves_nothing_behind() {
    if !linux_runs() {
        return;
    }
    let ended = run(&["run", "--backend", "linux", "--format", "json", "scenarios/freeze-thaw.toml"]);
    ended.assert(0, &["\"backend\": \"linux\"", "\"verdict\": \"pass\"", "\"leftovers\": []"]);
    assert_eq!(cgroups_of(ended.pid), Vec::<String>::new());
}

#[test]
fn an_interrupted_run_ends_early_and_cleanly() {
    if !linux_runs() {
        return;
    }
    let scratch = Scratch::new("interrupt");
    let file = scratch.file(
        "long.toml",
        "name = \"long\"\nduration = \"60s\"\n[[payload]]\nname = \"stubborn\"\nbinary = \"sh\"\n\
         args = [\"-c\", \"trap '' TERM; while :; do sleep 0.1; done\"]\n[backdrop]\npayloads = [\"stubborn\"]\n\
         [[backdrop.cgroups]]\nname = \"a\"\n[[steps]]\nhold = \"full\"\n",
    );
    let child = Command::new(ktstr())
        .args(["run", "--backend", "linux", &file])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let pid = child.id();
    let start = Instant::now();
    while cgroups_of(pid).is_empty() {
        assert!(start.elapsed() < Duration::from_secs(20), "the run does not begin");
        std::thread::sleep(Duration::from_millis(20));
    }
    std::thread::sleep(Duration::from_millis(200));
    let sent = Command::new("kill").args(["-INT", &pid.to_string()]).status().expect("kill");
    assert!(sent.success());
    let output = child.wait_with_output().expect("an end");
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(4), "{text}");
    assert!(text.contains("INCONCLUSIVE") && text.contains("[F015]"), "{text}");
    assert!(start.elapsed() < Duration::from_secs(40), "it took {:?}", start.elapsed());
    assert_eq!(cgroups_of(pid), Vec::<String>::new());
}
