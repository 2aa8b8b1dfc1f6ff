//! Where reports go: a file is whole or as it was, a pipe gets all of it, and it is written before anything
//! is shown.

mod program;

use ktstr_file::report::RunReport;
use program::{Scratch, ktstr, run, run_in, workspace};
use std::fs::File;
use std::process::{Command, Stdio};

/// A run with a report, through a shell that can make pipes.
fn shell(command: &str) -> (Option<i32>, String) {
    let output = Command::new("bash")
        .args(["-c", command, "bash"])
        .arg(ktstr())
        .current_dir(workspace())
        .stdin(Stdio::null())
        .output()
        .expect("bash");
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
}

const RUN: &str = "\"$1\" run --backend mock scenarios/hole.toml";

#[test]
fn a_pipe_gets_a_whole_report() {
    for command in [
        format!("{RUN} --report >(cat) >/dev/null; wait $!"),
        format!("{RUN} --report - | cat"),
        format!("{RUN} --report /dev/stdout | cat"),
        format!("{RUN} --report /dev/fd/1 | cat"),
        format!("{RUN} --report /dev/stderr 2>&1 >/dev/null | cat"),
        format!("{RUN} --format json"),
    ] {
        let (status, text) = shell(&command);
        assert_eq!(status, Some(0), "{command}");
        assert!(RunReport::from_json(&text).is_ok(), "{command}: {text}");
    }
}

#[test]
fn a_named_pipe_gets_a_whole_report_and_stays_one() {
    let scratch = Scratch::new("report-fifo");
    let place = scratch.path().display().to_string();
    let (status, text) = shell(&format!(
        "mkfifo {place}/p && (cat {place}/p & {RUN} --report {place}/p >/dev/null; wait) && test -p {place}/p"
    ));
    assert_eq!(status, Some(0));
    assert!(RunReport::from_json(&text).is_ok(), "{text}");
}

#[test]
fn a_file_that_standard_output_goes_to_holds_one_report() {
    let scratch = Scratch::new("report-stdout");
    for name in ["-", "/dev/stdout"] {
        let path = scratch.path().join("out");
        let (status, _) = shell(&format!("{RUN} --report {name} > {}", path.display()));
        assert_eq!(status, Some(0));
        assert!(RunReport::from_json(&std::fs::read_to_string(&path).expect("a file")).is_ok(), "{name}");
    }
}

#[test]
fn the_report_is_there_also_when_nothing_can_be_shown() {
    let scratch = Scratch::new("report-full");
    let path = scratch.path().join("report.json");
    let child = Command::new(ktstr())
        .args(["run", "--backend", "mock", "scenarios/hole.toml", "--report"])
        .arg(&path)
        .current_dir(workspace())
        .stdout(File::options().write(true).open("/dev/full").expect("/dev/full"))
        .stderr(Stdio::null())
        .status();
    assert_eq!(child.expect("a status").code(), Some(3));
    assert!(RunReport::from_json(&std::fs::read_to_string(&path).expect("a report")).is_ok());
}

#[test]
fn a_report_that_cannot_be_written_leaves_what_was_there_and_nothing_beside() {
    let scratch = Scratch::new("report-failed");
    let old = scratch.file("report.json", "old");
    // 1 KiB is less than any report.
    let (status, _) = shell(&format!("ulimit -f 1; trap '' XFSZ; {RUN} --report {old}"));
    assert_eq!(status, Some(3));
    assert_eq!(std::fs::read_to_string(&old).expect("the old one"), "old");
    assert_eq!(std::fs::read_dir(scratch.path()).expect("a directory").count(), 1);
}

#[test]
fn a_link_is_followed_and_a_name_without_a_directory_is_here() {
    let scratch = Scratch::new("report-link");
    let target = scratch.file("target.json", "old");
    std::os::unix::fs::symlink(&target, scratch.path().join("link.json")).expect("a link");
    let scenario = workspace().join("scenarios/hole.toml").display().to_string();
    for name in ["link.json", "plain.json"] {
        run_in(scratch.path(), &["run", "--backend", "mock", "--report", name, &scenario])
            .assert(0, &["PASS"]);
    }
    assert!(scratch.path().join("link.json").is_symlink());
    for name in ["target.json", "plain.json"] {
        let text = std::fs::read_to_string(scratch.path().join(name)).expect("a report");
        assert!(RunReport::from_json(&text).is_ok(), "{name}");
    }
}

#[test]
fn a_release_in_a_report_is_no_path() {
    let scratch = Scratch::new("report-release");
    let path = scratch.path().join("report.json").display().to_string();
    run(&["run", "--backend", "mock", "--topology", "1x1x4x1", "--report", &path, "scenarios/hole.toml"])
        .assert(0, &[]);
    let report = std::fs::read_to_string(&path).expect("a report");
    for release in ["/etc/passwd", "../../../../etc/passwd", "6.12/../../secret", "sid", ""] {
        let vm = format!(
            "\"vm\": {{\"kernel_release\": \"{release}\", \"kernel_sha256\": \"\", \"image_sha256\": \"\", \"qemu_version\": \"\",\
             \"accel\": \"tcg\", \"memory_mib\": 512, \"command\": [], \"reproducible\": true, \"notes\": []}}"
        );
        let forged =
            report.replace("\"backend\": \"mock\"", "\"backend\": \"vm\"").replace("\"vm\": null", &vm);
        let path = scratch.file("forged.json", forged);
        run(&["replay", &path]).assert(2, &["[V027]", "release"]);
    }
}
