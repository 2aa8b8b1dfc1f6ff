//! CPU lists, node lists and cpusets.

use crate::diagnose::error::Code;
use crate::diagnose::guess;
use crate::load::decoder::{Decoder, Value, short};
use crate::load::each::{filled, number};
use crate::load::fields::{Fields, number_of, only_one, refuse};
use crate::schema::shape::Kind;
use crate::schema::shapes::CPUSET;
use ktstr_core::{CpusetSpec, IdSet};
use toml::de::DeValue;

/// A list of CPUs or nodes.
pub(crate) fn id_list<const WORDS: usize>(
    decoder: &mut Decoder<'_>,
    key: &str,
    value: &Value<'_>,
) -> Option<IdSet<WORDS>> {
    let DeValue::String(text) = value.get_ref() else {
        decoder.wrong_type(value, key, &Kind::Form("list"));
        return None;
    };
    let text = filled(decoder, text);
    IdSet::parse(&text)
        .map_err(|error| {
            let message = format!("`{key}` is \"{}\", which is not a list of numbers: {error}", short(&text));
            let meant = guess::value(key, value.get_ref(), &Kind::Form("list"));
            decoder.error_or(&value.span(), Code::BadList, message, meant);
        })
        .ok()
}

impl Fields<'_, '_> {
    pub(crate) fn id_list<const WORDS: usize>(
        &self,
        decoder: &mut Decoder<'_>,
        name: &str,
    ) -> Option<IdSet<WORDS>> {
        self.get(name).and_then(|value| id_list(decoder, name, value))
    }

    /// A cpuset: a list of CPUs, or a table that describes them.
    pub(crate) fn cpuset(&self, decoder: &mut Decoder<'_>, name: &str) -> Option<CpusetSpec> {
        let value = self.get(name)?;
        match value.get_ref() {
            DeValue::String(_) => id_list(decoder, name, value).map(CpusetSpec::Exact),
            DeValue::Table(_) => described(decoder, name, value),
            _ => {
                self.wrong(decoder, name, value);
                None
            }
        }
    }
}

fn described(decoder: &mut Decoder<'_>, name: &str, value: &Value<'_>) -> Option<CpusetSpec> {
    let fields = Fields::of_value(decoder, &CPUSET, name, value)?;
    if only_one(decoder, &fields, &["disjoint", "overlap", "range", "llc", "numa"]) {
        return None;
    }
    let disjoint = number(decoder, &fields, "disjoint");
    let overlap = number(decoder, &fields, "overlap");
    // Shares of each are as many as there are.
    let of = fields.integer(decoder, "of").or_else(|| decoder.instance.map(|instance| instance.of));
    let frac = fields.number(decoder, "frac");
    let llc = number(decoder, &fields, "llc").map(CpusetSpec::Llc);
    let numa = number(decoder, &fields, "numa").map(CpusetSpec::Numa);
    if fields.has("disjoint") {
        refuse(decoder, &fields, &["frac"], "`disjoint`");
        if of.is_none() {
            needs(decoder, &fields, "of");
        }
        return Some(CpusetSpec::Disjoint { index: disjoint?, of: of? });
    }
    if fields.has("overlap") {
        if of.is_none() {
            needs(decoder, &fields, "of");
        }
        needs(decoder, &fields, "frac");
        return Some(CpusetSpec::Overlap { index: overlap?, of: of?, frac: frac? });
    }
    refuse(decoder, &fields, &["of", "frac"], "this cpuset");
    if fields.has("range") {
        return range(decoder, &fields);
    }
    if !fields.has("llc") && !fields.has("numa") {
        let message = format!("`{name}` does not say which CPUs");
        let cure = "add one of disjoint, overlap, range, llc, numa";
        decoder.error_with(fields.span(), Code::MissingKey, message, cure);
    }
    llc.or(numa)
}

fn range(decoder: &mut Decoder<'_>, fields: &Fields<'_, '_>) -> Option<CpusetSpec> {
    match fields.list(decoder, "range") {
        [start, end] => {
            let start = number_of(decoder, "range", start, &Kind::Number);
            let end = number_of(decoder, "range", end, &Kind::Number);
            Some(CpusetSpec::Range { start: start?, end: end? })
        }
        _ => {
            let message = "`range` takes two numbers";
            decoder.error_with(fields.span(), Code::WrongType, message, "write it as in range = [0.0, 0.5]");
            None
        }
    }
}

/// Notes that a key which the others call for is missing.
pub(crate) fn needs(decoder: &mut Decoder<'_>, fields: &Fields<'_, '_>, name: &str) {
    if !fields.has(name) {
        let message = format!("`{name}` is missing here");
        decoder.error_with(fields.span(), Code::MissingKey, message, format!("add `{name}`"));
    }
}
