//! The page of a run: what it shows of ten planted faults, that nothing in a report becomes markup, that it
//! needs no network, stays small, and is the same for the same report; and how it looks in a browser.

mod program;

use ktstr_core::{ActionKind, SchedulerExit};
use ktstr_file::report::{Recorder, RunHead, RunReport};
use ktstr_file::{ScenarioFile, play_scenario};
use ktstr_mock::fault::{FaultInjector, What, When};
use ktstr_mock::{Leaving, MockBackend, Script};
use ktstr_picture::{MAX_PAGE, Record, Task, Timeline, Trace, html};
use program::{Scratch, run, skip};
use std::time::Duration;

/// A run of a scenario on the mock, with faults.
fn report(toml: &str, faults: &[(When, What)]) -> RunReport {
    let file =
        ScenarioFile::from_text("a test", toml).unwrap_or_else(|problems| panic!("{problems:?}\n{toml}"));
    let scenario = file.scenario();
    let topology = ktstr_core::Topology::uniform(1, 1, 4, 1);
    let mock = MockBackend::new(topology)
        .program("fails", Script::exits_after(Duration::from_millis(50), 3))
        .program("hog", Script::runs().uses_memory(Duration::from_millis(20), 64 << 20));
    let mut backend = FaultInjector::on_mock(mock);
    for (when, what) in faults {
        backend.add(*when, what.clone());
    }
    let mut heard = Recorder::new();
    let end = play_scenario(scenario, &mut backend, 1, &mut heard)
        .unwrap_or_else(|error| panic!("{error}\n{toml}"));
    heard.finish(
        &RunHead { scenario, backend: "mock", backend_reason: "", seed: 1, topology: &topology },
        &end,
    )
}

fn scenario(body: &str) -> String {
    format!("name = \"planted\"\nduration = \"2s\"\n{body}")
}

/// A fault, the scenario that has it, what is injected, and the sentence or the lane that names it.
struct Planted {
    fault: &'static str,
    body: &'static str,
    injected: Option<(When, What)>,
    /// What the page says of it in words.
    sentence: &'static str,
    /// What its lanes show of it.
    lane: &'static str,
}

const TWO: &str = r#"
[[backdrop.cgroups]]
name = "web"
workers = 2
[[backdrop.cgroups]]
name = "batch"
workers = 2
[[steps]]
hold = "full"
"#;

