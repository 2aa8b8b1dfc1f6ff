//! Cgroup definitions.

use crate::diagnose::error::Code;
use crate::load::decoder::{Decoder, Value, short};
use crate::load::fields::{Fields, integer_of};
use crate::load::payload::payload_ref;
use crate::load::work::{WORK_KEYS, work, work_without_identity};
use crate::schema::shapes::CGROUP;
use crate::units;
use ktstr_core::{CgroupDef, CpuMax, Limit, MAX_WORKS, Part, Site};
use std::time::Duration;
use toml::de::DeValue;

/// The items of `cgroups`.
pub(crate) fn cgroups<'a>(
    decoder: &mut Decoder<'a>,
    items: &[Value<'_>],
    site: impl Fn(Part) -> Site,
) -> &'a [CgroupDef<'a>] {
    let mut defs = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let site = site(Part::Cgroup(index as u32));
        let (def, is_flawed) = decoder.part(site, &item.span(), |decoder| {
            Fields::of_value(decoder, &CGROUP, "cgroups", item).map(|fields| cgroup(decoder, &fields))
        });
        // One that could not be read leaves its place, so that those behind it keep their numbers.
        let def = def.unwrap_or(CgroupDef::named(""));
        if is_flawed && def.name.is_empty() {
            decoder.flaws.lose(site);
        }
        defs.push(def);
    }
    decoder.arena.alloc_slice_copy(&defs)
}

/// A cgroup definition from the keys of its table.
pub(crate) fn cgroup<'a>(decoder: &mut Decoder<'a>, fields: &Fields<'_, '_>) -> CgroupDef<'a> {
    let def = CgroupDef {
        cpuset: fields.cpuset(decoder, "cpuset"),
        cpuset_mems: fields.id_list(decoder, "cpuset_mems"),
        cpu_weight: fields.integer(decoder, "cpu_weight"),
        cpu_max: cpu_max(decoder, fields),
        memory_max: limit(decoder, fields, "memory_max"),
        memory_high: limit(decoder, fields, "memory_high"),
        memory_low: fields.size(decoder, "memory_low"),
        memory_swap_max: limit(decoder, fields, "memory_swap_max"),
        io_weight: fields.integer(decoder, "io_weight"),
        pids_max: limit(decoder, fields, "pids_max"),
        nice: fields.integer(decoder, "nice"),
        comm: fields.maybe_text(decoder, "comm"),
        uid: fields.integer(decoder, "uid"),
        gid: fields.integer(decoder, "gid"),
        payload: fields.get("payload").and_then(|value| payload_ref(decoder, "payload", value)),
        until_removed: fields.flag(decoder, "until_removed"),
        ..CgroupDef::named(fields.text(decoder, "name"))
    };
    with_works(decoder, fields, def)
}

fn with_works<'a>(decoder: &mut Decoder<'a>, fields: &Fields<'_, '_>, def: CgroupDef<'a>) -> CgroupDef<'a> {
    let described: Vec<_> = WORK_KEYS.into_iter().filter(|key| fields.has(key)).collect();
    if !fields.has("works") {
        let first = work_without_identity(decoder, fields);
        return if described.is_empty() { def } else { def.work(first) };
    }
    for key in described {
        if let Some(value) = fields.get(key) {
            let message = format!("`{key}` excludes `works`");
            decoder.error_with(
                &value.span(),
                Code::Conflict,
                message,
                "move it into one of the groups of `works`",
            );
        }
    }
    let mut def = def;
    for item in fields.list_of_tables(decoder, "works") {
        let Some(work) = work(decoder, item) else { continue };
        match def.try_work(work) {
            Ok(longer) => def = longer,
            Err(_) => {
                let message = format!("`works` has more than {MAX_WORKS} groups");
                decoder.error(&item.span(), Code::TooMany, message);
                break;
            }
        }
    }
    def
}

/// A number or size, or `"max"`.
fn limit(decoder: &mut Decoder<'_>, fields: &Fields<'_, '_>, name: &str) -> Option<Limit> {
    let value = fields.get(name)?;
    match value.get_ref() {
        DeValue::String(text) if text == "max" => Some(Limit::Max),
        DeValue::String(text) if name == "pids_max" || text.starts_with(|c: char| c.is_alphabetic()) => {
            fields.wrong(decoder, name, value);
            None
        }
        DeValue::String(_) => fields.size(decoder, name).map(Limit::At),
        DeValue::Integer(_) => integer_of(decoder, name, value, &fields.kind(name)).map(Limit::At),
        _ => {
            fields.wrong(decoder, name, value);
            None
        }
    }
}

fn cpu_max(decoder: &mut Decoder<'_>, fields: &Fields<'_, '_>) -> Option<CpuMax> {
    let value = fields.get("cpu_max")?;
    let DeValue::String(text) = value.get_ref() else {
        fields.wrong(decoder, "cpu_max", value);
        return None;
    };
    parse_cpu_max(text)
        .map_err(|why| {
            let message = format!("`cpu_max` is \"{}\": {why}", short(text));
            let cure = "write \"max\", a percentage as in \"150%\" or time and period as in \"5ms/20ms\"";
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
