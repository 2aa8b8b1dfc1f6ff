//! What all parts of the loader share: the arena, the errors found so far, the places of sites and which of
//! them are flawed, the payloads and schedulers by name.

use crate::diagnose::error::{Code, FileError};
use crate::diagnose::flawed::Flaws;
use crate::diagnose::guess;
use crate::diagnose::places::Noted;
use crate::load::each::Instance;
use crate::load::source::Lines;
use crate::schema::shape::{Kind, one_of};
use bumpalo::Bump;
use ktstr_core::{Knob, Payload, Scheduler, Site, Topology};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;
use toml::Spanned;
use toml::de::DeValue;

/// A value with its place.
pub(crate) type Value<'i> = Spanned<DeValue<'i>>;

/// The most errors that are listed.
const MAX_ERRORS: usize = 500;

struct Found {
    at: usize,
    code: Code,
    message: String,
    cure: String,
}

/// The state of loading one file.
pub(crate) struct Decoder<'a> {
    pub(crate) arena: &'a Bump,
    /// Where what was read is in the file.
    pub(crate) noted: Noted,
    pub(crate) flaws: Flaws,
    pub(crate) payloads: HashMap<&'a str, &'a Payload<'a>>,
    /// The ids of payloads that something starts.
    pub(crate) started: HashSet<&'a str>,
    pub(crate) schedulers: HashMap<&'a str, &'a Scheduler<'a>>,
    /// Whether the text is broken TOML, so that what is missing may only not have been understood.
    pub(crate) is_partial: bool,
    /// The machine that it is read for.
    pub(crate) machine: Option<Topology>,
    /// Which of the cgroups that a definition stands for is being read.
    pub(crate) instance: Option<Instance>,
    /// Whether some definition stands for as many cgroups as the machine has of something.
    pub(crate) repeats: bool,
    errors: Vec<Found>,
}

impl<'a> Decoder<'a> {
    pub(crate) fn new(arena: &'a Bump) -> Self {
        Self {
            arena,
            noted: Noted::new(),
            flaws: Flaws::default(),
            payloads: HashMap::new(),
            started: HashSet::new(),
            schedulers: HashMap::new(),
            is_partial: false,
            machine: None,
            instance: None,
            repeats: false,
            errors: Vec::new(),
        }
    }

    /// The names of the payloads that nothing starts, in order.
    pub(crate) fn not_started(&self) -> Vec<&'a str> {
        let idle = self.payloads.iter().filter(|(id, _)| !self.started.contains(*id));
        let mut names: Vec<_> = idle.map(|(_, payload)| payload.name).collect();
        names.sort_unstable();
        names
    }

    /// Reads the part of the scenario that is at `at`; notes and answers too whether it is flawed.
    pub(crate) fn part<T>(
        &mut self,
        site: Site,
        at: &Range<usize>,
        read: impl FnOnce(&mut Self) -> T,
    ) -> (T, bool) {
        let before = self.noted.enter(site, at.start);
        let (value, is_flawed) = self.flawed(read);
        self.noted.leave(before);
        if is_flawed {
            self.flaws.sites.insert(site);
        }
        (value, is_flawed)
    }

    /// Reads something; answers too whether an error was noted meanwhile.
    pub(crate) fn flawed<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> (T, bool) {
        let before = self.errors.len();
        let value = read(self);
        (value, self.errors.len() > before)
    }

    /// Notes an error with the usual cure.
    pub(crate) fn error(&mut self, at: &Range<usize>, code: Code, message: impl Into<String>) {
        self.error_with(at, code, message, code.info().cure);
    }

    /// Notes an error with a cure of its own.
    pub(crate) fn error_with(
        &mut self,
        at: &Range<usize>,
        code: Code,
        message: impl Into<String>,
        cure: impl Into<String>,
    ) {
        let absent =
            matches!(code, Code::MissingKey | Code::UnknownPayload | Code::UnknownScheduler | Code::Empty);
        if !(absent && self.is_partial) {
            self.errors.push(Found { at: at.start, code, message: message.into(), cure: cure.into() });
        }
    }

    /// Notes an error with the value that was probably meant, or with the usual cure.
    pub(crate) fn error_or(
        &mut self,
        at: &Range<usize>,
        code: Code,
        message: impl Into<String>,
        meant: Option<String>,
    ) {
        let cure = meant.map_or_else(|| code.info().cure.to_owned(), |meant| guess::cure(&meant));
        self.error_with(at, code, message, cure);
    }

    /// Notes that a value is of the wrong type.
    pub(crate) fn wrong_type(&mut self, value: &Value<'_>, key: &str, kind: &Kind) {
        let message = format!("`{key}` is {}, it takes {}", found(value.get_ref()), kind.expected());
        let cure = bare_number(value.get_ref(), kind)
            .or_else(|| guess::value(key, value.get_ref(), kind).map(|meant| guess::cure(&meant)));
        let cure = cure.or_else(|| kind.example().map(|value| format!("write it as in {key} = {value}")));
        let cure = cure.unwrap_or_else(|| format!("write {}", kind.expected()));
        self.error_with(&value.span(), Code::WrongType, message, cure);
    }

    /// Notes that a word is unknown, with the nearest one that is known.
    pub(crate) fn unknown_word(&mut self, at: &Range<usize>, key: &str, word: &str, known: &[&str]) {
        self.unknown_word_or(at, key, word, known, None);
    }

    /// The same; where none is near, with the value that was probably meant.
    pub(crate) fn unknown_word_or(
        &mut self,
        at: &Range<usize>,
        key: &str,
        word: &str,
        known: &[&str],
        meant: Option<String>,
    ) {
        let message = format!("`{key}` is \"{}\", which is not known here", short(word));
        let cure = match nearest(word, known.iter().copied()) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => meant.map_or_else(|| format!("use {}", one_of(known)), |meant| guess::cure(&meant)),
        };
        self.error_with(at, Code::UnknownWord, message, cure);
    }

    pub(crate) fn is_clean(&self) -> bool {
        self.errors.is_empty()
    }

    /// The errors in the order of their places.
    pub(crate) fn into_errors(mut self, lines: &Lines<'_>) -> Vec<FileError> {
        self.drop_consequences(lines);
        self.errors.sort_by_key(|error| error.at);
        let more = self.errors.len().saturating_sub(MAX_ERRORS);
        self.errors.truncate(MAX_ERRORS);
        let mut errors: Vec<_> = self
            .errors
            .into_iter()
            .map(|Found { at, code, message, cure }| {
                let place = lines.place(at);
                FileError { code, line: place.line, column: place.column, message, cure }
            })
            .collect();
        if more > 0 {
            errors.push(FileError::whole(Code::MoreErrors, format!("{more} more errors are not listed")));
        }
        errors
    }

    /// On a line that is no TOML nothing else is worth telling.
    fn drop_consequences(&mut self, lines: &Lines<'_>) {
        let line = |error: &Found| lines.place(error.at).line;
        let broken: BTreeSet<u32> =
            self.errors.iter().filter(|error| error.code == Code::Syntax).map(line).collect();
        if !broken.is_empty() {
            self.errors.retain(|error| error.code == Code::Syntax || !broken.contains(&line(error)));
        }
    }
}