fn planted() -> [Planted; 11] {
    [
        Planted {
            fault: "an unequal weight",
            body: "[[backdrop.cgroups]]\nname = \"web\"\nworkers = 4\ncpu_weight = 300\n\
                   [[backdrop.cgroups]]\nname = \"batch\"\nworkers = 4\n[[steps]]\nhold = \"full\"",
            injected: None,
            sentence: "Weights are unequal (cpu.weight): web has 300 and got 75.0% of their CPU time; batch has 100 and got 25.0%",
            lane: "<b>300</b>",
        },
        Planted {
            fault: "a group that stays frozen",
            body: "[[backdrop.cgroups]]\nname = \"web\"\n[[steps]]\nhold = 0.5\n\
                   [[steps]]\nhold = 0.5\nops = [{ op = \"freeze_cgroup\", cgroup = \"web\" }]",
            injected: None,
            sentence: "web was frozen from 1.00s to 2.00s, and no step thawed it.",
            lane: "<b>frozen</b>",
        },
        Planted {
            fault: "a cpuset with too few CPUs",
            body: "[[backdrop.cgroups]]\nname = \"web\"\nworkers = 4\ncpuset = \"0\"\n[[steps]]\nhold = \"full\"",
            injected: None,
            sentence: "4 workers of web had only CPU 0 from 0ns to 2.00s.",
            lane: "<b>CPU 0</b>",
        },
        Planted {
            fault: "cpusets that overlap",
            body: "[[backdrop.cgroups]]\nname = \"web\"\ncpuset = \"0-1\"\n\
                   [[backdrop.cgroups]]\nname = \"batch\"\ncpuset = \"1-2\"\n[[steps]]\nhold = \"full\"",
            injected: None,
            sentence: "web (CPUs 0-1) and batch (CPUs 1-2) shared CPU 1 from 0ns to 2.00s.",
            lane: "<b>CPUs 1-2</b>",
        },
        Planted {
            fault: "a throttled service",
            body: "[[backdrop.cgroups]]\nname = \"web\"\nworkers = 2\ncpu_max = \"20%\"\n[[steps]]\nhold = \"full\"",
            injected: None,
            sentence: "web used 0.20 CPUs of the 0.20 that its cpu.max (20000 100000) gives: it was throttled.",
            lane: "<b>0.20 CPUs (20000 100000)</b>",
        },
        Planted {
            fault: "a scheduler that stalls",
            body: "[[scheduler]]\nname = \"cells\"\nbinary = \"scx\"\n[backdrop]\nscheduler = \"cells\"\n\
                   [[backdrop.cgroups]]\nname = \"web\"\n[[steps]]\nhold = \"1s\"\n[[steps]]\nhold = \"1s\"",
            injected: Some((
                When::Each(ActionKind::Hold),
                What::SchedulerLeaves(Leaving::by(SchedulerExit::Stall)),
            )),
            sentence: "Scheduler cells left by itself",
            lane: "<b>cells: stall</b>",
        },
        Planted {
            fault: "a program that exits with an error",
            body: "[[payload]]\nname = \"daemon\"\nbinary = \"fails\"\n[backdrop]\npayloads = [\"daemon\"]\n[[steps]]\nhold = \"full\"",
            injected: None,
            sentence: "daemon in the runner&#39;s cgroup exited with 3 after 50.0ms.",
            lane: "<b>daemon: exit 3</b>",
        },
        Planted {
            fault: "a process that the kernel kills for want of memory",
            body: "[[payload]]\nname = \"hog\"\nbinary = \"hog\"\n[[backdrop.cgroups]]\nname = \"box\"\nmemory_max = \"32M\"\n\
                   memory_swap_max = 0\nworkers = 0\n[[steps]]\nhold = \"1s\"\n\
                   ops = [{ op = \"run_payload\", payload = \"hog\", cgroup = \"box\" }]",
            injected: None,
            sentence: "1 process of box was killed for want of memory",
            lane: "<b>32 MiB</b>",
        },
        Planted {
            fault: "an operation that fails",
            body: "[[backdrop.cgroups]]\nname = \"web\"\n[[steps]]\nhold = \"1s\"\n\
                   ops = [{ op = \"freeze_cgroup\", cgroup = \"web\" }]",
            injected: Some((When::Each(ActionKind::Freeze), What::Errno(16))),
            sentence: "error at steps[0].ops[0]: [F003]",
            lane: "class=\"op bad\"",
        },
        Planted {
            fault: "a worker that dies",
            body: TWO,
            injected: Some((When::Each(ActionKind::Hold), What::ChildDies)),
            sentence: "fail  workers_lived of batch: 1 worker, at most 0 workers",
            lane: "<b>2 workers</b>",
        },
        Planted {
            fault: "workers that a real-time hog keeps from a CPU",
            body: "[checks]\nmax_gap = \"100ms\"\n[[backdrop.cgroups]]\nname = \"rt\"\ncpuset = \"0\"\n\
                   works = [{ workers = 1, sched_policy = { fifo = 50 } }]\n\
                   [[backdrop.cgroups]]\nname = \"fair\"\ncpuset = \"0\"\nworkers = 1\n[[steps]]\nhold = \"full\"",
            injected: None,
            sentence: "The longest gap: worker 0 of fair made no progress for",
            lane: "id=\"lane-gap-1\"",
        },
    ]
}

/// The part of a page between two headings.
fn part<'p>(page: &'p str, from: &str, to: &str) -> &'p str {
    let (_, rest) = page.split_once(from).expect("its beginning");
    rest.split_once(to).map_or(rest, |(part, _)| part)
}

