//! `git bisect run` over a history of 64 revisions of which 20 do not boot. Made up are the history and
//! what is booted: a revision that boots is played on the mock, one that does not has a file in place of
//! its kernel that is none. Every status that git gets is the program's own.

mod program;

use program::{Scratch, ktstr, run_in};
use std::path::Path;
use std::process::Command;

const REVISIONS: u32 = 64;
/// The first bad revision; its neighbours on both sides boot.
const FIRST_BAD: u32 = 38;
/// In which residue of 16 a revision does not boot: 20 of 64, single ones and three in a row, the one tried
/// first among them.
const BROKEN: [u32; 5] = [0, 1, 2, 9, 11];

/// What is tested at a revision: the bound that it keeps until the first bad one.
fn scenario(revision: u32) -> String {
    let bound = if revision < FIRST_BAD { "10s" } else { "1us" };
    format!(
        "name = \"bisected\"\nduration = \"100ms\"\nchecks = {{ max_gap = \"{bound}\" }}\n[[backdrop.cgroups]]\n\
         name = \"a\"\nworkers = 8\n[[steps]]\nhold = \"full\"\n# revision {revision}\n"
    )
}

fn is_broken(revision: u32) -> bool {
    BROKEN.contains(&(revision % 16))
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .args(["-c", "user.name=ktstr", "-c", "user.email=ktstr@localhost", "-c", "commit.gpgsign=false"])
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .expect("git");
    let said =
        [output.stdout, output.stderr].map(|said| String::from_utf8_lossy(&said).into_owned()).concat();
    assert!(output.status.success(), "git {arguments:?}: {said}");
    said
}

/// The history; answers the commits, the first first.
fn history(scratch: &Scratch) -> Vec<String> {
    let folder = scratch.path();
    git(folder, &["init", "--quiet"]);
    std::fs::create_dir_all(folder.join("arch/x86/boot")).expect("a folder");
    (1..=REVISIONS)
        .map(|revision| {
            scratch.file("scenario.toml", scenario(revision));
            scratch.file("boots", if is_broken(revision) { "no" } else { "yes" });
            scratch.file("arch/x86/boot/bzImage", format!("no kernel {revision}"));
            git(folder, &["add", "."]);
            git(folder, &["commit", "--quiet", "--message", &format!("Revision {revision}")]);
            git(folder, &["rev-parse", "HEAD"]).trim().to_owned()
        })
        .collect()
}

#[test]
fn a_bisection_lands_on_the_first_bad_revision_though_many_do_not_boot() {
    if Command::new("git").arg("--version").output().is_err() {
        program::skip("git", "git is not installed");
        return;
    }
    let broken = (1..=REVISIONS).filter(|revision| is_broken(*revision)).count();
    assert_eq!((broken, is_broken(FIRST_BAD), is_broken(FIRST_BAD - 1)), (20, false, false));
    let scratch = Scratch::new("bisect");
    let commits = history(&scratch);
    let folder = scratch.path();
    git(folder, &["bisect", "start", "HEAD", &commits[0]]);
    let program = ktstr().display();
    let step = format!(
        "if grep -q yes boots; then {program} bisect --build true --backend mock scenario.toml; \
         else {program} bisect --kernel . scenario.toml; fi"
    );
    let said = git(folder, &["bisect", "run", "sh", "-c", &step]);
    let first = &commits[FIRST_BAD as usize - 1];
    assert!(said.contains(&format!("{first} is the first bad commit")), "{said}");
    assert!(said.contains("this revision is good") && said.contains("this revision is bad"), "{said}");
    assert!(git(folder, &["bisect", "log"]).contains("git bisect skip"), "some were skipped");
}

#[test]
fn each_step_has_the_status_that_git_wants() {
    let scratch = Scratch::new("bisect-steps");
    std::fs::create_dir_all(scratch.path().join("arch/x86/boot")).expect("a folder");
    scratch.file("good.toml", scenario(1));
    scratch.file("bad.toml", scenario(FIRST_BAD));
    scratch.file("wrong.toml", "name = \"wrong\"\nnonsense = 1\n");
    scratch.file("arch/x86/boot/bzImage", "no kernel");
    let step = |arguments: &[&str]| run_in(scratch.path(), &[&["bisect"], arguments].concat());
    step(&["--backend", "mock", "good.toml"]).assert(0, &["this revision is good"]);
    step(&["--backend", "mock", "bad.toml"]).assert(1, &["this revision is bad"]);
    step(&["--backend", "mock", "wrong.toml"]).assert(255, &["[T006]"]);
    step(&["--build", "exit 3", "--backend", "mock", "good.toml"])
        .assert(125, &["`exit 3` ended with exit status: 3: this revision cannot be judged"]);
    step(&["--build", "echo built > built", "--backend", "mock", "good.toml"]).assert(0, &[]);
    assert!(scratch.path().join("built").exists(), "it was built");
    // Never this machine's kernel in place of the one that is named.
    step(&["--kernel", ".", "good.toml"]).assert(125, &["[V002]", "is no x86-64 kernel"]);
    step(&["--kernel", "nowhere/", "good.toml"]).assert(125, &["[V001]"]);
}

#[test]
fn a_tree_without_what_the_guest_needs_says_the_lines_that_set_it() {
    let scratch = Scratch::new("tree-options");
    std::fs::create_dir_all(scratch.path().join("arch/x86/boot")).expect("a folder");
    scratch.file("arch/x86/boot/bzImage", "no kernel");
    scratch.file("good.toml", scenario(1));
    scratch.file(".config", "CONFIG_64BIT=y\n# CONFIG_CGROUPS is not set\nCONFIG_MEMCG=m\n");
    let ended = run_in(scratch.path(), &["kernel", "path", "."]);
    ended.assert(
        3,
        &["[V008]", "scripts/config --file ./.config --enable CGROUPS\n", "--enable MEMCG\n", "olddefconfig"],
    );
    assert!(!ended.stderr.contains("64BIT"), "what is set is not named: {ended:#?}");
    run_in(scratch.path(), &["run", "--backend", "vm", "--kernel", ".", "good.toml"]).assert(3, &["[V008]"]);
}
