//! The values of control files, each read by its kind.

use crate::diagnose::error::Code;
use crate::diagnose::guess;
use crate::load::decoder::{Decoder, short};
use crate::load::fields::{Fields, integer_of};
use crate::units;
use ktstr_core::{CpuMax, Knob, KnobKind, Limits, Setting};
use std::time::Duration;
use toml::de::DeValue;

/// What the keys of a table say of control files.
pub(crate) fn limits(decoder: &mut Decoder<'_>, fields: &Fields<'_, '_>) -> Limits {
    let mut limits = Limits::NONE;
    for knob in Knob::ALL {
        if let Some(setting) = setting(decoder, fields, knob) {
            // A value of another kind was refused where it was read.
            limits = limits.with(knob, setting).unwrap_or(limits);
        }
    }
    limits
}

fn setting(decoder: &mut Decoder<'_>, fields: &Fields<'_, '_>, knob: Knob) -> Option<Setting> {
    let key = knob.key();
    match knob.info().kind {
        KnobKind::Cpus => fields.cpuset(decoder, key).map(Setting::Cpus),
        KnobKind::Nodes => fields.id_list(decoder, key).map(Setting::Nodes),
        KnobKind::Number => fields.integer::<u32>(decoder, key).map(|number| Setting::Number(number.into())),
        KnobKind::Flag => {
            let flag = fields.flag(decoder, key);
            fields.has(key).then_some(Setting::Number(flag.into()))
        }
        KnobKind::Bytes => fields.size(decoder, key).map(Setting::Number),
        KnobKind::BytesOrMax => limit(decoder, fields, key, true),
        KnobKind::CountOrMax => limit(decoder, fields, key, false),
        KnobKind::Bandwidth => cpu_max(decoder, fields, key).map(Setting::Bandwidth),
    }
}

/// A number, a size if it is one, or `"max"`.
fn limit(decoder: &mut Decoder<'_>, fields: &Fields<'_, '_>, key: &str, is_size: bool) -> Option<Setting> {
    let value = fields.get(key)?;
    match value.get_ref() {
        DeValue::String(text) if text == "max" => Some(Setting::Max),
        DeValue::String(text) if is_size && !text.starts_with(|c: char| c.is_alphabetic()) => {
            fields.size(decoder, key).map(Setting::Number)
        }
        DeValue::Integer(_) => integer_of(decoder, key, value, &fields.kind(key)).map(Setting::Number),
        _ => {
            fields.wrong(decoder, key, value);
            None
        }
    }
}

fn cpu_max(decoder: &mut Decoder<'_>, fields: &Fields<'_, '_>, key: &str) -> Option<CpuMax> {
    let value = fields.get(key)?;
    let DeValue::String(text) = value.get_ref() else {
        fields.wrong(decoder, key, value);
        return None;
    };
    parse_cpu_max(text)
        .map_err(|why| {
            let message = format!("`{key}` is \"{}\": {why}", short(text));
            let meant = guess::value(key, value.get_ref(), &fields.kind(key));
            let cure =
                meant.map_or_else(|| format!("write {}", fields.kind(key).expected()), |it| guess::cure(&it));
            decoder.error_with(&value.span(), Code::BadDuration, message, cure);
        })
        .ok()
}

/// `max`, `<percent>%`, `<quota>/<period>` or `max/<period>`.
fn parse_cpu_max(text: &str) -> Result<CpuMax, &'static str> {
    if text == "max" {
        return Ok(CpuMax::UNLIMITED);
    }
    if let Some(percent) = text.strip_suffix('%') {
        let percent: u32 = percent.parse().map_err(|_| "the percentage is no whole number")?;
        return Ok(CpuMax { quota_us: Some(u64::from(percent) * 1000), ..CpuMax::UNLIMITED });
    }
    let (quota, period) = text.split_once('/').ok_or("it is no share of CPU time")?;
    let quota_us = match quota.trim() {
        "max" => None,
        quota => Some(micros(units::parse_duration(quota)?)?),
    };
    Ok(CpuMax { quota_us, period_us: micros(units::parse_duration(period.trim())?)? })
}

fn micros(duration: Duration) -> Result<u64, &'static str> {
    if !duration.subsec_nanos().is_multiple_of(1000) {
        return Err("it is finer than a microsecond");
    }
    u64::try_from(duration.as_micros()).map_err(|_| "it is too long")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_time_reads_in_all_its_forms() {
        for (text, quota_us, period_us) in [
            ("max", None, 100_000),
            ("250%", Some(250_000), 100_000),
            ("5ms/20ms", Some(5_000), 20_000),
            ("5ms / 20ms", Some(5_000), 20_000),
            ("max/50ms", None, 50_000),
        ] {
            assert_eq!(parse_cpu_max(text), Ok(CpuMax { quota_us, period_us }), "{text}");
        }
        for text in ["", "%", "-1%", "1.5%", "5ms", "5ms/", "/5ms", "10ns/1ms", "5/20"] {
            assert!(parse_cpu_max(text).is_err(), "{text:?}");
        }
    }
}
