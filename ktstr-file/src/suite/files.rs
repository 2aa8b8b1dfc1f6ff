//! Which scenario files there are below a folder.

use crate::defaults::FILE;
use std::io;
use std::path::{Path, PathBuf};

/// All `.toml` files below a folder, in the order of their names. Hidden entries, links to folders and
/// [`FILE`], which is no scenario, are left out.
///
/// # Errors
/// When a folder cannot be read; the path is that folder's.
pub fn files_below(folder: &Path) -> Result<Vec<PathBuf>, (PathBuf, io::Error)> {
    let mut found = Vec::new();
    add(folder, &mut found)?;
    Ok(found)
}

fn add(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), (PathBuf, io::Error)> {
    let entries = std::fs::read_dir(folder).and_then(|entries| entries.collect::<Result<Vec<_>, _>>());
    let mut entries = entries.map_err(|error| (folder.to_owned(), error))?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        if is_hidden || entry.file_name() == FILE {
            continue;
        }
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            add(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "toml") && path.is_file() {
            found.push(path);
        }
    }
    Ok(())
}
