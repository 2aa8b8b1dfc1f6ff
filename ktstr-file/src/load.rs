//! From a file's text to a scenario.

use crate::decoder::Decoder;
use crate::error::{Code, FileError};
use crate::fields::Fields;
use crate::load_scenario::scenario;
use crate::loaded::Loaded;
use crate::shapes::SCENARIO;
use crate::source::{Lines, check_controls, check_size};
use bumpalo::Bump;
use toml::de::DeTable;

/// The most errors of syntax that are listed; later ones are mostly consequences.
const MAX_SYNTAX_ERRORS: usize = 20;

/// Reads a scenario file. The scenario lives in `arena` and borrows nothing from `text`.
///
/// # Errors
/// All that is wrong with the file, in the order of the places. Whether the scenario makes sense is not looked at.
pub fn load<'a>(text: &str, arena: &'a Bump) -> Result<Loaded<'a>, Vec<FileError>> {
    check_size(text.len()).and_then(|()| check_controls(text)).map_err(|error| vec![error])?;
    if text.trim_start_matches('\u{FEFF}').trim().is_empty() {
        return Err(vec![FileError::whole(Code::Empty, "the file is empty")]);
    }
    let lines = Lines::of(text);
    let mut decoder = Decoder::new(arena);
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
    let fields = Fields::of(&mut decoder, &SCENARIO, root.get_ref(), 0..0);
    let scenario = scenario(&mut decoder, &fields);
    if !decoder.is_clean() {
        return Err(decoder.into_errors(&lines));
    }
    let places = decoder.sites.iter().map(|(site, at)| (*site, lines.place(*at))).collect();
    Ok(Loaded { scenario: arena.alloc(scenario), places })
}