#[test]
fn each_planted_fault_is_named_by_a_sentence_and_shown_by_a_lane() {
    let clean = html(&report(&scenario(TWO), &[]), None);
    let listed =
        std::fs::read_to_string(program::workspace().join("docs/pictures.md")).expect("the page on pages");
    for Planted { fault, body, injected, sentence, lane } in planted() {
        let faults: Vec<_> = injected.into_iter().collect();
        let page = html(&report(&scenario(body), &faults), None);
        let top = part(&page, "<main>", "<section id=\"timeline\">");
        assert!(
            top.contains(sentence) || top.contains(&sentence.replace("  ", " ")),
            "{fault}: {sentence:?} is not in {top}"
        );
        let lanes = part(&page, "id=\"lanes\"", "class=\"legend\"");
        assert!(lanes.contains(lane), "{fault}: {lane:?} is not in {lanes}");
        assert!(!clean.contains(sentence), "{fault} is named where it is not");
        assert!(listed.contains(&format!("| {fault} |")), "docs/pictures.md does not list {fault}");
    }
    assert!(clean.contains("Nothing: no frozen or throttled group"), "{clean}");
}

/// What could end an element or an attribute, call for the network, or turn what is beside it.
const HOSTILE: &str =
    "</script><script>alert(1)</script>\"'><img src=x onerror=alert(1)>&lt;\u{202e}\u{1b}[2J\u{2066}";

#[test]
fn nothing_in_a_report_becomes_markup() {
    let body =
        planted().into_iter().find(|planted| planted.fault.contains("exits with an error")).expect("it").body;
    let toml = scenario(&body.replace("[[steps]]\nhold = \"full\"", "[[backdrop.cgroups]]\nname = \"cell\"\ncpu_max = \"20%\"\ncpuset = \"0\"\nworkers = 2\n[[steps]]\nhold = \"full\""));
    let json = report(&toml, &[]).to_json();
    let hostile = serde_json::to_string(HOSTILE).expect("JSON");
    let hostile = &hostile[1..hostile.len() - 1];
    for name in [
        "planted",
        "cell",
        "daemon",
        "fails",
        "cpu.max",
        "20000 100000",
        "backdrop",
        "SpinWait",
        "mock",
        "0-3",
    ] {
        let changed = json.replace(&format!("\"{name}\""), &format!("\"{hostile}\""));
        let report = RunReport::from_json(&changed).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_ne!(changed, json, "{name}");
        let page = html(&report, None);
        assert_eq!(page.matches("<script").count(), 1, "{name}");
        assert_eq!(page.matches("</script").count(), 1, "{name}");
        assert!(!page.contains("<img") && !page.contains("\"'>"), "{name}");
        assert!(!page.contains(['\u{202e}', '\u{2066}', '\u{1b}']), "{name}");
    }
}

#[test]
fn a_page_needs_nothing_else_and_is_the_same_for_the_same_report() {
    let report = report(&scenario(TWO), &[]);
    let page = html(&report, None);
    assert_eq!(page, html(&RunReport::from_json(&report.to_json()).expect("a report"), None));
    for outside in ["http:", "https:", "src=", "url(", "@import", "<link", "<iframe", "fetch(", "import("] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert!(page.contains("default-src 'none'"), "a browser is asked to load nothing");
    for needed in ["@media print", "prefers-color-scheme:dark", "<html lang=\"en\">", ":focus-visible"] {
        assert!(page.contains(needed), "{needed}");
    }
    let again = "ktstr run --backend mock --topology 1x1x4x1 --seed 1 planted.toml";
    assert!(page.contains(again), "{again}");
}

#[test]
fn the_largest_runs_have_a_page_within_the_bound() {
    let cgroups: String = (0..2000)
        .map(|n| format!("[[backdrop.cgroups]]\nname = \"a-cgroup-with-a-long-name-{n}\"\nworkers = 1\ncpu_weight = {}\n", n % 100 + 1))
        .collect();
    let long = "a line of a payload's output\n".repeat(1 << 16);
    let mut report = report(&scenario(&format!("{cgroups}[[steps]]\nhold = \"10ms\"")), &[]);
    report.leftovers = vec![long.clone()];
    report.scenario_toml.push_str(&long);
    report.finding = Some(ktstr_file::report::FindingEntry {
        class: ktstr_file::report::FindingClass::Hang,
        signature: long.clone(),
        during_boot: false,
        bound: Some(long.clone()),
        console: vec![long; 20],
    });
    let page = html(&report, None);
    assert!(page.len() < MAX_PAGE, "{} bytes", page.len());
    assert!(page.contains("more cgroups have no lanes here") && page.ends_with("</html>\n"));
}

