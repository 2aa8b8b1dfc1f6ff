//! From a file's text to a scenario.

pub(crate) mod cgroup;
pub(crate) mod checks;
pub(crate) mod compare;
pub(crate) mod cpus;
pub(crate) mod decoder;
pub(crate) mod each;
pub(crate) mod fields;
pub(crate) mod file_check;
pub(crate) mod formerly;
pub(crate) mod knobs;
pub(crate) mod loaded;
pub(crate) mod op;
pub(crate) mod payload;
pub(crate) mod scenario;
pub(crate) mod scheduler;
pub(crate) mod source;
pub(crate) mod work;

use crate::diagnose::error::{Code, FileError};
use crate::diagnose::flawed::Flawed;
use crate::load::decoder::Decoder;
use crate::load::loaded::Loaded;
use crate::load::scenario::scenario;
use crate::load::source::{Lines, check_controls, check_size};
use bumpalo::Bump;
use ktstr_core::Topology;
use toml::de::DeTable;

/// The most errors of syntax that are listed; later ones are mostly consequences.
const MAX_SYNTAX_ERRORS: usize = 20;

/// Reads a scenario file. The scenario lives in `arena` and borrows nothing from `text`.
///
/// # Errors
/// All that is wrong with the form of the file, in the order of the places, and what could be read all the
/// same. Whether the scenario makes sense is not looked at.
pub fn load<'a>(text: &str, arena: &'a Bump) -> Result<Loaded<'a>, Flawed<'a>> {
    load_for(text, arena, None)
}

/// The same for a machine: definitions with `each` stand for as many cgroups as that has CPUs, caches or
/// nodes. Without one they do so for the machine that the file names, else for one cgroup.
///
/// # Errors
/// As for [`load`].
pub(crate) fn load_for<'a>(
    text: &str,
    arena: &'a Bump,
    machine: Option<&Topology>,
) -> Result<Loaded<'a>, Flawed<'a>> {
    check_size(text.len())
        .and_then(|()| check_controls(text))
        .map_err(|error| Flawed::illegible(vec![error]))?;
    if text.trim_start_matches('\u{FEFF}').trim().is_empty() {
        return Err(Flawed::illegible(vec![FileError::whole(Code::Empty, "the file is empty")]));
    }
    let lines = Lines::of(text);
    let mut decoder = Decoder::new(arena);
    decoder.machine = machine.copied();
    let (root, errors) = DeTable::parse_recoverable(text);
    decoder.is_partial = !errors.is_empty();
    for error in errors.iter().take(MAX_SYNTAX_ERRORS) {
        let at = error.span().unwrap_or(0..0);
        decoder.error(
            &at,
            Code::Syntax,
            format!("this is not TOML: {}", error.message().replace('\n', ", ")),
        );
    }
    let scenario = arena.alloc(scenario(&mut decoder, root.get_ref()));
    let places = decoder.noted.places(&lines);
    let loaded = Loaded { scenario, places, not_started: decoder.not_started(), repeats: decoder.repeats };
    if decoder.is_clean() {
        return Ok(loaded);
    }
    let (rest, flaws) = ((!decoder.is_partial).then(|| Box::new(loaded)), std::mem::take(&mut decoder.flaws));
    Err(Flawed { errors: decoder.into_errors(&lines), rest, flaws })
}