/// What a value is, for messages.
fn found(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("the text \"{}\"", short(text)),
        DeValue::Integer(number) => format!("the number {number}"),
        DeValue::Float(number) => format!("the number {number}"),
        DeValue::Boolean(value) => value.to_string(),
        DeValue::Datetime(_) => "a date".to_owned(),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}

/// The cure for a number where a text with a unit is wanted.
fn bare_number(value: &DeValue<'_>, kind: &Kind) -> Option<String> {
    let (number, is_number) = match value {
        DeValue::Integer(number) => (number.to_string(), true),
        DeValue::Float(number) => (number.to_string(), true),
        _ => (String::new(), false),
    };
    let wants = |form: &str| match kind {
        Kind::Form(name) => *name == form,
        Kind::Either(kinds) => kinds.iter().any(|kind| matches!(kind, Kind::Form(name) if *name == form)),
        _ => false,
    };
    // Which unit is not known.
    (is_number && wants("duration")).then(|| format!("give it a unit and quotes, as in \"{number}s\""))
}

/// A text cut to what a message can bear.
pub(crate) fn short(text: &str) -> String {
    const MOST: usize = 40;
    let plain: String = text.chars().take(MOST).flat_map(char::escape_debug).collect();
    if text.chars().nth(MOST).is_some() { format!("{plain}…") } else { plain }
}

/// The word nearest to `word`, if one is near enough to be meant.
pub(crate) fn nearest<'w>(word: &str, known: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    if word.len() > 64 {
        return None;
    }
    if let Some(knob) = Knob::from_file(word) {
        return known.into_iter().find(|candidate| *candidate == knob.key());
    }
    let lower = word.to_lowercase().replace('-', "_");
    known
        .map(|candidate| (strsim::damerau_levenshtein(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= candidate.len().max(3) / 3)
        .filter(|(_, candidate)| Knob::from_key(candidate).is_none_or(|knob| is_slip(&lower, knob)))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Whether a word is a control file's key but for a slip of the pen. Another word in it is another file, as
/// `memory_min` is not `memory_max`: that guess would change what is meant.
fn is_slip(word: &str, knob: Knob) -> bool {
    let key = knob.key();
    let slip = |written: &str, meant: &str| {
        strsim::damerau_levenshtein(written, meant) <= if meant.len() < 6 { 1 } else { 2 }
    };
    let words = |text: &str| text.split('_').count();
    if words(word) == words(key) {
        return word.split('_').zip(key.split('_')).all(|(written, meant)| slip(written, meant));
    }
    slip(&word.replace('_', ""), &key.replace('_', ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_near_enough_is_suggested() {
        let known = ["duration", "workers_per_cgroup", "steps", "name"];
        for (word, near) in [
            ("durration", Some("duration")),
            ("step", Some("steps")),
            ("Name", Some("name")),
            ("workers-per-cgroup", Some("workers_per_cgroup")),
            ("colour", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, known.into_iter()), near, "{word}");
        }
    }
}
