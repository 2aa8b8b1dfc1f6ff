//! What is expected of workers and of payloads, as the rows of checks say it.

use crate::diagnose::error::Code;
use crate::load::decoder::{Decoder, Value, short};
use crate::load::fields::{Fields, number_of, only_one, refuse};
use crate::schema::check_shapes::{CHECKS, PAYLOAD_CHECK, RANGE_ENDS, SHARE, SIGNAL};
use ktstr_core::{BoundKind, CheckBound, CheckKind, Checks, PayloadCheck, RangeEnd, Signal};
use toml::de::DeValue;

/// `[checks]`
pub(crate) fn checks(decoder: &mut Decoder<'_>, value: &Value<'_>) -> Checks {
    let mut checks = Checks::NONE;
    let Some(fields) = Fields::of_value(decoder, &CHECKS, "checks", value) else { return checks };
    for kind in CheckKind::ALL {
        let info = kind.info();
        if let Some((key, end)) = info.range {
            if let Some(value) = fields.get(key)
                && let Some(bound) = end_of(decoder, &fields, key, value, end)
            {
                checks.set(kind, CheckBound::Number(bound));
            }
            continue;
        }
        let bound = match info.bound {
            BoundKind::Flag(_) => fields.flag(decoder, info.key).then_some(CheckBound::Flag),
            BoundKind::Time => fields.duration(decoder, info.key).map(CheckBound::Time),
            BoundKind::Number(_) => fields.number(decoder, info.key).map(CheckBound::Number),
            BoundKind::Always(_) | BoundKind::OfPayload | BoundKind::OfScheduler => None,
        };
        if let Some(bound) = bound {
            checks.set(kind, bound);
        }
    }
    checks
}

/// One end of a range: `[0.7, 0.8]`, or a table that names one or both. What is wrong with the whole is said
/// with the lower end.
fn end_of(
    decoder: &mut Decoder<'_>,
    fields: &Fields<'_, '_>,
    key: &str,
    value: &Value<'_>,
    end: RangeEnd,
) -> Option<f64> {
    let is_first = end == RangeEnd::Min;
    match value.get_ref() {
        DeValue::Array(ends) => match &ends[..] {
            [low, high] => share(decoder, key, if is_first { low } else { high }),
            ends => {
                if is_first {
                    let message = format!("`{key}` has {}, a range has two ends", counted(ends.len()));
                    let cure = format!("write {key} = [0.7, 0.8], or {key} = {{ min = 0.7 }}");
                    decoder.error_with(&value.span(), Code::WrongType, message, cure);
                }
                None
            }
        },
        DeValue::Table(table) if is_first && table.is_empty() => {
            let message = format!("`{key}` names no end of its range");
            decoder.error_with(&value.span(), Code::MissingKey, message, "add `min`, `max` or both");
            None
        }
        DeValue::Table(table) => {
            if is_first {
                Fields::of_value(decoder, &RANGE_ENDS, key, value)?;
            }
            let name = if is_first { "min" } else { "max" };
            let (_, found) = table.iter().find(|(key, _)| key.get_ref().as_ref() == name)?;
            share(decoder, name, found)
        }
        _ => {
            if is_first {
                fields.wrong(decoder, key, value);
            }
            None
        }
    }
}

fn counted(ends: usize) -> String {
    if ends == 1 { "1 number".to_owned() } else { format!("{ends} numbers") }
}

/// A share as a number, or in percent.
fn share(decoder: &mut Decoder<'_>, key: &str, value: &Value<'_>) -> Option<f64> {
    if let DeValue::String(text) = value.get_ref()
        && let Some(percent) = text.strip_suffix('%')
        && percent.starts_with(|first: char| first.is_ascii_digit())
        && let Ok(percent) = percent.parse::<f64>()
    {
        return Some(percent / 100.0);
    }
    number_of(decoder, key, value, &SHARE)
}

/// An item of a payload's `checks`.
pub(crate) fn payload_check<'a>(decoder: &mut Decoder<'a>, item: &Value<'_>) -> Option<PayloadCheck<'a>> {
    const ENDS: [&str; 2] = ["exit_code", "signal"];
    let fields = Fields::of_value(decoder, &PAYLOAD_CHECK, "checks", item)?;
    let code = fields.integer(decoder, "exit_code").map(PayloadCheck::ExitCode);
    let signal = fields.get("signal").and_then(|value| signal(decoder, &fields, value));
    let metric = fields.maybe_text(decoder, "metric");
    let (min, max) = (fields.number(decoder, "min"), fields.number(decoder, "max"));
    if only_one(decoder, &fields, &["exit_code", "signal", "metric"]) {
        return None;
    }
    if let Some(end) = ENDS.into_iter().find(|key| fields.has(key)) {
        refuse(decoder, &fields, &["min", "max"], &format!("`{end}`"));
        return code.or(signal.map(PayloadCheck::Signal));
    }
    match (metric, min, max) {
        (Some(metric), Some(low), Some(high)) => Some(PayloadCheck::Range { metric, low, high }),
        (Some(metric), Some(bound), None) => Some(PayloadCheck::Min { metric, bound }),
        (Some(metric), None, Some(bound)) => Some(PayloadCheck::Max { metric, bound }),
        (Some(metric), None, None) => Some(PayloadCheck::Exists { metric }),
        (None, ..) => {
            if !fields.has("metric") {
                let message = "this check names none of `exit_code`, `signal` and `metric`";
                decoder.error_with(fields.span(), Code::MissingKey, message, "add one of them");
            }
            None
        }
    }
}

fn signal(decoder: &mut Decoder<'_>, fields: &Fields<'_, '_>, value: &Value<'_>) -> Option<Signal> {
    let DeValue::String(name) = value.get_ref() else {
        return match value.get_ref() {
            DeValue::Integer(_) => fields.integer(decoder, "signal").and_then(Signal::new),
            _ => {
                decoder.wrong_type(value, "signal", &SIGNAL);
                None
            }
        };
    };
    let known = Signal::from_name(name);
    if known.is_none() {
        let plain = name.strip_prefix("SIG").unwrap_or(name).to_uppercase();
        match Signal::from_name(&plain) {
            Some(_) => {
                let message = format!("`signal` is \"{}\"", short(name));
                let cure = format!("write it without SIG and in capitals, as in \"{plain}\"");
                decoder.error_with(&value.span(), Code::UnknownWord, message, cure);
            }
            None => decoder.unknown_word(&value.span(), "signal", name, Signal::NAMES),
        }
    }
    known
}
