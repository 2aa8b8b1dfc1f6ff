//! What the book shows works: its scenarios are valid and pass on the mock, or are refused where it says
//! so, its commands run, its chapters are there. Its Rust is compiled and run as documentation tests of
//! this package.

mod program;

use program::{Scratch, run, run_in, workspace};
use std::path::PathBuf;

fn source() -> PathBuf {
    workspace().join("docs/book/src")
}

/// The chapters, with their text; those that include a page of `docs` are that page's to test.
fn chapters() -> Vec<(String, String)> {
    let entries = std::fs::read_dir(source()).expect("the book");
    let mut all: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        .map(|path| (path.file_name().expect("a name").to_string_lossy().into_owned(), path))
        .map(|(name, path)| (name, std::fs::read_to_string(path).expect("text")))
        .collect();
    all.sort();
    all
}

/// The fenced blocks of a kind, each with its chapter.
fn blocks(kind: &str) -> Vec<(String, String)> {
    let fence = format!("```{kind}\n");
    let of = |(name, text): (String, String)| {
        let found =
            text.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap_or_default().to_owned());
        found.map(|block| (name.clone(), block)).collect::<Vec<_>>()
    };
    chapters().into_iter().flat_map(of).collect()
}

#[test]
fn its_scenarios_are_valid_and_pass() {
    let (scratch, scenarios) = (Scratch::new("book"), blocks("toml"));
    assert!(scenarios.len() >= 4, "{scenarios:?}");
    for (chapter, text) in scenarios {
        let file = scratch.file("scenario.toml", text);
        run(&["check", &file]).assert(0, &["ok"]);
        let ended = run(&["run", "--backend", "mock", &file]);
        assert_eq!(ended.status, Some(0), "{chapter}: {ended:#?}");
        run(&["plan", &file]).assert(0, &[]);
    }
}

#[test]
fn what_it_says_is_refused_is_refused() {
    let (scratch, scenarios) = (Scratch::new("book-refused"), blocks("toml,refused"));
    assert_eq!(scenarios.len(), 2, "{scenarios:?}");
    for ((chapter, text), piece) in
        scenarios.iter().zip(["[E0201] no cgroup `lift` has been made", "until_removed"])
    {
        let file = scratch.file("scenario.toml", text);
        let ended = run(&["check", &file]);
        ended.assert(2, &[piece]);
        assert!(!chapter.is_empty());
    }
}

#[test]
fn its_defaults_of_a_project_are_read() {
    let scratch = Scratch::new("book-defaults");
    let [(_, text)] = &blocks("toml,defaults")[..] else { panic!("one file of defaults") };
    scratch.file("ktstr.toml", text);
    run_in(scratch.path(), &["new", "first.toml"]).assert(0, &[]);
    run_in(scratch.path(), &["run", "--backend", "mock", "first.toml"]).assert(0, &["PASS"]);
}

/// The lines of each block of commands, one after the other in a folder.
#[test]
fn its_commands_run() {
    let commands = blocks("sh");
    assert!(commands.len() >= 2, "{commands:?}");
    for (chapter, block) in commands {
        let scratch = Scratch::new(&format!("book-{}", chapter.trim_end_matches(".md")));
        for line in block.lines() {
            let arguments: Vec<_> = line.split(' ').collect();
            assert_eq!(arguments[0], "ktstr", "{chapter}: {line}");
            run_in(scratch.path(), &arguments[1..]).assert(0, &[]);
        }
    }
}

#[test]
fn its_summary_names_each_chapter_and_each_link_leads_somewhere() {
    let chapters = chapters();
    let (_, summary) = chapters.iter().find(|(name, _)| name == "SUMMARY.md").expect("a summary");
    for (name, text) in &chapters {
        assert!(
            name == "SUMMARY.md" || summary.contains(&format!("({name})")),
            "{name} is not in the summary"
        );
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let is_here = !link.contains("://") && !link.starts_with('#');
            assert!(!is_here || source().join(link).is_file(), "{name} links to {link}");
        }
        for included in text.split("{{#include ").skip(1).filter_map(|rest| rest.split('}').next()) {
            assert!(source().join(included).is_file(), "{name} includes {included}");
        }
    }
}
