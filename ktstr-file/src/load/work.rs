//! Groups of workers: what they do and what they ask of the scheduler.

use crate::diagnose::error::Code;
use crate::diagnose::guess;
use crate::load::cpus::needs;
use crate::load::decoder::{Decoder, Value, nearest, short};
use crate::load::fields::{Fields, only_one, plain_of, refuse, text_of, unknown_key};
use crate::load::formerly;
use crate::schema::shape::one_of;
use crate::schema::shapes::{
    AFFINITIES, AFFINITY, MEM_POLICIES, MEM_POLICY, MPOL_FLAGS, POLICIES, SCHED_POLICY, WORKS,
};
use crate::schema::work_shapes::{TYPE, shapes};
use ktstr_core::{
    AffinityIntent, CpuSet, MemPolicy, MpolFlags, SchedPolicy, WORK_TYPES, WorkSpec, WorkType, WorkTypeInfo,
};
use std::ops::Range;
use std::time::Duration;
use toml::de::{DeTable, DeValue};

/// The keys that describe a group of workers wherever they stand, without those of its identity.
pub(crate) const WORK_KEYS: [&str; 7] =
    ["workers", "workers_pct", "work_type", "sched_policy", "affinity", "mem_policy", "mpol_flags"];

/// An item of `works`.
pub(crate) fn work<'a>(decoder: &mut Decoder<'a>, value: &Value<'_>) -> Option<WorkSpec<'a>> {
    let fields = Fields::of_value(decoder, &WORKS, "works", value)?;
    Some(whole_work(decoder, &fields))
}

/// A group of workers with its identity.
pub(crate) fn whole_work<'a>(decoder: &mut Decoder<'a>, fields: &Fields<'_, '_>) -> WorkSpec<'a> {
    WorkSpec {
        nice: fields.integer(decoder, "nice"),
        comm: fields.maybe_text(decoder, "comm"),
        uid: fields.integer(decoder, "uid"),
        gid: fields.integer(decoder, "gid"),
        ..work_without_identity(decoder, fields)
    }
}

/// A group of workers as far as [`WORK_KEYS`] say.
pub(crate) fn work_without_identity<'a>(decoder: &mut Decoder<'a>, fields: &Fields<'_, '_>) -> WorkSpec<'a> {
    only_one(decoder, fields, &["workers", "workers_pct"]);
    WorkSpec {
        workers: fields.integer(decoder, "workers"),
        workers_pct: fields.number(decoder, "workers_pct"),
        work_type: fields.get("work_type").and_then(|v| work_type(decoder, fields, v)).unwrap_or_default(),
        sched_policy: fields.get("sched_policy").and_then(|v| policy(decoder, fields, v)).unwrap_or_default(),
        affinity: affinity(decoder, fields, "affinity"),
        mem_policy: fields.get("mem_policy").and_then(|v| mem_policy(decoder, fields, v)).unwrap_or_default(),
        mpol_flags: mpol_flags(decoder, fields),
        ..WorkSpec::default()
    }
}

fn work_type(decoder: &mut Decoder<'_>, around: &Fields<'_, '_>, value: &Value<'_>) -> Option<WorkType> {
    match value.get_ref() {
        DeValue::String(name) => named_work_type(decoder, value, name),
        DeValue::Table(table) => work_type_with_arguments(decoder, value, table),
        _ => {
            around.wrong(decoder, "work_type", value);
            None
        }
    }
}

fn named_work_type(decoder: &mut Decoder<'_>, value: &Value<'_>, name: &str) -> Option<WorkType> {
    let found = WorkType::from_name(name);
    match (found, formerly::instead(name)) {
        (Some(_), _) => {}
        (None, Some(instead)) => {
            let message = format!("the work type {name} is not there");
            decoder.error_with(&value.span(), Code::UnknownWord, message, instead.to_owned());
        }
        (None, None) => decoder.unknown_word(&value.span(), "work_type", name, &WorkType::ALL_NAMES),
    }
    found
}

