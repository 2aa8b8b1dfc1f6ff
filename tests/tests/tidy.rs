//! The rules of style that no compiler checks, for every file of the workspace: width, length, heads of
//! modules, words that say less than a plain one would, public items that nobody uses. CONTRIBUTING.md says
//! why each is there.

use std::fs;
use std::path::{Path, PathBuf};

/// Columns of a line of code or of a comment.
const WIDTH: usize = 110;
/// Lines of a function: what one can see whole.
const FUNCTION: usize = 70;
/// Lines of a file: one concept.
const FILE: usize = 600;

/// Words that a plainer one says better, with that one. Looked for in comments, texts and pages.
const WORDS: &[(&str, &str)] = &[
    ("told", "reported, said or asked"),
    ("tells", "reports or says"),
    ("reckoned", "counted"),
    ("reckoning", "counting"),
    ("by the way", "nothing"),
    ("hereby", "nothing"),
    ("thereof", "its"),
    ("simply", "nothing"),
    ("obviously", "nothing"),
];

/// What was written, with the path from the root of the workspace.
struct Source {
    path: String,
    text: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// All files below the root with one of these endings, but for what is built or generated.
fn sources(endings: &[&str]) -> Vec<Source> {
    let mut found = Vec::new();
    let mut folders = vec![root()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            let name = entry.file_name().expect("a name").to_string_lossy().into_owned();
            if entry.is_dir() {
                if name != "target" && name != "artifacts" && name != "corpus" && !name.starts_with('.') {
                    folders.push(entry);
                }
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                let path = entry.strip_prefix(root()).expect("below the root").to_string_lossy().into_owned();
                found.push(Source { path, text: fs::read_to_string(&entry).expect("text") });
            }
        }
    }
    assert!(!found.is_empty(), "no {endings:?}");
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

fn rust() -> Vec<Source> {
    let mut all = sources(&[".rs"]);
    // Messages of the compiler are held against these word by word; the data files are generated.
    all.retain(|source| !source.path.contains("compile-fail/") && !source.path.contains("tests/data/"));
    all
}

fn none(what: &str, breaches: &[String]) {
    assert!(breaches.is_empty(), "{} {what}:\n{}", breaches.len(), breaches.join("\n"));
}

/// rustfmt breaks code; it leaves comments as they are.
#[test]
fn comments_fit_the_width() {
    let mut breaches = Vec::new();
    for Source { path, text } in rust() {
        let long = |line: &&str| line.trim_start().starts_with("//") && line.chars().count() > WIDTH;
        // An address, a row of a table or a line of an example cannot be broken.
        let mut in_example = false;
        let mut whole = |line: &&str| {
            let said = line.trim_start_matches(['/', '!', ' ']);
            in_example ^= said.starts_with("```");
            in_example || line.contains("://") || said.starts_with('|')
        };
        let lines = text.lines().enumerate().filter(|(_, line)| !whole(line) && long(line));
        breaches.extend(lines.map(|(at, _)| format!("{path}:{}", at + 1)));
    }
    none("comments are too wide", &breaches);
}

#[test]
fn functions_and_files_can_be_seen_whole() {
    let mut breaches = Vec::new();
    for Source { path, text } in rust() {
        let lines: Vec<_> = text.lines().collect();
        if lines.len() > FILE {
            breaches.push(format!("{path}: {} lines", lines.len()));
        }
        // The rows of a test are read as a table, however many there are.
        let is_test = path.contains("tests/") || path.ends_with("/tests.rs");
        for (at, line) in lines.iter().enumerate().filter(|(_, line)| !is_test && begins_function(line)) {
            let indent = line.len() - line.trim_start().len();
            let closes = |other: &&&str| other.len() == indent + 1 && other.ends_with('}');
            let length = lines[at..].iter().take_while(|other| !closes(other)).count() + 1;
            if length > FUNCTION && !is_table(&lines[at..at + length]) {
                breaches.push(format!("{path}:{}: a function of {length} lines", at + 1));
            }
        }
    }
    none("functions or files are too long", &breaches);
}

/// Whether a function is one `match` with an arm for each row.
fn is_table(lines: &[&str]) -> bool {
    let body = lines.iter().skip_while(|line| !line.ends_with('{')).nth(1);
    body.is_some_and(|line| line.trim_start().starts_with("match "))
}

fn begins_function(line: &str) -> bool {
    let mut words = line.split_whitespace().map(|word| word.split('(').next().unwrap_or_default());
    let head = ["pub", "const", "unsafe", "async", "extern", "\"C\""];
    line.ends_with('{') && words.find(|word| !head.contains(word)) == Some("fn")
}

#[test]
fn every_module_says_what_it_is_for() {
    let silent =
        |source: &Source| !source.text.trim_start().starts_with("//!") && !source.text.starts_with("#!");
    let breaches: Vec<_> = rust().into_iter().filter(silent).map(|source| source.path).collect();
    none("modules begin without `//!`", &breaches);
}

#[test]
fn words_are_plain() {
    let mut breaches = Vec::new();
    for Source { path, text } in sources(&[".rs", ".md", ".sh"]) {
        if path.ends_with("tidy.rs") || path.contains("compile-fail/") {
            continue;
        }
        for (at, line) in text.lines().enumerate() {
            let line = line.to_lowercase();
            let broken = WORDS.iter().filter(|(word, _)| has_word(&line, word));
            breaches.extend(broken.map(|(word, plain)| format!("{path}:{}: `{word}`; say {plain}", at + 1)));
        }
    }
    none("words are not plain", &breaches);
}

fn has_word(line: &str, word: &str) -> bool {
    let inside = |part: Option<char>| part.is_some_and(|near| near.is_alphanumeric() || near == '_');
    line.match_indices(word).any(|(at, _)| {
        !inside(line[..at].chars().next_back()) && !inside(line[at + word.len()..].chars().next())
    })
}

/// What a crate re-exports and nobody names: not another crate, not a test, not a page.
#[test]
fn public_items_are_used() {
    let all = sources(&[".rs", ".md"]);
    let mut breaches = Vec::new();
    for krate in
        ["ktstr-core", "ktstr-file", "ktstr-mock", "ktstr-testkit", "ktstr-gen", "ktstr-linux", "ktstr-vm"]
    {
        let face = format!("{krate}/src/lib.rs");
        let text = &all.iter().find(|source| source.path == face).expect("lib.rs").text;
        let names =
            text.split("pub use ").skip(1).flat_map(|rest| names_of(rest.split(';').next().unwrap_or("")));
        // A type is used by whoever calls what gives or takes it, and a bound is there to be read.
        for name in names.filter(|name| name.starts_with(char::is_lowercase)) {
            let elsewhere = |source: &&Source| !source.path.starts_with(&format!("{krate}/src/"));
            if !all.iter().filter(elsewhere).any(|source| has_word(&source.text, &name)) {
                breaches.push(format!("{face}: {name}"));
            }
        }
    }
    none("public items are used by nobody", &breaches);
}

/// The last names of the paths of a `use`.
fn names_of(tree: &str) -> Vec<String> {
    tree.split(['{', '}', ','])
        .map(|path| path.trim().rsplit("::").next().unwrap_or_default().trim().to_owned())
        .filter(|name| !name.is_empty() && *name != "self")
        .collect()
}

/// The pages that name files name files that are there.
#[test]
fn pages_name_what_is_there() {
    let mut breaches = Vec::new();
    for page in ["ARCHITECTURE.md", "CONTRIBUTING.md", "README.md", "SECURITY.md"] {
        let text = fs::read_to_string(root().join(page)).expect(page);
        let quoted = text.split('`').skip(1).step_by(2);
        let linked = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for name in quoted.chain(linked) {
            let is_path = name.contains('/')
                && !name.contains([' ', '<', '*', ':', '{', '#'])
                && !name.contains("NAME");
            let starts = ["ktstr-", "tests/", "docs/", "fuzz/", ".ci/", "xtask/", "scenarios/", "examples/"];
            if is_path && starts.iter().any(|start| name.starts_with(start)) && !root().join(name).exists() {
                breaches.push(format!("{page}: {name}"));
            }
        }
    }
    none("pages name files that are not there", &breaches);
}
