//! What is expected of workers and of payloads, as the rows of checks say it.

use crate::diagnose::error::Code;
use crate::load::decoder::{Decoder, Value, short};
use crate::load::fields::{Fields, only_one, refuse};
use crate::schema::check_shapes::{CHECKS, PAYLOAD_CHECK, SIGNAL};
use ktstr_core::{BoundKind, CheckBound, CheckKind, Checks, PayloadCheck, Signal};
use toml::de::DeValue;

/// `[checks]`
pub(crate) fn checks(decoder: &mut Decoder<'_>, value: &Value<'_>) -> Checks {
    let mut checks = Checks::NONE;
    let Some(fields) = Fields::of_value(decoder, &CHECKS, "checks", value) else { return checks };
    for kind in CheckKind::ALL {
        let info = kind.info();
        let bound = match info.bound {
            BoundKind::Flag(_) => fields.flag(decoder, info.key).then_some(CheckBound::Flag),
            BoundKind::Time => fields.duration(decoder, info.key).map(CheckBound::Time),
            BoundKind::Number(_) => fields.number(decoder, info.key).map(CheckBound::Number),
            BoundKind::Always(_) | BoundKind::OfPayload => None,
        };
        if let Some(bound) = bound {
            checks.set(kind, bound);
        }
    }
    checks
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
