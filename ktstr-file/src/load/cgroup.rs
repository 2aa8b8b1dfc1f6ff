//! Cgroup definitions.

use crate::diagnose::error::Code;
use crate::load::checks::checks;
use crate::load::decoder::{Decoder, Value, short};
use crate::load::each::{filled, instances};
use crate::load::fields::Fields;
use crate::load::knobs::limits;
use crate::load::payload::payload_ref;
use crate::load::work::{WORK_KEYS, work, work_without_identity};
use crate::schema::shapes::CGROUP;
use ktstr_core::{CgroupDef, MAX_WORKS, Part, Site};
use std::borrow::Cow;
use toml::de::DeValue;

/// The items of `cgroups`.
pub(crate) fn cgroups<'a>(
    decoder: &mut Decoder<'a>,
    items: &[Value<'_>],
    site: impl Fn(Part) -> Site,
) -> &'a [CgroupDef<'a>] {
    let mut defs = Vec::with_capacity(items.len());
    for item in items {
        let mut rest = vec![None];
        while let Some(instance) = rest.pop() {
            let site = site(Part::Cgroup(defs.len() as u32));
            let (def, is_flawed) = decoder.part(site, &item.span(), |decoder| {
                let fields = Fields::of_value(decoder, &CGROUP, "cgroups", item)?;
                if instance.is_none() {
                    // The last one first, for they are taken from the end.
                    rest = instances(decoder, &fields).into_iter().rev().collect();
                    decoder.instance = rest.pop().flatten();
                } else {
                    decoder.instance = instance;
                }
                let def = cgroup(decoder, &fields);
                decoder.instance = None;
                Some(def)
            });
            if is_flawed {
                // The others would only say the same again.
                rest.clear();
            }
            // One that could not be read leaves its place, so that those behind it keep their numbers.
            let def = def.unwrap_or(CgroupDef::named(""));
            if is_flawed && def.name.is_empty() {
                decoder.flaws.lose(site);
            }
            defs.push(def);
        }
    }
    decoder.arena.alloc_slice_copy(&defs)
}

/// A cgroup definition from the keys of its table.
pub(crate) fn cgroup<'a>(decoder: &mut Decoder<'a>, fields: &Fields<'_, '_>) -> CgroupDef<'a> {
    let def = CgroupDef {
        limits: limits(decoder, fields),
        nice: fields.integer(decoder, "nice"),
        comm: fields.maybe_text(decoder, "comm"),
        uid: fields.integer(decoder, "uid"),
        gid: fields.integer(decoder, "gid"),
        checks: fields.get("checks").map(|value| &*decoder.arena.alloc(checks(decoder, value))),
        payload: fields.get("payload").and_then(|value| payload_ref(decoder, "payload", value)),
        until_removed: fields.flag(decoder, "until_removed"),
        kept: fields.flag(decoder, "kept"),
        ..CgroupDef::named(name(decoder, fields))
    };
    with_works(decoder, fields, def)
}

/// Its name, with the number of the instance in it.
fn name<'a>(decoder: &mut Decoder<'a>, fields: &Fields<'_, '_>) -> &'a str {
    let name = fields.text(decoder, "name");
    match filled(decoder, name) {
        Cow::Borrowed(name) => name,
        Cow::Owned(name) => decoder.arena.alloc_str(&name),
    }
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
    if matches!(fields.get("works").map(|works| works.get_ref()), Some(DeValue::Array(works)) if works.is_empty())
    {
        return def.workers(0);
    }
    let mut def = def;
    for (item, index) in fields.list_of_tables(decoder, "works").iter().zip(0..) {
        let before = decoder.noted.enter_work(index, item.span().start);
        let work = work(decoder, item);
        decoder.noted.leave(before);
        let Some(work) = work else { continue };
        match def.try_work(work) {
            Ok(longer) => def = longer,
            Err(_) => {
                let message = format!("`works` has more than {MAX_WORKS} groups");
                let cgroup = short(def.name);
                let cure =
                    format!("start the others in `ops`: {{ op = \"spawn\", cgroup = \"{cgroup}\", … }}");
                decoder.error_with(&item.span(), Code::TooMany, message, cure);
                break;
            }
        }
    }
    def
}
