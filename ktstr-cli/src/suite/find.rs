//! Which scenario files the arguments name: files as they are, and of folders all `.toml` files below them.

use crate::exit::Failure;
use std::path::{Path, PathBuf};

/// The files, those of a folder in the order of their names; each is there once.
///
/// # Errors
/// When a folder cannot be read or has no scenario file in it.
pub(crate) fn files(arguments: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut all = Vec::new();
    for argument in arguments {
        if !argument.is_dir() {
            all.push(argument.clone());
            continue;
        }
        let before = all.len();
        below(argument, &mut all)?;
        if all.len() == before {
            let folder = argument.display();
            return Err(Failure::invalid(format!("{folder} has no .toml file in it; name a scenario file")));
        }
    }
    let mut seen = std::collections::HashSet::new();
    all.retain(|path| seen.insert(path.clone()));
    Ok(all)
}

/// Adds what is below a folder; hidden entries and links to folders are left out.
fn below(folder: &Path, all: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let cannot = |error| Failure::environment(format!("{} cannot be read: {error}", folder.display()));
    let entries = std::fs::read_dir(folder).and_then(|entries| entries.collect::<Result<Vec<_>, _>>());
    let mut entries = entries.map_err(cannot)?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        if is_hidden {
            continue;
        }
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            below(&path, all)?;
        } else if path.extension().is_some_and(|extension| extension == "toml") && path.is_file() {
            all.push(path);
        }
    }
    Ok(())
}