#[test]
fn the_program_draws_a_run_and_a_report_alike() {
    let scratch = Scratch::new("page");
    let place = |name: &str| scratch.path().join(name).display().to_string();
    let (page, json, again) = (place("run.html"), place("run.json"), place("again.html"));
    let scenario = "scenarios/freeze-thaw.toml";
    run(&["run", "--backend", "mock", "--html", &page, "--report", &json, scenario]).assert(0, &["PASS"]);
    run(&["show", &json, "--html", &again]).assert(0, &[]);
    let read = |path: &str| std::fs::read_to_string(path).expect("a file");
    assert_eq!(read(&page), read(&again));
    run(&["show", &json]).assert(0, &["PASS  freeze-thaw"]);
    assert!(run(&["show", &json, "--html", "-"]).assert(0, &[]).stdout.starts_with("<!DOCTYPE html>"));
    run(&["run", "--backend", "mock", "--seeds", "1..3", "--html", &page, scenario])
        .assert(2, &["are of one run"]);
    run(&["run", "--backend", "mock", "--report", "-", "--html", "-", scenario])
        .assert(2, &["cannot both go to"]);
    run(&["show", scenario]).assert(2, &["this is no report"]);
    run(&["run", "--backend", "mock", "--html", "/no/such/place/x.html", scenario])
        .assert(3, &["cannot be written"]);
}

#[test]
fn the_longest_traces_have_a_page_within_the_bound() {
    let report = report(&scenario(TWO), &[]);
    let pids: Vec<_> = report.cgroups.iter().filter_map(|cgroup| Some(cgroup.workers.first()?.pid)).collect();
    let task = |n: i64| Task { pid: pids[n as usize % pids.len()], comm: "w".to_owned() };
    // On each CPU another cgroup in each column.
    let switch = |cpu, n: i64| Record {
        at_ns: n * 1_000_000,
        cpu,
        pid: task(n).pid,
        what: ktstr_picture::What::Switch { prev: task(n), prev_runs: true, next: task(n + 1) },
    };
    let (cpus, switches) = (64, 2000);
    let records = (0..switches).flat_map(|n| (0..cpus).map(move |cpu| switch(cpu, n))).collect();
    let trace = Trace { records, cpus, lost: 0 };
    assert_eq!(trace.slices().len(), cpus as usize * (switches as usize - 1));
    let page = html(&report, Some(&trace));
    assert!(page.len() < MAX_PAGE && page.ends_with("</html>\n"), "{} bytes", page.len());
    assert_eq!(page.matches("<svg").count(), cpus as usize);
    assert!(page.contains("CPU 63 <small>") && page.contains("127,936 slices"));
}

#[test]
fn steps_are_shown_by_their_names() {
    let named = TWO.replace("hold = \"full\"", "name = \"warm up\"\nhold = \"full\"");
    let page = html(&report(&scenario(&named), &[]), None);
    let lanes = part(&page, "id=\"lanes\"", "class=\"legend\"");
    assert!(lanes.contains("<b>step 0: warm up</b>"), "{lanes}");
}

#[test]
fn workers_that_are_killed_with_their_cgroup_end_there() {
    let path = program::workspace().join("scenarios/everyday/kill-a-pod.toml");
    let report = report(&std::fs::read_to_string(path).expect("a scenario"), &[]);
    let timeline = Timeline::of(&report);
    let last_ns = |path: &str| {
        let lanes = timeline.cgroups.iter().find(|lanes| lanes.path == path).expect("its lanes");
        lanes.running.last().expect("workers").to_ns
    };
    let killed =
        timeline.ops.iter().find(|mark| mark.label.starts_with("kill cgroup")).expect("a mark").at_ns;
    assert_eq!([last_ns("pod/app"), last_ns("pod/sidecar")], [killed; 2]);
    assert!(last_ns("service") > killed, "{timeline:#?}");
}

