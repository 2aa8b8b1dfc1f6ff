//! One table of a file being read against its shape: unknown and missing keys, and the plain types of values.

use crate::diagnose::error::Code;
use crate::diagnose::guess;
use crate::diagnose::names::home;
use crate::load::decoder::{Decoder, Value, nearest, short};
use crate::schema::field_kinds::kind;
use crate::schema::shape::{Key, Kind, Shape};
use crate::schema::shapes::COUNT;
use crate::units;
use ktstr_core::{FieldInfo, FieldKind, FieldValue, Knob, Site};
use std::ops::Range;
use std::time::Duration;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

/// The keys of one table.
pub(crate) struct Fields<'t, 'i> {
    span: Range<usize>,
    found: Vec<(&'static Key, Option<&'t Value<'i>>)>,
    /// Whether a key that is not known has a table or a list, which may hold anything.
    has_unread: bool,
}

impl<'t, 'i> Fields<'t, 'i> {
    /// The keys of a table, after noting those that are unknown or missing.
    pub(crate) fn of(
        decoder: &mut Decoder<'_>,
        shape: &'static Shape,
        table: &'t DeTable<'i>,
        span: Range<usize>,
    ) -> Self {
        let mut found: Vec<(&'static Key, Option<&'t Value<'i>>)> =
            shape.all().map(|key| (key, None)).collect();
        let mut meant = Vec::new();
        let mut has_unread = false;
        for (key, value) in table {
            if dotted_knobs(decoder, shape, key, value) {
                continue;
            }
            match found.iter_mut().find(|(known, _)| known.name == key.get_ref().as_ref()) {
                Some((known, place)) => {
                    *place = Some(value);
                    decoder.noted.key(known.name, key.span().start);
                }
                None => {
                    meant.extend(unknown_key(decoder, shape, key.get_ref(), &key.span()));
                    has_unread |= matches!(value.get_ref(), DeValue::Table(_) | DeValue::Array(_));
                }
            }
        }
        for (key, value) in &found {
            // A key that was misspelt is not missing too.
            if key.required && value.is_none() && !meant.contains(&key.name) {
                let message = format!("`{}` is missing in this {}", key.name, shape.name);
                let cure = format!("add `{}`, {}", key.name, key.kind.expected());
                decoder.error_with(&span, Code::MissingKey, message, cure);
            }
        }
        Self { span, found, has_unread }
    }

    /// The same from a value, which has to be a table.
    pub(crate) fn of_value(
        decoder: &mut Decoder<'_>,
        shape: &'static Shape,
        key: &str,
        value: &'t Value<'i>,
    ) -> Option<Self> {
        match value.get_ref() {
            DeValue::Table(table) => Some(Self::of(decoder, shape, table, value.span())),
            _ => {
                decoder.wrong_type(value, key, &Kind::Table(shape));
                None
            }
        }
    }

    /// Where the table is in the file.
    pub(crate) fn span(&self) -> &Range<usize> {
        &self.span
    }

    /// The value of a key that the shape knows.
    pub(crate) fn get(&self, name: &str) -> Option<&'t Value<'i>> {
        debug_assert!(self.found.iter().any(|(key, _)| key.name == name), "{name} is not in the shape");
        self.found.iter().find(|(key, _)| key.name == name).and_then(|(_, value)| *value)
    }

    /// Whether the key is there.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    pub(crate) fn kind(&self, name: &str) -> Kind {
        self.found.iter().find(|(key, _)| key.name == name).map_or(Kind::Text, |(key, _)| key.kind)
    }

    pub(crate) fn wrong(&self, decoder: &mut Decoder<'_>, name: &str, value: &Value<'_>) {
        let kind = self.kind(name);
        decoder.wrong_type(value, name, &kind);
    }

