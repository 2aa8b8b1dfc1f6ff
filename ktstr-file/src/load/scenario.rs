//! The outer tables of a scenario file: the scenario itself, its topology, checks, Backdrop and steps.

use crate::diagnose::error::Code;
use crate::diagnose::guess;
use crate::load::cgroup::cgroups;
use crate::load::checks::checks;
use crate::load::compare::comparisons;
use crate::load::decoder::{Decoder, Value, short};
use crate::load::fields::{Fields, duration_of, number_of, text_of};
use crate::load::op::ops;
use crate::load::payload::{payload_ref, payloads};
use crate::load::scheduler::{scheduler_ref, schedulers};
use crate::schema::shape::Kind;
use crate::schema::shapes::{BACKDROP, LOOP, NEEDS, SCENARIO, STEP, TOPOLOGY};
use ktstr_core::rules::{self, ErrorKind};
use ktstr_core::{
    Backdrop, HoldSpec, KernelVersion, Needs, Part, Payload, Scenario, Site, Step, Topology, Uniform,
};
use toml::de::{DeTable, DeValue};

pub(crate) fn scenario<'a>(decoder: &mut Decoder<'a>, table: &DeTable<'_>) -> Scenario<'a> {
    let site = Site::Scenario;
    let ((fields, [definitions, defined_schedulers, steps], mut scenario), _) =
        decoder.part(site, &(0..0), |decoder| {
            let fields = Fields::of(decoder, &SCENARIO, table, 0..0);
            let parts = fields.parts(decoder, site, ["payload", "scheduler", "steps"]);
            let scenario = values(decoder, &fields);
            (fields, parts, scenario)
        });
    payloads(decoder, definitions);
    schedulers(decoder, defined_schedulers);
    if let Some(value) = fields.get("backdrop") {
        let site = Site::Backdrop(Part::Whole);
        scenario.backdrop = decoder.part(site, &value.span(), |decoder| backdrop(decoder, value)).0;
    }
    let numbered = steps.iter().zip(0..);
    let steps: Vec<_> = numbered
        .map(|(value, index)| {
            let site = Site::Step { step: index, part: Part::Whole };
            decoder.part(site, &value.span(), |decoder| step(decoder, index, value)).0
        })
        .collect();
    scenario.steps = decoder.arena.alloc_slice_copy(&steps);
    scenario
}

/// The scenario without its parts.
fn values<'a>(decoder: &mut Decoder<'a>, fields: &Fields<'_, '_>) -> Scenario<'a> {
    let mut scenario = Scenario::new(fields.text(decoder, "name"));
    if let Some(duration) = fields.duration(decoder, "duration") {
        scenario.duration = duration;
    }
    if let Some(count) = fields.integer(decoder, "workers_per_cgroup") {
        scenario.workers_per_cgroup = count;
    }
    if let Some(value) = fields.get("topology") {
        let (shape, is_flawed) = decoder.flawed(|decoder| topology(decoder, fields, value));
        scenario.topology = shape.filter(|_| !is_flawed);
        let named = scenario.topology.filter(Uniform::is_valid);
        decoder.machine = decoder.machine.or(named.map(|shape| Topology::from_uniform(&shape)));
    }
    if let Some(value) = fields.get("needs") {
        scenario.needs = needs(decoder, value);
    }
    if let Some(value) = fields.get("checks") {
        scenario.checks = checks(decoder, value);
    }
    scenario.compare = comparisons(decoder, fields);
    scenario.permit = permit(decoder, fields);
    scenario
}

/// The rules that may be broken, by their codes. Whether they can be is judged with the scenario.
fn permit<'a>(decoder: &mut Decoder<'a>, fields: &Fields<'_, '_>) -> &'a [ErrorKind] {
    let mut kinds = Vec::new();
    for item in fields.list(decoder, "permit") {
        let Some(code) = text_of(decoder, "permit", item) else { continue };
        match rules::find(code) {
            Some(rule) => kinds.push(rule.kind),
            None => {
                let message = format!("`permit` has \"{}\", which is the code of no rule", short(code));
                let cure = "name a code as an error shows it, as in \"E0411\"";
                decoder.error_with(&item.span(), Code::UnknownWord, message, cure);
            }
        }
    }
    decoder.arena.alloc_slice_copy(&kinds)
}

fn needs(decoder: &mut Decoder<'_>, value: &Value<'_>) -> Needs {
    let Some(fields) = Fields::of_value(decoder, &NEEDS, "needs", value) else { return Needs::NONE };
    Needs {
        cpus: fields.integer(decoder, "cpus").unwrap_or_default(),
        llcs: fields.integer(decoder, "llcs").unwrap_or_default(),
        nodes: fields.integer(decoder, "nodes").unwrap_or_default(),
        kernel: fields.get("kernel").and_then(|value| release(decoder, &fields, value)),
        sched_ext: fields.flag(decoder, "sched_ext"),
    }
}

