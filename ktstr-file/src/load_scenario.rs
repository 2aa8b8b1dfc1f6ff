//! The outer tables of a scenario file: the scenario itself, its topology, checks, Backdrop and steps.

use crate::decoder::{Decoder, Value};
use crate::error::Code;
use crate::fields::{Fields, duration_of, number_of};
use crate::load_cgroup::cgroups;
use crate::load_op::ops;
use crate::load_payload::{payload_ref, payloads};
use crate::shape::Kind;
use crate::shapes::{BACKDROP, CHECKS, LOOP, STEP, TOPOLOGY};
use crate::units;
use ktstr_core::backdrop::Backdrop;
use ktstr_core::checks::Checks;
use ktstr_core::scenario::Scenario;
use ktstr_core::site::{Part, Site};
use ktstr_core::step::{HoldSpec, Step};
use ktstr_core::topology::Uniform;
use toml::de::DeValue;

pub(crate) fn scenario<'a>(decoder: &mut Decoder<'a>, fields: &Fields<'_, '_>) -> Scenario<'a> {
    decoder.sites.insert(Site::Scenario, 0);
    let items = fields.list_of_tables(decoder, "payload");
    payloads(decoder, items);
    let mut scenario = Scenario::new(fields.text(decoder, "name"));
    if let Some(duration) = fields.duration(decoder, "duration") {
        scenario.duration = duration;
    }
    if let Some(count) = fields.integer(decoder, "workers_per_cgroup") {
        scenario.workers_per_cgroup = count;
    }
    scenario.topology = fields.get("topology").and_then(|value| topology(decoder, fields, value));
    if let Some(value) = fields.get("backdrop") {
        scenario.backdrop = backdrop(decoder, value);
    }
    let steps: Vec<_> = fields
        .list_of_tables(decoder, "steps")
        .iter()
        .enumerate()
        .map(|(index, value)| step(decoder, index as u32, value))
        .collect();
    scenario.steps = decoder.arena.alloc_slice_copy(&steps);
    if let Some(value) = fields.get("checks") {
        scenario.checks = checks(decoder, value);
    }
    scenario
}

fn topology(decoder: &mut Decoder<'_>, fields: &Fields<'_, '_>, value: &Value<'_>) -> Option<Uniform> {
    if let DeValue::String(text) = value.get_ref() {
        let uniform = units::parse_topology(text);
        if uniform.is_none() {
            fields.wrong(decoder, "topology", value);
        }
        return uniform;
    }
    if !matches!(value.get_ref(), DeValue::Table(_)) {
        fields.wrong(decoder, "topology", value);
        return None;
    }
    let fields = Fields::of_value(decoder, &TOPOLOGY, "topology", value)?;
    let mut shape = Uniform::new(1, 1, 1, 1);
    for (key, place) in [
        ("nodes", &mut shape.nodes),
        ("llcs", &mut shape.llcs),
        ("cores", &mut shape.cores),
        ("threads", &mut shape.threads),
    ] {
        if let Some(number) = fields.integer(decoder, key) {
            *place = number;
        }
    }
    if let Some(bytes) = fields.size(decoder, "memory") {
        match u32::try_from(bytes >> 20) {
            Ok(mib) if bytes.is_multiple_of(1 << 20) => shape.memory_mib = mib,
            _ => decoder.error(fields.span(), Code::OutOfRange, "`memory` is whole MiB, and less than 4 PiB"),
        }
    }
    Some(shape)
}

fn checks(decoder: &mut Decoder<'_>, value: &Value<'_>) -> Checks {
    let Some(fields) = Fields::of_value(decoder, &CHECKS, "checks", value) else { return Checks::NONE };
    Checks {
        not_starved: fields.flag(decoder, "not_starved"),
        isolation: fields.flag(decoder, "isolation"),
        max_gap: fields.duration(decoder, "max_gap"),
        max_spread_pct: fields.number(decoder, "max_spread_pct"),
        max_throughput_cv: fields.number(decoder, "max_throughput_cv"),
        min_work_rate: fields.number(decoder, "min_work_rate"),
        max_p99_wake_latency: fields.duration(decoder, "max_p99_wake_latency"),
    }
}

fn backdrop<'a>(decoder: &mut Decoder<'a>, value: &Value<'_>) -> Backdrop<'a> {
    let site = Site::Backdrop;
    decoder.sites.insert(site(Part::Whole), value.span().start);
    let Some(fields) = Fields::of_value(decoder, &BACKDROP, "backdrop", value) else {
        return Backdrop::new();
    };
    let items = fields.list_of_tables(decoder, "cgroups");
    let cgroups = cgroups(decoder, items, site);
    let items = fields.list_of_tables(decoder, "ops");
    let ops = ops(decoder, items, site);
    let mut payloads = Vec::new();
    for (index, item) in fields.list(decoder, "payloads").iter().enumerate() {
        decoder.sites.insert(site(Part::Payload(index as u32)), item.span().start);
        payloads.extend(payload_ref(decoder, "payloads", item));
    }
    Backdrop::new()
        .lend_cgroups(cgroups)
        .lend_ops(ops)
        .lend_payloads(decoder.arena.alloc_slice_copy(&payloads))
}

fn step<'a>(decoder: &mut Decoder<'a>, index: u32, value: &Value<'_>) -> Step<'a> {
    let site = |part| Site::Step { step: index, part };
    decoder.sites.insert(site(Part::Whole), value.span().start);
    let Some(fields) = Fields::of_value(decoder, &STEP, "steps", value) else { return Step::default() };
    let items = fields.list_of_tables(decoder, "ops");
    let ops = ops(decoder, items, site);
    let items = fields.list_of_tables(decoder, "cgroups");
    let setup = cgroups(decoder, items, site);
    let payload = fields.get("payload").and_then(|value| {
        decoder.sites.insert(site(Part::Payload(0)), value.span().start);
        payload_ref(decoder, "payload", value)
    });
    let hold = fields.get("hold").and_then(|value| {
        decoder.sites.insert(site(Part::Hold), value.span().start);
        hold(decoder, &fields, value)
    });
    Step { setup, ops, payload, hold: hold.unwrap_or_default() }
}

fn hold(decoder: &mut Decoder<'_>, fields: &Fields<'_, '_>, value: &Value<'_>) -> Option<HoldSpec> {
    match value.get_ref() {
        DeValue::String(text) if text == "full" => Some(HoldSpec::FULL),
        DeValue::String(text) if text.starts_with(|c: char| c.is_ascii_digit()) => {
            duration_of(decoder, "hold", text, &value.span()).map(HoldSpec::Fixed)
        }
        DeValue::Float(_) => number_of(decoder, "hold", value, &Kind::Number).map(HoldSpec::Frac),
        DeValue::Table(_) => {
            let fields = Fields::of_value(decoder, &LOOP, "hold", value)?;
            fields.duration(decoder, "loop").map(|interval| HoldSpec::Loop { interval })
        }
        DeValue::Integer(number) => {
            let message = format!("`hold` is the number {number}, which could be a fraction or a time");
            let cure =
                format!("write \"{number}s\" for a time, \"full\" or a fraction as in 0.5 for a share");
            decoder.error_with(&value.span(), Code::WrongType, message, cure);
            None
        }
        _ => {
            fields.wrong(decoder, "hold", value);
            None
        }
    }
}
