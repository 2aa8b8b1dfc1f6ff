//! `ktstr new`: a commented scenario to start from. It asks nothing and overwrites nothing.

use crate::args::New;
use crate::exit::{Exit, Failure};
use crate::output::out;
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::Path;

/// What a new file says; `{name}` is the scenario's name.
const TEMPLATE: &str = include_str!("new.toml");

pub(crate) fn run(args: &New) -> Result<Exit, Failure> {
    let path = &args.file;
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "-_.".contains(character);
    if name.is_empty() || !name.chars().all(is_plain) {
        return Err(Failure::invalid(format!(
            "{} gives the scenario no name; use letters, digits, `-`, `_` and `.`, as in scenarios/resize.toml",
            path.display()
        )));
    }
    write(path, &TEMPLATE.replace("{name}", &name))?;
    let path = path.display();
    out(&format!("{path} is written; next: ktstr check {path}; ktstr run {path}\n"))?;
    Ok(Exit::Pass)
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let written = File::options().write(true).create_new(true).open(path);
    written.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => {
            Failure::invalid(format!("{} is there already; name another file", path.display()))
        }
        _ => Failure::environment(format!("{} cannot be written: {error}", path.display())),
    })
}
