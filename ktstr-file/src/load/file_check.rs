//! What is expected of a file, from the keys of its operation.

use crate::load::decoder::Decoder;
use crate::load::fields::{Fields, integer_of, text_of};
use crate::schema::check_shapes::CHANGE;
use ktstr_core::{Change, FileCheck};
use toml::de::DeValue;

/// The expectation that the keys of a table say.
pub(crate) fn file_check<'a>(decoder: &mut Decoder<'a>, fields: &Fields<'_, '_>) -> FileCheck<'a> {
    FileCheck {
        file: fields.text(decoder, "file"),
        key: fields.maybe_text(decoder, "key"),
        equals: equals(decoder, fields),
        contains: fields.maybe_text(decoder, "contains"),
        min: fields.number(decoder, "min"),
        max: fields.number(decoder, "max"),
        change: change(decoder, fields),
        within: fields.duration(decoder, "within"),
    }
}

/// A text; a whole number stands for its digits.
fn equals<'a>(decoder: &mut Decoder<'a>, fields: &Fields<'_, '_>) -> Option<&'a str> {
    let value = fields.get("equals")?;
    if matches!(value.get_ref(), DeValue::Integer(_)) {
        let number: i64 = integer_of(decoder, "equals", value, &fields.kind("equals"))?;
        return Some(decoder.arena.alloc_str(&number.to_string()));
    }
    text_of(decoder, "equals", value)
}

fn change(decoder: &mut Decoder<'_>, fields: &Fields<'_, '_>) -> Option<Change> {
    let ends = Fields::of_value(decoder, &CHANGE, "change", fields.get("change")?)?;
    Some(Change { min: ends.number(decoder, "min"), max: ends.number(decoder, "max") })
}