#[test]
fn the_program_says_where_two_runs_part() {
    let scratch = Scratch::new("diff");
    let place = |name: &str| scratch.path().join(name).display().to_string();
    let (one, other, page) = (place("one.json"), place("other.json"), place("diff.html"));
    for (seed, report) in [("1", &one), ("2", &other)] {
        run(&["run", "--backend", "mock", "--seed", seed, "--report", report, "scenarios/freeze-thaw.toml"])
            .assert(0, &[]);
    }
    run(&["diff", &one, &one]).assert(0, &["all actions are the same"]);
    let pieces = ["they ran on  A  B", "seed         1  2", "the same was done with the same ends"];
    run(&["diff", &one, &other, "--html", &page]).assert(1, &pieces);
    let page = std::fs::read_to_string(page).expect("a page");
    for piece in
        ["DIFFERENT", "<div class=\"name\">A</div>", "<div class=\"name\">B</div>", "class=\"first\""]
    {
        assert!(page.contains(piece), "{piece}");
    }
    assert_eq!(page.matches("id=\"lanes\"").count(), 1);
    run(&["diff", &one, "/no/such/report.json"]).assert(2, &["give a file that --report wrote"]);
}

/// A browser, where there is one.
fn browser() -> Option<&'static str> {
    let is_there = |name: &&str| {
        std::process::Command::new(name).arg("--version").output().is_ok_and(|out| out.status.success())
    };
    ["chromium", "chromium-browser", "google-chrome"].into_iter().find(is_there)
}

#[test]
fn a_browser_shows_the_page() {
    let Some(browser) = browser() else {
        skip("browser", "there is no chromium here");
        return;
    };
    let scratch = Scratch::new("browser");
    let page = scratch.file("run.html", html(&report(&scenario(planted()[1].body), &[]), None));
    let picture = scratch.path().join("run.png");
    let screenshot = format!("--screenshot={}", picture.display());
    let common = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--window-size=1280,900",
        "--virtual-time-budget=2000",
    ];
    let ended = std::process::Command::new(browser)
        .args(common)
        .arg(screenshot)
        .arg(format!("file://{page}"))
        .output()
        .expect("a browser");
    let bytes = std::fs::read(&picture).unwrap_or_else(|error| panic!("{error}: {ended:?}"));
    assert!(
        bytes.starts_with(b"\x89PNG") && bytes.len() > 20_000,
        "{} bytes are no picture of a page",
        bytes.len()
    );
    // The script ran, and no rule of the page's own forbade it: the controls, hidden without it, are there.
    let dom = |page: &str| {
        let dump = ["--dump-dom".to_owned(), format!("file://{page}")];
        let ended = std::process::Command::new(browser).args(common).args(dump).output().expect("a browser");
        String::from_utf8_lossy(&ended.stdout).into_owned()
    };
    let shown = dom(&page);
    let controls = part(&shown, "<div class=\"controls\"", ">");
    assert!(!controls.contains("hidden"), "{controls}");
    // Keys alone: to the end, back a little, closer.
    let keys = ["End", "ArrowLeft", "+"].map(|key| {
        format!("lanes.dispatchEvent(new KeyboardEvent('keydown', {{ key: '{key}', bubbles: true }}));")
    });
    let html = std::fs::read_to_string(&page).expect("the page");
    let pressed = html.replace("</body>", &format!("<script>{}</script></body>", keys.concat()));
    let shown = dom(&scratch.file("keys.html", pressed));
    let readout = part(&shown, "<output", "</output>");
    assert!(readout.contains("1.980s") && readout.contains("frozen"), "{readout}");
    assert!(part(&shown, "<div class=\"lanes\"", ">").contains("--z: 2"), "it is zoomed");
}
