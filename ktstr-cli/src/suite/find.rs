//! Which scenario files the arguments name: files as they are, and of folders all `.toml` files below them.

use crate::exit::Failure;
use ktstr_file::suite::files_below;
use std::path::PathBuf;

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
        let found = files_below(argument).map_err(|(folder, error)| {
            Failure::environment(format!("{} cannot be read: {error}", folder.display()))
        })?;
        if found.is_empty() {
            let folder = argument.display();
            return Err(Failure::invalid(format!("{folder} has no .toml file in it; name a scenario file")));
        }
        all.extend(found);
    }
    let mut seen = std::collections::HashSet::new();
    all.retain(|path| seen.insert(path.clone()));
    Ok(all)
}