    /// The text of a key; empty when it is missing.
    pub(crate) fn text<'a>(&self, decoder: &mut Decoder<'a>, name: &str) -> &'a str {
        self.maybe_text(decoder, name).unwrap_or_default()
    }

    pub(crate) fn maybe_text<'a>(&self, decoder: &mut Decoder<'a>, name: &str) -> Option<&'a str> {
        let value = self.get(name)?;
        text_of(decoder, name, value)
    }

    pub(crate) fn flag(&self, decoder: &mut Decoder<'_>, name: &str) -> bool {
        match self.get(name).map(|value| (value, value.get_ref())) {
            None => false,
            Some((_, DeValue::Boolean(flag))) => *flag,
            Some((value, _)) => {
                self.wrong(decoder, name, value);
                false
            }
        }
    }

    /// A whole number in the range of its kind.
    pub(crate) fn integer<T: TryFrom<i128>>(&self, decoder: &mut Decoder<'_>, name: &str) -> Option<T> {
        let value = self.get(name)?;
        integer_of(decoder, name, value, &self.kind(name))
    }

    pub(crate) fn number(&self, decoder: &mut Decoder<'_>, name: &str) -> Option<f64> {
        let value = self.get(name)?;
        number_of(decoder, name, value, &self.kind(name))
    }

    pub(crate) fn duration(&self, decoder: &mut Decoder<'_>, name: &str) -> Option<Duration> {
        let value = self.get(name)?;
        let DeValue::String(text) = value.get_ref() else {
            self.wrong(decoder, name, value);
            return None;
        };
        duration_of(decoder, name, text, &value.span())
    }

    /// The items of a list; none when the key is missing or no list.
    pub(crate) fn list(&self, decoder: &mut Decoder<'_>, name: &str) -> &'t [Value<'i>] {
        match self.get(name).map(|value| (value, value.get_ref())) {
            None => &[],
            Some((_, DeValue::Array(items))) => items,
            Some((value, _)) => {
                self.wrong(decoder, name, value);
                &[]
            }
        }
    }

    /// The items of a list of tables.
    pub(crate) fn list_of_tables(&self, decoder: &mut Decoder<'_>, name: &str) -> &'t [Value<'i>] {
        match self.get(name) {
            Some(value) if matches!(value.get_ref(), DeValue::Table(_)) => {
                let message = format!("`{name}` is a table, it takes a list of tables");
                let cure = format!("write it with two brackets, as in [[{name}]]");
                decoder.error_with(&value.span(), Code::WrongType, message, cure);
                &[]
            }
            _ => self.list(decoder, name),
        }
    }

    /// Several lists of tables, which are all that names cgroups in the part of the scenario at `site`.
    pub(crate) fn parts<const N: usize>(
        &self,
        decoder: &mut Decoder<'_>,
        site: Site,
        names: [&str; N],
    ) -> [&'t [Value<'i>]; N] {
        let (lists, is_flawed) =
            decoder.flawed(|decoder| names.map(|name| self.list_of_tables(decoder, name)));
        if is_flawed || self.has_unread {
            decoder.flaws.lose(site);
        }
        lists
    }

    /// A size in bytes, as text or number.
    pub(crate) fn size(&self, decoder: &mut Decoder<'_>, name: &str) -> Option<u64> {
        let value = self.get(name)?;
        match value.get_ref() {
            DeValue::String(text) => units::parse_size(text)
                .map_err(|why| {
                    let message = format!("`{name}` is \"{}\", which is not a size: {why}", short(text));
                    let meant = guess::value(name, value.get_ref(), &self.kind(name));
                    decoder.error_or(&value.span(), Code::BadSize, message, meant);
                })
                .ok(),
            _ => integer_of(decoder, name, value, &self.kind(name)),
        }
    }

    pub(crate) fn texts<'a>(&self, decoder: &mut Decoder<'a>, name: &str) -> &'a [&'a str] {
        let items = self.list(decoder, name);
        let texts: Vec<_> = items.iter().filter_map(|item| text_of(decoder, name, item)).collect();
        decoder.arena.alloc_slice_copy(&texts)
    }
}

/// Notes control files that are written by their names without quotes, which TOML takes as a table of the
/// part before the dot; whether it was that.
fn dotted_knobs(
    decoder: &mut Decoder<'_>,
    shape: &'static Shape,
    key: &Spanned<DeString<'_>>,
    value: &Value<'_>,
) -> bool {
    if !matches!(value.get_ref(), DeValue::Table(_)) {
        return false;
    }
    let mut files = Vec::new();
    dotted(key.get_ref(), &key.span(), value, &mut files);
    let is_key = |name: &String| {
        Knob::from_file(name).is_some_and(|knob| shape.all().any(|key| key.name == knob.key()))
    };
    let all = !files.is_empty() && files.iter().all(|(name, _)| is_key(name));
    if all {
        for (name, at) in &files {
            unknown_key(decoder, shape, name, at);
        }
    }
    all
}

/// The dotted keys that end in a plain value.
fn dotted(name: &str, at: &Range<usize>, value: &Value<'_>, into: &mut Vec<(String, Range<usize>)>) {
    match value.get_ref() {
        DeValue::Table(table) => {
            for (inner, value) in table {
                dotted(&format!("{name}.{}", inner.get_ref()), &inner.span(), value, into);
            }
        }
        _ => into.push((name.to_owned(), at.clone())),
    }
}

/// Notes a key that the shape does not have; answers which one seems to be meant.
pub(crate) fn unknown_key(
    decoder: &mut Decoder<'_>,
    shape: &'static Shape,
    key: &str,
    at: &Range<usize>,
) -> Option<&'static str> {
    let message = format!("`{}` is not known in this {}", short(key), shape.name);
    let near = nearest(key, shape.all().map(|known| known.name));
    let cure = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => home(shape, key).unwrap_or_else(|| {
            let known: Vec<_> = shape.all().map(|key| key.name).collect();
            format!("known here: {}", known.join(", "))
        }),
    };
    decoder.error_with(at, Code::UnknownKey, message, cure);
    near
}

