//! `docs/promises.md` names tests that are there.

use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The sources below a directory, one after the other.
fn sources(directory: &Path, text: &mut String) {
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() && !path.ends_with("target") {
            sources(&path, text);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            text.push_str(&std::fs::read_to_string(&path).unwrap_or_default());
        }
    }
}

#[test]
fn each_promise_names_tests_that_are_there() {
    let page = std::fs::read_to_string(root().join("docs/promises.md")).expect("the page");
    let mut text = String::new();
    for entry in std::fs::read_dir(root()).expect("the workspace").flatten() {
        let name = entry.file_name();
        if name.to_str().is_some_and(|name| name == "tests" || name.starts_with("ktstr-")) {
            sources(&entry.path(), &mut text);
        }
    }
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| ") && line.contains('`')).collect();
    assert!(rows.len() > 30, "{} promises", rows.len());
    for row in rows {
        let held = row.rsplit_once(" | ").expect("two cells").1;
        let names: Vec<&str> = held.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "nothing holds {row}");
        for name in names {
            let there = if name.ends_with(".toml") {
                root().join("tests/cases").join(name).exists()
            } else {
                text.contains(&format!("fn {name}(")) || text.contains(&format!("(\"{name}\""))
            };
            assert!(there, "no test `{name}`");
        }
    }
}
