//! Bad input of all kinds: a clear error with its code and exit status, nothing half-done.

mod program;

use program::{Scratch, cgroups_of, linux_runs, run};
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

fn scenario(name: &str) -> String {
    format!("name = \"x\"\n[[backdrop.cgroups]]\nname = \"{name}\"\n[[steps]]\nhold = \"full\"\n")
}

#[test]
fn files_that_are_no_scenarios() {
    let scratch = Scratch::new("files");
    let whole = std::fs::read(program::workspace().join("scenarios/quickstart.toml")).expect("a scenario");
    for (name, content, pieces) in [
        ("empty.toml", Vec::new(), &["[T004] the file is empty"][..]),
        ("huge.toml", vec![b'#'; 10 << 20], &["[T003]", "more than 8388608 bytes"]),
        ("binary.toml", b"\x7fELF\x02\x01\x01\0\0\0".to_vec(), &["binary.toml:1:1: [T002]"]),
        ("latin1.toml", b"name = \"caf\xe9\"\n".to_vec(), &["latin1.toml:1:12: [T002]", "UTF-8"]),
        ("truncated.toml", whole[..whole.len() - 30].to_vec(), &["[T0"]),
        ("junk.toml", b"this is no scenario\n".to_vec(), &["junk.toml:1:", "[T005]"]),
        (
            "key.toml",
            b"name = \"x\"\ndurration = \"2s\"\n".to_vec(),
            &["key.toml:2:1: [T006]", "did you mean `duration`?"],
        ),
        ("deep.toml", b"x = ".iter().copied().chain([b'['; 100_000]).collect(), &["[T005]"]),
    ] {
        let file = scratch.file(name, content);
        let start = Instant::now();
        for command in ["check", "plan", "run", "render"] {
            run(&[command, &file]).assert(2, pieces);
        }
        assert!(start.elapsed() < Duration::from_secs(20), "{name} took {:?}", start.elapsed());
    }
}

#[test]
fn files_that_cannot_be_read() {
    let scratch = Scratch::new("unreadable");
    run(&["check", "no/such/file.toml"]).assert(2, &["no/such/file.toml: [T001]", "No such file"]);
    let folder = scratch.path().display().to_string();
    run(&["plan", &folder]).assert(2, &["[T001] this is a directory"]);
    run(&["check", &folder]).assert(2, &["has no .toml file in it; name a scenario file"]);
    let file = scratch.file("secret.toml", scenario("a"));
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o000)).expect("a mode");
    if std::fs::File::open(&file).is_ok() {
        println!("SKIP: this user may read every file, so that none is refused");
        return;
    }
    run(&["check", &file]).assert(2, &["[T001]", "Permission denied"]);
}

#[test]
fn names_that_no_cgroup_may_have() {
    let scratch = Scratch::new("names");
    for (name, code) in [
        ("", "E0101"),
        ("/lead", "E0102"),
        ("a//b", "E0103"),
        ("a/", "E0103"),
        (".", "E0104"),
        ("..", "E0104"),
        ("a/../b", "E0104"),
        ("nul\\u0000", "E0106"),
        ("line\\nbreak", "E0107"),
        (&"n".repeat(300), "E0108"),
    ] {
        let file = scratch.file("name.toml", scenario(name));
        let place = format!("name.toml:3:1: [{code}]");
        run(&["check", &file]).assert(2, &[&place, "(backdrop.cgroups[0])"]);
        run(&["run", &file]).assert(2, &[&place]);
    }
}

#[test]
fn all_mistakes_of_a_file_are_told_with_their_places() {
    let scratch = Scratch::new("all");
    let file = scratch.file(
        "many.toml",
        "name = \"x\"\n[[steps]]\nhold = \"full\"\nops = [\n  { op = \"remove_cgroup\", cgroup = \"ghost\" },\n  \
         { op = \"add_cgroup\", cgroup = \"a\" },\n  { op = \"add_cgroup\", cgroup = \"a\" },\n]\n[[steps]]\nhold = \"1s\"\n",
    );
    run(&["check", &file]).assert(
        2,
        &[
            "many.toml:5:27: [E0201]",
            "(steps[0].ops[0])",
            "many.toml:7:24: [E0202]",
            "many.toml:9:1: [E0605]",
        ],
    );
    let wrong = scratch.file("wrong.toml", "name = 1\nduration = 2\n");
    run(&["check", &wrong, "scenarios/hole.toml", &file])
        .assert(2, &["wrong.toml:1:8: [T008]", "wrong.toml:2:12: [T008]", "hole.toml: ok", "[E0201]"]);
}

