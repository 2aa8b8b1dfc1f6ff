//! Each crate that is published has what its page on crates.io and docs.rs shows, and needs no file from
//! outside of its package.

mod program;

use program::workspace;
use std::fs::read_to_string;
use std::path::{Path, PathBuf};

/// The packages of the workspace that are published, with their manifests.
fn published() -> Vec<(PathBuf, String)> {
    let root = read_to_string(workspace().join("Cargo.toml")).expect("the workspace");
    let members = root.split("members = [").nth(1).and_then(|rest| rest.split(']').next()).expect("members");
    let folders = members.split('"').skip(1).step_by(2).map(|member| workspace().join(member));
    let manifests = folders.map(|folder| {
        let manifest = read_to_string(folder.join("Cargo.toml")).expect("a manifest");
        (folder, manifest)
    });
    manifests.filter(|(_, manifest)| !manifest.contains("publish = false")).collect()
}

/// The value of a key of `[package]`.
fn value<'m>(manifest: &'m str, key: &str) -> Option<&'m str> {
    let package = manifest.split("\n[").next()?;
    package.lines().find_map(|line| line.strip_prefix(key)?.trim_start().strip_prefix('=')).map(str::trim)
}

#[test]
fn each_crate_says_what_its_page_shows() {
    let crates = published();
    assert!(crates.len() >= 10, "{}", crates.len());
    for (folder, manifest) in crates {
        let shown = folder.display();
        let some = |key: &str| value(&manifest, key).unwrap_or_else(|| panic!("{shown} has no {key}"));
        let name = some("name").trim_matches('"');
        assert!(some("description").len() > 25, "{shown}");
        assert_eq!(some("documentation").trim_matches('"'), format!("https://docs.rs/{name}"), "{shown}");
        for key in ["version.workspace", "license.workspace"] {
            assert_eq!(some(key), "true", "{shown}");
        }
        // crates.io takes at most five of each, keywords of at most 20 characters.
        for key in ["keywords", "categories"] {
            let words: Vec<_> = some(key).split('"').skip(1).step_by(2).collect();
            assert!((1..=5).contains(&words.len()), "{shown}: {words:?}");
            assert!(key == "categories" || words.iter().all(|word| word.len() <= 20), "{shown}: {words:?}");
        }
        assert!(folder.join(some("readme").trim_matches('"')).is_file(), "{shown}: its readme");
        assert!(manifest.contains("[package.metadata.docs.rs]"), "{shown}");
        for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
            let text = read_to_string(folder.join(licence))
                .unwrap_or_else(|error| panic!("{shown} {licence}: {error}"));
            assert_eq!(text, read_to_string(workspace().join(licence)).expect(licence), "{shown}");
        }
    }
}

#[test]
fn each_front_page_has_an_example() {
    for (folder, _) in published() {
        let Ok(text) = read_to_string(folder.join("src/lib.rs")) else { continue };
        // The attribute and the derive have theirs at themselves.
        let is_macro = folder.ends_with("derive");
        let fence = if is_macro { "/// ```\n" } else { "//! ```" };
        assert!(text.contains(fence), "{} has no example on its front page", folder.display());
    }
}

/// Every file below a folder that ends so.
fn below(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            below(&path, ending, found);
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
}

#[test]
fn no_source_includes_a_file_from_outside_its_package() {
    let mut included = 0;
    for (folder, _) in published() {
        let mut sources = Vec::new();
        below(&folder.join("src"), ".rs", &mut sources);
        for source in sources {
            let text = read_to_string(&source).expect("text");
            for path in text.split("include_str!(\"").skip(1).filter_map(|rest| rest.split('"').next()) {
                let above = source.parent().expect("a folder").join(path);
                let above = above.canonicalize().unwrap_or_else(|error| panic!("{path}: {error}"));
                assert!(
                    above.starts_with(folder.canonicalize().expect("a folder")),
                    "{}: {path}",
                    source.display()
                );
                included += 1;
            }
        }
    }
    assert!(included > 2, "{included}");
}
