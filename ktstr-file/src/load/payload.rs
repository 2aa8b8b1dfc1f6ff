//! Payload definitions and references to them.

use crate::diagnose::error::Code;
use crate::load::checks::payload_check;
use crate::load::decoder::{Decoder, Value, nearest, short};
use crate::load::fields::{Fields, text_of};
use crate::schema::shapes::{METRIC, PAYLOAD};
use ktstr_core::{MetricHint, OutputKind, Payload, Polarity};

/// Reads `[[payload]]` and keeps each by its id, or by its name where it has none.
pub(crate) fn payloads(decoder: &mut Decoder<'_>, items: &[Value<'_>]) {
    for item in items {
        let before = decoder.noted.enter_payload();
        let ((), is_flawed) = decoder.flawed(|decoder| define(decoder, item));
        decoder.noted.leave(before);
        decoder.flaws.payloads |= is_flawed;
    }
}

fn define(decoder: &mut Decoder<'_>, item: &Value<'_>) {
    let Some(fields) = Fields::of_value(decoder, &PAYLOAD, "payload", item) else { return };
    let payload = payload(decoder, &fields);
    decoder.noted.name_payload(payload.name);
    let id = fields.maybe_text(decoder, "id").unwrap_or(payload.name);
    let payload = decoder.arena.alloc(payload);
    if decoder.payloads.insert(id, payload).is_some() {
        let message = format!("a payload \"{}\" is defined already", short(id));
        decoder.error(&item.span(), Code::PayloadTwice, message);
    }
}

fn payload<'a>(decoder: &mut Decoder<'a>, fields: &Fields<'_, '_>) -> Payload<'a> {
    let name = fields.text(decoder, "name");
    let binary = fields.text(decoder, "binary");
    let output = match fields.maybe_text(decoder, "output") {
        None | Some("exit_code") => OutputKind::ExitCode,
        Some("json") => OutputKind::Json,
        Some(word) => {
            unknown(decoder, fields, "output", word, &["exit_code", "json"]);
            OutputKind::ExitCode
        }
    };
    let metrics: Vec<_> =
        fields.list(decoder, "metrics").iter().filter_map(|item| metric(decoder, item)).collect();
    let checks: Vec<_> =
        fields.list(decoder, "checks").iter().filter_map(|item| payload_check(decoder, item)).collect();
    Payload {
        name,
        binary,
        default_args: fields.texts(decoder, "args"),
        output,
        metrics: decoder.arena.alloc_slice_copy(&metrics),
        checks: decoder.arena.alloc_slice_copy(&checks),
        timeout: fields.duration(decoder, "timeout"),
        include_files: fields.texts(decoder, "include_files"),
    }
}

fn unknown(decoder: &mut Decoder<'_>, fields: &Fields<'_, '_>, key: &str, word: &str, known: &[&str]) {
    if let Some(value) = fields.get(key) {
        decoder.unknown_word(&value.span(), key, word, known);
    }
}

fn metric<'a>(decoder: &mut Decoder<'a>, item: &Value<'_>) -> Option<MetricHint<'a>> {
    let fields = Fields::of_value(decoder, &METRIC, "metrics", item)?;
    let name = fields.text(decoder, "name");
    let word = fields.maybe_text(decoder, "better");
    let polarity = word.and_then(Polarity::from_word);
    if let (Some(word), None) = (word, polarity) {
        unknown(decoder, &fields, "better", word, &Polarity::WORDS);
    }
    Some(MetricHint { name, polarity: polarity.unwrap_or_default(), unit: fields.text(decoder, "unit") })
}

/// The payload that a text names.
pub(crate) fn payload_ref<'a>(
    decoder: &mut Decoder<'a>,
    key: &str,
    value: &Value<'_>,
) -> Option<&'a Payload<'a>> {
    let id = text_of(decoder, key, value)?;
    let payload = decoder.payloads.get(id).copied();
    decoder.started.insert(id);
    if payload.is_none() {
        let message = format!("no payload \"{}\" is defined", short(id));
        let cure = match nearest(id, decoder.payloads.keys().copied()) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => format!("add [[payload]] with name = \"{}\" and its binary", short(id)),
        };
        decoder.error_with(&value.span(), Code::UnknownPayload, message, cure);
    }
    payload
}