#[test]
fn what_does_not_fit_the_machine_is_told() {
    let scratch = Scratch::new("machine");
    let file = scratch.file(
        "llc.toml",
        "name = \"x\"\n[[backdrop.cgroups]]\nname = \"a\"\ncpuset = { llc = 1 }\n[[steps]]\nhold = \"full\"\n",
    );
    run(&["check", &file]).assert(0, &["ok"]);
    run(&["check", "--topology", "1x1x4x1", &file]).assert(2, &["llc.toml:4:1: [E04"]);
    run(&["check", "--topology", "1x2x4x1", &file]).assert(0, &["ok"]);
    run(&["run", "--backend", "mock", "--topology", "1x1x4x1", &file]).assert(2, &["[E04"]);
}

fn payload(binary: &str) -> String {
    format!(
        "name = \"x\"\nduration = \"100ms\"\n[[payload]]\nname = \"p\"\nbinary = \"{binary}\"\n\
         [backdrop]\npayloads = [\"p\"]\n[[backdrop.cgroups]]\nname = \"a\"\n[[steps]]\nhold = \"full\"\n"
    )
}

#[test]
fn programs_that_cannot_be_run() {
    if !linux_runs() {
        return;
    }
    let scratch = Scratch::new("programs");
    let plain = scratch.file("plain", "no program\n");
    let barred = scratch.file("barred", "#!/bin/sh\nexit 0\n");
    std::fs::set_permissions(&barred, std::fs::Permissions::from_mode(0o644)).expect("a mode");
    std::fs::set_permissions(&plain, std::fs::Permissions::from_mode(0o755)).expect("a mode");
    let directory = scratch.path().display().to_string();
    for (binary, code) in [
        ("no-such-program-anywhere", "[F011]"),
        ("/no/such/program", "[F011]"),
        (barred.as_str(), "[F012]"),
        (plain.as_str(), "[F012]"),
        (directory.as_str(), "[F012]"),
    ] {
        let file = scratch.file("payload.toml", payload(binary));
        let ended = run(&["run", "--backend", "linux", "--format", "json", &file]);
        ended.assert(3, &[code, "\"leftovers\": []", "backdrop.payloads[0]"]);
        ended.assert(3, &["\"verdict\": \"inconclusive\"", "\"environment\": true"]);
        assert_eq!(cgroups_of(ended.pid), Vec::<String>::new());
    }
}

#[test]
fn a_controller_that_is_absent_is_named_and_nothing_is_made() {
    if !linux_runs() {
        return;
    }
    let doctor = run(&["doctor"]).stdout;
    let absent = |name: &str| {
        doctor
            .lines()
            .any(|line| line.starts_with(&format!("controller {name} ")) && !line.contains("can be enabled"))
    };
    let scratch = Scratch::new("controllers");
    let mut seen = 0;
    for (name, limit) in
        [("cpuset", "cpuset = \"0\""), ("cpu", "cpu_weight = 50"), ("pids", "pids_max = 100")]
    {
        if !absent(name) {
            continue;
        }
        seen += 1;
        let file = scratch.file(
            "controller.toml",
            format!(
                "name = \"x\"\n[[backdrop.cgroups]]\nname = \"a\"\n{limit}\n[[steps]]\nhold = \"full\"\n"
            ),
        );
        let ended = run(&["run", "--backend", "linux", &file]);
        ended.assert(3, &["[F005]", name, "--backend mock"]);
        assert_eq!(cgroups_of(ended.pid), Vec::<String>::new());
        if seen == 1 {
            let ended = run(&["run", &file]);
            ended.assert(0, &["Linux cannot carry the scenario here: [F005]", name]);
            assert!(
                ended.stderr.contains("running on vm") || ended.stderr.contains("no virtual machine: "),
                "{ended:?}"
            );
        }
    }
    if seen == 0 {
        println!("SKIP: this machine has all controllers, so that none is absent");
    }
}