/// A work type as a table: its name in `type`, its arguments under their keys. Whether these are in range is
/// judged when the scenario is.
fn work_type_with_arguments<'t, 'i>(
    decoder: &mut Decoder<'_>,
    value: &Value<'_>,
    table: &'t DeTable<'i>,
) -> Option<WorkType> {
    let keys = || table.iter().map(|(key, value)| (key.get_ref().as_ref(), key, value));
    let Some((_, _, named)) = keys().find(|(key, ..)| *key == TYPE) else {
        let near = |(key, ..): &(&str, _, _)| nearest(key, [TYPE].into_iter()).is_some();
        let cure = match keys().find(near) {
            Some((key, ..)) => format!("did you mean `{TYPE}` by `{}`?", short(key)),
            None => format!("add `{TYPE}`, {}", one_of(&WorkType::ALL_NAMES)),
        };
        let message = format!("`{TYPE}` is missing in this work_type");
        decoder.error_with(&value.span(), Code::MissingKey, message, cure);
        return None;
    };
    let name = text_of(decoder, TYPE, named)?;
    let mut work = named_work_type(decoder, named, name)?;
    for (key, at, value) in keys().filter(|(key, ..)| *key != TYPE) {
        match work.info().fields.iter().position(|field| field.key == key) {
            Some(index) => {
                decoder.noted.key(work.info().fields[index].key, at.span().start);
                if let Some(argument) = plain_of(decoder, &work.info().fields[index], value) {
                    work.set_argument(index, argument);
                }
            }
            None => no_argument(decoder, work.info(), key, &at.span(), &value.span()),
        }
    }
    Some(work)
}

/// Notes a key that is no argument of this work type: one of others, or of none.
fn no_argument(
    decoder: &mut Decoder<'_>,
    info: &'static WorkTypeInfo,
    key: &str,
    at: &Range<usize>,
    value: &Range<usize>,
) {
    let takes: Vec<_> = info.fields.iter().map(|field| field.key).collect();
    if let Some(here) = formerly::argument(info.name, key) {
        let message = format!("`{key}` is not known in this {}", info.name);
        decoder.error_with(at, Code::UnknownKey, message, format!("did you mean `{here}`?"));
    } else if WORK_TYPES.iter().any(|other| other.fields.iter().any(|field| field.key == key)) {
        let message = format!("`{key}` does not go with {}", info.name);
        let cure = match &takes[..] {
            [] => "remove it".to_owned(),
            takes => format!("remove it, or use {}", takes.join(", ")),
        };
        decoder.error_with(value, Code::Conflict, message, cure);
    } else if let Some(shape) = shapes().iter().find(|shape| shape.name == info.name) {
        unknown_key(decoder, shape, key, at);
    }
}

/// The scheduling policy of a table that has one.
pub(crate) fn sched_policy(decoder: &mut Decoder<'_>, around: &Fields<'_, '_>) -> Option<SchedPolicy> {
    policy(decoder, around, around.get("sched_policy")?)
}

fn policy(decoder: &mut Decoder<'_>, around: &Fields<'_, '_>, value: &Value<'_>) -> Option<SchedPolicy> {
    match value.get_ref() {
        DeValue::String(word) => match word.as_ref() {
            "normal" => Some(SchedPolicy::Normal),
            "batch" => Some(SchedPolicy::Batch),
            "idle" => Some(SchedPolicy::Idle),
            "ext" => Some(SchedPolicy::Ext),
            word => {
                let meant = guess::policy(word);
                decoder.unknown_word_or(&value.span(), "sched_policy", word, POLICIES, meant);
                None
            }
        },
        DeValue::Table(_) => policy_with_arguments(decoder, value),
        _ => {
            around.wrong(decoder, "sched_policy", value);
            None
        }
    }
}

fn policy_with_arguments(decoder: &mut Decoder<'_>, value: &Value<'_>) -> Option<SchedPolicy> {
    let fields = Fields::of_value(decoder, &SCHED_POLICY, "sched_policy", value)?;
    only_one(decoder, &fields, &["fifo", "round_robin", "deadline"]);
    let fifo = fields.integer(decoder, "fifo").map(SchedPolicy::Fifo);
    let round_robin = fields.integer(decoder, "round_robin").map(SchedPolicy::RoundRobin);
    if fields.has("fifo") || fields.has("round_robin") {
        refuse(decoder, &fields, &["runtime", "period"], "a priority");
        return fifo.or(round_robin);
    }
    let mut part = |name| {
        needs(decoder, &fields, name);
        fields.duration(decoder, name)
    };
    let (runtime, deadline, period): (Option<Duration>, _, _) =
        (part("runtime"), part("deadline"), part("period"));
    Some(SchedPolicy::Deadline { runtime: runtime?, deadline: deadline?, period: period? })
}