fn release(decoder: &mut Decoder<'_>, fields: &Fields<'_, '_>, value: &Value<'_>) -> Option<KernelVersion> {
    let DeValue::String(text) = value.get_ref() else {
        fields.wrong(decoder, "kernel", value);
        return None;
    };
    let version = text.parse().ok();
    if version.is_none() {
        let message = format!("`kernel` is \"{}\", which is no release", short(text));
        let meant = KernelVersion::of_release(text).map(|meant| format!("\"{meant}\""));
        let cure = meant
            .map_or_else(|| format!("write {}", fields.kind("kernel").expected()), |it| guess::cure(&it));
        decoder.error_with(&value.span(), Code::WrongType, message, cure);
    }
    version
}

fn topology(decoder: &mut Decoder<'_>, fields: &Fields<'_, '_>, value: &Value<'_>) -> Option<Uniform> {
    if let DeValue::String(text) = value.get_ref() {
        let uniform = text.parse::<Uniform>().ok();
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
            _ => {
                // So few bytes are no machine: megabytes were meant.
                let meant = (bytes < 1 << 20).then(|| format!("\"{bytes}M\""));
                let message = "`memory` is whole MiB, and less than 4 PiB";
                decoder.error_or(fields.span(), Code::OutOfRange, message, meant);
            }
        }
    }
    Some(shape)
}

fn backdrop<'a>(decoder: &mut Decoder<'a>, value: &Value<'_>) -> Backdrop<'a> {
    let site = Site::Backdrop;
    let Some(fields) = Fields::of_value(decoder, &BACKDROP, "backdrop", value) else {
        decoder.flaws.lose(site(Part::Whole));
        return Backdrop::new();
    };
    let [cgroup_items, op_items] = fields.parts(decoder, site(Part::Whole), ["cgroups", "ops"]);
    let numbered = fields.list(decoder, "payloads").iter().zip(0..);
    let payloads: Vec<_> = numbered
        .map(|(item, index)| started(decoder, "payloads", item, site(Part::Payload(index))))
        .collect();
    let scheduler = fields.get("scheduler").and_then(|value| {
        let site = site(Part::Scheduler);
        decoder.part(site, &value.span(), |decoder| scheduler_ref(decoder, "scheduler", value)).0
    });
    let backdrop = Backdrop { scheduler, ..Backdrop::new() };
    backdrop
        .lend_cgroups(cgroups(decoder, cgroup_items, site))
        .lend_ops(ops(decoder, op_items, site))
        .lend_payloads(decoder.arena.alloc_slice_copy(&payloads))
}

fn step<'a>(decoder: &mut Decoder<'a>, index: u32, value: &Value<'_>) -> Step<'a> {
    let site = |part| Site::Step { step: index, part };
    let Some(fields) = Fields::of_value(decoder, &STEP, "steps", value) else {
        decoder.flaws.lose(site(Part::Whole));
        return Step::default();
    };
    let [op_items, cgroup_items] = fields.parts(decoder, site(Part::Whole), ["ops", "cgroups"]);
    let name = fields.maybe_text(decoder, "name");
    let (ops, setup) = (ops(decoder, op_items, site), cgroups(decoder, cgroup_items, site));
    let payload =
        fields.get("payload").map(|value| started(decoder, "payload", value, site(Part::Payload(0))));
    let hold = fields.get("hold").and_then(|value| {
        decoder.part(site(Part::Hold), &value.span(), |decoder| hold(decoder, &fields, value)).0
    });
    if hold.is_none() {
        // If it is a loop, its cgroups are made before its operations are carried out.
        decoder.flaws.lose(site(Part::Whole));
    }
    Step { name, setup, ops, payload, hold: hold.unwrap_or_default() }
}

/// The payload that is started at `site`. One that could not be read leaves its place.
fn started<'a>(decoder: &mut Decoder<'a>, key: &str, value: &Value<'_>, site: Site) -> &'a Payload<'a> {
    const UNREAD: Payload<'_> = Payload::binary("", "");
    decoder.part(site, &value.span(), |decoder| payload_ref(decoder, key, value)).0.unwrap_or(&UNREAD)
}

fn hold(decoder: &mut Decoder<'_>, fields: &Fields<'_, '_>, value: &Value<'_>) -> Option<HoldSpec> {
    match value.get_ref() {
        DeValue::String(text) if text == "full" => Some(HoldSpec::FULL),
        DeValue::String(text) if text.starts_with(|c: char| c.is_ascii_digit()) => {
            if let Some(share) = guess::share(text) {
                let message = format!("`hold` is the text \"{}\", a share is a number", short(text));
                let meant = if share == "1.0" { "\"full\"".to_owned() } else { share };
                decoder.error_with(&value.span(), Code::WrongType, message, guess::cure(&meant));
                return None;
            }
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