pub(crate) fn text_of<'a>(decoder: &mut Decoder<'a>, name: &str, value: &Value<'_>) -> Option<&'a str> {
    match value.get_ref() {
        DeValue::String(text) => Some(decoder.arena.alloc_str(text)),
        _ => {
            decoder.wrong_type(value, name, &Kind::Text);
            None
        }
    }
}

pub(crate) fn integer_of<T: TryFrom<i128>>(
    decoder: &mut Decoder<'_>,
    name: &str,
    value: &Value<'_>,
    kind: &Kind,
) -> Option<T> {
    let DeValue::Integer(written) = value.get_ref() else {
        decoder.wrong_type(value, name, kind);
        return None;
    };
    let (min, max) = range_of(kind);
    let number = i128::from_str_radix(written.as_str(), written.radix()).ok();
    let fits =
        number.filter(|number| (min..=max).contains(number)).and_then(|number| T::try_from(number).ok());
    if fits.is_none() {
        let message = format!("`{name}` is {written}, it goes from {min} to {max}");
        let meant = guess::value(name, value.get_ref(), kind).filter(|_| number == Some(-1));
        decoder.error_or(&value.span(), Code::OutOfRange, message, meant);
    }
    fits
}

/// A plain value of a field, be it in the field's range or not: that is judged when the scenario is.
pub(crate) fn plain_of(
    decoder: &mut Decoder<'_>,
    field: &FieldInfo,
    value: &Value<'_>,
) -> Option<FieldValue> {
    match (field.kind, value.get_ref()) {
        (FieldKind::Time { .. }, DeValue::String(text)) => {
            duration_of(decoder, field.key, text, &value.span()).map(FieldValue::Time)
        }
        (FieldKind::Count { .. }, DeValue::Integer(_)) => {
            integer_of::<u32>(decoder, field.key, value, &COUNT).map(|count| FieldValue::Count(count.into()))
        }
        (FieldKind::Flag, DeValue::Boolean(flag)) => Some(FieldValue::Flag(*flag)),
        (FieldKind::Word { words, .. }, DeValue::String(text)) => {
            let found = words.iter().position(|word| word == text);
            if found.is_none() {
                decoder.unknown_word(&value.span(), field.key, text, words);
            }
            found.map(FieldValue::Word)
        }
        _ => {
            decoder.wrong_type(value, field.key, &kind(field.kind));
            None
        }
    }
}

fn range_of(kind: &Kind) -> (i128, i128) {
    match kind {
        Kind::Integer { min, max } => (i128::from(*min), i128::from(*max)),
        Kind::Either(kinds) => kinds
            .iter()
            .find(|kind| matches!(kind, Kind::Integer { .. }))
            .map_or((0, i128::from(u64::MAX)), range_of),
        _ => (0, i128::from(u64::MAX)),
    }
}

pub(crate) fn number_of(
    decoder: &mut Decoder<'_>,
    name: &str,
    value: &Value<'_>,
    kind: &Kind,
) -> Option<f64> {
    let number = match value.get_ref() {
        DeValue::Float(number) => number.as_str().parse().ok(),
        DeValue::Integer(number) if number.radix() == 10 => number.as_str().parse().ok(),
        _ => None,
    };
    if number.is_none() {
        decoder.wrong_type(value, name, kind);
    }
    number
}

pub(crate) fn duration_of(
    decoder: &mut Decoder<'_>,
    name: &str,
    text: &str,
    at: &Range<usize>,
) -> Option<Duration> {
    units::parse_duration(text)
        .map_err(|why| {
            let message = format!("`{name}` is \"{}\", which is not a duration: {why}", short(text));
            let meant = guess::duration(text).map(|meant| format!("\"{meant}\""));
            decoder.error_or(at, Code::BadDuration, message, meant);
        })
        .ok()
}

/// Notes the keys of `names` that are there, beyond the first, as a conflict; whether there was one.
pub(crate) fn only_one(decoder: &mut Decoder<'_>, fields: &Fields<'_, '_>, names: &[&str]) -> bool {
    let there: Vec<_> = names.iter().filter_map(|name| Some((*name, fields.get(name)?))).collect();
    for (name, value) in there.iter().skip(1) {
        let message = format!("`{name}` excludes `{}`", there[0].0);
        decoder.error(&value.span(), Code::Conflict, message);
    }
    there.len() > 1
}

/// Notes a key that belongs to another variant of the table.
pub(crate) fn refuse(decoder: &mut Decoder<'_>, fields: &Fields<'_, '_>, names: &[&str], variant: &str) {
    for name in names {
        if let Some(value) = fields.get(name) {
            let message = format!("`{name}` does not go with {variant}");
            decoder.error_with(&value.span(), Code::Conflict, message, "remove it");
        }
    }
}