/// An affinity under this key.
pub(crate) fn affinity(decoder: &mut Decoder<'_>, around: &Fields<'_, '_>, key: &str) -> AffinityIntent {
    let Some(value) = around.get(key) else { return AffinityIntent::Inherit };
    let intent = match value.get_ref() {
        DeValue::String(word) => match word.as_ref() {
            "inherit" => Some(AffinityIntent::Inherit),
            "llc_aligned" => Some(AffinityIntent::LlcAligned),
            "cross_cgroup" => Some(AffinityIntent::CrossCgroup),
            "single_cpu" => Some(AffinityIntent::SingleCpu),
            "smt_sibling_pair" => Some(AffinityIntent::SmtSiblingPair),
            word => {
                let meant = guess::list(word).map(|cpus| format!("{{ exact = \"{cpus}\" }}"));
                decoder.unknown_word_or(&value.span(), key, word, AFFINITIES, meant);
                None
            }
        },
        DeValue::Table(_) => affinity_with_arguments(decoder, value),
        _ => {
            around.wrong(decoder, key, value);
            None
        }
    };
    intent.unwrap_or_default()
}

fn affinity_with_arguments(decoder: &mut Decoder<'_>, value: &Value<'_>) -> Option<AffinityIntent> {
    let fields = Fields::of_value(decoder, &AFFINITY, "affinity", value)?;
    only_one(decoder, &fields, &["exact", "random_subset"]);
    let exact = fields.id_list(decoder, "exact").map(AffinityIntent::Exact);
    let from = fields.id_list(decoder, "from").unwrap_or(CpuSet::EMPTY);
    let count = fields.integer(decoder, "random_subset");
    if fields.has("exact") {
        refuse(decoder, &fields, &["from"], "`exact`");
        return exact;
    }
    needs(decoder, &fields, "random_subset");
    Some(AffinityIntent::RandomSubset { from, count: count? })
}

fn mem_policy(decoder: &mut Decoder<'_>, around: &Fields<'_, '_>, value: &Value<'_>) -> Option<MemPolicy> {
    match value.get_ref() {
        DeValue::String(word) => match word.as_ref() {
            "default" => Some(MemPolicy::Default),
            "local" => Some(MemPolicy::Local),
            word => {
                decoder.unknown_word(&value.span(), "mem_policy", word, MEM_POLICIES);
                None
            }
        },
        DeValue::Table(_) => {
            let fields = Fields::of_value(decoder, &MEM_POLICY, "mem_policy", value)?;
            let names = ["bind", "preferred", "interleave", "preferred_many", "weighted_interleave"];
            only_one(decoder, &fields, &names);
            let found = [
                fields.id_list(decoder, "bind").map(MemPolicy::Bind),
                fields.integer(decoder, "preferred").map(MemPolicy::Preferred),
                fields.id_list(decoder, "interleave").map(MemPolicy::Interleave),
                fields.id_list(decoder, "preferred_many").map(MemPolicy::PreferredMany),
                fields.id_list(decoder, "weighted_interleave").map(MemPolicy::WeightedInterleave),
            ];
            if !names.iter().any(|name| fields.has(name)) {
                let message = "`mem_policy` does not say which nodes";
                decoder.error_with(
                    fields.span(),
                    Code::MissingKey,
                    message,
                    format!("add one of {}", names.join(", ")),
                );
            }
            found.into_iter().flatten().next()
        }
        _ => {
            around.wrong(decoder, "mem_policy", value);
            None
        }
    }
}

fn mpol_flags(decoder: &mut Decoder<'_>, fields: &Fields<'_, '_>) -> MpolFlags {
    let mut flags = MpolFlags::NONE;
    for item in fields.list(decoder, "mpol_flags") {
        flags = match text_of(decoder, "mpol_flags", item) {
            Some("static_nodes") => flags.and(MpolFlags::STATIC_NODES),
            Some("relative_nodes") => flags.and(MpolFlags::RELATIVE_NODES),
            Some("numa_balancing") => flags.and(MpolFlags::NUMA_BALANCING),
            Some(word) => {
                decoder.unknown_word(&item.span(), "mpol_flags", word, MPOL_FLAGS);
                flags
            }
            None => flags,
        };
    }
    flags
}
